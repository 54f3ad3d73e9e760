//! What is shipped with the program: the schemas and classifications that a pipeline file can name without a path.

macro_rules! shipped {
    ($folder:literal: $($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../schemas", $folder, "/", $name, ".toml")))),*]
    };
}

/// Name and text of every shipped schema.
pub const SCHEMAS: &[(&str, &str)] = shipped!("": "be_abr" "be_og_abr" "be_persoon_abr" "cbs_persoon_kvk" "deelnemers" "drt_beid"
    "empluk" "investeringen" "jtrain" "og_abr");

/// Name and text of every shipped classification.
pub const CLASSIFICATIONS: &[(&str, &str)] = shipped!("/classifications": "age" "employ" "gksbs" "sbi2008" "size" "uk_sector");

/// How to change a schema that is shipped; `None` for one of the user's own.
pub fn how_to_change(schema: &str) -> Option<String> {
    text(SCHEMAS, schema)?;
    Some(format!(
        "`{schema}` is shipped with the program: change a copy (`sluis schema {schema} > {schema}.toml`) and name that file in the pipeline"
    ))
}

/// The text of the entry with this name.
pub fn text(shipped: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    shipped.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[expect(clippy::disallowed_methods, reason = "the test holds the folders of the repository against the program")]
    fn on_disk(folder: &str) -> BTreeSet<String> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let toml = names.filter(|path| path.extension().is_some_and(|extension| extension == "toml"));
        toml.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn every_schema_and_classification_of_the_repository_is_in_the_program() {
        let names = |shipped: &[(&str, &str)]| shipped.iter().map(|(name, _)| name.to_string()).collect::<BTreeSet<_>>();
        assert_eq!(names(SCHEMAS), on_disk("schemas"));
        assert_eq!(names(CLASSIFICATIONS), on_disk("schemas/classifications"));
    }
}
