//! Draws from the laws of a scenario: lengths in whole days, and counts of a day.

use pacewise::scenario::{CountLaw, DaysLaw};
use rand::{Rng, RngExt};
use rand_distr::{Distribution, Gamma, Geometric, LogNormal, Normal, Poisson};

/// A number of whole days.
pub(crate) fn draw_days(law: DaysLaw, rng: &mut impl Rng) -> u32 {
    match law {
        DaysLaw::Fixed(days) => days,
        DaysLaw::Geometric { mean, at_least } => {
            let failures = Geometric::new(1.0 / (mean - f64::from(at_least) + 1.0));
            at_least + failures.expect("a mean of at least at_least").sample(rng) as u32
        }
        DaysLaw::Uniform { min, max } => rng.random_range(min..=max),
        DaysLaw::LogNormal { median, sigma, min, max } => {
            let law = LogNormal::new(median.ln(), sigma).expect("a positive median");
            loop {
                let days = law.sample(rng).round();
                if days >= f64::from(min) && days <= f64::from(max) {
                    return days as u32;
                }
            }
        }
    }
}

/// The count of a day whose mean is `mean`, the factors of the day included.
pub(crate) fn draw_count(law: CountLaw, mean: f64, rng: &mut impl Rng) -> u32 {
    if mean <= 0.0 {
        return 0;
    }
    match law {
        CountLaw::Poisson { .. } => poisson(mean, rng),
        CountLaw::NegativeBinomial { size, .. } => {
            let rate = Gamma::new(size, mean / size).expect("a positive size").sample(rng);
            poisson(rate, rng)
        }
        CountLaw::Quota { variation, .. } => {
            let law = Normal::new(mean, variation * mean).expect("a finite variation");
            round_at_random(law.sample(rng).max(0.0), rng)
        }
        CountLaw::Sessions { .. } | CountLaw::SelfExciting { .. } | CountLaw::Recorded { .. } => {
            panic!("bursts and logs state times, not counts of days")
        }
    }
}

/// A Poisson number.
pub(crate) fn poisson(mean: f64, rng: &mut impl Rng) -> u32 {
    if mean > 0.0 { Poisson::new(mean).expect("a positive mean").sample(rng) as u32 } else { 0 }
}

/// One of the two neighbouring integers, so that the mean stays.
fn round_at_random(x: f64, rng: &mut impl Rng) -> u32 {
    x.floor() as u32 + u32::from(rng.random_bool(x - x.floor()))
}
