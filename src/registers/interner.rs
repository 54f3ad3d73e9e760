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
/// How far the order of earlier registers is followed before the table is asked: units that are gone are passed over.
const STEPS: usize = 6;
/// Up to this many identifiers, most of those that are not there are told by a few bits.
const FEW: usize = 1 << 15;
/// Words of those bits.
const SIEVE: usize = 1 << 12;

/// Identifiers as bytes, numbered from 0 in the order in which they came.
///
/// The table is open-addressed with linear probing. A slot holds 32 bits of the hash above the number plus one, and 0 is free; the place
/// of a slot is the upper part of those bits, so that growing walks the table in order and reads no identifier.
pub(super) struct Interner {
    cells: Vec<u128>,
    /// By number: what stood behind it when it or that came in, so that registers in one order are followed without the table.
    next: Vec<u32>,
    /// Identifiers that are longer than a cell.
    arena: Vec<u8>,
    slots: Vec<u64>,
    /// Slots are 2^bits.
    bits: u32,
    /// A bit for every identifier, as long as there are few.
    sieve: Vec<u64>,
    hasher: DefaultHashBuilder,
}

/// Where a run of look-ups stands.
#[derive(Clone, Copy)]
pub(super) struct Cursor {
    near: u32,
    /// Where it stood before it was thrown off the order.
    before: u32,
    /// The last rows did not come in an order that was there before.
    scattered: bool,
}

impl Default for Cursor {
    fn default() -> Self {
        Self { near: UNKNOWN, before: UNKNOWN, scattered: false }
    }
}

#[derive(Clone, Copy, Default)]
struct Query {
    cell: u128,
    tag: u32,
}

impl Default for Interner {
    fn default() -> Self {
        let bits = 8;
        Self {
            cells: Vec::new(),
            next: Vec::new(),
            arena: Vec::new(),
            slots: vec![0; 1 << bits],
            bits,
            sieve: vec![0; SIEVE],
            hasher: DefaultHashBuilder::default(),
        }
    }
}

impl Interner {
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// Bytes that are taken at once when the table has to grow for so many more; none while it need not.
    pub(super) fn growth(&self, more: usize) -> u64 {
        let full = (self.cells.len() + more) * 8 > self.slots.len() * 5;
        if full { self.slots.len() as u64 * 16 } else { 0 }
    }

    /// About what so many identifiers take, the table while it grows included.
    pub(super) fn bytes_for(identifiers: u64) -> u64 {
        let slots = (identifiers * 8 / 5).max(256).next_power_of_two();
        identifiers * 20 + slots * 12
    }

    /// The number of an identifier, new if it was not there.
    pub(super) fn intern(&mut self, identifier: &str, cursor: &mut Cursor) -> u32 {
        let identifier = identifier.as_bytes();
        self.intern_cell(cell(identifier), identifier, cursor)
    }

    /// The number of an identifier that is there.
    #[cfg(test)]
    pub(super) fn find(&self, identifier: &str, cursor: &mut Cursor) -> Option<u32> {
        let identifier = identifier.as_bytes();
        self.find_cell(cell(identifier), identifier, cursor)
    }

    /// The numbers of the identifiers in these rows, new ones for those that were not there.
    pub(super) fn intern_all<'t, T: AsRef<[u8]> + ?Sized + 't>(
        &mut self,
        rows: usize,
        text: impl Fn(usize) -> &'t T,
        cursor: &mut Cursor,
    ) -> Vec<u32> {
        let text = |at: usize| text(at).as_ref();
        let mut numbers = Vec::with_capacity(rows);
        for start in (0..rows).step_by(BLOCK) {
            let block = start..rows.min(start + BLOCK);
            if cursor.scattered {
                let (queries, _) = self.fetch(block.clone(), &text);
                for (at, query) in block.zip(queries) {
                    numbers.push(self.probe_or_add(query, text(at), cursor));
                }
            } else {
                numbers.extend(block.map(|at| self.intern_cell(cell(text(at)), text(at), cursor)));
            }
            cursor.scattered = self.scattered(&numbers[start..]);
        }
        numbers
    }

    /// The numbers of the identifiers in these rows, [`UNKNOWN`] for those that are not there.
    pub(super) fn find_all<'t, T: AsRef<[u8]> + ?Sized + 't>(
        &self,
        rows: usize,
        text: impl Fn(usize) -> &'t T,
        cursor: &mut Cursor,
    ) -> Vec<u32> {
        let text = |at: usize| text(at).as_ref();
        let mut numbers = Vec::with_capacity(rows);
        if self.len() < FEW {
            numbers.extend((0..rows).map(|at| self.find_among_few(text(at), cursor)));
            return numbers;
        }
        for start in (0..rows).step_by(BLOCK) {
            let block = start..rows.min(start + BLOCK);
            if cursor.scattered {
                self.find_scattered(block.clone(), &text, cursor, &mut numbers);
            } else {
                self.find_ordered(block.clone(), &text, cursor, &mut numbers);
            }
            cursor.scattered = self.scattered(&numbers[start..]);
        }
        numbers
    }

    /// Whether most rows are neither the one before again nor what followed it before.
    fn scattered(&self, numbers: &[u32]) -> bool {
        let follows = |pair: &&[u32]| pair[0] == pair[1] || self.next.get(pair[0] as usize) == Some(&pair[1]);
        numbers.windows(2).filter(follows).count() * 2 < numbers.len().saturating_sub(1)
    }

    fn find_among_few(&self, identifier: &[u8], cursor: &mut Cursor) -> u32 {
        let (word, bit) = sieve_place(identifier);
        if self.sieve[word] & bit == 0 {
            return UNKNOWN;
        }
        self.find_cell(cell(identifier), identifier, cursor).unwrap_or(UNKNOWN)
    }

