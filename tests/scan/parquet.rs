//! Parquet files as logs: the same events as in CSV, every type of column read or refused, and damage told.

use std::io::{Cursor, Write as _};
use std::sync::Arc;

use ::parquet::basic::{Compression, Encoding, GzipLevel, ZstdLevel};
use ::parquet::data_type::{
    ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type, Int96, Int96Type,
};
use ::parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use ::parquet::schema::parser::parse_message_type;
use jiff::tz::TimeZone;
use pacewise::eventlog::{Columns, EventLog, Form, How, Input, Order, Unit};
use proptest::prelude::*;

use crate::any_bytes::{self, actions};
use crate::reading::{Reading, both, places, read, read_by, read_input, refused, who};

/// The values of a column; none: the row has no value.
enum Data {
    Small(Vec<Option<i32>>),
    Large(Vec<Option<i64>>),
    Days(Vec<Option<Int96>>),
    Floats(Vec<Option<f64>>),
    Texts(Vec<Option<ByteArray>>),
}

fn large(values: impl IntoIterator<Item = i64>) -> Data {
    Data::Large(values.into_iter().map(Some).collect())
}

fn texts<'a>(values: impl IntoIterator<Item = &'a str>) -> Data {
    Data::Texts(values.into_iter().map(|text| Some(text.into())).collect())
}

fn write<T: DataType>(column: &mut SerializedColumnWriter<'_>, values: &[Option<T::T>]) {
    let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
    let present: Vec<T::T> = values.iter().flatten().cloned().collect();
    column.typed::<T>().write_batch(&present, Some(&levels), None).expect("memory");
}

/// A file of these columns, one row group for each list of them.
fn file(schema: &str, groups: &[Vec<Data>], packing: Compression) -> Vec<u8> {
    file_by(schema, groups, WriterProperties::builder().set_compression(packing))
}

fn file_by(schema: &str, groups: &[Vec<Data>], properties: WriterPropertiesBuilder) -> Vec<u8> {
    let schema = parse_message_type(&format!("message log {{ {schema} }}")).expect("a schema");
    // Small pages, so that batches end within them and between them.
    let properties = properties.set_data_page_row_count_limit(3_001).set_write_batch_size(1_000);
    let properties = Arc::new(properties.build());
    let mut file = SerializedFileWriter::new(Vec::new(), Arc::new(schema), properties).expect("memory");
    for group in groups {
        let mut rows = file.next_row_group().expect("memory");
        for data in group {
            let mut column = rows.next_column().expect("memory").expect("a column for each");
            match data {
                Data::Small(values) => write::<Int32Type>(&mut column, values),
                Data::Large(values) => write::<Int64Type>(&mut column, values),
                Data::Days(values) => write::<Int96Type>(&mut column, values),
                Data::Floats(values) => write::<DoubleType>(&mut column, values),
                Data::Texts(values) => write::<ByteArrayType>(&mut column, values),
            }
            column.close().expect("memory");
        }
        rows.close().expect("memory");
    }
    file.into_inner().expect("memory")
}

const PLAIN: &str = "required int64 t; required int64 account; required int64 action;";

fn plain(times: &[i64]) -> Vec<u8> {
    let nothing = || large(times.iter().map(|_| 0));
    file(PLAIN, &[vec![large(times.iter().copied()), nothing(), nothing()]], Compression::SNAPPY)
}

fn read_whole(bytes: &[u8]) -> Reading {
    read_by(bytes, &How::default(), usize::MAX).expect("it can be read")
}

/// The times of events whose column of times has this type.
fn times(kind: &str, data: Data, how: &How) -> Vec<i64> {
    let rows = match &data {
        Data::Days(values) => values.len(),
        Data::Large(values) => values.len(),
        Data::Texts(values) => values.len(),
        Data::Small(_) | Data::Floats(_) => 0,
    };
    let schema = format!("optional {kind}; required int64 account; required int64 action;");
    let nothing = || large((0..rows).map(|_| 0));
    let bytes = file(&schema, &[vec![data, nothing(), nothing()]], Compression::UNCOMPRESSED);
    let read = read_by(&bytes, how, usize::MAX).expect("it can be read");
    assert_eq!(read.mistakes.first, [], "{kind}");
    read.events.iter().map(|(at, _, _)| *at).collect()
}

