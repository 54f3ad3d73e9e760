//! One file per command.

pub mod account;
pub mod audit;
pub mod check;
pub mod demo;
pub mod explain;
pub mod perturb;
pub mod plan;
pub mod pool;
pub mod profiles;
pub mod protect;
pub mod run;
pub mod synth;
