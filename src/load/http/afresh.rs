//! Asking an HTTP target once more, under accounts that it has never seen.

use super::single::exchanged;
use super::{HttpTarget, Protocol};
use crate::load::call::Call;
use crate::load::judge::{Fault, Judge, Verdict};
use crate::load::plan::Times;
use crate::rulebook::Rulebook;

/// The longest history that is asked once more.
const LONGEST: usize = 10_000;
/// An answer is waited for at most so many seconds.
const LONGEST_WAIT: f64 = 60.0;

/// Whether the target errs at the last of these checks too when they are asked of it in the name of `account`, which must be
/// new to it. Only for targets that run on given times; false where it cannot be told.
#[must_use]
pub fn errs_afresh(target: &HttpTarget, book: &Rulebook, account: u32, calls: &[Call], fault: Fault) -> bool {
    let calls = calls.iter().map(|call| target.protocol.told(Call { account, ..*call }));
    let calls: Vec<Call> = calls.collect();
    if calls.len() > LONGEST || matches!(target.protocol, Protocol::Template(_)) {
        return false;
    }
    let mut request = Vec::new();
    let named = (book, &target.names);
    target.protocol.write(&target.url.authority(), named, Times::Given, &calls, &mut request);
    let Ok(answer) = exchanged(target, LONGEST_WAIT, &request) else { return false };
    let Ok(told) = target.protocol.read(book, &answer, calls.len()) else { return false };
    let mut judge = Judge::new(book);
    let verdicts = calls.iter().zip(told).map(|(&call, (said, _))| judge.judge(call, said));
    matches!(verdicts.last(), Some(Verdict::Wrong(wrong)) if wrong.fault == fault)
}
