//! Is one run slower than another? Slices of time are drawn again and again, with replacement, from each run (the bootstrap of
//! Efron, 1979), in blocks of neighbours, since what disturbs one slice tends to disturb the next.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;
use serde::Serialize;

use crate::numbers::counted;
use crate::random::{Purpose, Stream};

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Mean latency.
    Mean,
    /// Median latency.
    P50,
    /// The 99th percentile of latency.
    P99,
    /// Checks that were answered in a slice.
    Answered,
}

/// All of them.
pub const MEASURES: [Measure; 4] = [Measure::Mean, Measure::P50, Measure::P99, Measure::Answered];

/// How a measure of B stands to that of A.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Ratio {
    /// What is compared.
    pub measure: Measure,
    /// The measure of A: nanoseconds, or checks a slice.
    pub a: f64,
    /// The measure of B.
    pub b: f64,
    /// B / A.
    pub ratio: f64,
    /// The lower end of the interval of B / A.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// Too few slices to tell anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a run has {} with answers: at least {LEAST} are needed; run longer, or with shorter slices (--slice)",
    counted(*.0 as u64, "slice")
)]
pub struct TooFew(usize);

/// The fewest slices of a run.
const LEAST: usize = 8;
const DRAWS: usize = 2_000;

/// Compares the slices of two runs at a level of confidence. The first and the last slice may be cut short; the last is left
/// out.
///
/// # Errors
/// When a run has too few slices.
pub fn compare(
    a: &[Histogram<u64>],
    b: &[Histogram<u64>],
    level: f64,
    seed: u64,
) -> Result<Vec<Ratio>, TooFew> {
    let (a, b) = (Slices::new(a)?, Slices::new(b)?);
    let mut random = Stream::new(seed, 0, 0, Purpose::Arrivals).generator(1);
    let mut drawn: Vec<Vec<f64>> = vec![Vec::with_capacity(DRAWS); MEASURES.len()];
    for _ in 0..DRAWS {
        let (of_a, of_b) = (a.drawn(&mut random), b.drawn(&mut random));
        for (ratios, (a, b)) in drawn.iter_mut().zip(of_a.into_iter().zip(of_b)) {
            ratios.push(b / a);
        }
    }
    let (all_a, all_b) = (a.all(), b.all());
    let ratio = |(place, mut ratios): (usize, Vec<f64>)| {
        ratios.sort_by(f64::total_cmp);
        let at = |share: f64| ratios[((share * DRAWS as f64) as usize).min(DRAWS - 1)];
        let (low, high) = (at((1.0 - level) / 2.0), at(f64::midpoint(1.0, level)));
        let (a, b) = (all_a[place], all_b[place]);
        Ratio { measure: MEASURES[place], a, b, ratio: b / a, low, high }
    };
    Ok(drawn.into_iter().enumerate().map(ratio).collect())
}

impl Ratio {
    /// Whether B is slower than A, as far as the interval can tell.
    #[must_use]
    pub fn is_slower(&self) -> bool {
        if self.measure == Measure::Answered { self.high < 1.0 } else { self.low > 1.0 }
    }

    /// Whether B is faster than A.
    #[must_use]
    pub fn is_faster(&self) -> bool {
        if self.measure == Measure::Answered { self.low > 1.0 } else { self.high < 1.0 }
    }
}

/// The slices of one run as counts of the latencies that occur in it.
struct Slices {
    /// In order.
    values: Vec<u64>,
    /// By slice: place of a value, and its count.
    counts: Vec<Vec<(u32, u64)>>,
    /// Neighbours that are drawn together.
    block: usize,
}

impl Slices {
    fn new(histograms: &[Histogram<u64>]) -> Result<Slices, TooFew> {
        let whole = &histograms[..histograms.len().saturating_sub(1)];
        let answered = whole.iter().filter(|slice| !slice.is_empty()).count();
        if answered < LEAST {
            return Err(TooFew(answered));
        }
        let mut places = BTreeMap::new();
        for value in whole.iter().flat_map(|slice| slice.iter_recorded().map(|step| step.value_iterated_to()))
        {
            places.insert(value, 0);
        }
        places.values_mut().enumerate().for_each(|(number, place)| *place = number as u32);
        let counted = |slice: &Histogram<u64>| {
            let steps = slice.iter_recorded();
            steps.map(|step| (places[&step.value_iterated_to()], step.count_at_value())).collect()
        };
        let block = (whole.len() as f64).cbrt().round().max(1.0) as usize;
        Ok(Slices {
            counts: whole.iter().map(counted).collect(),
            values: places.into_keys().collect(),
            block,
        })
    }

