//! Putting events in order of time: in memory, or in sorted runs on the disk that are merged. Equal times stay in the order of
//! the log. Temporary files have no names, so that nothing is left behind however the program ends.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::PathBuf;

use super::{BATCH, Event};
use crate::time::Instant;

/// The most runs that are merged at once.
const MOST_RUNS: usize = 64;

/// The bytes of an event in a run.
const WRITTEN: usize = 16;

/// Gathers events.
#[derive(Debug)]
pub(super) struct Sorter {
    in_memory: usize,
    folder: Option<PathBuf>,
    events: Vec<Event>,
    /// By level: sorted runs. Each of a level was merged from [`MOST_RUNS`] of the level below, and is older than those that are
    /// left there: so that few files are open at a time.
    levels: Vec<Vec<File>>,
}

/// All events, in order.
#[derive(Debug)]
pub(super) enum Gathered {
    Memory(std::vec::IntoIter<Event>),
    Runs(Merge),
}

impl Sorter {
    pub(super) fn new(in_memory: usize, folder: Option<PathBuf>) -> Sorter {
        Sorter { in_memory: in_memory.max(1), folder, events: Vec::new(), levels: Vec::new() }
    }

    pub(super) fn take(&mut self, mut batch: &[Event]) -> io::Result<()> {
        while !batch.is_empty() {
            if self.events.len() == self.in_memory {
                self.write_run()?;
            }
            let room = (self.in_memory - self.events.len()).min(batch.len());
            self.events.extend_from_slice(&batch[..room]);
            batch = &batch[room..];
        }
        Ok(())
    }

    fn write_run(&mut self) -> io::Result<()> {
        self.events.sort_by_key(|event| event.at);
        let mut run = self.written(self.events.iter().copied().map(Ok))?;
        self.events.clear();
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            self.levels[level].push(run);
            if self.levels[level].len() < MOST_RUNS {
                break;
            }
            let full = std::mem::take(&mut self.levels[level]);
            run = self.written(Merge::new(full)?)?;
        }
        Ok(())
    }

    fn written(&self, events: impl Iterator<Item = io::Result<Event>>) -> io::Result<File> {
        let file = match &self.folder {
            Some(folder) => tempfile::tempfile_in(folder),
            None => tempfile::tempfile(),
        };
        let mut out = BufWriter::with_capacity(1 << 16, file?);
        for event in events {
            out.write_all(&packed(event?))?;
        }
        let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(file)
    }

    pub(super) fn finish(mut self) -> io::Result<Gathered> {
        if self.levels.is_empty() {
            self.events.sort_by_key(|event| event.at);
            return Ok(Gathered::Memory(self.events.into_iter()));
        }
        self.write_run()?;
        self.events = Vec::new();
        let mut runs: Vec<File> = std::mem::take(&mut self.levels).into_iter().rev().flatten().collect();
        while runs.len() > MOST_RUNS {
            let oldest = self.written(Merge::new(runs.drain(..MOST_RUNS).collect())?)?;
            runs.insert(0, oldest);
        }
        Ok(Gathered::Runs(Merge::new(runs)?))
    }
}

impl Gathered {
    /// Adds the next events to a batch; whether there may be more.
    pub(super) fn read(&mut self, batch: &mut Vec<Event>) -> io::Result<bool> {
        match self {
            Gathered::Memory(events) => batch.extend(events.take(BATCH)),
            Gathered::Runs(merge) => {
                for event in merge.take(BATCH) {
                    batch.push(event?);
                }
            }
        }
        Ok(!batch.is_empty())
    }
}

/// Merges sorted runs; of equal times, those of the earlier run come first.
#[derive(Debug)]
pub(super) struct Merge {
    runs: Vec<BufReader<File>>,
    /// By time and run: the next event of each run.
    next: BinaryHeap<Reverse<(Instant, usize, [u32; 2])>>,
}

impl Merge {
    fn new(files: Vec<File>) -> io::Result<Merge> {
        let runs = files.into_iter().map(|file| BufReader::with_capacity(1 << 16, file)).collect();
        let mut merge = Merge { runs, next: BinaryHeap::new() };
        for run in 0..merge.runs.len() {
            merge.advance(run)?;
        }
        Ok(merge)
    }

    fn advance(&mut self, run: usize) -> io::Result<()> {
        let mut bytes = [0; WRITTEN];
        match self.runs[run].read_exact(&mut bytes) {
            Ok(()) => {
                let event = unpacked(bytes);
                self.next.push(Reverse((event.at, run, [event.account, event.action])));
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl Iterator for Merge {
    type Item = io::Result<Event>;

    fn next(&mut self) -> Option<io::Result<Event>> {
        let Reverse((at, run, [account, action])) = self.next.pop()?;
        Some(self.advance(run).map(|()| Event { at, account, action }))
    }
}

fn packed(event: Event) -> [u8; WRITTEN] {
    let words =
        u128::from(event.at as u64) | (u128::from(event.account) << 64) | (u128::from(event.action) << 96);
    words.to_le_bytes()
}

fn unpacked(bytes: [u8; WRITTEN]) -> Event {
    let words = u128::from_le_bytes(bytes);
    Event { at: words as i64, account: (words >> 64) as u32, action: (words >> 96) as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Events with many equal times, each with its place as its account.
    fn shuffled(number: u32) -> Vec<Event> {
        let time = |place: u32| Instant::from(place.wrapping_mul(2_654_435_761) >> 26) - 20;
        (0..number).map(|place| Event { at: time(place), account: place, action: place % 3 }).collect()
    }

    fn sorted(events: &[Event], in_memory: usize) -> Vec<Event> {
        let mut sorter = Sorter::new(in_memory, None);
        events.chunks(7).for_each(|batch| sorter.take(batch).expect("temporary files"));
        let (mut gathered, mut all) = (sorter.finish().expect("temporary files"), Vec::new());
        let mut batch = Vec::new();
        while gathered.read(&mut batch).expect("temporary files") {
            all.append(&mut batch);
        }
        all
    }

    #[test]
    fn equal_times_keep_their_order_in_memory_on_the_disk_and_through_several_merges() {
        let events = shuffled(1_000);
        let mut expected = events.clone();
        expected.sort_by_key(|event| (event.at, event.account));
        for in_memory in [5_000, 1_000, 999, 100, 15, 7, 1] {
            assert_eq!(sorted(&events, in_memory), expected, "{in_memory} in memory");
        }
        assert_eq!(sorted(&[], 5), []);
    }

    #[test]
    fn events_survive_being_written() {
        for at in [Instant::MIN, -1, 0, Instant::MAX] {
            let event = Event { at, account: u32::MAX, action: u32::MAX - 1 };
            assert_eq!(unpacked(packed(event)), event);
        }
    }

    #[test]
    fn few_files_are_open_however_many_runs_there_are() {
        let mut sorter = Sorter::new(1, None);
        sorter.take(&shuffled(10_000)).expect("temporary files");
        let open: Vec<usize> = sorter.levels.iter().map(Vec::len).collect();
        // The last event is still in memory: 9,999 = 2 * 64^2 + 28 * 64 + 15.
        assert_eq!(open, [15, 28, 2]);
    }

    #[test]
    fn a_folder_that_takes_no_files_is_an_error() {
        let mut sorter = Sorter::new(1, Some(PathBuf::from("/nowhere/at/all")));
        assert!(sorter.take(&shuffled(3)).is_err());
    }
}
