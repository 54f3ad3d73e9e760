//! Registers are read here and nowhere else: files become typed, checked frames, and identifiers become keys.

mod amounts;
mod breaks;
mod bytes;
mod codes;
mod columns;
mod convert;
mod csv;
mod dates;
mod decimals;
mod delivery;
mod dta;
mod encodings;
mod faults;
mod find;
pub mod frame;
mod groups;
mod interner;
mod ipc;
mod links;
mod panel;
mod parquet;
mod reader;
mod spss;
pub mod texts;
mod units;
mod year;

#[cfg(test)]
mod tests;

pub use delivery::{Delivery, check};
pub use year::Leads;
