//! Input that cannot be used: a clear error on standard error, an exit code, no panic, and nothing touched on the disk.

use std::fs;
use std::path::Path;

use crate::program::{QUICK, contents, run, succeed, temporary, write};

/// Asserts that a command ends with a code and a word about why, prints nothing else and touches nothing.
fn assert_refused(place: &Path, words: &str, code: i32, says: &str) {
    let before = contents(place);
    let ran = run(place, words);
    assert_eq!(ran.code, Some(code), "{words}: {}", ran.err);
    assert_eq!(ran.out, "", "{words}");
    assert!(ran.err.contains("error: ") && ran.err.contains(says), "{words}: {}", ran.err);
    assert!(!ran.err.contains("panicked") && !ran.err.contains("os error"), "{words}: {}", ran.err);
    assert!(ran.err.len() < 4_000, "{words}: {} bytes of complaints", ran.err.len());
    assert!(contents(place) == before, "{words}: something was touched or left behind");
}

/// The commands that read a scenario file.
fn reading(file: &str) -> [String; 3] {
    [
        format!("check {file}"),
        format!("simulate {file} --replicates 1000000000000 --out r"),
        format!("pace {file} --risk 1% --replicates 1000000000000 --out r"),
    ]
}

#[test]
fn files_that_are_no_text_are_refused_by_every_command_that_reads_them() {
    let place = temporary();
    fs::create_dir(place.path().join("folder")).expect("created");
    write(place.path(), "latin.toml", b"name = \"caf\xe9\"\n");
    write(place.path(), "utf16.toml", b"\xff\xfes\0t\0a\0r\0t\0");
    write(place.path(), "marked.toml", b"\xef\xbb\xbfstart = 2026-01-05\n");
    write(place.path(), "junk.toml", vec![b'['; 10_000_000]);
    for (file, says) in [
        ("absent.toml", "error: absent.toml: no such file or directory\n"),
        ("folder", "error: folder: this is a folder; name a file\n"),
        ("latin.toml/x", "error: latin.toml/x: not a directory\n"),
        ("latin.toml", "error: latin.toml: is not UTF-8 text\n"),
        ("utf16.toml", "error: utf16.toml: is UTF-16 text; save it as UTF-8\n"),
        ("marked.toml", "error: marked.toml: starts with a byte order mark; save it as UTF-8 without one\n"),
        ("junk.toml", "error: junk.toml: larger than 1 MB, which no scenario is\n"),
    ] {
        for words in reading(file) {
            assert_refused(place.path(), &words, 2, says);
        }
    }
}

#[test]
fn mistakes_in_scenarios_are_shown_with_their_place_by_every_command_that_reads_them() {
    let place = temporary();
    let with = |from: &str, to: &str| {
        assert!(QUICK.contains(from), "{from}");
        QUICK.replacen(from, to, 1)
    };
    for (name, text, says) in [
        ("nan", with("mean = 10", "mean = nan"), "found NaN"),
        ("inf", with("mean = 10", "mean = inf"), "found inf"),
        ("minus_inf", with("mean = 10", "mean = -inf"), "found -inf"),
        ("too_large", with("mean = 10", "mean = 1e999"), "`mean` must be a number from 0 to"),
        ("negative", with("mean = 10", "mean = -1"), "found -1"),
        ("overflow", with("count = 3", "count = 18446744073709551616"), "`count` must be a whole number"),
        ("crowd", with("count = 3", "count = 1_000_000_000"), "found 1000000000"),
        ("for_ever", with("horizon_days = 40", "horizon_days = 1_000_000_000"), "`horizon_days` must be"),
        ("certain", with("probability = 0.02", "probability = 1.5"), "found 1.5"),
        ("misspelt", with("horizon_days", "horizon_day"), "horizon_days"),
        ("junk", "[".repeat(900_000), "error: "),
        ("deep", format!("a = {}", "{a = ".repeat(50_000)), "error: "),
        ("empty", String::new(), "`start` is missing"),
        ("zero", "\0".repeat(1_000), "error: "),
    ] {
        let file = format!("{name}.toml");
        write(place.path(), &file, text);
        for words in reading(&file) {
            assert_refused(place.path(), &words, 1, says);
            assert_refused(place.path(), &words, 1, &format!("--> {file}:"));
        }
    }
}

#[test]
fn one_bad_file_among_several_stops_them_all_before_any_is_run() {
    let place = temporary();
    write(place.path(), "good.toml", QUICK);
    write(place.path(), "bad.toml", QUICK.replace("horizon_days = 40", "horizon_days = 0"));
    assert_refused(
        place.path(),
        "simulate good.toml bad.toml --replicates 1000000000000",
        1,
        "bad.toml:3:16",
    );
    assert_refused(
        place.path(),
        "simulate good.toml absent.toml --replicates 1000000000000",
        2,
        "absent.toml: no such",
    );
    let ran = run(place.path(), "check good.toml bad.toml absent.toml");
    assert_eq!(ran.code, Some(2));
    assert!(ran.out.starts_with("good.toml: ok: 5 accounts, 40 days"), "{}", ran.out);
    assert!(
        ran.err.contains("bad.toml: 1 error, 0 warnings") && ran.err.contains("absent.toml"),
        "{}",
        ran.err
    );
}

