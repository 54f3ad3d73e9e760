//! Whole table sets through assessment, protection and audit, attacked by code that knows nothing of either.

use super::assess::assess;
use super::audit::audit;
use super::evidence::{Evidence, Treatment};
use super::example::{self, Builder};
use super::profile::Profile;
use super::safe::{SafeTables, State};
use super::suppress::{Protected, protect};
use crate::diagnostic::Diagnostics;
use crate::tables::set::{Statistic, TableSet};

fn cbs() -> Profile {
    Profile::named("cbs").unwrap()
}

fn protected(set: TableSet) -> Protected {
    protect(assess(set, &cbs())).unwrap()
}

fn run(set: TableSet) -> Result<(SafeTables, Evidence), Diagnostics> {
    audit(protect(assess(set, &cbs()))?)
}

#[test]
fn the_example_withholds_its_small_cell_and_one_more_per_relation() {
    let (tables, evidence) = run(example::size_by_sector()).unwrap();
    let of = |treatment| evidence.cells.iter().filter(|cell| cell.treatment == treatment).count();
    assert_eq!(of(Treatment::Primary), 2);
    assert!(of(Treatment::Secondary) >= 2, "{evidence:#?}");
    assert!(tables.tables().iter().flat_map(|table| &table.rows).any(|row| row.state == State::Value));
}

#[test]
fn putting_back_a_withheld_cell_of_the_example_is_caught() {
    let withheld: Vec<usize> = {
        let (_, evidence) = run(example::size_by_sector()).unwrap();
        evidence.cells.iter().filter(|cell| cell.treatment != Treatment::Published).map(|cell| cell.cell).collect()
    };
    for cell in withheld {
        let mut pattern = protected(example::size_by_sector());
        pattern.put_back(cell);
        let found = audit(pattern).unwrap_err();
        assert!(found.0.iter().all(|finding| finding.code == "audit-failed"), "{cell}");
    }
}
