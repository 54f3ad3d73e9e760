//! Disclosure control: from a table set to tables that are safe, in steps that consume one another.

pub mod audit;
pub mod profile;
pub mod rules;
pub mod safe;
pub mod suppress;
pub mod system;
