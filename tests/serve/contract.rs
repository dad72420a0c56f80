//! Each route answers as the committed transcript shows, and as the `OpenAPI` document says.

use std::fmt::Write as _;
use std::path::Path;

use pacewise::rulebook::Rulebook;
use pacewise::rules::{Calendar, Limit, Rule, Window};
use pacewise::serve::{Durability, Limits};
use serde_json::{Value, json};

use crate::client::{Client, JSON, RECORDS, Reply, Running, book, config, record};

/// Headers that belong to the contract.
const SHOWN: [&str; 7] = [
    "content-type",
    "ratelimit-policy",
    "ratelimit",
    "retry-after",
    "allow",
    "www-authenticate",
    "connection",
];

/// 2026-01-05 08:00 UTC, a Monday.
const MONDAY: i64 = 1_767_600_000_000;

struct Transcript {
    client: Client,
    openapi: Value,
    text: String,
}

impl Transcript {
    fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let reply = self.client.ask(method, path, headers, body).expect("an answer");
        let _ = writeln!(self.text, "> {method} {path}");
        for (name, value) in headers.iter().filter(|header| **header != JSON) {
            let _ = writeln!(self.text, "> {name}: {value}");
        }
        if !body.is_empty() {
            let _ = writeln!(self.text, "> {}", shown(headers.contains(&RECORDS), body));
        }
        let _ = writeln!(self.text, "{}", reply.status);
        for name in SHOWN {
            if let Some(value) = reply.header(name) {
                let _ = writeln!(self.text, "{name}: {value}");
            }
        }
        let is_json = reply.header("content-type") == Some("application/json");
        let is_document = path == "/openapi.json" || path == "/metrics";
        let body = if is_document { "...".to_owned() } else { shown(!is_json, &reply.body) };
        let _ = writeln!(self.text, "{body}\n");
        self.assert_documented(method, path, &reply, is_json);
        reply
    }

    fn post(&mut self, path: &str, body: &str) -> Reply {
        self.ask("POST", path, &[JSON], body.as_bytes())
    }

    /// The document has this answer of this route, and its schema takes the body.
    fn assert_documented(&self, method: &str, path: &str, reply: &Reply, is_json: bool) {
        let path = path.split('?').next().expect("a first part");
        let path = if path.starts_with("/v1/usage/") { "/v1/usage/{account}" } else { path };
        let route = &self.openapi["paths"][path][method.to_lowercase()];
        if route.is_null() {
            assert!(matches!(reply.status, 404 | 405), "{path}: {} of no route", reply.status);
            return self.assert_valid(&json!({"$ref": "#/components/schemas/Error"}), &reply.json());
        }
        let kind = if is_json { "application/json" } else { reply.header("content-type").expect("a kind") };
        let kind = kind.split(';').next().expect("a first part");
        let documented = &route["responses"][reply.status.to_string()]["content"][kind]["schema"];
        assert!(!documented.is_null(), "{path}: {} with {kind} is not documented", reply.status);
        if is_json {
            self.assert_valid(documented, &reply.json());
        }
    }

    fn assert_valid(&self, schema: &Value, body: &Value) {
        let mut schema = schema.clone();
        schema["components"] = self.openapi["components"].clone();
        let validator = jsonschema::draft202012::new(&schema).expect("it is a schema");
        if let Err(error) = validator.validate(body) {
            panic!("{error}: {body}");
        }
    }
}

fn shown(is_binary: bool, body: &[u8]) -> String {
    if is_binary { format!("{body:?}") } else { String::from_utf8_lossy(body).into_owned() }
}

fn transcript(running: &Running) -> Transcript {
    let mut client = running.client();
    let openapi = client.get("/openapi.json").json();
    Transcript { client, openapi, text: String::new() }
}

fn assert_golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/serve").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.with_file_name("")).expect("it can be made");
        std::fs::write(&path, text).expect("it can be written");
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(golden == text, "{} differs (UPDATE_GOLDEN=1 rewrites it):\n{text}", path.display());
}

