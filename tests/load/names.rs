//! Accounts of a log are asked about, and told of, under the names that they have there.

use std::io::Cursor;
use std::sync::{Arc, Mutex};

use pacewise::eventlog::{EventLog, How, Input};
use pacewise::load::{
    Call, Described, HttpTarget, Judge, Names, Plan, Protocol, Summary, Template, Watch, run_http,
};

use super::http::{Do, closed, serve, target};
use super::made_up::book;

/// The names of a log's accounts, each of which acts once.
fn names(accounts: &[&str]) -> Names {
    let lines = accounts.iter().map(|account| format!("\"{}\",5,message\n", account.replace('"', "\"\"")));
    let text = "account,time,action\n".to_owned() + &lines.collect::<String>();
    let input = Input::new(Box::new(Cursor::new(text.into_bytes()))).expect("memory");
    let mut log = EventLog::open(input, &How::default(), &["message".to_owned()]).expect("a log");
    while log.read(&mut Vec::new()).expect("a log") {}
    assert_eq!(log.accounts().len(), accounts.len());
    Names::of_log(log.accounts())
}

/// Asks once for each account, all on one connection, and hands over the requests as they came.
fn asked(
    accounts: &[&str],
    protocol: Protocol,
    batch: usize,
    answer: &'static str,
) -> (Vec<String>, Summary) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ears = Arc::clone(&heard);
    let act = move |_, request: &str| {
        ears.lock().expect("no panic").push(request.to_owned());
        Do::Answer(if answer.contains("deny") { 429 } else { 200 }, answer.to_owned())
    };
    let names = names(accounts);
    let target = HttpTarget { names: names.clone(), connections: 1, ..target(serve(act), protocol) };
    let number = accounts.len() as u32;
    let calls = (0..number).map(|account| Call { account, action: 0, at: 1_767_600_000_000 });
    let (book, plan) = (book(), Plan { batch, ..closed(number.into()) });
    let mut judge = Judge::new(&book);
    let recorder =
        run_http(calls, &book, Some(&mut judge), &target, &plan, &Watch::default()).expect("sockets");
    let summary = Summary::new(&recorder, Some(&book), Described { names, ..Described::default() });
    let heard = heard.lock().expect("no panic").clone();
    (heard, summary)
}

#[test]
fn json_names_accounts_as_the_log_does() {
    const ALL: [&str; 5] = ["ann", "17", "b\"c", "017", "4294967296"];
    let written = ["\"ann\"", "17", "\"b\\\"c\"", "\"017\"", "\"4294967296\""];
    let (heard, _) = asked(&ALL, Protocol::Json, 1, r#"{"decision":"allow","at":1767600000000}"#);
    assert_eq!(heard.len(), 5);
    for (request, name) in heard.iter().zip(written) {
        assert!(request.contains(&format!("{{\"account\":{name},\"action\"")), "{request}");
    }
    let (heard, _) = asked(&ALL, Protocol::Json, 5, r#"{"answers":[]}"#);
    assert!(written.iter().all(|name| heard[0].contains(&format!("\"account\":{name},"))), "{heard:?}");
}

#[test]
fn records_hold_the_numbers_that_are_names() {
    let (heard, _) = asked(&["90", "7"], Protocol::Records, 2, "\0\0");
    let (_, body) = heard[0].split_once("\r\n\r\n").expect("a head");
    let bytes: Vec<u8> = body.chars().map(|c| c as u8).collect();
    assert_eq!((bytes[8], bytes[24]), (90, 7));
}

#[test]
fn templates_write_names_so_that_they_stay_apart() {
    let template = Template::parse(
        "path = \"/u/{account}\"\nbody = '{\"who\": \"{account}\", \"at\": {at_ms}}'\ndenied = { status = [429] }\n",
    );
    let protocol = || Protocol::Template(Box::new(template.clone().expect("a template")));
    let (heard, _) = asked(&["a/b", "a_b", "é{at_ms}\""], protocol(), 1, "{}");
    for (request, (path, body)) in
        heard.iter().zip([("a%2Fb", "a/b"), ("a_b", "a_b"), ("%C3%A9%7Bat_ms%7D%22", "{at_ms}\\\"")])
    {
        assert!(request.starts_with(&format!("POST /u/{path} HTTP/1.1")), "{request}");
        assert!(request.contains(&format!("{body}\", \"at\": 1767600000000}}")), "{request}");
    }
}

#[test]
fn a_wrong_decision_names_the_account_of_the_log() {
    let denied = r#"{"decision":"deny","at":1767600000000,"rule":"messages","retry_after_ms":5}"#;
    let (_, summary) = asked(&["ann", "17"], Protocol::Json, 1, denied);
    let told: Vec<&str> = summary.wrong_decisions.iter().map(|wrong| wrong.account.as_str()).collect();
    assert_eq!(told, ["ann", "17"]);
    assert!(summary.wrong_decisions[0].what.contains("account ann, "), "{}", summary.wrong_decisions[0].what);
}

#[test]
fn no_account_is_called_by_a_number_that_is_free() {
    assert_eq!([names(&["ann", "17", "3"]).free(), names(&["4294967295"]).free()], [18, u32::MAX]);
    assert_eq!((names(&["17", "ann"]).first_text(), names(&["17"]).first_text()), (Some("ann"), None));
    assert_eq!((names(&["17", "ann"]).name(2), Names::default().name(9)), ("2".to_owned(), "9".to_owned()));
}
