//! A single request on a connection of its own.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::HttpTarget;
use super::response::{self, Answer};
use crate::load::clock::{Clock, WallClock};

/// The answer to a request, which must come within the target's timeout and within so many seconds.
pub(super) fn exchanged(target: &HttpTarget, most_seconds: f64, request: &[u8]) -> io::Result<Answer> {
    let patience = Duration::from_secs_f64(target.timeout_seconds.clamp(0.001, most_seconds));
    let clock = WallClock::start();
    let left = || patience.checked_sub(Duration::from_nanos(clock.now())).filter(|left| !left.is_zero());
    let mut stream = TcpStream::connect_timeout(&target.address, patience)?;
    stream.set_write_timeout(Some(left().ok_or(io::ErrorKind::TimedOut)?))?;
    stream.write_all(request)?;
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
