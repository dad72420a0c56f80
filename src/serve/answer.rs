//! Answers as they are sent: bytes put together by hand, since most requests get one of two short texts.

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use axum::http::{Response, StatusCode};
use serde::Serialize;

use super::admission::Verb;
use super::wording::Wording;
use crate::rules::{ActionId, Decision, Usage};
use crate::time::{Instant, SECOND};

pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json");
const RECORDS: HeaderValue = HeaderValue::from_static("application/octet-stream");
const METRICS: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// What is to be answered, before it is written out.
#[derive(Debug)]
pub(super) enum Outcome {
    One {
        action: ActionId,
        at: Instant,
        decision: Decision,
        left: Option<Left>,
    },
    Many(Vec<(Instant, Decision)>),
    /// A byte for each record.
    Records(Vec<u8>),
}

/// The limit that is closest to full, and what it has left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Left {
    limit: usize,
    room: u32,
}

/// What is left of some limits.
pub(super) fn left(limits: &[usize], usage: &[Usage]) -> Option<Left> {
    let room = |&limit: &usize| Left { limit, room: usage[limit].max.saturating_sub(usage[limit].count) };
    limits.iter().map(room).min_by_key(|left| left.room)
}

impl Outcome {
    pub(super) fn response(self, words: &Wording, verb: Verb) -> Response<Body> {
        match self {
            Outcome::One { action, at, decision, left } => one(words, verb, action, (at, decision), left),
            Outcome::Many(decided) => many(words, verb, &decided),
            Outcome::Records(answer) => typed(RECORDS, answer),
        }
    }
}

/// The answer to one question; how full the windows are afterwards is told in headers.
fn one(
    words: &Wording,
    verb: Verb,
    action: ActionId,
    (at, decision): (Instant, Decision),
    left: Option<Left>,
) -> Response<Body> {
    let mut body = Vec::with_capacity(96);
    write_answer(&mut body, words, verb, at, decision);
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, JSON);
    let policies = &words.policies[action];
    if verb == Verb::Check && !policies.limits.is_empty() {
        headers.insert(RATE_LIMIT_POLICY, policies.header.clone());
        headers.extend(rate_limit(words, decision, left).map(|value| (RATE_LIMIT, value)));
    }
    if let Decision::Denied(denied) = decision {
        let seconds = denied.retry_after.map(seconds);
        headers.extend(seconds.map(|seconds| (RETRY_AFTER, HeaderValue::from(seconds))));
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    }
    response
}

/// The policy that is closest to its quota: what remains of it, and when it denies, for how long.
fn rate_limit(words: &Wording, decision: Decision, left: Option<Left>) -> Option<HeaderValue> {
    let mut text = Vec::with_capacity(96);
    match decision {
        Decision::Denied(denied) => {
            text.extend_from_slice(words.policy_names[denied.limit as usize].as_bytes());
            text.extend_from_slice(b";r=0");
            if let Some(after) = denied.retry_after {
                text.extend_from_slice(b";t=");
                write_number(&mut text, seconds(after));
            }
        }
        Decision::Allowed => {
            let Left { limit, room } = left?;
            text.extend_from_slice(words.policy_names[limit].as_bytes());
            text.extend_from_slice(b";r=");
            write_number(&mut text, room.into());
        }
    }
    HeaderValue::from_maybe_shared(Bytes::from(text)).ok()
}

/// The answers to a batch in JSON.
fn many(words: &Wording, verb: Verb, decided: &[(Instant, Decision)]) -> Response<Body> {
    let mut body = Vec::with_capacity(16 + 48 * decided.len());
    body.extend_from_slice(b"{\"answers\":[");
    for (place, &(at, decision)) in decided.iter().enumerate() {
        if place > 0 {
            body.push(b',');
        }
        write_answer(&mut body, words, verb, at, decision);
    }
    body.extend_from_slice(b"]}");
    typed(JSON, body)
}

pub(super) fn metrics(text: String) -> Response<Body> {
    typed(METRICS, text)
}

pub(super) fn json(value: &impl Serialize) -> Response<Body> {
    typed(JSON, serde_json::to_vec(value).unwrap_or_default())
}

pub(super) fn typed(kind: HeaderValue, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

fn write_answer(body: &mut Vec<u8>, words: &Wording, verb: Verb, at: Instant, decision: Decision) {
    match (verb, decision) {
        (Verb::Record, _) => body.extend_from_slice(b"{\"at\":"),
        (Verb::Check, Decision::Allowed) => body.extend_from_slice(b"{\"decision\":\"allow\",\"at\":"),
        (Verb::Check, Decision::Denied(_)) => body.extend_from_slice(b"{\"decision\":\"deny\",\"at\":"),
    }
    write_number(body, at);
    if let Decision::Denied(denied) = decision {
        body.extend_from_slice(b",\"rule\":");
        body.extend_from_slice(words.quoted[denied.rule as usize].as_bytes());
        body.extend_from_slice(b",\"retry_after_ms\":");
        match denied.retry_after {
            Some(after) => write_number(body, after),
            None => body.extend_from_slice(b"null"),
        }
    }
    body.push(b'}');
}

/// Appends a number in digits.
fn write_number(body: &mut Vec<u8>, number: Instant) {
    let (mut digits, mut start, mut rest) = ([0; 20], 20, number.unsigned_abs());
    loop {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        body.push(b'-');
    }
    body.extend_from_slice(&digits[start..]);
}

/// Milliseconds in seconds, rounded up.
fn seconds(span: Instant) -> Instant {
    span.saturating_add(SECOND - 1) / SECOND
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_they_are() {
        for number in [0, 7, 10, -1, 1_767_600_000_123, Instant::MAX, Instant::MIN] {
            let mut body = Vec::new();
            write_number(&mut body, number);
            assert_eq!(body, number.to_string().as_bytes());
        }
    }

    #[test]
    fn seconds_are_rounded_up() {
        assert_eq!([0, 1, 999, 1_000, 1_001].map(seconds), [0, 1, 1, 1, 2]);
        assert_eq!(seconds(Instant::MAX), Instant::MAX / 1_000);
    }
}
