//! What is read from a log: the same whatever its form, what the `csv` crate reads, and every line accounted for.

use std::fmt::Write as _;
use std::io::{Cursor, Read, Write as _};

use pacewise::eventlog::{
    Columns, Event, EventLog, Form, How, Input, LogError, Mistakes, Packing, Place, SeveralLines,
};
use proptest::prelude::*;

use crate::any_bytes::{self, actions};

/// What a log was read as.
#[derive(Debug, PartialEq)]
pub(crate) struct Reading {
    pub(crate) events: Vec<(i64, String, u32)>,
    pub(crate) mistakes: Mistakes,
    pub(crate) unknown: Vec<(String, u64)>,
    pub(crate) several_lines: SeveralLines,
}

/// A stream that hands over few bytes at a time.
struct Drops(Cursor<Vec<u8>>, usize);

impl Read for Drops {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = buffer.len().min(self.1);
        self.0.read(&mut buffer[..most])
    }
}

pub(crate) fn read_by(bytes: &[u8], how: &How, at_once: usize) -> Result<Reading, LogError> {
    let input =
        Input::new(Box::new(Drops(Cursor::new(bytes.to_vec()), at_once))).expect("memory can be read");
    read_input(input, how)
}

pub(crate) fn read_input(input: Input, how: &How) -> Result<Reading, LogError> {
    let mut log = EventLog::open(input, how, &actions())?;
    let (mut all, mut batch): (Vec<Event>, _) = (Vec::new(), Vec::new());
    while log.read(&mut batch)? {
        all.append(&mut batch);
    }
    let name = |event: &Event| (event.at, log.accounts().name(event.account), event.action);
    Ok(Reading {
        events: all.iter().map(name).collect(),
        mistakes: log.mistakes().clone(),
        unknown: log.actions().unknown().iter().map(|(name, count)| (name.clone(), *count)).collect(),
        several_lines: log.several_lines(),
    })
}

pub(crate) fn read(text: &str) -> Reading {
    read_by(text.as_bytes(), &How::default(), usize::MAX).expect("it can be read")
}

pub(crate) fn refused(bytes: &[u8], how: &How) -> String {
    read_by(bytes, how, usize::MAX).expect_err("it cannot be read").to_string()
}

pub(crate) fn places(read: &Reading) -> Vec<(u64, u64, &str)> {
    let place = |mistake: &'_ pacewise::eventlog::Mistake| match mistake.place {
        Place::Cell { line, column } => (line, column),
        Place::Record(number) | Place::Row(number) => (number, 0),
        Place::Schema => (0, 0),
    };
    let mistakes = read.mistakes.first.iter();
    mistakes.map(|mistake| (place(mistake).0, place(mistake).1, mistake.what.as_str())).collect()
}

/// The accounts of a log's events.
pub(crate) fn who(read: &Reading) -> Vec<&str> {
    read.events.iter().map(|(_, account, _)| account.as_str()).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).expect("memory");
    packer.finish().expect("memory")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// A log of whole seconds and numbers, as CSV and as records.
pub(crate) fn both(number: u32) -> (String, Vec<u8>) {
    let (mut csv, mut records) = ("t,account,action\n".to_owned(), Vec::new());
    for place in 0..number {
        let (t, account, action) =
            (1_767_571_200 + i64::from(place / 3), place.wrapping_mul(2_654_435_761) >> 20, place % 4);
        let _ = writeln!(csv, "{t},{account},{action}");
        records.extend(t.to_le_bytes());
        records.extend(account.to_le_bytes());
        records.extend(action.to_le_bytes());
    }
    (csv, records)
}

#[cfg(not(feature = "parquet"))]
#[test]
fn a_parquet_file_is_told_how_it_can_be_read() {
    let parquet = How { form: Form::Parquet, ..How::default() };
    for (bytes, how) in [(&b"PAR1\x15\0"[..], &How::default()), (b"t,account,action\n", &parquet)] {
        let told = refused(bytes, how);
        assert!(told.contains("--features parquet") && told.contains("duckdb"), "{told}");
    }
}

