//! Targets over HTTP, good and faulty ones, on loopback: what goes wrong is counted by kind, and never a hang or a panic.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use pacewise::load::{
    Call, Described, Fault, HttpTarget, Judge, Names, Pace, Pattern, Plan, Protocol, Said, Stage, Summary,
    Synthetic, Template, Times, Url, Watch, Workload, errs_afresh, explain, run_http,
};
use pacewise::rulebook::Rulebook;
use pacewise::rules::{Decision, Evaluator, RuleSet};
use serde_json::{Value, json};

use super::made_up::{book, evaluator, plan};

/// What a server does with a request.
pub(crate) enum Do {
    /// Answers, in JSON.
    Answer(u16, String),
    /// Sends these bytes, whatever they are.
    Raw(Vec<u8>),
    /// Answers and closes the connection.
    AnswerAndClose(u16, String),
    /// Closes the connection.
    Close,
    /// Says nothing until the other side closes.
    Silence,
    /// Closes the connection and takes no other until the other side has noticed.
    Die,
}

/// Serves on loopback: one thread a connection, requests numbered as they come.
pub(crate) fn serve(act: impl Fn(usize, &str) -> Do + Send + Sync + 'static) -> SocketAddr {
    serve_watched(act, None)
}

fn serve_watched(
    act: impl Fn(usize, &str) -> Do + Send + Sync + 'static,
    watch: Option<Arc<Watch>>,
) -> SocketAddr {
    serve_on(TcpListener::bind("127.0.0.1:0").expect("a free port"), act, watch)
}

fn serve_on(
    listener: TcpListener,
    act: impl Fn(usize, &str) -> Do + Send + Sync + 'static,
    watch: Option<Arc<Watch>>,
) -> SocketAddr {
    let address = listener.local_addr().expect("it has one");
    let (act, number) = (Arc::new(act), Arc::new(AtomicUsize::new(0)));
    let dead = Arc::new(AtomicUsize::new(0));
    std::thread::spawn(move || {
        let mut listener = Some(listener);
        loop {
            let Ok((stream, _)) = listener.as_ref().expect("it listens").accept() else { return };
            if dead.load(Ordering::SeqCst) == 1 {
                drop(stream);
                drop(listener.take());
                let watch = watch.as_ref().expect("somebody watches");
                while watch.errors.load(Ordering::Relaxed) < 2 && !watch.is_stopped() {
                    std::thread::yield_now();
                }
                dead.store(2, Ordering::SeqCst);
                listener = Some(TcpListener::bind(address).expect("the port is still free"));
                continue;
            }
            let (act, number, dead) = (Arc::clone(&act), Arc::clone(&number), Arc::clone(&dead));
            std::thread::spawn(move || connection(stream, &*act, &number, &dead));
        }
    });
    address
}

fn connection(
    mut stream: TcpStream,
    act: &dyn Fn(usize, &str) -> Do,
    number: &AtomicUsize,
    dead: &AtomicUsize,
) {
    while let Some(request) = request(&mut stream) {
        if dead.load(Ordering::SeqCst) == 1 {
            return;
        }
        let done = match act(number.fetch_add(1, Ordering::SeqCst), &request) {
            Do::Answer(status, body) => write!(stream, "{}", answer(status, "", &body)).is_ok(),
            Do::AnswerAndClose(status, body) => {
                let _ = write!(stream, "{}", answer(status, "Connection: close\r\n", &body));
                false
            }
            Do::Raw(bytes) => stream.write_all(&bytes).is_ok(),
            Do::Close => false,
            Do::Silence => {
                let _ = stream.read(&mut [0; 64]);
                false
            }
            Do::Die => {
                let _ = dead.compare_exchange(0, 1, Ordering::SeqCst, Ordering::SeqCst);
                false
            }
        };
        if !done {
            return;
        }
    }
}

fn answer(status: u16, header: &str, body: &str) -> String {
    format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n{header}\r\n{body}", body.len())
}

