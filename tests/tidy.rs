//! The order of the house: who may know whom, and what no file may hold. See `ARCHITECTURE.md`.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, lowest first. A room may import rooms of a lower rank only; rooms of one rank do not see each other.
const RANKS: [(&str, u32); 25] = [
    ("time", 0),
    ("random", 0),
    ("spill", 0),
    ("stats", 0),
    ("numbers", 1),
    ("rules", 1),
    ("eventlog", 2),
    ("limiter", 2),
    ("scenario", 2),
    ("results", 2),
    ("rulebook", 3),
    ("model", 3),
    ("scan", 4),
    ("tally", 4),
    ("estimate", 5),
    ("engine", 6),
    ("load", 7),
    ("pace", 7),
    ("savings", 7),
    ("plot", 8),
    ("serve", 8),
    ("report", 9),
    ("lib", 10),
    ("cli", 11),
    ("main", 12),
];

/// What a room must not know although its rank would allow it.
const MUST_NOT_KNOW: [(&str, &[&str]); 11] = [
    ("rules", &["random", "stats"]),
    ("limiter", &["random", "stats", "numbers"]),
    ("eventlog", &["random", "stats", "numbers", "rules"]),
    ("rulebook", &["random", "stats", "numbers", "eventlog", "limiter", "results"]),
    ("scan", &["random", "numbers", "scenario", "results", "model"]),
    ("scenario", &["random", "stats"]),
    ("results", &["random", "time"]),
    ("model", &["stats", "numbers", "results"]),
    (
        "serve",
        &[
            "random", "stats", "scenario", "results", "model", "tally", "estimate", "engine", "pace",
            "savings",
        ],
    ),
    ("plot", &["random", "model", "tally", "estimate", "engine", "pace"]),
    ("report", &["random", "model", "tally", "estimate", "engine", "pace"]),
];

/// Imports against the order that are known and shall go; an entry that is no longer needed fails too.
const OWED: [(&str, &str); 0] = [];

/// The longest file, in lines.
const LONGEST: usize = 600;

struct Source {
    path: PathBuf,
    room: String,
    text: String,
    /// Without comments and without what is compiled for tests only.
    code: String,
}

fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    collect(&root.join(folder), &mut paths);
    paths.sort();
    let mut sources: Vec<Source> = paths.iter().map(|path| source(path, &root.join(folder))).collect();
    let tests_only: Vec<PathBuf> = sources.iter().flat_map(modules_of_tests).collect();
    for source in sources.iter_mut().filter(|source| tests_only.contains(&source.path)) {
        source.code.clear();
    }
    sources
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

fn source(path: &Path, folder: &Path) -> Source {
    let text = fs::read_to_string(path).expect("sources are text");
    let first = path.strip_prefix(folder).expect("it lies in the folder").iter().next();
    let room = first.expect("a file has a name").to_string_lossy();
    let code = without_tests(&text);
    Source { path: path.to_owned(), room: room.trim_end_matches(".rs").to_owned(), text, code }
}

/// Leaves out comments and every item under `#[cfg(test)]`; relies on the layout of rustfmt.
fn without_tests(text: &str) -> String {
    let mut code = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let indent = line.len() - line.trim_start().len();
        if line.trim() == "#[cfg(test)]" {
            let closes = |line: &str| line.trim_end() == format!("{}}}", " ".repeat(indent));
            let is_one_line = |line: &str| line.trim_end().ends_with(';');
            let mut first = true;
            for skipped in lines.by_ref() {
                if closes(skipped) || (first && is_one_line(skipped)) {
                    break;
                }
                first = skipped.trim_start().starts_with("#[");
            }
        } else {
            let end = line.find("//").filter(|&at| !line[..at].ends_with(':')).unwrap_or(line.len());
            code += &line[..end];
            code.push('\n');
        }
    }
    code
}

/// The files of modules that are declared for tests only.
fn modules_of_tests(source: &Source) -> Vec<PathBuf> {
    let lines: Vec<&str> = source.text.lines().map(str::trim).collect();
    let declared = lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]");
    let names = declared.filter_map(|pair| pair[1].strip_prefix("mod ")?.strip_suffix(';'));
    let stem = source.path.file_stem().unwrap_or_default();
    let folder = if stem == "mod" || stem == "lib" || stem == "main" {
        source.path.with_file_name("")
    } else {
        source.path.with_extension("")
    };
    names.flat_map(|name| [folder.join(format!("{name}.rs")), folder.join(name).join("mod.rs")]).collect()
}

