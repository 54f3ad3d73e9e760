//! What a panic of the program says to its user: where it was and which rule broke, never what a value was.

use std::any::Any;
use std::panic::{PanicHookInfo, set_hook};
use std::sync::OnceLock;

use sluis::diagnostic::Diagnostic;

/// The first panic; those of other threads follow from it.
static FIRST: OnceLock<String> = OnceLock::new();

/// Panics are noted from now on and not printed: their words can hold a value.
pub fn listen() {
    set_hook(Box::new(|panic| drop(FIRST.set(noted(panic)))));
}

/// The place, and the words when they stand in the code as they are.
fn noted(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map(|at| format!("{}, line {}", at.file(), at.line())).unwrap_or_default();
    match panic.payload().downcast_ref::<&'static str>() {
        Some(words) => format!("{place}: {words}"),
        None => place,
    }
}

/// What came through to the end of the program.
pub fn finding(why: &(dyn Any + Send)) -> Diagnostic {
    let why = why.downcast_ref::<String>().map(String::as_str).or(why.downcast_ref::<&str>().copied()).unwrap_or_default();
    // The words of the standard library and of rayon when the system refuses them a thread, and of zlib when it refuses memory.
    let finding = if ["spawn thread", "thread pool", "spawn a thread", "MemError"].iter().any(|words| why.contains(words)) {
        Diagnostic::error("out-of-memory", "the system gives no more memory, or no more threads")
            .help("give the program more memory, or fewer threads with --threads")
    } else {
        let finding = Diagnostic::error("broken-invariant", "sluis came upon something that it says cannot be");
        let place = FIRST.get().filter(|place| !place.is_empty());
        place.into_iter().fold(finding, |finding, place| finding.note(format!("at {place}"))).help("report this, without data")
    };
    finding.note("what was under way was cleared away; no half release stands")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::catch_unwind;

    /// One test, since a program has one hook.
    #[test]
    fn a_panic_tells_its_place_and_its_rule_and_no_value() {
        listen();
        let value = "NL-4711".to_owned();
        let why = catch_unwind(|| assert!(value.is_empty(), "{value} is there")).expect_err("panics");
        let said = finding(why.as_ref()).to_string();
        assert!(said.contains("broken-invariant") && said.contains("broken.rs, line ") && !said.contains("4711"), "{said}");
        let why = catch_unwind(|| panic!("The thread pool could not start")).expect_err("panics");
        assert!(finding(why.as_ref()).to_string().contains("out-of-memory"));
        let why = catch_unwind(|| assert_eq!("MemError", "Ok")).expect_err("panics");
        assert!(finding(why.as_ref()).to_string().contains("out-of-memory"));
        drop(std::panic::take_hook());
    }
}
