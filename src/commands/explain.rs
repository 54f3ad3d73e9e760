//! `sluis explain` and `sluis schema`: what the names mean.

use serde_json::json;
use sluis::diagnostic::Diagnostics;

use crate::terminal::Terminal;

pub fn explain(terminal: &Terminal, name: Option<&str>) -> Result<(), Diagnostics> {
    let text = match name {
        Some(name) => sluis::explain::explain(name)?,
        None => sluis::explain::topics_text(),
    };
    terminal.result(&text, &json!({ "name": name, "text": text }));
    Ok(())
}

pub fn schema(terminal: &Terminal) -> Result<(), Diagnostics> {
    let text = sluis::spec::json_schema();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    terminal.result(&text, &value);
    Ok(())
}
