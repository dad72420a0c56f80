//! The routes: what a request asks, decided and answered.

use std::borrow::Cow;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use serde::Serialize;
use tokio::time::timeout;

use super::account::{self, Account};
use super::admission::{Admission, Decided, Undecided, Verb};
use super::answer::Outcome;
use super::journal::{Journal, LogFailed};
use super::metrics::{self, Traffic};
use super::question::{KNOWN, Questions, Reader};
use super::refusal::Refusal;
use super::wording::Wording;
use super::{Limits, answer};
use crate::rulebook::Rulebook;
use crate::time::Instant;

/// What all requests share.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) book: Arc<Rulebook>,
    pub(super) words: Wording,
    pub(super) admission: Admission,
    pub(super) traffic: Traffic,
    pub(super) limits: Limits,
    pub(super) openapi: Bytes,
}

type Shared = State<Arc<Desk>>;
type Answer = Result<Response<Body>, Refusal>;

/// The routes of a desk. Checks and records get here only by methods that they do not take.
pub(super) fn router(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/v1/check", post(nowhere))
        .route("/v1/record", post(nowhere))
        .route("/v1/usage/{account}", get(usage))
        .route("/v1/about", get(about))
        .route("/healthz", get(health))
        .route("/metrics", get(metrics))
        .route("/openapi.json", get(openapi))
        .fallback(nowhere)
        .method_not_allowed_fallback(not_so)
        .with_state(desk)
}

/// What a body is written in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Json,
    Records,
}

/// The answer to a check or a record.
pub(super) async fn answered(desk: &Desk, verb: Verb, request: Request<Incoming>) -> Answer {
    let Decided { answer, ticket } = decided(desk, verb, request).await?;
    if let Some(ticket) = ticket {
        let written = timeout(desk.limits.request_time, ticket.written()).await;
        written.map_err(|_| Refusal::unwritten())??;
    }
    Ok(answer.response(&desk.words, verb))
}

/// What is to be answered. Neither the request nor the answer is kept while the log is written, for many may wait at once.
async fn decided(desk: &Desk, verb: Verb, request: Request<Incoming>) -> Result<Decided<Outcome>, Refusal> {
    let (head, body) = request.into_parts();
    let kind = kind(&head.headers)?;
    let bytes = read(&desk.limits, &head.headers, body).await?;
    match kind {
        Kind::Json => desk.json(verb, &bytes),
        Kind::Records => desk.records(verb, &bytes),
    }
}

impl Desk {
    fn reader(&self) -> Reader<'_> {
        Reader { words: &self.words, times_given: self.admission.times_given() }
    }

    fn json(&self, verb: Verb, bytes: &[u8]) -> Result<Decided<Outcome>, Refusal> {
        match self.reader().json(bytes)? {
            Questions::One(question) => {
                let Decided { answer: decided, ticket } = self.admission.one(verb, &question)?;
                let (at, decision) = decided;
                let left = match verb {
                    Verb::Check if decision.is_allowed() => {
                        let usage = self.admission.usage(&question.account, Some(at)).1;
                        answer::left(&self.words.policies[question.action].limits, &usage)
                    }
                    _ => None,
                };
                let answer = Outcome::One { action: question.action, at, decision, left };
                Ok(Decided { answer, ticket })
            }
            Questions::Many(questions) => {
                let Decided { answer: decided, ticket } = self.admission.many(verb, questions)?;
                Ok(Decided { answer: Outcome::Many(decided), ticket })
            }
        }
    }

    fn records(&self, verb: Verb, bytes: &[u8]) -> Result<Decided<Outcome>, Refusal> {
        let Decided { answer, ticket } = self.admission.records(verb, self.reader().records(bytes)?)?;
        Ok(Decided { answer: Outcome::Records(answer), ticket })
    }
}

impl From<LogFailed> for Refusal {
    fn from(_: LogFailed) -> Refusal {
        Refusal::unwritten()
    }
}

impl From<Undecided> for Refusal {
    fn from(undecided: Undecided) -> Refusal {
        match undecided {
            Undecided::Log => Refusal::unwritten(),
            Undecided::Full(most) => Refusal::full(most),
        }
    }
}

fn kind(headers: &HeaderMap) -> Result<Kind, Refusal> {
    let value = headers.get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    let essence = value.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii();
    if essence.eq_ignore_ascii_case(b"application/json") {
        Ok(Kind::Json)
    } else if essence.eq_ignore_ascii_case(b"application/octet-stream") {
        Ok(Kind::Records)
    } else {
        let what = "the body is of another kind";
        let accepted = "application/json or application/octet-stream";
        Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, what, "Content-Type", accepted))
    }
}

