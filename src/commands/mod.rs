//! One file per command.

pub mod account;
pub mod audit;
pub mod begin;
pub mod check;
pub mod demo;
pub mod explain;
pub mod perturb;
pub mod plan;
pub mod pool;
pub mod profiles;
pub mod protect;
pub mod pseudonymise;
pub mod run;
pub mod synth;
