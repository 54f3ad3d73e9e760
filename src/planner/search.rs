//! The search for the design that loses least, knowing for every option of every part a loss that it cannot stay below.
//!
//! Designs are looked at in the order of the sum of these bounds. The first whose true loss is not above the bound of the next is the
//! best of all, and none that was passed over needs to be protected. Should the sums stay far below the truth, the search first walks
//! downhill from where it stands, so that it has something good in hand when its allowance ends.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::ops::Add;

use super::loss::Loss;

/// One option per part.
pub type Design = Vec<usize>;

/// What protecting a design showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    pub loss: Loss,
    /// Parts that lose rows by suppression.
    pub touched: Vec<usize>,
}

#[derive(Clone, Debug)]
pub struct Found {
    pub design: Design,
    pub loss: Loss,
    /// No design of all that can be chosen loses less.
    pub proven: bool,
    /// Every design that was protected; `None` where that is impossible.
    pub seen: BTreeMap<Design, Option<Evaluation>>,
}

/// The best design that at most `allowance` protections find; `None` when no design that was tried can be protected.
pub fn search(bounds: &[Vec<Loss>], allowance: usize, evaluate: &mut dyn FnMut(&[usize]) -> Option<Evaluation>) -> Option<Found> {
    let mut search = Search { bounds, evaluate, seen: BTreeMap::new(), best: None };
    let mut queue = Queue::new(bounds);
    let mut proven = true;
    let mut walked = false;
    while let Some((bound, design)) = queue.next() {
        if search.best.as_ref().is_some_and(|(loss, _)| bound >= *loss) {
            break;
        }
        if search.seen.len() >= allowance {
            proven = false;
            break;
        }
        search.look(&design);
        if !walked && search.best.as_ref().is_some_and(|(loss, _)| *loss > bound) {
            walked = true;
            search.walk(allowance / 2);
        }
    }
    let Search { best, seen, .. } = search;
    best.map(|(loss, design)| Found { design, loss, proven, seen })
}

struct Search<'a> {
    bounds: &'a [Vec<Loss>],
    evaluate: &'a mut dyn FnMut(&[usize]) -> Option<Evaluation>,
    seen: BTreeMap<Design, Option<Evaluation>>,
    best: Option<(Loss, Design)>,
}

impl Search<'_> {
    fn look(&mut self, design: &[usize]) {
        if self.seen.contains_key(design) {
            return;
        }
        let evaluation = (self.evaluate)(design);
        if let Some(Evaluation { loss, .. }) = &evaluation
            && self.best.as_ref().is_none_or(|(best, _)| loss < best)
        {
            self.best = Some((*loss, design.to_vec()));
        }
        self.seen.insert(design.to_vec(), evaluation);
    }

    fn bound(&self, design: &[usize]) -> Loss {
        self.bounds.iter().zip(design).fold(Loss::default(), |sum, (options, option)| sum + options[*option])
    }

    /// Changes one touched part at a time for the better, until none is left or as many designs were seen as allowed.
    fn walk(&mut self, allowance: usize) {
        while let Some((loss, from)) = self.best.clone() {
            let touched = self.seen[&from].iter().flat_map(|evaluation| evaluation.touched.clone()).collect::<Vec<_>>();
            let parts = if touched.is_empty() { (0..self.bounds.len()).collect() } else { touched };
            for part in parts {
                for option in (0..self.bounds[part].len()).filter(|option| *option != from[part]) {
                    let mut next = from.clone();
                    next[part] = option;
                    if self.seen.len() < allowance && self.best.as_ref().is_none_or(|(best, _)| self.bound(&next) < *best) {
                        self.look(&next);
                    }
                }
            }
            if self.best.as_ref().is_none_or(|(best, _)| *best >= loss) {
                return;
            }
        }
    }
}

/// Every design once, in the order of the sum of the bounds.
struct Queue<'a> {
    bounds: &'a [Vec<Loss>],
    /// The options of each part by their bound.
    order: Vec<Vec<usize>>,
    /// Bound, place of each part in its order, and the last part that was moved.
    heap: BinaryHeap<Reverse<(Loss, Vec<usize>, usize)>>,
}

impl<'a> Queue<'a> {
    fn new(bounds: &'a [Vec<Loss>]) -> Self {
        let order = |options: &Vec<Loss>| {
            let mut order: Vec<usize> = (0..options.len()).collect();
            order.sort_by_key(|option| options[*option]);
            order
        };
        let order: Vec<Vec<usize>> = bounds.iter().map(order).collect();
        let mut queue = Self { bounds, order, heap: BinaryHeap::new() };
        if queue.order.iter().all(|options| !options.is_empty()) {
            queue.push(vec![0; bounds.len()], 0);
        }
        queue
    }

