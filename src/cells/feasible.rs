//! Values for withheld cells whose true value is not known: some that fit everything shown, so that intervals can be told from them.

use highs::{HighsModelStatus, RowProblem, Sense};

use super::link::Linked;
use super::table::Relation;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::disclosure::problem::{Cell, Demand, Equation, Fate, Problem};
use crate::disclosure::rules::Level;

/// The problem of a finished table: every withheld cell asks for nothing but not to be known exactly. Sums hold exactly whatever the
/// values that were found here round to.
///
/// # Errors
/// `cells-disagree` when no values fit what is shown.
pub fn problem(linked: &Linked, withheld: &[bool], half_width: i128) -> Result<Problem, Diagnostics> {
    let relations = complete(linked, withheld);
    let values = fit(linked, withheld, &relations, half_width)?;
    let table = &linked.table;
    let mut problem = Problem { whole: table.whole, ..Problem::default() };
    for (at, value) in values.iter().enumerate() {
        let fate = if withheld[at] { Fate::Hidden } else { Fate::Shown };
        let least = table.nonnegative.then_some(0);
        problem.cells.push(Cell { least, half_width, ..Cell::plain(*value, 1.0, fate) });
    }
    for relation in relations {
        let parts: Vec<u32> = relation.parts.iter().map(|part| *part as u32).collect();
        let rest = relation.parts.iter().map(|part| values[*part]).sum::<i128>() - values[relation.whole];
        let sum = Equation::sum(relation.whole as u32, &parts);
        problem.equations.push(Equation { low: -rest as f64, high: -rest as f64, ..sum });
    }
    let level = Level { lower: 1, upper: 1 };
    let demand = |at: usize| Demand { cell: at as u32, level, known: Vec::new() };
    problem.demands = (0..withheld.len()).filter(|at| withheld[*at]).map(demand).collect();
    Ok(problem)
}

/// Sums that hold as they stand: all but those of shown cells that are more than their parts, of which a part is not printed.
fn complete(linked: &Linked, withheld: &[bool]) -> Vec<Relation> {
    let table = &linked.table;
    let value = |cell: &usize| table.cells[*cell].value(table.whole);
    let unit = 10i128.pow(4 - linked.decimals.min(4));
    let holds = |relation: &Relation| {
        let known = !withheld[relation.whole] && relation.parts.iter().all(|part| !withheld[*part]);
        let rest = value(&relation.whole) - relation.parts.iter().map(value).sum::<i128>();
        !known || rest.abs() <= if table.whole { 0 } else { unit * (relation.parts.len() as i128 + 1) / 2 }
    };
    table.relations().into_iter().filter(holds).collect()
}

/// A value for every cell that fits all sums.
fn fit(linked: &Linked, withheld: &[bool], relations: &[Relation], half_width: i128) -> Result<Vec<i128>, Diagnostics> {
    let table = &linked.table;
    let mut program = RowProblem::default();
    // Printed decimals are rounded, so sums of shown cells hold up to that alone.
    let printed = if table.whole { 0.0 } else { 10f64.powi(4 - linked.decimals.min(4) as i32) / 2.0 };
    let known = |at: usize| !linked.extras[at].unknown || !withheld[at];
    let mut columns = Vec::with_capacity(withheld.len());
    for at in 0..withheld.len() {
        let value = table.cells[at].value(table.whole) as f64;
        let slack = printed + half_width as f64;
        columns.push(match (known(at), table.nonnegative) {
            (true, true) => program.add_column(0.0, (value - slack).max(0.0)..=(value + slack).max(0.0)),
            (true, false) => program.add_column(0.0, value - slack..=value + slack),
            (false, true) => program.add_column(0.0, 0.0..),
            (false, false) => program.add_column(0.0, f64::NEG_INFINITY..),
        });
    }
    for relation in relations {
        let parts = relation.parts.iter().map(|part| (columns[*part], 1.0));
        let row: Vec<_> = parts.chain([(columns[relation.whole], -1.0)]).collect();
        program.add_row(0.0..=0.0, &row);
    }
    let mut model = program.optimise(Sense::Minimise);
    model.set_option("output_flag", false);
    model.set_option("threads", 1);
    let solved = model.solve();
    if solved.status() != HighsModelStatus::Optimal {
        let finding = Diagnostic::error("cells-disagree", "no values of the withheld cells fit the sums of the table");
        return Err(finding.help("give the hierarchies with --hierarchy, the base of rounded values with --rounded-to, and --signed for values of both signs").into());
    }
    let solution = solved.get_solution();
    let found = solution.columns();
    let value = |at: usize| if known(at) { table.cells[at].value(table.whole) } else { found[at].round() as i128 };
    Ok((0..withheld.len()).map(value).collect())
}