#[test]
fn it_is_the_same_log_as_its_csv_however_it_is_packed_and_arrives() {
    let (csv, _) = both(30_000);
    let expected = read(&csv);
    let rows: Vec<Vec<i64>> = csv
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(|cell| cell.parse().expect("a number")).collect())
        .collect();
    let schema = "optional binary note (string); optional binary action (string); optional int32 account (uint_32); optional int64 t;";
    let names = actions();
    let group = |rows: &[Vec<i64>]| {
        vec![
            Data::Texts(vec![None; rows.len()]),
            texts(rows.iter().map(|row| names[row[2] as usize].as_str())),
            Data::Small(rows.iter().map(|row| Some((row[1] as u32).cast_signed())).collect()),
            large(rows.iter().map(|row| row[0])),
        ]
    };
    let groups = [group(&rows[..20_000]), group(&[]), group(&rows[20_000..])];
    let zstd = Compression::ZSTD(ZstdLevel::default());
    let all = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        zstd,
        Compression::LZ4_RAW,
    ];
    for packing in all {
        let bytes = file(schema, &groups, packing);
        let piecewise = read_by(&bytes, &How::default(), 4_099).expect("it can be read");
        assert_eq!(piecewise.events.len(), 30_000);
        assert!(piecewise == expected, "{packing}");
        let mut on_disk = tempfile::NamedTempFile::new().expect("a temporary file");
        on_disk.write_all(&bytes).expect("room");
        let input = Input::open(on_disk.path()).expect("it is there");
        let how = How { form: Form::Parquet, ..How::default() };
        assert!(read_input(input, &how).expect("it can be read") == expected, "{packing}, on disk");
    }
}

#[test]
fn an_account_is_the_same_as_text_and_as_a_number() {
    let schema = "required int64 t; required int64 account (uint_64); required int64 action;";
    let numbers = vec![large([0; 3]), large([7, -1, 4_294_967_296]), large([0; 3])];
    let read = read_whole(&file(schema, &[numbers], Compression::UNCOMPRESSED));
    assert_eq!(who(&read), ["7", "18446744073709551615", "4294967296"]);
    let signed = vec![large([0; 3]), large([7, -1, 4_294_967_296]), large([0; 3])];
    let read = read_whole(&file(PLAIN, &[signed], Compression::UNCOMPRESSED));
    assert_eq!(who(&read), ["7", "-1", "4294967296"]);
    let schema = "required int64 t; required binary account (utf8); required binary action;";
    let named = vec![large([0; 3]), texts([" 7 ", "-1", "é"]), texts(["0", "message", "3"])];
    let read = read_whole(&file(schema, &[named], Compression::UNCOMPRESSED));
    assert_eq!(who(&read), ["7", "-1", "é"]);
    assert_eq!(read.events.iter().map(|event| event.2).collect::<Vec<_>>(), [0, 3, 3]);
}

#[test]
fn times_of_every_type_are_the_same_instants() {
    let how = How::default();
    let at = [-1_001, 0, 1_767_605_400_123];
    let scaled = |factor: i64| large(at.map(|at| at * factor));
    assert_eq!(times("int64 t (timestamp(millis, true))", scaled(1), &how), at);
    assert_eq!(times("int64 t (timestamp_millis)", scaled(1), &how), at);
    assert_eq!(times("int64 time (timestamp_micros)", scaled(1_000), &how), at);
    assert_eq!(times("int64 timestamp (timestamp(nanos, true))", scaled(1_000_000), &how), at);
    // Cut off downwards, on both sides of 1970.
    assert_eq!(times("int64 t (timestamp(micros, true))", large([-1, 999, 1_000]), &how), [-1, 0, 1]);
    assert_eq!(times("int64 t", large([5, 1_767_605_400]), &how), [5_000, 1_767_605_400_000]);
    let micros = How { unit: Some(Unit::Microseconds), ..How::default() };
    assert_eq!(times("int64 t", large([5_000]), &micros), [5]);
    let written = texts(["1969-12-31T23:59:59Z", "1970-01-01T02:00:00+01:00"]);
    assert_eq!(times("binary t (string)", written, &how), [-1_000, 3_600_000]);
    let day = |day: u32, nanoseconds: u64| {
        let mut value = Int96::new();
        value.set_data(nanoseconds as u32, (nanoseconds >> 32) as u32, day);
        Some(value)
    };
    let days =
        Data::Days(vec![day(2_440_587, 86_399_999_000_000), day(2_440_588, 0), day(2_440_589, 1_000_000)]);
    assert_eq!(times("int96 t", days, &how), [-1, 0, 86_400_001]);
}

