//! How much activity can accounts carry before a platform flags, restricts or disconnects them?
//!
//! A scenario says what a team wants to do, how it paces itself and what the platform does about it. pacewise simulates
//! it many times and reports how likely flags, restrictions and disconnections are, with intervals. It sends nothing to
//! any platform.
//!
//! A scenario file is parsed into a [`Scenario`](scenario::Scenario), compiled into a [`Model`](model::Model), simulated
//! by the [`engine`] into a [`Tally`](tally::Tally), and estimated into [`Results`](results::Results), which [`report`]
//! presents:
//!
//! ```
//! use pacewise::engine::{Control, RunConfig, Stop, run};
//! use pacewise::estimate::{Intervals, results};
//! use pacewise::{model::Model, scenario::Scenario, stats::proportion::Method};
//!
//! let text = "start = 2026-01-05\nhorizon_days = 28\nplatform = \"linkedin\"\n[demand.connection_request]\npoisson = { mean = 12 }";
//! let scenario = Scenario::parse(text, "brisk").scenario.expect("no mistakes");
//! let model = Model::compile(&scenario);
//! let config = RunConfig { seed: 1, stop: Stop::After(500), threads: None, level: 0.95, sample: false };
//! let run = run(&model, &config, &Control::default());
//! let how = Intervals { level: 0.95, method: Method::Wilson };
//! let flagged = results(&scenario, &model, &run.tally, run.reason, how).mean_account.flagged;
//! println!("flagged within four weeks: {:.3} [{:.3}, {:.3}]", flagged.value, flagged.low, flagged.high);
//! # assert!(flagged.low > 0.0 && flagged.high < 0.9);
//! ```
//!
//! The rooms and their order are described in `ARCHITECTURE.md`, the formulas in `docs/methods/`.

pub mod engine;
pub mod estimate;
pub mod eventlog;
pub mod limiter;
#[cfg(feature = "load")]
pub mod load;
pub mod model;
pub mod numbers;
pub mod pace;
#[cfg(feature = "plot")]
pub mod plot;
pub mod random;
pub mod report;
pub mod results;
pub mod rulebook;
pub mod rules;
pub mod savings;
pub mod scan;
pub mod scenario;
#[cfg(feature = "serve")]
pub mod serve;
pub mod spill;
pub mod stats;
pub mod tally;
pub mod time;
