//! The servers that are measured: the limiter, and the plain handler beside it.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::post;
use pacewise::limiter::{Call, Limiter};
use pacewise::rulebook::Rulebook;
use pacewise::rules::{Calendar, Limit, Rule, Window};
use pacewise::serve::{Clock, Config, Durability, Limits, Server};
use pacewise::time::{DAY, HOUR};
use serde::Deserialize;

use crate::client::{Load, accounts};
use crate::process::STATE;

/// Threads that answer, on either side.
const THREADS: usize = 2;

/// Serves until it is killed.
pub(crate) fn run(kind: &str) {
    if kind == "peer" {
        return plain();
    }
    let durability = match kind {
        "batch" => Durability::Batch,
        "always" => Durability::Always,
        _ => Durability::None,
    };
    let folder = PathBuf::from(std::env::var_os(STATE).expect("it is set"));
    let config = Config {
        book: book(),
        clock: Clock::Server(Arc::new(now)),
        durability,
        state: (durability != Durability::None).then_some(folder),
        snapshot_after: 64 << 20,
        listen: "127.0.0.1:0".parse().expect("an address"),
        token: None,
        limits: Limits::default(),
        threads: THREADS,
    };
    let server = Server::start(config).expect("it starts");
    announce(server.address());
    server.run(std::future::pending()).expect("it serves");
}

fn announce(address: std::net::SocketAddr) {
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{address}").and_then(|()| stdout.flush()).expect("somebody reads");
}

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// Three windows on an action, wide enough that most checks are allowed.
fn book() -> Rulebook {
    let windows = [(HOUR, 1_000), (DAY, 4_000), (7 * DAY, 10_000)];
    let limits = windows.map(|(span, max)| Limit { window: Window::Sliding(span), max }).to_vec();
    let rules = vec![("messages".to_owned(), Rule { actions: vec![0], limits })];
    Rulebook::new(rules, vec!["message".to_owned()], Calendar::Civil, "bench".to_owned())
}

/// A limiter with the rules of the server.
pub(crate) fn limiter() -> Limiter<u64> {
    Limiter::new(&book().set, &Calendar::Civil)
}

/// Gives a limiter the batches of a load.
pub(crate) fn check_all(limiter: &Limiter<u64>, load: Load, round: usize) {
    for (connection, number) in (0..load.connections).flat_map(|c| (0..load.requests).map(move |n| (c, n))) {
        let accounts: Vec<u64> = accounts(connection, number + round).map(|account| account as u64).collect();
        let at = now();
        let calls: Vec<Call<'_, u64>> =
            accounts.iter().map(|account| Call { account, action: 0, at }).collect();
        std::hint::black_box(limiter.check_all(&calls));
    }
}

#[derive(Deserialize)]
struct Ask {
    account: String,
    action: String,
}

/// What any handler would do: read the same request and answer as many bytes, from the same kind of server.
async fn handler(body: Bytes) -> impl IntoResponse {
    let ask: Ask = serde_json::from_slice(&body).expect("the bench asks so");
    assert!(!ask.account.is_empty() && ask.action == "message");
    let headers = [
        ("content-type", "application/json"),
        (
            "ratelimit-policy",
            "\"messages 1 h\";q=1000;w=3600, \"messages 24 h\";q=4000;w=86400, \"messages 7 d\";q=10000;w=604800",
        ),
        ("ratelimit", "\"messages 1 h\";r=995"),
    ];
    (StatusCode::OK, headers, format!("{{\"decision\":\"allow\",\"at\":{}}}", now()))
}

fn plain() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build();
    runtime.expect("it starts").block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("it listens");
        announce(listener.local_addr().expect("it has an address"));
        axum::serve(listener, Router::new().route("/v1/check", post(handler))).await.expect("it serves");
    });
}
