//! The plain Rust peers of W1 and W2: the workloads hard-coded the way one writes them without tricks, on one thread.
//!
//! Laws are built once, sliding windows are deques of times, and only what the workloads' answer asks for is kept.

mod tally;
mod w1;
mod w2;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, RngExt, SeedableRng};
use rand_distr::{Distribution, Geometric};

pub(crate) use tally::Answer;
use tally::Tally;

const HORIZON: u32 = 365;
const MEANS: [f64; 4] = [20.0, 40.0, 18.0, 25.0];
const WEEKEND_FACTOR: f64 = 0.2;
const REQUEST: usize = 2;
const TOKEN_DAYS: u32 = 365;
const IDLE_DAYS: u32 = 60;
const INCIDENTS: [(Cause, f64); 3] =
    [(Cause::Password, 0.001), (Cause::Revoked, 0.0003), (Cause::Admin, 0.0002)];

/// Why an account was disconnected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    Restriction,
    Password,
    Revoked,
    Admin,
    TokenAge,
    Inactivity,
}

/// What one account-year adds to the answer.
#[derive(Debug, Default)]
struct Year {
    flaggings: u32,
    disconnected_days: f64,
    delivered_requests: u32,
    first_disconnection: Option<(u32, Cause)>,
}

impl Year {
    fn disconnect(&mut self, day: u32, cause: Cause) {
        self.first_disconnection.get_or_insert((day, cause));
    }

    /// Days of the restriction that the next flagging brings; none: permanent.
    fn flag(&mut self) -> Option<u32> {
        self.flaggings += 1;
        match self.flaggings {
            1 => Some(3),
            2 => Some(14),
            _ => None,
        }
    }
}

/// W1, `replicates` account-years at day resolution.
pub(crate) fn w1(replicates: u64, seed: u64) -> Answer {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut simulator = w1::Simulator::new();
    let mut tally = Tally::default();
    for _ in 0..replicates {
        tally.record(&simulator.year(&mut rng));
    }
    tally.answer()
}

/// W2, `replicates` account-years at event resolution.
pub(crate) fn w2(replicates: u64, seed: u64) -> Answer {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut simulator = w2::Simulator::new();
    let mut tally = Tally::default();
    for _ in 0..replicates {
        tally.record(&simulator.year(&mut rng));
    }
    tally.answer()
}

fn is_weekend(day: u32) -> bool {
    day % 7 >= 5
}

/// At most one incident strikes on a day.
fn draw_incident(rng: &mut impl Rng) -> Option<Cause> {
    let mut u: f64 = rng.random();
    for (cause, probability) in INCIDENTS {
        if u < probability {
            return Some(cause);
        }
        u -= probability;
    }
    None
}

/// Days until the reconnection: geometric, at least 1, mean 2.
fn draw_delay(law: &Geometric, rng: &mut impl Rng) -> u32 {
    1 + law.sample(rng) as u32
}

fn delay_law() -> Geometric {
    Geometric::new(0.5).expect("a probability")
}
