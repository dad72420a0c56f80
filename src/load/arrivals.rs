//! When checks are due: iterators of instants, which know no clock.

use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;

use super::call::{Nanos, SECOND};
use crate::random::{Purpose, Stream};

/// A stretch of time in which the rate follows a straight line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stage {
    /// How long it lasts; infinite for the last one of an endless schedule.
    pub seconds: f64,
    /// Checks a second at its beginning.
    pub from: f64,
    /// Checks a second at its end.
    pub to: f64,
}

impl Stage {
    /// A constant rate without an end.
    #[must_use]
    pub fn endless(per_second: f64) -> Stage {
        Stage { seconds: f64::INFINITY, from: per_second, to: per_second }
    }

    /// The checks that are due by so many seconds after its beginning.
    fn due_by(&self, seconds: f64) -> f64 {
        let slope = self.slope();
        self.from * seconds + 0.5 * slope * seconds * seconds
    }

    /// Seconds after its beginning at which so many checks are due.
    fn at(&self, checks: f64) -> f64 {
        let root = (self.from * self.from + 2.0 * self.slope() * checks).max(0.0).sqrt();
        if checks <= 0.0 { 0.0 } else { 2.0 * checks / (self.from + root) }
    }

    fn slope(&self) -> f64 {
        if self.seconds.is_finite() { (self.to - self.from) / self.seconds } else { 0.0 }
    }

    fn checks(&self) -> f64 {
        if self.seconds.is_finite() { self.due_by(self.seconds) } else { f64::INFINITY }
    }
}

/// The instants at which checks are due, in order, in nanoseconds from the beginning.
#[derive(Debug, Clone)]
pub struct Arrivals {
    stages: Vec<Stage>,
    stage: usize,
    /// When the stage begins, in seconds, and the checks that are due until then.
    begins: f64,
    before: f64,
    /// The checks that are due until the next one.
    due: f64,
    random: Option<Xoshiro256PlusPlus>,
}

impl Arrivals {
    /// Evenly spaced as the rates say; with a seed, at random (Poisson's law) with these rates.
    #[must_use]
    pub fn new(stages: Vec<Stage>, poisson: Option<u64>) -> Arrivals {
        let random = poisson.map(|seed| Stream::new(seed, 0, 0, Purpose::Arrivals).generator(0));
        Arrivals { stages, stage: 0, begins: 0.0, before: 0.0, due: 0.0, random }
    }
}

impl Iterator for Arrivals {
    type Item = Nanos;

    fn next(&mut self) -> Option<Nanos> {
        if let Some(random) = &mut self.random {
            let fraction: f64 = random.random();
            self.due -= (1.0 - fraction).ln();
        }
        loop {
            let stage = self.stages.get(self.stage)?;
            let checks = stage.checks();
            if self.due - self.before < checks {
                let seconds = self.begins + stage.at(self.due - self.before);
                if self.random.is_none() {
                    self.due += 1.0;
                }
                return Some((seconds * SECOND as f64).round() as Nanos);
            }
            (self.begins, self.before) = (self.begins + stage.seconds, self.before + checks);
            self.stage += 1;
        }
    }
}

/// Why a schedule could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no stage: write its length and its rate, as in \"10s@1000\", or two rates for a ramp, as in \"30s@100..5000\""
)]
pub struct StageError(String);

/// Reads stages such as `10s@1000,30s@1000..5000`: lengths in s, m or h (fractions allowed) and checks a second.
///
/// # Errors
/// When a stage cannot be read, is empty or longer than a day, or has a rate below 0, or one above `most`.
pub fn parse_stages(text: &str, most: f64) -> Result<Vec<Stage>, StageError> {
    text.split(',')
        .map(|part| parse_stage(part.trim(), most).ok_or_else(|| StageError(part.trim().to_owned())))
        .collect()
}

fn parse_stage(text: &str, most: f64) -> Option<Stage> {
    let (length, rates) = text.split_once('@')?;
    let (from, to) = rates.split_once("..").unwrap_or((rates, rates));
    let rate = |text: &str| text.trim().parse::<f64>().ok().filter(|rate| (0.0..=most).contains(rate));
    let stage = Stage { seconds: parse_seconds(length)?, from: rate(from)?, to: rate(to)? };
    (stage.seconds > 0.0 && stage.seconds <= 86_400.0).then_some(stage)
}

