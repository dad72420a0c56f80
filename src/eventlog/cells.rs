//! The cells of one CSV record, quotes and all: the exact reading, as the `csv` crate does it.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// Reads single records.
#[derive(Debug)]
pub(super) struct Cells {
    reader: Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
    number: usize,
}

impl Cells {
    pub(super) fn new(delimiter: u8) -> Cells {
        let reader = ReaderBuilder::new().delimiter(delimiter).build();
        Cells { reader, text: vec![0; 1_024], ends: vec![0; 64], number: 0 }
    }

    /// Reads the record at the beginning of `bytes`, which is no line break; the bytes that it takes. None when it does not
    /// end in them, unless they are `all` that there is.
    pub(super) fn read(&mut self, bytes: &[u8], all: bool) -> Option<usize> {
        self.reader.reset();
        // A reader at its very beginning would skip a byte order mark.
        let _ = self.reader.read_record(b"\n", &mut self.text, &mut self.ends);
        let (mut read, mut written) = (0, 0);
        self.number = 0;
        loop {
            let (result, used, wrote, ended) = self.reader.read_record(
                &bytes[read..],
                &mut self.text[written..],
                &mut self.ends[self.number..],
            );
            (read, written, self.number) = (read + used, written + wrote, self.number + ended);
            match result {
                ReadRecordResult::Record => return Some(read),
                ReadRecordResult::InputEmpty if !all => return None,
                // Asked once more without any input, it takes that for the end.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.text.resize(2 * self.text.len(), 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
                ReadRecordResult::End => return Some(bytes.len()),
            }
        }
    }

    /// How many cells the last record has.
    pub(super) fn len(&self) -> usize {
        self.number
    }

    /// A cell of the last record.
    pub(super) fn get(&self, place: usize) -> &[u8] {
        let from = if place == 0 { 0 } else { self.ends[place - 1] };
        &self.text[from..self.ends[place]]
    }
}

/// The most lines of a record.
pub(super) const MOST_LINES: u64 = 1_000;

/// Where in a log: its lines end in LF, CR LF or CR.
#[derive(Debug)]
pub(super) struct Lines {
    /// The line, counted from 1.
    pub(super) at: u64,
    /// Whether a CR was just passed: an LF that follows ends no other line.
    pub(super) after_cr: bool,
}

impl Default for Lines {
    fn default() -> Lines {
        Lines { at: 1, after_cr: false }
    }
}

impl Lines {
    pub(super) fn pass(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.step(byte);
        }
    }

    fn step(&mut self, byte: u8) {
        let ends = byte == b'\r' || byte == b'\n' && !self.after_cr;
        (self.at, self.after_cr) = (self.at + u64::from(ends), byte == b'\r');
    }
}

/// What lies at the beginning of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// A record of so many bytes, its end included, on so many lines.
    Record { bytes: usize, lines: u64 },
    /// A record that does not end in them, on so many lines until then.
    Endless { lines: u64 },
    /// A record that does not end in them, but within quotes.
    Open,
    /// A line ends within the quotes of a cell where none may.
    Broken,
    /// More than [`MOST_LINES`] lines end within quotes.
    Long,
}

/// Finds the end of the record at the beginning of `bytes`; `is_key` tells the cells in which no line may end.
pub(super) fn extent(bytes: &[u8], delimiter: u8, is_key: impl Fn(usize) -> bool) -> Extent {
    let (mut cell, mut walk, mut lines) = (0, Walk::Start, Lines::default());
    for (place, &byte) in bytes.iter().enumerate() {
        match walk.step(byte, delimiter) {
            Step::Cell => cell += 1,
            Step::Record => return Extent::Record { bytes: place + 1, lines: lines.at },
            Step::Within if matches!(byte, b'\n' | b'\r') && is_key(cell) => return Extent::Broken,
            Step::Within => {}
        }
        lines.step(byte);
        if lines.at > MOST_LINES {
            return Extent::Long;
        }
    }
    if walk == Walk::Quoted { Extent::Open } else { Extent::Endless { lines: lines.at } }
}

/// Where a cell of a record begins: lines after the record's first, and the character, counted from 1. Beyond the last cell,
/// the end of the record.
pub(super) fn place_of(record: &[u8], delimiter: u8, cell: usize) -> (u64, u64) {
    let (mut before, mut column, mut walk, mut lines) = (0, 1, Walk::Start, Lines::default());
    for &byte in record {
        if before == cell && walk == Walk::Start {
            break;
        }
        match walk.step(byte, delimiter) {
            Step::Cell => before += 1,
            Step::Record => break,
            Step::Within => {}
        }
        lines.step(byte);
        if matches!(byte, b'\n' | b'\r') {
            column = 1;
        } else if byte & 0xC0 != 0x80 {
            column += 1;
        }
    }
    (lines.at - 1, column)
}