#[test]
fn times_without_a_zone_are_read_in_the_one_that_is_named_and_refused_without() {
    let kind = "int64 t (timestamp(micros, false))";
    let berlin = How { zone: TimeZone::get("Europe/Berlin").ok(), ..How::default() };
    // 2026-01-05 10:30 and 2026-07-05 10:30.
    let local = || large([1_767_609_000_000_000, 1_783_247_400_000_000]);
    assert_eq!(times(kind, local(), &berlin), [1_767_605_400_000, 1_783_240_200_000]);
    let schema = format!("required {kind}; required int64 account; required int64 action;");
    let bytes = file(&schema, &[vec![local(), large([0, 0]), large([0, 0])]], Compression::UNCOMPRESSED);
    let told = refused(&bytes, &How::default());
    assert!(
        told.starts_with("schema: the times of column `t` state no zone") && told.contains("--zone"),
        "{told}"
    );
}

#[test]
fn rows_that_are_no_events_are_named_and_the_others_read() {
    let schema =
        "optional int64 t (timestamp_millis); optional binary account; optional binary action (string);";
    let bytes = |text: &[u8]| Some(ByteArray::from(text.to_vec()));
    let long = vec![b'a'; 257];
    let group = vec![
        Data::Large(vec![Some(1), None, Some(2), Some(3), Some(i64::MAX), Some(4), Some(5), Some(6)]),
        Data::Texts(vec![
            bytes(b"a"),
            bytes(b"a"),
            None,
            bytes(&[0xFF]),
            bytes(b"a"),
            bytes(&long),
            bytes(b"b"),
            bytes(b"c"),
        ]),
        Data::Texts(
            [Some("message"), Some("0"), Some("0"), Some("0"), Some("0"), Some("0"), None, Some("wave")]
                .map(|text| text.map(ByteArray::from))
                .to_vec(),
        ),
    ];
    let bytes = file(schema, &[group], Compression::SNAPPY);
    let read = read_whole(&bytes);
    assert_eq!(read.events, [(1, "a".to_owned(), 3)]);
    assert_eq!(read.unknown, [("wave".to_owned(), 1)]);
    let told: Vec<String> = places(&read).iter().map(|(row, _, what)| format!("{row} {what}")).collect();
    let long = format!("6 the account `{}…` is longer than 256 bytes", "a".repeat(40));
    assert_eq!(
        told,
        [
            "2 the time `` is empty",
            "3 the account `` is empty",
            "4 the account `\u{fffd}` is not UTF-8 text",
            "5 the time `9223372036854775807` is outside of the years -9999 to 9999 (less a day at both ends)",
            long.as_str(),
            "7 the action `` is empty",
        ]
    );
    let strict = refused(&bytes, &How { strict: true, ..How::default() });
    assert!(strict.starts_with("row 2: the time `` is empty; accepted are ISO 8601"), "{strict}");
}

#[test]
fn rows_out_of_order_are_refused_or_sorted() {
    let bytes = plain(&[5, 7, 6, 7]);
    let told = refused(&bytes, &How::default());
    assert!(told.starts_with("row 3: out of order") && told.contains("--sort"), "{told}");
    let order = Order::Sort { in_memory: 2, folder: None };
    let read = read_by(&bytes, &How { order, ..How::default() }, usize::MAX).expect("it can be read");
    assert_eq!(read.events.iter().map(|event| event.0).collect::<Vec<_>>(), [5_000, 6_000, 7_000, 7_000]);
}

