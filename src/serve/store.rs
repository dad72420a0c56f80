//! The state on disk: a log of what happened since the last snapshot, in an embedded store, and snapshots beside it.
//!
//! The log has a row for each group that was written at once, numbered without gaps. A snapshot covers all rows up to one of
//! them; which one, and which generation of snapshot files it is, stands in the same store, so both change at once.

use std::fs;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, StorageError, TableDefinition};
use serde::{Deserialize, Serialize};

use super::account::Account;
use super::accounts::{Accounts, files, is_finished_snapshot, is_snapshot};
use crate::limiter::SnapshotError;
use crate::rulebook::Rulebook;
use crate::rules::ActionId;
use crate::time::Instant;

const LOG: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("log");
const ABOUT: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("about");

/// The name of the store in its folder.
pub(super) const FILE: &str = "log.redb";
/// So many bytes at the beginning of a store are no zeros once it is made.
const FINISHED_BY: usize = 9;
/// Pages of the store that are kept in memory, in bytes.
const CACHE: usize = 16 << 20;
/// The version of what is written; a change of `Entry` or of a table needs another one.
const FORMAT: u32 = 2;
/// So many rows are deleted in one go, while those who wait to be written wait.
const DELETED_AT_ONCE: usize = 4_096;

/// Why a state cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// Another server uses it.
    #[error("{}: another server has this state open: stop it, or name another folder", .0.display())]
    InUse(PathBuf),
    /// Some of its bytes have changed or are missing.
    #[error("{}: the state is damaged ({what}): restore a copy, or name a new folder to start without a past", folder.display())]
    Damaged {
        /// Where it is.
        folder: PathBuf,
        /// What was found.
        what: String,
    },
    /// It was made under other rules.
    #[error("{}: the state was made under other rules, actions or another time zone: start with the same, or name another folder", .0.display())]
    OtherRules(PathBuf),
    /// Its times came from elsewhere.
    #[error("{}: the state was made {} --given-times: start {} it, or name another folder", folder.display(), with(*.given), with(*.given))]
    OtherClock {
        /// Where it is.
        folder: PathBuf,
        /// Whether requests brought its times.
        given: bool,
    },
    /// Another version of the program made it.
    #[error("{}: the state has version {found} of the format; this program reads version {FORMAT}", folder.display())]
    Version {
        /// Where it is.
        folder: PathBuf,
        /// What it says.
        found: u32,
    },
    /// It could not be read or written.
    #[error("{}: the state cannot be read or written: {what}", folder.display())]
    Io {
        /// Where it is.
        folder: PathBuf,
        /// What the system said.
        what: String,
    },
}

/// Something that an account did, as the log holds it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Entry<'a> {
    #[serde(borrow)]
    pub(super) account: Account<'a>,
    pub(super) action: u32,
    pub(super) at: Instant,
}

/// What the store says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct About {
    identity: Vec<u8>,
    /// Whether requests brought the times: those of a test may lie far from the clock's.
    given_times: bool,
    /// The generation of the snapshot files; 0 before the first one.
    generation: u64,
    /// The last row that they cover.
    covered: u64,
}

/// An open state. One process has it open at a time.
#[derive(Debug, Clone)]
pub(super) struct Store {
    db: Arc<Database>,
    folder: PathBuf,
    about: About,
    /// The number of the last row.
    last: u64,
}

impl Store {
    /// Opens the state in a folder, a new one if there is none, and brings back the accounts. Also tells how many events of
    /// the log were played again.
    pub(super) fn open(
        folder: &Path,
        book: &Rulebook,
        given_times: bool,
    ) -> Result<(Store, Accounts, u64), StateError> {
        let made = missing(folder);
        fs::create_dir_all(folder).map_err(|error| trouble(folder, &error))?;
        begin_again(folder).map_err(|error| trouble(folder, &error))?;
        let mut builder = Database::builder();
        builder.set_cache_size(CACHE).set_check_integrity_on_open(true);
        let open = || builder.create(folder.join(FILE)).map_err(|error| unopened(folder, error));
        let opened = Store::open_with(folder, book, given_times, open)?;
        keep_names(folder, &made).map_err(|error| trouble(folder, &error))?;
        Ok(opened)
    }

