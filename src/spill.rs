//! Sorting more than memory holds: sorted runs in temporary files, which are merged. What is equal stays in the order in which
//! it came. The files have no names, so that nothing is left behind however the program ends.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::PathBuf;

/// The most runs that are merged at once.
const MOST_RUNS: usize = 64;
/// The bytes that a file is read and written by.
const BUFFER: usize = 1 << 14;

/// Something that is put in order.
pub trait Record: Sized {
    /// Which of two comes first.
    fn order(&self, other: &Self) -> Ordering;

    /// Writes it down.
    ///
    /// # Errors
    /// When the writer fails.
    fn write(&self, out: &mut impl Write) -> io::Result<()>;

    /// Reads what `write` has written; an error of the kind `UnexpectedEof` where nothing follows.
    ///
    /// # Errors
    /// When the reader fails, or ends.
    fn read(input: &mut impl Read) -> io::Result<Self>;
}

/// Sorted runs on the disk.
#[derive(Debug)]
pub struct Runs {
    folder: Option<PathBuf>,
    /// By level. Each run of a level was merged from [`MOST_RUNS`] of the level below, and is older than those that are left
    /// there: so that few files are open at a time.
    levels: Vec<Vec<File>>,
}

impl Runs {
    /// No runs; `folder` is where the files will be, none: where the system keeps such files.
    #[must_use]
    pub fn new(folder: Option<PathBuf>) -> Runs {
        Runs { folder, levels: Vec::new() }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }

    /// Writes records, which are in order, down as a run.
    ///
    /// # Errors
    /// When temporary files cannot be written or read.
    pub fn add<R: Record>(&mut self, sorted: impl Iterator<Item = R>) -> io::Result<()> {
        let mut run = self.written(sorted.map(Ok))?;
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            self.levels[level].push(run);
            if self.levels[level].len() < MOST_RUNS {
                break;
            }
            let full = std::mem::take(&mut self.levels[level]);
            run = self.written(Merge::<R>::new(full)?)?;
        }
        Ok(())
    }

    fn written<R: Record>(&self, records: impl Iterator<Item = io::Result<R>>) -> io::Result<File> {
        let file = match &self.folder {
            Some(folder) => tempfile::tempfile_in(folder),
            None => tempfile::tempfile(),
        };
        let mut out = BufWriter::with_capacity(BUFFER, file?);
        for record in records {
            record?.write(&mut out)?;
        }
        let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(file)
    }

    /// All records, in order.
    ///
    /// # Errors
    /// When temporary files cannot be written or read.
    pub fn merged<R: Record>(mut self) -> io::Result<Merge<R>> {
        let mut runs: Vec<File> = std::mem::take(&mut self.levels).into_iter().rev().flatten().collect();
        while runs.len() > MOST_RUNS {
            let oldest = self.written(Merge::<R>::new(runs.drain(..MOST_RUNS).collect())?)?;
            runs.insert(0, oldest);
        }
        Merge::new(runs)
    }
}

/// Merges sorted runs; of equals, those of the earlier run come first.
#[derive(Debug)]
pub struct Merge<R> {
    runs: Vec<BufReader<File>>,
    /// The next record of each run.
    next: BinaryHeap<Reverse<Next<R>>>,
}

#[derive(Debug)]
struct Next<R> {
    record: R,
    run: usize,
}

impl<R: Record> Ord for Next<R> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.record.order(&other.record).then(self.run.cmp(&other.run))
    }
}

impl<R: Record> PartialOrd for Next<R> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<R: Record> PartialEq for Next<R> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<R: Record> Eq for Next<R> {}

impl<R: Record> Merge<R> {
    fn new(files: Vec<File>) -> io::Result<Merge<R>> {
        let runs = files.into_iter().map(|file| BufReader::with_capacity(BUFFER, file)).collect();
        let mut merge = Merge { runs, next: BinaryHeap::new() };
        for run in 0..merge.runs.len() {
            merge.advance(run)?;
        }
        Ok(merge)
    }

