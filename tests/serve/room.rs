//! No client can fill the memory with accounts: beyond a bound new ones are refused, and those that are known go on.

use pacewise::serve::{Config, Durability, Limits, Server};

use crate::client::{Client, RECORDS, Running, book, config, record};

fn most(accounts: usize) -> Config {
    Config { limits: Limits { accounts, ..Limits::default() }, ..config(book()) }
}

/// The status of a check of something that each account may do four times.
fn check(client: &mut Client, account: &str) -> u16 {
    client.post("/v1/check", &format!(r#"{{"account": {account}, "action": "login", "at": 1}}"#)).status
}

#[test]
fn beyond_the_bound_new_accounts_are_refused_and_known_ones_go_on() {
    let running = Running::start(most(2));
    let mut client = running.client();
    assert_eq!([check(&mut client, "1"), check(&mut client, "\"ann\"")], [200, 200]);
    let refused = client.post("/v1/check", r#"{"account": "ben", "action": "login", "at": 1}"#);
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("60")));
    let told = refused.json()["error"].clone();
    assert_eq!(told["what"], "the server holds 2 accounts, and no more may come");
    assert!(told["accepted"].as_str().is_some_and(|accepted| accepted.contains("--max-accounts")), "{told}");
    let record_of = |account: &str| format!(r#"{{"account": {account}, "action": "login", "at": 1}}"#);
    assert_eq!(client.post("/v1/record", &record_of("3")).status, 503);
    let batch = |accounts: [&str; 2]| format!("{{\"checks\": [{}]}}", accounts.map(record_of).join(","));
    assert_eq!(client.post("/v1/check", &batch(["1", "3"])).status, 503);
    let records = [record(0, 1, 1), record(0, 3, 1)].concat();
    assert_eq!(client.ask("POST", "/v1/check", &[RECORDS], &records).expect("an answer").status, 503);
    // Nothing of what was refused was counted: one login of each account so far, of four.
    let usage = client.get("/v1/usage/1").json();
    assert_eq!(usage["limits"][1]["count"], 1, "{usage}");
    let metrics = client.get("/metrics").text();
    for line in ["pacewise_accounts 2\n", "pacewise_accounts_refused_total 4\n"] {
        assert!(metrics.contains(line), "{line}{metrics}");
    }
    // Who is known goes on, in every way, and is denied by the rules alone.
    assert_eq!(client.post("/v1/check", &batch(["1", "\"ann\""])).status, 200);
    let known = client.ask("POST", "/v1/check", &[RECORDS], &record(0, 1, 1)).expect("an answer");
    assert_eq!(known.body, [0]);
    assert_eq!([check(&mut client, "1"), check(&mut client, "1"), check(&mut client, "2")], [200, 429, 503]);
    assert_eq!(client.get("/v1/usage/nobody").status, 200, "usage holds nobody");
}

#[test]
fn a_state_that_holds_more_than_the_bound_is_taken_as_it_is() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let kept = |accounts| Config {
        state: Some(place.path().to_owned()),
        durability: Durability::Batch,
        ..most(accounts)
    };
    let running = Running::start(kept(3));
    let mut client = running.client();
    assert_eq!(["1", "2", "3", "4"].map(|account| check(&mut client, account)), [200, 200, 200, 503]);
    drop(client);
    running.stop().expect("it stops");
    let server = Server::start(kept(2)).expect("it starts");
    assert_eq!(server.recovered().accounts, 3);
    drop(server);
    let running = Running::start(kept(2));
    let mut client = running.client();
    assert_eq!(["1", "2", "3", "4"].map(|account| check(&mut client, account)), [200, 200, 200, 503]);
}
