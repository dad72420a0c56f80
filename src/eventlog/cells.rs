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
            let (result, used, wrote, ended) =
                self.reader.read_record(&bytes[read..], &mut self.text[written..], &mut self.ends[self.number..]);
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

/// Where a cell of a record begins: lines after the record's first, and the character, counted from 1. Beyond the last cell,
/// the end of the record.
pub(super) fn place_of(record: &[u8], delimiter: u8, cell: usize) -> (u64, u64) {
    let (mut before, mut line, mut column, mut walk) = (0, 0, 1, Walk::Start);
    for &byte in record {
        if before == cell && walk == Walk::Start {
            break;
        }
        match walk.step(byte, delimiter) {
            Step::Cell => before += 1,
            Step::Record => break,
            Step::Within => {}
        }
        if byte == b'\n' {
            (line, column) = (line + 1, 1);
        } else if byte & 0xC0 != 0x80 {
            column += 1;
        }
    }
    (line, column)
}

/// Whether a record ends inside of quotes.
pub(super) fn is_open(record: &[u8], delimiter: u8) -> bool {
    let mut walk = Walk::Start;
    for &byte in record {
        walk.step(byte, delimiter);
    }
    walk == Walk::Quoted
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
            (Walk::Start, b'"') | (Walk::QuoteInQuoted, b'"') => (Walk::Quoted, Step::Within),
            (Walk::Quoted, b'"') => (Walk::QuoteInQuoted, Step::Within),
            (Walk::Quoted, _) => (Walk::Quoted, Step::Within),
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
        assert_eq!(cells("a,\"b\nc\",d\nnext", false), Some((10, vec!["a".into(), "b\nc".into(), "d".into()])));
        assert_eq!(cells("a,b", false), None);
        assert_eq!(cells("a,b", true), Some((3, vec!["a".into(), "b".into()])));
        assert_eq!(cells("\u{feff}a\n", true), Some((5, vec!["\u{feff}a".into()])));
        let long = "x".repeat(5_000);
        let wide = ["y"; 200].join(",");
        assert_eq!(cells(&format!("{long},{wide}\n"), false).map(|(_, cells)| (cells[0].len(), cells.len())), Some((5_000, 201)));
    }

    #[test]
    fn cells_are_found_behind_quotes() {
        let record = "é,\"a,\"\"b\nc\",d\n".as_bytes();
        assert_eq!([0, 1, 2, 3].map(|cell| place_of(record, b',', cell)), [(0, 1), (0, 3), (1, 4), (1, 5)]);
        assert!(is_open(b"a,\"b\nc", b',') && !is_open(record, b',') && !is_open(b"a\"b", b','));
    }
}