    fn open_with(
        folder: &Path,
        book: &Rulebook,
        given_times: bool,
        open: impl FnOnce() -> Result<Database, StateError>,
    ) -> Result<(Store, Accounts, u64), StateError> {
        let opened = catch_unwind(AssertUnwindSafe(|| {
            let mut store = Store::found(folder, open()?, book, given_times)?;
            let (accounts, events) = store.recover(book)?;
            Ok((store, accounts, events))
        }));
        opened.unwrap_or_else(|_| Err(damaged(folder, "its pages do not hang together")))
    }

    /// The store in a database, set up if it is new.
    fn found(folder: &Path, db: Database, book: &Rulebook, given_times: bool) -> Result<Store, StateError> {
        let new = About { identity: identity(book), given_times, generation: 0, covered: 0 };
        let transaction = db.begin_write().map_err(|error| failed(folder, error.into()))?;
        let stored = {
            let table = transaction.open_table(ABOUT).map_err(|error| failed(folder, error.into()))?;
            let stored = table.get("about").map_err(|error| failed(folder, error.into()))?;
            stored.map(|bytes| bytes.value().to_vec())
        };
        let about = match stored {
            Some(bytes) => read_about(folder, &bytes, &new)?,
            None if has_snapshots(folder) => {
                return Err(damaged(
                    folder,
                    "there are snapshots, but the log that says which holds is lost",
                ));
            }
            None => new,
        };
        write_about(&transaction, &about).map_err(|error| failed(folder, error))?;
        transaction.open_table(LOG).map_err(|error| failed(folder, error.into()))?;
        transaction.commit().map_err(|error| failed(folder, error.into()))?;
        let last = about.covered;
        Ok(Store { db: Arc::new(db), folder: folder.to_owned(), about, last })
    }

    /// The accounts as of the last row, and how many events were played again.
    pub(super) fn recover(&mut self, book: &Rulebook) -> Result<(Accounts, u64), StateError> {
        let accounts = match self.about.generation {
            0 => Accounts::new(book),
            generation => {
                Accounts::read(&self.folder, generation, book).map_err(|error| self.unread(error))?
            }
        };
        let failed = |error| failed(&self.folder, error);
        let transaction = self.db.begin_read().map_err(|error| failed(error.into()))?;
        let log = transaction.open_table(LOG).map_err(|error| failed(error.into()))?;
        let (mut last, mut events) = (self.about.covered, 0);
        for row in log.range(last + 1..).map_err(|error| failed(error.into()))? {
            let (number, bytes) = row.map_err(|error| failed(error.into()))?;
            if number.value() != last + 1 {
                return Err(damaged(&self.folder, &format!("row {} of the log is missing", last + 1)));
            }
            last = number.value();
            let whole = replay(&accounts, bytes.value(), book.actions.len(), &mut events);
            whole.ok_or_else(|| damaged(&self.folder, &format!("row {last} of the log cannot be read")))?;
        }
        self.last = last;
        Ok((accounts, events))
    }

    /// Writes a group of entries as the next row; it is on disk when this returns.
    pub(super) fn append(&mut self, group: &[u8]) -> Result<(), StateError> {
        let row = self.last + 1;
        let written = catch_unwind(AssertUnwindSafe(|| self.insert(row, group)));
        match written {
            Ok(written) => written.map_err(|error| failed(&self.folder, error))?,
            Err(_) => return Err(damaged(&self.folder, "its pages do not hang together")),
        }
        self.last = row;
        Ok(())
    }

