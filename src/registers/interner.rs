//! An interner gives every identifier a dense number; the identifiers themselves stay in here.

use std::cmp::Ordering;
use std::hash::BuildHasher;

use hashbrown::DefaultHashBuilder;

/// Rows looked up together. Their places in the table are fetched before any is needed, so that the waits for memory overlap.
const BLOCK: usize = 256;
/// Longest identifier that is kept in its cell.
const SHORT: usize = 15;
/// Last byte of the cell of a longer one; the others say where it stands in the arena.
const LONG: u8 = u8::MAX;
/// What a row without a known identifier is numbered.
pub(super) const UNKNOWN: u32 = u32::MAX;

/// Identifiers as bytes, numbered from 0 in the order in which they came.
///
/// The table is open-addressed with linear probing. A slot holds 32 bits of the hash above the number plus one, and 0 is free; the place
/// of a slot is the upper part of those bits, so that growing walks the table in order and reads no identifier.
pub(super) struct Interner {
    cells: Vec<u128>,
    /// Identifiers that are longer than a cell.
    arena: Vec<u8>,
    slots: Vec<u64>,
    /// Slots are 2^bits.
    bits: u32,
    hasher: DefaultHashBuilder,
}

/// Where a run of look-ups stands: registers tend to stand in one order, so the same or the next number is tried before the table.
#[derive(Clone, Copy, Default)]
pub(super) struct Cursor {
    near: u32,
    /// The last rows did not come in the order of the numbers.
    scattered: bool,
}

#[derive(Clone, Copy, Default)]
struct Query {
    cell: u128,
    tag: u32,
}

impl Default for Interner {
    fn default() -> Self {
        let bits = 8;
        Self { cells: Vec::new(), arena: Vec::new(), slots: vec![0; 1 << bits], bits, hasher: DefaultHashBuilder::default() }
    }
}

impl Interner {
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// The number of an identifier, new if it was not there.
    pub(super) fn intern(&mut self, identifier: &str, cursor: &mut Cursor) -> u32 {
        let query = self.query(identifier.as_bytes());
        self.intern_query(query, identifier.as_bytes(), cursor)
    }

    /// The number of an identifier that is there.
    pub(super) fn find(&self, identifier: &str, cursor: &mut Cursor) -> Option<u32> {
        let query = self.query(identifier.as_bytes());
        self.nearby(query, identifier.as_bytes(), cursor).or_else(|| self.probe(query, identifier.as_bytes(), cursor))
    }

