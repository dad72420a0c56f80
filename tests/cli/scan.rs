//! `pacewise scan`: what it prints and writes, every way in which it refuses, and how it ends.

use std::fs;
use std::path::Path;

use crate::program::{Ran, contents, json, root, run, temporary, write};

const RULES: &str =
    "[[rule]]\nname = \"posts\"\nactions = [\"post\"]\nwindows = [{ sliding = \"1h\", limit = 1 }]\n";
const LOG: &str = "account,time,action\na,2026-01-05T09:00:00Z,post\na,2026-01-05T09:59:59Z,post\nb,2026-01-05T10:00:00Z,post\n";

/// A folder with the shipped example.
fn example() -> tempfile::TempDir {
    let place = temporary();
    for name in ["team.csv", "rules.toml"] {
        fs::copy(root().join("scenarios/logs").join(name), place.path().join(name))
            .expect("it can be copied");
    }
    place
}

const EXAMPLE: &str = "scan team.csv --rules rules.toml --columns account=user,time=when,action=kind";

fn golden(name: &str, found: &str) {
    let path = root().join("tests/data/scan").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.with_file_name("")).expect("it can be made");
        fs::write(&path, found).expect("it can be written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "{}: UPDATE_GOLDEN=1 rewrites it; found:\n{found}", path.display());
}

#[test]
fn the_example_prints_its_golden_tables_json_and_csv() {
    let place = example();
    for (format, name) in
        [("table", "team.txt"), ("json", "team.json"), ("csv", "team.csv"), ("markdown", "team.md")]
    {
        let ran = run(place.path(), &format!("{EXAMPLE} --format {format}"));
        assert_eq!(ran.code, Some(1), "{}", ran.err);
        assert_eq!(
            ran.err,
            "warning: team.csv:11:5: the time `soon` is no time; accepted are ISO 8601 with a zone, as in \
             2026-01-05T09:30:00Z or +01:00, and unix time, as in 1767605400\n\
             warning: team.csv: unknown actions, not judged (1 event): wave\n"
        );
        golden(name, &ran.out);
    }
}

#[test]
fn the_folder_holds_tidy_files_and_replaces_only_its_like() {
    let place = example();
    let ran = run(place.path(), &format!("{EXAMPLE} --out found --format json --top 1"));
    assert_eq!((ran.code, ran.err.ends_with("report: found\n")), (Some(1), true), "{}", ran.err);
    let files = contents(&place.path().join("found"));
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["account_days.csv", "accounts.csv", "days.csv", "limits.csv", "refused.csv", "summary.json"]
    );
    assert_eq!(ran.out.as_bytes(), files["summary.json"]);
    assert_eq!(json(&ran.out)["found"]["worst"].as_array().map(Vec::len), Some(1));
    for name in ["account_days.csv", "accounts.csv", "days.csv", "refused.csv"] {
        golden(&format!("found_{name}"), std::str::from_utf8(&files[name]).expect("text"));
    }
    let again = run(place.path(), &format!("{EXAMPLE} --out found --no-refusals"));
    assert_eq!(again.code, Some(1), "{}", again.err);
    assert!(!place.path().join("found/refused.csv").exists() && again.out.contains('–'));
    write(place.path(), "found/mine.txt", "mine");
    let refused = run(place.path(), &format!("{EXAMPLE} --out found"));
    assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""), "{}", refused.err);
    assert!(refused.err.contains("mine.txt"), "{}", refused.err);
}

fn scan(place: &Path, log: &str, words: &str) -> Ran {
    write(place, "log.csv", log);
    write(place, "rules.toml", RULES);
    run(place, &format!("scan log.csv --rules rules.toml {words}"))
}

#[test]
fn the_exit_code_says_whether_a_rule_was_broken() {
    let place = temporary();
    let broken = scan(place.path(), LOG, "");
    assert_eq!(broken.code, Some(1), "{}", broken.err);
    assert!(
        broken.out.starts_with("rules were broken: 1 of 3 events of 2 accounts, by 1 account"),
        "{}",
        broken.out
    );
    let kept = scan(place.path(), &LOG.replace("09:59:59", "10:00:00"), "--format csv");
    assert_eq!((kept.code, kept.err.as_str()), (Some(0), ""));
    let empty = scan(place.path(), "account,time,action\n", "");
    assert_eq!(empty.code, Some(0), "{}", empty.err);
    assert!(empty.out.starts_with("no rule was broken by 0 events of 0 accounts"), "{}", empty.out);
}

