//! Confinement where the system has none: the program runs unconfined and says so.

use super::{Held, Hold, Reach};

pub(super) fn hold(_: &Reach) -> Held {
    let not = || Hold::Not(format!("sluis cannot confine itself on {}", std::env::consts::OS));
    Held { files: not(), network_and_programs: not() }
}