/// The whole body, if it is short enough and comes in time.
async fn read(limits: &Limits, headers: &HeaderMap, body: Incoming) -> Result<Bytes, Refusal> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limits.body_bytes as u64) {
        return Err(too_long(limits.body_bytes));
    }
    let mut whole = pin!(Limited::new(body, limits.body_bytes).collect());
    // Most bodies come with their heads, and then no time has to be taken.
    let read = match poll_fn(|context| Poll::Ready(whole.as_mut().poll(context))).await {
        Poll::Ready(read) => Ok(read),
        Poll::Pending => timeout(limits.request_time, whole).await,
    };
    match read {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_long(limits.body_bytes)),
        Ok(Err(_)) => {
            let accepted = "a whole body, as long as its headers say";
            Err(Refusal::new(StatusCode::BAD_REQUEST, "the body breaks off", "the body", accepted))
        }
        Err(_) => Err(too_slow(limits.request_time)),
    }
}

fn too_long(most: usize) -> Refusal {
    let accepted = format!("at most {most} bytes");
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is too long", "the body", accepted)
        .with(CONNECTION, HeaderValue::from_static("close"))
}

fn too_slow(most: Duration) -> Refusal {
    let accepted = format!("a whole body within {} ms", most.as_millis());
    Refusal::new(StatusCode::REQUEST_TIMEOUT, "the body did not come in time", "the body", accepted)
        .with(CONNECTION, HeaderValue::from_static("close"))
}

#[derive(Serialize)]
struct AccountUsage<'a> {
    account: String,
    at: Option<Instant>,
    limits: Vec<LimitUsage<'a>>,
}

#[derive(Serialize)]
struct LimitUsage<'a> {
    rule: &'a str,
    window: String,
    count: u32,
    limit: u32,
    next_allowed_at: Option<Instant>,
}

async fn usage(State(desk): Shared, path: Result<Path<String>, PathRejection>, uri: Uri) -> Answer {
    let wrong = || Refusal::new(StatusCode::BAD_REQUEST, "this is no account", "the path", account::ACCEPTED);
    let Path(name) = path.map_err(|_| wrong())?;
    let account = Account::of(Cow::Owned(name)).ok_or_else(wrong)?;
    let at = asked_at(&desk, uri.query())?;
    let (at, usage) = desk.admission.usage(&account, at);
    let limit = |usage: &crate::rules::Usage| LimitUsage {
        rule: &desk.book.rules[usage.rule as usize],
        window: desk.book.window(usage.limit as usize),
        count: usage.count,
        limit: usage.max,
        next_allowed_at: usage.room_at.filter(|&at| at > *KNOWN.start()),
    };
    let limits = usage.iter().map(limit).collect();
    let at = (at > Instant::MIN).then_some(at);
    Ok(answer::json(&AccountUsage { account: account.to_string(), at, limits }))
}

/// The time at which windows are to be seen: `at`, in milliseconds, where times are given.
fn asked_at(desk: &Desk, query: Option<&str>) -> Result<Option<Instant>, Refusal> {
    let accepted = if desk.admission.times_given() {
        "at=MILLISECONDS of unix time, or no query: seen at the account's latest event"
    } else {
        "no query: this server runs on its own clock"
    };
    let wrong =
        || Refusal::new(StatusCode::BAD_REQUEST, "the query is not understood", "the query", accepted);
    match query.filter(|query| !query.is_empty()) {
        None => Ok(None),
        Some(_) if !desk.admission.times_given() => Err(wrong()),
        Some(query) => {
            let at = query.strip_prefix("at=").and_then(|at| at.parse().ok());
            at.filter(|at| KNOWN.contains(at)).map(Some).ok_or_else(wrong)
        }
    }
}

async fn health(State(desk): Shared) -> Answer {
    match desk.admission.journal().and_then(Journal::failure) {
        None => Ok(answer::json(&serde_json::json!({"status": "ok"}))),
        Some(failure) => {
            let accepted = "a server whose state can be written";
            Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, failure, "the server's state", accepted))
        }
    }
}

/// What a client needs to know to ask rightly, and to know whether it means the same rules.
#[derive(Serialize)]
struct About<'a> {
    times: &'static str,
    rules: &'a [String],
    actions: &'a [String],
    fingerprint: String,
}

async fn about(State(desk): Shared) -> Response<Body> {
    let Rulebook { rules, actions, .. } = &*desk.book;
    let times = if desk.admission.times_given() { "given" } else { "clock" };
    answer::json(&About { times, rules, actions, fingerprint: desk.book.fingerprint() })
}

async fn metrics(State(desk): Shared) -> Response<Body> {
    answer::metrics(metrics::text(&desk.book, &desk.admission, &desk.traffic))
}

async fn openapi(State(desk): Shared) -> Response<Body> {
    answer::typed(answer::JSON, desk.openapi.clone())
}

const ROUTES: &str =
    "/v1/check, /v1/record, /v1/usage/{account}, /v1/about, /healthz, /metrics, /openapi.json";

async fn nowhere(uri: Uri) -> Response<Body> {
    let place: String = uri.path().chars().take(200).collect();
    Refusal::new(StatusCode::NOT_FOUND, "there is nothing at this path", place, ROUTES).into_response()
}

async fn not_so(uri: Uri) -> Response<Body> {
    let accepted = if matches!(uri.path(), "/v1/check" | "/v1/record") { "POST" } else { "GET" };
    let what = "this path does not take this method";
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, what, uri.path(), accepted).into_response()
}
