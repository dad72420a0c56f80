//! What a limiter of this program says of itself, before it is asked: its rules, and where its times come from.

use serde::Deserialize;

use super::single::exchanged;
use super::{HttpTarget, Protocol};
use crate::load::plan::Times;
use crate::rulebook::Rulebook;

/// Where it is asked.
const PATH: &str = "/v1/about";
/// It is waited for at most so many seconds.
const LONGEST_WAIT: f64 = 2.0;
/// The most names of rules that are told.
const MOST_TOLD: usize = 8;

/// Why a server cannot be held against these rules, or be asked so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unlike {
    /// Checks would bring times to a server that takes its own.
    #[error("the server runs on its own clock: ask it with --times clock, or start it with --given-times")]
    OwnClock,
    /// Checks would bring no times to a server that needs them.
    #[error("the server runs on given times: ask it with --times given, or start it without --given-times")]
    GivenTimes,
    /// Its rules are others.
    #[error(
        "the server runs other rules than {book}, by which its answers would be judged ({here}): it has {there}; name its \
         rules here, with its --zone, or start it with these"
    )]
    OtherRules {
        /// Where the rules stand that answers are held against.
        book: String,
        /// Their names.
        here: String,
        /// The names of the server's rules.
        there: String,
    },
    /// Binary records name actions by their numbers, which are others there.
    #[error(
        "the server has other actions ({there}) than {book} ({here}), and binary records name them by their numbers: choose \
         --body json, or start both with the same file"
    )]
    OtherActions {
        /// Where the rules stand that answers are held against.
        book: String,
        /// Its actions.
        here: String,
        /// The server's actions.
        there: String,
    },
}

#[derive(Deserialize)]
struct About {
    times: String,
    rules: Vec<String>,
    actions: Vec<String>,
    fingerprint: String,
}

/// Why a target cannot be asked so; none where nothing speaks against it, also where the target does not tell: it may be
/// another program, or ask for a token, or not be there.
#[must_use]
pub fn unlike(target: &HttpTarget, book: &Rulebook, times: Times) -> Option<Unlike> {
    let is_binary = match &target.protocol {
        Protocol::Template(_) => return None,
        Protocol::Json => false,
        Protocol::Records => true,
    };
    let about = told(target)?;
    match (about.times.as_str(), times) {
        ("clock", Times::Given) => return Some(Unlike::OwnClock),
        ("given", Times::Clock) => return Some(Unlike::GivenTimes),
        _ => {}
    }
    let origin = || book.origin.clone();
    if about.fingerprint != book.fingerprint() {
        let (here, there) = (list(&book.rules), list(&about.rules));
        return Some(Unlike::OtherRules { book: origin(), here, there });
    }
    if is_binary && about.actions != book.actions {
        let (here, there) = (list(&book.actions), list(&about.actions));
        return Some(Unlike::OtherActions { book: origin(), here, there });
    }
    None
}

fn told(target: &HttpTarget) -> Option<About> {
    let host = target.url.authority();
    let request = format!("GET {PATH} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let answer = exchanged(target, LONGEST_WAIT, request.as_bytes()).ok()?;
    if answer.status == 200 { serde_json::from_slice(&answer.body).ok() } else { None }
}

fn list(names: &[String]) -> String {
    let told = names.iter().take(MOST_TOLD).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = names.len().saturating_sub(MOST_TOLD);
    let text = if more > 0 { format!("{told} and {more} more") } else { told };
    super::words::short(&text)
}
