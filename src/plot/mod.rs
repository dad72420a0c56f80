//! Draws results: one function a picture, each returning SVG text that stands alone; [`png()`] turns it into pixels. Text
//! stays text in the SVG and is set in a bundled font in the PNG, so that no system font is needed.

mod axes;
mod canvas;
mod daily;
mod delivered;
mod incidence;
mod labels;
#[cfg(feature = "load")]
mod load;
mod occupancy;
mod png;
mod risk_curve;
mod utilisation;

pub use daily::daily;
pub use delivered::delivered;
pub use incidence::incidence;
#[cfg(feature = "load")]
pub use load::{load_latency, load_over_time, load_throughput};
pub use occupancy::occupancy;
pub use png::png;
pub use risk_curve::risk_curve;
pub use utilisation::utilisation;

/// Why a picture could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlotError {
    /// The drawing backend refused.
    #[error("drawing refused: {0}")]
    Draw(String),
    /// The SVG could not be read back.
    #[error("the SVG cannot be read: {0}")]
    Svg(String),
    /// The picture could not be encoded as PNG.
    #[error("the PNG cannot be encoded: {0}")]
    Png(String),
}