    /// The numbers of the identifiers in these rows, new ones for those that were not there.
    pub(super) fn intern_all<'t>(&mut self, rows: usize, text: impl Fn(usize) -> &'t str, cursor: &mut Cursor) -> Vec<u32> {
        let mut numbers = Vec::with_capacity(rows);
        for start in (0..rows).step_by(BLOCK) {
            let (queries, _) = self.fetch(start..rows.min(start + BLOCK), &text);
            for (at, query) in (start..rows.min(start + BLOCK)).zip(queries) {
                numbers.push(self.intern_query(query, text(at).as_bytes(), cursor));
            }
        }
        numbers
    }

    /// The numbers of the identifiers in these rows, [`UNKNOWN`] for those that are not there.
    pub(super) fn find_all<'t>(&self, rows: usize, text: impl Fn(usize) -> &'t str, cursor: &mut Cursor) -> Vec<u32> {
        let mut numbers = Vec::with_capacity(rows);
        for start in (0..rows).step_by(BLOCK) {
            let block = start..rows.min(start + BLOCK);
            if cursor.scattered {
                self.find_scattered(block.clone(), &text, cursor, &mut numbers);
            } else {
                numbers.extend(block.clone().map(|at| self.find(text(at), cursor).unwrap_or(UNKNOWN)));
            }
            let ordered = numbers[start..].windows(2).filter(|pair| pair[1].wrapping_sub(pair[0]) <= 1).count();
            cursor.scattered = ordered * 2 < block.len();
        }
        numbers
    }

    fn find_scattered<'t>(
        &self,
        block: std::ops::Range<usize>,
        text: &impl Fn(usize) -> &'t str,
        cursor: &mut Cursor,
        numbers: &mut Vec<u32>,
    ) {
        let (queries, firsts) = self.fetch(block.clone(), text);
        let mut cells = [0u128; BLOCK];
        for (cell, first) in cells.iter_mut().zip(firsts) {
            *cell = self.cells.get((first as u32).wrapping_sub(1) as usize).copied().unwrap_or(0);
        }
        for (place, at) in block.enumerate() {
            let (query, first) = (queries[place], firsts[place]);
            let hit = first != 0 && cells[place] == query.cell && !is_long(query.cell);
            let number = if hit { Some(first as u32 - 1) } else { self.probe(query, text(at).as_bytes(), cursor) };
            numbers.push(number.unwrap_or(UNKNOWN));
        }
    }

    /// The queries of a block of rows, and the first slot of each.
    fn fetch<'t>(&self, block: std::ops::Range<usize>, text: &impl Fn(usize) -> &'t str) -> ([Query; BLOCK], [u64; BLOCK]) {
        let mut queries = [Query::default(); BLOCK];
        let mut firsts = [0; BLOCK];
        for (query, at) in queries.iter_mut().zip(block) {
            *query = self.query(text(at).as_bytes());
        }
        for (first, query) in firsts.iter_mut().zip(&queries) {
            *first = self.slots[self.place(query.tag)];
        }
        (queries, std::hint::black_box(firsts))
    }

    fn query(&self, identifier: &[u8]) -> Query {
        if identifier.len() > SHORT {
            let hash = self.hasher.hash_one(identifier);
            return Query { cell: u128::from(LONG) << 120, tag: (hash >> 32) as u32 };
        }
        let mut bytes = [0; 16];
        bytes[..identifier.len()].copy_from_slice(identifier);
        bytes[SHORT] = identifier.len() as u8;
        let cell = u128::from_le_bytes(bytes);
        Query { cell, tag: (self.hasher.hash_one(cell) >> 32) as u32 }
    }

    fn place(&self, tag: u32) -> usize {
        (tag >> (32 - self.bits)) as usize
    }

    fn nearby(&self, query: Query, identifier: &[u8], cursor: &mut Cursor) -> Option<u32> {
        let guesses = [cursor.near, cursor.near.wrapping_add(1)];
        let found =
            guesses.into_iter().find(|guess| (*guess as usize) < self.cells.len() && self.is(*guess, query, identifier))?;
        cursor.near = found;
        Some(found)
    }

    fn probe(&self, query: Query, identifier: &[u8], cursor: &mut Cursor) -> Option<u32> {
        let mask = self.slots.len() - 1;
        let mut place = self.place(query.tag);
        while self.slots[place] != 0 {
            let slot = self.slots[place];
            let number = slot as u32 - 1;
            if (slot >> 32) as u32 == query.tag && self.is(number, query, identifier) {
                cursor.near = number;
                return Some(number);
            }
            place = (place + 1) & mask;
        }
        None
    }

    fn is(&self, number: u32, query: Query, identifier: &[u8]) -> bool {
        let cell = self.cells[number as usize];
        if is_long(query.cell) { is_long(cell) && self.long(cell) == identifier } else { cell == query.cell }
    }

    fn intern_query(&mut self, query: Query, identifier: &[u8], cursor: &mut Cursor) -> u32 {
        let known = self.nearby(query, identifier, cursor).or_else(|| self.probe(query, identifier, cursor));
        if let Some(number) = known {
            return number;
        }
        assert!(self.cells.len() < 1 << 31, "a register holds fewer than 2^31 identifiers");
        let number = self.cells.len() as u32;
        let cell = if is_long(query.cell) { self.store_long(identifier) } else { query.cell };
        self.cells.push(cell);
        if self.cells.len() * 8 > self.slots.len() * 5 {
            self.grow();
        }
        place_slot(&mut self.slots, self.bits, u64::from(query.tag) << 32 | u64::from(number + 1));
        cursor.near = number;
        number
    }

    fn store_long(&mut self, identifier: &[u8]) -> u128 {
        let start = self.arena.len() as u64;
        self.arena.extend_from_slice(identifier);
        u128::from(start) | (identifier.len() as u128) << 64 | u128::from(LONG) << 120
    }

    fn long(&self, cell: u128) -> &[u8] {
        let (start, length) = (cell as u64 as usize, (cell >> 64) as u32 as usize);
        &self.arena[start..start + length]
    }

    fn grow(&mut self) {
        self.bits += 1;
        let mut slots = vec![0; 1 << self.bits];
        self.slots.iter().filter(|slot| **slot != 0).for_each(|slot| place_slot(&mut slots, self.bits, *slot));
        self.slots = slots;
    }

    /// By the text of the identifiers, byte by byte.
    pub(super) fn compare(&self, a: u32, b: u32) -> Ordering {
        let (mut bytes_a, mut bytes_b) = ([0; 16], [0; 16]);
        self.text(a, &mut bytes_a).cmp(self.text(b, &mut bytes_b))
    }

    /// The identifier of a number that was handed out.
    pub(super) fn identifier(&self, number: u32) -> String {
        String::from_utf8_lossy(self.text(number, &mut [0; 16])).into_owned()
    }

    fn text<'a>(&'a self, number: u32, bytes: &'a mut [u8; 16]) -> &'a [u8] {
        let cell = self.cells[number as usize];
        *bytes = cell.to_le_bytes();
        if is_long(cell) { self.long(cell) } else { &bytes[..usize::from(bytes[SHORT])] }
    }
}

