//! The report that is kept in the repository is the one that its command writes. Ten thousand replicates are too many for a
//! build without optimisation: here its command, version and scenario are compared, and byte by byte all that rests on the
//! first replicates only. `PACEWISE_LONG=1` compares the whole folder, as `.ci/run` does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use pacewise::scenario::Scenario;

use crate::program::{assert_equal_folders, contents, root, succeed, summary, temporary};

const COMMAND: &str = "simulate scenarios/linkedin_outreach.toml";
/// What is made from the daily series and the largest counts, which are kept of the first replicates.
const SAMPLED: [&str; 4] = ["daily.csv", "utilisation.csv", "plots/daily.svg", "plots/utilisation.svg"];
const STALE: &str =
    "the committed report is stale: run `cargo run --release -- simulate scenarios/linkedin_outreach.toml`";

fn committed() -> PathBuf {
    root().join("reports/linkedin_outreach")
}

/// Other targets may round the last digit otherwise.
fn is_this_target() -> bool {
    let target = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    summary(&committed())["target"] == target.as_str()
}

#[test]
fn it_is_of_this_version_this_scenario_and_the_command_of_the_readme() {
    let report = summary(&committed());
    let text = fs::read_to_string(root().join("scenarios/linkedin_outreach.toml")).expect("it is text");
    let scenario = Scenario::parse(&text, "linkedin_outreach").scenario.expect("it is valid");
    assert_eq!(report["scenario_hash"], scenario.hash(), "{STALE}");
    assert_eq!(report["version"], env!("CARGO_PKG_VERSION"), "{STALE}");
    let words: Vec<&str> = "pacewise".split(' ').chain(COMMAND.split(' ')).collect();
    assert_eq!(report["command"], serde_json::json!(words), "{STALE}");
    assert_eq!(Some(report["replicates"].as_u64().expect("a number")), scenario.replicates);
    assert_eq!(Some(report["seed"].as_u64().expect("a number")), scenario.seed);
    assert_eq!(report["stop_reason"], "all replicates asked for are done");
}

#[test]
fn what_rests_on_the_first_replicates_is_fresh() {
    let report = summary(&committed());
    let sampled = report["utilisation"][0]["replicates"].as_u64().expect("a number");
    let place = temporary();
    let out = place.path().join("fresh");
    let words = format!("{COMMAND} --replicates {sampled} --no-curve --out {}", out.display());
    succeed(root(), &words);
    let (old, new) = (contents(&committed()), contents(&out));
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<BTreeSet<_>>();
    let curve = ["curve.csv", "plots/risk_curve.svg", "plots/risk_curve.png"].map(str::to_owned);
    assert_eq!(names(&old), names(&new).into_iter().chain(curve).collect(), "{STALE}");
    assert_eq!(heads(&old), heads(&new), "{STALE}");
    assert_eq!(headings(&old), headings(&new), "{STALE}");
    if is_this_target() {
        for name in SAMPLED {
            assert!(old[name] == new[name], "{name} differs: {STALE}");
        }
    }
}

/// The first line of every CSV file but that of the curve.
fn heads(files: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    const TABLES: [&str; 5] =
        ["estimates.csv", "incidence.csv", "daily.csv", "occupancy.csv", "utilisation.csv"];
    let first_line = |table| String::from_utf8_lossy(&files[table]).lines().next().map(str::to_owned);
    TABLES.into_iter().filter_map(first_line).collect()
}

/// The headings of the page but that of the curve.
fn headings(files: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let page = String::from_utf8_lossy(&files["report.html"]);
    let parts = page.split("<h").skip(1).filter(|part| part.starts_with(|c: char| c.is_ascii_digit()));
    let found: Vec<String> =
        parts.map(|part| part.split("</h").next().unwrap_or_default().to_owned()).collect();
    assert!(found.len() >= 5, "only {found:?}");
    found.into_iter().filter(|heading| !heading.contains("other paces")).collect()
}

#[test]
fn the_whole_report_is_fresh() {
    if std::env::var_os("PACEWISE_LONG").is_none() || !is_this_target() {
        return;
    }
    let place = temporary();
    let out = place.path().join("fresh");
    succeed(root(), &format!("{COMMAND} --out {}", out.display()));
    assert_equal_folders(&committed(), &out);
}
