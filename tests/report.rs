//! What presenters promise: readable tables, a JSON file that keeps its schema, tidy CSV, and folders that are written whole
//! or not at all.

#[path = "report/advice.rs"]
mod advice;
#[path = "report/closing.rs"]
mod closing;
#[cfg(feature = "plot")]
#[path = "report/drawn.rs"]
mod drawn;
#[path = "report/fixture.rs"]
mod fixture;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use fixture::{curve, provenance, results, savings, scenario, share};
use pacewise::report::{
    Format, PaceAnswer, PaceReport, Provenance, Report, ReportError, pace_verdict, token_expiry, verdict,
    write, write_combined_csv, write_folder, write_pace, write_pace_folder,
};
use pacewise::results::{Results, RiskCurve, Savings, Warning};
use pacewise::scenario::Scenario;
use serde_json::Value;

struct Run {
    scenario: Scenario,
    provenance: Provenance,
    results: Results,
    curve: RiskCurve,
    savings: Savings,
}

impl Run {
    fn new() -> Run {
        Run {
            scenario: scenario(),
            provenance: provenance(),
            results: results(),
            curve: curve(),
            savings: savings(),
        }
    }

    fn report(&self) -> Report<'_> {
        Report {
            scenario: &self.scenario,
            provenance: &self.provenance,
            results: &self.results,
            curve: Some(&self.curve),
            savings: Some(&self.savings),
        }
    }

    fn text(&self, format: Format) -> String {
        let mut out = Vec::new();
        write(&self.report(), format, &mut out).expect("a vector takes every byte");
        String::from_utf8(out).expect("text")
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text(Format::Json)).expect("JSON")
    }
}

#[test]
fn the_table_reads_as_in_the_golden_file() {
    let text = Run::new().text(Format::Table);
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report/table.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&golden, &text).expect("golden file written");
    }
    assert_eq!(
        text,
        fs::read_to_string(golden).expect("golden file"),
        "run with UPDATE_GOLDEN=1 and read the difference"
    );
    assert!(text.lines().all(|line| line.chars().count() <= 100));
}

#[test]
fn the_verdict_names_the_risk_the_team_the_main_cause_and_the_binding_window() {
    assert_eq!(
        verdict(&Run::new().report()),
        "12.3 % [11.9, 12.8] of accounts are flagged within 90 days; the team of 5 has a 46.0 % chance that at least one \
         is; 52.0 % are disconnected at least once, most often by token_expired; connection_request 7 d binds first (median \
         of group seasoned 88 % of its limit)"
    );
}

#[test]
fn a_verdict_without_events_team_or_rules_says_so_with_a_bound() {
    let mut run = Run::new();
    run.results.accounts = 1;
    let account = &mut run.results.mean_account;
    account.flagged = share(0.0);
    account.disconnected = share(0.0);
    account.first_disconnection.clear();
    account.utilisation.clear();
    run.results.groups.clear();
    run.results.warnings.push(Warning::Interrupted);
    assert_eq!(
        verdict(&run.report()),
        "partial results: no account was flagged within 90 days (risk < 0.020 %)"
    );
}

#[test]
fn nothing_seen_is_never_a_bare_zero() {
    let text = Run::new().text(Format::Table);
    for row in ["permanent restriction", "admin_role_lost"] {
        let lines: Vec<&str> = text.lines().filter(|line| line.contains(row) && line.contains('%')).collect();
        assert!(!lines.is_empty() && lines.iter().all(|line| line.contains("< 0.020 %")), "{lines:?}");
    }
    assert!(!text.contains(" 0 %") && !text.contains(" 0.0 %"), "{text}");
}

