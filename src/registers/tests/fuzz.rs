//! Whatever bytes a file holds, reading ends with frames or findings.

use std::panic::catch_unwind;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::registers::texts::Texts;

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
        for extension in ["csv", "parquet", "arrow", "sav", "zsav", "dta"] {
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

/// Every fixture that other software made in a format.
fn fixtures(extension: &str) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut folders: Vec<_> = fs::read_dir(root.join("delivery")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.push(root.join("odd"));
    let mut files: Vec<_> =
        folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let of = |path: &std::path::PathBuf| path.extension().is_some_and(|found| found == extension);
    let found: Vec<Vec<u8>> = files.into_iter().filter(of).map(|path| fs::read(path).unwrap()).collect();
    assert!(found.len() >= 8, "{extension}");
    found
}

/// Numbers at which lengths and offsets go wrong.
const LIMITS: [u32; 8] = [0, 1, 0x7F, 0xFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF];

/// One file changed in up to eight places: bytes, lengths, parts moved, the end cut off.
fn spoilt(files: &[Vec<u8>], random: &mut ChaCha8Rng) -> Vec<u8> {
    let mut bytes = files[random.random_range(0..files.len())].clone();
    for _ in 0..random.random_range(1..=8) {
        let (length, kind) = (bytes.len(), random.random_range(0..8));
        if length < 16 {
            break;
        }
        let at = random.random_range(0..length - 8);
        match kind {
            0..=2 => bytes[at] = random.random(),
            3 => bytes[at] ^= 1 << random.random_range(0..8),
            4 | 5 => bytes[at..at + 4].copy_from_slice(&LIMITS[random.random_range(0..LIMITS.len())].to_le_bytes()),
            6 => {
                let from = random.random_range(0..length - 8);
                let count = random.random_range(1..=(length - at.max(from)).min(64));
                bytes.copy_within(from..from + count, at);
            }
            _ if random.random_range(0..4) == 0 => bytes.truncate(at + 1),
            _ => drop(bytes.drain(at..at + random.random_range(1..8))),
        }
    }
    bytes
}

/// Time that reading a file may take of its thread, however busy the machine is.
const LONGEST: Duration = Duration::from_secs(5);

/// Nothing is heard of a file for so long: reading it hangs.
const HANGS: Duration = Duration::from_secs(120);

/// How long this thread has worked.
#[cfg(unix)]
fn worked() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap(), u32::try_from(time.tv_nsec).unwrap())
}

/// How long it is ago that this was first asked: no more is told here.
#[cfg(not(unix))]
fn worked() -> Duration {
    static FIRST: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    FIRST.elapsed()
}

/// Whether reading a file is refused, or what is wrong with reading it.
fn refused(path: &Path, read: fn(&Path) -> bool, longest: Duration, hangs: Duration) -> Result<bool, String> {
    let ((end, ended), path) = (channel(), path.to_owned());
    std::thread::spawn(move || {
        let begin = worked();
        let refused = catch_unwind(|| !read(&path));
        end.send((refused.ok(), worked() - begin))
    });
    match ended.recv_timeout(hangs) {
        Err(_) => Err("hangs".to_owned()),
        Ok((None, _)) => Err("crashes".to_owned()),
        Ok((Some(_), time)) if time > longest => Err(format!("takes {} s", time.as_secs_f64())),
        Ok((Some(refused), _)) => Ok(refused),
    }
}

/// Keeps a file to be looked at: where it stands then.
fn kept(path: &Path, name: &str) -> String {
    let kept = std::env::temp_dir().join(format!("fuzz-{name}"));
    fs::copy(path, &kept).unwrap();
    kept.display().to_string()
}

/// Reads so many spoilt files, or for so long, and says how many were refused.
fn spoil(extension: &str, seed: u64, count: u64, time: Duration) -> (u64, u64) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("spoilt.{extension}"));
    let files = fixtures(extension);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let begin = Instant::now();
    let (mut read, mut refusals) = (0, 0);
    while read < count && begin.elapsed() < time {
        fs::write(&path, spoilt(&files, &mut random)).unwrap();
        match refused(&path, |path| Texts::read(path).is_ok(), LONGEST, HANGS) {
            Ok(refused) => refusals += u64::from(refused),
            Err(wrong) => panic!("reading {} {wrong}", kept(&path, &format!("{seed}-{read}.{extension}"))),
        }
        read += 1;
    }
    (read, refusals)
}

#[test]
fn a_reader_that_crashes_works_long_or_hangs_is_told_and_the_file_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.csv");
    fs::write(&path, "a;b\n1;2\n").unwrap();
    let (short, long) = (Duration::from_millis(20), Duration::from_secs(60));
    let work = |_: &Path| {
        let begin = worked();
        while worked() - begin < Duration::from_millis(40) {}
        true
    };
    let wait = |_: &Path| {
        std::thread::sleep(Duration::from_millis(200));
        true
    };
    assert_eq!(refused(&path, |path| Texts::read(path).is_ok(), long, long), Ok(false));
    assert_eq!(refused(&path, |_| panic!("a crash"), long, long), Err("crashes".to_owned()));
    assert_eq!(refused(&path, wait, long, short), Err("hangs".to_owned()));
    assert!(refused(&path, work, short, long).is_err_and(|wrong| wrong.starts_with("takes 0.")));
    // Waiting for a processor is no work.
    #[cfg(unix)]
    assert_eq!(refused(&path, wait, short, long), Ok(false));
    let kept = kept(&path, &format!("{}-small.csv", std::process::id()));
    assert!(kept.contains("fuzz-") && fs::read(&kept).unwrap() == fs::read(&path).unwrap());
    fs::remove_file(kept).unwrap();
}

const SPOILT: [&str; 6] = ["sav", "zsav", "dta", "arrow", "feather", "ipc"];

#[test]
fn a_spoilt_file_of_other_software_never_panics() {
    for extension in SPOILT {
        let (read, refused) = spoil(extension, 1, 300, Duration::from_secs(60));
        assert!(read == 300 && refused > 100 && refused < 300, "{extension}: {refused} of {read} refused");
    }
}

/// `SECONDS=600 SEED=7 cargo test --lib -- --ignored --nocapture spoilt_files_for_minutes`: every format, all at once.
#[test]
#[ignore = "minutes; SECONDS says how many seconds"]
#[allow(clippy::print_stdout, reason = "says how much was tried")]
fn spoilt_files_for_minutes() {
    let number = |name, otherwise| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    let (seconds, seed): (u64, u64) = (number("SECONDS", 600), number("SEED", 2));
    std::thread::scope(|scope| {
        for extension in SPOILT {
            scope.spawn(move || {
                let (read, refused) = spoil(extension, seed, u64::MAX, Duration::from_secs(seconds));
                println!("{extension}: {read} cases from seed {seed} in {seconds} s, {refused} refused, 0 crashes, 0 hangs");
            });
        }
    });
}
