//! Memory does not grow with the number of replicates.

use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;

use crate::program::{QUICK, program, root, temporary, write};

/// Memory that any run may take, in kB.
const MOST: u64 = 200_000;

/// The largest memory of a run in kB. It prints more JSON than a pipe holds, so that it still lives, waiting for its reader,
/// when everything else is done and its status is read.
fn peak(place: &Path, words: &str) -> u64 {
    let mut command = program(place);
    command.args(words.split(' ')).args(["--format", "json"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("it runs");
    let mut out = child.stdout.take().expect("a pipe");
    out.read_exact(&mut [0]).expect("it prints");
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).expect("it lives");
    let mut rest = Vec::new();
    out.read_to_end(&mut rest).expect("it prints on");
    assert!(rest.len() > 1 << 16, "only {} bytes: it may have ended before it was looked at", rest.len());
    assert!(child.wait().expect("it ends").success());
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the largest memory");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// The quick team with 30 groups, so that its summary is long.
fn wide() -> String {
    (0..30).fold(QUICK.replace("count = 3", "count = 1"), |mut text, number| {
        let _ = write!(text, "[[group]]\nname = \"{number}\"\n");
        text
    })
}

#[test]
fn memory_does_not_grow_with_the_number_of_replicates() {
    let place = temporary();
    write(place.path(), "wide.toml", wide());
    let run = |replicates: u64| {
        peak(place.path(), &format!("simulate wide.toml --no-curve --out r --replicates {replicates}"))
    };
    let (few, many) = (run(200), run(5_000));
    assert!(many < few + few / 5, "{few} kB for 200 replicates, {many} kB for 5,000");
    assert!(many < MOST, "{many} kB");
}

#[test]
fn the_outreach_scenario_stays_under_200_mb() {
    let place = temporary();
    let scenario = root().join("scenarios/linkedin_outreach.toml");
    let long = std::env::var_os("PACEWISE_LONG").is_some();
    for replicates in if long { vec![2_000, 20_000] } else { vec![900] } {
        let words = format!("simulate {} --no-curve --out r --replicates {replicates}", scenario.display());
        let peak = peak(place.path(), &words);
        assert!(peak < MOST, "{peak} kB for {replicates} replicates");
    }
}
