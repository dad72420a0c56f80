//! Outputs that are full, closed or in the way: the answer that can be given is given, and the exit code tells.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::program::{QUICK, Ran, contents, program, run, succeed, summary, temporary, write};

/// Every command that prints something, and its exit code when it can.
const PRINTING: [(&str, i32); 9] = [
    ("simulate team.toml --replicates 20 --no-curve --out r", 0),
    ("simulate team.toml --replicates 20 --no-curve --out r --format json", 0),
    ("pace team.toml --risk 0.1% --replicates 20", 1),
    ("check team.toml", 0),
    ("schema", 0),
    ("new", 0),
    ("platforms", 0),
    ("platforms linkedin", 0),
    ("simulate --help", 0),
];

fn with_output(place: &Path, words: &str, out: Stdio) -> Ran {
    let ran = program(place).args(words.split(' ')).stdout(out).stderr(Stdio::piped()).output();
    ran.expect("it runs").into()
}

#[test]
fn a_full_standard_output_is_an_error_of_its_own() {
    for (words, _) in PRINTING {
        let place = temporary();
        write(place.path(), "team.toml", QUICK);
        let full = File::options().write(true).open("/dev/full").expect("a full device");
        let ran = with_output(place.path(), words, full.into());
        assert_eq!(ran.code, Some(2), "{words}: {}", ran.err);
        let last = ran.err.lines().last().unwrap_or_default();
        assert_eq!(last, "error: cannot write to standard output: no space left on device", "{words}");
    }
}

#[test]
fn a_full_standard_output_costs_no_report_and_no_combined_file() {
    let place = temporary();
    write(place.path(), "one.toml", QUICK);
    write(place.path(), "two.toml", QUICK);
    let full = File::options().write(true).open("/dev/full").expect("a full device");
    let words = "simulate one.toml two.toml --replicates 20 --no-curve --out all";
    assert_eq!(with_output(place.path(), words, full.into()).code, Some(2));
    let files = contents(&place.path().join("all"));
    for name in ["one/summary.json", "two/summary.json", "combined.csv"] {
        assert!(files.contains_key(name), "{name} is lost");
    }
}

#[test]
fn a_reader_that_has_had_enough_is_no_error() {
    for (words, code) in PRINTING {
        let place = temporary();
        write(place.path(), "team.toml", QUICK);
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let ran = with_output(place.path(), words, writer.into());
        assert_eq!(ran.code, Some(code), "{words}: {}", ran.err);
        assert!(!ran.err.contains("error") && !ran.err.contains("panicked"), "{words}: {}", ran.err);
        assert!(!words.contains("--out") || place.path().join("r/summary.json").exists());
    }
}

#[test]
fn a_closed_or_full_standard_error_stops_no_run() {
    let place = temporary();
    write(place.path(), "team.toml", QUICK);
    let program = assert_cmd::cargo::cargo_bin!("pacewise").display().to_string();
    for redirection in ["2>&-", "2>/dev/full", "2>&- >&-", "<&-"] {
        let out = redirection.replace(|c: char| !c.is_alphanumeric(), "_");
        let script =
            format!("{program} simulate team.toml --replicates 20 --no-curve --out {out} {redirection}");
        let ran =
            Command::new("sh").args(["-c", &script]).current_dir(place.path()).output().expect("a shell");
        assert_eq!(ran.status.code(), Some(0), "{redirection}");
        assert_eq!(summary(&place.path().join(out))["replicates"], 20);
    }
}

/// Runs the program with files of at most 25,600 bytes, which a report's exceed: as on a disk that is full.
fn on_a_small_disk(place: &Path, words: &str) -> Ran {
    let program = assert_cmd::cargo::cargo_bin!("pacewise").display().to_string();
    let script = format!("trap '' XFSZ; ulimit -f 50; exec {program} {words}");
    Command::new("sh").args(["-c", &script]).current_dir(place).output().expect("a shell").into()
}