#[test]
fn each_route_answers_as_the_transcript_shows() {
    let running = Running::start(config(book()));
    let mut t = transcript(&running);
    checks(&mut t);
    records_and_usage(&mut t);
    mistakes(&mut t);
    assert_golden("routes.txt", &t.text);
}

fn checks(t: &mut Transcript) {
    let check = |at: i64| format!(r#"{{"account": "a17", "action": "message", "at": {at}}}"#);
    t.post("/v1/check", &check(MONDAY + 123));
    t.post("/v1/check", &check(MONDAY + 1_000));
    t.post("/v1/check", &check(MONDAY + 1_001));
    t.post("/v1/check", r#"{"account": "a17", "action": "login", "at": 1767600001001}"#);
    t.post("/v1/check", r#"{"account": "a17", "action": "post", "at": 1767600001001}"#);
    t.post("/v1/check", r#"{"account": "a17", "action": "free", "at": 1767600001001}"#);
    let batch = r#"{"checks": [
        {"account": 17, "action": "login", "at": 1767600000000},
        {"account": "17", "action": "login", "at": 1767600000000},
        {"account": "a17", "action": "message", "at": 1767600001001},
        {"account": "b\u0022\u00e9", "action": "post", "at": -5}]}"#;
    t.post("/v1/check", batch);
    t.post("/v1/check", r#"{"checks": []}"#);
    let second = MONDAY / 1_000;
    let records: Vec<u8> =
        [record(second, 17, 1), record(second, 17, 0), record(second, 17, 0), record(second, 17, 4)].concat();
    t.ask("POST", "/v1/check", &[RECORDS], &records);
    t.ask("POST", "/v1/check", &[RECORDS], b"");
}

fn records_and_usage(t: &mut Transcript) {
    t.post("/v1/record", r#"{"account": "late", "action": "message", "at": 1767600000000}"#);
    t.post("/v1/record", r#"{"checks": [{"account": "late", "action": "message", "at": 1767600000001}]}"#);
    let second = MONDAY / 1_000;
    let records = [record(second, 9, 0), record(second, 9, 9)].concat();
    t.ask("POST", "/v1/record", &[RECORDS], &records);
    t.ask("GET", "/v1/usage/late?at=1767600001000", &[], b"");
    t.ask("GET", "/v1/usage/late", &[], b"");
    t.ask("GET", "/v1/usage/17?at=1767686400000", &[], b"");
    t.ask("GET", "/v1/usage/new", &[], b"");
    t.ask("GET", "/v1/usage/nobody%20%C3%A9?at=1767600000000", &[], b"");
    t.ask("GET", "/v1/about", &[], b"");
    t.ask("GET", "/healthz", &[], b"");
    t.ask("GET", "/metrics", &[], b"");
    t.ask("GET", "/openapi.json", &[], b"");
}

fn mistakes(t: &mut Transcript) {
    t.post("/v1/check", "");
    t.post("/v1/check", "{\"account\": ");
    t.post("/v1/check", "[1, 2]");
    t.post("/v1/check", "{}");
    t.post("/v1/check", r#"{"account": "a"}"#);
    t.post("/v1/check", r#"{"action": "message", "at": 1}"#);
    t.post("/v1/check", r#"{"account": "a", "action": "message"}"#);
    t.post("/v1/check", r#"{"account": "a", "action": "message", "at": 1.5}"#);
    t.post("/v1/check", r#"{"account": "a", "action": "mesage", "at": 1}"#);
    t.post("/v1/check", r#"{"account": "", "action": "message", "at": 1}"#);
    t.post("/v1/check", r#"{"account": -1, "action": "message", "at": 1}"#);
    t.post("/v1/check", r#"{"account": "a", "action": "message", "at": 1, "to": "b"}"#);
    t.post("/v1/check", r#"{"account": "a", "account": "b", "action": "message", "at": 1}"#);
    t.post("/v1/check", r#"{"account": "a", "action": "message", "checks": []}"#);
    let batch =
        r#"{"checks": [{"account": 1, "action": "free", "at": 1}, {"account": 1, "action": "x", "at": 1}]}"#;
    t.post("/v1/check", batch);
    t.post("/v1/record", r#"{"checks": [{"account": 1}]}"#);
    t.ask("POST", "/v1/check", &[RECORDS], &[0; 17]);
    t.ask("POST", "/v1/check", &[("content-type", "text/plain")], b"{}");
    t.ask("POST", "/v1/record", &[], b"{}");
    t.ask("GET", "/v1/usage/a?at=soon", &[], b"");
    t.ask("GET", "/v1/usage/a?at=253402207200000", &[], b"");
    t.post("/v1/check", r#"{"account": "a", "action": "message", "at": 253402207200000}"#);
    t.post("/v1/record", r#"{"checks": [{"account": "a", "action": "message", "at": -377705023200001}]}"#);
    t.ask("GET", "/v1/usage/%FF", &[], b"");
    t.ask("GET", &format!("/v1/usage/{}", "a".repeat(129)), &[], b"");
    t.ask("GET", "/v1/check", &[], b"");
    t.ask("POST", "/healthz", &[], b"");
    t.ask("GET", "/v2/check", &[], b"");
}

#[test]
fn a_batch_with_an_unknown_action_counts_nothing() {
    let running = Running::start(config(book()));
    let mut client = running.client();
    let batch = r#"{"checks": [{"account": 1, "action": "message", "at": 1}, {"account": 1, "action": "x", "at": 1}]}"#;
    assert_eq!(client.post("/v1/check", batch).status, 422);
    let usage = client.get("/v1/usage/1?at=1").json();
    assert_eq!(usage["limits"][0]["count"], 0, "{usage}");
}

#[test]
fn content_types_are_read_with_parameters_and_in_any_case() {
    let running = Running::start(config(book()));
    let mut client = running.client();
    for kind in ["application/json; charset=utf-8", "Application/JSON", "application/json ;x"] {
        let body = br#"{"account": 1, "action": "free", "at": 1}"#;
        let reply = client.ask("POST", "/v1/check", &[("content-type", kind)], body).expect("an answer");
        assert_eq!(reply.status, 200, "{kind}");
    }
}

#[test]
fn a_thousand_records_are_answered_with_a_thousand_bytes() {
    let running = Running::start(config(book()));
    let mut client = running.client();
    let records: Vec<u8> = (0..1_000).flat_map(|i| record(1_767_600_000, i % 400, 0)).collect();
    let reply = client.ask("POST", "/v1/check", &[RECORDS], &records).expect("an answer");
    let expected: Vec<u8> = (0..1_000).map(|i| u8::from(i >= 800)).collect();
    assert_eq!((reply.status, reply.body), (200, expected));
}

#[test]
fn with_the_servers_clock_answers_tell_its_time_and_requests_may_not() {
    let clock = pacewise::serve::Clock::Server(std::sync::Arc::new(|| MONDAY));
    let running = Running::start(pacewise::serve::Config { clock, ..config(book()) });
    let mut t = transcript(&running);
    t.post("/v1/check", r#"{"account": 1, "action": "message"}"#);
    t.post("/v1/check", r#"{"account": 1, "action": "message", "at": 1}"#);
    let records = [record(-1, 1, 0), record(-1, 1, 0), record(5, 1, 0)].concat();
    t.ask("POST", "/v1/check", &[RECORDS], &records);
    t.ask("GET", "/v1/usage/1", &[], b"");
    t.ask("GET", "/v1/usage/1?at=5", &[], b"");
    assert_golden("clock.txt", &t.text);
}

#[test]
fn metrics_are_text_that_prometheus_reads_and_they_add_up() {
    let running = Running::start(config(book()));
    let mut client = running.client();
    for at in 0..5 {
        client.post("/v1/check", &format!(r#"{{"account": 1, "action": "message", "at": {at}}}"#));
    }
    client.post("/v1/record", r#"{"account": 1, "action": "login", "at": 9}"#);
    client.post("/v1/check", "{");
    let text = client.get("/metrics").text();
    let samples = samples(&text);
    let value = |name: &str| samples.iter().find(|(known, _)| known == name).map(|(_, value)| *value);
    assert_eq!(value("pacewise_checks_total{decision=\"allow\"}"), Some(2.0), "{text}");
    assert_eq!(value("pacewise_checks_total{decision=\"deny\",rule=\"messages\"}"), Some(3.0));
    assert_eq!(value("pacewise_records_total"), Some(1.0));
    assert_eq!(value("pacewise_requests_total{status=\"2xx\"}"), Some(3.0));
    assert_eq!(value("pacewise_requests_total{status=\"4xx\"}"), Some(4.0));
    assert_eq!(value("pacewise_accounts"), Some(1.0));
    assert_eq!(value("pacewise_requests_running"), Some(1.0));
}

#[test]
fn the_memory_of_accounts_holds_their_names() {
    let bytes = |name: &str| {
        let running = Running::start(config(book()));
        let mut client = running.client();
        client.post("/v1/check", &format!(r#"{{"account": "{name}", "action": "message", "at": 1}}"#));
        let samples = samples(&client.get("/metrics").text());
        let bytes = samples.iter().find(|(known, _)| known == "pacewise_accounts_bytes");
        bytes.expect("it is told").1
    };
    assert_eq!(bytes(&"a".repeat(100)) - bytes("a"), 99.0);
}

#[test]
fn times_at_the_ends_of_all_calendars_are_taken_and_those_beyond_lock_nobody() {
    let running = Running::start(config(book()));
    let mut client = running.client();
    let (first, last) = (-377_705_023_200_000_i64, 253_402_207_199_999_i64);
    for (at, status) in [(first - 1, 422), (first, 200), (last + 1, 422), (i64::MAX, 422), (last, 200)] {
        let reply = client.post("/v1/check", &format!(r#"{{"account": 1, "action": "login", "at": {at}}}"#));
        assert_eq!(reply.status, status, "{at}: {}", reply.text());
    }
    let seconds = [first / 1_000 - 1, first / 1_000, last / 1_000, last / 1_000 + 1, i64::MIN, i64::MAX];
    let records: Vec<u8> = seconds.into_iter().flat_map(|at| record(at, 2, 1)).collect();
    let reply = client.ask("POST", "/v1/check", &[RECORDS], &records).expect("an answer");
    assert_eq!(reply.body, [255, 0, 0, 255, 255, 255]);
    for account in [1, 2] {
        let usage = client.get(&format!("/v1/usage/{account}?at={last}")).json();
        assert_eq!(usage["limits"][1]["count"], 1, "{usage}");
    }
}

#[test]
fn one_rule_is_not_told_of_as_rules() {
    let rules = |config| pacewise::serve::Server::start(config).expect("it starts").rules();
    let limits = vec![Limit { window: Window::Day, max: 1 }];
    let rule = ("a".to_owned(), Rule { actions: vec![0], limits });
    let single = Rulebook::new(vec![rule], vec!["x".to_owned()], Calendar::Civil, "one".to_owned());
    assert_eq!(rules(config(single)), "one (1 rule, 1 limit, 1 action)");
    assert_eq!(rules(config(book())), "test (3 rules, 4 limits, 4 actions)");
}

/// The samples of a text of metrics; every one has the type and the help of its family before it.
fn samples(text: &str) -> Vec<(String, f64)> {
    let (mut family, mut samples) = (String::new(), Vec::new());
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect("a name and a type");
            assert!(name == family && ["counter", "gauge"].contains(&kind), "{line}");
        } else if let Some(rest) = line.strip_prefix("# HELP ") {
            rest.split_once(' ').expect("a name and a text").0.clone_into(&mut family);
        } else {
            let (name, value) = line.rsplit_once(' ').expect("a name and a value");
            assert_eq!(name.split('{').next(), Some(family.as_str()), "{line}");
            samples.push((name.to_owned(), value.parse().expect("a number")));
        }
    }
    samples
}

#[test]
fn every_answer_of_the_document_names_its_errors() {
    let running = Running::start(pacewise::serve::Config {
        limits: Limits { body_bytes: 64, ..Limits::default() },
        durability: Durability::None,
        ..config(book())
    });
    let mut t = transcript(&running);
    let long = format!(r#"{{"account": "a", "action": "message", "at": 1{}}}"#, " ".repeat(64));
    t.post("/v1/check", &long);
    assert_golden("too_long.txt", &t.text);
}
