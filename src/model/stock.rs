//! Stocks: what is pending, accepted or reported, against a limit.

use super::response::Answers;
use crate::scenario::StockOf;

/// A stock of the answers to one action.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StockModel {
    /// Place among the group's responses.
    pub(crate) response: usize,
    pub(crate) of: StockOf,
    pub(crate) limit: u32,
}

impl StockModel {
    /// Whether it is over its limit at the end of a day.
    pub(super) fn is_breached(&self, answers: &Answers) -> bool {
        self.count(answers) > self.limit
    }

    /// How many more actions it has room for now.
    pub(super) fn room(&self, answers: &Answers) -> u32 {
        let left = self.limit.saturating_sub(self.count(answers));
        match self.of {
            StockOf::Pending => left.saturating_sub(answers.sent_today),
            StockOf::Accepted | StockOf::Reported if left == 0 => 0,
            StockOf::Accepted | StockOf::Reported => u32::MAX,
        }
    }

    fn count(&self, answers: &Answers) -> u32 {
        match self.of {
            StockOf::Pending => answers.pending,
            StockOf::Accepted => answers.accepted,
            StockOf::Reported => answers.reported,
        }
    }
}