    fn find_ordered<'t>(
        &self,
        block: std::ops::Range<usize>,
        text: &impl Fn(usize) -> &'t [u8],
        cursor: &mut Cursor,
        numbers: &mut Vec<u32>,
    ) {
        for at in block {
            let identifier = text(at);
            numbers.push(self.find_cell(cell(identifier), identifier, cursor).unwrap_or(UNKNOWN));
        }
    }

    fn find_scattered<'t>(
        &self,
        block: std::ops::Range<usize>,
        text: &impl Fn(usize) -> &'t [u8],
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
            let number = if hit { Some(first as u32 - 1) } else { self.probe(query, text(at), cursor) };
            numbers.push(number.unwrap_or(UNKNOWN));
        }
    }

    /// The queries of a block of rows, and the first slot of each.
    fn fetch<'t>(&self, block: std::ops::Range<usize>, text: &impl Fn(usize) -> &'t [u8]) -> ([Query; BLOCK], [u64; BLOCK]) {
        let mut queries = [Query::default(); BLOCK];
        let mut firsts = [0; BLOCK];
        for (query, at) in queries.iter_mut().zip(block) {
            *query = self.query(cell(text(at)), text(at));
        }
        for (first, query) in firsts.iter_mut().zip(&queries) {
            *first = self.slots[self.place(query.tag)];
        }
        (queries, std::hint::black_box(firsts))
    }

    fn query(&self, cell: u128, identifier: &[u8]) -> Query {
        let hash = if is_long(cell) { self.hasher.hash_one(identifier) } else { self.hasher.hash_one(cell) };
        Query { cell, tag: (hash >> 32) as u32 }
    }

    fn place(&self, tag: u32) -> usize {
        (tag >> (32 - self.bits)) as usize
    }

    fn find_cell(&self, cell: u128, identifier: &[u8], cursor: &mut Cursor) -> Option<u32> {
        self.nearby(cell, identifier, cursor).or_else(|| self.probe(self.query(cell, identifier), identifier, cursor))
    }

    /// The same again, or what followed it before.
    fn nearby(&self, cell: u128, identifier: &[u8], cursor: &mut Cursor) -> Option<u32> {
        for start in [cursor.near, cursor.before] {
            let mut guess = start;
            for _ in 0..STEPS {
                if guess == UNKNOWN {
                    break;
                }
                if self.is(guess, cell, identifier) {
                    if start == cursor.before {
                        cursor.before = cursor.near;
                    }
                    cursor.near = guess;
                    return Some(guess);
                }
                guess = self.next[guess as usize];
            }
        }
        None
    }

    fn probe(&self, query: Query, identifier: &[u8], cursor: &mut Cursor) -> Option<u32> {
        let mask = self.slots.len() - 1;
        let mut place = self.place(query.tag);
        while self.slots[place] != 0 {
            let slot = self.slots[place];
            let number = slot as u32 - 1;
            if (slot >> 32) as u32 == query.tag && self.is(number, query.cell, identifier) {
                cursor.before = cursor.near;
                cursor.near = number;
                return Some(number);
            }
            place = (place + 1) & mask;
        }
        None
    }

    fn is(&self, number: u32, cell: u128, identifier: &[u8]) -> bool {
        let held = self.cells[number as usize];
        if is_long(cell) { is_long(held) && self.long(held) == identifier } else { held == cell }
    }

    fn intern_cell(&mut self, cell: u128, identifier: &[u8], cursor: &mut Cursor) -> u32 {
        if let Some(number) = self.nearby(cell, identifier, cursor) {
            return number;
        }
        let query = self.query(cell, identifier);
        self.probe_or_add(query, identifier, cursor)
    }

    fn probe_or_add(&mut self, query: Query, identifier: &[u8], cursor: &mut Cursor) -> u32 {
        self.probe(query, identifier, cursor).unwrap_or_else(|| self.add(query, identifier, cursor))
    }

    fn add(&mut self, query: Query, identifier: &[u8], cursor: &mut Cursor) -> u32 {
        assert!(self.cells.len() < 1 << 31, "a register holds fewer than 2^31 identifiers");
        let number = self.cells.len() as u32;
        let cell = if is_long(query.cell) { self.store_long(identifier) } else { query.cell };
        self.cells.push(cell);
        let behind = self.next.get_mut(cursor.near as usize).map_or(UNKNOWN, |next| std::mem::replace(next, number));
        self.next.push(behind);
        if self.cells.len() < FEW {
            let (word, bit) = sieve_place(identifier);
            self.sieve[word] |= bit;
        }
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

/// The bytes of a short identifier with their number in the last byte; of a longer one only that it is longer.
fn cell(identifier: &[u8]) -> u128 {
    let length = identifier.len();
    let bytes = match length {
        0..8 => identifier.iter().rev().fold(0, |cell, byte| cell << 8 | u128::from(*byte)),
        8..=SHORT => {
            u128::from(word(&identifier[..8])) | u128::from(word(&identifier[length - 8..])) >> (8 * (16 - length)) << 64
        }
        _ => return u128::from(LONG) << 120,
    };
    bytes | (length as u128) << 120
}

fn word(bytes: &[u8]) -> u64 {
    bytes.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Word and bit of an identifier in the sieve.
fn sieve_place(identifier: &[u8]) -> (usize, u64) {
    let last = identifier.len().saturating_sub(8);
    let ends = match identifier.len() {
        0..8 => cell(identifier) as u64,
        _ => word(identifier).rotate_left(29) ^ word(&identifier[last..]),
    };
    let place = ends.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 46;
    ((place >> 6) as usize, 1 << (place & 63))
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
        let interned = interner.intern_all(half.len(), |at| half[at].as_str(), &mut Cursor::default());
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
