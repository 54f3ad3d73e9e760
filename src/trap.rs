//! A trap holds the panic of a decoder that gives up on broken bytes: nothing of it is printed, and the program goes on.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Whether a trap is set around what this thread does.
    static SET: Cell<bool> = const { Cell::new(false) };
}

static HOOK: Once = Once::new();

/// What a step gives; `None` when it panicked. Only for steps that leave nothing half done that is used afterwards.
pub fn trap<T>(step: impl FnOnce() -> T) -> Option<T> {
    HOOK.call_once(pass_over);
    let before = SET.replace(true);
    let done = catch_unwind(AssertUnwindSafe(step));
    SET.set(before);
    done.ok()
}

/// Panics outside of traps go on being told as they were.
fn pass_over() {
    let told = take_hook();
    set_hook(Box::new(move |panic| {
        if !SET.try_with(Cell::get).unwrap_or(false) {
            told(panic);
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_in_a_trap_is_held_and_the_trap_is_open_again_behind_it() {
        assert_eq!(trap(|| 3), Some(3));
        assert_eq!(trap(|| -> u8 { panic!("held") }), None);
        assert!(!SET.get());
        let inner = trap(|| {
            let held = trap(|| panic!("held"));
            (held, SET.get())
        });
        assert_eq!(inner, Some((None, true)));
    }
}
