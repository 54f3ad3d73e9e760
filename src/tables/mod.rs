//! Tables: published sets of units become cells over atoms.

pub mod set;
pub(crate) mod atoms;
pub(crate) mod attrition;
pub(crate) mod define;
pub mod decomposition;
mod layers;
pub mod present;
pub mod select;
mod tabulate;

pub use atoms::Condensed;
pub use tabulate::{Asked, tabulate};

#[cfg(test)]
mod tests;