/// The head and the body of the next request; none at the end.
fn request(stream: &mut TcpStream) -> Option<String> {
    let (mut bytes, mut block) = (Vec::new(), [0; 4096]);
    loop {
        if let Some(end) = bytes.windows(4).position(|end| end == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let length = head
                .split("content-length: ")
                .nth(1)
                .and_then(|rest| rest.split("\r\n").next()?.parse().ok());
            if bytes.len() >= end + 4 + length.unwrap_or(0) {
                // Records are bytes, which latin-1 keeps apart.
                return Some(bytes.iter().map(|&byte| char::from(byte)).collect());
            }
        }
        match stream.read(&mut block) {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&block[..read]),
        }
    }
}

/// A limiter as the contract of the HTTP limiter has it, on given times.
struct Limiter {
    book: Rulebook,
    evaluator: Mutex<Evaluator>,
}

impl Limiter {
    fn new(book: Rulebook) -> Limiter {
        Limiter { evaluator: Mutex::new(evaluator(&book)), book }
    }

    fn decide(&self, account: u32, action: usize, at: i64) -> Decision {
        self.evaluator.lock().expect("no panic").check(account % 100_000, action, at)
    }

    fn one(&self, check: &Value) -> (bool, Value) {
        let name = check["action"].as_str().expect("a name");
        let action = self.book.actions.iter().position(|known| known == name).expect("a known action");
        let account = check["account"].as_u64().expect("a number") as u32;
        let at = check["at"].as_i64().expect("given times");
        match self.decide(account, action, at) {
            Decision::Allowed => (true, json!({ "decision": "allow", "at": at })),
            Decision::Denied(denied) => {
                let rule = &self.book.rules[denied.rule as usize];
                (
                    false,
                    json!({ "decision": "deny", "at": at, "rule": rule, "retry_after_ms": denied.retry_after }),
                )
            }
        }
    }

    fn answer(&self, request: &str) -> (u16, String) {
        let (head, body) = request.split_once("\r\n\r\n").expect("a head");
        assert!(head.starts_with("POST /v1/check HTTP/1.1\r\nHost: 127.0.0.1:"), "{head}");
        if head.contains("octet-stream") {
            let bytes: Vec<u8> = body.chars().map(|c| c as u8).collect();
            let said = bytes.chunks(16).map(|record| {
                let word =
                    |from: usize| u32::from_le_bytes(record[from..from + 4].try_into().expect("four bytes"));
                let seconds = i64::from_le_bytes(record[..8].try_into().expect("eight bytes"));
                match self.decide(word(8), word(12) as usize, seconds * 1_000) {
                    Decision::Allowed => '\0',
                    Decision::Denied(denied) => char::from(denied.rule as u8 + 1),
                }
            });
            return (200, said.collect());
        }
        let body: Value = serde_json::from_str(body).expect("JSON");
        if let Some(checks) = body["checks"].as_array() {
            let answers: Vec<Value> = checks.iter().map(|check| self.one(check).1).collect();
            return (200, json!({ "answers": answers }).to_string());
        }
        let (allowed, answer) = self.one(&body);
        (if allowed { 200 } else { 429 }, answer.to_string())
    }
}

fn good(book: Rulebook) -> impl Fn(usize, &str) -> Do + Send + Sync + 'static {
    let limiter = Limiter::new(book);
    move |_, request| {
        let (status, body) = limiter.answer(request);
        Do::Answer(status, body)
    }
}

pub(crate) fn target(address: SocketAddr, protocol: Protocol) -> HttpTarget {
    let url = Url::parse(&format!("http://{address}")).expect("a target");
    let address = url.resolve(&[]).expect("loopback");
    HttpTarget { url, address, protocol, names: Names::default(), connections: 4, timeout_seconds: 5.0 }
}

fn workload() -> Workload {
    let start = 1_767_600_000_000;
    Workload::Synthetic(Synthetic {
        pattern: Pattern::Borders,
        accounts: 30,
        skew: 0.5,
        mix: vec![],
        per_day: 60.0,
        start,
        seed: 4,
    })
}

fn tested(target: &HttpTarget, plan: &Plan, watch: &Watch) -> Summary {
    let book = book();
    let mut judge = Judge::new(&book);
    let recorder =
        run_http(workload().calls(&book), &book, Some(&mut judge), target, plan, watch).expect("sockets");
    Summary::new(
        &recorder,
        Some(&book),
        Described { is_open: plan.pace != Pace::Closed, ..Described::default() },
    )
}

