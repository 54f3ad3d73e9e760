//! The rules of the house: what may use what, and what may not be done anywhere.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests make their own files, and fail by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder of sources is there") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The public modules of the library in the order in which `lib.rs` declares them.
fn modules() -> Vec<String> {
    let text = fs::read_to_string(root().join("src/lib.rs")).expect("lib.rs is there");
    let declared = text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    declared.map(str::to_owned).collect()
}

/// The names that follow `crate::` in a text, comments left out.
fn used(text: &str) -> Vec<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let name = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    code.split("crate::").skip(1).map(name).filter(|name| !name.is_empty()).collect()
}

#[test]
fn a_module_uses_only_those_above_it() {
    let modules = modules();
    let place: BTreeMap<&str, usize> = modules.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
    assert!(modules.len() > 8, "the modules were found");
    for path in sources(&root().join("src")) {
        let inside = path.strip_prefix(root().join("src")).expect("below src");
        let module = inside.components().next().expect("a name").as_os_str().to_string_lossy().replace(".rs", "");
        let Some(own) = place.get(module.as_str()) else { continue };
        for other in used(&fs::read_to_string(&path).expect("readable")) {
            if let Some(at) = place.get(other.as_str()) {
                assert!(at <= own, "{} uses `{other}`, which stands below it", inside.display());
            }
        }
    }
}

#[test]
fn suppression_and_audit_share_no_code() {
    for (folder, other) in [("suppress", "audit"), ("audit", "suppress")] {
        let path = root().join("src/disclosure").join(folder);
        let files = if path.is_dir() { sources(&path) } else { vec![path.with_extension("rs")] };
        assert!(!files.is_empty());
        for file in files {
            let text = fs::read_to_string(&file).expect("readable");
            let code: Vec<_> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            for line in code.iter().filter(|line| line.contains(&format!("{other}::"))) {
                // What the audit is handed, and the account of how it came about, are data and not methods.
                let data = ["Certificate", "Protected", "Effort"];
                let names = line.rsplit("::").next().unwrap_or_default();
                let handed = names.split(|c: char| !c.is_alphanumeric()).filter(|name| name.starts_with(char::is_uppercase));
                let handed: Vec<_> = handed.collect();
                let only_data = handed.first().is_some_and(|name| data.contains(name));
                assert!(only_data && folder == "audit", "{} uses {other}: {line}", file.display());
            }
        }
    }
}

#[test]
fn every_file_opens_with_what_it_is_for() {
    for path in sources(&root().join("src")) {
        if path.file_name().is_some_and(|name| name == "tests.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("readable");
        assert!(text.starts_with("//! "), "{} does not say what it is for", path.display());
    }
}

#[test]
fn no_network_stack_is_linked() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let listed = std::process::Command::new(cargo)
        .args(["tree", "--locked", "--offline", "--edges", "normal", "--prefix", "none"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let tree = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.status.success() && tree.contains("polars "), "{}", String::from_utf8_lossy(&listed.stderr));
    for banned in ["reqwest", "hyper", "rustls", "ring", "object_store", "openssl", "h2", "native-tls", "curl"] {
        let linked = tree.lines().any(|line| line.split(' ').next() == Some(banned));
        assert!(!linked, "{banned} is linked");
    }
}

#[test]
fn every_type_of_the_glossary_is_in_the_code() {
    let code: String = sources(&root().join("src")).iter().map(|path| fs::read_to_string(path).expect("readable")).collect();
    let glossary = fs::read_to_string(root().join("GLOSSARY.md")).expect("the glossary is there");
    let rows: Vec<&str> = glossary.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert!(rows.len() > 30, "the glossary has its rows");
    for row in rows {
        let place = row.trim_end_matches(" |").rsplit(" | ").next().expect("a last column");
        for path in place.split('`').skip(1).step_by(2).filter(|path| *path != "i64") {
            let name = path.rsplit("::").next().expect("a name");
            let kinds = ["struct ", "enum ", "fn ", "const ", "mod ", "pub "];
            let there =
                kinds.iter().any(|kind| code.contains(&format!("{kind}{name}"))) || code.contains(&format!("    {name},"));
            assert!(there, "the glossary names `{path}`, which is not in the code");
            let (module, rest) = module_of(path);
            // What has more after it is a type: any module on the way has a file.
            let first = rest.split("::").next().expect("a name");
            let there = module.contains(first) && (first == rest || first.starts_with(|initial: char| initial.is_uppercase()));
            assert!(there, "the glossary names `{path}`, which is elsewhere in the code");
        }
    }
}

/// The text of the innermost module that the path names, and what the path names in it.
fn module_of(path: &str) -> (String, &str) {
    let src = root().join("src");
    let ends = path.match_indices("::").map(|(end, _)| end).chain([path.len()]);
    let file = |end: usize| {
        let name = path[..end].replace("::", "/");
        [format!("{name}.rs"), format!("{name}/mod.rs")].map(|file| src.join(file)).into_iter().find(|file| file.exists())
    };
    let Some((end, file)) = ends.filter_map(|end| Some((end, file(end)?))).last() else { panic!("{path} is in no module") };
    (fs::read_to_string(file).expect("readable"), path[end..].trim_start_matches("::"))
}
