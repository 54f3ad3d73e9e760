//! What a piece of work lays out over all of a system, lent from hand to hand so that every thread does that once.

use std::sync::{Mutex, PoisonError};

pub(super) struct Pool<T> {
    free: Mutex<Vec<T>>,
}

impl<T> Pool<T> {
    pub fn new() -> Self {
        Self { free: Mutex::new(Vec::new()) }
    }

    /// Lends one that is not in use, or a new one. It is given back as it is left: whoever borrows it wipes it.
    pub fn lend<R>(&self, new: impl FnOnce() -> T, work: impl FnOnce(&mut T) -> R) -> R {
        let free = || self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let lent = free().pop();
        let mut lent = lent.unwrap_or_else(new);
        let done = work(&mut lent);
        free().push(lent);
        done
    }
}
