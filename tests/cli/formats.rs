//! What programs may rely on: JSON alone on standard output, its keys, its schema; one CSV file of several scenarios.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::program::{QUICK, contents, json, root, succeed, summary, temporary, write};
use crate::shipped::{Shipped, all, shipped};

#[test]
fn with_json_the_summary_is_all_that_standard_output_holds() {
    let place = temporary();
    // Nothing is done for a message, so that there is a warning to be shown elsewhere.
    write(place.path(), "team.toml", format!("{QUICK}[pacing.profile_view]\nper_day = 3\n"));
    let ran = succeed(place.path(), "simulate team.toml --replicates 50 --seed 9 --out r --format json");
    let printed = json(&ran.out);
    assert_eq!(ran.out, fs::read_to_string(place.path().join("r/summary.json")).expect("a summary"));
    assert_eq!((&printed["replicates"], &printed["seed"]), (&50.into(), &9.into()));
    assert!(ran.err.contains("warning: ") && ran.err.contains("report: r"), "{}", ran.err);
}

#[test]
fn json_of_several_scenarios_is_one_list() {
    let place = temporary();
    write(place.path(), "one.toml", QUICK);
    write(place.path(), "two.toml", QUICK);
    let ran = succeed(place.path(), "simulate one.toml two.toml --replicates 20 --no-curve --format json");
    let list = json(&ran.out);
    let list = list.as_array().expect("a list");
    let folders = ["reports/one", "reports/two"].map(|folder| summary(&place.path().join(folder)));
    assert_eq!(list[..], folders);
}

fn assert_is_estimate(value: &Value, name: &str) {
    let keys: BTreeSet<&str> = value.as_object().expect(name).keys().map(String::as_str).collect();
    assert_eq!(keys, BTreeSet::from(["value", "low", "high", "standard_error"]), "{name}");
    let [value, low, high, error] =
        ["value", "low", "high", "standard_error"].map(|key| value[key].as_f64().expect(name));
    assert!(low <= value && value <= high && error >= 0.0, "{name}: {value} [{low}, {high}] {error}");
}

#[test]
fn summaries_of_shipped_scenarios_have_the_promised_estimates() {
    for Shipped { name, summary, .. } in all() {
        assert_eq!((&summary["replicates"], &summary["seed"]), (&300.into(), &1.into()), "{name}");
        let estimates = &summary["estimates"];
        for key in ["flagged", "restricted", "restricted_permanently", "disconnected", "days_disconnected"] {
            assert_is_estimate(&estimates[key], &format!("{name}: {key}"));
        }
        let delivered = estimates["delivered"].as_object().expect("by action");
        assert!(!delivered.is_empty(), "{name}");
        for (action, estimate) in delivered {
            assert_is_estimate(estimate, &format!("{name}: delivered.{action}"));
        }
    }
    let delivered = shipped("linkedin_outreach").summary["estimates"]["delivered"].clone();
    let actions: Vec<&String> = delivered.as_object().expect("by action").keys().collect();
    assert_eq!(actions, ["connection_request", "message", "page_search", "post", "profile_view"]);
}

#[test]
fn summaries_of_shipped_scenarios_and_of_the_committed_report_keep_the_schema() {
    let schema = fs::read_to_string(root().join("docs/summary.schema.json")).expect("it is text");
    let validator = jsonschema::validator_for(&json(&schema)).expect("a schema");
    let committed = summary(&root().join("reports/linkedin_outreach"));
    let shipped = all().iter().map(|shipped| (shipped.name.as_str(), &shipped.summary));
    for (name, summary) in shipped.chain([("the committed report", &committed)]) {
        let problems: Vec<String> = validator
            .iter_errors(summary)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(problems.is_empty(), "{name}: {problems:#?}");
    }
}

#[test]
fn the_summary_of_one_replicate_has_no_upper_limit_of_a_mean_and_keeps_the_schema() {
    let place = temporary();
    write(place.path(), "team.toml", QUICK);
    let ran = succeed(place.path(), "simulate team.toml --replicates 1 --no-curve --out r --format json");
    let summary = json(&ran.out);
    let schema = fs::read_to_string(root().join("docs/summary.schema.json")).expect("it is text");
    let validator = jsonschema::validator_for(&json(&schema)).expect("a schema");
    let problems: Vec<String> =
        validator.iter_errors(&summary).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(problems.is_empty(), "{problems:#?}");
    assert!(summary["estimates"]["delivered"]["message"]["high"].is_null());
    assert!(summary["estimates"]["flagged"]["high"].is_number());
}