pub(crate) fn closed(checks: u64) -> Plan {
    plan(Pace::Closed, checks)
}

fn found(target: &HttpTarget, plan: &Plan) -> Summary {
    tested(target, plan, &Watch::default())
}

#[test]
fn a_good_limiter_is_right_in_json_in_batches_and_in_records() {
    for (protocol, batch) in
        [(Protocol::Json, 1), (Protocol::Json, 50), (Protocol::Records, 1), (Protocol::Records, 64)]
    {
        let target = target(serve(good(book())), protocol);
        let summary = found(&target, &Plan { batch, ..closed(2_000) });
        assert_eq!((summary.checks, summary.judged, summary.wrong.total()), (2_000, 2_000, 0), "{summary:?}");
        assert!(summary.denied > 200 && summary.allowed > 200 && summary.errors.is_empty(), "{summary:?}");
        assert!(summary.requests <= 2_000_u64.div_ceil(batch as u64) + 4, "{}", summary.requests);
    }
}

#[test]
fn times_that_are_sent_in_seconds_are_judged_in_seconds() {
    let target = target(serve(good(book())), Protocol::Records);
    let book = book();
    let calls = (0..600).map(|number| Call { account: 1, action: 0, at: number * 2_345 + 999 });
    let mut judge = Judge::new(&book);
    let recorder = run_http(calls, &book, Some(&mut judge), &target, &closed(600), &Watch::default());
    let recorder = recorder.expect("sockets");
    assert_eq!((recorder.judged(), recorder.wrong()), (600, 0));
}

#[test]
fn an_open_run_asks_every_check_and_measures_its_schedule() {
    let target = target(serve(good(book())), Protocol::Json);
    let stages = vec![Stage { seconds: 0.2, from: 1_000.0, to: 3_000.0 }];
    for poisson in [false, true] {
        let summary = found(&target, &plan(Pace::Open { stages: stages.clone(), poisson }, 10_000));
        assert!(summary.errors.is_empty() && (poisson || summary.checks == 400), "{summary:?}");
        assert!(summary.schedule_error.is_some_and(|late| late.count == summary.checks));
    }
}

#[test]
fn a_limit_that_is_one_too_high_is_shown_over_http() {
    let mut rules = book().set.rules().to_vec();
    rules[0].limits[0].max = 6;
    let target = target(serve(good(Rulebook { set: RuleSet::new(rules, 2), ..book() })), Protocol::Json);
    let mut summary = found(&target, &closed(2_000));
    assert!(summary.wrong.allow > 0);
    let mut account = 50_000;
    explain(&mut summary, &workload(), &book(), |calls, fault| {
        account += 1;
        errs_afresh(&target, &book(), account, calls, fault)
    });
    let wrong =
        summary.wrong_decisions.iter().find(|wrong| wrong.wrong.fault == Fault::Allow).expect("there is one");
    assert_eq!(wrong.history.as_ref().map(Vec::len), Some(6), "{}", wrong.what);
}

#[test]
fn connections_that_end_before_the_answer_are_counted_and_leave_no_false_accusation() {
    // Every 50th request is dropped, half of them after they have been recorded.
    let limiter = Limiter::new(book());
    let drops = move |number: usize, request: &str| {
        if number % 100 == 49 {
            return Do::Close;
        }
        let (status, body) = limiter.answer(request);
        if number % 100 == 99 { Do::Close } else { Do::Answer(status, body) }
    };
    let summary = found(&target(serve(drops), Protocol::Json), &closed(3_000));
    assert_eq!(summary.errors.get("closed before the answer"), Some(&60), "{:?}", summary.errors);
    assert_eq!(
        (summary.checks, summary.wrong.total(), summary.all_errors()),
        (2_940, 0, 60),
        "{:?}",
        summary.wrong_decisions
    );
    assert!(summary.reconnections >= 57 && summary.judged > 2_000, "{summary:?}");
}