#[test]
fn csv_records_gzip_and_zstd_are_the_same_log_however_they_arrive() {
    let (csv, records) = both(30_000);
    let plain = read(&csv);
    assert_eq!((plain.events.len(), plain.mistakes.count), (30_000, 0));
    let binary = How { form: Form::Records, ..How::default() };
    for (bytes, how) in [
        (records.clone(), &binary),
        (gzip(&records), &binary),
        (zstd(&records), &binary),
        (gzip(csv.as_bytes()), &How::default()),
        (zstd(csv.as_bytes()), &How::default()),
    ] {
        for at_once in [usize::MAX, 4_099] {
            assert!(read_by(&bytes, how, at_once).expect("it can be read") == plain);
        }
    }
    let (head, rest) = csv.as_bytes().split_at(100_001);
    let skippable = [&[0x51, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 9, 9, 9][..], &zstd(head), &zstd(rest)].concat();
    for members in [[gzip(head), gzip(rest)].concat(), [zstd(head), zstd(rest)].concat(), skippable] {
        assert!(
            read_by(&members, &How::default(), usize::MAX).expect("it can be read") == plain,
            "of two parts"
        );
    }
    for at_once in [1, 7] {
        let start = read_by(&csv.as_bytes()[..2_000], &How::default(), at_once).expect("it can be read");
        assert!(start == read(&csv[..2_000]), "{at_once} bytes at a time");
    }
}

#[test]
fn packing_is_told_by_content() {
    let packing = |bytes: &[u8]| Input::new(Box::new(Cursor::new(bytes.to_vec()))).expect("memory").packing();
    assert_eq!(packing(&gzip(b"a")), Packing::Gzip);
    assert_eq!(packing(&zstd(b"a")), Packing::Zstd);
    assert_eq!([&b""[..], b"t", b"time"].map(packing), [Packing::Plain; 3]);
}

#[test]
fn packed_logs_that_end_early_or_are_damaged_say_so_with_the_last_line() {
    let (csv, _) = both(200_000);
    for (packed, name) in [(gzip(csv.as_bytes()), "gzip"), (zstd(csv.as_bytes()), "Zstandard")] {
        let half = refused(&packed[..packed.len() / 2], &How::default());
        let early = format!("the {name} data ends early: the file is not whole");
        assert!(half.starts_with("after line ") && half.ends_with(&early), "{half}");
        let mut damaged = packed.clone();
        let middle = damaged.len() / 2;
        damaged[middle..middle + 40].fill(0x55);
        let damaged = refused(&damaged, &How::default());
        assert!(
            damaged.contains(&format!("the {name} data is damaged")) || damaged.contains("order"),
            "{damaged}"
        );
    }
    let sound = zstd(csv.as_bytes());
    let mut changed = sound.clone();
    *changed.last_mut().expect("it has bytes") ^= 1;
    let checked = sound[4] & 4 != 0;
    assert_eq!(
        read_by(&changed, &How::default(), usize::MAX).is_err(),
        checked,
        "the checksum is the last thing"
    );
}

#[test]
fn every_line_that_is_no_event_is_named_with_its_place_and_what_is_accepted() {
    let log = read(
        "note,account,time,action\n\
         ,a,1767605400,message\n\
         ,b,soon,message\n\
         \n\
         \"two\nlines, é\",,1767605400,message\n\
         é,c,1767605400,wave\n\
         ,d,1767605400\n\
         ,e,1767605400,\n\
         ,f,2026-01-05T09:30:00,message\n\
         ,a,1767605401,3\r\n",
    );
    assert_eq!(log.events, [(1_767_605_400_000, "a".to_owned(), 3), (1_767_605_401_000, "a".to_owned(), 3)]);
    assert_eq!(log.unknown, [("wave".to_owned(), 1)]);
    assert_eq!(
        places(&log),
        [
            (3, 4, "the time `soon` is no time"),
            (6, 11, "the account `` is empty"),
            (8, 14, "3 cells where the header has 4"),
            (9, 15, "the action `` is empty"),
            (10, 4, "the time `2026-01-05T09:30:00` states no zone (--zone names one for the whole log)"),
        ]
    );
    assert!(log.mistakes.first.iter().all(|mistake| mistake.accepted.len() > 10), "{:?}", log.mistakes);
    assert_eq!(log.several_lines, SeveralLines { count: 1, first: Some((5, 6)) });
}

#[test]
fn mistakes_are_all_counted_and_the_first_twenty_kept() {
    let log = read(&("account,time,action\n".to_owned() + &"a,never,message\n".repeat(30_000)));
    assert_eq!((log.mistakes.count, log.mistakes.first.len()), (30_000, 20));
    assert_eq!(places(&log)[19].0, 21);
}