#[test]
fn what_cannot_be_scanned_is_refused_with_its_place() {
    let place = temporary();
    for (log, words, says) in [
        (LOG, "--zone Mars", "no time zone is called `Mars`"),
        (LOG, "--near 120%", "expected a number between 0 and 1"),
        (LOG, "--columns user", "expected account=NAME, time=NAME and action=NAME"),
        (LOG, "--delimiter ab", "expected one character"),
        (LOG, "--sort-memory 5", "--sort"),
        (LOG, "--variant wild", "cannot be used with"),
        (LOG, "--platform x", "rules.toml: no platform is called `x` here; there are platform"),
        (
            LOG,
            "--columns time=ts",
            "log.csv:1:1: no column is called `ts`; this line names account, time, action",
        ),
        (LOG, "--unit h", "possible values: s, ms, us, ns"),
        ("", "", "log.csv:1:1: the log is empty"),
        (
            &LOG.replace("T10:", "T08:"),
            "",
            "log.csv:4:3: out of order: 2026-01-05T08:00:00Z, after a line of 2026-01-05T09:59:59Z",
        ),
        (&LOG.replace("2026-01-05T10:00:00Z", "x"), "--strict", "log.csv:4:3: the time `x` is no time"),
        (&LOG.replace('T', "t t"), "", "log.csv: no line is an event"),
        (&LOG.replace('Z', ""), "", "log.csv: no line is an event"),
        (LOG, "--binary --strict", "log.csv:record 1: "),
    ] {
        let ran = scan(place.path(), log, words);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{words}: {}", ran.err);
        assert!(ran.err.contains("error: ") && ran.err.contains(says), "{words}: {}", ran.err);
        assert!(!ran.err.contains("panicked") && !ran.err.contains("os error"), "{words}: {}", ran.err);
    }
}

#[test]
fn records_over_several_lines_are_told_and_fatal_with_strict() {
    let place = temporary();
    let log = "account,time,action,note\na,5,post,\"one\ntwo\"\na,6,post,\n\"b,7,post,\nb,8,post,\n";
    let ran = scan(place.path(), log, "");
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.out.starts_with("rules were broken: 1 of 3 events of 2 accounts"), "{}", ran.out);
    let rows: Vec<String> =
        ran.out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert!(
        rows.iter().any(|row| row == "records over several lines 1, the first in lines 2-3"),
        "{}",
        ran.out
    );
    assert!(
        ran.err.starts_with("warning: log.csv:5:1: a quote is opened here and not closed in this line; ")
            && ran.err.contains("warning: log.csv: records over several lines: 1, the first in lines 2-3; "),
        "{}",
        ran.err
    );
    let json = json(&scan(place.path(), log, "--format json").out);
    assert_eq!(json["log"]["several_lines"], serde_json::json!({ "count": 1, "first": [2, 3] }));
    let strict = scan(place.path(), log, "--strict");
    assert_eq!(strict.code, Some(2));
    assert!(strict.err.contains("log.csv:2:10: this cell holds line breaks"), "{}", strict.err);
}

#[test]
fn a_scenario_that_only_states_the_rules_is_not_warned_of_its_demand() {
    let place = temporary();
    let scenario = format!("start = 2026-01-05\nhorizon_days = 9\n{RULES}");
    write(place.path(), "scenario.toml", scenario + "detection = { per = \"event\", probability = 0.1 }\n");
    write(place.path(), "log.csv", LOG);
    let simulated = run(place.path(), "check scenario.toml");
    assert!(simulated.err.contains("warning"), "there is nothing to be silent about: {}", simulated.err);
    let ran = run(place.path(), "scan log.csv --rules scenario.toml");
    assert_eq!((ran.code, ran.err.as_str()), (Some(1), ""));
}

