//! From a list of participants to protected tables that may leave a secure data environment.
//!
//! The modules stand in the order of the stages; each uses only those above it.

#![cfg_attr(test, allow(clippy::disallowed_methods, clippy::print_stdout, reason = "tests make their own files"))]

pub mod amount;
pub mod diagnostic;
pub mod trap;
pub mod memory;
pub mod confine;
pub mod language;

pub mod indicators;
pub mod spec;
pub mod explain;
pub mod registers;
pub mod linkage;
pub mod cohort;
pub mod tables;
pub mod disclosure;
pub mod cells;
pub mod planner;
pub mod release;
pub mod released;
pub mod earlier;
pub mod synth;
pub mod pseudonym;
pub mod pipeline;
pub mod compose;
pub mod report;
pub mod compare;
pub mod checks;
pub mod standalone;
pub mod pool;
