//! What requests ask: bodies in JSON and in binary records, read and checked.

use std::ops::RangeInclusive;

use axum::http::StatusCode;
use serde::Deserialize;

use super::account::{Account, Asked, Text};
use super::refusal::Refusal;
use super::wording::Wording;
use crate::rules::{ActionId, EARLIEST, LATEST};
use crate::time::{Instant, SECOND};

/// The most checks of one request.
pub(super) const MOST: usize = 10_000;
/// The bytes of a binary record: unix seconds (i64), account (u32), action (u32), little endian.
pub(super) const RECORD: usize = 16;
/// The times that calendars know, of the years -9999 to 9999. One beyond them would be the latest of its account for ever.
pub(super) const KNOWN: RangeInclusive<Instant> = EARLIEST..=LATEST;
/// What a record says that leaves the time to the server.
const NOW: i64 = -1;

/// One question: may, or did, an account do something?
#[derive(Debug)]
pub(super) struct Question<'a> {
    pub(super) account: Account<'a>,
    pub(super) action: ActionId,
    /// When; none leaves it to the server's clock.
    pub(super) at: Option<Instant>,
}

/// What one body asks.
#[derive(Debug)]
pub(super) enum Questions<'a> {
    One(Question<'a>),
    Many(Vec<Question<'a>>),
}

/// A body as it is written; a single question has the first three, a batch the last.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body<'a> {
    #[serde(borrow)]
    account: Option<Asked<'a>>,
    #[serde(borrow)]
    action: Option<Text<'a>>,
    at: Option<Instant>,
    #[serde(borrow)]
    checks: Option<Vec<One<'a>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct One<'a> {
    #[serde(borrow)]
    account: Asked<'a>,
    #[serde(borrow)]
    action: Text<'a>,
    at: Option<Instant>,
}

/// How questions are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) words: &'a Wording,
    /// Whether each question brings its time.
    pub(super) times_given: bool,
}

impl Reader<'_> {
    /// Reads a body in JSON.
    pub(super) fn json<'b>(&self, bytes: &'b [u8]) -> Result<Questions<'b>, Refusal> {
        if bytes.trim_ascii_start().first() == Some(&b'[') {
            return Err(mixed("a list at its top"));
        }
        let body: Body<'b> = serde_json::from_slice(bytes).map_err(|error| unreadable(&error))?;
        match body {
            Body { account: Some(account), action: Some(action), at, checks: None } => {
                let one = One { account, action, at };
                self.question(one, &|| "the body".to_owned()).map(Questions::One)
            }
            Body { account: None, action: None, at: None, checks: Some(checks) } => self.batch(checks),
            Body { checks: Some(_), .. } => Err(mixed("both a single check and a batch")),
            Body { account: None, .. } => Err(mixed("no `account`")),
            Body { action: None, .. } => Err(mixed("no `action`")),
        }
    }

    fn batch<'b>(&self, checks: Vec<One<'b>>) -> Result<Questions<'b>, Refusal> {
        if checks.len() > MOST {
            return Err(too_many(checks.len()));
        }
        let question = |(place, one): (usize, One<'b>)| self.question(one, &|| format!("checks[{place}]"));
        checks.into_iter().enumerate().map(question).collect::<Result<_, _>>().map(Questions::Many)
    }

    fn question<'b>(&self, one: One<'b>, place: &dyn Fn() -> String) -> Result<Question<'b>, Refusal> {
        let One { account: Asked(account), action: Text(name), at } = one;
        let Some(action) = self.words.action(&name) else {
            let what = format!("no rule or list of actions names `{}`", shortened(&name));
            return Err(Refusal::unprocessable(what, place() + ": action", self.words.known_actions()));
        };
        match (self.times_given, at) {
            (true, None) => {
                let accepted = "milliseconds of unix time, as in \"at\": 1767600000123";
                Err(Refusal::unprocessable("no `at`: this server runs on given times", place(), accepted))
            }
            (false, Some(_)) => {
                let what = "`at` is given, but this server runs on its own clock";
                let accepted = "no `at`, or a server started with --given-times";
                Err(Refusal::unprocessable(what, place() + ": at", accepted))
            }
            (true, Some(at)) if !KNOWN.contains(&at) => {
                let accepted = format!("milliseconds of unix time from {} to {}", KNOWN.start(), KNOWN.end());
                Err(Refusal::unprocessable("no calendar knows this time", place() + ": at", accepted))
            }
            _ => Ok(Question { account, action, at }),
        }
    }

    /// Reads a body of binary records; those that are no questions are none.
    pub(super) fn records<'b>(
        &self,
        bytes: &'b [u8],
    ) -> Result<impl ExactSizeIterator<Item = Option<Record>> + use<'b>, Refusal> {
        let (records, rest) = bytes.as_chunks::<RECORD>();
        if !rest.is_empty() {
            let what = format!("the body has {} bytes, which is no multiple of {RECORD}", bytes.len());
            let accepted = "records of 16 bytes, little endian: seconds i64, account u32, action u32";
            return Err(Refusal::new(StatusCode::BAD_REQUEST, what, "the body", accepted));
        }
        if records.len() > MOST {
            return Err(too_many(records.len()));
        }
        let (actions, times_given) = (self.words.actions.len(), self.times_given);
        Ok(records.iter().map(move |record| Record::read(record, actions, times_given)))
    }
}