/// Reads a length of time such as `1.5s`, `250ms`, `2m` or `1h`, in seconds.
#[must_use]
pub fn parse_seconds(text: &str) -> Option<f64> {
    let text = text.trim();
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let factor = match unit.trim() {
        "ns" => 1e-9,
        "us" | "µs" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3_600.0,
        _ => return None,
    };
    let number: f64 = text[..text.len() - unit.len()].parse().ok()?;
    (number.is_finite() && number >= 0.0).then_some(number * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(stages: &[Stage], poisson: Option<u64>) -> Vec<Nanos> {
        Arrivals::new(stages.to_vec(), poisson).collect()
    }

    #[test]
    fn a_constant_rate_is_evenly_spaced_and_ends_with_its_stage() {
        let stage = Stage { seconds: 2.0, from: 4.0, to: 4.0 };
        let quarter = SECOND / 4;
        assert_eq!(all(&[stage], None), (0..8).map(|i| i * quarter).collect::<Vec<_>>());
        let endless: Vec<Nanos> = Arrivals::new(vec![Stage::endless(1_000.0)], None).take(3).collect();
        assert_eq!(endless, [0, 1_000_000, 2_000_000]);
    }

    #[test]
    fn a_ramp_brings_its_area_and_steps_follow_one_another() {
        let ramp = Stage { seconds: 10.0, from: 0.0, to: 100.0 };
        let due = all(&[ramp], None);
        assert_eq!(due.len(), 500);
        // A quarter of the checks is due in the first half: t^2 / 2 x 10.
        assert_eq!(due.iter().filter(|&&at| at < 5 * SECOND).count(), 125);
        let pause = Stage { seconds: 3.0, from: 0.0, to: 0.0 };
        let step = Stage { seconds: 1.0, from: 2.0, to: 2.0 };
        assert_eq!(all(&[step, pause, step], None), [0, SECOND / 2, 4 * SECOND, 9 * SECOND / 2]);
        let down = Stage { seconds: 1.0, from: 10.0, to: 0.0 };
        assert_eq!(all(&[down], None).len(), 5);
        assert!(all(&[pause], None).is_empty());
    }

    #[test]
    fn random_arrivals_have_the_rate_and_the_spread_of_poissons_law() {
        let stages = [Stage { seconds: 100.0, from: 200.0, to: 200.0 }];
        let due = all(&stages, Some(7));
        // 20,000 expected, standard deviation 141: 5 z.
        assert!(due.len().abs_diff(20_000) < 707, "{}", due.len());
        assert!(due.is_sorted());
        assert_eq!(due, all(&stages, Some(7)));
        assert_ne!(due, all(&stages, Some(8)));
        let gaps: Vec<f64> = due.windows(2).map(|pair| (pair[1] - pair[0]) as f64 / 1e9).collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
        // The standard deviation of an exponential gap is its mean; of its estimate about 1 % at this size.
        assert!((variance.sqrt() / mean - 1.0).abs() < 0.05, "{}", variance.sqrt() / mean);
    }

    #[test]
    fn stages_are_read_and_refused() {
        let stage = |seconds, from, to| Stage { seconds, from, to };
        let read = parse_stages("10s@1000, 30s@1000..5000,1.5m@0", 1e6);
        assert_eq!(read, Ok(vec![stage(10.0, 1e3, 1e3), stage(30.0, 1e3, 5e3), stage(90.0, 0.0, 0.0)]));
        for wrong in ["", "10s", "@5", "0s@5", "10s@-1", "10s@1..", "25h@1", "10@5", "1s@1e7", "1s@nan"] {
            assert!(parse_stages(wrong, 1e6).is_err(), "{wrong}");
        }
        assert_eq!(
            (parse_seconds("250ms"), parse_seconds("2"), parse_seconds("s")),
            (Some(0.25), None, None)
        );
    }
}
