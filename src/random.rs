//! Random streams: one for each (seed, replicate, account, purpose), read at any position.
//!
//! A stream is the sequence of `SplitMix64` (Steele, Lea and Flood, 2014, "Fast splittable pseudorandom number
//! generators") from a start that is a 64-bit mix of its coordinates. Position i can be read without the positions before
//! it, so that a draw belongs to *what* it decides (this day, this action, this rule) and not to when it was asked for:
//! two scenarios that differ in one number see the same luck elsewhere, and a fast engine may skip draws whose result it
//! does not need without shifting any other.

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finaliser of `SplitMix64`: a bijection of 64-bit words in which every input bit moves about half of the output bits.
#[must_use]
#[inline]
pub fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

/// What the numbers of a stream decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// How many actions a day brings.
    Counts = 0,
    /// When within the day they happen.
    Times = 1,
    /// Whether a breach is noticed.
    Detection = 2,
    /// On which days an incident would strike.
    Incidents = 3,
    /// How long restrictions and reconnections take.
    Delays = 4,
    /// Whether a hazard of a trait or a link strikes.
    Hazards = 5,
    /// How many actions a day brings in the background, and when.
    Background = 6,
    /// When sessions and actions that lead to others begin, and what they bring.
    Bursts = 7,
    /// What follows a disconnection besides its plain delay.
    Aftermath = 8,
    /// When the user who authorises a Page loses the role for it.
    Pages = 9,
    /// On which days an incident would strike all accounts of a platform.
    SharedIncidents = 10,
    /// What rules beyond the counts of windows need: lengths of restricted features, answers, trials by the day.
    Beyond = 12,
    /// Which checks a load test asks.
    Workload = 14,
    /// When it asks them.
    Arrivals = 15,
}

/// A random stream that can be read at any position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stream(u64);

impl Stream {
    /// The stream of one account of one replicate for one purpose.
    ///
    /// Distinct coordinates of one seed never share a start while there are at most 2^40 replicates of at most 2^20 accounts.
    #[must_use]
    pub fn new(seed: u64, replicate: u64, account: u32, purpose: Purpose) -> Stream {
        let coordinates = (replicate << 24) | (u64::from(account) << 4) | purpose as u64;
        Stream(mix(coordinates ^ mix(seed.wrapping_add(GOLDEN))))
    }

    /// The 64-bit word at a position.
    #[must_use]
    #[inline]
    pub fn word(self, position: u64) -> u64 {
        mix(self.0.wrapping_add(position.wrapping_add(1).wrapping_mul(GOLDEN)))
    }

    /// A stream of its own at a position, for a decision that needs many words.
    #[must_use]
    #[inline]
    pub fn branch(self, position: u64) -> Stream {
        Stream(self.word(position))
    }

    /// A generator of the `rand` family started from a position, for samplers that take one.
    #[must_use]
    pub fn generator(self, position: u64) -> Xoshiro256PlusPlus {
        Xoshiro256PlusPlus::seed_from_u64(self.word(position))
    }
}

/// A probability as a threshold: a uniform 64-bit word below it is a success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chance(u128);

impl Chance {
    /// From a probability in [0, 1], exact to 2^-64.
    #[must_use]
    pub fn new(probability: f64) -> Chance {
        Chance((probability.clamp(0.0, 1.0) * 18_446_744_073_709_551_616.0) as u128)
    }

    /// Whether a uniform word is a success.
    #[must_use]
    #[inline]
    pub fn hits(self, word: u64) -> bool {
        u128::from(word) < self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_pinned() {
        let stream = Stream::new(1, 0, 0, Purpose::Counts);
        let words: Vec<u64> = (0..3).map(|i| stream.word(i)).collect();
        assert_eq!(
            words,
            [7_982_734_928_498_899_980, 7_851_527_857_629_710_090, 9_955_129_241_680_291_498],
            "a change here changes every result: say so in the changelog"
        );
    }

    #[test]
    fn splitmix_agrees_with_the_published_sequence() {
        // The first outputs of SplitMix64 from state 1234567, as given with the reference implementation.
        let stream = Stream(1_234_567);
        let words: Vec<u64> = (0..3).map(|i| stream.word(i)).collect();
        assert_eq!(words, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn neighbouring_coordinates_give_unrelated_words() {
        let reference = Stream::new(7, 5, 3, Purpose::Counts).word(0);
        for other in [
            Stream::new(8, 5, 3, Purpose::Counts),
            Stream::new(7, 6, 3, Purpose::Counts),
            Stream::new(7, 5, 4, Purpose::Counts),
            Stream::new(7, 5, 3, Purpose::Times),
        ] {
            let distance = (reference ^ other.word(0)).count_ones();
            assert!((14..=50).contains(&distance), "{distance} bits differ");
        }
    }

    #[test]
    fn chances_are_exact_at_both_ends() {
        assert!(!Chance::new(0.0).hits(0));
        assert!(Chance::new(1.0).hits(u64::MAX));
        assert!(Chance::new(0.5).hits(u64::MAX / 2));
        assert!(!Chance::new(0.5).hits(u64::MAX / 2 + 1));
    }
}