#[test]
fn lines_are_counted_whatever_ends_them() {
    let text =
        "account,time,action\na,5,message\nb,soon,message\n\n\"c,6,message\nd,7,message\ne,never,message\n";
    let expected = read(text);
    assert_eq!(
        (who(&expected), places(&expected).iter().map(|place| place.0).collect()),
        (vec!["a", "d"], vec![3, 5, 7])
    );
    for end in ["\r\n", "\r"] {
        let text = text.replace('\n', end);
        for at_once in [1, 7, usize::MAX] {
            let found = read_by(text.as_bytes(), &How::default(), at_once).expect("it can be read");
            assert!(found == expected, "{end:?}, {at_once} at once: {found:?}");
        }
    }
}

#[test]
fn zeros_behind_a_gzip_file_fill_up_a_block_and_anything_else_is_damage() {
    let (csv, _) = both(1_000);
    let (head, rest) = csv.as_bytes().split_at(5_001);
    let padded = [gzip(head), gzip(rest), vec![0; 200_000]].concat();
    assert!(read_by(&padded, &How::default(), usize::MAX).expect("it can be read") == read(&csv));
    let garbage = [gzip(csv.as_bytes()), vec![0; 100], vec![7; 100]].concat();
    assert!(refused(&garbage, &How::default()).ends_with("the gzip data is damaged"));
}

#[test]
fn a_line_without_an_end_costs_itself_and_little_memory() {
    let log = read(&format!("account,time,action\na,5,message\n{}\nb,6,message\n", "x".repeat(5_000_000)));
    assert_eq!((log.events.len(), places(&log)), (2, vec![(3, 1, "this line has more than 1048576 bytes")]));
}

#[test]
fn headers_that_do_not_say_what_is_what_are_refused() {
    for (text, says) in [
        ("", "1:1: the log is empty; the first line names the columns"),
        ("\n\n", "3:1: the log is empty"),
        (
            "time,action\n",
            "1:1: no column is called `account`; this line names time, action; the first line names",
        ),
        ("account,action\n", "no column is called `time` or `t` or `timestamp`"),
        ("account,time,kind\n", "--columns action=NAME"),
        ("account,time,action,time\n", "two columns are called `time`"),
        ("5,a,message\n", "this line names 5, a, message"),
        (
            "account,time,action,\"note\na,5,message,\nb,6,message,\"\n",
            "1:1: a quote is opened in this line and not closed in it",
        ),
    ] {
        assert!(
            refused(text.as_bytes(), &How::default()).contains(says),
            "{text}: {}",
            refused(text.as_bytes(), &How::default())
        );
    }
    assert!(refused(b"\xff\xfea\0", &How::default()).contains("UTF-16"));
    assert!(refused(&vec![b'x'; 3_000_000], &How::default()).contains("has no end"));
    let columns = Columns { account: Some("who".into()), time: Some("who".into()), action: None };
    let twice = How { columns, ..How::default() };
    assert!(refused(b"who,action\n", &twice).contains("`who` is named for two things"));
}

#[test]
fn columns_are_found_by_name_behind_a_byte_order_mark_and_with_another_delimiter() {
    let columns =
        Columns { account: Some("user id".into()), time: Some("ts".into()), action: Some("kind".into()) };
    let how = How { columns, delimiter: Some(b';'), ..How::default() };
    let log =
        read_by(b"\xef\xbb\xbfkind;x; ts ;user id\nmessage;,;5; a b \n", &how, 1).expect("it can be read");
    assert_eq!(log.events, [(5_000, "a b".to_owned(), 3)]);
}

#[test]
fn the_first_mistake_is_fatal_where_none_is_forgiven() {
    let strict = How { strict: true, ..How::default() };
    let text = b"account,time,action\na,5,message\nb,x,message\n";
    assert!(refused(text, &strict).starts_with("3:3: the time `x` is no time; accepted are ISO 8601"));
    let records = How { form: Form::Records, ..strict };
    assert!(refused(&[0; 17], &records).starts_with("record 2: the log ends after 1 of its 16 bytes"));
    let far = [&i64::MAX.to_le_bytes()[..], &[0; 8]].concat();
    assert!(refused(&far, &records).starts_with("record 1: 9223372036854775807 seconds are outside"));
}

#[test]
fn a_record_that_is_cut_off_is_a_mistake_and_an_unknown_number_an_unknown_action() {
    let (_, mut records) = both(5);
    records.extend([&7_i64.to_le_bytes()[..], &1_u32.to_le_bytes(), &9_u32.to_le_bytes()].concat());
    records.push(1);
    let log = read_by(&records, &How { form: Form::Records, ..How::default() }, 5).expect("it can be read");
    assert_eq!((log.events.len(), log.unknown, log.mistakes.count), (5, vec![("9".to_owned(), 1)], 1));
}

