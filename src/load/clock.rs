//! The only clock of the library, and what stands for it where time is made up.

use std::hint::spin_loop;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::call::{Nanos, SECOND};
use crate::time::Instant;

/// Time since the run began.
pub trait Clock {
    /// Nanoseconds since the run began.
    fn now(&self) -> Nanos;

    /// Comes back at `due`, or at once when that has passed.
    fn wait_until(&self, due: Nanos);

    /// Milliseconds of unix time at `now`.
    fn unix(&self, now: Nanos) -> Instant;
}

/// The clock of the system.
#[derive(Debug, Clone, Copy)]
pub struct WallClock {
    origin: std::time::Instant,
    unix: Instant,
}

/// Sleeping wakes late: the last stretch before an instant is waited for awake.
const AWAKE: Nanos = 100_000;

impl WallClock {
    /// A clock that starts now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "checks on the clock carry unix time")]
    pub fn start() -> WallClock {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        WallClock { origin: std::time::Instant::now(), unix: unix.as_millis() as Instant }
    }

    /// What a reading costs, in nanoseconds.
    #[must_use]
    pub fn cost(&self) -> f64 {
        const READINGS: u32 = 10_000;
        let before = self.now();
        for _ in 0..READINGS {
            std::hint::black_box(self.now());
        }
        (self.now() - before) as f64 / f64::from(READINGS)
    }
}

impl Clock for WallClock {
    #[inline]
    fn now(&self) -> Nanos {
        self.origin.elapsed().as_nanos() as Nanos
    }

    fn wait_until(&self, due: Nanos) {
        let left = due.saturating_sub(self.now());
        if left > AWAKE {
            std::thread::sleep(Duration::from_nanos(left - AWAKE));
        }
        while self.now() < due {
            spin_loop();
        }
    }

    fn unix(&self, now: Nanos) -> Instant {
        self.unix + (now / (SECOND / 1_000)) as Instant
    }
}

/// Nanoseconds of CPU that this process has taken.
#[must_use]
pub fn cpu() -> Nanos {
    let taken = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    taken.tv_sec as Nanos * SECOND + taken.tv_nsec as Nanos
}
