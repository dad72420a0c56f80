//! Asking an HTTP target once more, under accounts that it has never seen.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::response::{self, Answer};
use super::{HttpTarget, Protocol};
use crate::load::call::Call;
use crate::load::clock::{Clock, WallClock};
use crate::load::judge::{Fault, Judge, Verdict};
use crate::load::plan::Times;
use crate::rulebook::Rulebook;

/// The longest history that is asked once more.
const LONGEST: usize = 10_000;

/// Whether the target errs at the last of these checks too when they are asked of it in the name of `account`, which must be
/// new to it. Only for targets that run on given times; false where it cannot be told.
#[must_use]
pub fn errs_afresh(target: &HttpTarget, book: &Rulebook, account: u32, calls: &[Call], fault: Fault) -> bool {
    let calls = calls.iter().map(|call| target.protocol.told(Call { account, ..*call }));
    let calls: Vec<Call> = calls.collect();
    if calls.len() > LONGEST || matches!(target.protocol, Protocol::Template(_)) {
        return false;
    }
    let Ok(answer) = ask(target, book, &calls) else { return false };
    let Ok(told) = target.protocol.read(book, &answer, calls.len()) else { return false };
    let mut judge = Judge::new(book);
    let verdicts = calls.iter().zip(told).map(|(&call, (said, _))| judge.judge(call, said));
    matches!(verdicts.last(), Some(Verdict::Wrong(wrong)) if wrong.fault == fault)
}

fn ask(target: &HttpTarget, book: &Rulebook, calls: &[Call]) -> io::Result<Answer> {
    let patience = Duration::from_secs_f64(target.timeout_seconds.clamp(0.001, 60.0));
    let clock = WallClock::start();
    let left = || patience.checked_sub(Duration::from_nanos(clock.now())).filter(|left| !left.is_zero());
    let mut stream = TcpStream::connect_timeout(&target.address, patience)?;
    stream.set_write_timeout(left())?;
    let mut request = Vec::new();
    target.protocol.write(&target.url.authority(), (book, &target.names), Times::Given, calls, &mut request);
    stream.write_all(&request)?;
    let (mut input, mut block) = (Vec::new(), [0; 16 << 10]);
    loop {
        // The whole answer must come in time, however slowly it drips.
        stream.set_read_timeout(Some(left().ok_or(io::ErrorKind::TimedOut)?))?;
        let read = stream.read(&mut block)?;
        input.extend_from_slice(&block[..read]);
        match response::read(&input, read == 0) {
            response::Read::Whole(answer, _) => return Ok(answer),
            response::Read::Part if read > 0 => {}
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
    }
}
