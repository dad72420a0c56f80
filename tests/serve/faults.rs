//! Clients that are slow, greedy, wrong or many are refused, and the server lives on.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use pacewise::serve::{Clock, Config, Limits, ServeError, Server, Token};

use proptest::collection::vec;
use proptest::prelude::*;

use crate::any_body;
use crate::client::{Client, Dice, JSON, Running, book, config, record};

const FREE: &str = r#"{"account": 1, "action": "free", "at": 1}"#;

fn with_limits(limits: Limits) -> Running {
    Running::start(Config { limits, ..config(book()) })
}

fn assert_lives(running: &Running) {
    assert_eq!(running.client().post("/v1/check", FREE).status, 200);
}

#[test]
fn a_head_that_does_not_end_is_given_up() {
    let running = with_limits(Limits { header_time: Duration::from_millis(50), ..Limits::default() });
    for head in ["", "POST /v1/check HTTP/1.1\r\nhost: a\r\nx-slow: "] {
        let mut client = running.client();
        client.write(head.as_bytes()).expect("it is taken");
        client.rest();
    }
    let mut client = running.client();
    assert_eq!(client.post("/v1/check", FREE).status, 200);
    client.rest();
    assert_lives(&running);
}

#[test]
fn a_client_that_does_not_take_its_answers_is_given_up() {
    let running = with_limits(Limits { header_time: Duration::from_millis(50), ..Limits::default() });
    let mut client = running.client();
    let request = b"GET /openapi.json HTTP/1.1\r\nhost: a\r\n\r\n".repeat(1_000);
    while client.write(&request).is_ok() {}
    assert_lives(&running);
}

#[test]
fn a_body_that_does_not_come_is_answered_with_408() {
    let running = with_limits(Limits { request_time: Duration::from_millis(50), ..Limits::default() });
    let mut client = running.client();
    let head =
        "POST /v1/check HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 40\r\n\r\n{";
    client.write(head.as_bytes()).expect("it is taken");
    let reply = client.reply().expect("an answer");
    assert_eq!((reply.status, reply.header("connection")), (408, Some("close")), "{}", reply.text());
    assert_eq!(reply.json()["error"]["where"], "the body");
    client.rest();
    assert_lives(&running);
}

#[test]
fn bodies_are_taken_up_to_their_bound_whether_announced_or_not() {
    let running = with_limits(Limits { body_bytes: FREE.len(), ..Limits::default() });
    assert_eq!(running.client().post("/v1/check", FREE).status, 200);
    assert_eq!(running.client().post("/v1/check", &format!("{FREE} ")).status, 413);
    let chunked = |body: &str| {
        let mut client = running.client();
        let head = "POST /v1/check HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n";
        let (half, rest) = body.split_at(20);
        let chunks = format!("14\r\n{half}\r\n{:x}\r\n{rest}\r\n0\r\n\r\n", rest.len());
        client
            .write(format!("{head}transfer-encoding: chunked\r\n\r\n{chunks}").as_bytes())
            .expect("it is taken");
        client.reply().expect("an answer").status
    };
    assert_eq!(chunked(FREE), 200);
    assert_eq!(chunked(&format!("{FREE} ")), 413);
    let mut client = running.client();
    let head = "POST /v1/check HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 99999999999\r\n\r\n";
    client.write(head.as_bytes()).expect("it is taken");
    assert_eq!(client.reply().expect("an answer").status, 413);
    assert_lives(&running);
}

#[test]
fn a_body_that_breaks_off_harms_nobody() {
    let running = Running::start(config(book()));
    let mut client = running.client();
    let head =
        "POST /v1/check HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 40\r\n\r\n{";
    client.write(head.as_bytes()).expect("it is taken");
    drop(client);
    assert_lives(&running);
}

#[test]
fn bytes_that_are_no_request_are_refused() {
    let running = Running::start(config(book()));
    let mut dice = Dice(7);
    for round in 0..40 {
        let mut bytes: Vec<u8> = (0..200).map(|_| dice.below(256) as u8).collect();
        if round % 2 == 0 {
            bytes = [b"POST /v1/check HTTP/1.1\r\nhost: a\r\n", &bytes[..], b"\r\n\r\n"].concat();
        }
        bytes.extend_from_slice(b"\r\n\r\n");
        let mut client = running.client();
        client.write(&bytes).expect("it is taken");
        let rest = String::from_utf8_lossy(&client.rest()).into_owned();
        assert!(rest.is_empty() || rest.starts_with("HTTP/1.1 4"), "{rest}");
    }
    assert_lives(&running);
}

