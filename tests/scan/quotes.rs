//! Quotes that should not be there cost their own lines and no others; what takes several lines on purpose is told.

use pacewise::eventlog::{How, SeveralLines};
use proptest::prelude::*;

use crate::reading::{Reading, places, read, read_by, refused, who};

#[test]
fn a_quote_that_is_not_closed_in_its_line_costs_that_line_and_no_other() {
    const OPENED: &str = "a quote is opened here and not closed in this line";
    let log = read("account,time,action\na,5,message\n\"b,6,message\nc,7,message\nd,8,message\n");
    assert_eq!((who(&log), places(&log)), (vec!["a", "c", "d"], vec![(3, 1, OPENED)]));
    let many = format!("account,time,action\n\"b,6,message\n{}", "c,7,message\n".repeat(200_000));
    let log = read(&many);
    assert_eq!((log.events.len(), log.mistakes.count), (200_000, 1));
    // One that is closed lines later has swallowed the lines between.
    let swallowed = format!("\"a,5,message\n{}\"d\",9,message\n", "b,6,message\n".repeat(4));
    let log = read(&format!("account,time,action\n{swallowed}"));
    assert_eq!((who(&log), places(&log)), (vec!["b", "b", "b", "b", "d"], vec![(2, 1, OPENED)]));
    let log =
        read("time,é,account,action\n5,\"x,a,message\n6,,\"b\",message\n7,,\"c,message\n8,,d\",message\n");
    let later = "a quote is opened here and closed 1 lines later: 3 cells where the header has 4";
    assert_eq!((who(&log), places(&log)), (vec!["b", "d\""], vec![(2, 3, later), (4, 4, OPENED)]));
}

#[test]
fn a_note_over_several_lines_is_read_and_told_and_fatal_where_nothing_is_forgiven() {
    let text =
        "account,time,action,note\na,5,message,\"one\r\ntwo\n\nfour\"\nb,6,wave,\"x\ny\"\nc,7,message,\n";
    let log = read(text);
    assert_eq!((who(&log), log.mistakes.count, log.unknown.len()), (vec!["a", "c"], 0, 1));
    assert_eq!(log.several_lines, SeveralLines { count: 2, first: Some((2, 5)) });
    let strict = How { strict: true, ..How::default() };
    let fatal = refused(text.as_bytes(), &strict);
    assert!(
        fatal.starts_with("2:13: this cell holds line breaks: its record takes the lines 2 to 5"),
        "{fatal}"
    );
}

#[test]
fn quotes_that_are_closed_too_far_away_are_told_for_what_they_are() {
    let with = |note: &str| read(&format!("account,time,action,note\na,5,message,{note}\nb,6,message,\n"));
    let what =
        |log: &Reading| places(log).first().map(|(line, column, what)| (*line, *column, (*what).to_owned()));
    let held = with(&format!("\"{}\"", "x".repeat(1_000_000)));
    assert_eq!((who(&held), held.mistakes.count), (vec!["a", "b"], 0));
    let far = with(&format!("\"{}\"", "x".repeat(2_000_000)));
    let within = "a quote is opened here and not closed within 1048576 bytes".to_owned();
    assert_eq!((who(&far), what(&far)), (vec!["b"], Some((2, 13, within))));
    let long = with(&format!("\"{}\"", "\n".repeat(1_000)));
    let within = "a quote is opened here and not closed within 1000 lines".to_owned();
    assert_eq!(what(&long), Some((2, 13, within)));
    let open = with("\"x");
    let never = "a quote is opened here and not closed".to_owned();
    assert_eq!((who(&open), what(&open)), (vec!["b"], Some((2, 13, never))));
}