#[test]
fn times_at_the_ends_are_events() {
    let text = "account,t,action\na,-0009999-06-01T00:00:00Z,message\na,-5,message\na,0,message\n\
                a,9999-12-30T21:00:00Z,message\na,9999-12-31T23:59:59Z,message\n";
    let log = read(&text.replace("-0009999", "-009999"));
    let times: Vec<i64> = log.events.iter().map(|event| event.0).collect();
    assert_eq!((times.len(), times[1], log.mistakes.count), (4, -5_000, 1), "{log:?}");
}

/// The events that the `csv` crate finds; none where a record is no plain event.
fn oracle(text: &str) -> Vec<Option<(i64, String, u32)>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let width = reader.headers().expect("a header").len();
    let event = |record: csv::StringRecord| {
        let [time, account, action] = [0, 1, 2].map(|cell| record.get(cell).unwrap_or_default().trim_ascii());
        let known = actions().iter().position(|name| name == action);
        let known =
            known.or_else(|| action.parse().ok().filter(|&n: &usize| n < 4 && n.to_string() == action));
        let seconds: i64 = time.parse().ok()?;
        let usable = record.len() == width && (1..=256).contains(&account.len());
        usable.then_some((seconds * 1_000, account.to_owned(), known? as u32))
    };
    reader.records().map(|record| event(record.expect("text"))).collect()
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => (0_u32..3_000).prop_map(|n| n.to_string()),
        2 => Just("4294967296".to_owned()),
        2 => "[a-z0-9 \"\r]{0,5}",
        2 => "\"([a-z,\n]|\"\"){0,6}\"",
        1 => "\"[a-z]{0,2}\"[a-z\"]{0,2}",
        1 => prop::sample::select(vec!["007", "é", "", " 5 ", "+5", "-5", "\"5\"", "message"]).prop_map(str::to_owned),
    ]
}

fn line() -> impl Strategy<Value = String> {
    let action = prop_oneof![6 => (0_u32..5).prop_map(|n| n.to_string()), 2 => Just("message".to_owned()), 2 => cell()];
    let time = prop_oneof![8 => (0_u32..9).prop_map(|n| (100 + n).to_string()), 1 => cell()];
    let end = prop::sample::select(vec!["\n", "\r\n", "\n\n", "\r"]);
    let more = prop_oneof![8 => Just(String::new()), 1 => cell().prop_map(|cell| format!(",{cell}"))];
    (time, cell(), action, cell(), more, end)
        .prop_map(|(t, a, k, x, more, end)| format!("{t},{a},{k},{x}{more}{end}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn events_are_those_that_the_csv_crate_finds(lines in prop::collection::vec(line(), 0..12), at_once in 1_usize..40) {
        let text = format!("t,account,action,note\n{}", lines.concat());
        let how = How { order: pacewise::eventlog::Order::Sort { in_memory: 100, folder: None }, ..How::default() };
        let found = read_by(text.as_bytes(), &how, at_once).expect("it can be read");
        let all = oracle(&text);
        let mut expected: Vec<_> = all.iter().flatten().cloned().collect();
        expected.sort_by_key(|event| event.0);
        // A quote that is not closed in its line swallows others there; `quotes_swallow_no_lines` is about those.
        if found.mistakes.first.iter().all(|mistake| !mistake.what.starts_with("a quote")) {
            prop_assert_eq!(&found.events, &expected, "{:?}", text);
            let others = found.mistakes.count + found.unknown.iter().map(|(_, count)| count).sum::<u64>();
            prop_assert_eq!(others, all.iter().filter(|event| event.is_none()).count() as u64, "{:?}", text);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..600), way in any::<u8>()) {
        any_bytes::read(&bytes, way);
    }

    #[test]
    fn any_changes_of_a_log_are_read_or_refused(
        changes in prop::collection::vec((any::<u16>(), any::<u8>()), 0..20),
        (cut, way, pack) in (any::<u16>(), any::<u8>(), 0..3_u8),
    ) {
        let (csv, records) = both(60);
        let plain = if way & 1 == 0 { csv.into_bytes() } else { records };
        let mut bytes = match pack { 0 => plain, 1 => gzip(&plain), _ => zstd(&plain) };
        for (place, byte) in changes {
            let place = usize::from(place) % bytes.len();
            bytes[place] = byte;
        }
        bytes.truncate(usize::from(cut) % (2 * bytes.len()) + 1);
        any_bytes::read(&bytes, way);
    }
}