    fn advance(&mut self, run: usize) -> io::Result<()> {
        match R::read(&mut self.runs[run]) {
            Ok(record) => self.next.push(Reverse(Next { record, run })),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

impl<R: Record> Iterator for Merge<R> {
    type Item = io::Result<R>;

    fn next(&mut self) -> Option<io::Result<R>> {
        let Reverse(Next { record, run }) = self.next.pop()?;
        Some(self.advance(run).map(|()| record))
    }
}

/// Puts records in order, in memory as long as they are few.
#[derive(Debug)]
pub struct Sorter<R> {
    in_memory: usize,
    records: Vec<R>,
    runs: Runs,
}

/// Records in order.
#[derive(Debug)]
pub enum Sorted<R> {
    /// They have never left memory.
    Memory(std::vec::IntoIter<R>),
    /// Some of them are on the disk.
    Runs(Merge<R>),
}

impl<R: Record> Sorter<R> {
    /// Sorts with at most so many records in memory, at least one.
    #[must_use]
    pub fn new(in_memory: usize) -> Sorter<R> {
        Sorter { in_memory: in_memory.max(1), records: Vec::new(), runs: Runs::new(None) }
    }

    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && self.runs.is_empty()
    }

    /// Takes a record.
    ///
    /// # Errors
    /// When temporary files cannot be written or read.
    pub fn add(&mut self, record: R) -> io::Result<()> {
        if self.records.len() == self.in_memory {
            self.write_run()?;
        }
        self.records.push(record);
        Ok(())
    }

    fn write_run(&mut self) -> io::Result<()> {
        self.records.sort_by(R::order);
        self.runs.add(self.records.drain(..))
    }

    /// All records, in order.
    ///
    /// # Errors
    /// When temporary files cannot be written or read.
    pub fn finish(mut self) -> io::Result<Sorted<R>> {
        if self.runs.is_empty() {
            self.records.sort_by(R::order);
            return Ok(Sorted::Memory(self.records.into_iter()));
        }
        self.write_run()?;
        drop(self.records);
        self.runs.merged().map(Sorted::Runs)
    }
}

impl<R: Record> Iterator for Sorted<R> {
    type Item = io::Result<R>;

    fn next(&mut self) -> Option<io::Result<R>> {
        match self {
            Sorted::Memory(records) => records.next().map(Ok),
            Sorted::Runs(merge) => merge.next(),
        }
    }
}

/// Writes a text of less than 2^16 bytes down with its length.
///
/// # Errors
/// When the text is longer, or the writer fails.
pub fn write_text(text: &str, out: &mut impl Write) -> io::Result<()> {
    let length = u16::try_from(text.len()).map_err(io::Error::other)?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(text.as_bytes())
}

/// Reads what [`write_text`] has written.
///
/// # Errors
/// When the reader fails, or ends.
pub fn read_text(input: &mut impl Read) -> io::Result<String> {
    let mut bytes = vec![0; usize::from(u16::from_le_bytes(read_array(input)?))];
    input.read_exact(&mut bytes)?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

/// Reads so many bytes.
///
/// # Errors
/// When the reader fails, or ends.
pub fn read_array<const N: usize>(input: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sorted by the first, told apart by the second.
    #[derive(Debug, Clone, PartialEq)]
    struct Pair(u8, String);

    impl Record for Pair {
        fn order(&self, other: &Self) -> Ordering {
            self.0.cmp(&other.0)
        }

        fn write(&self, out: &mut impl Write) -> io::Result<()> {
            out.write_all(&[self.0])?;
            write_text(&self.1, out)
        }

        fn read(input: &mut impl Read) -> io::Result<Self> {
            let [first] = read_array(input)?;
            Ok(Pair(first, read_text(input)?))
        }
    }

    /// Pairs with many equals, each with its place as its text.
    fn shuffled(number: u32) -> Vec<Pair> {
        let first = |place: u32| (place.wrapping_mul(2_654_435_761) >> 26) as u8;
        (0..number).map(|place| Pair(first(place), place.to_string().repeat(place as usize % 3))).collect()
    }

    fn sorted(pairs: &[Pair], in_memory: usize) -> Vec<Pair> {
        let mut sorter = Sorter::new(in_memory);
        for pair in pairs {
            sorter.add(pair.clone()).expect("temporary files");
        }
        sorter.finish().and_then(Iterator::collect).expect("temporary files")
    }

    #[test]
    fn equals_keep_their_order_in_memory_on_the_disk_and_through_several_merges() {
        let pairs = shuffled(1_000);
        let mut expected = pairs.clone();
        expected.sort_by_key(|pair| pair.0);
        for in_memory in [5_000, 1_000, 999, 100, 15, 7, 1] {
            assert_eq!(sorted(&pairs, in_memory), expected, "{in_memory} in memory");
        }
        assert_eq!(sorted(&[], 5), []);
        // 63 runs of one record and 63 of 64, of which the oldest are merged first.
        let pairs = shuffled(63 + 63 * 64);
        let mut expected = pairs.clone();
        expected.sort_by_key(|pair| pair.0);
        assert_eq!(sorted(&pairs, 1), expected, "more runs than are merged at once");
    }

    #[test]
    fn few_files_are_open_however_many_runs_there_are() {
        let mut runs = Runs::new(None);
        for pair in shuffled(9_999) {
            runs.add([pair].into_iter()).expect("temporary files");
        }
        let open: Vec<usize> = runs.levels.iter().map(Vec::len).collect();
        // 9,999 = 2 * 64^2 + 28 * 64 + 15.
        assert_eq!(open, [15, 28, 2]);
    }

    #[test]
    fn a_folder_that_takes_no_files_is_an_error() {
        let mut runs = Runs::new(Some(PathBuf::from("/nowhere/at/all")));
        assert!(runs.add(shuffled(3).into_iter()).is_err());
    }
}