#[test]
fn files_that_are_not_there_or_no_rules_are_refused() {
    let place = temporary();
    write(place.path(), "log.csv", LOG);
    write(place.path(), "rules.toml", RULES);
    write(place.path(), "wrong.toml", RULES.replace("post", "pots"));
    write(place.path(), "cut.csv", [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 75, 76]);
    for (words, says) in [
        ("scan log.csv", "no rules: name --rules FILE or --platform NAME"),
        ("scan absent.csv --rules rules.toml", "error: absent.csv: no such file or directory\n"),
        ("scan . --rules rules.toml", "error: .: this is a folder; name a file\n"),
        ("scan log.csv --rules absent.toml", "error: absent.toml: no such file or directory\n"),
        ("scan log.csv --rules wrong.toml", "unknown action `pots`"),
        ("scan log.csv --platform linkedn", "no platform is called `linkedn`; known: linkedin"),
        ("scan log.csv --platform linkedin --variant wild", "`linkedin` has no variant `wild`"),
        (
            "scan cut.csv --rules rules.toml",
            "error: cut.csv: the gzip data ends early: the file is not whole\n",
        ),
        ("scan log.csv --rules rules.toml --out log.csv", "log.csv exists and is no folder"),
    ] {
        let ran = run(place.path(), words);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{words}: {}", ran.err);
        assert!(ran.err.contains("error: ") && ran.err.contains(says), "{words}: {}", ran.err);
    }
}

#[test]
fn sorting_zones_units_and_standard_input_are_as_the_options_say() {
    let place = temporary();
    let unsorted = "account,time,action\na,2026-01-05T10:59:59,post\na,2026-01-05T10:00:00,post\n";
    for memory in ["", "--sort-memory 1"] {
        let ran =
            scan(place.path(), unsorted, &format!("--sort {memory} --zone Europe/Berlin --format json"));
        assert_eq!(ran.code, Some(1), "{}", ran.err);
        let found = json(&ran.out);
        assert_eq!(found["found"]["span"], serde_json::json!([1_767_603_600_000_i64, 1_767_607_199_000_i64]));
        assert_eq!(
            (&found["log"]["out_of_order"], &found["log"]["zone"]),
            (&1.into(), &"Europe/Berlin".into())
        );
    }
    let numbers = "account;time;action\na;1767603600000;post\na;1767607199999;4\n";
    assert_eq!(scan(place.path(), numbers, "--delimiter ; --unit ms").code, Some(1));
    assert_eq!(scan(place.path(), numbers, "--delimiter ;").code, Some(1));
    let seconds = scan(place.path(), numbers, "--delimiter ; --unit s");
    assert!(seconds.err.contains("is outside of the years -9999 to 9999"), "{}", seconds.err);
}

