//! A pseudonym stands for a KvK number: HMAC-SHA-256 of its eight digits under the key of the environment, hexadecimal.
//!
//! HMAC-SHA-256 (RFC 2104, FIPS 198-1) and not a faster keyed hash, since every statistics package, database and operating system that
//! an environment may have next to sluis, or instead of it in ten years, can compute it and so make or check the same pseudonyms.
//! Without the key a pseudonym cannot be found by hashing all hundred million numbers, as it can with a plain hash.

pub mod key;
pub mod list;
mod number;

pub use key::Key;
pub use list::{Made, Wish, pseudonymise};
pub use number::Branches;