#[test]
fn the_summary_keeps_its_schema_and_the_schema_can_refuse() {
    let schema = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/summary.schema.json"));
    let schema: Value = serde_json::from_str(&schema.expect("schema file")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let summary = Run::new().json();
    let problems: Vec<String> =
        validator.iter_errors(&summary).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(problems.is_empty(), "{problems:#?}");
    let mut wrong = summary.clone();
    wrong["estimates"]["flagged"]["value"] = Value::Null;
    assert!(!validator.is_valid(&wrong));
    let mut more = summary;
    more["hostname"] = Value::from("somewhere");
    assert!(!validator.is_valid(&more));
}

#[test]
fn the_summary_holds_the_estimates_under_their_names() {
    let summary = Run::new().json();
    assert_eq!(summary["seed"], 7);
    assert_eq!(summary["replicates"], 10_000);
    assert_eq!(summary["estimates"]["flagged"]["value"], 0.1234);
    assert_eq!(summary["estimates"]["days_disconnected"]["value"], 2.788);
    assert_eq!(summary["estimates"]["delivered"]["connection_request"]["standard_error"], 0.31);
    assert_eq!(summary["first_flag_rules"][0]["rule"], "connection_request");
    assert_eq!(summary["first_restriction_rules"][1]["rule"], "profile_view");
    assert_eq!(summary["first_restriction_rules"][1]["value"], 0.0039);
    assert_eq!(summary["groups"][1]["estimates"]["flagged"]["value"], 0.021);
    assert_eq!(summary["token_expiry"][0]["expires"], "2026-03-06");
}

#[test]
fn first_disconnections_have_exactly_one_row_a_cause_and_day() {
    let mut run = Run::new();
    for (horizon, days) in [(7, vec![7]), (30, vec![30]), (90, vec![30, 90]), (400, vec![30, 90, 365, 400])] {
        run.results.horizon_days = horizon;
        run.results.mean_account = fixture::account(horizon);
        let summary = run.json();
        let rows = summary["first_disconnection"].as_array().expect("a list");
        let pairs: BTreeSet<(String, u64)> = rows
            .iter()
            .map(|row| {
                (row["cause"].as_str().expect("a cause").to_owned(), row["day"].as_u64().expect("a day"))
            })
            .collect();
        assert_eq!((rows.len(), pairs.len()), (6 * days.len(), 6 * days.len()), "{horizon}");
        for day in days {
            let expected = run.results.mean_account.first_disconnection[1].by_day[day as usize - 1].value;
            let row = rows.iter().find(|row| row["cause"] == "password_changed" && row["day"] == day);
            assert_eq!(row.expect("a row")["value"], expected);
        }
    }
}

#[test]
fn markdown_has_a_heading_a_bold_verdict_and_tables() {
    let text = Run::new().text(Format::Markdown);
    assert!(text.starts_with("# two_groups\n\n**12.3 %"), "{text}");
    assert!(text.contains("| mean account | flag | 12.3 % | \\[11.9, 12.8\\] | 0.23 |"), "{text}");
}

fn records(text: &str) -> Vec<csv::StringRecord> {
    csv::Reader::from_reader(text.as_bytes())
        .records()
        .collect::<Result<_, _>>()
        .expect("every row has all columns")
}

#[test]
fn estimates_can_be_read_back_from_csv_without_loss() {
    let run = Run::new();
    let rows = records(&run.text(Format::Csv));
    let row = |cells: [&str; 4]| {
        let found: Vec<_> = rows.iter().filter(|row| row.iter().take(4).eq(cells)).collect();
        assert_eq!(found.len(), 1, "{cells:?}");
        found[0][4].parse::<f64>().expect("a number")
    };
    assert_eq!(row(["account", "", "flagged", ""]), run.results.mean_account.flagged.value);
    assert_eq!(row(["group", "new", "flagged", ""]), 0.021);
    assert_eq!(row(["account", "", "lost", "connection_request"]), 140.1);
    assert_eq!(row(["team", "", "exactly_restricted", "2"]), 0.055);
    assert_eq!(row(["account", "", "time_to_first_flag", "0.1"]), 81.0);
    assert_eq!(row(["account", "", "mean_wait_days", "connection_request"]), 1.37);
    let nobody_waits =
        rows.iter().find(|row| row.iter().skip(2).take(2).eq(["mean_wait_days", "profile_view"]));
    assert_eq!(nobody_waits.expect("a row").iter().skip(4).collect::<String>(), "");
    let cells = |of: [&str; 2]| {
        let found = rows.iter().find(|row| row[0] == *"account" && row.iter().skip(2).take(2).eq(of));
        found.expect("a row").iter().skip(4).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(cells(["time_to_first_flag", "0.25"]), ["", "", "", ""], "beyond the horizon");
    assert_eq!(cells(["time_to_first_disconnection", "0.5"]), ["", "61", "", ""]);
}

#[test]
fn several_scenarios_share_one_csv_with_their_name_first() {
    let mut other = Run::new();
    other.scenario.name = "other, quoted".to_owned();
    let run = Run::new();
    let mut out = Vec::new();
    write_combined_csv(&[run.report(), other.report()], &mut out).expect("a vector takes every byte");
    let rows = records(&String::from_utf8(out).expect("text"));
    let half = records(&run.text(Format::Csv)).len();
    assert_eq!(rows.len(), 2 * half);
    assert_eq!((&rows[0][0], &rows[half][0]), ("two_groups", "other, quoted"));
    assert_eq!(rows[0].iter().skip(1).collect::<Vec<_>>(), rows[half].iter().skip(1).collect::<Vec<_>>());
}

/// Every file under a folder with its bytes, sorted by name.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(contents(&path));
        } else {
            files.push((path.display().to_string(), fs::read(&path).expect("a file")));
        }
    }
    files.sort();
    files
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).expect(name)
}

#[test]
fn a_folder_holds_tidy_files_and_its_sibling_is_gone() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let folder = place.path().join("deep/reports/two_groups");
    write_folder(&Run::new().report(), &folder).expect("written");
    assert_eq!(records(&read(&folder, "daily.csv")).len(), 8 * 90);
    assert_eq!(&records(&read(&folder, "daily.csv"))[89][3], "2026-04-04");
    assert_eq!(records(&read(&folder, "occupancy.csv")).len(), 90);
    assert_eq!(records(&read(&folder, "incidence.csv")).len(), (3 * 10 + 4) * 90);
    assert_eq!(records(&read(&folder, "utilisation.csv")).len(), 3 * 5);
    assert_eq!(records(&read(&folder, "curve.csv")).len(), 11);
    let siblings = fs::read_dir(place.path().join("deep/reports")).expect("a folder").count();
    assert_eq!(siblings, 1);
}

