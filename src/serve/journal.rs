//! The write-ahead log in front of the store: decisions are made and queued in one order, one thread writes the queue, and
//! whoever asked waits until the group that holds its entries is on disk.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use parking_lot::{Condvar, Mutex, MutexGuard};
use tokio::sync::watch;

use super::account::Account;
use super::admission::Clock;
use super::store::{Entry, StateError, Store};
use crate::rulebook::Rulebook;
use crate::rules::ActionId;
use crate::time::Instant;

/// How long a group waits for those who were just answered and may ask again, so that they share the next write: as long as
/// a write takes, but at least and at most so many milliseconds. What a write costs hardly depends on how much is written.
const GATHERING: (f64, f64) = (0.2, 1.0);

/// Writes are slow when they take at least so many milliseconds on average. Then a group waits for all who may ask again,
/// else for half of them: the others are decided while it is written.
const SLOW: f64 = 1.0;
/// The weight of one write in the average.
const WEIGHT: f64 = 1.0 / 16.0;

/// What is queued for the disk, and the thread that writes it.
#[derive(Debug)]
pub(super) struct Journal {
    shared: Arc<Shared>,
    /// Whether each request is written alone.
    alone: bool,
    /// None once it has been waited for.
    writer: Option<JoinHandle<Store>>,
}

/// How often the log was written, and how much.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) groups: AtomicU64,
    pub(super) bytes: AtomicU64,
    pub(super) snapshots: AtomicU64,
}

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
    written: Written,
}

#[derive(Debug, Default)]
struct Queue {
    groups: VecDeque<Group>,
    /// Room that a group took which is on disk.
    spare: Vec<u8>,
    /// The writer sleeps until so many requests wait.
    wanted: usize,
    closing: bool,
    /// Why nothing can be written any more.
    failure: Option<String>,
}

/// Entries that are written at once.
#[derive(Debug)]
struct Group {
    bytes: Vec<u8>,
    /// How many requests wait for it.
    waiting: usize,
    /// Tells all of them at once. If it is dropped without a word, the log has failed.
    written: watch::Sender<()>,
}

/// The log has failed: nothing is written any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LogFailed;

/// What a request waits for: that its entries are on disk.
#[derive(Debug)]
pub(super) struct Ticket(watch::Receiver<()>);

impl Ticket {
    /// Waits until the entries are on disk.
    pub(super) async fn written(mut self) -> Result<(), LogFailed> {
        self.0.changed().await.map_err(|_| LogFailed)
    }
}

/// A turn in the order of decisions: who holds it decides and queues, nobody else does.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    queue: MutexGuard<'a, Queue>,
    journal: &'a Journal,
    /// Whether anything was queued.
    added: bool,
}

/// What the writer needs to make snapshots while the server runs.
#[derive(Debug)]
pub(super) struct Condensing {
    pub(super) book: Arc<Rulebook>,
    /// No call is dated before it.
    pub(super) floor: Arc<AtomicI64>,
    /// The log may have so many bytes of entries.
    pub(super) long: u64,
    /// The time of writes is told by it.
    pub(super) clock: Clock,
}

impl Journal {
    /// Starts the thread that writes to a store; `alone` if it is to write each request alone.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start(store: Store, alone: bool, condensing: Condensing) -> std::io::Result<Journal> {
        let shared = Arc::new(Shared::default());
        let (of_writer, last) = (Arc::clone(&shared), Last(Arc::clone(&shared)));
        let write = move || {
            let _last = last;
            Writer {
                store,
                shared: of_writer,
                alone,
                condensing,
                pace: 0.0,
                since: 0,
                spare: Vec::new(),
                aside: None,
            }
            .run()
        };
        let writer = Builder::new().name("log".to_owned()).spawn(write)?;
        Ok(Journal { shared, alone, writer: Some(writer) })
    }

    /// Waits for a turn.
    pub(super) fn turn(&self) -> Result<Turn<'_>, LogFailed> {
        let queue = self.shared.queue.lock();
        if queue.failure.is_some() { Err(LogFailed) } else { Ok(Turn { queue, journal: self, added: false }) }
    }

    /// Why nothing can be written any more; none if it can.
    pub(super) fn failure(&self) -> Option<String> {
        self.shared.queue.lock().failure.clone()
    }

    pub(super) fn counts(&self) -> &Written {
        &self.shared.written
    }

    /// Writes what is queued, ends the thread, and gives the store back.
    ///
    /// # Errors
    /// Why writing failed, if it did.
    pub(super) fn close(mut self) -> Result<Store, String> {
        let store = self.end();
        match self.failure() {
            Some(failure) => Err(failure),
            None => store.ok_or_else(|| ENDED.to_owned()),
        }
    }

    fn end(&mut self) -> Option<Store> {
        self.shared.queue.lock().closing = true;
        self.shared.changed.notify_one();
        self.writer.take()?.join().ok()
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.end();
    }
}

