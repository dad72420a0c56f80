//! The scenarios that are shipped, each simulated once, briefly, for all tests that look at them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;

use crate::program::{contents, json, root, succeed, temporary};

/// Replicates of each.
pub(crate) const REPLICATES: u64 = 300;

/// A shipped scenario and what a run of it gave.
#[derive(Debug)]
pub(crate) struct Shipped {
    /// Path under `scenarios` without the ending.
    pub(crate) name: String,
    /// What stood on standard output.
    pub(crate) table: String,
    pub(crate) summary: Value,
    /// The report's files.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

static ALL: LazyLock<Vec<Shipped>> = LazyLock::new(|| names().into_iter().map(simulated).collect());

/// All shipped scenarios, by name.
pub(crate) fn all() -> &'static [Shipped] {
    &ALL
}

pub(crate) fn shipped(name: &str) -> &'static Shipped {
    ALL.iter().find(|shipped| shipped.name == name).expect(name)
}

/// The scenarios that lie in the folder, so that a new one is found without being listed.
pub(crate) fn names() -> Vec<String> {
    let mut names = Vec::new();
    for folder in ["", "workloads/"] {
        for entry in fs::read_dir(root().join("scenarios").join(folder)).expect("the folder is there") {
            let path = entry.expect("it can be listed").path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                let stem = path.file_stem().expect("a file has a name").to_string_lossy();
                names.push(format!("{folder}{stem}"));
            }
        }
    }
    names.sort();
    assert!(names.len() >= 9, "only {} scenarios", names.len());
    names
}

fn simulated(name: String) -> Shipped {
    let place = temporary();
    let out = place.path().join("report");
    let words = format!(
        "simulate scenarios/{name}.toml --replicates {REPLICATES} --seed 1 --no-curve --out {}",
        out.display()
    );
    let table = succeed(root(), &words).out;
    let files = contents(&out);
    let summary = json(&String::from_utf8_lossy(&files["summary.json"]));
    Shipped { name, table, summary, files }
}

/// An interval of a summary or a CSV file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Interval {
    pub(crate) value: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl From<&Value> for Interval {
    fn from(estimate: &Value) -> Interval {
        let number = |key: &str| estimate[key].as_f64().expect(key);
        Interval { value: number("value"), low: number("low"), high: number("high") }
    }
}

impl Interval {
    /// Whether all of this interval is above all of another.
    pub(crate) fn is_above(&self, other: &Interval) -> bool {
        self.low > other.high
    }
}

impl Shipped {
    /// An estimate of the mean account, by its path under `estimates`.
    pub(crate) fn estimate(&self, pointer: &str) -> Interval {
        found(&self.summary, &format!("/estimates/{pointer}"))
    }

    /// An estimate of the mean account of a group.
    pub(crate) fn of_group(&self, group: &str, pointer: &str) -> Interval {
        let groups = self.summary["groups"].as_array().expect("a list");
        let group = groups.iter().find(|known| known["name"] == group).expect(group);
        found(group, &format!("/estimates/{pointer}"))
    }

    /// The share of accounts whose first disconnection had a cause and came by a day; a group, or "" for all.
    pub(crate) fn first_disconnection(&self, group: &str, cause: &str, day: u32) -> Interval {
        let day = day.to_string();
        let wanted =
            [if group.is_empty() { "account" } else { "group" }, group, "first_disconnection", cause, &day];
        let rows = self.rows("incidence.csv");
        let row = rows.iter().find(|row| row.iter().take(5).eq(wanted)).expect("a row");
        let number = |at: usize| row[at].parse().expect("a number");
        Interval { value: number(5), low: number(6), high: number(7) }
    }

    /// The rows of a CSV file without its head.
    pub(crate) fn rows(&self, file: &str) -> Vec<csv::StringRecord> {
        csv::Reader::from_reader(&self.files[file][..]).records().collect::<Result<_, _>>().expect("tidy CSV")
    }
}

fn found(object: &Value, pointer: &str) -> Interval {
    object.pointer(pointer).unwrap_or_else(|| panic!("no {pointer}")).into()
}

/// The file of the golden table of a scenario.
pub(crate) fn golden(name: &str) -> std::path::PathBuf {
    Path::new(&root().join("tests/data/golden")).join(name.replace('/', "_") + ".txt")
}