    fn insert(&self, row: u64, group: &[u8]) -> Result<(), redb::Error> {
        let transaction = self.db.begin_write()?;
        transaction.open_table(LOG)?.insert(row, group)?;
        transaction.commit()?;
        Ok(())
    }

    /// Writes snapshots of the accounts as of the last row and deletes what they cover.
    pub(super) fn condense(&mut self, accounts: &Accounts) -> Result<(), StateError> {
        let before = self.about.clone();
        let about = About { generation: before.generation + 1, covered: self.last, ..before.clone() };
        accounts.write(&self.folder, about.generation).map_err(|error| trouble(&self.folder, &error))?;
        let failed = |error| failed(&self.folder, error);
        let transaction = self.db.begin_write().map_err(|error| failed(error.into()))?;
        write_about(&transaction, &about).map_err(failed)?;
        transaction.commit().map_err(|error| failed(error.into()))?;
        self.about = about;
        self.clean()
    }

    /// Takes over the snapshots that were made of this state aside.
    pub(super) fn take_over(&mut self, other: &Store) {
        self.about = other.about.clone();
    }

    /// Deletes rows that are covered, and files of other generations or of snapshots that were never finished.
    pub(super) fn clean(&mut self) -> Result<(), StateError> {
        while self.delete_some().map_err(|error| failed(&self.folder, error))? {}
        let keep = files(&self.folder, self.about.generation);
        let entries = fs::read_dir(&self.folder).map_err(|error| trouble(&self.folder, &error))?;
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if is_snapshot(&name) && !keep.contains(&path) {
                fs::remove_file(&path).map_err(|error| trouble(&self.folder, &error))?;
            }
        }
        Ok(())
    }

    /// Deletes some rows that are covered; whether there may be more.
    fn delete_some(&self) -> Result<bool, redb::Error> {
        let transaction = self.db.begin_write()?;
        let deleted = {
            let mut log = transaction.open_table(LOG)?;
            let covered = log.extract_from_if(..=self.about.covered, |_, _| true)?;
            let mut deleted = 0;
            for row in covered.take(DELETED_AT_ONCE) {
                row?;
                deleted += 1;
            }
            deleted
        };
        transaction.commit()?;
        Ok(deleted == DELETED_AT_ONCE)
    }

    /// Gives the space of deleted rows back to the file system.
    pub(super) fn shrink(&mut self) -> Result<(), StateError> {
        let Some(db) = Arc::get_mut(&mut self.db) else { return Ok(()) };
        db.compact().map(|_| ()).map_err(|error| failed(&self.folder, error.into()))
    }

    fn unread(&self, error: SnapshotError) -> StateError {
        match error {
            SnapshotError::OtherRules => StateError::OtherRules(self.folder.clone()),
            SnapshotError::Io(error) if error.kind() == std::io::ErrorKind::NotFound => {
                damaged(&self.folder, "the snapshot that it names is not there")
            }
            SnapshotError::Io(error) => trouble(&self.folder, &error),
            other => damaged(&self.folder, &other.to_string()),
        }
    }
}

/// Plays a group again; none when it is not one.
fn replay(accounts: &Accounts, mut bytes: &[u8], actions: usize, events: &mut u64) -> Option<()> {
    while !bytes.is_empty() {
        let (entry, rest) = postcard::take_from_bytes::<Entry<'_>>(bytes).ok()?;
        let action = entry.action as ActionId;
        if action >= actions {
            return None;
        }
        accounts.record(&entry.account, action, entry.at);
        *events += 1;
        bytes = rest;
    }
    Some(())
}

