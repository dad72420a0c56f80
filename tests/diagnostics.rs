//! What is said about wrong scenarios: every file in `tests/data/diagnostics` ends with the findings about it.
//!
//! `PACEWISE_UPDATE_TESTS=1 cargo test --test diagnostics` rewrites the findings; review the difference.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use pacewise::scenario::{Parsed, Scenario, Severity};

const MARK: &str = "#! findings\n";

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/diagnostics");
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files
}

/// Line and column of a byte, both from 1, columns in letters.
fn place(text: &str, at: usize) -> String {
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("{line}:{column}")
}

fn findings(text: &str, parsed: &Parsed) -> String {
    let mut lines = MARK.to_owned();
    for finding in &parsed.diagnostics {
        let severity = if finding.severity == Severity::Error { "error" } else { "warning" };
        let (from, to) = (place(text, finding.span.start), place(text, finding.span.end));
        writeln!(lines, "# {severity} {from}-{to} {}", finding.message).expect("text takes text");
        if let Some(hint) = &finding.hint {
            writeln!(lines, "#     {hint}").expect("text takes text");
        }
    }
    if parsed.scenario.is_some() {
        lines += "# ok\n";
    }
    lines
}

#[test]
fn every_mistake_is_found_in_its_place() {
    let update = std::env::var_os("PACEWISE_UPDATE_TESTS").is_some();
    let files = files();
    assert!(files.len() >= 30, "only {} files", files.len());
    let mut differences = String::new();
    for path in files {
        let whole = fs::read_to_string(&path).expect("it is text");
        let (text, expected) = whole.split_once(MARK).unwrap_or((&whole, ""));
        let beside =
            |name: &str| fs::read_to_string(path.with_file_name(name)).map_err(|_| "no such file".to_owned());
        let found = findings(text, &Scenario::parse_beside(text, "diagnostics", &beside));
        if update {
            fs::write(&path, format!("{text}{found}")).expect("it can be written");
        } else if found != format!("{MARK}{expected}") {
            let _ = write!(differences, "{}\nexpected\n{expected}found\n{found}\n", path.display());
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

#[test]
fn errors_withhold_the_scenario_and_warnings_do_not() {
    let wrong =
        Scenario::parse("start = 2026-01-05\nhorizon_days = 0\n[demand.post]\npoisson = { mean = 1 }\n", "a");
    assert!(wrong.scenario.is_none());
    let odd = Scenario::parse("start = 2026-01-05\nhorizon_days = 9\n[pacing.post]\nper_day = 1\n", "a");
    assert!(odd.diagnostics.iter().all(|finding| finding.severity == Severity::Warning));
    assert_eq!((odd.scenario.is_some(), odd.diagnostics.len()), (true, 2));
}

#[test]
fn lists_have_a_largest_length() {
    let base = "start = 2026-01-05\nhorizon_days = 9\n[demand.post]\npoisson = { mean = 1 }\n";
    let groups = |count| {
        (0..count).fold(base.to_owned(), |text, number| text + &format!("[[group]]\nname = \"{number}\"\n"))
    };
    assert!(Scenario::parse(&groups(1000), "long").scenario.is_some());
    let refused = Scenario::parse(&groups(1001), "long").diagnostics;
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(refused[0].message, "`group` has 1001 entries, at most 1000");
    let demands = (0..1001).fold(String::new(), |text, number| text + &format!("a{number} = {{}}\n"));
    let refused = Scenario::parse(&format!("{base}[pacing]\n{demands}"), "long").diagnostics;
    assert!(
        refused.iter().any(|finding| finding.message == "1001 entries in this table, at most 1000"),
        "{refused:?}"
    );
}

#[test]
fn a_flood_of_mistakes_ends_after_a_hundred() {
    let text: String = (0..500).fold(String::new(), |text, number| text + &format!("unknown_{number} = 1\n"));
    let findings = Scenario::parse(&text, "flood").diagnostics;
    assert_eq!(findings.len(), 101);
    assert_eq!(findings[100].message, "and 402 more findings");
}

#[cfg(feature = "cli")]
#[test]
fn check_tells_bad_scenarios_from_unreadable_files() {
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("it can be written");
        path
    };
    let good = b"start = 2026-01-05\nhorizon_days = 9\n[demand.post]\npoisson = { mean = 1 }\n";
    let with_log = |name: &str, log: &str| {
        let text = format!(
            "start = 2026-01-05\nhorizon_days = 9\ndemand_log = {{ file = \"{log}\", use = \"replay\" }}\n"
        );
        file(name, text.as_bytes())
    };
    file("log.csv", b"account,time,action\na,2026-01-05T09:00:00,post\n");
    file("bad.csv", b"account,time,action\na,2026-01-05T09:00:00,post\na,b,post\n");
    for (path, code, says) in [
        (with_log("logged.toml", "log.csv"), 0, ""),
        (with_log("misread.toml", "bad.csv"), 1, "bad.csv:3: `b` is no time"),
        (with_log("unlogged.toml", "absent.csv"), 1, "absent.csv: no such file"),
        (file("good.toml", good), 0, ""),
        (file("odd.toml", &good[..35]), 0, "warning: nobody does anything"),
        (file("bad.toml", b"start = 2026-01-05\nhorizon_days = 0\n"), 1, "bad.toml:2:16"),
        (folder.path().join("absent.toml"), 2, "no such file"),
        (folder.path().to_owned(), 2, "this is a folder"),
        (file("latin.toml", b"name = \"\xe9\""), 2, "not UTF-8"),
        (file("marked.toml", b"\xef\xbb\xbfstart = 2026-01-05"), 2, "byte order mark"),
        (file("junk.toml", &vec![b'x'; 10_000_000]), 2, "larger than 1 MB"),
    ] {
        let ran = std::process::Command::new(env!("CARGO_BIN_EXE_pacewise")).arg("check").arg(&path).output();
        let ran = ran.expect("it runs");
        let said = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(code), "{}: {said}", path.display());
        assert!(said.contains(says) && !said.contains('\u{1b}'), "{}: {said}", path.display());
        assert_eq!(ran.stdout.is_empty(), code > 0, "{}", path.display());
    }
}
