//! How a sequence of trials that wants a precision is cut into rounds. Looks at the data are few, and none comes early.

/// Trials of the first round.
const FIRST: u64 = 4_096;
/// How many times as many trials as so far a round ends at, at least and at most.
const GROWTH: (f64, f64) = (1.25, 4.0);
/// What is added to the number of trials foretold, so that most runs need no further round.
const MARGIN: f64 = 1.02;

/// Rounds until an interval is narrow enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rounds {
    /// Largest half-width wanted.
    pub half_width: f64,
    /// Most trials.
    pub at_most: u64,
}

/// Why no further round follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The interval is narrow enough.
    Precise,
    /// The most trials are done.
    Exhausted,
}

impl Rounds {
    /// The number of trials at which the next round ends, when `done` trials (0 at the start) gave `half_width`: what the
    /// precision so far foretells, within bounds.
    #[must_use]
    pub fn next_end(&self, done: u64, half_width: f64) -> u64 {
        if done == 0 {
            return FIRST.min(self.at_most);
        }
        let so_far = done as f64;
        let needed = so_far * (half_width / self.half_width).powi(2) * MARGIN;
        (needed.clamp(so_far * GROWTH.0, so_far * GROWTH.1).ceil() as u64).min(self.at_most)
    }

    /// Whether `done` trials that gave `half_width` are the last.
    #[must_use]
    pub fn end(&self, done: u64, half_width: f64) -> Option<End> {
        if half_width <= self.half_width {
            Some(End::Precise)
        } else {
            (done >= self.at_most).then_some(End::Exhausted)
        }
    }
}
