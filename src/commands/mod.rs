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

use sluis::diagnostic::Diagnostics;

/// How much memory a command may take.
#[derive(clap::Args, Default)]
pub struct Memory {
    /// Most memory to take, such as 8GiB: fewer years pass at once, and the run ends before it would take more. [default: no bound]
    #[arg(long = "memory", value_name = "SIZE", value_parser = sluis::memory::size)]
    bytes: Option<u64>,
}

impl Memory {
    pub fn bound(&self) -> Result<sluis::memory::Memory, Diagnostics> {
        self.bytes.map_or_else(|| Ok(sluis::memory::Memory::default()), sluis::memory::Memory::bounded)
    }
}
