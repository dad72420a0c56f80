//! The limiter over HTTP: checks, records and usage, durable if asked to be.
//!
//! - A decision is made in memory, written to the log, and then answered: an answered admission survives the death of the
//!   process with [`Durability::Batch`] and [`Durability::Always`].
//! - If the log cannot be written, the request is answered with 503 and what it admitted stays counted: no window is ever
//!   overrun. From then on all checks and records are answered with 503.
//! - No request is answered with a panic: what fails inside is answered with 500, and the server lives on.

mod account;
mod accounts;
mod admission;
mod answer;
mod connections;
mod journal;
mod metrics;
mod openapi;
mod question;
mod refusal;
mod room;
mod routes;
mod store;
mod token;
mod wording;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use hyper_util::service::TowerToHyperService;

pub use admission::Clock;
pub use store::StateError;
pub use token::Token;
pub use wording::UnservedRules;

use accounts::Accounts;
use admission::Admission;
use connections::Front;
use journal::{Condensing, Journal};
use metrics::Traffic;
use routes::Desk;
use store::Store;
use wording::Wording;

use crate::numbers::counted;
use crate::rulebook::Rulebook;

/// What an answered admission survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A server that stops gracefully; one that dies loses what happened since its last snapshot.
    None,
    /// The death of the process or of the machine: an answer waits until the group that holds it is on disk.
    Batch,
    /// The same, with every request written to disk alone.
    Always,
}

/// Bounds on what clients may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest body, in bytes.
    pub body_bytes: usize,
    /// How long a connection may take for the head of a request, for taking an answer, and may be idle; up to twice as long
    /// passes until it is closed.
    pub header_time: Duration,
    /// How long a request may take: its body to arrive, its entries to be written.
    pub request_time: Duration,
    /// The most connections; more wait until one closes.
    pub connections: usize,
    /// The most requests that are answered at once; more are refused with 503.
    pub requests: usize,
    /// The most accounts that are held; checks and records of new ones beyond are refused with 503. A state that holds more is
    /// taken as it is.
    pub accounts: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            body_bytes: 2 << 20,
            header_time: Duration::from_secs(30),
            request_time: Duration::from_secs(10),
            connections: 1_024,
            requests: 512,
            accounts: 10_000_000,
        }
    }
}

/// How a server is to run.
#[derive(Debug, Clone)]
pub struct Config {
    /// The rules.
    pub book: Rulebook,
    /// Where times come from.
    pub clock: Clock,
    /// What an answered admission survives.
    pub durability: Durability,
    /// The folder of the state; none keeps it in memory.
    pub state: Option<PathBuf>,
    /// A snapshot takes the log's place once it has so many bytes of entries.
    pub snapshot_after: u64,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// What clients must know. An address beyond this machine needs one.
    pub token: Option<Token>,
    /// Bounds on requests.
    pub limits: Limits,
    /// Threads that answer; at least 1.
    pub threads: usize,
}

/// Why a server does not start or stop as it should.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Everybody on the network could ask.
    #[error("{0} can be reached from other machines: that needs a token file, or listen on 127.0.0.1")]
    Open(SocketAddr),
    /// There is nowhere to write.
    #[error("durability needs a folder for the state")]
    Nowhere,
    /// The rules cannot be served.
    #[error(transparent)]
    Rules(#[from] UnservedRules),
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, io::Error),
    /// The state cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// The log could not be written while the server ran.
    #[error("the log could not be written: {0}")]
    Log(String),
    /// A request would not end, so no snapshot could be made of what it may still change.
    #[error("a request did not end in time: the state was not saved")]
    Unsaved,
    /// The system gave no threads.
    #[error("cannot start: {0}")]
    Threads(io::Error),
}

/// What a server found when it started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Accounts that some window still holds something of.
    pub accounts: usize,
    /// Events of the log that were played again.
    pub events: u64,
}

/// What a server did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Served {
    /// Requests that were answered.
    pub requests: u64,
    /// Checks that were allowed.
    pub allowed: u64,
    /// Checks that were denied.
    pub denied: u64,
    /// Actions that were recorded without a check.
    pub recorded: u64,
}

/// A server that listens and has not been asked yet.
#[derive(Debug)]
pub struct Server {
    desk: Arc<Desk>,
    listener: TcpListener,
    address: SocketAddr,
    token: Option<Token>,
    threads: usize,
    /// The state of a server without a log.
    resting: Option<Store>,
    recovered: Recovered,
}

