//! One connection: at most one request at a time, and the checks that wait for it.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::SocketAddr;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

use super::response::{self, Answer};
use crate::load::call::{Call, Nanos};
use crate::load::measure::Trouble;

/// A check on its way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) number: u64,
    pub(super) call: Call,
    pub(super) due: Nanos,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Not connected; to be tried again at an instant.
    Down(Nanos),
    Connecting,
    Idle,
    /// A request is on its way.
    Busy,
}

/// Waiting times between attempts to connect: doubled each time.
const SHORTEST_PAUSE: Nanos = 5_000_000;
const LONGEST_PAUSE: Nanos = 500_000_000;

#[derive(Debug)]
pub(super) struct Connection {
    pub(super) state: State,
    stream: Option<TcpStream>,
    out: Vec<u8>,
    sent: usize,
    input: Vec<u8>,
    /// Checks that wait for the connection, in order.
    pub(super) waiting: VecDeque<Asked>,
    /// Checks of the request that is on its way.
    pub(super) flight: Vec<Asked>,
    /// When what is on its way is given up.
    pub(super) deadline: Nanos,
    /// Attempts to connect since the last answer.
    failures: u32,
    pub(super) made: u64,
}

/// What reading a connection found.
#[derive(Debug)]
pub(super) enum Got {
    Nothing,
    Answer(Answer),
    Trouble(Trouble),
}

impl Connection {
    pub(super) fn new() -> Connection {
        Connection {
            state: State::Down(0),
            stream: None,
            out: Vec::new(),
            sent: 0,
            input: Vec::new(),
            waiting: VecDeque::new(),
            flight: Vec::new(),
            deadline: Nanos::MAX,
            failures: 0,
            made: 0,
        }
    }

    /// Begins to connect.
    pub(super) fn connect(
        &mut self,
        to: SocketAddr,
        registry: &Registry,
        token: Token,
        give_up: Nanos,
    ) -> io::Result<()> {
        let mut stream = TcpStream::connect(to)?;
        registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        (self.stream, self.state, self.deadline) = (Some(stream), State::Connecting, give_up);
        Ok(())
    }

    /// Whether an attempt to connect has come through; an error when it has failed.
    pub(super) fn is_connected(&mut self) -> io::Result<bool> {
        let Some(stream) = &self.stream else { return Ok(false) };
        if let Some(error) = stream.take_error()? {
            return Err(error);
        }
        match stream.peer_addr() {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotConnected => return Ok(false),
            Err(error) => return Err(error),
        }
        // Requests are small and wait for answers: nothing is gained by collecting them.
        stream.set_nodelay(true)?;
        (self.state, self.deadline) = (State::Idle, Nanos::MAX);
        self.made += 1;
        Ok(true)
    }

    /// Closes the connection; it is tried again after a pause that grows with each failure.
    pub(super) fn close(&mut self, registry: &Registry, now: Nanos) {
        if let Some(mut stream) = self.stream.take() {
            // A socket that is about to be dropped may be gone from the registry already.
            let _ = registry.deregister(&mut stream);
        }
        let pause = if self.failures == 0 {
            0
        } else {
            (SHORTEST_PAUSE << (self.failures - 1).min(10)).min(LONGEST_PAUSE)
        };
        self.failures += 1;
        (self.state, self.deadline) = (State::Down(now + pause), Nanos::MAX);
        self.out.clear();
        self.input.clear();
        self.sent = 0;
    }

    /// Sends a request that `write` writes.
    pub(super) fn send(&mut self, give_up: Nanos, write: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        self.out.clear();
        self.sent = 0;
        write(&mut self.out);
        (self.state, self.deadline) = (State::Busy, give_up);
        self.flush()
    }

    /// Sends what is left of the request.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        let Some(stream) = &mut self.stream else { return Ok(()) };
        while self.sent < self.out.len() {
            match stream.write(&self.out[self.sent..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(sent) => self.sent += sent,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads what has come; to the end where the other side has closed.
    pub(super) fn receive(&mut self, is_closed: bool, block: &mut [u8]) -> Got {
        let mut ended = false;
        let Some(stream) = &mut self.stream else { return Got::Nothing };
        loop {
            match stream.read(block) {
                Ok(0) => ended = true,
                Ok(read) => {
                    self.input.extend_from_slice(&block[..read]);
                    // A short read has emptied the socket, unless the end has come with it.
                    if read == block.len() || is_closed {
                        continue;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => return Got::Trouble(Trouble::Closed),
            }
            break;
        }
        if self.input.is_empty() {
            return if ended { Got::Trouble(Trouble::Closed) } else { Got::Nothing };
        }
        if self.state != State::Busy {
            return Got::Trouble(Trouble::Garbage);
        }
        match response::read(&self.input, ended) {
            response::Read::Part if ended => Got::Trouble(Trouble::Closed),
            response::Read::Part => Got::Nothing,
            response::Read::Garbage => Got::Trouble(Trouble::Garbage),
            response::Read::Whole(_, used) if used < self.input.len() => Got::Trouble(Trouble::Garbage),
            response::Read::Whole(mut answer, _) => {
                answer.stays_open &= !ended;
                self.input.clear();
                (self.state, self.deadline) = (State::Idle, Nanos::MAX);
                self.failures = 0;
                Got::Answer(answer)
            }
        }
    }
}
