//! Where bytes come from: a file or standard input, unpacked by what its first bytes say.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::GzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// How bytes are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// As by gzip.
    Gzip,
    /// As by Zstandard.
    Zstd,
}

/// Unpacked bytes, and how much of the source they took.
#[derive(Debug)]
pub struct Input {
    bytes: Unpacked,
    packing: Packing,
    is_parquet: bool,
    taken: Arc<AtomicU64>,
    /// What the bytes come from, where that is a file on disk.
    #[cfg(feature = "parquet")]
    file: Option<File>,
}

type Source = BufReader<Chain<Cursor<Vec<u8>>, Counted>>;

#[derive(Debug)]
enum Unpacked {
    Plain(Chain<Cursor<Vec<u8>>, Counted>),
    Gzip(Box<Members>),
    Zstd(Box<Frames>),
}

/// How much is read from a packed source at once.
const BLOCK: usize = 1 << 16;

impl Input {
    /// The bytes of a file, or of standard input where the path is `-`.
    ///
    /// # Errors
    /// When it cannot be opened or read.
    pub fn open(path: &Path) -> io::Result<Input> {
        if path == Path::new("-") {
            return Input::new(Box::new(io::stdin()));
        }
        let file = File::open(path)?;
        if file.metadata()?.is_dir() {
            return Err(io::Error::other("this is a folder; name a file"));
        }
        #[cfg(feature = "parquet")]
        if file.metadata()?.is_file() {
            return Ok(Input { file: Some(file.try_clone()?), ..Input::new(Box::new(file))? });
        }
        Input::new(Box::new(file))
    }

    /// The bytes of a stream.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn new(mut stream: Box<dyn Read + Send>) -> io::Result<Input> {
        let mut first = Vec::new();
        (&mut stream).take(4).read_to_end(&mut first)?;
        let packing = match first.as_slice() {
            [0x1F, 0x8B, ..] => Packing::Gzip,
            [0x28, 0xB5, 0x2F, 0xFD] | [0x50..=0x5F, 0x2A, 0x4D, 0x18] => Packing::Zstd,
            _ => Packing::Plain,
        };
        let is_parquet = first == b"PAR1";
        let taken = Arc::new(AtomicU64::new(first.len() as u64));
        let counted = Counted { stream, taken: Arc::clone(&taken) };
        let source = Cursor::new(first).chain(counted);
        let bytes = match packing {
            Packing::Plain => Unpacked::Plain(source),
            Packing::Gzip => Unpacked::Gzip(Box::new(Members::new(BufReader::with_capacity(BLOCK, source)))),
            Packing::Zstd => Unpacked::Zstd(Box::new(Frames::new(BufReader::with_capacity(BLOCK, source)))),
        };
        Ok(Input {
            bytes,
            packing,
            is_parquet,
            taken,
            #[cfg(feature = "parquet")]
            file: None,
        })
    }

    /// Whether it begins as Parquet files do.
    pub(super) fn is_parquet(&self) -> bool {
        self.is_parquet
    }

    /// All bytes as a file that can be read at any place: the one that they come from, or a temporary one.
    ///
    /// # Errors
    /// When they cannot be read or written.
    #[cfg(feature = "parquet")]
    pub(super) fn into_file(mut self) -> io::Result<File> {
        if let Some(file) = self.file.take_if(|_| self.packing == Packing::Plain) {
            return Ok(file);
        }
        let mut file = tempfile::tempfile()?;
        io::copy(&mut self, &mut file)?;
        Ok(file)
    }

    /// How the source is packed.
    #[must_use]
    pub fn packing(&self) -> Packing {
        self.packing
    }

    /// Counts the bytes of the source that have been read, packed as they are; goes on counting.
    #[must_use]
    pub fn taken(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.taken)
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.bytes {
            Unpacked::Plain(source) => source.read(buffer),
            Unpacked::Gzip(gzip) => gzip.read(buffer).map_err(|error| explained("gzip", error)),
            Unpacked::Zstd(frames) => frames.read(buffer).map_err(|error| explained("Zstandard", error)),
        }
    }
}

