//! The page of a report: well-formed, alone, readable without seeing the pictures, and with the numbers of `summary.json`.
#![cfg(feature = "plot")]

#[path = "report/fixture.rs"]
#[allow(dead_code, reason = "the other tests of reports use the rest")]
mod fixture;
#[path = "page/html.rs"]
mod html;

use std::fs;
use std::path::Path;

use html::{Table, imbalance, tables, text_of};
use pacewise::numbers::{
    exact, mean, mean_error, mean_interval, mean_with_interval, number, percent, percent_error,
    percent_interval, percent_with_interval, plain, share,
};
use pacewise::report::{Report, write_folder};
use pacewise::stats::Estimate;
use serde_json::Value;

/// The page and the summary of a report made from the fixture, after a change.
fn made(
    change: impl Fn(&mut pacewise::scenario::Scenario, &mut pacewise::results::Results),
) -> (String, Value) {
    let (mut scenario, mut results) = (fixture::scenario(), fixture::results());
    change(&mut scenario, &mut results);
    let (provenance, curve) = (fixture::provenance(), fixture::curve());
    let report = Report {
        scenario: &scenario,
        provenance: &provenance,
        results: &results,
        curve: Some(&curve),
        savings: None,
    };
    let place = tempfile::tempdir().expect("a temporary folder");
    let folder = place.path().join("r");
    write_folder(&report, &folder).expect("written");
    read(&folder)
}

fn read(folder: &Path) -> (String, Value) {
    let page = fs::read_to_string(folder.join("report.html")).expect("a page");
    let summary = fs::read_to_string(folder.join("summary.json")).expect("a summary");
    (page, serde_json::from_str(&summary).expect("JSON"))
}

/// A report of a real run: the committed one.
fn committed() -> (String, Value) {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/linkedin_outreach"))
}

#[test]
fn the_page_is_well_formed_whatever_the_names() {
    let hostile = "<b>\"&'</title> ünïcode 名前 -->";
    let (page, _) = made(|scenario, results| {
        hostile.clone_into(&mut scenario.name);
        scenario.description = Some(hostile.to_owned());
        hostile.clone_into(&mut scenario.groups[0].name);
        scenario.actions[1] = hostile.to_owned();
        hostile.clone_into(&mut scenario.platforms[0].rules[0].name);
        hostile.clone_into(&mut scenario.assumptions[0].source);
        hostile.clone_into(&mut results.groups[0].name);
        hostile.clone_into(&mut results.mean_account.first_disconnection[4].cause);
        hostile.clone_into(&mut results.mean_account.utilisation[1].rule);
        results.series.activity.iter_mut().for_each(|series| hostile.clone_into(&mut series.action));
    });
    assert_eq!(imbalance(&page), None);
    assert!(!page.contains("<b>"));
    assert!(
        page.contains("<h1>&lt;b&gt;&quot;&amp;'&lt;/title&gt; ünïcode 名前 --&gt;</h1>"),
        "{}",
        &page[..2000]
    );
    assert_eq!(imbalance(&committed().0), None);
    assert!(imbalance("<main><p>a</main>").is_some() && imbalance("<main>").is_some());
}

#[test]
fn what_to_do_about_a_cause_stands_on_the_page_once() {
    let (scenario, results) = (fixture::scenario(), fixture::results());
    let (provenance, curve, savings) = (fixture::provenance(), fixture::curve(), fixture::savings());
    for savings in [Some(&savings), None] {
        let report = Report {
            scenario: &scenario,
            provenance: &provenance,
            results: &results,
            curve: Some(&curve),
            savings,
        };
        let place = tempfile::tempdir().expect("a temporary folder");
        write_folder(&report, &place.path().join("r")).expect("written");
        let text = text_of(&read(&place.path().join("r")).0);
        for remedy in [
            "plan password changes, and reconnect the tool in the same hour",
            "tell everybody who may remove apps what the tool is for",
            "send less of what this rule counts",
            "note the day on which each token dies of age",
            "use every account in the ordinary way before its idle limit",
        ] {
            assert!(text.matches(remedy).count() <= 1, "{remedy}");
        }
        assert_eq!(text.matches("plan password changes").count(), 1, "{}", savings.is_some());
    }
}