/// A valid body of each kind.
fn valid(way: u8) -> Vec<u8> {
    if way & 2 != 0 {
        return (0..6).flat_map(|n| record(1_767_600_000 + i64::from(n), n % 2, n % 4)).collect();
    }
    let one = r#"{"account": "a17", "action": "message", "at": 1767600000123}"#;
    let many = r#"{"checks": [{"account": 1, "action": "login", "at": 5}, {"account": "1", "action": "post", "at": -5}]}"#;
    if way & 4 == 0 { one.into() } else { many.into() }
}

/// Bytes in place of others, or pieces of JSON between them.
fn changed(mut body: Vec<u8>, changes: &[(u16, u8, usize)], cut: u16) -> Vec<u8> {
    const PIECES: [&str; 12] =
        ["{", "}", "[", "]", "\"", ",", ":", "null", "-9e99", "\\ud800", "99999999999999999999", "é"];
    for &(place, byte, piece) in changes {
        let place = usize::from(place) % (body.len() + 1);
        match PIECES.get(piece) {
            Some(piece) => drop(body.splice(place..place, piece.bytes())),
            None if place < body.len() => body[place] = byte,
            None => body.push(byte),
        }
    }
    body.truncate(usize::from(cut) % (2 * body.len() + 1));
    body
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    /// Each case asks 64 bodies over one connection.
    #[test]
    fn bodies_of_any_bytes_get_an_answer_that_is_no_failure(
        bodies in vec((any::<u8>(), vec(any::<u8>(), 0..300)), 64),
    ) {
        let running = Running::start(config(book()));
        let mut client = running.client();
        for (way, body) in &bodies {
            any_body::ask(&mut client, body, *way);
        }
        assert_lives(&running);
    }

    #[test]
    fn changes_of_valid_bodies_get_an_answer_that_is_no_failure(
        bodies in vec((any::<u8>(), vec((any::<u16>(), any::<u8>(), 0..24_usize), 0..6), any::<u16>()), 64),
    ) {
        let running = Running::start(config(book()));
        let mut client = running.client();
        for (way, changes, cut) in &bodies {
            any_body::ask(&mut client, &changed(valid(*way), changes, *cut), *way);
        }
        assert_lives(&running);
    }
}

#[test]
fn valid_bodies_are_answered_and_endless_nesting_is_not() {
    let running = Running::start(config(book()));
    let mut client = running.client();
    for way in 0..8 {
        assert_eq!(any_body::ask(&mut client, &valid(way), way).status, 200, "{way}");
    }
    assert_eq!(client.post("/v1/check", &"[".repeat(100_000)).status, 422);
    assert_lives(&running);
}

#[test]
fn heads_that_are_too_long_are_refused() {
    let running = Running::start(config(book()));
    for head in [format!("x: {}\r\n", "a".repeat(40_000)), "x: a\r\n".repeat(200)] {
        let mut client = running.client();
        let _ = client.write(format!("GET /healthz HTTP/1.1\r\nhost: a\r\n{head}\r\n").as_bytes());
        let reply = client.reply().expect("an answer");
        assert_eq!(reply.status, 431);
    }
    assert_lives(&running);
}

/// A connection whose request is being answered: its body is not there yet.
fn hanging(address: SocketAddr) -> Client {
    let mut client = Client::connect(address);
    let head = format!(
        "POST /v1/check HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        FREE.len()
    );
    client.write(head.as_bytes()).expect("it is taken");
    client
}

#[test]
fn more_requests_at_once_than_allowed_are_refused_and_later_answered() {
    let running = with_limits(Limits { requests: 2, ..Limits::default() });
    let mut hanging = [hanging(running.address), hanging(running.address)];
    let mut client = running.client();
    let refused =
        (0..1_000_000).find_map(|_| Some(client.get("/healthz")).filter(|reply| reply.status == 503));
    let refused = refused.expect("two requests are being answered");
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(refused.json()["error"]["what"], "too many requests are being answered");
    for hanging in &mut hanging {
        hanging.write(FREE.as_bytes()).expect("it is taken");
        assert_eq!(hanging.reply().expect("an answer").status, 200);
    }
    assert_eq!(client.get("/healthz").status, 200);
}