/// What is wrong with packed bytes, without the words of the library that unpacks them.
fn explained(packing: &str, error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            io::Error::new(error.kind(), format!("the {packing} data ends early: the file is not whole"))
        }
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            io::Error::new(error.kind(), format!("the {packing} data is damaged"))
        }
        _ => error,
    }
}

struct Counted {
    stream: Box<dyn Read + Send>,
    taken: Arc<AtomicU64>,
}

impl std::fmt::Debug for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Counted({})", self.taken.load(Ordering::Relaxed))
    }
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buffer)?;
        self.taken.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Members of a gzip file, one after another, perhaps with zeros behind that fill up a block, as tapes have them.
struct Members {
    /// None once all have been read.
    member: Option<GzDecoder<Source>>,
}

impl std::fmt::Debug for Members {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Members").field("is_done", &self.member.is_none()).finish()
    }
}

impl Members {
    fn new(source: Source) -> Members {
        Members { member: Some(GzDecoder::new(source)) }
    }
}

impl Read for Members {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let read = member.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let source = self.member.take().map(GzDecoder::into_inner);
            self.member = source.map(next_member).transpose()?.flatten();
        }
        Ok(0)
    }
}

/// The member that follows zeros; none at the end.
fn next_member(mut source: Source) -> io::Result<Option<GzDecoder<Source>>> {
    loop {
        let bytes = source.fill_buf()?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        if zeros < bytes.len() {
            source.consume(zeros);
            return Ok(Some(GzDecoder::new(source)));
        }
        source.consume(zeros);
    }
}

/// Zstandard frames, one after another.
struct Frames {
    source: Source,
    decoder: FrameDecoder,
    within: bool,
}

impl std::fmt::Debug for Frames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frames").field("within", &self.within).finish_non_exhaustive()
    }
}

/// The window of a frame may not be larger: it is held in memory. `zstd --long` takes as much.
const LARGEST_WINDOW: u64 = 1 << 27;

impl Frames {
    fn new(source: Source) -> Frames {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(LARGEST_WINDOW);
        Frames { source, decoder, within: false }
    }

    /// Begins the next frame; whether there is one.
    fn begin(&mut self) -> io::Result<bool> {
        loop {
            if self.source.fill_buf()?.is_empty() {
                return Ok(false);
            }
            match self.decoder.init(&mut self.source) {
                Ok(()) => {
                    self.within = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let skipped = io::copy(&mut (&mut self.source).take(u64::from(length)), &mut io::sink())?;
                    if skipped < u64::from(length) {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(self.failed(&error)),
            }
        }
    }

    fn failed(&mut self, error: &FrameDecoderError) -> io::Error {
        if matches!(error, FrameDecoderError::WindowSizeTooBig { .. }) {
            return io::Error::other("the Zstandard data needs a window of more than 128 MiB");
        }
        let at_end = self.source.fill_buf().is_ok_and(<[u8]>::is_empty);
        if at_end { io::ErrorKind::UnexpectedEof.into() } else { io::ErrorKind::InvalidData.into() }
    }

    fn is_intact(&self) -> bool {
        let stated = self.decoder.get_checksum_from_data();
        stated.is_none() || stated == self.decoder.get_calculated_checksum()
    }
}

impl Read for Frames {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.within && !self.begin()? {
                return Ok(0);
            }
            if !self.decoder.is_finished() && self.decoder.can_collect() == 0 {
                let decoded =
                    self.decoder.decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1));
                decoded.map_err(|error| self.failed(&error))?;
            }
            let read = self.decoder.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            if self.decoder.is_finished() {
                if !self.is_intact() {
                    return Err(io::ErrorKind::InvalidData.into());
                }
                self.within = false;
            }
        }
    }
}