impl Turn<'_> {
    /// Queues something that was counted.
    pub(super) fn add(&mut self, account: &Account<'_>, action: ActionId, at: Instant) {
        if !self.added && (self.journal.alone || self.queue.groups.is_empty()) {
            let bytes = std::mem::take(&mut self.queue.spare);
            self.queue.groups.push_back(Group { bytes, waiting: 0, written: watch::Sender::default() });
        }
        self.added = true;
        let Some(group) = self.queue.groups.back_mut() else { return };
        let entry = Entry { account: account.clone(), action: action as u32, at };
        let bytes = std::mem::take(&mut group.bytes);
        group.bytes = postcard::to_extend(&entry, bytes).expect("an entry is plain data");
    }

    /// Ends the turn. Something to wait for, if anything was queued.
    pub(super) fn end(mut self) -> Option<Ticket> {
        let group = self.queue.groups.back_mut().filter(|_| self.added)?;
        group.waiting += 1;
        let ticket = Ticket(group.written.subscribe());
        if self.queue.waiting() >= self.queue.wanted {
            self.journal.shared.changed.notify_one();
        }
        Some(ticket)
    }
}

impl Queue {
    /// From now on nothing is written; those who wait are told.
    fn fail(&mut self, why: String) {
        self.failure.get_or_insert(why);
        self.groups.clear();
    }

    /// How many requests wait for the next group; more than so many, where each is written alone.
    fn waiting(&self) -> usize {
        self.groups.back().map_or(0, |group| group.waiting)
    }
}

const ENDED: &str = "the thread that writes the log has ended: an error of the program";

/// Lets nobody wait for a writer that is gone.
struct Last(Arc<Shared>);

impl Drop for Last {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.queue.lock().fail(ENDED.to_owned());
        }
    }
}

struct Writer {
    store: Store,
    shared: Arc<Shared>,
    alone: bool,
    condensing: Condensing,
    /// How long a write takes on average, in milliseconds.
    pace: f64,
    /// Bytes since the last snapshot.
    since: u64,
    /// Room that the group before took.
    spare: Vec<u8>,
    /// A snapshot that is being made.
    aside: Option<JoinHandle<(Store, Result<(), StateError>)>>,
}

impl Writer {
    fn run(mut self) -> Store {
        let mut answered = 0;
        while let Some(group) = self.next(answered) {
            answered = group.waiting;
            let before = self.now();
            let written = self.store.append(&group.bytes);
            self.pace += WEIGHT * ((self.now() - before).clamp(0, 1_000) as f64 - self.pace);
            if let Err(error) = written {
                self.shared.queue.lock().fail(error.to_string());
                break;
            }
            self.shared.written.groups.fetch_add(1, Ordering::Relaxed);
            self.shared.written.bytes.fetch_add(group.bytes.len() as u64, Ordering::Relaxed);
            let _ = group.written.send(());
            self.since += group.bytes.len() as u64;
            self.spare = group.bytes;
            self.condense_if_long();
        }
        self.finish_condensing();
        self.store
    }

    /// The time in milliseconds; always the same where times are given.
    fn now(&self) -> Instant {
        match &self.condensing.clock {
            Clock::Given => 0,
            Clock::Server(now) => now(),
        }
    }

    /// The next group; none when the journal closes and all is written.
    fn next(&mut self, answered: usize) -> Option<Group> {
        let mut queue = self.shared.queue.lock();
        let all = answered + queue.waiting();
        self.spare.clear();
        queue.spare = std::mem::take(&mut self.spare);
        queue.wanted = 1;
        while queue.groups.is_empty() {
            if queue.closing {
                return None;
            }
            self.shared.changed.wait(&mut queue);
        }
        let wanted = if self.pace >= SLOW { all } else { all.div_ceil(2) };
        if !self.alone && queue.waiting() < wanted && !queue.closing {
            queue.wanted = wanted;
            let (least, most) = GATHERING;
            let most = Duration::from_secs_f64(self.pace.clamp(least, most) / 1_000.0);
            self.shared.changed.wait_for(&mut queue, most);
        }
        queue.groups.pop_front()
    }

    /// Starts to make a snapshot of what the log says, beside the server's own accounts, so that no request waits for it.
    fn condense_if_long(&mut self) {
        if self.aside.as_ref().is_some_and(JoinHandle::is_finished) {
            self.finish_condensing();
        }
        if self.since < self.condensing.long || self.aside.is_some() {
            return;
        }
        let (aside, book) = (self.store.clone(), Arc::clone(&self.condensing.book));
        let floor = self.condensing.floor.load(Ordering::Relaxed);
        let condense = move || condensed(aside, &book, floor);
        self.aside = Builder::new().name("snapshot".to_owned()).spawn(condense).ok();
        self.since = 0;
    }

    /// Takes over a snapshot that was made aside. One that failed is tried again when the log has grown as much once more.
    fn finish_condensing(&mut self) {
        match self.aside.take().map(JoinHandle::join) {
            None => {}
            Some(Ok((condensed, outcome))) => {
                self.store.take_over(&condensed);
                self.shared.written.snapshots.fetch_add(u64::from(outcome.is_ok()), Ordering::Relaxed);
            }
            Some(Err(_)) => {
                self.shared.queue.lock().fail("a snapshot failed: the state is damaged".to_owned());
            }
        }
    }
}

fn condensed(mut store: Store, book: &Rulebook, floor: Instant) -> (Store, Result<(), StateError>) {
    let outcome = store.recover(book).and_then(|(accounts, _)| {
        accounts.forget_idle(floor);
        store.condense(&accounts)
    });
    (store, outcome)
}