/// The rooms that code names after `crate::`, those of grouped imports too.
fn imports(code: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for (at, path) in code.match_indices("crate::") {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &code[at + path.len()..];
        match rest.strip_prefix('{') {
            Some(group) => rooms.extend(heads(group)),
            None => rooms.push(head(rest)),
        }
    }
    rooms.retain(|room| !room.is_empty());
    rooms
}

/// The first names of the paths of a group, up to its closing brace.
fn heads(group: &str) -> Vec<String> {
    let (mut depth, mut starts, mut found) = (0_u32, true, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => starts = true,
            c if starts && !c.is_whitespace() => {
                found.push(head(&group[at..]));
                starts = false;
            }
            _ => {}
        }
    }
    found
}

fn head(path: &str) -> String {
    path.chars().take_while(|&c| c.is_alphanumeric() || c == '_').collect()
}

fn rank(room: &str) -> Option<u32> {
    RANKS.iter().find(|(name, _)| *name == room).map(|(_, rank)| *rank)
}

fn is_allowed(room: &str, other: &str) -> bool {
    let blind = MUST_NOT_KNOW.iter().any(|(name, others)| *name == room && others.contains(&other));
    room == other || (rank(other) < rank(room) && rank(other).is_some() && !blind)
}

#[test]
fn rooms_know_only_rooms_below_them() {
    let (mut seen, mut wrong, mut owed) = (0, Vec::new(), Vec::new());
    for source in sources("src") {
        assert!(rank(&source.room).is_some(), "`{}` has no rank: {}", source.room, source.path.display());
        for other in imports(&source.code) {
            seen += 1;
            if is_allowed(&source.room, &other) {
                continue;
            }
            let pair = OWED.iter().find(|pair| **pair == (source.room.as_str(), other.as_str()));
            match pair {
                Some(pair) => owed.push(*pair),
                None => wrong.push(format!("{}: crate::{other}", source.path.display())),
            }
        }
    }
    assert!(seen >= 100, "only {seen} imports found: nothing is proved");
    assert!(wrong.is_empty(), "against the order:\n{}", wrong.join("\n"));
    for pair in OWED {
        assert!(owed.contains(&pair), "{pair:?} is no longer owed: take it off the list");
    }
}

#[test]
fn every_rank_has_its_room() {
    let rooms: Vec<String> = sources("src").into_iter().map(|source| source.room).collect();
    for (room, _) in RANKS {
        assert!(rooms.iter().any(|known| known == room), "no room is called `{room}`");
    }
}

#[test]
fn imports_are_found_in_every_form() {
    let code = "use crate::time;\nuse crate::{rules::{Limit, Rule},\n    stats::Estimate, random};\nfn f(a: crate::model::Model) {}\npub(crate) fn g() {}\n";
    assert_eq!(imports(code), ["time", "rules", "stats", "random", "model"]);
    let tested = "use crate::time;\n#[cfg(test)]\nmod tests {\n    use crate::engine;\n}\n// crate::report\nfn f() {}\n";
    assert_eq!(imports(&without_tests(tested)), ["time"]);
    assert!(without_tests(tested).contains("fn f()"));
    assert!(is_allowed("model", "rules") && is_allowed("model", "model"));
    assert!(
        !is_allowed("rules", "model") && !is_allowed("rules", "numbers") && !is_allowed("rules", "random")
    );
}

#[test]
fn files_say_what_they_are_for_and_stay_short() {
    for folder in ["src", "tests", "benches"] {
        for source in sources(folder) {
            let path = source.path.display();
            assert!(source.text.starts_with("//! "), "{path} does not start with a line of `//!`");
            let lines = source.text.lines().count();
            assert!(lines <= LONGEST, "{path} has {lines} lines, at most {LONGEST} are allowed");
        }
    }
}

/// What only the command line and the clock of the load harness may do.
fn reads_clock(banned: &str) -> bool {
    matches!(banned, "Instant::now" | "SystemTime")
}

#[test]
fn the_library_neither_panics_lightly_nor_prints_nor_reads_clocks() {
    const BANNED: [&str; 8] =
        [".unwrap()", "println!", "print!(", "dbg!", "todo!", "Instant::now", "SystemTime", "thread_rng"];
    for source in sources("src") {
        for banned in BANNED {
            let is_clock = source.path.ends_with("load/clock.rs");
            let may = (source.room == "cli" && banned == "Instant::now") || (is_clock && reads_clock(banned));
            let found = source.code.contains(banned);
            assert!(may || !found, "{} holds `{banned}`", source.path.display());
        }
    }
}