#[test]
fn columns_that_hold_something_else_are_refused_by_name() {
    let (whole, none) = ("required int64 account; required int64 action;", How::default());
    let of = |schema: &str, how: &How| refused(&file(schema, &[], Compression::UNCOMPRESSED), how);
    for (schema, expected) in [
        (
            format!("required double t; {whole}"),
            "the column `t` holds floating-point numbers; accepted for the time are timestamps, whole numbers",
        ),
        (format!("required boolean t; {whole}"), "the column `t` holds true and false; accepted"),
        (format!("required int32 t (date); {whole}"), "the column `t` holds dates without a time; accepted"),
        (
            format!("required int32 t (time(millis, true)); {whole}"),
            "holds times of the day without a date; accepted",
        ),
        (format!("required int64 t (decimal(9, 2)); {whole}"), "holds decimal numbers; accepted"),
        (format!("required binary t (json); {whole}"), "holds JSON; accepted"),
        (
            format!("required fixed_len_byte_array(12) t (interval); {whole}"),
            "holds lengths of time; accepted",
        ),
        (
            "required int64 t; required fixed_len_byte_array(16) account (uuid); required int64 action;"
                .to_owned(),
            "the column `account` holds UUIDs in bytes; accepted for the account are text and whole numbers",
        ),
        (
            "required int64 t; required int96 account; required int64 action;".to_owned(),
            "the column `account` holds timestamps; accepted",
        ),
        (
            "required int64 t; required int64 account; required int64 action (timestamp(nanos, false));"
                .to_owned(),
            "the column `action` holds timestamps; accepted for the action",
        ),
        (
            "required int64 t; required int64 account (timestamp_millis); required int64 action;".to_owned(),
            "the column `account` holds timestamps; accepted for the account are text and whole numbers",
        ),
        (
            format!("required int64 when; {whole}"),
            "no column is called `time` or `t` or `timestamp`; the schema names when",
        ),
        (format!("repeated int64 t; {whole}"), "no column is called `time`"),
        (format!("required int64 t; required int64 t; {whole}"), "two columns are called `t`"),
    ] {
        let told = of(&schema, &none);
        assert!(told.starts_with("schema: ") && told.contains(expected), "{schema}: {told}");
        assert!(!told.contains(['(', ')', '_', '{']), "words, no forms of the library: {told}");
    }
    let columns = Columns { time: Some("account".to_owned()), ..Columns::default() };
    let twice = of(PLAIN, &How { columns, ..How::default() });
    assert!(twice.contains("the column `account` is named for two things"), "{twice}");
    let floats = vec![large([1]), large([0]), large([0]), Data::Floats(vec![Some(0.5)])];
    let beside = file(&format!("{PLAIN} required double share;"), &[floats], Compression::UNCOMPRESSED);
    assert_eq!(read_whole(&beside).events.len(), 1);
}

#[test]
fn a_column_within_a_group_is_named_by_its_path() {
    let schema = "optional group who { required int64 id; } required int64 t; required int64 action;";
    let bytes = file(schema, &[vec![large([7, 8]), large([1, 2]), large([0, 0])]], Compression::UNCOMPRESSED);
    let columns = Columns { account: Some("who.id".to_owned()), ..Columns::default() };
    let read = read_by(&bytes, &How { columns, ..How::default() }, usize::MAX).expect("it can be read");
    assert_eq!(who(&read), ["7", "8"]);
}

#[test]
fn what_is_no_whole_file_is_refused() {
    let bytes = plain(&[1, 2, 3]);
    let parquet = How { form: Form::Parquet, ..How::default() };
    for length in [0, 3, 4, 11, bytes.len() - 1] {
        let told = refused(&bytes[..length], &parquet);
        assert!(told.contains("Parquet data is damaged"), "{length}: {told}");
    }
    assert!(refused(b"t,account,action\n1,1,0\n", &parquet).contains("Parquet"));
}