#[test]
fn first_disconnections_have_one_row_a_cause_and_day_up_to_the_end() {
    for Shipped { name, summary, .. } in all() {
        let end = summary["horizon_days"].as_u64().expect("a number");
        let days: BTreeSet<u64> = [30, 90, 365, end].into_iter().filter(|day| *day <= end).collect();
        let rows = summary["first_disconnection"].as_array().expect("a list");
        let pairs: BTreeSet<(String, u64)> = rows
            .iter()
            .map(|row| {
                (row["cause"].as_str().expect("a name").to_owned(), row["day"].as_u64().expect("a day"))
            })
            .collect();
        let causes = summary["disconnections"].as_object().expect("a table");
        for cause in ["restriction", "token_expired", "token_idle"] {
            assert!(causes.contains_key(cause), "{name}: {cause}");
        }
        let expected = causes.keys().flat_map(|cause| days.iter().map(|day| (cause.clone(), *day)));
        assert_eq!(pairs, expected.collect(), "{name}");
        assert_eq!(rows.len(), pairs.len(), "{name}: a pair stands twice");
        let ends = rows.iter().filter(|row| row["day"] == end);
        let sum: f64 = ends.map(|row| row["value"].as_f64().expect("a share")).sum();
        let ever = summary["estimates"]["disconnected"]["value"].as_f64().expect("a share");
        assert!((sum - ever).abs() < 1e-12, "{name}: first causes sum up to {sum}, disconnected are {ever}");
    }
}

#[test]
fn several_scenarios_give_one_combined_csv_file() {
    let place = temporary();
    write(place.path(), "one.toml", QUICK);
    write(place.path(), "two.toml", QUICK.replace("count = 2", "count = 4"));
    let words = "simulate one.toml two.toml --replicates 40 --out both --format csv";
    let ran = succeed(place.path(), words);
    let combined = fs::read_to_string(place.path().join("both/combined.csv")).expect("it is written");
    assert_eq!(ran.out, combined);
    let mut expected = String::new();
    for name in ["one", "two"] {
        let path = place.path().join("both").join(name).join("estimates.csv");
        let text = fs::read_to_string(path).expect("it is written");
        let mut lines = text.lines();
        let head = lines.next().expect("a head");
        if expected.is_empty() {
            expected = format!("scenario,{head}\n");
        }
        expected.extend(lines.map(|line| format!("{name},{line}\n")));
    }
    assert_eq!(combined, expected);
    assert!(ran.err.contains("all estimates: both/combined.csv"), "{}", ran.err);
}

/// The numbers of an estimate as CSV files hold them; empty where there is none.
fn numbers(estimate: &Value) -> Vec<String> {
    let keys = ["value", "low", "high", "standard_error"];
    keys.map(|key| estimate[key].as_f64().map_or_else(String::new, |number| number.to_string())).to_vec()
}

fn texts(list: &Value) -> String {
    let names = list.as_array().expect("a list").iter().map(|name| name.as_str().expect("text"));
    names.collect::<Vec<_>>().join("; ")
}

#[test]
fn what_pages_lose_and_accounts_take_along_stands_in_files_of_its_own() {
    let story = shipped("agency_pages");
    let name = |at: &Value| {
        let account = |group: &str| format!("{group} {}", at["account"]);
        at["group"].as_str().map_or_else(String::new, account)
    };
    let (mut pages, mut radii) = (Vec::new(), Vec::new());
    for page in story.summary["pages"].as_array().expect("a list") {
        let text = |key: &str| page[key].as_str().expect(key).to_owned();
        let labels = [text("name"), text("kind"), name(&page["authorised_by"]), name(&page["backup"])];
        let mut row = |cause: &str, quantity: &str, estimate: &Value| {
            let of = [cause.to_owned(), quantity.to_owned()];
            pages.push([labels.to_vec(), of.to_vec(), numbers(estimate)].concat());
        };
        for key in ["disconnected", "disconnections", "days_without_data", "lost_posts", "lost_comments"] {
            row("", key, &page[key]);
        }
        for cause in page["causes"].as_array().expect("a list") {
            let of = cause["cause"].as_str().expect("a name");
            row(of, "first_disconnection", &cause["first"]);
            row(of, "disconnections", &cause["disconnections"]);
            row(of, "mean_days", &cause["mean_days"]);
        }
    }
    for radius in story.summary["blast_radius"].as_array().expect("a list") {
        for cause in radius["causes"].as_array().expect("a list") {
            let stated = cause["stated"].as_str().unwrap_or("by the ladder").to_owned();
            let labels =
                [name(&radius["account"]), texts(&radius["pages"]), texts(&radius["ad_accounts"]), stated];
            for key in ["disconnections", "mean_days", "mean_days_without_data"] {
                let of = [cause["cause"].as_str().expect("a name").to_owned(), key.to_owned()];
                radii.push([labels.to_vec(), of.to_vec(), numbers(&cause[key])].concat());
            }
        }
    }
    for (file, head, expected) in [
        ("pages.csv", "page,kind,authorised_by,backup,cause,quantity,value,low,high,standard_error", pages),
        (
            "blast_radius.csv",
            "account,pages,ad_accounts,stated_outage,cause,quantity,value,low,high,standard_error",
            radii,
        ),
    ] {
        let text = String::from_utf8_lossy(&story.files[file]);
        assert_eq!(text.lines().next(), Some(head));
        let rows = story.rows(file);
        let found: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(str::to_owned).collect()).collect();
        assert!(!expected.is_empty() && found == expected, "{file}");
    }
    let without = shipped("linkedin_outreach");
    assert!(!without.files.contains_key("pages.csv") && !without.files.contains_key("blast_radius.csv"));
}

