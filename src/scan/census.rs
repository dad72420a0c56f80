//! What accounts did in all, each counted once, however often they were let go and came back.

use std::cmp::Ordering;
use std::io::{self, Read, Write};

use crate::spill::{Record, Sorted, Sorter, read_array, read_text, write_text};

/// What an account did to a limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) breaches: u64,
    pub(super) near: u64,
    /// The highest count of the window.
    pub(super) highest: u32,
}

/// Accounts that were let go. Beyond so many they are in temporary files.
#[derive(Debug)]
pub(super) struct Census {
    limits: usize,
    gone: Sorter<Past>,
}

/// What an account did until it was let go.
#[derive(Debug, PartialEq)]
struct Past {
    name: String,
    /// Of limits that count something that it did.
    sums: Vec<(u32, Sum)>,
}

/// So many accounts that are gone, and so many lines, are in memory.
const IN_MEMORY: usize = 1 << 14;

impl Census {
    pub(super) fn new(limits: usize) -> Census {
        Census { limits, gone: Sorter::new(IN_MEMORY) }
    }

    /// Whether none was let go.
    pub(super) fn is_empty(&self) -> bool {
        self.gone.is_empty()
    }

    /// Takes what an account did, by limit.
    pub(super) fn add(&mut self, name: String, sums: impl Iterator<Item = Sum>) -> io::Result<()> {
        let sums = (0..).zip(sums).filter(|(_, sum)| *sum != Sum::default()).collect();
        self.gone.add(Past { name, sums })
    }

    /// Hands over each account with all that it did, by limit, in the order of their names.
    pub(super) fn each(self, mut see: impl FnMut(&str, &[Sum]) -> io::Result<()>) -> io::Result<()> {
        let mut pasts = self.gone.finish()?.peekable();
        let mut sums = vec![Sum::default(); self.limits];
        while let Some(past) = pasts.next().transpose()? {
            for (limit, more) in &past.sums {
                sums[*limit as usize].add(more);
            }
            if !matches!(pasts.peek(), Some(Ok(next)) if next.name == past.name) {
                see(&past.name, &sums)?;
                sums.fill(Sum::default());
            }
        }
        Ok(())
    }
}

impl Sum {
    fn add(&mut self, more: &Sum) {
        self.breaches += more.breaches;
        self.near += more.near;
        self.highest = self.highest.max(more.highest);
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(&self.breaches.to_le_bytes())?;
        out.write_all(&self.near.to_le_bytes())?;
        out.write_all(&self.highest.to_le_bytes())
    }

    fn read(input: &mut impl Read) -> io::Result<Sum> {
        let mut whole = || read_array(input).map(u64::from_le_bytes);
        let (breaches, near) = (whole()?, whole()?);
        Ok(Sum { breaches, near, highest: u32::from_le_bytes(read_array(input)?) })
    }
}

impl Record for Past {
    fn order(&self, other: &Self) -> Ordering {
        self.name.cmp(&other.name)
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        write_text(&self.name, out)?;
        out.write_all(&(self.sums.len() as u32).to_le_bytes())?;
        self.sums.iter().try_for_each(|(limit, sum)| {
            out.write_all(&limit.to_le_bytes())?;
            sum.write(out)
        })
    }

    fn read(input: &mut impl Read) -> io::Result<Self> {
        let name = read_text(input)?;
        let some = u32::from_le_bytes(read_array(input)?);
        let sums = (0..some).map(|_| Ok((u32::from_le_bytes(read_array(input)?), Sum::read(input)?)));
        let sums = sums.collect::<io::Result<_>>()?;
        Ok(Past { name, sums })
    }
}

/// What an account did to one limit.
#[derive(Debug, PartialEq)]
pub(super) struct Line {
    pub(super) name: String,
    /// Counted over all rules.
    pub(super) limit: usize,
    pub(super) sum: Sum,
}

/// Lines in the order in which they are told: most breaches first, then most near misses, then by name and limit.
#[derive(Debug)]
pub(super) enum Lines {
    /// All of them; beyond so many they are in temporary files.
    All(Sorter<Line>),
    /// So many, of which others may have to go again.
    First(usize, Vec<Line>),
}

impl Lines {
    pub(super) fn all() -> Lines {
        Lines::All(Sorter::new(IN_MEMORY))
    }

