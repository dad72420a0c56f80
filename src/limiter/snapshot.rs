//! Snapshots of a limiter on disk: what its windows hold, and what it takes to tell that the file is whole and that it
//! belongs to the same rules. Written to a temporary name and renamed, so no half-written snapshot is ever found.

use std::hash::Hash;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Limiter;
use crate::rules::{Calendar, RuleSet};
use crate::time::Instant;

/// The first bytes of every snapshot.
const MAGIC: &[u8; 8] = b"pacewise";
/// The version of the format; a change of `Header` or `Account` needs another one.
const VERSION: u32 = 2;
/// Magic, version, length and checksum of the rest.
const PREAMBLE: usize = 8 + 4 + 8 + 4;

/// How the name of a snapshot begins while it is being written.
pub(crate) const UNFINISHED: &str = ".pacewise-snapshot-";

/// Why a snapshot was not written or not restored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The file could not be read or written.
    #[error("the snapshot could not be read or written: {0}")]
    Io(#[from] io::Error),
    /// The file is something else.
    #[error("this is no snapshot of a limiter: it does not begin with \"pacewise\"")]
    NotASnapshot,
    /// Another version of the program wrote it.
    #[error("the snapshot has version {found} of the format; this program reads version {VERSION}")]
    Version {
        /// What the file says.
        found: u32,
    },
    /// The file ends early or some of its bytes have changed.
    #[error("the snapshot is damaged: {0}")]
    Damaged(&'static str),
    /// It was taken under other rules, or on another calendar.
    #[error(
        "the snapshot was taken under other rules or on another calendar: restore it under the same ones"
    )]
    OtherRules,
}

#[derive(Serialize, Deserialize)]
struct Header {
    /// The rules and the zones of limits that name one, as bytes of the same kind: compared, never read.
    rules: Vec<u8>,
    calendar: Option<String>,
    earliest: Instant,
}

#[derive(Serialize, Deserialize)]
struct Account<K> {
    key: K,
    last: Instant,
    /// For each track, newest first: milliseconds from each event to the next one; from the newest one to `last`.
    gaps: Vec<Vec<u64>>,
}

impl<K: Hash + Eq + Serialize + DeserializeOwned> Limiter<K> {
    /// Writes down what the windows hold, for [`restore`](Limiter::restore). Each account is written as of one instant, the
    /// limiter as a whole is not: other threads may go on meanwhile. Counts of calls that came too late are left out.
    ///
    /// # Errors
    /// When the file cannot be written; what stood there before stays.
    pub fn snapshot(&self, path: &Path) -> Result<(), SnapshotError> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)?;
        file.write_all(&[0; PREAMBLE])?;
        let mut sum = crc32fast::Hasher::new();
        let mut length = 0;
        let mut write = |bytes: &[u8]| {
            sum.update(bytes);
            length += bytes.len() as u64;
            file.write_all(bytes)
        };
        // An account that went between the header, which says up to when, and its shard would be missed.
        let sweep = self.sweep.lock();
        write(&encoded(&self.header())?)?;
        for shard in &self.shards {
            let mut bytes = Vec::new();
            let shard = shard.lock();
            for (key, number) in shard.keys() {
                if let Some((last, gaps)) = shard.evaluator.history(number) {
                    bytes = postcard::to_extend(&Account { key, last, gaps }, bytes).map_err(unwritable)?;
                }
            }
            drop(shard);
            write(&bytes)?;
        }
        drop(sweep);
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&preamble(length, sum.finalize()))?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        #[cfg(unix)]
        std::fs::File::open(folder)?.sync_all()?;
        Ok(())
    }

    /// The limiter that a snapshot was taken of, under the same rules and calendar.
    ///
    /// # Errors
    /// When the file cannot be read, is no snapshot, is damaged, or belongs to other rules.
    pub fn restore(path: &Path, rules: &RuleSet, calendar: &Calendar) -> Result<Limiter<K>, SnapshotError> {
        let file = std::fs::read(path)?;
        let mut rest = whole(&file)?;
        let header: Header = next(&mut rest)?;
        let limiter = Limiter::new(rules, calendar);
        let expected = limiter.header();
        if (&header.rules, &header.calendar) != (&expected.rules, &expected.calendar) {
            return Err(SnapshotError::OtherRules);
        }
        limiter.forget_idle(header.earliest);
        while !rest.is_empty() {
            let account: Account<K> = next(&mut rest)?;
            limiter.put(account)?;
        }
        Ok(limiter)
    }

    fn put(&self, account: Account<K>) -> Result<(), SnapshotError> {
        let hash = self.hash(&account.key);
        let mut shard = self.shard(hash).lock();
        let number = shard.enter(hash, account.key, &self.hashing);
        let is_history = shard.evaluator.set_history(number, account.last, &account.gaps);
        if is_history {
            Ok(())
        } else {
            Err(SnapshotError::Damaged("it holds events that no window could hold"))
        }
    }

    fn header(&self) -> Header {
        let rules = (self.rules.rules(), self.rules.zones());
        let rules = postcard::to_stdvec(&rules).expect("rules are plain data");
        let earliest = self.shards.iter().map(|shard| shard.lock().evaluator.earliest()).max();
        let calendar = self.calendar.zone_name().map(str::to_owned);
        Header { rules, calendar, earliest: earliest.unwrap_or(Instant::MIN) }
    }
}

fn encoded<T: Serialize>(value: &T) -> io::Result<Vec<u8>> {
    postcard::to_stdvec(value).map_err(unwritable)
}

fn unwritable(error: postcard::Error) -> io::Error {
    io::Error::other(error)
}

fn preamble(length: u64, sum: u32) -> Vec<u8> {
    [&MAGIC[..], &VERSION.to_le_bytes(), &length.to_le_bytes(), &sum.to_le_bytes()].concat()
}

/// What follows the preamble of a snapshot, which says that all of it is there.
fn whole(file: &[u8]) -> Result<&[u8], SnapshotError> {
    let rest = file.strip_prefix(MAGIC).ok_or(SnapshotError::NotASnapshot)?;
    let (version, rest) = rest.split_first_chunk().ok_or(SnapshotError::Damaged("it ends early"))?;
    let found = u32::from_le_bytes(*version);
    if found != VERSION {
        return Err(SnapshotError::Version { found });
    }
    let (length, rest) = rest.split_first_chunk().ok_or(SnapshotError::Damaged("it ends early"))?;
    let (sum, rest) = rest.split_first_chunk().ok_or(SnapshotError::Damaged("it ends early"))?;
    if u64::from_le_bytes(*length) != rest.len() as u64 {
        return Err(SnapshotError::Damaged("it is longer or shorter than it says"));
    }
    if u32::from_le_bytes(*sum) != crc32fast::hash(rest) {
        return Err(SnapshotError::Damaged("its checksum is another one than it says"));
    }
    Ok(rest)
}

fn next<'a, T: Deserialize<'a>>(rest: &mut &'a [u8]) -> Result<T, SnapshotError> {
    let read = postcard::take_from_bytes(rest);
    let (value, after) = read.map_err(|_| SnapshotError::Damaged("a part of it cannot be read"))?;
    *rest = after;
    Ok(value)
}