#[test]
fn markdown_has_a_heading_a_bold_verdict_and_tables_of_equal_width() {
    let place = temporary();
    write(place.path(), "team.toml", QUICK);
    let ran = succeed(place.path(), "simulate team.toml --replicates 40 --out r --format markdown");
    let verdict = summary(&place.path().join("r"))["verdict"].as_str().expect("text").to_owned();
    let bold = ran.out.lines().find(|line| line.starts_with("**")).expect("a bold line");
    assert_eq!(bold.replace('\\', ""), format!("**{verdict}**"));
    assert!(ran.out.starts_with("# team\n\n"), "{}", ran.out);
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    let lines: Vec<&str> = ran.out.lines().collect();
    let pairs = lines.windows(2).filter(|pair| pair.iter().all(|line| line.starts_with('|')));
    assert!(pairs.clone().count() > 20);
    for pair in pairs {
        assert_eq!(cells(pair[0]), cells(pair[1]), "{pair:?}");
    }
}

#[test]
fn a_report_is_repeated_by_the_command_that_it_names() {
    let place = temporary();
    write(place.path(), "team.toml", QUICK);
    let words = "simulate team.toml --replicates 60 --seed 5 --level 0.9 --interval clopper-pearson --resolution event";
    succeed(place.path(), &format!("{words} --threads 2 --out first"));
    let first = summary(&place.path().join("first"));
    let command =
        first["command"].as_array().expect("a list").iter().map(|word| word.as_str().expect("text"));
    let command = command.skip(1).collect::<Vec<_>>().join(" ");
    succeed(place.path(), &command);
    assert_eq!(contents(&place.path().join("first")), contents(&place.path().join("reports/team")));
    assert_eq!(first["resolution"], "event");
}

#[test]
fn the_states_of_each_day_add_up_to_1_also_where_accounts_are_opened_later() {
    for Shipped { name, files, .. } in all() {
        let text = String::from_utf8_lossy(&files["occupancy.csv"]);
        let mut lines = text.lines();
        let head = "day,date,connected,restricted,disconnected,permanent,unopened";
        assert_eq!(lines.next(), Some(head), "{name}");
        let mut unopened = 0.0;
        for line in lines {
            let shares: Vec<f64> =
                line.split(',').skip(2).map(|cell| cell.parse().expect("a number")).collect();
            assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{name}: {line}");
            unopened += shares[4];
        }
        assert_eq!(unopened > 0.0, name == "careless_team", "{name}");
    }
}

#[test]
fn no_stated_outage_is_cut_in_the_table() {
    for name in ["agency_pages", "token_year"] {
        let table = &shipped(name).table;
        let (_, rows) = table.split_once("Blast radius: for how long").expect("it has Pages");
        let (rows, _) = rows.split_once("\n\n").expect("tables follow");
        assert!(rows.contains("mean 2 days  ") && !rows.contains('…'), "{rows}");
    }
}

#[test]
fn the_page_about_reports_names_every_column_of_every_csv_file() {
    let page = fs::read_to_string(root().join("reports/README.md")).expect("a page");
    let (_, columns) = page.split_once("## Columns").expect("it has a part about columns");
    let mut seen = BTreeSet::new();
    // The committed report has what a short run without a curve has not.
    let committed = contents(&root().join("reports/linkedin_outreach"));
    for files in all().iter().map(|shipped| &shipped.files).chain([&committed]) {
        for (file, bytes) in
            files.iter().filter(|(file, _)| matches!(file.rsplit_once('.'), Some((_, "csv"))))
        {
            seen.insert(file.as_str());
            let about = [format!("\n| `{file}` | "), format!("\n`{file}` has ")];
            let start = about.iter().find_map(|about| columns.find(about)).expect(file);
            let lines = columns[start..].lines().skip(1).enumerate();
            let block = lines.take_while(|(at, line)| *at == 0 || line.starts_with("| | "));
            let block = block.map(|(_, line)| line).collect::<String>();
            let text = String::from_utf8_lossy(bytes);
            for column in text.lines().next().expect("a header").split(',') {
                assert!(block.contains(&format!("`{column}`")), "{file}: {column}");
            }
        }
    }
    let expected =
        ["blast_radius.csv", "curve.csv", "hits.csv", "keep_alive.csv", "pages.csv", "savings.csv"];
    assert!(expected.iter().all(|file| seen.contains(file)), "{seen:?}");
}
