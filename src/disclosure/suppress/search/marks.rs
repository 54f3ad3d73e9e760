//! Marks on the cells and sums of a system while a region grows. They are laid out once and wiped after each region, because a region
//! touches little of a large system.

use super::ground::Ground;

pub(super) struct Marks {
    /// Cells of the region.
    inside: Vec<bool>,
    /// For cells outside: how many touched sums they stand in.
    links: Vec<u32>,
    /// Sums with a cell of the region.
    is_touched: Vec<bool>,
    /// Cells with a mark, and the touched sums.
    marked: Vec<u32>,
    touched: Vec<u32>,
}

impl Marks {
    pub fn new(ground: &Ground<'_>) -> Self {
        Self {
            inside: vec![false; ground.problem.cells.len()],
            links: vec![0; ground.problem.cells.len()],
            is_touched: vec![false; ground.problem.equations.len()],
            marked: Vec::new(),
            touched: Vec::new(),
        }
    }

    pub fn is_inside(&self, cell: u32) -> bool {
        self.inside[cell as usize]
    }

    /// Puts the cell inside; `false` where it is that already.
    pub fn put(&mut self, cell: u32) -> bool {
        self.marked.push(cell);
        !std::mem::replace(&mut self.inside[cell as usize], true)
    }

    pub fn remove(&mut self, cell: u32) {
        self.inside[cell as usize] = false;
    }

    /// Touches the sum; `false` where it is that already.
    pub fn touch(&mut self, sum: u32) -> bool {
        let is_new = !std::mem::replace(&mut self.is_touched[sum as usize], true);
        if is_new {
            self.touched.push(sum);
        }
        is_new
    }

    /// Notes one more touched sum of the cell; how many there are.
    pub fn link(&mut self, cell: u32) -> u32 {
        let links = &mut self.links[cell as usize];
        if *links == 0 {
            self.marked.push(cell);
        }
        *links += 1;
        *links
    }

    /// The touched sums, ascending.
    pub fn touched(&self) -> Vec<u32> {
        let mut touched = self.touched.clone();
        touched.sort_unstable();
        touched
    }

    pub fn wipe(&mut self) {
        for cell in self.marked.drain(..) {
            self.inside[cell as usize] = false;
            self.links[cell as usize] = 0;
        }
        self.touched.drain(..).for_each(|sum| self.is_touched[sum as usize] = false);
    }
}
