//! `pacewise serve --limiter`: answers over HTTP whether accounts may act, until it is told to stop.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use pacewise::numbers::counted;
use pacewise::serve::{Clock, Config, Durability, Limits, Served, Server, Token};

use super::Outcome;
use super::rules::{RuleArgs, calendar};
use super::terminal;

#[derive(Debug, clap::Args)]
pub(crate) struct ServeArgs {
    /// Serve the limiter: checks, records and usage over HTTP.
    #[arg(long, required = true)]
    pub(crate) limiter: bool,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    /// The time zone in which calendar days, weeks and months begin, except for limits that name one of their own.
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    pub(crate) zone: String,
    /// Where to listen; port 0 takes a free one. Another machine can reach it only with --token-file.
    #[arg(long, value_name = "ADDRESS", default_value_t = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 7171))]
    pub(crate) listen: SocketAddr,
    /// The file with the token that clients must send.
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// The folder of the state. Default: everything stays in memory.
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// What an answered admission survives. Default: batch with --state, else none.
    #[arg(long, value_enum)]
    pub(crate) durability: Option<DurabilityArg>,
    /// A snapshot takes the log's place once it has so many bytes of entries.
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 20, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) snapshot_after: u64,
    /// Every request brings its time; the clock is not used.
    #[arg(long)]
    pub(crate) given_times: bool,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
    /// Threads that answer. Default: one for each core.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct LimitArgs {
    /// The longest body, in bytes.
    #[arg(long, value_name = "BYTES", default_value_t = 2 << 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_body: u32,
    /// Milliseconds that a connection may take for the head of a request or for taking an answer, or be idle; it is closed
    /// when up to twice as long has passed.
    #[arg(long, value_name = "MS", default_value_t = 30_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) header_timeout: u32,
    /// Milliseconds that a request may take.
    #[arg(long, value_name = "MS", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) request_timeout: u32,
    /// The most connections; more wait.
    #[arg(long, value_name = "N", default_value_t = 1_024, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) max_connections: u32,
    /// The most requests that are answered at once; more are refused.
    #[arg(long, value_name = "N", default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) max_requests: u32,
    /// The most accounts that are held; checks and records of new ones beyond are refused. A state that holds more is taken as
    /// it is.
    #[arg(long, value_name = "N", default_value_t = 10_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_accounts: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DurabilityArg {
    /// A graceful stop; what happened since is lost when the process dies.
    None,
    /// The death of the process: written in groups, before it is answered.
    Batch,
    /// The death of the process: written one by one, before it is answered.
    Always,
}

pub(crate) fn run(args: &ServeArgs) -> io::Result<Outcome> {
    let server = match start(args) {
        Ok(server) => server,
        Err(problem) => {
            terminal::complain(&problem);
            return Ok(Outcome::Failed);
        }
    };
    let line = announcement(args, &server);
    match server.run(told_to_stop(line)) {
        Ok(Served { requests, allowed, denied, recorded }) => {
            let (requests, checks) =
                (counted(requests, "request"), format!("{allowed} allowed, {denied} denied"));
            writeln!(io::stdout(), "stopped: {requests} answered, {checks}, {recorded} recorded")?;
            Ok(Outcome::Good)
        }
        Err(error) => {
            terminal::complain(&error.to_string());
            Ok(Outcome::Failed)
        }
    }
}

fn start(args: &ServeArgs) -> Result<Server, String> {
    let now = || jiff::Timestamp::now().as_millisecond();
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let config = Config {
        book: args.rules.read(calendar(Some(&args.zone))?)?,
        clock: if args.given_times { Clock::Given } else { Clock::Server(Arc::new(now)) },
        durability: durability(args),
        state: args.state.clone(),
        snapshot_after: args.snapshot_after,
        listen: args.listen,
        token: args.token_file.as_deref().map(Token::read).transpose()?,
        limits: limits(&args.limits),
        threads: args.threads.map_or_else(cores, usize::from),
    };
    Server::start(config).map_err(|error| error.to_string())
}

fn durability(args: &ServeArgs) -> Durability {
    match args.durability {
        Some(DurabilityArg::Batch) => Durability::Batch,
        Some(DurabilityArg::Always) => Durability::Always,
        None if args.state.is_some() => Durability::Batch,
        Some(DurabilityArg::None) | None => Durability::None,
    }
}

fn limits(args: &LimitArgs) -> Limits {
    Limits {
        body_bytes: args.max_body as usize,
        header_time: Duration::from_millis(args.header_timeout.into()),
        request_time: Duration::from_millis(args.request_timeout.into()),
        connections: args.max_connections as usize,
        requests: args.max_requests as usize,
        accounts: usize::try_from(args.max_accounts).unwrap_or(usize::MAX),
    }
}

/// One line: where the server listens, by which rules, and what it found.
fn announcement(args: &ServeArgs, server: &Server) -> String {
    let (address, recovered) = (server.address(), server.recovered());
    let durability = format!("{:?}", durability(args)).to_lowercase();
    let state = match &args.state {
        None => "in memory".to_owned(),
        Some(folder) => {
            let accounts = counted(recovered.accounts as u64, "account");
            format!("{} ({accounts}, {} played again)", folder.display(), counted(recovered.events, "event"))
        }
    };
    let rules = server.rules();
    format!("listening on http://{address}; rules: {rules}; durability: {durability}; state: {state}")
}

/// Says that the server listens, once it would hear that it is to stop; then waits for an interrupt or a termination. Where
/// nobody can be told, it is to stop at once.
async fn told_to_stop(line: String) {
    let told = told();
    let mut stdout = io::stdout();
    if writeln!(stdout, "{line}").and_then(|()| stdout.flush()).is_ok() {
        told.await;
    }
}

/// From now on, an interrupt or a termination.
#[cfg(unix)]
fn told() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let heard = [SignalKind::interrupt(), SignalKind::terminate()].map(|kind| signal(kind).ok());
    async {
        let [interrupt, terminate] = heard.map(|signal| async {
            match signal {
                Some(mut signal) => drop(signal.recv().await),
                None => std::future::pending().await,
            }
        });
        tokio::select! {
            () = interrupt => {}
            () = terminate => {}
        }
    }
}

/// From now on, an interrupt.
#[cfg(not(unix))]
fn told() -> impl Future<Output = ()> {
    async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