fn read_about(folder: &Path, bytes: &[u8], expected: &About) -> Result<About, StateError> {
    let (version, rest) =
        bytes.split_first_chunk().ok_or_else(|| damaged(folder, "it does not say what it is"))?;
    let found = u32::from_le_bytes(*version);
    if found != FORMAT {
        return Err(StateError::Version { folder: folder.to_owned(), found });
    }
    let about: About =
        postcard::from_bytes(rest).map_err(|_| damaged(folder, "it does not say what it is"))?;
    if about.identity != expected.identity {
        return Err(StateError::OtherRules(folder.to_owned()));
    }
    if about.given_times != expected.given_times {
        return Err(StateError::OtherClock { folder: folder.to_owned(), given: about.given_times });
    }
    Ok(about)
}

fn write_about(transaction: &redb::WriteTransaction, about: &About) -> Result<(), redb::Error> {
    let bytes = postcard::to_extend(about, FORMAT.to_le_bytes().to_vec()).expect("it is plain data");
    transaction.open_table(ABOUT)?.insert("about", &*bytes)?;
    Ok(())
}

/// Empties a store that its maker did not live to finish: its first bytes are written last. One that somebody has open is left
/// alone.
fn begin_again(folder: &Path) -> std::io::Result<()> {
    let file = match fs::File::options().read(true).write(true).open(folder.join(FILE)) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if file.try_lock().is_err() {
        return Ok(());
    }
    let mut first = Vec::new();
    (&file).take(FINISHED_BY as u64).read_to_end(&mut first)?;
    if first.iter().all(|&byte| byte == 0) { file.set_len(0) } else { Ok(()) }
}

/// Whether there is a snapshot of some generation.
fn has_snapshots(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name()).any(|name| is_finished_snapshot(&name.to_string_lossy()))
}

/// The folders on the way to this one that are not there yet, and itself if it is not.
fn missing(folder: &Path) -> Vec<PathBuf> {
    let is_missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
    folder.ancestors().take_while(is_missing).map(Path::to_owned).collect()
}

/// Sees to it that the names of new files and folders outlive the machine: a file on disk without a name is lost.
#[cfg(unix)]
fn keep_names(folder: &Path, made: &[PathBuf]) -> std::io::Result<()> {
    let parents = made.iter().filter_map(|folder| folder.parent());
    for folder in std::iter::once(folder).chain(parents) {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Elsewhere folders cannot be opened, and the system sees to their names.
#[cfg(not(unix))]
fn keep_names(_: &Path, _: &[PathBuf]) -> std::io::Result<()> {
    Ok(())
}

fn with(given: bool) -> &'static str {
    if given { "with" } else { "without" }
}

fn damaged(folder: &Path, what: &str) -> StateError {
    StateError::Damaged { folder: folder.to_owned(), what: what.to_owned() }
}

fn trouble(folder: &Path, error: &dyn std::error::Error) -> StateError {
    StateError::Io { folder: folder.to_owned(), what: error.to_string() }
}

fn unopened(folder: &Path, error: DatabaseError) -> StateError {
    match error {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
            StateError::InUse(folder.to_owned())
        }
        DatabaseError::Storage(StorageError::Io(error)) if is_damage(&error) => {
            damaged(folder, &error.to_string())
        }
        other => failed(folder, other.into()),
    }
}

/// What the store calls errors of reading, and is one of what it read.
fn is_damage(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{InvalidData, UnexpectedEof};
    matches!(error.kind(), InvalidData | UnexpectedEof)
}

fn failed(folder: &Path, error: redb::Error) -> StateError {
    match error {
        redb::Error::Io(error) if is_damage(&error) => damaged(folder, &error.to_string()),
        redb::Error::Io(error) => trouble(folder, &error),
        redb::Error::Corrupted(what) => damaged(folder, &what),
        other => StateError::Io { folder: folder.to_owned(), what: other.to_string() },
    }
}

/// What a state depends on: under other rules, or in other zones, its events mean something else.
fn identity(book: &Rulebook) -> Vec<u8> {
    let (set, zone) = (&book.set, book.calendar.zone_name());
    postcard::to_stdvec(&(&book.actions, &book.rules, set.rules(), zone, set.zones()))
        .expect("rules are plain data")
}
