//! Logs of binary records: 16 bytes each, little endian: unix seconds (i64), account (u32), action (u32).

use super::blocks::Blocks;
use super::input::Input;
use super::mistake::{LogError, Mistake, Place};
use super::times::{Unit, WRITTEN};
use super::{BATCH, Event, Ledger};

/// The bytes of a record.
const RECORD: usize = 16;

#[derive(Debug)]
pub(super) struct RecordReader {
    blocks: Blocks,
    number: u64,
    pub(super) ledger: Ledger,
}

impl RecordReader {
    pub(super) fn new(input: Input, ledger: Ledger) -> RecordReader {
        RecordReader { blocks: Blocks::new(input), number: 0, ledger }
    }

    pub(super) fn read(&mut self, batch: &mut Vec<Event>) -> Result<bool, LogError> {
        if self.blocks.at_hand().len() < RECORD {
            if self.blocks.is_all() {
                return self.end().map(|()| false);
            }
            let after = || format!("record {}", self.number);
            self.blocks.read_more().map_err(|problem| LogError::Damaged { after: after(), problem })?;
        }
        let at_hand = self.blocks.at_hand();
        let whole = (at_hand.len() / RECORD).min(BATCH);
        for record in at_hand[..whole * RECORD].as_chunks::<RECORD>().0 {
            self.number += 1;
            take(record, self.number, &mut self.ledger, batch)?;
        }
        self.blocks.used(whole * RECORD);
        Ok(true)
    }

    /// What is left at the end is no record.
    fn end(&mut self) -> Result<(), LogError> {
        let left = self.blocks.at_hand().len();
        if left > 0 {
            self.blocks.end();
            self.ledger.note(Mistake {
                place: Place::Record(self.number + 1),
                what: format!("the log ends after {left} of its {RECORD} bytes"),
                accepted: "a record is 16 bytes: seconds (i64), account (u32), action (u32), little endian".to_owned(),
            })?;
        }
        Ok(())
    }

    pub(super) fn stop(&mut self) {
        self.blocks.end();
    }
}

#[inline]
fn take(record: &[u8; RECORD], number: u64, ledger: &mut Ledger, batch: &mut Vec<Event>) -> Result<(), LogError> {
    let packed = u128::from_le_bytes(*record);
    let (seconds, account, action) = (packed as i64, (packed >> 64) as u32, (packed >> 96) as u32);
    let Some(at) = Unit::Seconds.instant(seconds) else {
        return ledger.note(Mistake {
            place: Place::Record(number),
            what: format!("{seconds} seconds are outside of the years -9999 to 9999"),
            accepted: WRITTEN.to_owned(),
        });
    };
    let Some(action) = ledger.actions.of_number(action) else { return Ok(()) };
    let account = ledger.accounts.of_number(account);
    ledger.hand_on(Event { at, account, action }, batch, || Place::Record(number))
}
