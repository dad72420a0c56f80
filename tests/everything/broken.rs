//! Ways to break a scenario's text.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;

/// One thing done to a text.
#[derive(Debug, Clone)]
pub(crate) enum Damage {
    /// A line is missing.
    Delete(Index),
    /// A line stands twice.
    Repeat(Index),
    /// Two lines change places.
    Swap(Index, Index),
    /// The text ends early.
    Cut(Index),
    /// A value is of another type, or far out of range.
    Value(Index, &'static str),
    /// A number is.
    Number(Index, &'static str),
    /// A name is unknown.
    Name(Index),
    /// Bytes fell into it.
    Bytes(Index, Vec<u8>),
}

const VALUES: [&str; 12] = [
    "true",
    "[]",
    "{}",
    "\"\"",
    "-1",
    "1e308",
    "nan",
    "2026-01-05",
    "[1, \"a\"]",
    "{ a = 1 }",
    "\"24h\"",
    "99999999999999999999",
];
const NUMBERS: [&str; 10] =
    ["0", "-1", "1.5", "1e999", "inf", "4294967296", "1000001", "36526", "20001", "0.000001"];

pub(crate) fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    prop_oneof![
        at().prop_map(Damage::Delete),
        at().prop_map(Damage::Repeat),
        (at(), at()).prop_map(|(one, other)| Damage::Swap(one, other)),
        at().prop_map(Damage::Cut),
        (at(), proptest::sample::select(&VALUES[..])).prop_map(|(at, value)| Damage::Value(at, value)),
        (at(), proptest::sample::select(&NUMBERS[..])).prop_map(|(at, number)| Damage::Number(at, number)),
        at().prop_map(Damage::Name),
        (at(), proptest::collection::vec(any::<u8>(), 1..6)).prop_map(|(at, bytes)| Damage::Bytes(at, bytes)),
    ]
}

impl Damage {
    /// The text afterwards.
    pub(crate) fn apply(&self, text: &str) -> String {
        let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
        if lines.is_empty() {
            return text.to_owned();
        }
        match self {
            Damage::Delete(at) => drop(lines.remove(at.index(lines.len()))),
            Damage::Repeat(at) => {
                let at = at.index(lines.len());
                lines.insert(at, lines[at]);
            }
            Damage::Swap(one, other) => {
                let all = lines.len();
                lines.swap(one.index(all), other.index(all));
            }
            Damage::Cut(at) => {
                let end = text.char_indices().map(|(place, _)| place).nth(at.index(text.chars().count()));
                return text[..end.unwrap_or(0)].to_owned();
            }
            Damage::Value(at, value) => return replaced(text, *at, &values(text), value),
            Damage::Number(at, number) => return replaced(text, *at, &numbers(text), number),
            Damage::Name(at) => return replaced(text, *at, &names(text), "\"nobody\""),
            Damage::Bytes(at, bytes) => {
                let mut all = text.as_bytes().to_vec();
                let at = at.index(all.len());
                all.splice(at..at, bytes.iter().copied());
                return String::from_utf8_lossy(&all).into_owned();
            }
        }
        lines.concat()
    }
}

fn replaced(text: &str, at: Index, places: &[(usize, usize)], new: &str) -> String {
    if places.is_empty() {
        return text.to_owned();
    }
    let (from, to) = places[at.index(places.len())];
    format!("{}{new}{}", &text[..from], &text[to..])
}

/// What stands behind an equals sign, up to the end of its line.
fn values(text: &str) -> Vec<(usize, usize)> {
    let behind = |(at, _): (usize, &str)| (at + 2, at + text[at..].find('\n').unwrap_or(text.len() - at));
    text.match_indices("= ").map(behind).filter(|(from, to)| from <= to).collect()
}

fn numbers(text: &str) -> Vec<(usize, usize)> {
    let part = |c: char| c.is_ascii_digit() || c == '.';
    let begins = text.match_indices(' ').map(|(at, _)| at + 1);
    let number = |from: usize| {
        let length = text[from..].find(|c| !part(c)).unwrap_or(text.len() - from);
        (from, from + length)
    };
    begins.map(number).filter(|(from, to)| from < to).collect()
}

fn names(text: &str) -> Vec<(usize, usize)> {
    let quotes: Vec<usize> = text.match_indices('"').map(|(at, _)| at).collect();
    quotes.chunks_exact(2).map(|pair| (pair[0], pair[1] + 1)).collect()
}

/// A shipped scenario's text.
pub(crate) fn shipped() -> impl Strategy<Value = String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let entries = fs::read_dir(folder).expect("the scenarios are there").filter_map(Result::ok);
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    let texts = paths.iter().map(|path| fs::read_to_string(path).expect("it is text"));
    proptest::sample::select(texts.collect::<Vec<String>>())
}