#[test]
fn the_calendar_of_tokens_has_their_dates_with_and_without_renewal_by_use() {
    let of = |lifetime: Option<u32>, refresh: bool| {
        made(|scenario, _| {
            let token = &mut scenario.platforms[0].token;
            (token.lifetime_days, token.refresh_on_use) = (lifetime, refresh);
        })
    };
    for (lifetime, refresh, cell, expires) in [
        (Some(60), false, "2026-03-06", Some("2026-03-06")),
        (Some(60), true, "2026-03-06 without use", Some("2026-03-06")),
        (Some(365), false, "2027-01-05 (after the days simulated)", Some("2027-01-05")),
        (None, false, "never", None),
    ] {
        let (page, summary) = of(lifetime, refresh);
        let rows: Vec<&str> = page
            .split("issued on day 0</span></caption>")
            .nth(1)
            .expect("it is there")
            .split("<tr>")
            .collect();
        for (row, group) in rows[2..].iter().zip(["seasoned", "new"]) {
            assert!(row.contains(&format!(">{group}<")) && row.contains(&format!(">{cell}<")), "{row}");
        }
        for row in summary["token_expiry"].as_array().expect("a list") {
            assert_eq!((row["expires"].as_str(), row["refresh_on_use"].as_bool()), (expires, Some(refresh)));
        }
        // Who renews by use is not told to renew before a date.
        let told = summary["advice"].to_string().contains("Renew every token before 2026-03-06");
        assert_eq!(told, lifetime == Some(60) && !refresh, "{cell}");
    }
}

#[test]
fn nothing_is_loaded_and_nothing_runs() {
    for (page, _) in [made(|_, _| {}), committed()] {
        assert!(page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\""));
        for loads in [
            "<script",
            "<link",
            "<iframe",
            "<img",
            "<use",
            " src=",
            "href=",
            "@import",
            "url(",
            "javascript:",
        ] {
            assert!(!page.contains(loads), "{loads}");
        }
        for (name, _) in page.match_indices(" on") {
            assert!(!page[name..].starts_with(" onload") && !page[name..].starts_with(" onclick"));
        }
    }
}

#[test]
fn every_picture_has_words_and_every_table_a_caption_and_heads() {
    for (page, _) in [made(|_, _| {}), committed()] {
        assert_eq!(page.matches("<svg").count(), 6);
        assert_eq!(page.matches("<figure>").count(), 6);
        for picture in page.split("<svg").skip(1) {
            let words =
                picture.split_once("role=\"img\" aria-label=\"").and_then(|(_, rest)| rest.split_once('"'));
            assert!(words.is_some_and(|(words, _)| words.len() > 40), "{}", &picture[..200]);
        }
        let tables = page.matches("<table").count();
        assert!(tables >= 10 && page.matches("<caption>").count() == tables, "{tables}");
        assert!(page.matches("<tbody><tr><th scope=\"row").count() == tables, "a row without a head");
        assert_eq!(page.matches("<h1>").count(), 1);
        assert!(page.contains("<html lang=\"en\">") && page.contains("<main>"));
    }
}

