//! The state on disk: it comes back whole, and a damaged one is told.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use pacewise::rulebook::Rulebook;
use pacewise::rules::{Calendar, Limit, Rule, Window};
use pacewise::serve::{Clock, Config, Durability, Limits, Recovered, ServeError, Server, StateError};

use crate::client::{Client, RECORDS, Running, book, config, record};

const MONDAY: i64 = 1_767_600_000_000;

fn stored(folder: &Path, durability: Durability) -> Config {
    Config { state: Some(folder.to_owned()), durability, ..config(book()) }
}

/// Some accounts do something, by number and by name, checked and recorded.
fn act(client: &mut Client) {
    for account in ["17", "\"ann\"", "\"17 \""] {
        for at in 0..3 {
            let at = MONDAY + at;
            client
                .post("/v1/check", &format!(r#"{{"account": {account}, "action": "message", "at": {at}}}"#));
        }
        client.post("/v1/record", &format!(r#"{{"account": {account}, "action": "login", "at": {MONDAY}}}"#));
    }
    let records: Vec<u8> = (0..300).flat_map(|i| record(MONDAY / 1_000, 100 + i / 3, 0)).collect();
    assert_eq!(client.ask("POST", "/v1/check", &[RECORDS], &records).expect("an answer").status, 200);
}

/// What the server says of all of them.
fn usage(client: &mut Client) -> Vec<String> {
    let names = ["17", "ann", "17%20", "nobody"].map(str::to_owned);
    let accounts = names.into_iter().chain((100..200).map(|account| account.to_string()));
    accounts.map(|account| client.get(&format!("/v1/usage/{account}?at={}", MONDAY + 5)).text()).collect()
}

#[test]
fn a_state_comes_back_after_a_graceful_stop_under_any_durability() {
    for durability in [Durability::None, Durability::Batch, Durability::Always] {
        let place = tempfile::tempdir().expect("a temporary folder");
        let running = Running::start(stored(place.path(), durability));
        act(&mut running.client());
        let before = usage(&mut running.client());
        assert!(before[0].contains("\"count\":2"), "{}", before[0]);
        running.stop().expect("it stops");
        let running = Running::start(stored(place.path(), Durability::None));
        assert_eq!(usage(&mut running.client()), before, "{durability:?}");
        let denied = running
            .client()
            .post("/v1/check", &format!(r#"{{"account": 17, "action": "message", "at": {}}}"#, MONDAY + 9));
        assert_eq!(denied.status, 429);
    }
}

#[test]
fn many_restarts_lose_nothing_and_count_nothing_twice() {
    let place = tempfile::tempdir().expect("a temporary folder");
    for round in 0..4 {
        let durability = [Durability::Batch, Durability::None][round % 2];
        let running = Running::start(stored(place.path(), durability));
        let mut client = running.client();
        let body = format!(r#"{{"account": "a", "action": "login", "at": {}}}"#, MONDAY + round as i64);
        assert_eq!(client.post("/v1/check", &body).status, 200);
        let usage = client.get(&format!("/v1/usage/a?at={}", MONDAY + 9)).json();
        assert_eq!(usage["limits"][1]["count"], round + 1, "{usage}");
        running.stop().expect("it stops");
    }
    let files = fs::read_dir(place.path()).expect("it is there").count();
    assert_eq!(files, 3, "the log and one generation of snapshots");
}

#[test]
fn only_snapshots_of_its_own_are_cleared_away() {
    let place = tempfile::tempdir().expect("a folder");
    let names = [
        ("accounts-2026.csv", true),
        ("accounts-old.numbered", true),
        (".tmpl", true),
        ("accounts-7.numbered", false),
        ("accounts-7.named", false),
        (".pacewise-snapshot-x1", false),
    ];
    Running::start(stored(place.path(), Durability::Batch)).stop().expect("it stops");
    for (name, _) in names {
        std::fs::write(place.path().join(name), "mine").expect("it can be written");
    }
    Running::start(stored(place.path(), Durability::Batch)).stop().expect("it stops");
    for (name, stays) in names {
        assert_eq!(place.path().join(name).exists(), stays, "{name}");
    }
}

#[test]
fn the_log_alone_brings_everything_back() {
    let (place, copy) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let running = Running::start(stored(place.path(), Durability::Batch));
    act(&mut running.client());
    let before = usage(&mut running.client());
    // As the disk would look if the machine died now.
    fs::copy(place.path().join("log.redb"), copy.path().join("log.redb")).expect("it can be copied");
    let server = Server::start(stored(copy.path(), Durability::None)).expect("it starts");
    assert_eq!(server.recovered(), Recovered { accounts: 103, events: 9 + 200 });
    drop(server);
    let running = Running::start(stored(copy.path(), Durability::None));
    assert_eq!(usage(&mut running.client()), before);
}

#[test]
fn snapshots_whose_log_is_lost_are_refused_and_kept() {
    for lost in [None, Some(0), Some(100)] {
        let place = tempfile::tempdir().expect("a temporary folder");
        let running = Running::start(stored(place.path(), Durability::Batch));
        act(&mut running.client());
        running.stop().expect("it stops");
        let log = place.path().join("log.redb");
        match lost {
            None => fs::remove_file(&log).expect("it is there"),
            Some(zeros) => fs::write(&log, vec![0; zeros]).expect("it is written"),
        }
        let snapshots = || {
            let entries = fs::read_dir(place.path()).expect("it is there").flatten();
            let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
            let mut snapshots: Vec<String> = names.filter(|name| name.starts_with("accounts-")).collect();
            snapshots.sort();
            snapshots
        };
        let before = snapshots();
        assert_eq!(before.len(), 2);
        for _ in 0..2 {
            let error = Server::start(stored(place.path(), Durability::Batch)).expect_err("it is refused");
            assert!(matches!(error, ServeError::State(StateError::Damaged { .. })), "{lost:?}: {error}");
            assert_eq!(snapshots(), before, "{lost:?}");
        }
    }
}

#[test]
fn a_log_whose_maker_died_at_once_is_begun_anew() {
    for zeros in [0, 5, 9, 1 << 20] {
        let place = tempfile::tempdir().expect("a temporary folder");
        fs::write(place.path().join("log.redb"), vec![0; zeros]).expect("it is written");
        let running = Running::start(stored(place.path(), Durability::Batch));
        act(&mut running.client());
        let before = usage(&mut running.client());
        running.stop().expect("it stops");
        let running = Running::start(stored(place.path(), Durability::Batch));
        assert_eq!(usage(&mut running.client()), before, "{zeros}");
    }
}

#[test]
fn while_it_runs_snapshots_take_the_place_of_a_long_log() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let running = Running::start(Config { snapshot_after: 100, ..stored(place.path(), Durability::Batch) });
    let mut client = running.client();
    let mut accounts = 0;
    while !client.get("/metrics").text().contains("pacewise_snapshots_total 3\n") {
        let body = format!(r#"{{"account": {accounts}, "action": "login", "at": {MONDAY}}}"#);
        assert_eq!(client.post("/v1/check", &body).status, 200);
        accounts += 1;
    }
    running.stop().expect("it stops");
    let server = Server::start(stored(place.path(), Durability::None)).expect("it starts");
    assert_eq!(server.recovered().accounts, accounts);
    drop(server);
    let running = Running::start(stored(place.path(), Durability::None));
    for account in [0, accounts / 2, accounts - 1] {
        let usage = running.client().get(&format!("/v1/usage/{account}?at={MONDAY}")).json();
        assert_eq!(usage["limits"][1]["count"], 1, "{usage}");
    }
    assert_eq!(fs::read_dir(place.path()).expect("it is there").count(), 3);
}

#[test]
fn what_no_window_can_see_is_dropped_on_start() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let now = Arc::new(AtomicI64::new(MONDAY));
    let clocked = || {
        let now = Arc::clone(&now);
        let clock = Clock::Server(Arc::new(move || now.load(Ordering::SeqCst)));
        Config { clock, ..stored(place.path(), Durability::Batch) }
    };
    let running = Running::start(clocked());
    running.client().post("/v1/check", r#"{"account": "a", "action": "message"}"#);
    running.stop().expect("it stops");
    // A calendar week may hold it for nine days as seen from anywhere; servers keep it a minute longer.
    let idle = 9 * 86_400_000 + 60_000;
    for (later, accounts) in [(0, 1), (idle - 1, 1), (idle, 0)] {
        now.store(MONDAY + later, Ordering::SeqCst);
        let server = Server::start(clocked()).expect("it starts");
        assert_eq!(server.recovered().accounts, accounts, "{later}");
    }
}

#[test]
fn two_servers_do_not_share_a_state() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let running = Running::start(stored(place.path(), Durability::None));
    let error = Server::start(stored(place.path(), Durability::Batch)).expect_err("it is refused");
    assert!(matches!(error, ServeError::State(StateError::InUse(_))), "{error}");
    assert!(error.to_string().contains("another server has this state open"));
    running.stop().expect("it stops");
    Server::start(stored(place.path(), Durability::Batch)).expect("it is free now");
}

#[test]
fn durability_without_a_folder_is_refused() {
    for durability in [Durability::Batch, Durability::Always] {
        let error = Server::start(Config { durability, ..config(book()) }).err();
        assert!(matches!(error, Some(ServeError::Nowhere)));
    }
}

#[test]
fn a_state_of_other_rules_is_refused() {
    let place = tempfile::tempdir().expect("a temporary folder");
    drop(Server::start(stored(place.path(), Durability::Batch)).expect("it starts"));
    let other = |name: &str, action: &str, max| {
        let rule = Rule { actions: vec![0], limits: vec![Limit { window: Window::Day, max }] };
        let calendar = Calendar::named("UTC").expect("it is known");
        Rulebook::new(vec![(name.to_owned(), rule)], vec![action.to_owned()], calendar, String::new())
    };
    let pacific = |zone: &str| {
        let book = other("a", "x", 1);
        let calendar = Calendar::named(zone).expect("it is known");
        Rulebook { set: book.set.with_calendars(vec![Some(calendar)]), ..book }
    };
    let own = tempfile::tempdir().expect("a temporary folder");
    let with =
        |folder: &Path, book| Server::start(Config { book, ..stored(folder, Durability::Batch) }).map(drop);
    with(own.path(), other("a", "x", 1)).expect("it is new");
    with(own.path(), other("a", "x", 1)).expect("it is the same");
    for book in [other("b", "x", 1), other("a", "y", 1), other("a", "x", 2)] {
        let error = with(own.path(), book).expect_err("it is another one");
        assert!(matches!(error, ServeError::State(StateError::OtherRules(_))), "{error}");
    }
    assert!(with(place.path(), other("a", "x", 1)).is_err());
    let zoned = tempfile::tempdir().expect("a temporary folder");
    with(zoned.path(), pacific("America/Los_Angeles")).expect("it is new");
    with(zoned.path(), pacific("America/Los_Angeles")).expect("it is the same");
    for book in [other("a", "x", 1), pacific("America/Denver")] {
        let error = with(zoned.path(), book).expect_err("its days begin elsewhere");
        assert!(matches!(error, ServeError::State(StateError::OtherRules(_))), "{error}");
    }
}

#[test]
fn a_state_of_given_times_is_none_of_the_clock_and_the_other_way_round() {
    let clocks = || [Clock::Given, Clock::Server(Arc::new(|| MONDAY))];
    for (made, (words, durability)) in
        [("with", Durability::None), ("without", Durability::Batch)].into_iter().enumerate()
    {
        let place = tempfile::tempdir().expect("a temporary folder");
        let start = |clock: usize| {
            let clock = clocks()[clock].clone();
            Server::start(Config { clock, ..stored(place.path(), durability) }).map(drop)
        };
        start(made).expect("it is new");
        let error = start(1 - made).expect_err("its times came from elsewhere");
        assert!(matches!(error, ServeError::State(StateError::OtherClock { .. })), "{error}");
        assert!(error.to_string().contains(&format!("was made {words} --given-times")), "{error}");
        start(made).expect("it is the same");
    }
}

#[test]
fn a_state_is_made_with_the_folders_that_lead_to_it() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let folder = place.path().join("a/b/c");
    Running::start(stored(&folder, Durability::Batch)).stop().expect("it stops");
    assert!(folder.join("log.redb").exists());
}

#[test]
fn what_no_rule_counts_is_not_written() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let running = Running::start(stored(place.path(), Durability::Batch));
    let mut client = running.client();
    let mut groups_after = |action: &str| {
        client.post("/v1/check", &format!(r#"{{"account": 1, "action": "{action}", "at": {MONDAY}}}"#));
        client.post(
            "/v1/record",
            &format!(r#"{{"checks": [{{"account": 1, "action": "{action}", "at": {MONDAY}}}]}}"#),
        );
        let metrics = client.get("/metrics").text();
        let groups = metrics.lines().find_map(|line| line.strip_prefix("pacewise_log_groups_total "));
        groups.expect("it is counted").to_owned()
    };
    assert_eq!(groups_after("free"), "0");
    assert_eq!(groups_after("login"), "2");
}

/// A clock that fails where it is read by the thread of this name.
fn failing_for(thread: &'static str) -> Clock {
    Clock::Server(Arc::new(move || {
        assert!(std::thread::current().name() != Some(thread), "this test makes the clock fail");
        MONDAY
    }))
}

#[test]
fn a_writer_that_fails_inside_leaves_nobody_waiting() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let running =
        Running::start(Config { clock: failing_for("log"), ..stored(place.path(), Durability::Batch) });
    let mut client = running.client();
    for _ in 0..2 {
        let reply = client.post("/v1/check", r#"{"account": 1, "action": "message"}"#);
        assert_eq!(reply.status, 503, "{}", reply.text());
    }
    let health = client.get("/healthz");
    assert!(
        health.status == 503 && health.text().contains("the thread that writes the log"),
        "{}",
        health.text()
    );
    let error = running.stop().expect_err("not everything was written");
    assert!(matches!(error, ServeError::Log(_)), "{error}");
}

#[test]
fn a_snapshot_that_a_request_keeps_from_being_made_is_told() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let (waits, ends) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let (of_clock, then) = (Arc::clone(&waits), Arc::clone(&ends));
    let clock = Clock::Server(Arc::new(move || {
        if std::thread::current().name() == Some("tokio-rt-worker") {
            of_clock.wait();
            then.wait();
        }
        MONDAY
    }));
    let limits = Limits { request_time: Duration::from_millis(50), ..Limits::default() };
    let running = Running::start(Config { clock, limits, ..stored(place.path(), Durability::None) });
    let mut client = running.client();
    let body = r#"{"account": 1, "action": "message"}"#;
    let head = format!(
        "POST /v1/check HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    client.write((head + body).as_bytes()).expect("it is taken");
    waits.wait();
    let error = running.stop().expect_err("no snapshot was made");
    assert!(matches!(error, ServeError::Unsaved), "{error}");
    ends.wait();
}

/// A state with a log and with snapshots, as the death of its server leaves it; or as it stops.
fn files_of_a_state(dies: bool) -> Vec<(String, Vec<u8>)> {
    let place = tempfile::tempdir().expect("a temporary folder");
    let folder = place.path();
    let running = Running::start(stored(folder, Durability::Batch));
    act(&mut running.client());
    running.stop().expect("it stops");
    let running = Running::start(stored(folder, Durability::Batch));
    for account in ["y", "z"] {
        let body = format!(r#"{{"account": "{account}", "action": "login", "at": {MONDAY}}}"#);
        running.client().post("/v1/check", &body);
    }
    if !dies {
        running.stop().expect("it stops");
    }
    let read = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.expect("it can be listed").path();
        (
            path.file_name().expect("a name").to_string_lossy().into_owned(),
            fs::read(&path).expect("it can be read"),
        )
    };
    fs::read_dir(folder).expect("it is there").map(read).collect()
}

fn opened(files: &[(String, Vec<u8>)]) -> Result<Recovered, ServeError> {
    let place = tempfile::tempdir().expect("a temporary folder");
    for (name, bytes) in files {
        fs::write(place.path().join(name), bytes).expect("it can be written");
    }
    Server::start(stored(place.path(), Durability::Batch)).map(|server| server.recovered())
}

/// Changes a bit here and there and looks what becomes of the state; it may also come back as `instead`.
fn assert_damage_is_told(files: &[(String, Vec<u8>)], whole: Recovered, instead: Recovered) {
    assert_eq!(files.len(), 3);
    assert_eq!(opened(files).expect("it is whole"), whole);
    let mut told = 0;
    for file in 0..files.len() {
        let length = files[file].1.len();
        let step = (length / 60).max(1);
        for at in (0..length).step_by(step) {
            let mut files = files.to_vec();
            files[file].1[at] ^= 0x10;
            match opened(&files) {
                Ok(recovered) => {
                    let known = recovered == whole || recovered == instead;
                    assert!(known, "{} at {at}: {recovered:?}", files[file].0);
                }
                Err(ServeError::State(error)) => {
                    told += 1;
                    assert!(!matches!(error, StateError::InUse(_)), "{error}");
                }
                Err(error) => panic!("{error}"),
            }
        }
    }
    assert!(told >= 60, "only {told} of the changes were seen");
}

#[test]
fn damage_to_a_state_is_told_or_does_not_matter() {
    let whole = Recovered { accounts: 105, events: 0 };
    assert_damage_is_told(&files_of_a_state(false), whole, whole);
}

#[test]
fn damage_to_what_a_dead_server_leaves_is_told_or_takes_the_last_group_only() {
    let whole = Recovered { accounts: 105, events: 2 };
    assert_damage_is_told(&files_of_a_state(true), whole, Recovered { accounts: 104, events: 1 });
}

#[test]
fn a_state_that_is_cut_or_misses_a_file_is_told() {
    let files = files_of_a_state(true);
    for file in 0..files.len() {
        let mut cut = files.clone();
        let length = cut[file].1.len();
        cut[file].1.truncate(length / 2);
        let error = opened(&cut).expect_err("half of it is gone");
        assert!(matches!(error, ServeError::State(StateError::Damaged { .. })), "{}: {error}", files[file].0);
        if files[file].0.starts_with("accounts") {
            let mut missing = files.clone();
            missing.remove(file);
            let error = opened(&missing).expect_err("a file is gone");
            assert!(error.to_string().contains("the snapshot that it names is not there"), "{error}");
        }
    }
    let error =
        opened(&[("log.redb".to_owned(), b"this is no store".repeat(9))]).expect_err("it is no store");
    assert!(matches!(error, ServeError::State(StateError::Damaged { .. })), "{error}");
}