    pub(super) fn first(most: usize) -> Lines {
        Lines::First(most, Vec::new())
    }

    pub(super) fn add(&mut self, line: Line) -> io::Result<()> {
        match self {
            Lines::All(sorter) => return sorter.add(line),
            Lines::First(most, lines) => {
                lines.push(line);
                if lines.len() >= most.saturating_mul(2).saturating_add(IN_MEMORY) {
                    cut(*most, lines);
                }
            }
        }
        Ok(())
    }

    pub(super) fn in_order(self) -> io::Result<Sorted<Line>> {
        match self {
            Lines::All(sorter) => sorter.finish(),
            Lines::First(most, mut lines) => {
                cut(most, &mut lines);
                Ok(Sorted::Memory(lines.into_iter()))
            }
        }
    }
}

fn cut(most: usize, lines: &mut Vec<Line>) {
    lines.sort_by(Line::order);
    lines.truncate(most);
}

impl Record for Line {
    fn order(&self, other: &Self) -> Ordering {
        let most = |line: &Line| (line.sum.breaches, line.sum.near);
        most(other).cmp(&most(self)).then_with(|| (&self.name, self.limit).cmp(&(&other.name, other.limit)))
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        write_text(&self.name, out)?;
        out.write_all(&(self.limit as u32).to_le_bytes())?;
        self.sum.write(out)
    }

    fn read(input: &mut impl Read) -> io::Result<Self> {
        let name = read_text(input)?;
        let limit = u32::from_le_bytes(read_array(input)?) as usize;
        Ok(Line { name, limit, sum: Sum::read(input)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(breaches: u64, near: u64, highest: u32) -> Sum {
        Sum { breaches, near, highest }
    }

    #[test]
    fn records_survive_being_written() {
        let past = Past {
            name: "é".repeat(128),
            sums: vec![(0, sum(u64::MAX, 0, 1)), (u32::MAX, sum(0, u64::MAX, u32::MAX))],
        };
        let line = Line { name: String::new(), limit: 3, sum: sum(1, 2, 3) };
        let mut bytes = Vec::new();
        past.write(&mut bytes).and_then(|()| line.write(&mut bytes)).expect("memory");
        let mut input = bytes.as_slice();
        assert_eq!(Past::read(&mut input).expect("memory"), past);
        assert_eq!(Line::read(&mut input).expect("memory"), line);
        assert!(input.is_empty());
    }

    #[test]
    fn an_account_that_came_back_is_one_account() {
        let mut census = Census { limits: 2, gone: Sorter::new(2) };
        for (name, first, second) in [
            ("b", sum(1, 0, 4), sum(0, 0, 1)),
            ("a", sum(0, 2, 9), sum(0, 0, 0)),
            ("b", sum(5, 1, 3), sum(0, 7, 2)),
            ("c", sum(0, 0, 0), sum(0, 0, 0)),
            ("b", sum(1, 1, 1), sum(0, 0, 0)),
        ] {
            census.add(name.into(), [first, second].into_iter()).expect("temporary files");
        }
        let mut seen = Vec::new();
        let see = |name: &str, sums: &[Sum]| {
            seen.push((name.to_owned(), sums.to_vec()));
            Ok(())
        };
        census.each(see).expect("temporary files");
        let expected = [
            ("a", [sum(0, 2, 9), sum(0, 0, 0)]),
            ("b", [sum(7, 2, 4), sum(0, 7, 2)]),
            ("c", [sum(0, 0, 0); 2]),
        ];
        assert_eq!(seen, expected.map(|(name, sums)| (name.to_owned(), sums.to_vec())));
    }

    #[test]
    fn the_first_lines_are_those_of_all() {
        let line = |place: u64| Line {
            name: format!("a{}", place % 77),
            limit: place as usize % 3,
            sum: sum(place.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58, place % 5, 1),
        };
        let told = |mut lines: Lines, number: u64| -> Vec<Line> {
            (0..number).try_for_each(|place| lines.add(line(place))).expect("temporary files");
            lines.in_order().and_then(|lines| lines.take(20).collect()).expect("temporary files")
        };
        for number in [0, 3, 20, 21, 20_000, 40_000] {
            assert_eq!(told(Lines::first(20), number), told(Lines::all(), number), "{number}");
        }
    }
}
