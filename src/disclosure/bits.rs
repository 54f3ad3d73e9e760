//! A set of small whole numbers below a fixed length, one bit each.

/// Sets are compared only with sets of the same length.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Bits {
    words: Vec<u64>,
}

impl Bits {
    pub fn new(length: usize, members: impl IntoIterator<Item = u32>) -> Self {
        let mut bits = Self { words: vec![0; length.div_ceil(64)] };
        for member in members {
            bits.words[member as usize / 64] |= 1 << (member % 64);
        }
        bits
    }

    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    pub fn is_subset(&self, of: &Self) -> bool {
        self.words.iter().zip(&of.words).all(|(a, b)| a & !b == 0)
    }

    pub fn is_disjoint(&self, from: &Self) -> bool {
        self.words.iter().zip(&from.words).all(|(a, b)| a & b == 0)
    }

    pub fn minus(&self, other: &Self) -> Self {
        Self { words: self.words.iter().zip(&other.words).map(|(a, b)| a & !b).collect() }
    }

    pub fn insert_all(&mut self, other: &Self) {
        for (a, b) in self.words.iter_mut().zip(&other.words) {
            *a |= b;
        }
    }

    /// Ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0..)
            .zip(&self.words)
            .flat_map(|(at, word)| (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| at * 64 + bit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_has_what_only_the_first_set_has() {
        let (a, b) = (Bits::new(130, [1, 64, 129]), Bits::new(130, [64]));
        assert!(b.is_subset(&a) && !a.is_subset(&b) && !a.is_disjoint(&b));
        assert_eq!(a.minus(&b).iter().collect::<Vec<_>>(), [1, 129]);
        assert!(b.minus(&a).is_empty());
    }
}