/// What becomes of the lines of a log with the columns account, note, time and action, by a plain reading of the rule: a record
/// is as many lines as its quotes take; if they are open behind an account, a time or an action, are never closed, or leave
/// another number of cells, its first line is a mistake and the reading goes on behind that.
fn by_lines(text: &str) -> (Vec<String>, Vec<u64>, Vec<(u64, u64)>) {
    let lines: Vec<&str> = text.lines().collect();
    let (mut accounts, mut mistakes, mut several, mut place) = (Vec::new(), Vec::new(), Vec::new(), 1);
    while place < lines.len() {
        let (mut taken, mut record) = (1, lines[place].to_owned());
        let cells = loop {
            match split(&record) {
                Ok(cells) => break (cells.len() == 4 || taken == 1).then_some(cells),
                Err(cell) if cell != 1 || place + taken == lines.len() => break None,
                Err(_) => {
                    record = format!("{record}\n{}", lines[place + taken]);
                    taken += 1;
                }
            }
        };
        let number = place as u64 + 1;
        let Some(cells) = cells else {
            mistakes.push(number);
            place += 1;
            continue;
        };
        if taken > 1 {
            several.push((number, number + taken as u64 - 1));
        }
        let is_event = cells.len() == 4
            && !cells[0].is_empty()
            && cells[2].parse::<i64>().is_ok()
            && cells[3] == "message";
        if is_event {
            accounts.push(cells[0].clone());
        } else {
            mistakes.push(number);
        }
        place += taken;
    }
    (accounts, mistakes, several)
}

/// The cells of a text; the number of the last one if its quotes are open.
fn split(text: &str) -> Result<Vec<String>, usize> {
    let (mut cells, mut rest) = (Vec::new(), text);
    loop {
        let (mut cell, mut within) = (String::new(), false);
        if let Some(quoted) = rest.strip_prefix('"') {
            (rest, within) = (quoted, true);
        }
        while within {
            let end = rest.find('"').ok_or(cells.len())?;
            cell += &rest[..end];
            rest = &rest[end + 1..];
            within = rest.starts_with('"');
            if within {
                cell.push('"');
                rest = &rest[1..];
            }
        }
        let end = rest.find(',').unwrap_or(rest.len());
        cell += &rest[..end];
        cells.push(cell);
        if end == rest.len() {
            return Ok(cells);
        }
        rest = &rest[end + 1..];
    }
}

/// A line whose cells may begin or end with quotes that should not be there.
fn stray() -> impl Strategy<Value = String> {
    let quote = |often: u32| prop_oneof![often => Just(""), 1 => Just("\""), 1 => Just("\"\"")];
    let cell = move |text: &'static str| {
        (quote(8), quote(8)).prop_map(move |(from, to)| format!("{from}{text}{to}"))
    };
    let note = prop_oneof![3 => Just(String::new()), 2 => cell("x"), 1 => Just("\"a,b\"".to_owned()), 1 => Just("\"".to_owned())];
    (cell("b"), note, cell("7"), cell("message"))
        .prop_map(|(who, note, time, what)| format!("{who},{note},{time},{what}\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn quotes_swallow_no_lines(lines in prop::collection::vec(stray(), 0..12), at_once in 1_usize..40) {
        let text = format!("account,note,time,action\n{}", lines.concat());
        let found = read_by(text.as_bytes(), &How::default(), at_once).expect("it can be read");
        let (accounts, mistakes, several) = by_lines(&text);
        prop_assert_eq!(who(&found), accounts, "{:?}", text);
        // An unknown action is counted by its name, not by its line.
        let unknown: u64 = found.unknown.iter().map(|(_, count)| count).sum();
        prop_assert_eq!(found.mistakes.count + unknown, mistakes.len() as u64, "{:?}", text);
        prop_assert!(places(&found).iter().all(|place| mistakes.contains(&place.0) || several.iter().any(|&(from, to)| (from..=to).contains(&place.0))), "{:?}", text);
        let told = SeveralLines { count: several.len() as u64, first: several.first().copied() };
        prop_assert_eq!(found.several_lines, told, "{:?}", text);
        // Every line is an event, a mistake or part of a record that was told.
        let within: u64 = several.iter().map(|(from, to)| to - from).sum();
        prop_assert_eq!(found.events.len() as u64 + found.mistakes.count + unknown + within, lines.len() as u64);
    }
}