#[test]
fn wrong_options_tell_what_would_be_accepted() {
    let place = temporary();
    write(place.path(), "team.toml", QUICK);
    for (words, says) in [
        ("simulate", "<FILE>"),
        (
            "simulate team.toml --replicates 0",
            "expected a whole number from 1 to 1000000000000, such as 10000",
        ),
        ("simulate team.toml --replicates 1e6", "expected a whole number from 1 to"),
        ("simulate team.toml --replicates 99999999999999999999", "expected a whole number from 1 to"),
        ("simulate team.toml --half-width 0.7", "expected a half-width between 0.0000001 and 0.5"),
        ("simulate team.toml --half-width nan", "expected a half-width between 0.0000001 and 0.5"),
        ("simulate team.toml --half-width 0.01 --replicates 5", "cannot be used with"),
        ("simulate team.toml --at-most 5", "--half-width <H>"),
        ("simulate team.toml --level 95", "such as 0.95 or 95%"),
        ("simulate team.toml --level inf", "such as 0.95 or 95%"),
        ("simulate team.toml --threads 0", "1..=1024"),
        ("simulate team.toml --threads 1025", "1..=1024"),
        ("simulate team.toml --seed -1", "-1"),
        ("simulate team.toml --seed 18446744073709551616", "--seed <N>"),
        ("simulate team.toml --format xml", "possible values: table, json, csv, markdown"),
        ("simulate team.toml --resolution hour", "possible values: auto, day, event"),
        ("simulate team.toml --curve", "--no-curve"),
        ("pace team.toml", "--risk <R>"),
        ("pace team.toml --risk 0", "such as 0.01 or 1%"),
        ("pace team.toml --risk 100%", "such as 0.01 or 1%"),
        ("pace team.toml --risk nan", "such as 0.01 or 1%"),
        ("pace team.toml --risk 1% --of everyone", "possible values: worst, mean, team"),
        (
            "pace team.toml --risk 1% --event fired",
            "possible values: flagged, restricted, permanent, disconnected",
        ),
        (
            "pace team.toml --risk 1% --action messages",
            "no account has a demand for `messages`; there is demand for message, post",
        ),
        ("check", "<FILE>"),
        ("new one.toml two.toml", "unexpected argument"),
        (
            "platforms linkedn",
            "no platform is called `linkedn`; known: linkedin, facebook, instagram, x, pinterest, youtube, tiktok",
        ),
        (
            "platforms linkedin --variant wild",
            "`linkedin` has no variant `wild`; known: cautious, reported_limit, self_serve",
        ),
        ("platforms --variant cautious", "<NAME>"),
        ("simulte team.toml", "'simulate'"),
    ] {
        assert_refused(place.path(), words, 2, says);
    }
}

#[test]
fn day_resolution_is_refused_where_it_is_not_enough() {
    let place = temporary();
    write(
        place.path(),
        "team.toml",
        QUICK.replace("calendar = \"day\"", "sliding = \"24h\"").replace("per = \"day\"", "per = \"event\""),
    );
    let says = "error: team.toml: day resolution is not enough, because rule `messages`";
    assert_refused(place.path(), "simulate team.toml --resolution day", 2, says);
}

#[test]
fn a_new_file_is_never_written_over_another_or_into_nowhere() {
    let place = temporary();
    write(place.path(), "mine.toml", "mine");
    fs::create_dir(place.path().join("folder")).expect("created");
    for (file, says) in [
        ("mine.toml", "error: mine.toml: exists already and is left as it is\n"),
        ("folder", "error: folder: exists already and is left as it is\n"),
        ("absent/x.toml", "error: absent/x.toml: there is no such folder\n"),
        ("mine.toml/x.toml", "error: mine.toml/x.toml: there is no such folder\n"),
    ] {
        assert_refused(place.path(), &format!("new {file}"), 2, says);
    }
    if cfg!(target_os = "linux") {
        assert_refused(place.path(), "new /proc/x.toml", 2, "error: /proc/x.toml: cannot be written: ");
    }
}

#[test]
fn a_new_file_can_be_checked_and_simulated_at_once() {
    let place = temporary();
    let made = succeed(place.path(), "new team.toml");
    assert_eq!(made.out, "wrote team.toml; next: pacewise check team.toml\n");
    let printed = succeed(place.path(), "new");
    assert_eq!(printed.out, fs::read_to_string(place.path().join("team.toml")).expect("text"));
    let checked = succeed(place.path(), "check team.toml");
    assert_eq!(checked.err, "");
    succeed(place.path(), "simulate team.toml --replicates 20 --no-curve");
    assert!(place.path().join("reports/team/report.html").exists());
}
