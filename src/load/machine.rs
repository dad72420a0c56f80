//! How busy the machine is on which a run is made.

use serde::{Deserialize, Serialize};

/// The machine of a run, and what ran on it: programs that run or wait for a core, on average over a minute, this one included.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// Its cores.
    pub cores: usize,
    /// Its load as the run began.
    pub load_before: f64,
    /// Its load as the run ended.
    pub load_after: f64,
}

impl Machine {
    /// The machine as it is now, where the system tells its load (Linux).
    #[must_use]
    pub fn now() -> Option<Machine> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        load().map(|load| Machine { cores, load_before: load, load_after: load })
    }

    /// The same, with the load as it is now for its end.
    #[must_use]
    pub fn after(self) -> Machine {
        Machine { load_after: load().unwrap_or(self.load_after), ..self }
    }

    /// Whether there was more to do than cores to do it before the run had begun.
    #[must_use]
    pub fn was_busy(&self) -> bool {
        self.load_before > self.cores as f64
    }
}

fn load() -> Option<f64> {
    std::fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}
