//! Whatever bytes a file holds, reading ends with frames or findings.

use proptest::prelude::*;

use super::*;

const STEMS: [&str; 4] = ["BE_ABR2014V1", "DRT_BEID2014V1", "Investeringen2014V1", "BE_persoon_ABR2014V1"];

fn survives(folder: &TempDir, file: &str, bytes: &[u8]) {
    fs::write(folder.path().join(file), bytes).unwrap();
    let found = findings(folder.path());
    assert!(found.iter().all(|d| !d.headline.is_empty()));
}

/// Bytes with some replaced, and cut at a place.
fn mutated(bytes: &[u8], changes: &[(prop::sample::Index, u8)], cut: Option<prop::sample::Index>) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (at, byte) in changes {
        let at = at.index(bytes.len());
        bytes[at] = *byte;
    }
    if let Some(cut) = cut {
        bytes.truncate(cut.index(bytes.len()));
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_bytes_never_panic(stem in 0..4usize, bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        for extension in ["csv", "parquet"] {
            let folder = write_csv(&delivery_2014());
            fs::remove_file(folder.path().join(format!("{}.csv", STEMS[stem]))).unwrap();
            survives(&folder, &format!("{}.{extension}", STEMS[stem]), &bytes);
        }
    }

    #[test]
    fn random_fields_under_a_sound_header_never_panic(
        stem in 0..4usize,
        rows in prop::collection::vec(prop::collection::vec("[-0-9.,eE\"a\u{e9} ]{0,25}", 3..6), 0..8),
    ) {
        let folder = write_csv(&delivery_2014());
        let text = delivery_2014().into_iter().find(|text| text.stem == STEMS[stem]).unwrap();
        let lines: Vec<String> = rows.iter().map(|row| row.join(";")).collect();
        survives(&folder, &format!("{}.csv", STEMS[stem]), format!("{}\n{}\n", text.header, lines.join("\n")).as_bytes());
    }

    #[test]
    fn a_mutated_csv_never_panics(
        stem in 0..4usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        let folder = write_csv(&delivery_2014());
        let file = format!("{}.csv", STEMS[stem]);
        let bytes = fs::read(folder.path().join(&file)).unwrap();
        survives(&folder, &file, &mutated(&bytes, &changes, cut));
    }

    #[test]
    fn a_mutated_parquet_never_panics(
        stem in 0..4usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        let folder = write_parquet(&delivery_2014());
        let file = format!("{}.parquet", STEMS[stem]);
        let bytes = fs::read(folder.path().join(&file)).unwrap();
        survives(&folder, &file, &mutated(&bytes, &changes, cut));
    }
}
