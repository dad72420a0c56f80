//! Every shipped scenario has a golden file with the table of a short run: `UPDATE_GOLDEN=1 cargo test --test cli` rewrites
//! them; read the difference before you commit it.

use std::collections::BTreeSet;
use std::fs;

use crate::shipped::{all, golden, names};

#[test]
fn every_shipped_scenario_prints_its_golden_table() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut differing = Vec::new();
    for shipped in all() {
        let path = golden(&shipped.name);
        if update {
            fs::write(&path, &shipped.table).expect("it can be written");
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if shipped.table != expected {
            differing.push(format!("{}:\n{}", path.display(), first_difference(&expected, &shipped.table)));
        }
    }
    assert!(differing.is_empty(), "UPDATE_GOLDEN=1 rewrites these:\n{}", differing.join("\n"));
}

fn first_difference(expected: &str, found: &str) -> String {
    let mut pairs = expected.lines().zip(found.lines());
    let (expected, found) =
        pairs.find(|(expected, found)| expected != found).unwrap_or(("", "more or fewer lines"));
    format!("  expected {expected}\n  found    {found}")
}

/// What breaks a platform's terms or hides something.
const NEVER: [&str; 12] = [
    "proxy",
    "proxies",
    "VPN",
    "rotate",
    "hide",
    "disguise",
    "another account",
    "another network",
    "new account",
    "somebody else has to use",
    "share the login",
    "share the password",
];

#[test]
fn no_text_of_a_report_advises_what_breaks_the_terms() {
    for shipped in all() {
        let unwrapped = shipped.table.split_whitespace().collect::<Vec<_>>().join(" ");
        let page = String::from_utf8_lossy(&shipped.files["report.html"]).into_owned();
        for (place, text) in [("table", &unwrapped), ("summary", &shipped.summary["advice"].to_string())] {
            let found: Vec<&&str> = NEVER.iter().filter(|never| text.contains(**never)).collect();
            assert!(found.is_empty(), "{}, {place}: {found:?}", shipped.name);
        }
        assert!(!page.contains("somebody else has to use"), "{}", shipped.name);
    }
}

#[test]
fn no_team_in_danger_is_told_to_keep_to_its_plan() {
    let mut calm = 0;
    for shipped in all() {
        let advice = shipped.summary["advice"].as_array().expect("a list");
        let keep =
            advice.iter().any(|line| line.as_str().is_some_and(|line| line.contains("keep to the plan")));
        let risk = |event: &str| shipped.summary["estimates"][event]["high"].as_f64().expect("a number");
        let worst = risk("flagged").max(risk("disconnected"));
        assert!(!keep || worst < 0.05, "{}: {worst} of accounts are hit: {advice:?}", shipped.name);
        calm += usize::from(keep);
        let named = advice.iter().filter_map(|line| line.as_str()).any(|line| line.contains(" ("));
        assert!(worst < 0.5 || named, "{}: {advice:?}", shipped.name);
    }
    assert!(calm < all().len());
}

#[test]
fn every_golden_file_has_its_scenario() {
    let expected: BTreeSet<_> = names().iter().map(|name| golden(name)).collect();
    let folder = golden("any").parent().expect("a folder").to_owned();
    let files = fs::read_dir(folder).expect("the folder is there");
    let found: BTreeSet<_> = files.map(|entry| entry.expect("it can be listed").path()).collect();
    assert_eq!(found, expected);
}

#[test]
fn tables_fit_a_terminal_and_begin_with_the_verdict() {
    for shipped in all() {
        assert!(shipped.table.lines().all(|line| line.chars().count() <= 100), "{}", shipped.name);
        let verdict = shipped.summary["verdict"].as_str().expect("a verdict");
        let beginning: Vec<&str> = shipped.table.lines().take_while(|line| !line.is_empty()).collect();
        assert_eq!(beginning.join(" "), verdict, "{}", shipped.name);
    }
}