#[test]
fn a_file_that_says_one_row_too_few_or_too_many_anywhere_is_refused() {
    let schema = "required int64 t; required int64 account; required int64 action;";
    let columns = vec![large(0..300), large((0..300).map(|_| 7)), large((0..300).map(|_| 0))];
    let bytes = file(schema, &[columns], Compression::UNCOMPRESSED);
    // 300, 299 and 301 as the format writes numbers of rows and values: of the file, the row group, and each column.
    let (right, wrong) = ([0xd8, 0x04], [[0xd6, 0x04], [0xda, 0x04]]);
    let places: Vec<usize> =
        (bytes.len() - 1_000..bytes.len() - 1).filter(|&at| bytes[at..at + 2] == right).collect();
    let mut refused = 0;
    for (&place, wrong) in places.iter().flat_map(|place| wrong.iter().map(move |wrong| (place, wrong))) {
        let mut bytes = bytes.clone();
        bytes[place..place + 2].copy_from_slice(wrong);
        match read_by(&bytes, &How::default(), usize::MAX) {
            Ok(read) => assert_eq!(who(&read).len(), 300, "at {place}"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused >= 10, "{refused} of {} times 2", places.len());
}

#[test]
fn texts_and_numbers_are_the_same_however_they_are_encoded() {
    let schema = "optional int64 t; optional binary account (string); optional int64 action;";
    for rows in [0_usize, 1, 2, 31, 33, 97, 128, 129, 130, 257, 3_100] {
        // Beginnings in common, empty texts, and rows without an account.
        let name =
            |row: usize| "anna-maria".repeat(row % 4)[..(7 * row) % 31.min(10 * (row % 4) + 1)].to_owned();
        let account = |row: usize| (!row.is_multiple_of(5)).then(|| ByteArray::from(name(row).as_str()));
        let group = || {
            vec![
                large(0..rows as i64),
                Data::Texts((0..rows).map(account).collect()),
                large((0..rows).map(|row| row as i64 % 4)),
            ]
        };
        let expected = read_whole(&file(schema, &[group(), group()][..1], Compression::UNCOMPRESSED));
        let texts = [Encoding::PLAIN, Encoding::DELTA_LENGTH_BYTE_ARRAY, Encoding::DELTA_BYTE_ARRAY];
        for (text, version) in texts.iter().flat_map(|text| {
            [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0].map(|version| (*text, version))
        }) {
            let properties =
                WriterProperties::builder().set_writer_version(version).set_dictionary_enabled(false);
            let properties = properties.set_column_encoding("account".into(), text);
            let properties = properties.set_column_encoding("t".into(), Encoding::DELTA_BINARY_PACKED);
            let read = read_whole(&file_by(schema, &[group()], properties));
            assert!(read == expected, "{rows} rows, {text}, {version:?}");
        }
    }
}

#[test]
fn a_dictionary_that_says_that_it_has_more_values_than_its_bytes_hold_is_refused() {
    let schema = "required int64 t; required binary account (string); required int64 action;";
    let names: Vec<String> = (0..16_384).map(|row| format!("account {row}")).collect();
    let columns =
        vec![large(0..16_384), texts(names.iter().map(String::as_str)), large((0..16_384).map(|_| 0))];
    let mut bytes = file(schema, &[columns], Compression::UNCOMPRESSED);
    assert_eq!(read_whole(&bytes).events.len(), 16_384);
    // 16,384 and then 1,040,384, as headers of pages write numbers of values.
    let places: Vec<usize> =
        (0..bytes.len() - 4).filter(|&at| bytes[at..at + 4] == [0x15, 0x80, 0x80, 0x02]).collect();
    assert!(!places.is_empty(), "dictionaries have as many values");
    for place in places {
        bytes[place + 3] = 0x7F;
        let told = refused(&bytes, &How::default());
        assert!(told.contains("a page says that it has more values than it holds"), "{told}");
        bytes[place + 3] = 0x02;
    }
}

#[test]
fn damaged_files_are_read_or_refused() {
    let zone = "optional int64 t; optional binary account (string); optional int32 action;";
    let group = || {
        vec![
            large(0..500),
            texts((0..500).map(|row| ["ada", "bob", "eve"][row % 3])),
            Data::Small((0..500).map(|row| (row % 7 > 0).then_some(row % 4)).collect()),
        ]
    };
    let mut random = 1_u64;
    let mut next = |below: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % below
    };
    let rounds = if std::env::var("PACEWISE_LONG").is_ok() { 5_000 } else { 60 };
    let zstd = Compression::ZSTD(ZstdLevel::default());
    for packing in [Compression::UNCOMPRESSED, Compression::SNAPPY, zstd, Compression::LZ4_RAW] {
        let whole = file(zone, &[group(), group()], packing);
        for _ in 0..rounds {
            let mut bytes = whole.clone();
            for _ in 0..=next(3) {
                let place = next(bytes.len());
                bytes[place] = if next(2) == 0 { next(256) as u8 } else { bytes[place] ^ (1 << next(8)) };
            }
            if next(8) == 0 {
                bytes.truncate(next(bytes.len()));
            }
            any_bytes::read(&bytes, 16 | next(16) as u8);
        }
        let input = Input::new(Box::new(Cursor::new(whole))).expect("memory");
        assert!(EventLog::open(input, &How::default(), &actions()).is_ok());
    }
}

/// What is done to a file at a place.
#[derive(Debug, Clone, Copy)]
enum Change {
    /// A byte becomes another.
    Set(u8),
    /// A bit is turned over.
    Flip(u8),
    /// So many bytes are left out.
    Remove(u8),
    /// So many zeros, or largest bytes, come in between.
    Insert(u8, bool),
    /// So many bytes from another place, a share of the file, take the place of those that are there.
    Copy(u16, u8),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        any::<u8>().prop_map(Change::Set),
        (0..8_u8).prop_map(Change::Flip),
        any::<u8>().prop_map(Change::Remove),
        (any::<u8>(), any::<bool>()).prop_map(|(count, is_zero)| Change::Insert(count, is_zero)),
        (any::<u16>(), any::<u8>()).prop_map(|(from, count)| Change::Copy(from, count)),
    ]
}