#[test]
fn more_connections_than_allowed_wait_for_one_to_close() {
    let running = with_limits(Limits { connections: 1, ..Limits::default() });
    let mut first = running.client();
    assert_eq!(first.get("/healthz").status, 200);
    let mut second = running.client();
    second.write(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n").expect("it is taken");
    for _ in 0..20 {
        let metrics = first.get("/metrics").text();
        assert!(metrics.contains("pacewise_connections 1\n"), "{metrics}");
    }
    drop(first);
    assert_eq!(second.reply().expect("an answer").status, 200);
}

#[test]
fn what_fails_inside_is_answered_with_500_and_the_server_lives() {
    let fails = Arc::new(AtomicBool::new(false));
    let of_clock = Arc::clone(&fails);
    let clock = Clock::Server(Arc::new(move || {
        assert!(!of_clock.load(Ordering::SeqCst), "this test makes the clock fail");
        1_767_600_000_000
    }));
    let running = Running::start(Config { clock, ..config(book()) });
    let mut client = running.client();
    let check = r#"{"account": 1, "action": "message"}"#;
    assert_eq!(client.post("/v1/check", check).status, 200);
    fails.store(true, Ordering::SeqCst);
    let failed = client.post("/v1/check", check);
    assert_eq!(failed.status, 500);
    assert!(failed.json()["error"]["what"].as_str().is_some_and(|what| what.contains("failed")));
    fails.store(false, Ordering::SeqCst);
    assert_eq!(client.post("/v1/check", check).status, 200);
    assert_eq!(client.post("/v1/check", check).status, 429);
    assert!(client.get("/metrics").text().contains("pacewise_panics_total 1\n"));
}

#[test]
fn with_a_token_everything_but_health_needs_it() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let file = place.path().join("token");
    std::fs::write(&file, "  s3cret-s3cret-s3cret\n").expect("it can be written");
    let token = Some(Token::read(&file).expect("a token"));
    let running = Running::start(Config { token, ..config(book()) });
    let mut client = running.client();
    let right = ("authorization", "Bearer s3cret-s3cret-s3cret");
    let wrong = ("authorization", "Bearer s3cret-s3cret-s3creT");
    for (method, path) in [
        ("POST", "/v1/check"),
        ("POST", "/v1/record"),
        ("GET", "/v1/usage/1"),
        ("GET", "/v1/about"),
        ("GET", "/metrics"),
        ("GET", "/openapi.json"),
        ("GET", "/nowhere"),
    ] {
        let mut status = |headers: &[(&str, &str)]| {
            let reply = client.ask(
                method,
                path,
                headers,
                FREE.as_bytes().get(..if method == "POST" { FREE.len() } else { 0 }).expect("a part"),
            );
            reply.expect("an answer")
        };
        let refused = status(&[JSON]);
        assert_eq!((refused.status, refused.header("www-authenticate")), (401, Some("Bearer")), "{path}");
        assert_eq!(status(&[JSON, wrong]).status, 401, "{path}");
        assert_eq!(status(&[JSON, right]).status, if path == "/nowhere" { 404 } else { 200 }, "{path}");
    }
    assert_eq!(client.get("/healthz").status, 200);
    std::fs::write(&file, "short").expect("it can be written");
    assert!(Token::read(&file).is_err_and(|problem| problem.contains("at least 16")));
}

#[test]
fn an_address_that_others_can_reach_needs_a_token() {
    for open in ["0.0.0.0:0", "[::]:0"] {
        let listen = open.parse().expect("an address");
        let error = Server::start(Config { listen, ..config(book()) }).err();
        assert!(matches!(error, Some(ServeError::Open(_))), "{error:?}");
    }
}

#[test]
fn an_address_in_use_is_told() {
    let running = Running::start(config(book()));
    let error = Server::start(Config { listen: running.address, ..config(book()) }).err();
    assert!(error.is_some_and(|error| error.to_string().starts_with("cannot listen on 127.0.0.1:")));
}

#[test]
fn a_graceful_stop_finishes_what_runs() {
    let running = with_limits(Limits::default());
    let mut hanging = hanging(running.address);
    let mut client = running.client();
    while !client.get("/metrics").text().contains("pacewise_requests_running 2\n") {}
    let stopping = std::thread::spawn(move || running.stop());
    hanging.write(FREE.as_bytes()).expect("it is taken");
    assert_eq!(hanging.reply().expect("an answer").status, 200);
    let served = stopping.join().expect("it does not panic").expect("it stops");
    assert_eq!(served.allowed, 1);
    client.rest();
}