#[test]
fn garbage_and_statuses_are_counted_by_kind() {
    let limiter = Limiter::new(book());
    let mixed = move |number: usize, request: &str| match number % 100 {
        10 => Do::Raw(b"220 ftp.example ready\r\n".to_vec()),
        20 => Do::Raw(vec![0xFF; 5_000]),
        30 => Do::Answer(200, "{\"decision\": \"perhaps\"}".to_owned()),
        40 => Do::Answer(200, "{\"decision\": \"deny\", \"rule\": \"nobody's\"}".to_owned()),
        50 => Do::Answer(
            503,
            "{\"error\":{\"what\":\"busy\",\"where\":\"here\",\"accepted\":\"less\"}}".to_owned(),
        ),
        60 => Do::Answer(302, String::new()),
        70 => Do::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\nhalf".to_vec()),
        71..=73 => Do::Close,
        _ => {
            let (status, body) = limiter.answer(request);
            Do::Answer(status, body)
        }
    };
    let target = HttpTarget { timeout_seconds: 0.1, connections: 1, ..target(serve(mixed), Protocol::Json) };
    let summary = found(&target, &closed(500));
    let count = |kind: &str| summary.errors.get(kind).copied().unwrap_or(0);
    assert_eq!(
        (count("garbage"), count("a rule that is not known"), count("status 503"), count("status 302")),
        (15, 5, 5, 5),
        "{:?}",
        summary.errors
    );
    assert_eq!(
        (count("no answer in time"), count("closed before the answer")),
        (5, 15),
        "{:?}",
        summary.errors
    );
    assert_eq!((summary.checks, summary.wrong.total()), (450, 0), "{:?}", summary.wrong_decisions);
    let told = |words: &str| summary.warnings.iter().filter(|warning| warning.contains(words)).count();
    assert_eq!(told("status 503, for example: busy (here); accepted: less"), 1, "{:?}", summary.warnings);
    assert_eq!(told("for example: `nobody's`, where a test has messages"), 1, "{:?}", summary.warnings);
    assert_eq!(told("status 302, "), 0, "it said nothing: {:?}", summary.warnings);
}

#[test]
fn a_target_that_says_nothing_is_given_up() {
    let target = HttpTarget { timeout_seconds: 0.05, ..target(serve(|_, _| Do::Silence), Protocol::Json) };
    let summary = found(&target, &closed(u64::MAX));
    assert!(summary.checks == 0 && summary.errors["no answer in time"] >= 4, "{summary:?}");
    let open = plan(Pace::Open { stages: vec![Stage::endless(2_000.0)], poisson: false }, 500);
    let summary = found(&target, &open);
    assert_eq!((summary.checks, summary.all_errors()), (0, 500), "{:?}", summary.errors);
}

#[test]
fn a_target_that_is_not_there_is_counted_and_given_up() {
    let address =
        TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    let target = HttpTarget { timeout_seconds: 0.1, ..target(address, Protocol::Json) };
    let open = plan(Pace::Open { stages: vec![Stage::endless(1_000.0)], poisson: false }, 100);
    let summary = found(&target, &open);
    assert!(
        summary.checks == 0 && summary.all_errors() == 100 && summary.errors["no connection"] == 100,
        "{summary:?}"
    );
    assert_eq!(found(&target, &closed(u64::MAX)).checks, 0, "and it ends");
}

#[test]
fn an_open_run_loses_no_check_to_a_target_that_comes_back_before_they_time_out() {
    for batch in [1, 5] {
        let free =
            TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
        let target = HttpTarget { timeout_seconds: 30.0, ..target(free, Protocol::Json) };
        // The target comes back when the check of 0.2 s is looked at: some ten attempts to connect have failed before.
        let book = book();
        let calls = workload().calls(&book).enumerate().map(|(number, call)| {
            if number == 200 {
                serve_on(TcpListener::bind(free).expect("the port is still free"), good(self::book()), None);
            }
            call
        });
        let pace = Pace::Open { stages: vec![Stage::endless(1_000.0)], poisson: false };
        let plan = Plan { batch, ..plan(pace, 400) };
        let recorder =
            run_http(calls, &book, Some(&mut Judge::new(&book)), &target, &plan, &Watch::default())
                .expect("sockets");
        let summary =
            Summary::new(&recorder, Some(&book), Described { is_open: true, ..Described::default() });
        assert_eq!((summary.checks, summary.all_errors()), (400, 0), "{:?}", summary.errors);
        assert_eq!((summary.judged, summary.wrong.total()), (400, 0), "{summary:?}");
        let max_ns = summary.latency.all.as_ref().map_or(0, |latency| latency.max_ns);
        assert!(max_ns > 100_000_000, "the wait is part of the latency: {max_ns}");
    }
}

