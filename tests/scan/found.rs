//! What a scan finds, against the obvious evaluator on random logs with ties and gaps.

use std::collections::{BTreeMap, BTreeSet};

use pacewise::eventlog::{BATCH, Event};
use pacewise::rulebook::Rulebook;
use pacewise::rules::{Calendar, Decision, Limit, Naive, Rule, Window};
use pacewise::scan::{AccountFound, DayRow, Detail, Found, RefusalRow, Rows, Scanner};
use pacewise::time::{DAY, HOUR, Instant, SECOND};
use proptest::prelude::*;

fn rule(name: &str, actions: &[usize], limits: &[(Window, u32)]) -> (String, Rule) {
    let limits = limits.iter().map(|&(window, max)| Limit { window, max }).collect();
    (name.to_owned(), Rule { actions: actions.to_vec(), limits })
}

fn book(rules: Vec<(String, Rule)>) -> Rulebook {
    let actions = ["post", "comment", "message", "login"].map(str::to_owned).to_vec();
    Rulebook::new(rules, actions, Calendar::Civil, "a test".to_owned())
}

/// Only sliding windows, so that stretches reach over several days.
fn sliding() -> Rulebook {
    use Window::Sliding;
    book(vec![
        rule("posts", &[0], &[(Sliding(HOUR), 2), (Sliding(DAY), 5), (Sliding(7 * DAY), 10)]),
        rule("talk", &[1, 2], &[(Sliding(HOUR), 3), (Sliding(1), 1)]),
        rule("both", &[0, 2], &[(Sliding(3 * DAY), 9)]),
        rule("none", &[2], &[(Sliding(60 * DAY), 0)]),
    ])
}

fn calendar_rules() -> Rulebook {
    use Window::{Day, Month, Sliding, TrailingDays, Week};
    book(vec![
        rule("posts", &[0], &[(Day, 2), (Week, 6), (Month, 10)]),
        rule("talk", &[2, 1], &[(TrailingDays(3), 4), (Sliding(DAY), 3)]),
    ])
}

/// Days and months of zones of their own beside days of the log's.
fn zoned() -> Rulebook {
    use Window::{Day, Month, Sliding};
    let zone = |name| Some(Calendar::named(name).expect("it is in the database"));
    let book = book(vec![
        rule("posts", &[0], &[(Day, 2), (Month, 6)]),
        rule("talk", &[2, 1], &[(Day, 3), (Sliding(DAY), 4)]),
    ]);
    let calendars = vec![zone("America/Los_Angeles"), zone("Australia/Sydney"), None, None];
    Rulebook { set: book.set.with_calendars(calendars), ..book }
}

/// What the obvious evaluator says.
#[derive(Debug, Default, PartialEq)]
struct Expected {
    breaches: Vec<u64>,
    near: Vec<u64>,
    refused: Vec<u64>,
    highest: Vec<u64>,
    broke_rule: Vec<u64>,
    broke: u64,
    broke_accounts: u64,
    days: BTreeMap<(i32, u32, usize), (u32, u32)>,
    refusals: Vec<RefusalRow>,
}

fn day_of(calendar: &Calendar, at: Instant) -> i32 {
    let Calendar::Zone(zone) = calendar else { return pacewise::time::day_of(at) };
    let stamp = jiff::Timestamp::from_millisecond(at).expect("in range");
    pacewise::time::day_number(zone.to_datetime(stamp).date())
}

fn expected(book: &Rulebook, near: f64, events: &[Event]) -> Expected {
    let (set, calendar) = (&book.set, &book.calendar);
    let limits = set.limits();
    let zeros = vec![0; limits];
    let mut found = Expected {
        breaches: zeros.clone(),
        near: zeros.clone(),
        refused: zeros.clone(),
        highest: zeros,
        broke_rule: vec![0; book.rules.len()],
        ..Expected::default()
    };
    let mut accounts: BTreeMap<u32, (Naive, Naive)> = BTreeMap::new();
    let mut broke_accounts = BTreeSet::new();
    for &event in events {
        let fresh = || (Naive::new(set, calendar), Naive::new(set, calendar));
        let (happened, kept) = accounts.entry(event.account).or_insert_with(fresh);
        let action = event.action as usize;
        let over = happened.record(action, event.at);
        let rules: BTreeSet<usize> = over.iter().map(|&limit| set.rule_of(limit)).collect();
        for &rule in &rules {
            found.broke_rule[rule] += 1;
        }
        found.broke += u64::from(!over.is_empty());
        if !over.is_empty() {
            broke_accounts.insert(event.account);
        }
        for limit in 0..limits {
            if !set.rules()[set.rule_of(limit)].actions.contains(&action) {
                continue;
            }
            let (count, max) = (happened.count(limit, event.at), set.limit(limit).max);
            found.highest[limit] = found.highest[limit].max(count);
            let is_over = over.contains(&limit);
            let is_near = !is_over && count as f64 >= near * f64::from(max) - 1e-9;
            found.breaches[limit] += u64::from(is_over);
            found.near[limit] += u64::from(is_near);
            if is_over || is_near {
                let day = found.days.entry((day_of(calendar, event.at), event.account, limit)).or_default();
                *day = (day.0 + u32::from(is_over), day.1 + u32::from(is_near));
            }
        }
        if let Decision::Denied(denied) = kept.check(action, event.at) {
            let limit = denied.limit as usize;
            found.refused[limit] += 1;
            let allowed_at = denied.retry_after.map(|wait| event.at + wait);
            found.refusals.push(RefusalRow { event, limit, allowed_at });
        }
    }
    found.refusals.sort_by_key(|row| (row.event.at, row.event.account));
    found.broke_accounts = broke_accounts.len() as u64;
    found
}

