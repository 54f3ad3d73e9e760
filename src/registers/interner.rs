//! An interner gives every identifier a dense number; the identifiers themselves stay in here.

use std::cmp::Ordering;
use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// Identifiers as bytes in one arena, numbered from 0 in the order in which they came.
#[derive(Default)]
pub(super) struct Interner {
    arena: Vec<u8>,
    /// End of each identifier in the arena.
    ends: Vec<usize>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Interner {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    fn text(&self, number: u32) -> &[u8] {
        let at = number as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.arena[start..self.ends[at]]
    }

    /// The number of an identifier, new if it was not there.
    pub(super) fn intern(&mut self, identifier: &[u8], near: &mut u32) -> u32 {
        if let Some(number) = self.find(identifier, near) {
            return number;
        }
        assert!(self.ends.len() < u32::MAX as usize, "a register holds fewer than 2^32 - 1 identifiers");
        let number = self.ends.len() as u32;
        let hash = self.hasher.hash_one(identifier);
        self.arena.extend_from_slice(identifier);
        self.ends.push(self.arena.len());
        let (arena, ends, hasher) = (&self.arena, &self.ends, &self.hasher);
        self.table.insert_unique(hash, number, |&other| {
            let start = if other == 0 { 0 } else { ends[other as usize - 1] };
            hasher.hash_one(&arena[start..ends[other as usize]])
        });
        *near = number;
        number
    }

    /// The number of an identifier that is there.
    ///
    /// `near` is the number found last: registers tend to stand in one order, so the same or the next number is tried before the table.
    pub(super) fn find(&self, identifier: &[u8], near: &mut u32) -> Option<u32> {
        for guess in [*near, near.wrapping_add(1)] {
            if (guess as usize) < self.ends.len() && self.text(guess) == identifier {
                *near = guess;
                return Some(guess);
            }
        }
        let hash = self.hasher.hash_one(identifier);
        let found = self.table.find(hash, |&number| self.text(number) == identifier).copied();
        if let Some(number) = found {
            *near = number;
        }
        found
    }

    /// By the text of the identifiers, byte by byte.
    pub(super) fn compare(&self, a: u32, b: u32) -> Ordering {
        self.text(a).cmp(self.text(b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_keeps_its_number_through_growth() {
        let mut interner = Interner::default();
        let mut near = 0;
        let numbers: Vec<u32> = (0..5000u32).map(|x| interner.intern(format!("{x:05}").as_bytes(), &mut near)).collect();
        for x in (0..5000u32).rev() {
            assert!(interner.find(format!("{x:05}").as_bytes(), &mut near) == Some(numbers[x as usize]));
        }
        assert_eq!(interner.len(), 5000);
    }

    #[test]
    fn leading_zeros_distinguish_identifiers() {
        let mut interner = Interner::default();
        let mut near = 0;
        let long = interner.intern(b"007", &mut near);
        let short = interner.intern(b"7", &mut near);
        assert!(long != short);
        assert_eq!(interner.compare(long, short), Ordering::Less);
        assert!(interner.find(b"", &mut near).is_none());
    }
}