fn is_long(cell: u128) -> bool {
    (cell >> 120) as u8 == LONG
}

fn place_slot(slots: &mut [u64], bits: u32, slot: u64) {
    let mask = slots.len() - 1;
    let mut place = (slot >> (64 - bits)) as usize;
    while slots[place] != 0 {
        place = (place + 1) & mask;
    }
    slots[place] = slot;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many() -> Vec<String> {
        (0..5000u32).map(|x| if x % 7 == 0 { format!("a-long-identifier-{x:05}") } else { format!("{x:05}") }).collect()
    }

    #[test]
    fn an_identifier_keeps_its_number_through_growth() {
        let mut interner = Interner::default();
        let mut cursor = Cursor::default();
        let numbers: Vec<u32> = many().iter().map(|x| interner.intern(x, &mut cursor)).collect();
        for (x, number) in many().iter().zip(&numbers).rev() {
            assert!(interner.find(x, &mut cursor) == Some(*number));
            assert!(interner.intern(x, &mut cursor) == *number);
        }
        assert_eq!(interner.len(), 5000);
    }

    #[test]
    fn many_are_found_as_each_is_in_any_order() {
        let mut interner = Interner::default();
        let (half, all) = (many()[..2500].to_vec(), many());
        let interned = interner.intern_all(half.len(), |at| &half[at], &mut Cursor::default());
        assert!(interned == (0..2500).collect::<Vec<u32>>());
        for step in [1usize, 7, 1999] {
            let row = |at: usize| all[at * step % all.len()].as_str();
            let numbers = interner.find_all(all.len(), row, &mut Cursor::default());
            let expected: Vec<u32> =
                (0..all.len()).map(|at| interner.find(row(at), &mut Cursor::default()).unwrap_or(UNKNOWN)).collect();
            assert!(numbers == expected);
            assert_eq!(numbers.iter().filter(|number| **number == UNKNOWN).count(), 2500);
        }
    }

    #[test]
    fn leading_zeros_and_length_distinguish_identifiers() {
        let mut interner = Interner::default();
        let mut cursor = Cursor::default();
        let long = interner.intern("007", &mut cursor);
        let short = interner.intern("7", &mut cursor);
        let zero_byte = interner.intern("7\0", &mut cursor);
        assert!(long != short && short != zero_byte);
        assert_eq!(interner.compare(long, short), Ordering::Less);
        assert!(interner.find("", &mut cursor).is_none());
        let longer = interner.intern("7000000000000000000000", &mut cursor);
        assert_eq!(interner.compare(short, longer), Ordering::Less);
    }
}