fn detail(near: f64) -> Detail {
    Detail { near, refusals: true, rows: true, accounts: usize::MAX, ..Detail::default() }
}

fn scanned(book: &Rulebook, near: f64, events: &[Event], at_once: usize) -> (Found, Rows) {
    let (mut scanner, mut rows) = (Scanner::new(book, detail(near)), Rows::default());
    events.chunks(at_once).for_each(|batch| scanner.take(batch, &mut rows));
    let mut told = Vec::new();
    let tell = |line: &AccountFound| {
        told.push(line.clone());
        Ok(())
    };
    let found = scanner.finish(&mut rows, |account| format!("a{account}"), tell).expect("memory");
    assert_eq!(told, found.worst);
    (found, rows)
}

/// Accounts are let go as soon as they can be, and their numbers are given to others; rows come with the accounts' first
/// numbers. Besides, how many were let go.
fn scanned_letting_go(book: &Rulebook, near: f64, events: &[Event], at_once: usize) -> (Found, Rows, usize) {
    let detail = Detail { at_hand: 0, ..detail(near) };
    let (mut scanner, mut rows, mut all) = (Scanner::new(book, detail), Rows::default(), Rows::default());
    let (mut seats, mut gone): (Vec<Option<u32>>, _) = (Vec::new(), 0);
    for batch in events.chunks(at_once) {
        let seated: Vec<Event> = batch.iter().map(|event| seated(&mut seats, *event)).collect();
        scanner.take(&seated, &mut rows);
        let free = scanner.let_go(&mut rows, |seat| named(&seats, seat)).expect("memory");
        unseat(&seats, &mut rows, &mut all);
        gone += free.len();
        for seat in free {
            assert!(seats[seat as usize].take().is_some(), "let go once");
        }
    }
    let found = scanner.finish(&mut rows, |seat| named(&seats, seat), |_| Ok(())).expect("memory");
    unseat(&seats, &mut rows, &mut all);
    all.days.sort_by_key(|row| (row.day, row.account, row.limit));
    all.refusals.sort_by_key(|row| (row.event.at, row.event.account));
    (found, all, gone)
}

fn seated(seats: &mut Vec<Option<u32>>, event: Event) -> Event {
    let sits = seats.iter().position(|seat| *seat == Some(event.account));
    let seat = sits.or_else(|| seats.iter().position(Option::is_none)).unwrap_or_else(|| {
        seats.push(None);
        seats.len() - 1
    });
    seats[seat] = Some(event.account);
    Event { account: seat as u32, ..event }
}

fn who(seats: &[Option<u32>], seat: u32) -> u32 {
    seats[seat as usize].expect("somebody sits there")
}

fn named(seats: &[Option<u32>], seat: u32) -> String {
    format!("a{}", who(seats, seat))
}

fn unseat(seats: &[Option<u32>], rows: &mut Rows, all: &mut Rows) {
    all.days.extend(rows.days.drain(..).map(|row| DayRow { account: who(seats, row.account), ..row }));
    all.refusals.extend(rows.refusals.drain(..).map(|row| {
        let event = Event { account: who(seats, row.event.account), ..row.event };
        RefusalRow { event, ..row }
    }));
}

fn as_expected(found: &Found, rows: &Rows, limits: usize) -> Expected {
    let of = |value: &dyn Fn(usize) -> u64| (0..limits).map(value).collect();
    let row = |row: &DayRow| ((row.day, row.account, row.limit), (row.breaches, row.near_misses));
    Expected {
        breaches: of(&|limit| found.limits[limit].breaches),
        near: of(&|limit| found.limits[limit].near_misses),
        refused: of(&|limit| found.limits[limit].refused.expect("it was asked")),
        highest: of(&|limit| u64::from(found.limits[limit].utilisation.highest_count)),
        broke_rule: found.rules.iter().map(|rule| rule.breaking_events).collect(),
        broke: found.breaking_events,
        broke_accounts: found.breaking_accounts,
        days: rows.days.iter().map(row).collect(),
        refusals: rows.refusals.clone(),
    }
}

