//! Putting events in order of time: in memory, or in sorted runs on the disk that are merged. Equal times stay in the order of
//! the log. Runs hold the names of accounts, so that those in memory are no more than the events there have.

use std::cmp::Ordering;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use super::names::{Accounts, Name};
use super::{BATCH, Event};
use crate::spill::{Merge, Record, Runs, read_array, read_text, write_text};
use crate::time::Instant;

/// Gathers events.
#[derive(Debug)]
pub(super) struct Sorter {
    in_memory: usize,
    events: Vec<Event>,
    runs: Runs,
}

/// All events, in order.
#[derive(Debug)]
pub(super) enum Gathered {
    Memory(std::vec::IntoIter<Event>),
    Runs(Merge<Named>),
}

/// An event with the name of its account.
#[derive(Debug, PartialEq)]
pub(super) struct Named {
    at: Instant,
    action: u32,
    name: Name,
}

impl Sorter {
    pub(super) fn new(in_memory: usize, folder: Option<PathBuf>) -> Sorter {
        Sorter { in_memory: in_memory.max(1), events: Vec::new(), runs: Runs::new(folder) }
    }

    /// Takes events, and forgets the accounts once all events are on the disk.
    pub(super) fn take(&mut self, batch: &[Event], accounts: &mut Accounts) -> io::Result<()> {
        self.events.extend_from_slice(batch);
        if self.events.len() >= self.in_memory {
            self.write_run(accounts)?;
            accounts.forget_all();
        }
        Ok(())
    }

    fn write_run(&mut self, accounts: &Accounts) -> io::Result<()> {
        self.events.sort_by_key(|event| event.at);
        let name = |account| accounts.at(account).expect("it was read with its event").clone();
        let named = |Event { at, account, action }| Named { at, action, name: name(account) };
        self.runs.add(self.events.drain(..).map(named))
    }

    pub(super) fn finish(mut self, accounts: &mut Accounts) -> io::Result<Gathered> {
        if self.runs.is_empty() {
            self.events.sort_by_key(|event| event.at);
            return Ok(Gathered::Memory(self.events.into_iter()));
        }
        self.write_run(accounts)?;
        accounts.forget_all();
        drop(self.events);
        Ok(Gathered::Runs(self.runs.merged()?))
    }
}

impl Gathered {
    /// Adds the next events to a batch; whether there may be more.
    pub(super) fn read(&mut self, batch: &mut Vec<Event>, accounts: &mut Accounts) -> io::Result<bool> {
        match self {
            Gathered::Memory(events) => batch.extend(events.take(BATCH)),
            Gathered::Runs(merge) => {
                for named in merge.take(BATCH) {
                    let Named { at, action, name } = named?;
                    batch.push(Event { at, account: accounts.of_name(&name), action });
                }
            }
        }
        Ok(!batch.is_empty())
    }
}

/// What a name is, in front of it.
const NUMBER: u8 = 1;
const TEXT: u8 = 0;

impl Record for Named {
    fn order(&self, other: &Self) -> Ordering {
        self.at.cmp(&other.at)
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(&self.at.to_le_bytes())?;
        out.write_all(&self.action.to_le_bytes())?;
        match &self.name {
            Name::Number(number) => {
                out.write_all(&[NUMBER])?;
                out.write_all(&number.to_le_bytes())
            }
            Name::Text(text) => {
                out.write_all(&[TEXT])?;
                write_text(text, out)
            }
        }
    }

    fn read(input: &mut impl Read) -> io::Result<Self> {
        let at = Instant::from_le_bytes(read_array(input)?);
        let action = u32::from_le_bytes(read_array(input)?);
        let name = match read_array(input)? {
            [NUMBER] => Name::Number(u32::from_le_bytes(read_array(input)?)),
            _ => Name::Text(read_text(input)?.into()),
        };
        Ok(Named { at, action, name })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_survive_being_written() {
        let name = |accounts: &mut Accounts, text: &str| {
            let account = accounts.of_text(text);
            accounts.at(account).expect("it was just named").clone()
        };
        let mut accounts = Accounts::default();
        for (at, text) in [(Instant::MIN, "4294967295"), (-1, "é"), (0, "0"), (Instant::MAX, "007")] {
            let event = Named { at, action: u32::MAX - 1, name: name(&mut accounts, text) };
            let mut bytes = Vec::new();
            event.write(&mut bytes).expect("memory");
            assert_eq!(Named::read(&mut bytes.as_slice()).expect("memory"), event);
        }
    }

    #[test]
    fn accounts_in_memory_are_those_of_the_events_there() {
        let mut accounts = Accounts::default();
        let mut sorter = Sorter::new(10, None);
        for number in 0..1_000_u32 {
            let account = accounts.of_text(&format!("a{}", number % 500));
            let event = Event { at: Instant::from(number % 7), account, action: number };
            sorter.take(&[event], &mut accounts).expect("temporary files");
            assert!(accounts.len() <= 10, "{}", accounts.len());
        }
        let mut gathered = sorter.finish(&mut accounts).expect("temporary files");
        let (mut batch, mut seen) = (Vec::new(), Vec::new());
        while gathered.read(&mut batch, &mut accounts).expect("temporary files") {
            seen.extend(batch.drain(..).map(|event| (event.at, event.action, accounts.name(event.account))));
        }
        let mut expected: Vec<_> = (0..1_000)
            .map(|number| (Instant::from(number % 7), number, format!("a{}", number % 500)))
            .collect();
        expected.sort_by_key(|event| event.0);
        assert_eq!(seen, expected);
    }
}
