//! How checks are asked of an HTTP target, and what its answers mean.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};

use super::response::Answer;
use super::template::Template;
use crate::load::call::{Call, Retry, Said};
use crate::load::measure::Trouble;
use crate::load::names::Names;
use crate::load::plan::Times;
use crate::rulebook::Rulebook;
use crate::time::{Instant, SECOND};

/// The bytes of a binary record.
const RECORD: usize = 16;

/// How an HTTP target is spoken to.
#[derive(Debug, Clone)]
pub enum Protocol {
    /// The limiter, in JSON.
    Json,
    /// The limiter, in binary records.
    Records,
    /// Any other endpoint, as a template says.
    Template(Box<Template>),
}

/// One answered check: what was said, and when the target says that it took it.
pub(super) type Told = (Said, Option<Instant>);

#[derive(Deserialize)]
struct One<'a> {
    decision: &'a str,
    at: Option<Instant>,
    #[serde(borrow)]
    rule: Option<Cow<'a, str>>,
    #[serde(default = "untold", deserialize_with = "stated")]
    retry_after_ms: Retry,
}

/// Tells `null` from what is not stated.
fn stated<'de, D: Deserializer<'de>>(from: D) -> Result<Retry, D::Error> {
    let after: Option<Instant> = Option::deserialize(from)?;
    Ok(after.map_or(Retry::Never, Retry::After))
}

fn untold() -> Retry {
    Retry::Untold
}

#[derive(Deserialize)]
struct Many<'a> {
    #[serde(borrow)]
    answers: Vec<One<'a>>,
}

impl Protocol {
    /// Writes the request that asks `calls`.
    pub(super) fn write(
        &self,
        authority: &str,
        (book, names): (&Rulebook, &Names),
        times: Times,
        calls: &[Call],
        out: &mut Vec<u8>,
    ) {
        match self {
            Protocol::Json => {
                let mut body = String::with_capacity(80 * calls.len());
                json(&mut body, (book, names), times, calls);
                head(out, authority, "application/json", body.len());
                out.extend_from_slice(body.as_bytes());
            }
            Protocol::Records => {
                head(out, authority, "application/octet-stream", RECORD * calls.len());
                for call in calls {
                    let seconds = if times == Times::Given { call.at.div_euclid(SECOND) } else { -1 };
                    out.extend_from_slice(&seconds.to_le_bytes());
                    out.extend_from_slice(&names.number(call.account).to_le_bytes());
                    out.extend_from_slice(&call.action.to_le_bytes());
                }
            }
            Protocol::Template(template) => template.write(authority, (book, names), &calls[0], out),
        }
    }

    /// Reads what an answer says of `checks` checks.
    pub(super) fn read(&self, book: &Rulebook, answer: &Answer, checks: usize) -> Result<Vec<Told>, Trouble> {
        match self {
            Protocol::Template(template) => template.read(book, answer).map(|told| vec![told]),
            Protocol::Records if answer.status == 200 => {
                let said = answer.body.iter().map(|&byte| said_of_byte(byte, book).map(|said| (said, None)));
                whole(said, checks)
            }
            Protocol::Json if checks == 1 && matches!(answer.status, 200 | 429) => {
                let one: One = serde_json::from_slice(&answer.body).map_err(|_| Trouble::Garbage)?;
                let is_allowed = answer.status == 200;
                let told = told(one, book)?;
                if told.0.is_allowed() == is_allowed { Ok(vec![told]) } else { Err(Trouble::Garbage) }
            }
            Protocol::Json if checks > 1 && answer.status == 200 => {
                let many: Many = serde_json::from_slice(&answer.body).map_err(|_| Trouble::Garbage)?;
                whole(many.answers.into_iter().map(|one| told(one, book)), checks)
            }
            Protocol::Records | Protocol::Json => Err(Trouble::Status(answer.status)),
        }
    }

    /// A check as the target can be told of it: where times are sent in seconds, the rest is cut off.
    pub(super) fn told(&self, call: Call) -> Call {
        let in_seconds = match self {
            Protocol::Json => false,
            Protocol::Records => true,
            Protocol::Template(template) => template.rounds_times(),
        };
        if in_seconds { Call { at: call.at - call.at.rem_euclid(SECOND), ..call } } else { call }
    }

    /// The most checks that a request can hold.
    #[must_use]
    pub fn most_checks(&self) -> usize {
        if matches!(self, Protocol::Template(_)) { 1 } else { 10_000 }
    }
}

fn head(out: &mut Vec<u8>, authority: &str, kind: &str, length: usize) {
    let head =
        ["POST /v1/check HTTP/1.1\r\nHost: ", authority, "\r\nContent-Type: ", kind, "\r\nContent-Length: "];
    for part in head {
        out.extend_from_slice(part.as_bytes());
    }
    out.extend_from_slice(length.to_string().as_bytes());
    out.extend_from_slice(b"\r\n\r\n");
}

fn json(body: &mut String, (book, names): (&Rulebook, &Names), times: Times, calls: &[Call]) {
    let is_batch = calls.len() > 1;
    body.push_str(if is_batch { "{\"checks\":[" } else { "" });
    for (place, call) in calls.iter().enumerate() {
        body.push_str(if place > 0 { "," } else { "" });
        body.push_str("{\"account\":");
        let number = || names.number(call.account).to_string();
        body.push_str(&names.text(call.account).map_or_else(number, quoted));
        body.push_str(",\"action\":");
        body.push_str(&quoted(&book.action(call.action)));
        if times == Times::Given {
            body.push_str(",\"at\":");
            body.push_str(&call.at.to_string());
        }
        body.push('}');
    }
    body.push_str(if is_batch { "]}" } else { "" });
}

/// A text in JSON, with its quotes.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// As many answers as there were checks.
fn whole(answers: impl Iterator<Item = Result<Told, Trouble>>, checks: usize) -> Result<Vec<Told>, Trouble> {
    let all: Vec<Told> = answers.collect::<Result<_, _>>()?;
    if all.len() == checks { Ok(all) } else { Err(Trouble::Garbage) }
}

fn said_of_byte(byte: u8, book: &Rulebook) -> Result<Said, Trouble> {
    let rules = book.rules.len().min(254) as u8;
    match byte {
        0 => Ok(Said::Allowed),
        u8::MAX => Err(Trouble::Refused),
        rule if rule <= rules => Ok(Said::Denied { rule: Some(u32::from(rule) - 1), retry: Retry::Untold }),
        _ => Err(Trouble::UnknownRule),
    }
}

fn told(one: One, book: &Rulebook) -> Result<Told, Trouble> {
    let said = match one.decision {
        "allow" => Said::Allowed,
        "deny" => {
            let number = |name: Cow<str>| {
                let place = book.rules.iter().position(|known| *known == name);
                place.map(|rule| rule as u32).ok_or(Trouble::UnknownRule)
            };
            Said::Denied { rule: one.rule.map(number).transpose()?, retry: one.retry_after_ms }
        }
        _ => return Err(Trouble::Garbage),
    };
    Ok((said, one.at))
}
