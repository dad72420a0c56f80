//! The load-testing harness: it puts a workload of checks to a target at a chosen pace, holds every answer against the rules,
//! and measures how long answers take.
//!
//! - Latency runs from the instant at which a check was due, not from the one at which it could be sent: a target that stalls
//!   is charged for the checks that had to wait (no coordinated omission).
//! - An account belongs to one thread or one connection, so that the order of its checks is known, and with it what each
//!   answer must be. The judge of answers shares no code with the limiter. A wrong answer comes with the shortest history
//!   that shows it.
//! - Only loopback is asked; private addresses where the user names the host, public ones never.
//!
//! ```
//! use pacewise::load::{Pace, Pattern, Plan, SharedLimiter, Synthetic, Times, Watch, Workload, run};
//! use pacewise::rulebook::Rulebook;
//! use pacewise::rules::{Calendar, Limit, Rule, Window};
//! use pacewise::time::HOUR;
//!
//! let rule = Rule { actions: vec![0], limits: vec![Limit { window: Window::Sliding(HOUR), max: 3 }] };
//! let rules = vec![("messages".into(), rule)];
//! let book = Rulebook::new(rules, vec!["message".into()], Calendar::Civil, "an example".into());
//! let laws = Synthetic { pattern: Pattern::Borders, accounts: 50, skew: 1.0, mix: vec![], per_day: 20.0, start: 0, seed: 1 };
//! let plan = Plan {
//!     pace: Pace::Closed,
//!     times: Times::Given,
//!     checks: 10_000,
//!     seconds: 60.0,
//!     warm_up_seconds: 0.0,
//!     slice_seconds: 1.0,
//!     batch: 1,
//!     seed: 1,
//! };
//! let limiter = SharedLimiter::new(&book);
//! let found = run(&Workload::Synthetic(laws), &book, &plan, 1, || limiter.clone(), &Watch::default());
//! assert!(found.judged() == 10_000 && found.wrong() == 0);
//! ```

mod accuracy;
mod arrivals;
mod call;
mod capacity;
mod clock;
mod compare;
mod days;
mod history;
mod http;
mod in_process;
mod judge;
mod machine;
mod measure;
mod names;
mod output;
mod plan;
mod summary;
mod synthetic;
mod threshold;
mod workload;

pub use accuracy::{Accuracy, NotWeighed, weigh};
pub use arrivals::{Arrivals, Stage, StageError, parse_seconds, parse_stages};
pub use call::{Call, Nanos, Retry, Said};
pub use capacity::{Capacity, Probe, Tried, find_capacity, probe_seconds};
pub use clock::{Clock, WallClock, cpu};
pub use compare::{MEASURES, Measure, Ratio, TooFew, compare};
pub use history::{explain, shortest};
pub use http::{
    AddressError, HttpTarget, Protocol, Template, TemplateError, Unlike, Url, errs_afresh, run_http, unlike,
};
pub use in_process::{Driver, SharedLimiter, Target, errs, run};
pub use judge::{Fault, Judge, Verdict, Wrong};
pub use machine::Machine;
pub use measure::{Counts, Recorder, Slice, Trouble};
pub use names::Names;
pub use output::{Curves, LogUnread, read_hlog, write_timeseries};
pub use plan::{Pace, Plan, Times, Watch};
pub use summary::{
    Described, Latencies, Latency, QUANTILES, SCHEMA, SliceSummary, Summary, WrongCounts, WrongDecision,
};
pub use synthetic::{Pattern, Synthetic};
pub use threshold::{Kept, Threshold, ThresholdError};
pub use workload::Workload;
