//! `sluis plan`: the finest design of the tables that can be published.

use std::path::Path;

use sluis::diagnostic::Diagnostics;
use sluis::pipeline;
use sluis::planner::{Options, Wish};

use super::Memory;
use super::begin::begin;
use crate::terminal::Terminal;

pub fn plan(terminal: &Terminal, pipeline: &Path, data: &Path, memory: &Memory, options: &Options) -> Result<(), Diagnostics> {
    let (plan, findings) = sluis::spec::load(pipeline)?;
    let memory = memory.bound()?;
    begin(terminal, &super::run::reach(&plan, data), &[]);
    terminal.findings(&findings);
    let wish = Wish::new(&plan, options)?;
    let progress = |stage: &str| terminal.stage(stage);
    let (set, profile) = pipeline::table_set(wish.plan(), data, memory, &progress)?;
    let proposal = wish.propose(&set, &profile, options.allowance, &progress)?;
    terminal.result(&proposal.text(), &proposal);
    Ok(())
}