impl Server {
    /// Opens the state and listens.
    ///
    /// # Errors
    /// When the address is open to others and no token is asked for, when it cannot be listened on, or when the rules or the
    /// state cannot be used.
    pub fn start(config: Config) -> Result<Server, ServeError> {
        if !config.listen.ip().is_loopback() && config.token.is_none() {
            return Err(ServeError::Open(config.listen));
        }
        if config.durability != Durability::None && config.state.is_none() {
            return Err(ServeError::Nowhere);
        }
        let words = Wording::new(&config.book)?;
        let listening = |error| ServeError::Listen(config.listen, error);
        let listener = TcpListener::bind(config.listen).map_err(listening)?;
        listener.set_nonblocking(true).map_err(listening)?;
        let address = listener.local_addr().map_err(listening)?;
        let book = Arc::new(config.book);
        let floor = Arc::new(AtomicI64::new(i64::MIN));
        let (accounts, store, events) = recover(&book, &config.clock, config.state.as_deref(), &floor)?;
        let recovered = Recovered { accounts: accounts.count(), events };
        let condensing = Condensing {
            book: Arc::clone(&book),
            floor: Arc::clone(&floor),
            long: config.snapshot_after,
            clock: config.clock.clone(),
        };
        let (journal, resting) = match (config.durability, store) {
            (Durability::Batch | Durability::Always, Some(store)) => {
                let alone = config.durability == Durability::Always;
                (Some(Journal::start(store, alone, condensing).map_err(ServeError::Threads)?), None)
            }
            (_, store) => (None, store),
        };
        let admission = Admission::new(&book, accounts, config.clock, floor, journal, config.limits.accounts);
        let (openapi, traffic) = (openapi::document(&book), Traffic::default());
        let desk = Arc::new(Desk { book, words, admission, traffic, limits: config.limits, openapi });
        let token = config.token;
        Ok(Server { desk, listener, address, token, threads: config.threads.max(1), resting, recovered })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its rules in a few words.
    #[must_use]
    pub fn rules(&self) -> String {
        let book = &self.desk.book;
        let (rules, limits, actions) = (book.rules.len(), book.set.limits(), book.actions.len());
        let (rules, limits) = (counted(rules as u64, "rule"), counted(limits as u64, "limit"));
        format!("{} ({rules}, {limits}, {})", book.origin, counted(actions as u64, "action"))
    }

    /// What it found.
    #[must_use]
    pub fn recovered(&self) -> Recovered {
        self.recovered
    }

    /// Answers until `stop`; then finishes what runs, writes what is queued and a snapshot.
    ///
    /// # Errors
    /// When the system gives no threads, or when the state cannot be written.
    pub fn run(self, stop: impl Future<Output = ()>) -> Result<Served, ServeError> {
        let mut threads = tokio::runtime::Builder::new_multi_thread();
        let threads =
            threads.worker_threads(self.threads).enable_all().build().map_err(ServeError::Threads)?;
        let router = TowerToHyperService::new(routes::router(Arc::clone(&self.desk)));
        let front = Front { desk: Arc::clone(&self.desk), router, token: self.token };
        let listened = threads.block_on(async {
            let listener = tokio::net::TcpListener::from_std(self.listener)?;
            let tidying = tokio::spawn(tidy(Arc::clone(&self.desk)));
            connections::serve(front, listener, stop).await;
            tidying.abort();
            Ok(())
        });
        listened.map_err(|error| ServeError::Listen(self.address, error))?;
        threads.shutdown_timeout(self.desk.limits.request_time);
        finish(self.desk, self.resting)
    }
}

/// How often idle accounts are looked for.
const TIDY: Duration = Duration::from_mins(1);

async fn tidy(desk: Arc<Desk>) {
    loop {
        tokio::time::sleep(TIDY).await;
        desk.admission.forget_idle();
    }
}

/// The accounts, the state if there is one, and how many events were played again. What no window can see is left out.
fn recover(
    book: &Rulebook,
    clock: &Clock,
    state: Option<&std::path::Path>,
    floor: &AtomicI64,
) -> Result<(Accounts, Option<Store>, u64), StateError> {
    let Some(folder) = state else { return Ok((Accounts::new(book), None, 0)) };
    let given_times = matches!(clock, Clock::Given);
    let (mut store, accounts, events) = Store::open(folder, book, given_times)?;
    if let Clock::Server(now) = clock {
        let now = now() - admission::SLACK;
        floor.store(now, Ordering::Relaxed);
        accounts.forget_idle(now);
    }
    if events > 0 {
        store.condense(&accounts)?;
    } else {
        store.clean()?;
    }
    store.shrink()?;
    Ok((accounts, Some(store), events))
}

/// Writes what is left to write.
fn finish(desk: Arc<Desk>, resting: Option<Store>) -> Result<Served, ServeError> {
    let counts = &desk.admission.counts;
    let served = Served {
        requests: desk.traffic.all(),
        allowed: counts.allowed.load(Ordering::Relaxed),
        recorded: counts.recorded.load(Ordering::Relaxed),
        denied: counts.denied.iter().map(|denied| denied.load(Ordering::Relaxed)).sum(),
    };
    // A request that outlived its time holds the desk: then the log, which has all that was answered, is left as it is.
    let desk = match Arc::try_unwrap(desk) {
        Ok(desk) => desk,
        Err(desk) => {
            return match desk.admission.journal().and_then(Journal::failure) {
                Some(failure) => Err(ServeError::Log(failure)),
                None if resting.is_some() => Err(ServeError::Unsaved),
                None => Ok(served),
            };
        }
    };
    let (accounts, journal) = desk.admission.into_parts();
    let store = match journal {
        None => resting,
        Some(journal) => Some(journal.close().map_err(ServeError::Log)?),
    };
    if let Some(mut store) = store {
        store.condense(&accounts)?;
    }
    Ok(served)
}
