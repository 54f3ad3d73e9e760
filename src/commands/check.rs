//! `sluis check`: everything wrong with a pipeline and its registers, without computing a result.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use sluis::diagnostic::{Diagnostics, Severity};
use sluis::disclosure::profile::Profile;
use sluis::earlier::Known;
use sluis::registers::{self, Delivery};

use super::Memory;
use super::begin::begin;
use crate::terminal::Terminal;

pub fn check(terminal: &Terminal, pipeline: &Path, data: Option<&Path>, memory: &Memory) -> Result<(), Diagnostics> {
    let (plan, mut findings) = sluis::spec::load(pipeline)?;
    Profile::named(&plan.profile)?;
    let memory = memory.bound()?;
    let earlier = plan.earlier.iter().map(|earlier| earlier.folder.as_path());
    begin(terminal, &data.into_iter().chain(earlier).collect::<Vec<_>>(), &[]);
    findings.extend(Known::of(&plan).err().map(|wrong| wrong.0).unwrap_or_default());
    if let Some(data) = data {
        terminal.stage("registers");
        let delivery = Delivery::look(&plan.input, &plan.years, &plan.classifications, data);
        let delivery = delivery.within(Arc::new(memory));
        findings.extend(registers::check(&delivery));
    }
    terminal.end_stage();
    findings.sort_by_key(|finding| finding.severity);
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(Diagnostics(findings));
    }
    terminal.findings(&findings);
    let text = format!(
        "{}: {} tables, {} indicators, years {} to {}; no errors, {} warnings",
        pipeline.display(),
        plan.tables.len(),
        plan.indicators.len(),
        plan.years.first().copied().unwrap_or_default(),
        plan.years.last().copied().unwrap_or_default(),
        findings.len(),
    );
    let value = json!({ "pipeline": pipeline, "tables": plan.tables.len(), "findings": findings });
    terminal.result(&text, &value);
    Ok(())
}
