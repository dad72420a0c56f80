//! Properties of scenarios with everything in: valid ones run from text to report and keep the books, however many threads
//! work and whichever path is taken; broken ones get findings that point into their text.
//!
//! `PACEWISE_LONG=1 cargo test --release --test everything` tries many more.

#[path = "everything/broken.rs"]
mod broken;
#[path = "everything/text.rs"]
mod text;

use pacewise::engine::{Control, RunConfig, Stop, run};
use pacewise::estimate::{Intervals, results};
use pacewise::model::{AccountOutcome, Model, Outcome};
use pacewise::report::{Format, Provenance, Report, write};
use pacewise::scenario::{Parsed, Resolution, Scenario, Severity};
use pacewise::stats::proportion::Method;
use proptest::prelude::*;

use broken::{damage, shipped};
use text::{LOG, scenario_text};

/// Cases of a property: few in the quick check.
fn cases(quick: u32) -> ProptestConfig {
    let long = std::env::var_os("PACEWISE_LONG").is_some();
    let cases = if long { 50 * quick } else { quick };
    ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 300, ..ProptestConfig::default() }
}

fn parse(text: &str) -> Parsed {
    Scenario::parse_beside(text, "everything", &|_| Ok(LOG.to_owned()))
}

fn valid(text: &str) -> Scenario {
    let parsed = parse(text);
    let errors = parsed.diagnostics.iter().filter(|finding| finding.severity == Severity::Error);
    parsed.scenario.unwrap_or_else(|| panic!("{text}\n{:#?}", errors.collect::<Vec<_>>()))
}

/// The first replicates, on the plain path or on the one with shortcuts.
fn outcomes(scenario: &Scenario, resolution: Resolution, plain: bool, n: u64) -> Vec<Outcome> {
    let model = Model::compile_at(scenario, resolution);
    let mut simulator = model.simulator();
    let one = |replicate| {
        if plain {
            simulator.replicate_in_full(3, replicate, |_, _| {}).clone()
        } else {
            simulator.replicate(3, replicate).clone()
        }
    };
    (0..n).map(one).collect()
}

/// A run from the model to every text format of a report, as one text.
fn reported(scenario: &Scenario, threads: usize, n: u64) -> String {
    let config =
        RunConfig { seed: 5, stop: Stop::After(n), threads: Some(threads), level: 0.95, sample: true };
    let model = Model::compile(scenario);
    let done = run(&model, &config, &Control::default());
    let how = Intervals { level: 0.95, method: Method::Wilson };
    let results = results(scenario, &model, &done.tally, done.reason, how);
    let provenance = Provenance {
        version: "0".to_owned(),
        command: vec!["pacewise".to_owned()],
        seed: 5,
        replicates: n,
        stop_reason: "all done".to_owned(),
        resolution: "day".to_owned(),
        resolution_reason: "asked for".to_owned(),
        scenario_hash: scenario.hash(),
        target: "here".to_owned(),
    };
    let report = Report { scenario, provenance: &provenance, results: &results, curve: None, savings: None };
    let mut bytes = Vec::new();
    for format in [Format::Table, Format::Json, Format::Csv, Format::Markdown] {
        write(&report, format, &mut bytes).expect("memory takes all");
    }
    String::from_utf8(bytes).expect("reports are text")
}

/// What holds of every life.
fn keeps_the_books(scenario: &Scenario, account: &AccountOutcome) -> Result<(), TestCaseError> {
    for action in 0..scenario.actions.len() {
        let accounted = account.delivered[action] + account.waiting[action] + account.lost[action];
        prop_assert_eq!(account.demanded[action], accounted, "{}", &scenario.actions[action]);
        prop_assert!(account.waiting[action] <= account.deferred[action]);
        prop_assert!(account.deferred[action] <= account.demanded[action]);
    }
    for away in &account.aways {
        prop_assert!(away.from <= away.restricted_until.max(away.from) && away.from <= away.until);
    }
    prop_assert!(account.aways.windows(2).all(|pair| pair[0].until <= pair[1].from), "aways overlap");
    Ok(())
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn valid_scenarios_keep_the_books_on_both_paths_and_at_both_resolutions(text in scenario_text()) {
        let scenario = valid(&text);
        let mut resolutions = vec![Resolution::Event];
        if scenario.needs_events().is_none() {
            resolutions.push(Resolution::Day);
        }
        for resolution in resolutions {
            let plain = outcomes(&scenario, resolution, true, 3);
            for outcome in &plain {
                for account in &outcome.accounts {
                    keeps_the_books(&scenario, account)?;
                }
            }
            let shortcuts = outcomes(&scenario, resolution, false, 3);
            prop_assert!(plain == shortcuts, "the paths differ at {resolution:?} resolution");
        }
    }
}

proptest! {
    #![proptest_config(cases(30))]

    #[test]
    fn valid_scenarios_are_reported_alike_by_any_number_of_threads(text in scenario_text()) {
        let scenario = valid(&text);
        let alone = reported(&scenario, 1, 70);
        for threads in [2, 7] {
            prop_assert!(reported(&scenario, threads, 70) == alone, "{threads} threads report something else");
        }
    }
}

/// Whether a run of the scenario is a matter of a moment.
fn is_small(scenario: &Scenario) -> bool {
    let group = |group: &pacewise::scenario::Group| {
        let wanted: f64 =
            group.demand.iter().chain(&group.background).map(|one| one.law.mean() * 1_000.0).sum();
        (f64::from(group.count), wanted)
    };
    let groups: f64 = scenario.groups.iter().map(group).map(|(count, wanted)| count * (wanted + 1e3)).sum();
    groups * f64::from(scenario.horizon_days) < 1e8 && scenario.accounts() < 100
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn broken_scenarios_get_findings_in_their_text_or_are_valid(
        text in prop_oneof![scenario_text(), shipped()],
        damages in proptest::collection::vec(damage(), 1..4),
    ) {
        let text = damages.iter().fold(text, |text, one| one.apply(&text));
        let parsed = parse(&text);
        for finding in &parsed.diagnostics {
            let place = text.get(finding.span.clone());
            prop_assert!(place.is_some(), "outside of the text: {finding:?}");
            prop_assert!(!finding.message.is_empty());
        }
        let errors = parsed.diagnostics.iter().filter(|finding| finding.severity == Severity::Error).count();
        match parsed.scenario {
            None => prop_assert!(errors > 0, "refused without an error"),
            Some(scenario) => {
                prop_assert_eq!(errors, 0, "accepted with errors");
                if is_small(&scenario) {
                    for account in outcomes(&scenario, scenario.effective_resolution(), false, 1)
                        .iter()
                        .flat_map(|outcome| &outcome.accounts)
                    {
                        keeps_the_books(&scenario, account)?;
                    }
                }
            }
        }
    }
}
