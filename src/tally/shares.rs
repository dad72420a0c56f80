//! Parts of a whole that are sums of other sums: what their share needs for its interval.

use super::Layout;
use crate::model::Model;
use crate::scenario::OwnMeasure;

/// A part and its whole, as places of other sums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Share {
    part: Vec<usize>,
    whole: Vec<usize>,
}

impl Layout {
    /// Sums of a share: part, whole, and both together, whose square tells how they go along.
    pub(super) const SHARE: usize = 3;

    /// How many shares a model's tallies keep.
    pub(super) fn shares_of(model: &Model) -> usize {
        let told = if model.tells_unknown { model.causes + 1 } else { 0 };
        told + usize::from(!model.own_measures.is_empty())
    }

    /// Disconnections that were put down to a cause, or (one place after the last) to none, of all.
    #[must_use]
    pub(crate) fn share_told(self, cause: usize) -> [usize; Layout::SHARE] {
        self.share(cause)
    }

    /// Measures of the platform's own that strike the innocent, of all; the last share.
    #[must_use]
    pub(crate) fn share_of_innocent(self) -> [usize; Layout::SHARE] {
        self.share(self.shares - 1)
    }

    fn share(self, place: usize) -> [usize; Layout::SHARE] {
        std::array::from_fn(|i| self.first_share() + place * Layout::SHARE + i)
    }
}

/// The shares of a model, in the order of their places.
pub(super) fn compile(model: &Model, layout: Layout) -> Vec<Share> {
    let mut shares = Vec::new();
    if model.tells_unknown {
        let told = (0..model.causes).map(|cause| layout.told(cause));
        let whole: Vec<usize> = told.chain([layout.untold()]).collect();
        shares.extend(whole.iter().map(|&part| Share { part: vec![part], whole: whole.clone() }));
    }
    if !model.own_measures.is_empty() {
        let place = |measure: &OwnMeasure| match measure.disconnection {
            Some(cause) => layout.disconnections(cause),
            None => layout.flags(measure.cause),
        };
        let innocent = model.own_measures.iter().filter(|measure| measure.innocent);
        shares.push(Share {
            part: innocent.map(place).collect(),
            whole: model.own_measures.iter().map(place).collect(),
        });
    }
    shares
}

/// Fills in the sums of shares once the others are known.
pub(super) fn add(shares: &[Share], layout: Layout, sums: &mut [u64]) {
    for (place, share) in shares.iter().enumerate() {
        let of = |places: &[usize]| places.iter().map(|&place| sums[place]).sum::<u64>();
        let (part, whole) = (of(&share.part), of(&share.whole));
        for (place, sum) in layout.share(place).into_iter().zip([part, whole, part + whole]) {
            sums[place] = sum;
        }
    }
}
