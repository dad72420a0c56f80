//! How much activity can accounts carry before a platform flags, restricts or disconnects them?

pub mod engine;
pub mod estimate;
pub mod model;
pub mod numbers;
pub mod pace;
#[cfg(feature = "plot")]
pub mod plot;
pub mod random;
pub mod report;
pub mod results;
pub mod rules;
pub mod scenario;
pub mod stats;
pub mod tally;
pub mod time;
