//! What the synthetic registers promise, checked on the generated values themselves.

use super::*;

#[test]
fn the_same_options_give_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = |name: &str, threads: usize, format: Format| {
        let out = folder.path().join(name);
        let options = Options { out: out.clone(), units: 5_000, seed: 7, targets: Targets::shipped().unwrap(), format };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let summary = pool.install(|| generate(&options, &|_| ())).unwrap();
        let read = |file: &std::fs::DirEntry| (file.file_name(), blake3::hash(&std::fs::read(file.path()).unwrap()));
        let mut files: Vec<_> = std::fs::read_dir(out).unwrap().map(|file| read(&file.unwrap())).collect();
        files.sort_by(|a, b| a.0.cmp(&b.0));
        (summary, files)
    };
    for format in Format::ALL {
        let name = |run: &str| format!("{run}-{}", format.name());
        let first = bytes(&name("first"), 1, *format);
        assert!(first == bytes(&name("second"), 1, *format));
        assert!(first == bytes(&name("third"), 2, *format));
    }
}
