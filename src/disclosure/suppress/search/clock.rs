//! How long a search may still go on.

use std::time::Instant;

#[derive(Clone, Copy)]
pub(super) struct Clock {
    began: Instant,
    seconds_max: Option<f64>,
}

impl Clock {
    pub fn start(seconds_max: Option<f64>) -> Self {
        Self { began: Instant::now(), seconds_max }
    }

    /// Since the same moment, with a part of the time.
    pub fn part(self, part: f64) -> Self {
        Self { seconds_max: self.seconds_max.map(|max| max * part), ..self }
    }

    pub fn left(self) -> f64 {
        self.seconds_max.map_or(f64::INFINITY, |max| max - self.began.elapsed().as_secs_f64())
    }

    pub fn is_over(self) -> bool {
        self.left() <= 0.0
    }
}
