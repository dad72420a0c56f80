//! How much activity can accounts carry before a platform flags, restricts or disconnects them?

pub mod numbers;
#[cfg(feature = "plot")]
pub mod plot;
pub mod report;
pub mod results;
pub mod rules;
pub mod scenario;
pub mod stats;
pub mod time;
