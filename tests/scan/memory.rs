//! Memory grows with live windows, not with the log, nor with the accounts that have ever acted.

use std::io::Cursor;

use pacewise::eventlog::{EventLog, Form, How, Input, Order};
use pacewise::rulebook::Rulebook;
use pacewise::rules::{Calendar, Limit, Rule, Window};
use pacewise::scan::{Detail, Rows, Scanner};
use pacewise::time::{DAY, HOUR};

use crate::any_bytes::actions;

/// A stream of records, one a second, made while it is read.
struct Records {
    next: u64,
    end: u64,
    /// Who acts.
    account: fn(u64) -> u64,
    left: Cursor<Vec<u8>>,
}

impl std::io::Read for Records {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.left.position() == self.left.get_ref().len() as u64 && self.next < self.end {
            let account = (self.account)(self.next);
            let words = [self.next + 1_767_571_200, account | (self.next % 4) << 32];
            self.left = Cursor::new(words.iter().flat_map(|word| word.to_le_bytes()).collect());
            self.next += 1;
        }
        self.left.read(buffer)
    }
}

/// The same 500 accounts.
fn the_same(event: u64) -> u64 {
    (event.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) % 500
}

/// Twenty of them for 200 seconds, then others: 360 accounts an hour. Their names are large numbers.
fn others(event: u64) -> u64 {
    u64::from(u32::MAX) - event / 200 * 20 - event % 20
}

fn book() -> Rulebook {
    let windows = [Window::Sliding(HOUR), Window::Sliding(DAY), Window::Day];
    let rule = |action: usize| {
        let limits = windows.iter().zip([3, 40, 30]).map(|(&window, max)| Limit { window, max }).collect();
        (actions()[action].clone(), Rule { actions: vec![action], limits })
    };
    Rulebook::new((0..4).map(rule).collect(), actions(), Calendar::Civil, "a test".into())
}

/// The most bytes that are held while so many events are scanned.
fn most_bytes(events: u64, order: Order) -> u64 {
    most_bytes_of(the_same, events, order)
}

fn most_bytes_of(account: fn(u64) -> u64, events: u64, order: Order) -> u64 {
    let how = How { form: Form::Records, order, ..How::default() };
    let scan = || {
        let records = Records { next: 0, end: events, account, left: Cursor::new(Vec::new()) };
        let input = Input::new(Box::new(records)).expect("a stream");
        let mut log = EventLog::open(input, &how, &actions()).expect("records");
        let detail = Detail { rows: true, at_hand: 1_000, ..Detail::default() };
        let (mut scanner, mut rows) = (Scanner::new(&book(), detail), Rows::default());
        let mut batch = Vec::new();
        while log.read(&mut batch).expect("records") {
            scanner.take(&batch, &mut rows);
            let gone = scanner.let_go(&mut rows, |account| log.accounts().name(account)).expect("files");
            for account in gone {
                log.forget(account);
            }
            rows.days.clear();
            rows.refusals.clear();
        }
        let found =
            scanner.finish(&mut rows, |account| log.accounts().name(account), |_| Ok(())).expect("files");
        assert!(found.events == events && found.breaking_events > events / 10, "nothing is proved");
    };
    allocation_counter::measure(scan).bytes_max
}

#[test]
fn a_log_four_times_as_long_takes_no_more_memory() {
    // The windows are full after a day, 86,400 events.
    let (short, long) = (most_bytes(400_000, Order::Refuse), most_bytes(1_600_000, Order::Refuse));
    assert!(long < short + short / 20, "{short} bytes for 400,000 events, {long} for 1,600,000");
    assert!(long < 40_000_000, "{long}");
}

#[test]
fn sorting_holds_as_many_events_as_it_may_and_the_rest_is_on_the_disk() {
    let sort = |in_memory| Order::Sort { in_memory, folder: None };
    let (all, few) = (most_bytes(600_000, sort(1_000_000)), most_bytes(600_000, sort(20_000)));
    assert!(all > few + 5_000_000, "{all} bytes with all in memory, {few} with few");
    assert!(few < most_bytes(600_000, Order::Refuse) + 8_000_000, "{few}");
}

#[test]
fn three_times_as_many_accounts_take_no_more_memory_if_they_do_not_act_at_once() {
    // Windows reach back two days, in which 17,280 accounts act. What is kept of those that are gone is in files beyond 16,384,
    // of which a few more are read at once.
    for order in [Order::Refuse, Order::Sort { in_memory: 100_000, folder: None }] {
        let bytes = |events| most_bytes_of(others, events, order.clone());
        let (some, many) = (bytes(800_000), bytes(2_400_000));
        assert!(many < some + some / 10, "{some} bytes for 80,000 accounts, {many} for 240,000, {order:?}");
    }
}
