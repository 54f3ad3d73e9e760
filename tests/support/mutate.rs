//! Changes to the bytes of a file as a bad copy, a careless hand or an ill will makes them.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What trips readers up.
const TOKENS: &[&[u8]] = &[
    b"\"",
    b"\"\"",
    b";",
    b",",
    b"\t",
    b"\n",
    b"\r\n",
    b"\r",
    b"\0",
    b"\0\0\0\0",
    b"\xFF\xFE",
    b"\xEF\xBB\xBF",
    b"\x81",
    b"\xC3\xA7",
    b"\xEF\xBF\xBD",
    b"-",
    b"1e308",
    b"-1e-308",
    b"nan",
    b"inf",
    b"99999999999999999999999999",
    b"-9223372036854775808",
    b"0.00005",
    b"1.234,56",
    b"1.234",
    b"1,234",
    b"20790606",
    b"99991231",
    b"13360723200",
    b"2014-02-30",
    b"02-01-2014",
    b"'",
    b"'''",
    b"\"\"\"",
    b"[[",
    b"]]",
    b"{",
    b"}",
    b"=",
    b"#",
    b"{y}",
    b"{v}",
    b"*",
    b"from = 2147483647",
    b"to = -2147483648",
    b"2014-01-01T00:00:00Z",
    b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    b"{a={a={a={a={a={a={a={a={a={a={a=",
];

/// Some changes to a file; the same for the same seed.
pub fn mutated(original: &[u8], seed: u64) -> Vec<u8> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut bytes = original.to_vec();
    for _ in 0..random.random_range(1..8u32) {
        change(&mut bytes, &mut random);
    }
    bytes.truncate(1 << 20);
    bytes
}

fn change(bytes: &mut Vec<u8>, random: &mut ChaCha8Rng) {
    let length = bytes.len();
    let at = random.random_range(0..=length);
    let end = (at + random.random_range(0..40usize)).min(length);
    match random.random_range(0..9u32) {
        0 if length > 0 => bytes[at.min(length - 1)] = random.random_range(0..=255u32) as u8,
        1 if length > 0 => bytes[at.min(length - 1)] ^= 1 << random.random_range(0..8u32),
        2 => drop(bytes.drain(at..end)),
        3 => bytes.truncate(at),
        4 => {
            let piece = bytes[at..end].to_vec();
            let to = random.random_range(0..=length);
            drop(bytes.splice(to..to, piece));
        }
        5 => {
            let piece = bytes[at..end].repeat(random.random_range(2..30usize));
            drop(bytes.splice(at..at, piece));
        }
        6 => {
            let zeros = vec![0; random.random_range(1..64usize)];
            drop(bytes.splice(at..end, zeros));
        }
        _ => {
            let token = TOKENS[random.random_range(0..TOKENS.len())];
            let end = if random.random_bool(0.5) { at } else { end };
            drop(bytes.splice(at..end, token.iter().copied()));
        }
    }
}
