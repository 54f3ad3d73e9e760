//! Tables: published sets of units become cells over atoms.

pub mod set;
pub(crate) mod atoms;
mod attrition;
mod define;
mod layers;
mod present;
mod tabulate;

pub use tabulate::tabulate;

#[cfg(test)]
mod tests;
