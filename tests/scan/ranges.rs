//! Why a window of a database's `RANGE` frame is not this window: a worked example, which `docs/scan.md` shows.

use pacewise::eventlog::Event;
use pacewise::rulebook::Rulebook;
use pacewise::rules::{Calendar, Limit, Rule, Window};
use pacewise::scan::{Detail, Rows, Scanner};
use pacewise::time::{HOUR, MINUTE};

/// Minutes of one account's events.
const MINUTES: [i64; 4] = [0, 30, 30, 90];

/// `COUNT(*) OVER (ORDER BY t RANGE BETWEEN INTERVAL 1 HOUR PRECEDING AND CURRENT ROW)`, or with the instant an hour before left
/// out: all events of the same instant are peers, and a frame holds all peers of its current row.
fn range_frames(holds_the_edge: bool) -> Vec<usize> {
    let within = |now: i64, then: i64| then <= now && (now - then < 60 || holds_the_edge && now - then == 60);
    MINUTES.iter().map(|&now| MINUTES.iter().filter(|&&then| within(now, then)).count()).collect()
}

#[test]
fn range_frames_count_too_much_at_equal_times_and_at_the_edge() {
    let rule = Rule { actions: vec![0], limits: vec![Limit { window: Window::Sliding(HOUR), max: 2 }] };
    let (rules, actions) = (vec![("messages".into(), rule)], vec!["message".into()]);
    let book = Rulebook::new(rules, actions, Calendar::Civil, "an example".into());
    let mut scanner = Scanner::new(&book, Detail::default());
    let events = MINUTES.map(|minute| Event { at: minute * MINUTE, account: 0, action: 0 });
    scanner.take(&events, &mut Rows::default());
    let found = scanner.finish(&mut Rows::default(), |_| "ann".to_owned(), |_| Ok(())).expect("memory");
    let over = |counts: Vec<usize>| counts.into_iter().filter(|&count| count > 2).count();
    // Event by event the hour (t - 1 h, t] holds 1, 2, 3 and 1 events: one breach.
    assert_eq!((found.limits[0].breaches, found.limits[0].utilisation.highest_count), (1, 3));
    assert_eq!((range_frames(false), over(range_frames(false))), (vec![1, 3, 3, 1], 2));
    assert_eq!((range_frames(true), over(range_frames(true))), (vec![1, 3, 3, 3], 3));
}