    fn push(&mut self, places: Vec<usize>, moved: usize) {
        let bound = |(part, place): (usize, &usize)| self.bounds[part][self.order[part][*place]];
        let bound = places.iter().enumerate().map(bound).fold(Loss::default(), Loss::add);
        self.heap.push(Reverse((bound, places, moved)));
    }

    /// What follows a design moves the part that was moved last, or one after it, so that each design comes up once.
    fn next(&mut self) -> Option<(Loss, Design)> {
        let Reverse((bound, places, moved)) = self.heap.pop()?;
        for part in moved..places.len() {
            if places[part] + 1 < self.order[part].len() {
                let mut next = places.clone();
                next[part] += 1;
                self.push(next, part);
            }
        }
        Some((bound, places.iter().zip(&self.order).map(|(place, order)| order[*place]).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn loss(numbers: [u64; 3]) -> Loss {
        Loss { withheld: numbers[0], units: numbers[1], value: 0, detail: numbers[2], unevenness: 0 }
    }

    fn designs(bounds: &[Vec<Loss>]) -> Vec<Design> {
        bounds.iter().fold(vec![Vec::new()], |designs, options| {
            let extend =
                |design: &Design| (0..options.len()).map(|option| [design.as_slice(), &[option]].concat()).collect::<Vec<_>>();
            designs.iter().flat_map(extend).collect()
        })
    }

    /// A made-up truth above the bounds: some pairs of options get in each other's way.
    fn truth(bounds: &[Vec<Loss>], conflicts: &[(usize, usize, u64)], design: &[usize]) -> Option<Evaluation> {
        let alone = bounds.iter().zip(design).fold(Loss::default(), |sum, (options, option)| sum + options[*option]);
        let meets = |part: usize, at: usize| design[part % design.len()] == at % bounds[part % design.len()].len();
        let hit: Vec<_> = conflicts.iter().filter(|(a, b, _)| meets(*a, *b) && meets(*b, *a)).collect();
        let withheld = hit.iter().map(|(_, _, rows)| rows).sum();
        let touched = hit.iter().map(|(a, _, _)| a % design.len()).collect();
        (withheld < 9).then(|| Evaluation { loss: alone + Loss { withheld, ..Loss::default() }, touched })
    }

    proptest! {
        #[test]
        fn it_finds_what_trying_every_design_finds(
            bounds in prop::collection::vec(prop::collection::vec(prop::array::uniform3(0u64..4), 1..5), 1..6),
            conflicts in prop::collection::vec((0usize..30, 0usize..30, 1u64..4), 0..12),
        ) {
            let bounds: Vec<Vec<Loss>> = bounds.into_iter().map(|part| part.into_iter().map(loss).collect()).collect();
            let all = designs(&bounds);
            let best = all.iter().filter_map(|design| truth(&bounds, &conflicts, design)).map(|found| found.loss).min();
            let found = search(&bounds, all.len() + 1, &mut |design| truth(&bounds, &conflicts, design));
            prop_assert_eq!(found.as_ref().map(|found| found.loss), best);
            prop_assert!(found.is_none_or(|found| found.proven));
        }

        #[test]
        fn designs_come_up_once_and_in_order(
            bounds in prop::collection::vec(prop::collection::vec(prop::array::uniform3(0u64..4), 1..5), 1..5),
        ) {
            let bounds: Vec<Vec<Loss>> = bounds.into_iter().map(|part| part.into_iter().map(loss).collect()).collect();
            let mut queue = Queue::new(&bounds);
            let came: Vec<(Loss, Design)> = std::iter::from_fn(|| queue.next()).collect();
            prop_assert!(came.windows(2).all(|pair| pair[0].0 <= pair[1].0));
            let mut designs_seen: Vec<Design> = came.into_iter().map(|(_, design)| design).collect();
            designs_seen.sort();
            prop_assert_eq!(designs_seen, designs(&bounds));
        }
    }

    #[test]
    fn a_small_allowance_is_kept_and_said() {
        let bounds = vec![vec![loss([0, 0, 0]), loss([0, 0, 1]), loss([0, 0, 2])]; 6];
        let mut calls = 0;
        let found = search(&bounds, 10, &mut |design| {
            calls += 1;
            let fine = design.iter().filter(|option| **option < 2).count() as u64;
            let alone = bounds.iter().zip(design).fold(Loss::default(), |sum, (options, option)| sum + options[*option]);
            Some(Evaluation { loss: alone + loss([fine, 0, 0]), touched: (0..6).filter(|part| design[*part] < 2).collect() })
        });
        assert!(found.is_some_and(|found| !found.proven && found.seen.len() == 10));
        assert_eq!(calls, 10);
    }
}
