//! How far a cell may go in a program, and with it all that moves together.

/// A variable of a program, in units of its scale, and what one of them costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Variable {
    pub cost: f64,
    pub high: f64,
    pub low: f64,
}

/// How far a cell or a motion may go either way, in units of the program's scale, and what one of them costs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub up: f64,
    pub down: f64,
    pub cost_up: f64,
    pub cost_down: f64,
    /// One variable does for both ways, at no cost.
    pub single: bool,
}

impl Room {
    /// What nothing has been said of yet.
    pub const ANY: Self = Self { up: f64::INFINITY, down: f64::INFINITY, cost_up: 0.0, cost_down: 0.0, single: true };
    /// Of what must not differ.
    pub const NONE: Self = Self { up: 0.0, down: 0.0, ..Self::ANY };

    /// Of what moves against it.
    pub fn turned(self) -> Self {
        Self { up: self.down, down: self.up, cost_up: self.cost_down, cost_down: self.cost_up, single: self.single }
    }

    /// Of what moves together.
    pub fn with(self, other: Self) -> Self {
        Self {
            up: self.up.min(other.up),
            down: self.down.min(other.down),
            cost_up: self.cost_up + other.cost_up,
            cost_down: self.cost_down + other.cost_down,
            single: self.single && other.single,
        }
    }

    /// Up and down.
    pub fn variables(self) -> [Variable; 2] {
        if self.single {
            return [Variable { cost: 0.0, low: -self.down, high: self.up }, Variable { cost: 0.0, low: 0.0, high: 0.0 }];
        }
        let [up, down] = [(self.cost_up, self.up), (self.cost_down, self.down)];
        [up, down].map(|(cost, high)| Variable { cost, low: 0.0, high })
    }
}