    fn all(&self) -> [f64; 4] {
        self.measures(0..self.counts.len())
    }

    /// The measures of slices that are drawn in blocks, as many as there are.
    fn drawn(&self, random: &mut Xoshiro256PlusPlus) -> [f64; 4] {
        let all = self.counts.len();
        let starts = (0..all.div_ceil(self.block)).map(|_| random.random_range(0..all));
        let starts: Vec<usize> = starts.collect();
        let slices = starts.iter().flat_map(|start| (0..self.block).map(move |step| (start + step) % all));
        self.measures(slices.take(all))
    }

    fn measures(&self, slices: impl Iterator<Item = usize>) -> [f64; 4] {
        let (mut counts, mut number) = (vec![0_u64; self.values.len()], 0_u64);
        for slice in slices {
            number += 1;
            self.counts[slice].iter().for_each(|&(place, count)| counts[place as usize] += count);
        }
        let all: u64 = counts.iter().sum();
        let sum: f64 =
            counts.iter().zip(&self.values).map(|(&count, &value)| count as f64 * value as f64).sum();
        let at = |share: f64| {
            let rank = (share * all as f64).ceil() as u64;
            let mut seen = 0;
            let place = counts.iter().position(|count| {
                seen += count;
                seen >= rank.max(1)
            });
            place.map_or(0.0, |place| self.values[place] as f64)
        };
        [sum / all.max(1) as f64, at(0.5), at(0.99), all as f64 / number.max(1) as f64]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Slices of answers whose latency is about so many microseconds, with a spread of a tenth and bursts of trouble.
    fn run(seed: u64, micros: f64, slices: usize) -> Vec<Histogram<u64>> {
        let mut random = Stream::new(seed, 0, 0, Purpose::Arrivals).generator(0);
        let slice = |_| {
            let mut histogram = Histogram::new(3).expect("three digits");
            let disturbed = if random.random::<f64>() < 0.1 { 1.5 } else { 1.0 };
            for _ in 0..300 {
                let latency = micros * 1e3 * disturbed * (0.95 + 0.1 * random.random::<f64>());
                histogram.record(latency as u64).expect("it grows");
            }
            histogram
        };
        (0..slices).map(slice).collect()
    }

    #[test]
    fn a_run_that_is_a_tenth_slower_is_found_and_its_ratio_lies_in_the_interval() {
        for seed in 0..10 {
            let (a, b) = (run(seed, 100.0, 60), run(seed + 100, 110.0, 60));
            let found = compare(&a, &b, 0.95, 1).expect("enough slices");
            let p50 = found[1];
            assert!(p50.is_slower() && !p50.is_faster(), "{p50:?}");
            assert!(
                p50.low < p50.ratio && p50.ratio < p50.high + 1e-9 && (p50.ratio - 1.1).abs() < 0.02,
                "{p50:?}"
            );
            let back = compare(&b, &a, 0.95, 1).expect("enough slices")[1];
            assert!(back.is_faster(), "{back:?}");
        }
    }

    #[test]
    fn equal_runs_are_seldom_told_apart() {
        let told = (0..100).filter(|&seed| {
            let found = compare(&run(seed, 100.0, 40), &run(seed + 1_000, 100.0, 40), 0.95, seed)
                .expect("enough slices");
            found[0].is_slower() || found[0].is_faster()
        });
        // 5 expected of 100; the bootstrap of 40 slices errs a little more often. 15 lies 4 z above.
        let told = told.count();
        assert!(told <= 15, "{told} of 100 equal pairs are told apart");
    }

    #[test]
    fn too_few_slices_are_refused() {
        let (few, many) = (run(1, 100.0, 8), run(2, 100.0, 9));
        assert_eq!(compare(&few, &many, 0.95, 1), Err(TooFew(7)));
        assert!(compare(&many, &many, 0.95, 1).is_ok());
        assert_eq!(compare(&[], &many, 0.95, 1), Err(TooFew(0)));
    }
}
