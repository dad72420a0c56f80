//! Connections: taken while there is room, served, and let go of when the server stops.

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::{HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{Method, Request, Response, StatusCode};
use axum::response::IntoResponse;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};

use super::admission::Verb;
use super::refusal::Refusal;
use super::routes::{Desk, answered};
use super::token::Token;

/// How long the server waits after the system gave it no connection.
const PAUSE: Duration = Duration::from_millis(50);
/// The most headers of a request, and the most bytes that they have together.
const MOST_HEADERS: usize = 64;
const LONGEST_HEAD: usize = 16 << 10;

/// What stands between a connection and the routes.
pub(super) struct Front {
    pub(super) desk: Arc<Desk>,
    pub(super) router: TowerToHyperService<Router>,
    pub(super) token: Option<Token>,
}

/// Serves connections until `stop`; then lets running requests finish, for at most the time that a request may take.
pub(super) async fn serve(front: Front, listener: TcpListener, stop: impl Future<Output = ()>) {
    let (limits, front) = (front.desk.limits, Arc::new(front));
    let room = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let next = next(&listener, &room);
        let taken = tokio::select! {
            biased;
            () = &mut stop => break,
            taken = next => taken,
        };
        let Some((stream, place)) = taken else {
            sleep(PAUSE).await;
            continue;
        };
        tokio::spawn(connection(Arc::clone(&front), stream, place, graceful.watcher()));
    }
    drop(listener);
    let _ = timeout(limits.request_time, graceful.shutdown()).await;
}

/// The next connection, once there is room for it; none if the system refuses it.
async fn next(listener: &TcpListener, room: &Arc<Semaphore>) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(room).acquire_owned().await.ok()?;
    let (stream, _) = listener.accept().await.ok()?;
    Some((stream, place))
}

async fn connection(front: Arc<Front>, stream: TcpStream, place: OwnedSemaphorePermit, watcher: Watcher) {
    let _ = stream.set_nodelay(true);
    let limits = front.desk.limits;
    let of_front = Arc::clone(&front);
    let _open = Counted::new(&of_front.desk.traffic.connections);
    let turns = Arc::new(AtomicUsize::new(0));
    let of_service = Arc::clone(&turns);
    let connection = http().serve_connection(
        TokioIo::new(stream),
        service_fn(move |request| {
            let (front, turns) = (Arc::clone(&front), Arc::clone(&of_service));
            async move {
                turns.fetch_add(1, Ordering::Relaxed);
                let response = front.answer(request).await;
                turns.fetch_add(1, Ordering::Relaxed);
                response
            }
        }),
    );
    tokio::select! {
        biased;
        _ = watcher.watch(connection) => {}
        () = stalled(&turns, limits.header_time) => {}
    }
    drop(place);
}

/// Waits until a client has neither asked anything for so long, nor for twice as long at most. One clock for each connection
/// and not one for each request: it looks from time to time whether a turn has passed. Turns are odd while the server answers.
async fn stalled(turns: &AtomicUsize, bound: Duration) {
    loop {
        let before = turns.load(Ordering::Relaxed);
        sleep(bound).await;
        if before.is_multiple_of(2) && turns.load(Ordering::Relaxed) == before {
            return;
        }
    }
}

fn http() -> http1::Builder {
    let mut http = http1::Builder::new();
    http.max_headers(MOST_HEADERS).max_header_size(LONGEST_HEAD);
    http
}

impl Front {
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
        let response = self.respond(request).await;
        self.desk.traffic.count(response.status().as_u16());
        Ok(response)
    }

    async fn respond(&self, request: Request<Incoming>) -> Response<Body> {
        let traffic = &self.desk.traffic;
        let running = Counted::new(&traffic.running);
        if running.before >= self.desk.limits.requests {
            return busy().into_response();
        }
        if let Some(token) = &self.token
            && request.uri().path() != "/healthz"
            && !token.is_in(request.headers())
        {
            return unknown().into_response();
        }
        let mut answer = pin!(self.route(request));
        let guarded = std::future::poll_fn(|context| {
            let polled = catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(context)));
            match polled {
                Ok(Poll::Pending) => Poll::Pending,
                Ok(Poll::Ready(response)) => Poll::Ready(Some(response)),
                Err(_) => Poll::Ready(None),
            }
        });
        guarded.await.unwrap_or_else(|| {
            traffic.panics.fetch_add(1, Ordering::Relaxed);
            Refusal::internal().into_response()
        })
    }
}

impl Front {
    /// Checks and records take the short way: they are most of all requests, and the router costs as much as a decision.
    async fn route(&self, request: Request<Incoming>) -> Response<Body> {
        let verb = match (request.method(), request.uri().path()) {
            (&Method::POST, "/v1/check") => Verb::Check,
            (&Method::POST, "/v1/record") => Verb::Record,
            _ => {
                let Ok(response) = self.router.call(request).await;
                return response;
            }
        };
        answered(&self.desk, verb, request).await.unwrap_or_else(IntoResponse::into_response)
    }
}

/// One more, until it is dropped.
struct Counted<'a> {
    counter: &'a AtomicUsize,
    before: usize,
}

impl<'a> Counted<'a> {
    fn new(counter: &'a AtomicUsize) -> Counted<'a> {
        Counted { counter, before: counter.fetch_add(1, Ordering::Relaxed) }
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.counter.fetch_sub(1, Ordering::Relaxed);
    }
}

fn busy() -> Refusal {
    let what = "too many requests are being answered";
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, what, "the server", "the same request a little later")
        .with(RETRY_AFTER, HeaderValue::from_static("1"))
}

fn unknown() -> Refusal {
    let accepted = "Authorization: Bearer and the token that the server was started with";
    Refusal::new(StatusCode::UNAUTHORIZED, "the token is missing or wrong", "Authorization", accepted)
        .with(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
}
