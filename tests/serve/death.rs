//! The program is killed in the middle of its work: what it has answered is counted when it starts again.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use crate::client::{Client, RECORDS, record};

const RULES: &str = r#"
[[rule]]
name = "messages"
actions = ["message"]
windows = [{ sliding = "24h", limit = 1000000 }]
[[rule]]
name = "logins"
actions = ["login"]
windows = [{ sliding = "7d", limit = 5 }]
"#;

/// The number of the action in binary records: its place among the standard ones.
const MESSAGE: u32 = 3;

/// The program, serving.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) announced: String,
}

impl Program {
    fn start(place: &Path, options: &[&str]) -> Program {
        std::fs::write(place.join("rules.toml"), RULES).expect("it can be written");
        let mut command = Command::new(env!("CARGO_BIN_EXE_pacewise"));
        command.args([
            "serve",
            "--limiter",
            "--rules",
            "rules.toml",
            "--listen",
            "127.0.0.1:0",
            "--state",
            "state",
        ]);
        Program::spawn(command.args(options).current_dir(place))
    }

    pub(crate) fn spawn(command: &mut Command) -> Program {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut announced = String::new();
        let stdout = child.stdout.as_mut().expect("it is piped");
        BufReader::new(stdout).read_line(&mut announced).expect("it says where it listens");
        let address = announced.split("http://").nth(1).and_then(|rest| rest.split(';').next()?.parse().ok());
        Program { address: address.unwrap_or_else(|| panic!("{announced}")), child, announced }
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(self.address)
    }

    /// What the server counts of an account under a rule.
    fn count(&self, account: u32, rule: usize) -> u64 {
        let usage = self.client().get(&format!("/v1/usage/{account}")).json();
        usage["limits"][rule]["count"].as_u64().unwrap_or_else(|| panic!("{usage}"))
    }

    fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    /// Asks it to end, and waits until it has.
    #[cfg(unix)]
    fn terminate(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().expect("it runs").success());
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What one connection sent of an account's messages, and of how many of them it was told that they are allowed.
#[derive(Debug, Clone, Copy, Default)]
struct Sent {
    asked: u64,
    answered: u64,
}

/// Asks until the server is gone, one by one and in batches of ten; reports each answer.
fn drive(address: SocketAddr, account: u32, answers: &Sender<()>) -> Sent {
    let mut client = Client::connect(address);
    let mut sent = Sent::default();
    for round in 0.. {
        let batch = if round % 3 == 2 { 10 } else { 1 };
        sent.asked += batch;
        let reply = if batch == 1 {
            let body = format!(r#"{{"account": {account}, "action": "message"}}"#);
            client.ask("POST", "/v1/check", &[("content-type", "application/json")], body.as_bytes())
        } else {
            client.ask("POST", "/v1/check", &[RECORDS], &record(-1, account, MESSAGE).repeat(10))
        };
        match reply {
            Ok(reply) => {
                assert_eq!(reply.status, 200, "{}", reply.text());
                sent.answered += batch;
                let _ = answers.send(());
            }
            Err(_) => break,
        }
    }
    sent
}

/// Drives a server on several connections, kills it in the middle, and looks whether the next one has all that was answered.
fn assert_survives(durability: &str, snapshot_after: u64, answers_before: usize) {
    let place = tempfile::tempdir().expect("a temporary folder");
    let mut before: HashMap<u32, Sent> = HashMap::new();
    let after = snapshot_after.to_string();
    for round in 0..3 {
        let mut program =
            Program::start(place.path(), &["--durability", durability, "--snapshot-after", &after]);
        assert!(program.announced.contains(&format!("durability: {durability}")), "{}", program.announced);
        for (account, sent) in &before {
            let count = program.count(*account, 0);
            assert!(
                (sent.answered..=sent.asked).contains(&count),
                "{durability}, round {round}: {count} of {sent:?} are counted"
            );
        }
        for _ in 0..6 {
            program.client().post("/v1/check", r#"{"account": 99, "action": "login"}"#);
        }
        assert_eq!(program.count(99, 1), 5);
        let denied = program.client().post("/v1/check", r#"{"account": 99, "action": "login"}"#);
        assert_eq!(denied.status, 429, "round {round}: what was denied before is not allowed now");
        let (sender, receiver) = channel();
        let address = program.address;
        let drivers: Vec<_> = (0..8)
            .map(|account| {
                let sender = sender.clone();
                thread::spawn(move || (account, drive(address, account, &sender)))
            })
            .collect();
        for _ in 0..answers_before {
            receiver.recv().expect("they are answered");
        }
        program.kill();
        for driver in drivers {
            let (account, sent) = driver.join().expect("it does not panic");
            let all = before.entry(account).or_default();
            all.asked += sent.asked;
            all.answered += sent.answered;
        }
        assert!(before.values().all(|sent| sent.answered > 0), "{before:?}");
    }
}

#[test]
fn what_was_answered_survives_a_kill_with_group_commit() {
    assert_survives("batch", 64 << 20, 400);
}

#[test]
fn what_was_answered_survives_a_kill_while_snapshots_are_made() {
    assert_survives("batch", 300, 600);
}

#[test]
fn what_was_answered_survives_a_kill_with_an_fsync_each() {
    assert_survives("always", 64 << 20, 150);
}

#[cfg(unix)]
#[test]
fn a_termination_writes_everything_even_without_a_log() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let program = Program::start(place.path(), &["--durability", "none"]);
    for _ in 0..3 {
        program.client().post("/v1/check", r#"{"account": 1, "action": "login"}"#);
    }
    assert_eq!(program.terminate(), Some(0));
    let program = Program::start(place.path(), &[]);
    assert!(program.announced.contains("(1 account, 0 events played again)"), "{}", program.announced);
    assert!(program.announced.contains("durability: batch"), "{}", program.announced);
    assert_eq!(program.count(1, 1), 3);
}

#[cfg(unix)]
#[test]
fn who_has_read_that_it_listens_can_end_it_gracefully() {
    for _ in 0..10 {
        let place = tempfile::tempdir().expect("a temporary folder");
        assert_eq!(Program::start(place.path(), &[]).terminate(), Some(0));
    }
}

#[cfg(unix)]
#[test]
fn a_log_that_cannot_be_written_is_answered_with_503_and_the_rest_is_kept() {
    let place = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(place.path().join("rules.toml"), RULES).expect("it can be written");
    let program = env!("CARGO_BIN_EXE_pacewise");
    // No file may grow beyond 3 MiB, and the system says so with an error, not with a signal.
    let line = format!(
        "trap '' XFSZ; ulimit -f 3072; exec {program} serve --limiter --rules rules.toml --listen 127.0.0.1:0 --state state"
    );
    let program = Program::spawn(Command::new("bash").args(["-c", &line]).current_dir(place.path()));
    let mut client = program.client();
    let (batch, mut answered) = (record(-1, 7, MESSAGE).repeat(10_000), 0);
    let failed = (0..200).find_map(|_| {
        let reply = client.ask("POST", "/v1/check", &[RECORDS], &batch).expect("an answer");
        answered += u64::from(reply.status == 200) * 10_000;
        (reply.status != 200).then_some(reply)
    });
    let failed = failed.expect("the log is full");
    assert_eq!(failed.status, 503, "{}", failed.text());
    assert!(failed.text().contains("the log could not be written"), "{}", failed.text());
    assert_eq!(client.post("/v1/check", r#"{"account": 1, "action": "login"}"#).status, 503);
    assert_eq!(client.get("/healthz").status, 503);
    assert!(client.get("/metrics").text().contains("pacewise_log_failed 1\n"));
    assert!(program.count(7, 0) > answered, "what was not written stays counted");
    assert_eq!(program.terminate(), Some(2));
    let program = Program::start(place.path(), &[]);
    assert!(program.count(7, 0) >= answered);
}

#[test]
fn a_second_server_on_the_same_state_ends_with_an_error() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let _first = Program::start(place.path(), &[]);
    let second = Command::new(env!("CARGO_BIN_EXE_pacewise"))
        .args(["serve", "--limiter", "--rules", "rules.toml", "--listen", "127.0.0.1:0", "--state", "state"])
        .current_dir(place.path())
        .output()
        .expect("it runs");
    assert_eq!(second.status.code(), Some(2));
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(said.contains("state: another server has this state open"), "{said}");
}

#[test]
fn wrong_options_are_told_with_what_would_be_accepted() {
    let said = |options: &[&str]| {
        let ran =
            Command::new(env!("CARGO_BIN_EXE_pacewise")).args(["serve", "--limiter"]).args(options).output();
        let ran = ran.expect("it runs");
        (ran.status.code(), String::from_utf8_lossy(&ran.stderr).into_owned())
    };
    for (options, words) in [
        (&["--platform", "linkedin", "--listen", "0.0.0.0:0"][..], "needs a token file"),
        (&["--platform", "linkedin", "--durability", "batch"], "durability needs a folder"),
        (&["--platform", "linked"], "known: linkedin"),
        (&["--platform", "linkedin", "--variant", "x"], "has no variant `x`"),
        (&["--platform", "linkedin", "--zone", "Mars"], "no time zone is called `Mars`"),
        (&["--rules", "missing.toml"], "missing.toml"),
        (&["--platform", "linkedin", "--token-file", "missing"], "missing"),
        (&[], "--rules"),
    ] {
        let (code, said) = said(options);
        assert!(code == Some(2) && said.contains(words), "{options:?}: {said}");
    }
}