#[test]
fn a_target_that_dies_and_comes_back_is_asked_again() {
    let watch = Arc::new(Watch::default());
    let limiter = Limiter::new(book());
    let dies = move |number: usize, request: &str| {
        if number == 200 {
            return Do::Die;
        }
        let (status, body) = limiter.answer(request);
        Do::Answer(status, body)
    };
    let target = target(serve_watched(dies, Some(Arc::clone(&watch))), Protocol::Json);
    // It comes back when somebody has noticed: checks that wait for a connection are given up after this time.
    let target = HttpTarget { timeout_seconds: 0.2, ..target };
    let open = plan(
        Pace::Open { stages: vec![Stage { seconds: 2.0, from: 1_000.0, to: 1_000.0 }], poisson: false },
        10_000,
    );
    let summary = tested(&target, &open, &watch);
    assert!(summary.checks > 1_000 && summary.all_errors() >= 2, "{:?}", summary.errors);
    assert_eq!(
        summary.checks + summary.all_errors(),
        2_000,
        "every check is accounted for: {:?}",
        summary.errors
    );
    assert!(summary.wrong.total() == 0 && summary.reconnections >= 4, "{summary:?}");
    let last = summary.slices.last().expect("there are slices");
    assert!(last.counts.answered > 0, "{:?}", summary.slices);
}

#[test]
fn connections_that_the_target_closes_after_each_answer_are_no_error() {
    let limiter = Limiter::new(book());
    let closes = move |_: usize, request: &str| {
        let (status, body) = limiter.answer(request);
        Do::AnswerAndClose(status, body)
    };
    let summary = found(&target(serve(closes), Protocol::Json), &closed(200));
    assert_eq!(
        (summary.checks, summary.all_errors(), summary.wrong.total()),
        (200, 0, 0),
        "{:?}",
        summary.errors
    );
    assert!(summary.reconnections >= 190, "{}", summary.reconnections);
}

#[test]
fn a_run_can_be_stopped() {
    let watch = Arc::new(Watch::default());
    let stopping = Arc::clone(&watch);
    let good = good(book());
    let stops = move |number: usize, request: &str| {
        if number == 300 {
            stopping.stop.store(true, Ordering::Relaxed);
        }
        good(number, request)
    };
    let summary = tested(&target(serve(stops), Protocol::Json), &closed(u64::MAX), &watch);
    assert!((290..400).contains(&summary.checks), "{}", summary.checks);
}

#[test]
fn the_servers_time_is_what_answers_are_judged_by() {
    // It takes checks an hour apart, whatever their times were.
    let limiter = Limiter::new(book());
    let asked = AtomicUsize::new(0);
    let own_clock = move |_: usize, request: &str| {
        let (head, body) = request.split_once("\r\n\r\n").expect("a head");
        assert!(!body.contains("\"at\""), "{body}");
        let at = 1_767_600_000_000 + asked.fetch_add(1, Ordering::SeqCst) as i64 * 60_000;
        let body = body.replace('}', &format!(",\"at\":{at}}}"));
        let (status, body) = limiter.answer(&format!("{head}\r\n\r\n{body}"));
        Do::Answer(status, body)
    };
    let target = HttpTarget { connections: 1, ..target(serve(own_clock), Protocol::Json) };
    let summary = found(&target, &Plan { times: Times::Clock, ..closed(1_000) });
    assert_eq!((summary.judged, summary.wrong.total()), (1_000, 0), "{:?}", summary.wrong_decisions);
    assert!(summary.denied > 50, "{}", summary.denied);
}

