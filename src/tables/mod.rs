//! Tables: published sets of units become cells over atoms.

pub mod set;