#[test]
fn a_disk_that_is_full_leaves_the_previous_report_and_shows_the_numbers_all_the_same() {
    let place = temporary();
    write(place.path(), "team.toml", QUICK);
    succeed(place.path(), "simulate team.toml --replicates 50 --out r");
    let _ = run(place.path(), "pace team.toml --risk 5% --replicates 20 --out p");
    let before = contents(place.path());
    for words in [
        "simulate team.toml --replicates 60 --no-curve --out r",
        "pace team.toml --risk 5% --replicates 20 --out p",
    ] {
        let ran = on_a_small_disk(place.path(), words);
        assert_eq!(ran.code, Some(2), "{words}: {}", ran.err);
        assert!(
            ran.err.starts_with("error: cannot write ") && ran.err.ends_with(": file too large\n"),
            "{}",
            ran.err
        );
        assert!(!ran.out.is_empty(), "{words}: the numbers are lost");
        assert!(contents(place.path()) == before, "{words}: something was touched or left behind");
    }
}

#[test]
fn a_report_does_not_take_the_place_of_one_of_another_kind() {
    let place = temporary();
    write(place.path(), "team.toml", QUICK);
    write(place.path(), "log.csv", "account,time,action\na,2026-01-05T10:00:00Z,message\n");
    let commands = [
        ("simulate team.toml --replicates 20 --no-curve", "of a simulation"),
        ("pace team.toml --risk 5% --replicates 20", "of paces"),
        ("scan log.csv --platform linkedin", "of a scan"),
        ("load --platform linkedin --checks 1000", "of a load test"),
    ];
    for (number, (words, _)) in commands.iter().enumerate() {
        let first = run(place.path(), &format!("{words} --out r{number}"));
        assert!(matches!(first.code, Some(0 | 1)), "{words}: {}", first.err);
    }
    for (number, (words, what)) in commands.iter().enumerate() {
        for (other, _) in commands.iter().filter(|(other, _)| other != words) {
            let ran = run(place.path(), &format!("{other} --out r{number}"));
            assert_eq!(ran.code, Some(2), "{other} over {words}");
            assert!(ran.err.contains(&format!("holds a report {what}")), "{other} over {words}: {}", ran.err);
        }
        let again = run(place.path(), &format!("{words} --out r{number}"));
        assert!(matches!(again.code, Some(0 | 1)), "{words}: {}", again.err);
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_found_out_before_the_work() {
    let place = temporary();
    write(place.path(), "team.toml", QUICK);
    write(place.path(), "file", "in the way");
    fs::create_dir(place.path().join("mine")).expect("created");
    write(place.path(), "mine/thesis.tex", "years of work");
    fs::create_dir(place.path().join("later.partial")).expect("created");
    write(place.path(), "later.partial/thesis.tex", "years of work");
    let before = contents(place.path());
    for (out, says) in [
        ("file", "/file exists and is no folder\n"),
        ("file/r", "cannot write "),
        ("mine", "is not empty and holds no report"),
        ("mine/thesis.tex", "exists and is no folder"),
        ("later", "later.partial is not empty and holds no report"),
        (".", "is not empty and holds no report"),
        ("/", "is not empty and holds no report"),
        ("/dev/full", "/dev/full exists and is no folder"),
        ("/dev/null/r", "cannot write /dev/null/r: "),
        ("/proc/r", "cannot write /proc/r: no such file or directory"),
    ] {
        // So many replicates would never end.
        let words = format!("simulate team.toml --replicates 1000000000000 --out {out}");
        let ran = run(place.path(), &words);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{out}: {}", ran.err);
        assert!(ran.err.starts_with("error: ") && ran.err.contains(says), "{out}: {}", ran.err);
        let own_words = ran.err.replace(&place.path().display().to_string(), "");
        assert!(!own_words.contains("os error") && !own_words.contains(".tmp"), "{out}: {}", ran.err);
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
        assert!(contents(place.path()) == before, "{out}: something was touched or left behind");
    }
}

#[test]
fn two_scenarios_of_one_name_never_write_over_each_other() {
    let place = temporary();
    fs::create_dir(place.path().join("other")).expect("created");
    write(place.path(), "team.toml", QUICK);
    write(place.path(), "other/team.toml", QUICK);
    let ran = run(place.path(), "simulate team.toml other/team.toml --replicates 1000000000000");
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    assert!(ran.err.contains("team.toml and other/team.toml have the same name"), "{}", ran.err);
}