#[test]
fn any_endpoint_can_be_asked_through_a_template() {
    let limiter = Limiter::new(book());
    let other = move |_: usize, request: &str| {
        let (head, body) = request.split_once("\r\n\r\n").expect("a head");
        assert!(head.starts_with("PUT /users/") && head.contains("X-Action: "), "{head}");
        let body: Value = serde_json::from_str(body).expect("JSON");
        let account = head.split('/').nth(2).and_then(|rest| rest.split(' ').next()).expect("an account");
        let check = json!({ "account": account.parse::<u32>().expect("a number"), "action": body["what"], "at": body["when"] });
        let (allowed, told) = limiter.one(&check);
        let wait = told["retry_after_ms"].as_f64().map(|ms| ms / 1_000.0);
        Do::Answer(200, json!({ "ok": allowed, "why": { "rule": told["rule"], "wait": wait } }).to_string())
    };
    let template = Template::parse(
        "method = \"PUT\"\npath = \"/users/{account}\"\nheaders = { X-Action = \"{action}\" }\n\
         body = '{\"what\": \"{action}\", \"when\": {at_ms}}'\ndenied = { at = \"/ok\", equals = false }\n\
         [answer]\nrule = \"/why/rule\"\nretry_after_s = \"/why/wait\"\n",
    );
    let template = template.expect("a template");
    assert!(template.gives_times() && !template.tells_times());
    let target = target(serve(other), Protocol::Template(Box::new(template)));
    let summary = found(&target, &closed(1_000));
    assert_eq!(
        (summary.judged, summary.wrong.total(), summary.all_errors()),
        (1_000, 0, 0),
        "{:?}",
        summary.wrong_decisions
    );
    assert!(summary.denied > 100);
}

#[test]
fn templates_that_cannot_be_sent_are_refused() {
    let denied = "denied = { status = [429] }\n";
    for (text, says) in [
        ("path = \"/x\"\n".to_owned(), "`denied` cannot be left out"),
        (format!("{denied}path = \"x\"\n"), "cannot be a path"),
        (format!("{denied}path = \"/x y\"\n"), "cannot be a path"),
        (format!("{denied}path = \"/{{who}}\"\n"), "`{who}` cannot be a placeholder: known are {account}"),
        (format!("{denied}path = \"/x\"\nbody = '{{\"a\": {{at}}}}'\n"), "`{at}` cannot be a placeholder"),
        (format!("{denied}path = \"/x\"\nmethod = \"GET /\"\n"), "cannot be a method"),
        (format!("{denied}path = \"/x\"\nheaders = {{ Host = \"a\" }}\n"), "cannot be a header"),
        (format!("{denied}path = \"/x\"\nheaders = {{ A = \"b\\r\\nC: d\" }}\n"), "the value of a header"),
        (format!("{denied}path = \"/x\"\nspeed = 3\n"), "unknown field `speed`"),
        ("path = \"/x\"\ndenied = { at = \"/ok\" }\n".to_owned(), "without `equals`"),
        ("path = \"/x\"\ndenied = { at = \"ok\", equals = 1 }\n".to_owned(), "JSON pointer"),
    ] {
        let refused = Template::parse(&text).expect_err(&text).to_string();
        assert!(refused.contains(says), "{text}: {refused}");
    }
    assert!(Template::parse("path = \"/x\"\ndenied = { status = [429] }\n").is_ok());
}

#[test]
fn what_is_said_to_nobody_is_not_judged() {
    let template = Template::parse("path = \"/x\"\ndenied = { status = [429] }\n").expect("a template");
    let target = target(
        serve(|number, _| Do::Answer(if number % 3 == 0 { 429 } else { 204 }, String::new())),
        Protocol::Template(Box::new(template)),
    );
    let book = book();
    let calls = (0..300).map(|number| Call { account: number, action: 0, at: 0 });
    let recorder = run_http(calls, &book, None, &target, &closed(300), &Watch::default()).expect("sockets");
    let summary = Summary::new(&recorder, None, Described::default());
    assert_eq!((summary.allowed, summary.denied, summary.judged, summary.unjudged), (200, 100, 0, 300));
    assert_ne!(Said::Allowed, Said::Denied { rule: None, retry: pacewise::load::Retry::Untold });
}