fn assert_adds_up(found: &Found, rows: &Rows) {
    let days: u64 = found.days.iter().map(|day| day.breaches + day.near_misses).sum();
    let accounts: u64 = found.worst.iter().map(|account| account.breaches + account.near_misses).sum();
    let limits: u64 = found.limits.iter().map(|limit| limit.breaches + limit.near_misses).sum();
    assert_eq!((days, accounts), (limits, limits));
    assert!(rows.days.is_sorted_by_key(|row| (row.day, row.account, row.limit)), "{rows:?}");
    assert!(found.days.is_sorted_by_key(|day| day.day));
    assert!(
        found.worst.is_sorted_by_key(|account| std::cmp::Reverse((account.breaches, account.near_misses)))
    );
    assert_eq!(found.refused, Some(rows.refusals.len() as u64));
}

fn gap() -> impl Strategy<Value = Instant> {
    prop_oneof![
        5 => Just(0),
        4 => (0..2 * HOUR).prop_map(|gap| gap - gap % SECOND),
        2 => prop::sample::select(vec![1, HOUR - 1, HOUR, HOUR + 1, DAY - 1, DAY, DAY + 1, 7 * DAY, 7 * DAY - 1]),
        1 => 0..20 * DAY,
    ]
}

fn events(start: Instant, steps: Vec<(Instant, u32, u32)>) -> Vec<Event> {
    let mut at = start;
    let event = |(gap, account, action)| {
        at += gap;
        Event { at, account, action }
    };
    steps.into_iter().map(event).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_scan_finds_what_the_obvious_evaluator_finds(
        start in prop::sample::select(vec![-3 * DAY - 5, 1_767_571_200_000, 1_774_700_000_000]),
        steps in prop::collection::vec((gap(), 0..3_u32, 0..4_u32), 0..120),
        (near, at_once) in (prop::sample::select(vec![0.9, 0.5, 1.0]), 1_usize..50),
        zone in prop::sample::select(vec![None, Some("Europe/Berlin")]),
        which in 0..3_usize,
    ) {
        let events = events(start, steps);
        let calendar = zone.map_or(Calendar::Civil, |zone| Calendar::named(zone).expect("it is in the database"));
        let book = [sliding, calendar_rules, zoned][which]();
        let book = Rulebook { calendar, ..book };
        let (found, rows) = scanned(&book, near, &events, at_once);
        let expected = expected(&book, near, &events);
        prop_assert_eq!(as_expected(&found, &rows, expected.breaches.len()), expected);
        assert_adds_up(&found, &rows);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn letting_accounts_go_changes_nothing_that_is_found(
        start in prop::sample::select(vec![-3 * DAY - 5, 1_767_571_200_000, 1_774_700_000_000]),
        steps in prop::collection::vec((gap(), 0..9_u32, 0..4_u32), 0..150),
        at_once in 1_usize..20,
        zone in prop::sample::select(vec![None, Some("Europe/Berlin")]),
        which in 0..4_usize,
    ) {
        let events = events(start, steps);
        let calendar = zone.map_or(Calendar::Civil, |zone| Calendar::named(zone).expect("it is in the database"));
        let book = [sliding, calendar_rules, zoned, hours][which]();
        let book = Rulebook { calendar, ..book };
        let (found, rows) = scanned(&book, 0.5, &events, at_once);
        let (let_go, rows_let_go, _) = scanned_letting_go(&book, 0.5, &events, at_once);
        prop_assert_eq!(let_go, found);
        prop_assert_eq!(rows_let_go, rows);
    }
}

/// Short windows, so that accounts come and go within a day.
fn hours() -> Rulebook {
    use Window::Sliding;
    book(vec![
        rule("posts", &[0], &[(Sliding(HOUR), 1), (Sliding(2 * HOUR), 2)]),
        rule("talk", &[1, 2], &[(Sliding(HOUR), 0)]),
    ])
}

#[test]
fn accounts_are_let_go_when_their_windows_hold_nothing_and_not_before() {
    // An hour after their posts at 0, the windows of both are just empty at 2 h; what broke a rule waits for its day to end.
    let at = |at: Instant, account: u32, action: u32| Event { at, account, action };
    let gone = |events: &[Event]| scanned_letting_go(&hours(), 0.9, events, 1).2;
    assert_eq!(gone(&[at(0, 0, 3), at(0, 1, 3)]), 2, "logins are counted by no rule");
    assert_eq!(gone(&[at(0, 0, 0), at(2 * HOUR - 1, 1, 0)]), 0);
    assert_eq!(gone(&[at(DAY - HOUR, 0, 0), at(DAY + HOUR - 1, 1, 0)]), 0);
    assert_eq!(gone(&[at(DAY - HOUR, 0, 0), at(DAY + HOUR, 1, 0)]), 1);
    assert_eq!(gone(&[at(0, 0, 1), at(3 * HOUR, 1, 1), at(DAY - 1, 2, 1)]), 0);
    assert_eq!(gone(&[at(0, 0, 1), at(3 * HOUR, 1, 1), at(DAY - 1, 2, 1), at(DAY, 3, 1)]), 2);
}

/// Many accounts over many days, so that there are several stretches, grouped and not.
#[test]
fn long_logs_are_judged_as_short_ones() {
    for accounts in [40, 400_000] {
        let event = |place: u32| Event {
            at: 1_767_571_200_000 + Instant::from(place) * 2 * SECOND,
            account: (place.wrapping_mul(2_654_435_761) >> 8) % accounts,
            action: place % 4,
        };
        let events: Vec<Event> = (0..600_000).map(event).collect();
        let book =
            book(vec![rule("posts", &[0], &[(Window::Sliding(HOUR), 10), (Window::Sliding(DAY), 250)])]);
        let (found, rows) = scanned(&book, 0.9, &events, BATCH);
        let (mut by_account, mut breaches) = (BTreeMap::<u32, Vec<Instant>>::new(), [0_u64; 2]);
        for event in events.iter().filter(|event| event.action == 0) {
            let times = by_account.entry(event.account).or_default();
            times.push(event.at);
            for (breaches, (span, max)) in breaches.iter_mut().zip([(HOUR, 10), (DAY, 250)]) {
                let before = times.len().checked_sub(max + 1).map(|place| times[place]);
                *breaches += u64::from(before.is_some_and(|before| before > event.at - span));
            }
        }
        assert_eq!([found.limits[0].breaches, found.limits[1].breaches], breaches);
        assert_eq!(breaches[0] > 10_000, accounts == 40, "{breaches:?}");
        assert_adds_up(&found, &rows);
    }
}

#[test]
fn quantiles_are_over_the_accounts_that_acted() {
    // Ten accounts post 1, 2, ... 10 times at once; one only logs in.
    let post = |account: u32| vec![Event { at: 0, account, action: 0 }; account as usize + 1];
    let mut events: Vec<Event> = (0..10).flat_map(post).collect();
    events.push(Event { at: 5, account: 10, action: 3 });
    let book = book(vec![rule("posts", &[0], &[(Window::Sliding(HOUR), 5), (Window::Day, 0)])]);
    let (found, _) = scanned(&book, 0.9, &events, 7);
    let full = &found.limits[0].utilisation;
    assert_eq!((full.accounts, full.highest_count), (10, 10));
    assert_eq!([full.median, full.p90, full.p99, full.max], [Some(1.0), Some(1.8), Some(2.0), Some(2.0)]);
    let limit = &found.limits[0];
    assert_eq!((limit.breaches, limit.near_misses, limit.accounts_over, limit.accounts_near), (15, 6, 5, 1));
    assert_eq!((found.limits[1].utilisation.median, found.limits[1].breaches), (None, 55));
    assert_eq!((found.accounts, found.unwatched, found.events), (11, 1, 56));
    assert_eq!((found.never, found.refused, found.waits), (55, Some(55), None));
}

#[test]
fn a_day_of_another_zone_ends_at_the_midnight_of_that_zone() {
    // 2026-07-02 begins at 07:00 UTC in Los Angeles, at 22:00 UTC of the day before in Berlin.
    let midnight = 1_782_975_600_000;
    let posts = |times: [Instant; 4]| times.map(|at| Event { at, account: 0, action: 0 });
    let berlin = Calendar::named("Europe/Berlin").expect("it is in the database");
    let book = Rulebook { calendar: berlin, ..zoned() };
    for (times, breaches) in [
        ([midnight - 2, midnight - 1, midnight, midnight + 1], 0),
        ([midnight - 20 * HOUR, midnight - 10 * HOUR, midnight - 1, midnight], 1),
    ] {
        let (found, _) = scanned(&book, 0.9, &posts(times), 3);
        let limit = &found.limits[0];
        assert_eq!((limit.breaches, limit.refused), (breaches, Some(breaches)), "{times:?}");
        assert_eq!(limit.zone.as_deref(), Some("America/Los_Angeles"));
    }
}