/// Where the cell begins that the end of the record's first line cuts in two: the character, counted from 1.
pub(super) fn cut_cell(record: &[u8], delimiter: u8) -> u64 {
    let (mut begins, mut column, mut walk) = (1, 1, Walk::Start);
    for &byte in record.iter().take_while(|byte| !matches!(byte, b'\n' | b'\r')) {
        column += u64::from(byte & 0xC0 != 0x80);
        if walk.step(byte, delimiter) == Step::Cell {
            begins = column;
        }
    }
    begins
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Walk {
    Start,
    Plain,
    Quoted,
    QuoteInQuoted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Within,
    Cell,
    Record,
}

impl Walk {
    fn step(&mut self, byte: u8, delimiter: u8) -> Step {
        let (next, step) = match (*self, byte) {
            (Walk::Quoted, b'"') => (Walk::QuoteInQuoted, Step::Within),
            (Walk::Quoted, _) | (Walk::Start | Walk::QuoteInQuoted, b'"') => (Walk::Quoted, Step::Within),
            (_, byte) if byte == delimiter => (Walk::Start, Step::Cell),
            (_, b'\n' | b'\r') => (Walk::Start, Step::Record),
            _ => (Walk::Plain, Step::Within),
        };
        *self = next;
        step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str, all: bool) -> Option<(usize, Vec<String>)> {
        let mut cells = Cells::new(b',');
        let used = cells.read(text.as_bytes(), all)?;
        let list = (0..cells.len()).map(|place| String::from_utf8_lossy(cells.get(place)).into_owned());
        Some((used, list.collect()))
    }

    #[test]
    fn records_end_where_their_lines_do() {
        assert_eq!(
            cells("a,\"b\nc\",d\nnext", false),
            Some((10, vec!["a".into(), "b\nc".into(), "d".into()]))
        );
        assert_eq!(cells("a,b", false), None);
        assert_eq!(cells("a,b", true), Some((3, vec!["a".into(), "b".into()])));
        assert_eq!(cells("\u{feff}a\n", true), Some((5, vec!["\u{feff}a".into()])));
        let long = "x".repeat(5_000);
        let wide = ["y"; 200].join(",");
        assert_eq!(
            cells(&format!("{long},{wide}\n"), false).map(|(_, cells)| (cells[0].len(), cells.len())),
            Some((5_000, 201))
        );
    }

    #[test]
    fn cells_are_found_behind_quotes() {
        let record = "é,\"a,\"\"b\nc\",d\n".as_bytes();
        assert_eq!([0, 1, 2, 3].map(|cell| place_of(record, b',', cell)), [(0, 1), (0, 3), (1, 4), (1, 5)]);
        let windows = b"\"a\r\nb\rc\",d";
        assert_eq!((place_of(windows, b',', 1), place_of(windows, b',', 0)), ((2, 4), (0, 1)));
        assert_eq!([cut_cell(record, b','), cut_cell(b"a\rb", b',')], [3, 1]);
    }

    #[test]
    fn a_record_extends_to_its_end_or_to_a_line_break_where_none_may_be() {
        let no_key = |text: &str| extent(text.as_bytes(), b',', |_| false);
        let first_is_key = |text: &str| extent(text.as_bytes(), b',', |cell| cell == 0);
        for (text, found) in [
            ("a,\"b\"\nc", Extent::Record { bytes: 6, lines: 1 }),
            ("a,\"b\r\n\n\"\rc", Extent::Record { bytes: 9, lines: 3 }),
            ("a,\"b\"", Extent::Endless { lines: 1 }),
            ("a\"b", Extent::Endless { lines: 1 }),
            ("a,\"b\nc", Extent::Open),
        ] {
            assert_eq!([no_key(text), first_is_key(text)], [found; 2], "{text}");
        }
        assert_eq!(first_is_key("\"a\nb\",c\n"), Extent::Broken);
        let long = |lines: u64| format!("a,\"{}\"\n", "\n".repeat(lines as usize - 1));
        assert_eq!(no_key(&long(MOST_LINES)), Extent::Record { bytes: 1_004, lines: MOST_LINES });
        assert_eq!(no_key(&long(MOST_LINES + 1)), Extent::Long);
    }
}