#[test]
fn equal_results_give_equal_bytes_and_a_new_report_replaces_the_old_one_as_a_whole() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let folder = place.path().join("r");
    let mut run = Run::new();
    write_folder(&run.report(), &folder).expect("written");
    let first = contents(&folder);
    write_folder(&Run::new().report(), &folder).expect("written again");
    assert_eq!(contents(&folder), first);
    run.provenance.seed = 8;
    let bare = Report { curve: None, savings: None, ..run.report() };
    write_folder(&bare, &folder).expect("replaced");
    assert!(read(&folder, "summary.json").contains("\"seed\": 8"));
    assert!(!folder.join("curve.csv").exists() && !folder.join("plots/risk_curve.svg").exists());
    assert_eq!(fs::read_dir(place.path()).expect("a folder").count(), 1);
}

#[test]
fn foreign_files_are_never_lost() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let folder = place.path().join("r");
    let run = Run::new();
    fs::create_dir(&folder).expect("created");
    write_folder(&run.report(), &folder).expect("an empty folder is taken");
    fs::write(folder.join("notes.txt"), "mine").expect("written");
    fs::create_dir_all(folder.join("plots")).expect("created");
    fs::write(folder.join("plots/own.png"), "mine").expect("written");
    let before = contents(&folder);
    let error = write_folder(&run.report(), &folder).expect_err("foreign files");
    assert!(error.to_string().contains("notes.txt, plots/own.png"), "{error}");
    assert_eq!(contents(&folder), before);

    let other = place.path().join("other");
    fs::create_dir(&other).expect("created");
    fs::write(other.join("thesis.tex"), "years of work").expect("written");
    assert!(matches!(write_folder(&run.report(), &other), Err(ReportError::NotAReport(_))));
    assert!(matches!(
        write_folder(&run.report(), &other.join("thesis.tex")),
        Err(ReportError::NotAFolder(_))
    ));
    assert_eq!(read(&other, "thesis.tex"), "years of work");
    assert!(matches!(write_folder(&run.report(), &other.join("thesis.tex/x")), Err(ReportError::Io { .. })));
}

#[test]
fn tokens_end_a_lifetime_after_the_start() {
    let mut scenario = scenario();
    let first = token_expiry(&scenario)[0].clone();
    assert_eq!(first.expires.map(|date| date.to_string()).as_deref(), Some("2026-03-06"));
    assert!(first.within_horizon);
    assert_eq!(first.reconnect, "about 3 days (at least 1)");
    scenario.platforms[0].token.lifetime_days = Some(90);
    assert!(
        !token_expiry(&scenario)[0].within_horizon,
        "dead from the start of day 90, which is not simulated"
    );
    scenario.platforms[0].token.lifetime_days = None;
    assert_eq!(token_expiry(&scenario)[1].expires, None);
}

#[test]
fn the_hash_follows_the_scenario_and_the_command_is_quoted() {
    let mut changed = scenario();
    changed.groups[0].count += 1;
    assert_ne!(scenario().hash(), changed.hash());
    assert_eq!(scenario().hash().len(), 64);
    assert_eq!(provenance().command_line(), "pacewise simulate 'scenarios/two groups.toml' --seed 7");
}

#[test]
fn a_pace_is_named_with_its_confirmation_and_none_is_an_answer() {
    let run = Run::new();
    let answer = PaceAnswer {
        factor: 0.6,
        per_day: 13.2,
        confirmed: share(0.0083),
        delivered: fixture::mean(3_540.0, 7.0),
        total: Some((2_000, Some(41))),
    };
    let found = PaceReport {
        scenario: &run.scenario,
        provenance: &run.provenance,
        curve: &run.curve,
        bound: 0.01,
        answer: Some(&answer),
    };
    assert_eq!(
        pace_verdict(&found),
        "connection_request: up to 13.2 per account and workday (0.6 times today's plan) keep P(flagged, worst-off account) \
         under 1 %; confirmed 0.8 % [0.7, 1.0]; 2,000 actions take 41 days at it"
    );
    let none = PaceReport { answer: None, ..found };
    assert_eq!(
        pace_verdict(&PaceReport { bound: 1e-9, ..none }),
        "none: no pace of connection_request that was tried keeps P(flagged, worst-off account) under 0.0000001 %"
    );
    assert!(
        pace_verdict(&none).ends_with(" replicates are too few to tell: try more"),
        "{}",
        pace_verdict(&none)
    );
    let mut out = Vec::new();
    write_pace(&found, Format::Csv, &mut out).expect("a vector takes every byte");
    assert_eq!(records(&String::from_utf8(out).expect("text")).len(), 11);
    let place = tempfile::tempdir().expect("a temporary folder");
    write_pace_folder(&found, &place.path().join("p")).expect("written");
    let json: Value = serde_json::from_str(&read(&place.path().join("p"), "pace.json")).expect("JSON");
    assert_eq!(json["answer"]["total"][1], 41);
    write_pace_folder(&none, &place.path().join("p")).expect("replaced");
}
