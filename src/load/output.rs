//! What was measured, in the formats of `HdrHistogram` and as CSV.

use std::fmt::Write as _;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use hdrhistogram::Histogram;
use hdrhistogram::serialization::interval_log::{
    IntervalLogHistogram, IntervalLogIterator, IntervalLogWriterBuilder, LogEntry,
};
use hdrhistogram::serialization::{Deserializer, V2DeflateSerializer};

use super::call::Nanos;
use super::measure::Recorder;
use super::summary::Summary;

/// The latencies of a run in every form that files need.
#[derive(Debug, Clone)]
pub struct Curves {
    /// All latencies as a percentile distribution (`.hgrm`), in milliseconds.
    pub hgrm: String,
    /// The latencies of each slice as an interval log (`.hlog`), in nanoseconds.
    pub hlog: Vec<u8>,
    /// Percentile and latency in nanoseconds, for drawing: of all, of allowed and of denied checks.
    pub percentiles: [Vec<(f64, Nanos)>; 3],
}

impl Curves {
    /// The latencies of a run.
    #[must_use]
    pub fn of(recorder: &Recorder) -> Curves {
        let all = recorder.all();
        Curves {
            hgrm: hgrm(&all),
            hlog: hlog(recorder),
            percentiles: [&all, &recorder.allowed, &recorder.denied].map(percentiles),
        }
    }
}

fn percentiles(histogram: &Histogram<u64>) -> Vec<(f64, Nanos)> {
    let steps = histogram.iter_quantiles(5);
    let told = steps.map(|step| (step.quantile_iterated_to(), step.value_iterated_to()));
    told.filter(|(share, _)| *share < 1.0).collect()
}

/// The format of the plotter of `HdrHistogram`: value, percentile, count so far, 1/(1 - percentile).
fn hgrm(histogram: &Histogram<u64>) -> String {
    let mut text = String::from("       Value     Percentile TotalCount 1/(1-Percentile)\n\n");
    for step in histogram.iter_quantiles(5).filter(|_| !histogram.is_empty()) {
        let (share, value) = (step.quantile_iterated_to(), step.value_iterated_to() as f64 / 1e6);
        let so_far = histogram.count_between(0, step.value_iterated_to());
        let _ = write!(text, "{value:12.6} {share:14.12} {so_far:10}");
        let _ = if share < 1.0 {
            writeln!(text, " {:14.2}", 1.0 / (1.0 - share))
        } else {
            writeln!(text, "            inf")
        };
    }
    let ms = |ns: f64| ns / 1e6;
    let _ = writeln!(
        text,
        "#[Mean    = {:12.6}, StdDeviation   = {:12.6}]",
        ms(histogram.mean()),
        ms(histogram.stdev())
    );
    let _ = writeln!(
        text,
        "#[Max     = {:12.6}, Total count    = {:12}]",
        ms(histogram.max() as f64),
        histogram.len()
    );
    let (buckets, sub) = (histogram.buckets(), 2_048);
    let _ = writeln!(text, "#[Buckets = {buckets:12}, SubBuckets     = {sub:12}]");
    text
}

fn hlog(recorder: &Recorder) -> Vec<u8> {
    let (mut bytes, mut serializer) = (Vec::new(), V2DeflateSerializer::new());
    let length = Duration::from_nanos(recorder.slice_length());
    let mut builder = IntervalLogWriterBuilder::new();
    builder.add_comment(
        "[Latencies in nanoseconds, from the intended start; times in seconds after the warm-up]",
    );
    builder.with_max_value_divisor(1e6);
    // Memory takes whatever is written to it.
    if let Ok(mut writer) = builder.begin_log_with(&mut bytes, &mut serializer) {
        for (place, slice) in recorder.slices().iter().enumerate() {
            let start = Duration::from_nanos(place as Nanos * recorder.slice_length());
            let _ = writer.write_histogram(&slice.latency, start, length, None);
        }
    }
    bytes
}

/// Why an interval log could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no interval log of HdrHistogram that `pacewise load --out` has written")]
pub struct LogUnread;

/// The histograms of an interval log, in order.
///
/// # Errors
/// When it is none.
pub fn read_hlog(bytes: &[u8]) -> Result<Vec<Histogram<u64>>, LogUnread> {
    let mut deserializer = Deserializer::new();
    let mut read = |entry: &IntervalLogHistogram<'_>| {
        let bytes = BASE64_STANDARD.decode(entry.encoded_histogram()).ok()?;
        deserializer.deserialize(&mut bytes.as_slice()).ok()
    };
    let mut all = Vec::new();
    for entry in IntervalLogIterator::new(bytes) {
        if let LogEntry::Interval(interval) = entry.map_err(|_| LogUnread)? {
            all.push(read(&interval).ok_or(LogUnread)?);
        }
    }
    Ok(all)
}

/// The time series as CSV.
///
/// # Errors
/// When the writer fails.
pub fn write_timeseries(summary: &Summary, out: impl std::io::Write) -> csv::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record([
        "seconds",
        "lasted",
        "answered",
        "allowed",
        "denied",
        "errors",
        "wrong",
        "per_second",
        "p50_ns",
        "p99_ns",
        "max_ns",
    ])?;
    for slice in &summary.slices {
        let counts = slice.counts;
        let per_second = slice.answered_per_second();
        let numbers = [counts.answered, counts.allowed, counts.denied, counts.errors, counts.wrong];
        let mut row = vec![format!("{:.3}", slice.at_seconds), format!("{:.3}", slice.lasted_seconds)];
        row.extend(numbers.map(|number| number.to_string()));
        row.push(format!("{per_second:.1}"));
        row.extend([slice.p50_ns, slice.p99_ns, slice.max_ns].map(|number| number.to_string()));
        writer.write_record(&row)?;
    }
    writer.flush()?;
    Ok(())
}
