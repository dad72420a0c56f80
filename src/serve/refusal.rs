//! Requests that are not answered: what is wrong, where, and what would be accepted.

use axum::body::Body;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use serde::Serialize;

use crate::numbers::counted;

/// Why a request is not answered.
#[derive(Debug)]
pub(super) struct Refusal(Box<Reason>);

#[derive(Debug)]
struct Reason {
    status: StatusCode,
    what: String,
    place: String,
    accepted: String,
    header: Option<(HeaderName, HeaderValue)>,
}

#[derive(Serialize)]
struct Told<'a> {
    error: Parts<'a>,
}

#[derive(Serialize)]
struct Parts<'a> {
    what: &'a str,
    r#where: &'a str,
    accepted: &'a str,
}

impl Refusal {
    pub(super) fn new(
        status: StatusCode,
        what: impl Into<String>,
        place: impl Into<String>,
        accepted: impl Into<String>,
    ) -> Refusal {
        let (what, place, accepted) = (what.into(), place.into(), accepted.into());
        Refusal(Box::new(Reason { status, what, place, accepted, header: None }))
    }

    pub(super) fn unprocessable(
        what: impl Into<String>,
        place: impl Into<String>,
        accepted: impl Into<String>,
    ) -> Refusal {
        Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, what, place, accepted)
    }

    #[cfg(test)]
    pub(super) fn status(&self) -> StatusCode {
        self.0.status
    }

    pub(super) fn with(mut self, name: HeaderName, value: HeaderValue) -> Refusal {
        self.0.header = Some((name, value));
        self
    }

    /// Something went wrong that no request should be able to cause.
    pub(super) fn internal() -> Refusal {
        let what = "the server failed to answer; whether the request was counted is not known";
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, what, "the server", "the same request again")
    }

    /// As many accounts are held as may be, and the request names others. Idle ones are forgotten once a minute.
    pub(super) fn full(most: usize) -> Refusal {
        let what = format!("the server holds {}, and no more may come", counted(most as u64, "account"));
        let accepted = "accounts that it knows; new ones when others have been idle for as long as their windows last, or after a \
                        start with a larger --max-accounts";
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, what, "the account", accepted)
            .with(header::RETRY_AFTER, HeaderValue::from_static("60"))
    }

    /// The state could not be written.
    pub(super) fn unwritten() -> Refusal {
        let what = "the log could not be written; what this request would have admitted stays counted until a restart";
        let again = "the same request after the cause is removed and the server is started again";
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, what, "the server's state", again)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response<Body> {
        let Refusal(reason) = self;
        let told =
            Told { error: Parts { what: &reason.what, r#where: &reason.place, accepted: &reason.accepted } };
        let body = serde_json::to_vec(&told).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = reason.status;
        response.headers_mut().insert(header::CONTENT_TYPE, super::answer::JSON);
        if let Some((name, value)) = reason.header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}
