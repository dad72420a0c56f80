//! Plots: each states its fact, and draws odd results too.

use pacewise::plot;
use pacewise::results::{AccountResults, QuantileEstimate, Series, WindowUse};
use pacewise::rules::Window;

use super::*;

fn all_plots(run: &Run) -> Vec<(&'static str, String)> {
    let (s, r) = (&run.scenario, &run.results);
    let drawn = [
        ("incidence", plot::incidence(s, r)),
        ("daily", plot::daily(s, r)),
        ("occupancy", plot::occupancy(s, r)),
        ("utilisation", plot::utilisation(r)),
        ("delivered", plot::delivered(s, r)),
        ("risk_curve", plot::risk_curve(&run.curve, None)),
    ];
    drawn.map(|(name, svg)| (name, svg.expect(name))).to_vec()
}

/// The texts that stand on a picture.
fn texts(svg: &str) -> Vec<String> {
    let parts = svg.split("<text").skip(1).filter_map(|part| part.split_once('>')?.1.split("</text>").next());
    parts.map(|text| text.trim().replace("&apos;", "'")).collect()
}

#[test]
fn every_plot_states_its_fact_and_labels_what_it_shows() {
    let run = Run::new();
    let expected: [(&str, &[&str]); 6] = [
        (
            "incidence",
            &[
                "52.0 % of accounts are disconnected within 90 days, most by token_expired",
                "any cause: 52.0 %",
                "5 Jan 2026",
            ],
        ),
        (
            "daily",
            &[
                "30 per 24 h",
                "seasoned: profile_view",
                "not drawn: message: 60 per calendar day; message: 1,500 per calendar month",
            ],
        ),
        ("occupancy", &["An account is disconnected on 2.79 of 90 days on average", "connected: 98 %"]),
        ("utilisation", &["limit", "7 d: 100", "8.4 %"]),
        ("delivered", &["post: 125 of 135 delivered"]),
        ("risk_curve", &["today's plan: 12.4 % [11.9, 12.8]", "today's plan: 5,900"]),
    ];
    for ((name, svg), (same, labels)) in all_plots(&run).iter().zip(expected) {
        assert_eq!(*name, same);
        let texts = texts(svg);
        for label in labels {
            assert!(
                texts.iter().any(|text| text.split_whitespace().eq(label.split_whitespace())),
                "{name}: {label}: {texts:?}"
            );
        }
        assert!(svg.contains("role=\"img\" aria-label=\"") && svg.contains("<title>"), "{name}");
    }
}

#[test]
fn the_daily_picture_begins_with_what_binds_first_and_shows_every_action() {
    let mut run = Run::new();
    let sum = "a_rule_for_the_sum_of_all_that_is_done";
    let all = fixture::rule(sum, &[0, 1, 2, 3], &[(Window::Sliding(pacewise::time::DAY), 99)]);
    run.scenario.platforms[0].rules.push(all);
    let texts = texts(&plot::daily(&run.scenario, &run.results).expect("drawn"));
    assert!(
        texts[0].starts_with("On each day at least 95 % of accounts of “seasoned” deliver at most 29"),
        "{texts:?}"
    );
    let facets: Vec<&String> =
        texts.iter().filter(|text| text.starts_with("seasoned: ") || text.starts_with("new: ")).collect();
    assert_eq!(facets.len(), 6, "{facets:?}");
    assert!(facets[0].ends_with(": connection_request"), "{facets:?}");
    for action in &run.scenario.actions {
        assert!(facets.iter().any(|facet| facet.ends_with(action.as_str())), "{action}: {facets:?}");
    }
    assert!(texts.iter().any(|text| text == "99 per 24 h, sum of 4 actions"), "{texts:?}");
    assert!(texts.iter().any(|text| text.starts_with("a_rule_for_the_sum")), "{texts:?}");
}

#[test]
fn the_windows_are_drawn_as_the_table_lists_them_each_in_the_group_nearest_to_its_limit() {
    let mut run = Run::new();
    // What binds few accounts only: the mean account's median says nothing of it.
    let new = &mut run.results.groups[1].account.utilisation[3];
    (new.median, new.q95, new.q99, new.max) = (90, 99, 104, 110);
    let account = &mut run.results.mean_account.utilisation[3];
    (account.median, account.q95) = (0, 0);
    let listed: Vec<String> = run
        .results
        .nearest_windows()
        .iter()
        .map(|row| format!("{} ({})", row.window.rule, row.group.expect("there are two")))
        .collect();
    assert_eq!(listed[0], "message (new)");
    let text = run.text(Format::Table);
    let table = text.split("Largest count of each window").nth(1).expect("a table");
    assert!(
        table.lines().nth(3).expect("a row").split_whitespace().take(5).any(|cell| cell == "new"),
        "{table}"
    );
    let drawn = texts(&plot::utilisation(&run.results).expect("drawn"));
    assert!(
        drawn[0].starts_with("message, calendar day binds first: half of the accounts of new reach 150 %"),
        "{drawn:?}"
    );
    let rules: Vec<&String> = drawn.iter().filter(|text| listed.contains(text)).collect();
    assert_eq!(rules, listed.iter().collect::<Vec<_>>());
}

