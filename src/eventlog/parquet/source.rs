//! The bytes of a Parquet file, at any place of it.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{ChunkReader, Length};
use bytes::Bytes;

use super::super::input::Input;

/// A file whose length bounds what can be asked of it: what damaged data says about lengths is not believed.
pub(super) struct Source {
    file: File,
    length: u64,
    taken: Arc<AtomicU64>,
}

impl Source {
    pub(super) fn new(input: Input) -> io::Result<Source> {
        let taken = input.taken();
        let file = input.into_file()?;
        let length = file.metadata()?.len();
        Ok(Source { file, length, taken })
    }

    fn from(&self, start: u64, length: u64) -> Result<File, ParquetError> {
        if start.checked_add(length).is_none_or(|end| end > self.length) {
            return Err(ParquetError::EOF("a part of it lies behind the end of the file".to_owned()));
        }
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(start))?;
        Ok(file)
    }
}

impl Length for Source {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Source {
    type T = BufReader<File>;

    fn get_read(&self, start: u64) -> Result<BufReader<File>, ParquetError> {
        Ok(BufReader::new(self.from(start, 0)?))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let mut file = self.from(start, length as u64)?;
        let mut bytes = vec![0; length];
        file.read_exact(&mut bytes)?;
        self.taken.fetch_add(length as u64, Ordering::Relaxed);
        Ok(bytes.into())
    }
}