#[test]
fn a_profile_shows_the_class_and_the_source_of_every_limit() {
    let place = temporary();
    write(place.path(), "log.csv", LOG);
    let ran = run(place.path(), "scan log.csv --platform linkedin --format json");
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let found = json(&ran.out);
    assert_eq!(found["rules"]["origin"], "profile linkedin, variant cautious");
    for limit in found["found"]["limits"].as_array().expect("limits") {
        assert!(limit["origin"]["class"].is_string() && limit["origin"]["source"].is_string(), "{limit}");
    }
    let table = run(place.path(), "scan log.csv --platform linkedin --variant self_serve").out;
    assert!(table.contains("Where the limits come from") && table.contains("variant self_serve"), "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 100), "{table}");
}

/// What a scan found of the rule on uploads, whose days are those of Los Angeles.
fn uploads(place: &Path, words: &str) -> serde_json::Value {
    let ran = run(place, &format!("scan log.csv --zone Europe/Berlin --format json {words}"));
    let found = json(&ran.out);
    let limits = found["found"]["limits"].as_array().expect("limits");
    let uploads = limits.iter().find(|limit| limit["rule"] == "uploads");
    uploads.unwrap_or_else(|| panic!("{words}: {}", ran.err)).clone()
}

#[test]
fn days_of_a_profile_are_those_of_its_own_zone_whatever_the_zone_of_the_log() {
    let place = temporary();
    let day = "start = 2026-07-01\nhorizon_days = 9\nplatform = \"youtube\"\n[demand.post]\npoisson = { mean = 1 }\n";
    write(place.path(), "plain.toml", day);
    write(place.path(), "berlin.toml", format!("{day}[calendar]\nzone = \"Europe/Berlin\"\n"));
    write(place.path(), "rules.toml", "platform = \"youtube\"\n");
    // 100 uploads are permitted a day, which begins at 07:00 UTC: with daylight saving, unlike in simulations.
    let log = |times: [&str; 2]| {
        let lines = times.map(|time| format!("a,2026-07-{time}Z,post\n").repeat(60));
        "account,time,action\n".to_owned() + &lines.concat()
    };
    for (times, breaches) in [
        (["02T06:59:59", "02T07:00:00"], 0),
        (["01T07:00:00", "02T06:59:59"], 20),
        (["01T23:30:00", "02T00:30:00"], 20),
    ] {
        write(place.path(), "log.csv", log(times));
        for words in ["--platform youtube", "--rules rules.toml", "--rules plain.toml", "--rules berlin.toml"]
        {
            let found = uploads(place.path(), words);
            assert_eq!(found["breaches"], breaches, "{words}, {times:?}");
            assert_eq!(
                (&found["window"], &found["zone"]),
                (&"calendar day".into(), &"America/Los_Angeles".into())
            );
        }
    }
    let table = run(place.path(), "scan log.csv --platform youtube").out;
    assert!(table.contains("calendar day of America/Los_Angeles  official"), "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 100), "{table}");
}

#[test]
fn a_limit_keeps_its_zone_and_others_take_that_of_the_log() {
    let place = temporary();
    let windows = "{ calendar = \"day\", limit = 1 }, { calendar = \"week\", zone = \"America/Los_Angeles\", limit = 9 }";
    let rule = RULES.replace("{ sliding = \"1h\", limit = 1 }", windows);
    write(place.path(), "rules.toml", rule);
    write(
        place.path(),
        "log.csv",
        "account,time,action\na,2026-07-01T21:59:59Z,post\na,2026-07-01T22:00:00Z,post\n",
    );
    for (zone, breaches) in [("Europe/Berlin", 0), ("UTC", 1)] {
        let ran = run(place.path(), &format!("scan log.csv --rules rules.toml --format json --zone {zone}"));
        let found = json(&ran.out);
        assert_eq!(found["found"]["limits"][0]["breaches"], breaches, "{zone}");
        assert_eq!(found["rules"]["rules"][0]["zones"], serde_json::json!([null, "America/Los_Angeles"]));
    }
}

#[cfg(target_os = "linux")]
mod interrupted {
    use std::io::{Read, Write};
    use std::process::{Command, Stdio};

    use super::*;
    use crate::program::program;

    /// Feeds a scan of standard input until it has ended, having interrupted it.
    fn assert_tells_what_was_read(words: &str) {
        let place = temporary();
        let kept = temporary();
        write(place.path(), "rules.toml", RULES);
        let mut command = program(place.path());
        command.args(words.split_whitespace()).env("TMPDIR", kept.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it runs");
        let mut input = child.stdin.take().expect("a pipe");
        let lines = "a,5,post\n".repeat(10_000);
        input.write_all(b"account,time,action\n").expect("it reads");
        for _ in 0..8 {
            input.write_all(lines.as_bytes()).expect("it reads");
        }
        let kill = format!("kill -INT {}", child.id());
        Command::new("sh").args(["-c", &kill]).status().expect("a shell");
        while input.write_all(lines.as_bytes()).is_ok() {}
        let mut out = String::new();
        child.stdout.take().expect("a pipe").read_to_string(&mut out).expect("text");
        assert_eq!(child.wait().expect("it ends").code(), Some(130), "{words}: {out}");
        assert!(out.starts_with("partial results: rules were broken: "), "{out}");
        assert_eq!(
            fs::read_dir(kept.path()).expect("a folder").count(),
            0,
            "temporary files were left behind"
        );
    }

    #[test]
    fn a_scan_tells_what_was_found_until_then() {
        assert_tells_what_was_read("scan - --rules rules.toml");
    }

    #[test]
    fn a_scan_that_waits_for_input_tells_what_was_found_until_then() {
        let place = temporary();
        write(place.path(), "rules.toml", RULES);
        let mut command = program(place.path());
        command.args(["scan", "-", "--rules", "rules.toml"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it runs");
        let mut input = child.stdin.take().expect("a pipe");
        input.write_all(b"account,time,action\n").expect("it reads");
        // More than a pipe holds: the scan has begun once it is written. The last line has no end yet.
        input.write_all("a,5,post\n".repeat(40_000).as_bytes()).expect("it reads");
        input.write_all(b"a,5,po").expect("it reads");
        let number = child.id().to_string();
        Command::new("sh").args(["-c", &format!("kill -INT {number}")]).status().expect("a shell");
        let (ended, wait) = std::sync::mpsc::channel::<()>();
        let guard = std::thread::spawn(move || {
            let is_stuck = wait.recv_timeout(std::time::Duration::from_secs(30)).is_err();
            if is_stuck {
                let _ = Command::new("sh").args(["-c", &format!("kill -9 {number}")]).status();
            }
        });
        let mut out = String::new();
        child.stdout.take().expect("a pipe").read_to_string(&mut out).expect("text");
        assert_eq!(child.wait().expect("it ends").code(), Some(130), "{out}");
        ended.send(()).expect("somebody waits");
        guard.join().expect("no panic");
        assert!(out.starts_with("partial results: rules were broken: "), "{out}");
        drop(input);
    }

    #[test]
    fn a_sorted_scan_leaves_no_temporary_files() {
        assert_tells_what_was_read("scan - --rules rules.toml --sort --sort-memory 30000 --out r");
    }
}

#[cfg(unix)]
#[test]
fn a_place_for_temporary_files_that_takes_none_is_told_with_how_to_name_another() {
    let place = temporary();
    write(place.path(), "rules.toml", RULES);
    let scan = |accounts: u32| -> Ran {
        let posts = (0..accounts).map(|account| {
            format!("u{account},{},post\n", 1_767_571_200 + 60 * u64::from(account)).repeat(2)
        });
        write(place.path(), "log.csv", format!("account,t,action\n{}", posts.collect::<String>()));
        let mut program = crate::program::program(place.path());
        program.args(["scan", "log.csv", "--rules", "rules.toml"]).env("TMPDIR", "/nowhere");
        program.output().expect("it runs").into()
    };
    let few = scan(20_000);
    assert_eq!(
        few.code,
        Some(1),
        "only the first lines of accounts are wanted, so nothing waits: {}",
        few.err
    );
    let many = scan(70_000);
    let told =
        "log.csv: what many accounts did waits in temporary files: no such file or directory; TMPDIR names";
    assert!(many.code == Some(2) && many.err.contains(told), "{:?} {}", many.code, many.err);
}

/// 140,000 accounts, each of which posts twice at once and is not seen again, but for the first one. Most of them are let go
/// while the log is read.
#[test]
fn accounts_that_are_let_go_keep_their_names_and_one_that_comes_back_is_one_account() {
    let place = temporary();
    write(place.path(), "rules.toml", RULES);
    let last = 140_000;
    let mut log = "account,t,action\n".to_owned();
    for account in (0..last).chain([0]) {
        let time = 1_767_571_200 + 3 * if log.len() > 1_000_000 && account == 0 { last } else { account };
        log += &format!("u{account},{time},post\n").repeat(2);
    }
    write(place.path(), "log.csv", &log);
    for how in ["", "--sort", "--sort --sort-memory 50000"] {
        let ran =
            run(place.path(), &format!("scan log.csv --rules rules.toml --out found --format json {how}"));
        assert_eq!(ran.code, Some(1), "{how}: {}", ran.err);
        let found = &json(&ran.out)["found"];
        let counts = ["events", "accounts", "breaking_accounts", "breaking_events", "refused"];
        assert_eq!(
            counts.map(|name| found[name].as_u64()),
            [280_002, 140_000, 140_000, 140_001, 140_001].map(Some)
        );
        let files = contents(&place.path().join("found"));
        let lines = |file: &str, column: usize| -> Vec<String> {
            let text = String::from_utf8(files[file].clone()).expect("text");
            text.lines().skip(1).map(|line| line.split(',').nth(column).expect("a cell").to_owned()).collect()
        };
        let accounts = lines("accounts.csv", 0);
        let mut each: Vec<&String> = accounts.iter().collect();
        each.sort();
        each.dedup();
        assert_eq!((accounts.len(), each.len(), accounts[0].as_str()), (140_000, 140_000, "u0"));
        for (file, column) in [("account_days.csv", 1), ("refused.csv", 1)] {
            let mut named = lines(file, column);
            named.sort();
            let mut expected: Vec<String> =
                (0..last).chain([0]).map(|account| format!("u{account}")).collect();
            expected.sort();
            assert!(named == expected, "{file} {how}");
        }
    }
}
