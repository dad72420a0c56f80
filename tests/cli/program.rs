//! Runs the program and looks at what it left behind.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// A team of five at day resolution, quick to simulate, to which everything happens.
pub(crate) const QUICK: &str = r#"
start = 2026-01-05
horizon_days = 40
[demand.message]
poisson = { mean = 10 }
[demand.post]
poisson = { mean = 1 }
[[group]]
name = "established"
count = 3
[[group]]
name = "newcomers"
count = 2
[group.demand.message]
poisson = { mean = 12 }
[[rule]]
name = "messages"
actions = ["message"]
windows = [{ calendar = "day", limit = 16 }, { trailing_days = 7, limit = 60 }]
detection = { per = "day", probability = 0.02 }
[ladder]
rungs = ["warning", { restriction = { fixed = 3 } }, "permanent"]
[token]
lifetime_days = 30
[[incident]]
cause = "password_changed"
per_day = 0.01
"#;

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn temporary() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// The program, to be run in a folder.
pub(crate) fn program(place: &Path) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("pacewise"));
    command.current_dir(place);
    command
}

/// How a run ended and what it said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        let text = |bytes| String::from_utf8(bytes).expect("the program writes UTF-8");
        Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// Runs the program in a folder with words separated by blanks.
pub(crate) fn run(place: &Path, words: &str) -> Ran {
    program(place).args(words.split_whitespace()).output().expect("it runs").into()
}

/// As [`run`], for what is meant to work.
pub(crate) fn succeed(place: &Path, words: &str) -> Ran {
    let ran = run(place, words);
    assert_eq!(ran.code, Some(0), "{words}: {}", ran.err);
    ran
}

pub(crate) fn write(place: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = place.join(name);
    fs::write(&path, bytes).expect("it can be written");
    path
}

/// Every file under a folder with its bytes, by its path in it; folders have none.
pub(crate) fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(&inner).expect("a folder") {
            let path = entry.expect("it can be listed").path();
            let name = path.strip_prefix(folder).expect("it lies in the folder").display().to_string();
            if path.is_dir() {
                found.insert(name + "/", Vec::new());
                folders.push(path);
            } else {
                found.insert(name, fs::read(&path).expect("it can be read"));
            }
        }
    }
    found
}

/// Asserts that two folders hold the same files with the same bytes, and that they are whole reports.
pub(crate) fn assert_equal_folders(one: &Path, other: &Path) {
    let (one, other) = (contents(one), contents(other));
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&one), names(&other));
    for (name, bytes) in &one {
        assert!(*bytes == other[name], "{name} differs");
    }
}

pub(crate) fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON and nothing else")
}

pub(crate) fn summary(folder: &Path) -> Value {
    json(&fs::read_to_string(folder.join("summary.json")).expect("a summary"))
}