/// One binary record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) account: u64,
    pub(super) action: ActionId,
    pub(super) at: Option<Instant>,
}

impl Record {
    #[inline]
    fn read(bytes: &[u8; RECORD], actions: usize, times_given: bool) -> Option<Record> {
        let word = u128::from_le_bytes(*bytes);
        let (seconds, account, action) = (word as i64, (word >> 64) as u32, (word >> 96) as ActionId);
        let at = times_given.then(|| seconds.saturating_mul(SECOND));
        let is_known = at.map_or(seconds == NOW, |at| KNOWN.contains(&at));
        let is_question = action < actions && is_known;
        is_question.then_some(Record { account: u64::from(account), action, at })
    }
}

fn unreadable(error: &serde_json::Error) -> Refusal {
    let status = if error.is_data() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::BAD_REQUEST };
    let text = error.to_string();
    let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
    let place = format!("line {}, column {}", error.line(), error.column());
    Refusal::new(status, what, place, ACCEPTED)
}

/// What a body in JSON may be, for messages.
const ACCEPTED: &str =
    "{\"account\": ..., \"action\": ...}, or {\"checks\": [...]} with at most 10000 of them";

fn mixed(what: &str) -> Refusal {
    Refusal::unprocessable(format!("the body has {what}"), "the body", ACCEPTED)
}

fn too_many(count: usize) -> Refusal {
    let what = format!("the body has {count} checks");
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, what, "the body", format!("at most {MOST}"))
}

/// The start of a text that a client chose.
fn shortened(text: &str) -> String {
    if text.chars().count() <= 64 { text.to_owned() } else { text.chars().take(64).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rulebook::Rulebook;
    use crate::rules::{Calendar, Limit, Rule, Window};

    fn words() -> Wording {
        let rule = Rule { actions: vec![0], limits: vec![Limit { window: Window::Day, max: 1 }] };
        let names = vec!["message".to_owned(), "login".to_owned()];
        let rules = vec![("messages".to_owned(), rule)];
        Wording::new(&Rulebook::new(rules, names, Calendar::Civil, String::new())).expect("a rule")
    }

    fn record(seconds: i64, account: u32, action: u32) -> Vec<u8> {
        [&seconds.to_le_bytes()[..], &account.to_le_bytes(), &action.to_le_bytes()].concat()
    }

    #[test]
    fn records_are_read_in_their_byte_order_and_bad_ones_are_none() {
        let words = words();
        let body =
            [record(-2, 7, 1), record(253_402_207_199, u32::MAX, 0), record(5, 1, 2), record(-1, 3, 0)]
                .concat();
        let read = |times_given| -> Vec<Option<Record>> {
            Reader { words: &words, times_given }.records(&body).expect("whole records").collect()
        };
        let first = Record { account: 7, action: 1, at: Some(-2_000) };
        let far = Record { account: u64::from(u32::MAX), action: 0, at: Some(253_402_207_199_000) };
        let before = Record { account: 3, action: 0, at: Some(-1_000) };
        assert_eq!(read(true), [Some(first), Some(far), None, Some(before)]);
        assert_eq!(read(false), [None, None, None, Some(Record { at: None, ..before })]);
    }

    #[test]
    fn ten_thousand_are_taken_and_one_more_is_not() {
        let words = words();
        let reader = Reader { words: &words, times_given: true };
        let records = |count| {
            reader
                .records(&vec![0; RECORD * count][..])
                .map(|records| records.len())
                .map_err(|no| no.status())
        };
        assert_eq!(records(MOST), Ok(MOST));
        assert_eq!(records(MOST + 1), Err(StatusCode::PAYLOAD_TOO_LARGE));
        let checks = |count| {
            let one = r#"{"account":1,"action":"message","at":1}"#;
            let body = format!("{{\"checks\":[{}]}}", vec![one; count].join(","));
            reader.json(body.as_bytes()).map(|_| ()).map_err(|no| no.status())
        };
        assert_eq!(checks(MOST), Ok(()));
        assert_eq!(checks(MOST + 1), Err(StatusCode::PAYLOAD_TOO_LARGE));
    }
}