fn changed(bytes: &mut Vec<u8>, share: u16, change: Change) {
    let at = |share: u16| bytes.len() * usize::from(share) / (usize::from(u16::MAX) + 1);
    let (place, end) = (at(share), |count: u8, from: usize| (from + usize::from(count)).min(bytes.len()));
    if bytes.is_empty() {
        return;
    }
    match change {
        Change::Set(byte) => bytes[place] = byte,
        Change::Flip(bit) => bytes[place] ^= 1 << bit,
        Change::Remove(count) => drop(bytes.drain(place..end(count, place))),
        Change::Insert(count, is_zero) => {
            let byte = if is_zero { 0 } else { u8::MAX };
            drop(bytes.splice(place..place, vec![byte; usize::from(count)]));
        }
        Change::Copy(from, count) => {
            let from = at(from);
            let copied = bytes[from..end(count, from)].to_vec();
            drop(bytes.splice(place..end(count, place), copied));
        }
    }
}

/// A small file: three rows in two row groups, one of the types of columns that are read for each number.
fn small(number: u8) -> Vec<u8> {
    let optional = |values: [i64; 3]| Data::Large(vec![Some(values[0]), None, Some(values[2])]);
    let time = ["int64 t", "int64 t (timestamp(micros, true))", "binary t (string)"][usize::from(number % 3)];
    let account = if number & 4 == 0 { "binary account (string)" } else { "int64 account (uint_64)" };
    let schema = format!("optional {time}; optional {account}; optional int64 action;");
    let group = || {
        let of_time =
            if number % 3 == 2 { texts(["1970-01-01T00:00:01Z", "x", ""]) } else { optional([1, 2, 3]) };
        let of_account = if number & 4 == 0 { texts(["ada", "bob", "ada"]) } else { large([1, -1, 1]) };
        vec![of_time, of_account, optional([0, 1, 9])]
    };
    let zstd = Compression::ZSTD(ZstdLevel::default());
    let packing = [Compression::UNCOMPRESSED, Compression::SNAPPY, zstd, Compression::LZ4_RAW];
    file(&schema, &[group(), group()], packing[usize::from(number >> 3 & 3)])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_changes_of_a_small_file_are_read_or_refused(
        (number, way) in (any::<u8>(), 0..16_u8),
        changes in prop::collection::vec((any::<u16>(), change()), 0..8),
    ) {
        let mut bytes = small(number);
        for (share, change) in changes {
            changed(&mut bytes, share, change);
        }
        any_bytes::read(&bytes, 16 | way);
    }

    #[test]
    fn any_bytes_in_the_frame_of_a_file_are_read_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        (footer, way) in (any::<u8>(), 0..16_u8),
    ) {
        let length = (u32::from(footer) % 201).to_le_bytes();
        any_bytes::read(&[b"PAR1", &bytes[..], &length, b"PAR1"].concat(), 16 | way);
    }
}

#[test]
fn the_small_files_that_are_changed_are_read_where_they_are_not() {
    for number in 0..32 {
        let read = read_whole(&small(number));
        let unknown: u64 = read.unknown.iter().map(|(_, count)| count).sum();
        let all = read.events.len() as u64 + read.mistakes.count + unknown;
        assert!(all == 6 && !read.events.is_empty(), "{number}: {read:?}");
    }
}
