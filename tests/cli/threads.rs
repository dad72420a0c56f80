//! The number of threads changes no number and no byte.

use std::fs;
use std::path::Path;

use pacewise::engine::{Control, Run, RunConfig, Stop, run};
use pacewise::model::Model;
use pacewise::scenario::{Resolution, Scenario};

use crate::program::{QUICK, assert_equal_folders, contents, root, succeed, temporary, write};

const THREADS: [usize; 3] = [1, 2, 7];

/// The outreach of five people: event resolution, caps, a backlog.
fn outreach() -> String {
    fs::read_to_string(root().join("scenarios/linkedin_outreach.toml")).expect("it is text")
}

/// Runs a command with each number of threads and compares what it prints and writes.
fn assert_threads_change_nothing(place: &Path, words: &str, files: &[&str]) {
    let ran =
        THREADS.map(|threads| succeed(place, &format!("{words} --threads {threads} --out {threads}")).out);
    assert!(ran.iter().all(|out| *out == ran[0]), "{words}");
    let one = contents(&place.join("1"));
    for file in files {
        assert!(one.get(*file).is_some_and(|bytes| bytes.len() > 100), "{file} is missing");
    }
    for threads in ["2", "7"] {
        assert_equal_folders(&place.join("1"), &place.join(threads));
    }
}

#[test]
fn folders_at_day_resolution_are_equal_for_1_2_and_7_threads() {
    let place = temporary();
    write(place.path(), "team.toml", QUICK);
    let files = ["report.html", "curve.csv", "plots/risk_curve.png", "plots/incidence.png", "summary.json"];
    assert_threads_change_nothing(place.path(), "simulate team.toml --replicates 6000 --format json", &files);
}

#[test]
fn folders_at_event_resolution_are_equal_for_1_2_and_7_threads() {
    let place = temporary();
    write(place.path(), "outreach.toml", outreach());
    let files = ["report.html", "plots/daily.png", "summary.json"];
    assert_threads_change_nothing(place.path(), "simulate outreach.toml --replicates 130", &files);
}

#[test]
fn runs_that_stop_when_precise_stop_at_the_same_replicate_for_1_2_and_7_threads() {
    let place = temporary();
    write(place.path(), "team.toml", QUICK);
    assert_threads_change_nothing(
        place.path(),
        "simulate team.toml --half-width 0.004 --no-curve --format csv",
        &["summary.json"],
    );
}

#[test]
fn answers_of_pace_are_equal_for_1_2_and_7_threads() {
    let place = temporary();
    write(place.path(), "team.toml", QUICK);
    let words = "pace team.toml --action message --risk 30% --total 500 --replicates 200";
    assert_threads_change_nothing(place.path(), words, &["pace.json", "plots/risk_curve.png"]);
}

fn tallied(text: &str, stop: Stop, threads: usize) -> Run {
    let scenario = Scenario::parse(text, "team").scenario.expect("it is valid");
    let config = RunConfig { seed: 11, stop, threads: Some(threads), level: 0.95, sample: true };
    run(&Model::compile(&scenario), &config, &Control::default())
}

#[test]
fn tallies_are_equal_for_1_2_and_7_threads() {
    let resolution =
        |text| Scenario::parse(text, "team").scenario.expect("it is valid").effective_resolution();
    assert_eq!((resolution(QUICK), resolution(&outreach())), (Resolution::Day, Resolution::Event));
    let precise = Stop::WhenPrecise { half_width: 0.004, at_most: 1_000_000 };
    for (text, stop) in [(QUICK, Stop::After(3_001)), (QUICK, precise), (&outreach(), Stop::After(131))] {
        let [one, two, seven] = THREADS.map(|threads| tallied(text, stop, threads));
        assert!(one.tally.replicates > 100 && one.tally.sample.replicates > 100);
        assert!(one == two && one == seven, "{stop:?}");
    }
}

#[test]
fn another_seed_gives_another_tally() {
    let scenario = Scenario::parse(QUICK, "team").scenario.expect("it is valid");
    let stop = Stop::After(100);
    let config = RunConfig { seed: 12, stop, threads: Some(2), level: 0.95, sample: true };
    assert!(run(&Model::compile(&scenario), &config, &Control::default()) != tallied(QUICK, stop, 2));
}
