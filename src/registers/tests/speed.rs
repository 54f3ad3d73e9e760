//! How fast the readers are; `benches/readers.py` writes the files, calls this and puts other software beside it.

use std::time::Instant;

use super::*;
use crate::registers::faults::Faults;
use crate::registers::reader::READERS;

#[test]
#[ignore = "needs the files of benches/readers.py"]
#[allow(clippy::print_stdout, reason = "says what it took")]
fn how_fast_a_register_is_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("outputs/readers");
    for extension in ["sav", "zsav", "dta", "feather", "arrow", "parquet", "csv"] {
        let path = folder.join(format!("register.{extension}"));
        let reader = READERS.iter().find(|reader| reader.extension == extension).unwrap();
        for (columns, wanted) in [("all", &["*"][..]), ("two", &["rbe_identificatie", "omzet"])] {
            let read = || {
                let begin = Instant::now();
                let source = (reader.open)(&path).unwrap_or_else(|_| panic!("benches/readers.py makes {}", path.display()));
                let header = source.header().to_vec();
                let at =
                    (0..header.len()).filter(|at| wanted == ["*"] || wanted.contains(&header[*at].as_str())).collect::<Vec<_>>();
                let mut seen = 0;
                let mut faults = Faults::default();
                let mut take = |_: u64, arrays: &[ArrayRef], _: &mut Faults| {
                    assert_eq!(arrays.len(), at.len());
                    seen += arrays[0].len() as u64;
                };
                let rows = source.read(&at, &mut faults, &mut take).unwrap_or_else(|_| panic!("{} is sound", path.display()));
                assert!(rows == seen && rows > 0);
                (begin.elapsed(), rows)
            };
            let (time, rows) = (0..3).map(|_| read()).min().unwrap();
            println!("{extension} {columns} {rows} rows {:.4} s", time.as_secs_f64());
        }
    }
}