#[test]
fn a_png_shows_text_without_system_fonts() {
    let (_, svg) = all_plots(&Run::new()).remove(3);
    let with = plot::png(&svg).expect("a PNG");
    let bare: String = svg
        .split("<text")
        .enumerate()
        .map(|(place, part)| {
            if place == 0 {
                part.to_owned()
            } else {
                part.split_once("</text>").map_or(String::new(), |cut| cut.1.to_owned())
            }
        })
        .collect();
    let without = plot::png(&bare).expect("a PNG");
    assert!(
        with.starts_with(b"\x89PNG") && with.len() > without.len() + 5_000,
        "{} {}",
        with.len(),
        without.len()
    );
    assert!(plot::png("<p>").is_err());
}

/// Odd but possible results: each must be drawn and written without a panic.
/// The mean account and those of the groups.
fn accounts(run: &mut Run) -> impl Iterator<Item = &mut AccountResults> {
    let groups = run.results.groups.iter_mut().map(|group| &mut group.account);
    std::iter::once(&mut run.results.mean_account).chain(groups)
}

fn odd_runs() -> Vec<(&'static str, Run)> {
    let mut runs = Vec::new();
    let mut odd = |name, change: &dyn Fn(&mut Run)| {
        let mut run = Run::new();
        change(&mut run);
        runs.push((name, run));
    };
    odd("one day", &|run| {
        run.scenario.horizon_days = 1;
        run.results.horizon_days = 1;
        run.results.mean_account = fixture::account(1);
        for series in &mut run.results.series.activity {
            for values in [&mut series.demanded, &mut series.delivered, &mut series.waiting] {
                values.truncate(1);
            }
            for counts in [&mut series.q05, &mut series.median, &mut series.q95] {
                counts.truncate(1);
            }
        }
        run.results.series.occupancy.truncate(1);
    });
    odd("nothing at all", &|run| {
        run.results.accounts = 1;
        run.results.groups.truncate(1);
        run.results.warnings.clear();
        run.results.series = Series { replicates: 0, activity: Vec::new(), occupancy: Vec::new() };
        let account = &mut run.results.mean_account;
        account.first_disconnection.clear();
        account.disconnected_by_day.clear();
        account.actions.clear();
        account.rules.clear();
        account.utilisation.clear();
        account.time_to_first_flag = vec![QuantileEstimate { q: 0.5, day: None, low: None, high: None }];
        run.results.team.delivered.clear();
        run.scenario.platforms[0].rules.clear();
        run.scenario.assumptions.clear();
        run.curve.points.clear();
    });
    odd("no events", &|run| {
        let account = &mut run.results.mean_account;
        account.disconnected = share(0.0);
        for cause in &mut account.first_disconnection {
            cause.by_day.fill(share(0.0));
        }
        account.disconnected_by_day.fill(share(0.0));
        run.results.series.occupancy.iter_mut().for_each(|day| {
            *day = pacewise::results::Occupancy {
                connected: 1.0,
                restricted: 0.0,
                disconnected: 0.0,
                permanent: 0.0,
                unopened: 0.0,
            };
        });
        run.curve.points.iter_mut().for_each(|point| point.risk = share(0.0));
    });
    odd("sixty rules, a limit of zero", &|run| {
        let windows =
            (0..60).map(|n| fixture::window(&format!("rule_{n}"), Window::Day, n, [3, 4, 5, 6], 0.5));
        let windows: Vec<WindowUse> = windows.collect();
        accounts(run).for_each(|account| account.utilisation.clone_from(&windows));
        run.scenario.platforms[0].rules =
            (0..60).map(|n| fixture::rule(&format!("rule_{n}"), &[0, 1], &[(Window::Day, n)])).collect();
    });
    odd("very long names", &|run| {
        let long = "an_unreasonably_long_name_".repeat(8);
        run.scenario.name.clone_from(&long);
        run.results.mean_account.first_disconnection[4].cause.clone_from(&long);
        accounts(run).for_each(|account| account.utilisation[1].rule.clone_from(&long));
        run.results.groups[0].name.clone_from(&long);
        run.scenario.platforms[0].rules[0].name.clone_from(&long);
        run.results.series.activity.iter_mut().for_each(|series| series.action.clone_from(&long));
        run.results.mean_account.actions[1].action.clone_from(&long);
        run.curve.action = Some(long);
    });
    odd("marks that XML and HTML read", &|run| {
        "<b>\"&amp;' ünïcode 名前".clone_into(&mut run.results.mean_account.first_disconnection[4].cause);
    });
    odd("ten years", &|run| {
        run.results.horizon_days = 3650;
        run.scenario.horizon_days = 3650;
        run.results.mean_account = fixture::account(3650);
    });
    odd("sure events and one pace", &|run| {
        run.results.mean_account.flagged = share(1.0);
        run.results.mean_account.disconnected = share(1.0);
        run.curve.points.truncate(1);
        run.curve.points[0].risk = share(1.0);
    });
    runs
}

#[test]
fn odd_results_are_drawn_and_written() {
    let place = tempfile::tempdir().expect("a temporary folder");
    for (name, run) in odd_runs() {
        for (plot, svg) in all_plots(&run) {
            assert!(!svg.contains("NaN") && !svg.contains("inf\""), "{name}: {plot}");
            let coordinates_stay_on_the_sheet = !svg.contains("2147483647");
            assert!(coordinates_stay_on_the_sheet, "{name}: {plot}");
        }
        let text = run.text(Format::Table);
        assert!(!text.contains("NaN"), "{name}: {text}");
        let widest = text.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(100) || name == "very long names", "{name}: {text}");
        let folder = place.path().join("r");
        write_folder(&run.report(), &folder).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}
