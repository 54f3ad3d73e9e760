//! The cohort: who is treated, and in which class a unit stands.

use super::{Lowering, input};
use crate::diagnostic::Diagnostic;
use crate::spec::document::steps;
use crate::spec::pipeline::{self, Classes, NamedTreated, TreatedColumn, When};
use crate::spec::plan::{ClassYear, Cohort, GroupMembers, Input, Treated};
use crate::spec::schema::ColumnKind;

impl Lowering<'_> {
    pub(super) fn cohort(&mut self, input: &Input, years: Option<&[i32]>) -> Option<Cohort> {
        let cohort: pipeline::Cohort = self.section("cohort")?;
        if cohort.group_members == GroupMembers::LeaveOut && matches!(input, Input::Panel { .. }) {
            let conflict = Diagnostic::error("conflict", "a panel has no enterprise groups whose members could be left out");
            self.report(conflict.help("leave `group_members` out"), &steps!["cohort", "group_members"]);
        }
        let treated = self.treated(cohort.treated.as_ref(), input);
        let classes = match cohort.classes {
            Classes::Named(_) => ClassYear::Own,
            Classes::Base(base) => {
                if years.is_some_and(|years| !years.contains(&base.base_year)) {
                    let outside =
                        Diagnostic::error("out-of-range", format!("the base year {} is not a year of the study", base.base_year));
                    self.report(outside, &steps!["cohort", "classes", "base_year"]);
                }
                ClassYear::Base(base.base_year)
            }
        };
        Some(Cohort { treated, classes, group_members: cohort.group_members, panel: cohort.panel })
    }

    fn treated(&mut self, treated: Option<&pipeline::Treated>, input: &Input) -> Treated {
        let panel = matches!(input, Input::Panel { .. });
        match treated {
            None if panel => Treated::Nobody,
            None => Treated::Linked,
            Some(pipeline::Treated::Named(NamedTreated::Nobody)) => Treated::Nobody,
            Some(pipeline::Treated::Named(NamedTreated::Linked)) => {
                if panel {
                    let conflict = Diagnostic::error("conflict", "a panel has no list of participants that could be linked")
                        .help("name a column instead: treated = { column = \"…\", when = \"ever\" }");
                    self.report(conflict, &steps!["cohort", "treated"]);
                }
                Treated::Linked
            }
            Some(pipeline::Treated::Column(column)) => self.treated_column(column, input),
        }
    }

    fn treated_column(&mut self, treated: &TreatedColumn, input: &Input) -> Treated {
        if matches!(input, Input::Registers { .. }) {
            let conflict = Diagnostic::error("conflict", "only a panel has a column that says who is treated")
                .help("use treated = \"linked\"");
            self.report(conflict, &steps!["cohort", "treated"]);
        } else {
            let numbers = input::columns(input).filter(|column| column.kind == ColumnKind::Number);
            let numbers: Vec<&str> = numbers.map(|column| column.name.as_str()).collect();
            if !numbers.contains(&treated.column.as_str()) {
                self.unknown("number column", &treated.column, &numbers, &steps!["cohort", "treated", "column"]);
            }
        }
        Treated::Column { column: treated.column.clone(), ever: treated.when == When::Ever }
    }
}
