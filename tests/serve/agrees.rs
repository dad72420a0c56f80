//! The server's decisions are those of the obvious evaluator, over any sequence, on one connection or several.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::thread;

use pacewise::rulebook::Rulebook;
use pacewise::rules::{Calendar, Decision, Naive, RuleSet};
use serde_json::{Value, json};

use crate::client::{Client, Dice, RECORDS, Running, book, config, record};

const ACTIONS: [&str; 4] = ["message", "login", "post", "free"];
const RULES: [&str; 3] = ["messages", "all", "closed"];

/// What each account of one connection has done, as the obvious evaluator sees it.
struct Model {
    set: RuleSet,
    accounts: HashMap<u32, Naive>,
}

impl Model {
    fn new(book: &Rulebook) -> Model {
        Model { set: book.set.clone(), accounts: HashMap::new() }
    }

    fn account(&mut self, account: u32) -> &mut Naive {
        let calendar = Calendar::named("UTC").expect("it is known");
        self.accounts.entry(account).or_insert_with(|| Naive::new(&self.set, &calendar))
    }

    fn check(&mut self, account: u32, action: usize, at: i64) -> Value {
        match self.account(account).check(action, at) {
            Decision::Allowed => json!({"decision": "allow", "at": at}),
            Decision::Denied(denied) => {
                let rule = RULES[denied.rule as usize];
                json!({"decision": "deny", "at": at, "rule": rule, "retry_after_ms": denied.retry_after})
            }
        }
    }
}

/// The same rules, where some weeks and days are those of other zones.
fn zoned() -> Rulebook {
    let zone = |name| Some(Calendar::named(name).expect("it is known"));
    let book = book();
    let calendars = vec![None, None, zone("America/Los_Angeles"), zone("Australia/Sydney")];
    Rulebook { set: book.set.with_calendars(calendars), ..book }
}

/// Whole seconds that mostly rise, stay or fall a little, and sometimes jump over a day.
fn next_time(dice: &mut Dice, at: i64) -> i64 {
    let step = match dice.below(20) {
        0..6 => 0,
        6..8 => -(dice.below(90) as i64),
        8..18 => dice.below(1_800) as i64,
        18 => 3_600,
        _ => dice.below(40 * 3_600) as i64,
    };
    at + step * 1_000
}

/// Drives one connection with accounts that are its own, in every form of request.
fn drive(address: SocketAddr, book: &Rulebook, number: u32, requests: u32) {
    let (mut client, mut model) = (Client::connect(address), Model::new(book));
    let (mut dice, mut at) = (Dice(u64::from(number) + 1), 1_767_600_000_000);
    for request in 0..requests {
        let mut asks = Vec::new();
        for _ in 0..[1, 1 + dice.below(40), 1 + dice.below(40), 1][request as usize % 4] {
            at = next_time(&mut dice, at);
            asks.push((number * 100 + dice.below(7) as u32, dice.below(4) as usize, at));
        }
        match request % 4 {
            0 => one(&mut client, &mut model, asks[0]),
            1 => many(&mut client, &mut model, &asks),
            2 => records(&mut client, &mut model, &asks),
            _ => note(&mut client, &mut model, asks[0], &mut dice),
        }
        usage(&mut client, &mut model, asks[0].0, at);
    }
}

fn body((account, action, at): (u32, usize, i64)) -> Value {
    json!({"account": account, "action": ACTIONS[action], "at": at})
}

fn one(client: &mut Client, model: &mut Model, ask: (u32, usize, i64)) {
    let expected = model.check(ask.0, ask.1, ask.2);
    let reply = client.post("/v1/check", &body(ask).to_string());
    assert_eq!(reply.json(), expected);
    assert_eq!(reply.status, if expected["decision"] == "allow" { 200 } else { 429 });
    let after = expected["retry_after_ms"].as_i64().map(|after| ((after + 999) / 1_000).to_string());
    assert_eq!(reply.header("retry-after"), after.as_deref());
}

fn many(client: &mut Client, model: &mut Model, asks: &[(u32, usize, i64)]) {
    let checks: Vec<Value> = asks.iter().map(|&ask| body(ask)).collect();
    let reply = client.post("/v1/check", &json!({"checks": checks}).to_string());
    let expected: Vec<Value> =
        asks.iter().map(|&(account, action, at)| model.check(account, action, at)).collect();
    assert_eq!(reply.json(), json!({"answers": expected}));
}

fn records(client: &mut Client, model: &mut Model, asks: &[(u32, usize, i64)]) {
    let body: Vec<u8> =
        asks.iter().flat_map(|&(account, action, at)| record(at / 1_000, account, action as u32)).collect();
    let reply = client.ask("POST", "/v1/check", &[RECORDS], &body).expect("an answer");
    let byte = |&(account, action, at): &(u32, usize, i64)| match model.account(account).check(action, at) {
        Decision::Allowed => 0,
        Decision::Denied(denied) => denied.rule as u8 + 1,
    };
    assert_eq!(reply.body, asks.iter().map(byte).collect::<Vec<u8>>());
}

fn note(client: &mut Client, model: &mut Model, ask: (u32, usize, i64), dice: &mut Dice) {
    model.account(ask.0).record(ask.1, ask.2);
    let reply = if dice.below(2) == 0 {
        client.post("/v1/record", &body(ask).to_string())
    } else {
        let record = record(ask.2 / 1_000, ask.0, ask.1 as u32);
        client.ask("POST", "/v1/record", &[RECORDS], &record).expect("an answer")
    };
    assert_eq!(reply.status, 200);
}

/// Counts are those of the obvious evaluator, and windows have room exactly from when the server says.
fn usage(client: &mut Client, model: &mut Model, account: u32, at: i64) {
    let told = client.get(&format!("/v1/usage/{account}?at={at}")).json();
    let naive = model.account(account);
    let seen_at = naive.taken_at(at);
    for (limit, told) in told["limits"].as_array().expect("limits").iter().enumerate() {
        let (count, max) = (naive.count(limit, seen_at), told["limit"].as_u64().expect("a limit"));
        assert_eq!(told["count"].as_u64().map(|told| told.min(max)), Some(count.min(max)), "{told}");
        match told["next_allowed_at"].as_i64() {
            None => assert_eq!(max, 0),
            Some(next) => {
                assert!(naive.count(limit, next) < max && next >= seen_at, "{told}");
                assert!(next == seen_at || naive.count(limit, next - 1) >= max, "{told}");
            }
        }
    }
}

#[test]
fn one_connection_gets_the_decisions_of_the_obvious_evaluator() {
    let running = Running::start(config(book()));
    drive(running.address, &book(), 0, 300);
}

#[test]
fn limits_of_other_zones_are_kept_and_named() {
    let running = Running::start(config(zoned()));
    drive(running.address, &zoned(), 0, 300);
    let told = Client::connect(running.address).get("/v1/usage/1?at=0").json();
    assert_eq!(told["limits"][2]["window"], "calendar week of America/Los_Angeles");
}

#[test]
fn several_connections_do_too() {
    let running = Running::start(config(book()));
    let address = running.address;
    let drivers: Vec<_> =
        (1..7).map(|number| thread::spawn(move || drive(address, &book(), number, 120))).collect();
    for driver in drivers {
        driver.join().expect("its decisions agree");
    }
}
