//! The page about the server shows what it does: its requests, sent in its order, get its answers.

use std::process::Command;

use crate::client::Client;
use crate::death::Program;

const PAGE: &str = include_str!("../../docs/serve.md");

/// The blocks of the page, with their kinds.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let fenced = PAGE.split("\n```").skip(1).step_by(2);
    fenced.filter_map(|block| block.split_once('\n')).collect()
}

/// A text without what changes from run to run: times.
fn masked(text: &str) -> String {
    let mut masked = String::new();
    for part in text.trim().split_inclusive(|c: char| !c.is_ascii_digit()) {
        let digits = part.trim_end_matches(|c: char| !c.is_ascii_digit());
        let rest = &part[digits.len()..];
        masked += if digits.len() >= 6 { "TIME" } else { digits };
        masked += rest;
    }
    masked
}

/// What stands between single quotes after an option.
fn quoted<'c>(command: &'c str, option: &str) -> Option<&'c str> {
    command.split_once(&format!(" {option} '"))?.1.split('\'').next()
}

fn answer(client: &mut Client, command: &str) -> String {
    let url = command.split_whitespace().nth(2).expect("curl -s URL");
    let path = url.strip_prefix("127.0.0.1:7171").expect("the server of the page");
    let header = quoted(command, "-H").and_then(|header| header.split_once(": "));
    let reply = match quoted(command, "-d") {
        Some(body) => client.ask("POST", path, header.as_slice(), body.as_bytes()),
        None => client.ask("GET", path, &[], b""),
    };
    reply.expect("an answer").text()
}

#[test]
fn requests_of_the_page_get_its_answers() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let blocks = blocks();
    let rules = blocks.iter().find(|(kind, _)| *kind == "toml").expect("the page has rules").1;
    std::fs::write(place.path().join("rules.toml"), rules).expect("it can be written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_pacewise"));
    let options =
        ["serve", "--limiter", "--rules", "rules.toml", "--listen", "127.0.0.1:0", "--state", "state"];
    let program = Program::spawn(command.args(options).current_dir(place.path()));
    let shown = blocks.iter().find(|(kind, _)| *kind == "text").expect("the page shows the first line").1;
    let port = program.address.port().to_string();
    assert_eq!(program.announced.replace(&port, "7171").trim(), shown.lines().next().expect("a line"));
    let mut client = program.client();
    let mut seen = 0;
    for pair in blocks.windows(2) {
        if let [("sh", command), ("json", expected)] = pair {
            assert_eq!(masked(&answer(&mut client, command)), masked(expected), "{command}");
            seen += 1;
        }
    }
    assert!(seen >= 6, "only {seen} requests found");
}