#[test]
fn the_page_goes_from_the_verdict_to_the_doubts() {
    let (page, _) = committed();
    let parts = [
        "class=\"verdict\"",
        "What binds first",
        "What to do about it",
        "How likely is what",
        "When the connections end",
        "Words of this page",
        "What the model does not know",
        ">Assumptions<",
    ];
    let places: Vec<usize> =
        parts.iter().map(|part| page.find(part).unwrap_or_else(|| panic!("{part}"))).collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn the_page_says_what_it_must() {
    let text = text_of(&made(|_, _| {}).0);
    for needed in [
        "12.3 % [11.9, 12.8] of accounts are flagged",
        "sources disagree <by much>",
        "○○○ folklore",
        "2026-03-06",
        "3 of the 4 numbers below are not official",
        "invitations, 24 h; profile views, 24 h",
        "pacewise simulate 'scenarios/two groups.toml' --seed 7",
        "It sends nothing to any platform",
        "No permanent restriction was seen: only the upper limit says something.",
        "Today's plan rests on all 10,000 replicates of the run, each other pace on 1,000.",
    ] {
        assert!(text.contains(needed), "{needed}");
    }
}

fn estimate(value: &Value) -> Estimate {
    let part = |name: &str| value[name].as_f64();
    let needed = |name: &str| part(name).unwrap_or_else(|| panic!("{name} in {value}"));
    let standard_error = part("standard_error").unwrap_or(0.0);
    Estimate { value: needed("value"), low: needed("low"), high: needed("high"), standard_error }
}

fn table<'a>(tables: &'a [Table], caption: &str) -> &'a Table {
    let found = tables.iter().find(|table| table.caption.starts_with(caption));
    found.unwrap_or_else(|| panic!("no table {caption}"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// The mean account and each group, by the name that the page gives them.
fn scopes(summary: &Value) -> Vec<(String, &Value)> {
    let groups = list(&summary["groups"]);
    let groups = groups.iter().filter(|_| groups.len() > 1).map(|group| (word(&group["name"]), group));
    std::iter::once(("mean account".to_owned(), summary)).chain(groups).collect()
}

const EVENTS: [&str; 4] = ["flagged", "restricted", "restricted_permanently", "disconnected"];
const MEANS: [&str; 4] = ["flags", "days_connected", "days_disconnected", "days_restricted"];

fn probability(value: &Value) -> Vec<String> {
    let of = estimate(value);
    vec![percent(&of), percent_interval(&of), percent_error(&of)]
}

fn amount(value: &Value) -> Vec<String> {
    let of = estimate(value);
    vec![mean(&of), mean_interval(&of), mean_error(&of)]
}

/// The rows of a table without their second cell, which names an event in words.
fn without_event(table: &Table) -> Vec<Vec<String>> {
    let row = |row: &Vec<String>| row[..1].iter().chain(&row[2..]).cloned().collect();
    table.rows.iter().map(row).collect()
}

#[test]
fn the_probabilities_and_means_shown_are_those_of_the_summary() {
    for (page, summary) in [made(|_, _| {}), committed()] {
        let (mut probabilities, mut means) = (Vec::new(), Vec::new());
        for (name, scope) in scopes(&summary) {
            let row = |cells: Vec<String>| [vec![name.clone()], cells].concat();
            let estimates = &scope["estimates"];
            probabilities.extend(EVENTS.iter().map(|event| row(probability(&estimates[*event]))));
            means.extend(MEANS.iter().map(|quantity| row(amount(&estimates[*quantity]))));
        }
        let team = &summary["team"];
        let any = format!("any of the {}", summary["accounts"]);
        probabilities
            .extend(EVENTS.iter().map(|event| [vec![any.clone()], probability(&team[*event])].concat()));
        let whole = format!("team of {}", summary["accounts"]);
        for quantity in ["accounts_restricted", "most_restricted_on_one_day"] {
            means.push([vec![whole.clone()], amount(&team[quantity])].concat());
        }
        let tables = tables(&page);
        assert_eq!(without_event(table(&tables, "Probability of at least one")), probabilities);
        assert_eq!(without_event(table(&tables, "Mean numbers within")), means);
    }
}

#[test]
fn the_causes_actions_and_deliveries_shown_are_those_of_the_summary() {
    for (page, summary) in [made(|_, _| {}), committed()] {
        let tables = tables(&page);
        let shown = table(&tables, "Causes of the first disconnection");
        let rows = list(&summary["first_disconnection"]);
        let days = shown.rows[0].len() - 1;
        assert_eq!(rows.len(), (shown.rows.len() - 1) * days, "one row a cause and day, and any cause");
        for (row, days) in shown.rows.iter().zip(rows.chunks(days)) {
            assert_eq!(row[0], word(&days[0]["cause"]));
            assert_eq!(
                row[1..],
                days.iter().map(|day| percent_with_interval(&estimate(day))).collect::<Vec<_>>()
            );
        }
        let any = shown.rows.last().and_then(|row| row.last()).cloned();
        assert_eq!(any, Some(percent_with_interval(&estimate(&summary["estimates"]["disconnected"]))));

        let estimates = &summary["estimates"];
        for row in &table(&tables, "Actions of the mean account").rows {
            let of = |fate: &str| estimate(&estimates[fate][&row[0]]);
            let delivered = of("delivered");
            assert_eq!(row[1], mean(&of("demanded")));
            assert_eq!(row[2], mean_with_interval(&delivered));
            assert_eq!(row[3], share(delivered.value / of("demanded").value));
            assert_eq!(row[4..6], ["waiting", "lost"].map(|fate| mean(&of(fate))));
        }
        let waits = estimates["mean_wait_days"].as_object().expect("by action");
        let shown = &table(&tables, "Deferred actions of the mean account").rows;
        assert_eq!(shown.len(), waits.values().filter(|days| !days.is_null()).count());
        for row in shown {
            let of = [&estimates["deferred"][&row[0]], &waits[&row[0]]];
            assert_eq!(row[1..], of.map(|value| mean_with_interval(&estimate(value))));
        }
        let team = list(&summary["team"]["delivered"]);
        let shown = &table(&tables, "Delivered by the team").rows;
        assert_eq!(shown.len(), team.len());
        for (row, action) in shown.iter().zip(team) {
            let quantiles = ["q10", "median", "q90"].map(|q| number(action[q].as_f64().expect("a count"), 0));
            assert_eq!(row[..2], [word(&action["action"]), mean_with_interval(&estimate(&action["mean"]))]);
            assert_eq!(row[2..], quantiles);
        }
    }
}

#[test]
fn the_times_windows_rules_and_paces_shown_are_those_of_the_summary() {
    for (page, summary) in [made(|_, _| {}), committed()] {
        let tables = tables(&page);
        let mut times = Vec::new();
        for (name, scope) in scopes(&summary) {
            for event in ["time_to_first_flag", "time_to_first_disconnection"] {
                let quantiles = list(&scope["quantiles"][event]).iter().map(quantile);
                times.push(std::iter::once(name.clone()).chain(quantiles).collect::<Vec<_>>());
            }
        }
        assert_eq!(without_event(table(&tables, "Day by which")), times);

        let windows = list(&summary["utilisation"]);
        let shown = &table(&tables, "Largest count of each window").rows;
        assert_eq!(shown.len(), windows.len());
        for row in shown {
            // Both have several groups: each row is of the group that comes nearest.
            let group = list(&summary["groups"]).iter().find(|group| word(&group["name"]) == row[2]);
            let windows = list(&group.expect("a group of the summary")["utilisation"]);
            let window = windows
                .iter()
                .find(|window| word(&window["rule"]) == row[0] && word(&window["window"]) == row[1]);
            let window = window.expect("a window of the summary");
            let limit = window["limit"].as_f64().expect("a limit");
            let of_limit = |count: &str| share(window[count].as_f64().expect("a count") / limit);
            assert_eq!(row[3], number(limit, 0));
            assert_eq!(row[4..8], ["median", "q95", "q99", "max"].map(of_limit));
            assert_eq!(row[8], percent_with_interval(&estimate(&window["over"])));
        }
        for (row, rule) in table(&tables, "Breaches and flags").rows.iter().zip(list(&summary["rules"])) {
            let means = ["breaches", "flags"].map(|count| mean_with_interval(&estimate(&rule[count])));
            assert_eq!((&row[0], &row[1..3]), (&word(&rule["rule"]), &means[..]));
            let firsts = ["first_flag", "first_restriction"];
            assert_eq!(row[3..], firsts.map(|first| percent_with_interval(&estimate(&rule[first]))));
        }
        let points = list(&summary["curve"]["points"]);
        let shown = &table(&tables, "Risk of a flag for the worst-off account").rows;
        assert_eq!(shown.len(), points.len());
        for (row, point) in shown.iter().zip(points) {
            let of = |name: &str| point[name].as_f64().expect("a number");
            assert!(row[0].starts_with(&format!("x {}", exact(of("factor")))), "{row:?}");
            assert_eq!(row[1], plain(of("per_day")));
            assert_eq!(row[2..4], probability(&point["risk"])[..2]);
            assert_eq!(row[4], mean_with_interval(&estimate(&point["delivered"])));
        }
    }
}

/// As it stands in a table whose note says that "–" is later than the horizon.
fn quantile(quantile: &Value) -> String {
    let day = |name: &str| quantile[name].as_u64().map_or("–".to_owned(), |day| day.to_string());
    match (quantile["day"].as_u64(), quantile["low"].as_u64()) {
        (None, None) => "–".to_owned(),
        _ => format!("{} [{}, {}]", day("day"), day("low"), day("high")),
    }
}

#[test]
fn the_verdict_advice_doubts_and_sources_shown_are_those_of_the_summary() {
    for (page, summary) in [made(|_, _| {}), committed()] {
        let text = text_of(&page);
        let verdict = word(&summary["verdict"]);
        assert!(text.to_lowercase().contains(&verdict.to_lowercase()), "{verdict}");
        for line in list(&summary["advice"]).iter().chain(list(&summary["unknowns"])) {
            assert!(text.contains(&word(line)), "{line}");
        }
        for token in list(&summary["token_expiry"]) {
            assert!(token["expires"].is_null() || text.contains(&word(&token["expires"])), "{token}");
        }
        let tables = tables(&page);
        let shown = &table(&tables, "Every number with a stated origin").rows;
        let assumptions = list(&summary["assumptions"]);
        assert_eq!(shown.len(), assumptions.len());
        for (row, assumption) in shown.iter().zip(assumptions) {
            assert!(row[0].starts_with(&word(&assumption["subject"])), "{row:?}");
            assert_eq!((&row[1], &row[4]), (&word(&assumption["value"]), &word(&assumption["source"])));
        }
    }
}
