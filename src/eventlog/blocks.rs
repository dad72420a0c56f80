//! The bytes of a stream, read in large blocks, of which a stretch is at hand.

use std::io::{self, Read};

use super::input::Input;

/// How much is read at once.
const BLOCK: usize = 1 << 17;

/// A stream and the bytes of it that have been read and not yet used.
#[derive(Debug)]
pub(super) struct Blocks {
    input: Input,
    bytes: Vec<u8>,
    from: usize,
    until: usize,
    ended: bool,
}

impl Blocks {
    pub(super) fn new(input: Input) -> Blocks {
        Blocks { input, bytes: vec![0; BLOCK], from: 0, until: 0, ended: false }
    }

    /// The bytes at hand.
    #[inline]
    pub(super) fn at_hand(&self) -> &[u8] {
        &self.bytes[self.from..self.until]
    }

    /// Whether nothing follows the bytes at hand.
    #[inline]
    pub(super) fn is_all(&self) -> bool {
        self.ended
    }

    /// Leaves bytes behind.
    #[inline]
    pub(super) fn used(&mut self, bytes: usize) {
        self.from += bytes;
    }

    /// Brings more bytes to hand, keeping those that are.
    pub(super) fn read_more(&mut self) -> io::Result<()> {
        self.bytes.copy_within(self.from..self.until, 0);
        (self.from, self.until) = (0, self.until - self.from);
        if self.bytes.len() - self.until < BLOCK / 2 {
            self.bytes.resize(self.bytes.len() * 2, 0);
        }
        loop {
            match self.input.read(&mut self.bytes[self.until..]) {
                Ok(0) => self.ended = true,
                Ok(read) => self.until += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            return Ok(());
        }
    }

    /// Takes nothing more from the stream and forgets what is at hand.
    pub(super) fn end(&mut self) {
        (self.from, self.until, self.ended) = (0, 0, true);
    }
}
