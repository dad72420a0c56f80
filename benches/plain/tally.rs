//! Sums over account-years, and the answer that the workloads ask for.

use super::{Cause, HORIZON, Year};

/// The days by which first disconnections are counted.
pub(crate) const MARKS: [u32; 3] = [30, 90, HORIZON];

/// A mean over account-years with its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Mean {
    pub(crate) value: f64,
    pub(crate) standard_error: f64,
}

/// The answer of W1 and W2.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) flagged: f64,
    pub(crate) permanent: f64,
    pub(crate) disconnected: f64,
    pub(crate) disconnected_days: Mean,
    pub(crate) delivered_requests: Mean,
    /// By day 30, 90 and 365, the share of accounts whose first disconnection had each cause, in the order of [`Cause`].
    pub(crate) first_disconnection: [[f64; 6]; 3],
}

#[derive(Debug, Default)]
pub(super) struct Tally {
    years: u64,
    flagged: u64,
    permanent: u64,
    disconnected: u64,
    disconnected_days: Sums,
    delivered_requests: Sums,
    first_disconnection: [[u64; 6]; 3],
}

impl Tally {
    pub(super) fn record(&mut self, year: &Year) {
        self.years += 1;
        self.flagged += u64::from(year.flaggings >= 1);
        self.permanent += u64::from(year.flaggings >= 3);
        self.disconnected_days.add(year.disconnected_days);
        self.delivered_requests.add(f64::from(year.delivered_requests));
        if let Some((day, cause)) = year.first_disconnection {
            self.disconnected += 1;
            for (mark, by_cause) in MARKS.into_iter().zip(&mut self.first_disconnection) {
                by_cause[index(cause)] += u64::from(day < mark);
            }
        }
    }

    pub(super) fn answer(&self) -> Answer {
        let share = |count: u64| count as f64 / self.years as f64;
        Answer {
            flagged: share(self.flagged),
            permanent: share(self.permanent),
            disconnected: share(self.disconnected),
            disconnected_days: self.disconnected_days.mean(self.years),
            delivered_requests: self.delivered_requests.mean(self.years),
            first_disconnection: self.first_disconnection.map(|by_cause| by_cause.map(share)),
        }
    }
}

fn index(cause: Cause) -> usize {
    cause as usize
}

#[derive(Debug, Default)]
struct Sums {
    sum: f64,
    squares: f64,
}

impl Sums {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.squares += value * value;
    }

    fn mean(&self, n: u64) -> Mean {
        let n = n as f64;
        let value = self.sum / n;
        let variance = (self.squares / n - value * value).max(0.0);
        Mean { value, standard_error: (variance / n).sqrt() }
    }
}
