//! `pacewise load` as people run it: what it finds, how it ends, what it refuses.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Output, Stdio};

use assert_cmd::Command;
use serde_json::Value;

const RULES: &str = "[[rule]]\nname = \"messages\"\nactions = [\"message\"]\n\
                     windows = [{ sliding = \"1h\", limit = 5 }, { sliding = \"24h\", limit = 12 }]\n";

/// A folder with a file of rules.
fn place() -> tempfile::TempDir {
    let place = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(place.path().join("rules.toml"), RULES).expect("it can be written");
    place
}

fn load(place: &tempfile::TempDir, words: &str) -> Output {
    let mut command = Command::cargo_bin("pacewise").expect("it is built");
    command.arg("load").args(words.split_whitespace()).current_dir(place.path()).output().expect("it runs")
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What was shown, with its lines joined.
fn shown(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said(output)))
}

#[test]
fn a_run_is_repeated_by_its_seed_and_every_answer_is_right() {
    let place = place();
    for target in ["limiter", "limiter --threads 2", "limiter --batch 64", "evaluator"] {
        for pattern in ["steady", "borders", "ties", "hot"] {
            let words = format!(
                "--rules rules.toml --accounts 50 --pattern {pattern} --checks 4000 --format json --target {target}"
            );
            let (first, again) = (json(&load(&place, &words)), json(&load(&place, &words)));
            assert_eq!(
                (&first["allowed"], &first["denied"]),
                (&again["allowed"], &again["denied"]),
                "{words}"
            );
            assert_eq!(
                (&first["judged"], &first["wrong"]["allow"]),
                (&Value::from(4_000), &Value::from(0)),
                "{words}"
            );
            assert!(first["denied"].as_u64() > Some(100), "{words}: {first}");
        }
    }
    let other = json(&load(&place, "--rules rules.toml --accounts 50 --checks 4000 --format json --seed 2"));
    let first = json(&load(&place, "--rules rules.toml --accounts 50 --checks 4000 --format json"));
    assert_ne!(other["allowed"], first["allowed"]);
}

#[test]
fn thresholds_set_the_exit_code() {
    let place = place();
    let run = "--rules rules.toml --checks 2000 --threshold";
    assert_eq!(code(&load(&place, &format!("{run} errors==0 wrong_decisions==0 checks==2000"))), 0);
    let broken = load(&place, &format!("{run} errors==0 denied_share>99%"));
    assert_eq!(code(&broken), 1, "{}", said(&broken));
    assert!(shown(&broken).contains("1 of 2 thresholds is broken"));
    std::fs::write(place.path().join("bounds"), "# what must hold\nerrors==0\n\nchecks<10 # it does not\n")
        .expect("written");
    assert_eq!(code(&load(&place, "--rules rules.toml --checks 2000 --thresholds bounds")), 1);
    std::fs::write(place.path().join("bounds"), "errors==0\nspeed<10\n").expect("written");
    let unread = load(&place, "--rules rules.toml --checks 2000 --thresholds bounds");
    assert!(
        code(&unread) == 2 && said(&unread).contains("bounds:2: `speed<10` is no threshold"),
        "{}",
        said(&unread)
    );
}

#[test]
fn what_cannot_be_asked_is_refused_with_a_reason() {
    let place = place();
    for (words, says) in [
        ("--checks 10", "no rules to hold answers against"),
        ("--rules none.toml", "none.toml: no such file"),
        ("--rules rules.toml --target http://93.184.216.34/", "neither loopback nor private"),
        (
            "--rules rules.toml --target http://93.184.216.34/ --allow-host 93.184.216.34",
            "neither loopback nor private",
        ),
        ("--rules rules.toml --target http://10.1.2.3:80", "a private address"),
        ("--rules rules.toml --target https://127.0.0.1/", "is no target"),
        ("--rules rules.toml --target nobody", "is no target"),
        ("--rules rules.toml --rate 0", "above 0"),
        ("--rules rules.toml --target http://127.0.0.1:9 --rate 300000", "at most 200000"),
        ("--rules rules.toml --stages 10s", "is no stage"),
        ("--rules rules.toml --poisson", "--poisson needs"),
        ("--rules rules.toml --warm-up 20s", "--warm-up takes the whole run"),
        ("--rules rules.toml --first-account 9", "those in this process have no past"),
        ("--rules rules.toml --mix reply=3", "no action is called `reply`"),
        ("--rules rules.toml --zone Mars/Base", "no time zone is called"),
        ("--rules rules.toml --template rules.toml", "--template describes an HTTP endpoint"),
        ("--rules rules.toml --log none.csv", "none.csv: no such file"),
    ] {
        let refused = load(&place, words);
        assert!(code(&refused) == 2 && said(&refused).contains(says), "{words}: {}", said(&refused));
    }
}

#[test]
fn a_target_that_is_not_there_ends_the_command_with_2() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it has one");
    drop(listener);
    let words = format!("--rules rules.toml --target http://{address} --checks 20 --timeout 50ms");
    let output = load(&place(), &words);
    assert!(code(&output) == 2 && said(&output).contains("no check was answered"), "{}", said(&output));
    assert!(shown(&output).contains("no connection"));
}

#[test]
fn a_log_and_a_scenario_are_asked_as_they_are() {
    let place = place();
    let log = "account,time,action\nann,2026-01-05T09:00:00Z,message\nben,2026-01-05T09:00:00Z,message\nann,2026-01-05T09:59:59Z,message\n";
    std::fs::write(place.path().join("log.csv"), log).expect("written");
    let found = json(&load(&place, "--rules rules.toml --log log.csv --format json"));
    assert_eq!((&found["checks"], &found["allowed"]), (&Value::from(3), &Value::from(3)));
    std::fs::write(place.path().join("log.csv"), log.replace("2026-01-05T09:59:59Z", "soon"))
        .expect("written");
    let told = load(&place, "--rules rules.toml --log log.csv --format json");
    assert_eq!(json(&told)["checks"], 2);
    assert!(said(&told).contains("warning: log.csv:4:5: the time `soon` is no time"), "{}", said(&told));
    let refused = load(&place, "--rules rules.toml --log log.csv --strict");
    assert!(code(&refused) == 2 && said(&refused).contains("log.csv:4:5"), "{}", said(&refused));
    let scenario = format!("{}/scenarios/linkedin_outreach.toml", env!("CARGO_MANIFEST_DIR"));
    let found = json(&load(&place, &format!("--scenario {scenario} --checks 3000 --format json")));
    assert_eq!((&found["judged"], &found["wrong"]["deny"]), (&Value::from(3_000), &Value::from(0)));
}

#[test]
fn a_log_is_read_as_scans_read_it() {
    let place = place();
    // Six messages in an hour, where five are permitted, and the last event first.
    let times = [59, 0, 1, 2, 3, 4].map(|minute| format!("message;2026-01-05T09:{minute:02}:00;ann\n"));
    let log = "kind;when;who\n".to_owned() + &times.concat();
    std::fs::write(place.path().join("log.csv"), &log).expect("written");
    let words = "--rules rules.toml --log log.csv --delimiter ; --columns account=who,time=when,action=kind";
    let found = json(&load(&place, &format!("{words} --sort --zone Europe/Berlin --format json")));
    assert_eq!(
        (&found["checks"], &found["denied"], &found["wrong"]["allow"]),
        (&6.into(), &1.into(), &0.into())
    );
    for (more, says) in [
        ("--zone Europe/Berlin", "log.csv:3:9: out of order"),
        ("--sort", "states no zone (--zone names one for the whole log)"),
        ("--sort --zone UTC --strict --unit ms --binary", "log.csv:record "),
    ] {
        let refused = load(&place, &format!("{words} {more}"));
        assert!(code(&refused) == 2 && said(&refused).contains(says), "{more}: {}", said(&refused));
    }
    // An hour apart in seconds, within a second in milliseconds.
    let hourly = (0..6).map(|hour| format!("ann,{},message\n", 4_000 * hour));
    let milliseconds = "account,t,action\n".to_owned() + &hourly.collect::<String>();
    std::fs::write(place.path().join("log.csv"), milliseconds).expect("written");
    for (unit, denied) in [("ms", 1), ("s", 0)] {
        let found =
            json(&load(&place, &format!("--rules rules.toml --log log.csv --unit {unit} --format json")));
        assert_eq!((&found["checks"], &found["denied"]), (&6.into(), &denied.into()), "{unit}");
    }
    let named = "--rules rules.toml --log log.csv --target http://127.0.0.1:9 --body records";
    let refused = load(&place, named);
    assert!(code(&refused) == 2 && said(&refused).contains("the log has `ann`"), "{}", said(&refused));
    let without = load(&place, "--rules rules.toml --sort");
    assert!(code(&without) == 2 && said(&without).contains("--log <FILE>"), "{}", said(&without));
}

#[test]
fn folders_hold_every_form_and_are_compared() {
    let place = place();
    for name in ["a", "b"] {
        let output = load(&place, &format!("--rules rules.toml --checks 60000 --slice 1ms --out {name}"));
        assert_eq!(code(&output), 0, "{}", said(&output));
    }
    for file in ["summary.json", "timeseries.csv", "latency.hgrm", "latency.hlog"] {
        let text = std::fs::read_to_string(place.path().join("a").join(file)).expect(file);
        assert!(text.len() > 100, "{file}");
    }
    let hgrm = std::fs::read_to_string(place.path().join("a/latency.hgrm")).expect("it is there");
    assert!(
        hgrm.contains("Percentile TotalCount") && hgrm.contains("Total count    =        60000"),
        "{hgrm}"
    );
    let same = json(&load(&place, "compare a a --format json"));
    let p99 = same
        .as_array()
        .and_then(|all| all.iter().find(|one| one["measure"] == "p99"))
        .expect("p99 is compared");
    assert!(
        p99["ratio"] == 1.0 && p99["low"].as_f64() <= Some(1.0) && p99["high"].as_f64() >= Some(1.0),
        "{p99}"
    );
    // What was said of another machine, another generator and another workload is told of the run that it was.
    let path = place.path().join("b/summary.json");
    let mut b: Value = serde_json::from_slice(&std::fs::read(&path).expect("it is there")).expect("JSON");
    b["machine"] = serde_json::json!({ "cores": 2, "load_before": 2.0, "load_after": 9.0 });
    let mut a = b.clone();
    let late = serde_json::json!({ "p99": 1_500_000 });
    a["schedule_error"] = serde_json::json!({ "count": 9, "mean_ns": 1.0, "min_ns": 1, "quantiles_ns": late, "max_ns": 2_000_000 });
    a["machine"]["load_before"] = 2.1.into();
    let write = |name: &str, summary: &Value| {
        std::fs::write(place.path().join(name).join("summary.json"), summary.to_string()).expect("written");
    };
    write("a", &a);
    write("b", &b);
    let warned = said(&load(&place, "compare a b"));
    for says in [
        "A (a) may be slow for another reason: the generator itself was behind",
        "A (a) may be slow for another reason: the machine was busy before the run had begun (load 2.1 on 2 cores)",
    ] {
        assert!(warned.contains(says), "{says}: {warned}");
    }
    assert!(!warned.contains("B (b)") && !warned.contains("not of the same thing"), "{warned}");
    b["workload"] = "another".into();
    write("b", &b);
    assert!(said(&load(&place, "compare a b")).contains("not of the same thing: workload: "));
    let none = load(&place, "compare a none");
    assert!(code(&none) == 2 && said(&none).contains("summary.json"), "{}", said(&none));
}

#[test]
fn exact_algorithms_are_exact_and_others_are_not() {
    let rows = json(&load(
        &place(),
        "accuracy --rules rules.toml --pattern borders --accounts 200 --checks 20000 --format json",
    ));
    let rows = rows.as_array().expect("a row each");
    assert!(rows.len() >= 6, "{rows:?}");
    let wrong = |row: &Value| {
        row["wrongly_allowed"].as_f64().unwrap_or(1.0) + row["wrongly_denied"].as_f64().unwrap_or(1.0)
    };
    assert!(wrong(&rows[0]) == 0.0 && wrong(&rows[1]) == 0.0 && rows[0]["worst_window"] == 1.0, "{rows:?}");
    assert!(rows[2..].iter().all(|row| wrong(row) > 0.001), "{rows:?}");
}

/// A server that denies every second request.
fn denying() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it has one");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let (mut stream, mut block) = (stream, [0; 4_096]);
                for number in 0.. {
                    if !stream.read(&mut block).is_ok_and(|read| read > 0) {
                        return;
                    }
                    let status = if number % 2 == 0 { "204 No" } else { "429 Slow" };
                    if write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

#[test]
fn an_endpoint_without_rules_is_measured_and_its_capacity_is_searched_for() {
    let place = place();
    std::fs::write(
        place.path().join("endpoint.toml"),
        "path = \"/{account}\"\nmethod = \"GET\"\ndenied = { status = [429] }\n",
    )
    .expect("written");
    let target = format!("--template endpoint.toml --target http://{} --connections 2", denying());
    let found = json(&load(&place, &format!("{target} --checks 100 --format json")));
    assert_eq!(
        (&found["allowed"], &found["denied"], &found["unjudged"]),
        (&50.into(), &50.into(), &100.into())
    );
    let output = load(&place, &format!("{target} --find-capacity p50<0nm --probe 100ms --rate 4"));
    let unread = said(&output);
    assert!(code(&output) == 2 && unread.contains("is no threshold"), "{unread}");
    // Ten requests at the rate that is tried: in a tenth of a second none would be due.
    let probe = || load(&place, &format!("{target} --find-capacity p50<1us --probe 100ms --rate 1.9"));
    // A machine that is busy with other things may keep the generator from its times.
    let none =
        (0..5).map(|_| probe()).find(|output| !said(output).contains("was behind")).expect("a calm probe");
    assert!(code(&none) == 1 && said(&none).contains("1.9/s: broken"), "{}", said(&none));
    assert!(shown(&none).contains("No rate keeps p50<1us, down to 1.9 a second."), "{}", shown(&none));
    let slow = load(&place, &format!("{target} --find-capacity p50<1us --rate 0.5"));
    assert!(code(&slow) == 2 && said(&slow).contains("begin at 1 or above"), "{}", said(&slow));
}

/// A server of ours on a free port; it ends with the test.
struct Served(std::process::Child, String);

impl Served {
    fn start(place: &tempfile::TempDir, words: &str) -> Served {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("pacewise"));
        command.args(["serve", "--limiter", "--listen", "127.0.0.1:0"]).args(words.split_whitespace());
        let mut child = command.current_dir(place.path()).stdout(Stdio::piped()).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("it is piped"))
            .read_line(&mut line)
            .expect("it says where");
        let url = line.split_whitespace().find(|word| word.starts_with("http://")).expect("a URL");
        Served(child, url.trim_end_matches(';').to_owned())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_server_of_other_times_or_other_rules_is_not_asked_and_the_reason_is_told() {
    let place = place();
    let write = |name: &str, text: &str| std::fs::write(place.path().join(name), text).expect("written");
    write("other.toml", &RULES.replace("limit = 5", "limit = 6"));
    write("more.toml", &format!("actions = [\"reply\"]\n{RULES}"));
    let (clock, given) = (
        Served::start(&place, "--rules rules.toml"),
        Served::start(&place, "--rules rules.toml --given-times"),
    );
    let more = Served::start(&place, "--rules more.toml");
    for (rules, target, words, says) in [
        ("rules", &clock, "--times given", "runs on its own clock: ask it with --times clock"),
        ("rules", &given, "", "runs on given times: ask it with --times given"),
        (
            "other",
            &clock,
            "",
            "runs other rules than other.toml, by which its answers would be judged (messages)",
        ),
        ("other", &clock, "--find-capacity p99<1s", "it has messages; name its rules here"),
        (
            "rules",
            &more,
            "--body records",
            "(page_search, profile_view, connection_request, message, post, comment, login, reply)",
        ),
    ] {
        let words = format!("--rules {rules}.toml --target {} --checks 20 {words}", target.1);
        let words = if words.contains("capacity") { words.replace("--checks 20", "") } else { words };
        let refused = load(&place, &words);
        assert!(code(&refused) == 2 && said(&refused).contains(says), "{words}: {}", said(&refused));
        assert_eq!(shown(&refused), "", "{words}: nothing was asked");
    }
    // The same rules in another file, beside other actions, are the same; a zone does not matter to windows that slide.
    for (target, words) in [
        (&clock, "--times clock --zone Europe/Berlin"),
        (&given, "--times given --body records"),
        (&more, "--connections 1"),
    ] {
        let output = load(&place, &format!("--rules rules.toml --target {} --checks 20 {words}", target.1));
        assert_eq!(code(&output), 0, "{words}: {}", said(&output));
        assert!(shown(&output).contains("all 20 judged answers are right"), "{words}");
    }
}

#[test]
fn one_of_a_kind_is_told_as_one() {
    let one = load(&place(), "--rules rules.toml --checks 1 --accounts 1 --threshold checks==2");
    let shown = shown(&one);
    for says in ["1 check in", "; the only threshold is BROKEN.", "1 account, Zipf", "this process, 1 thread"]
    {
        assert!(shown.contains(says), "{says}: {shown}");
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it has one");
    drop(listener);
    let words =
        format!("--rules rules.toml --target http://{address} --checks 1 --connections 1 --timeout 50ms");
    let lost = said(&load(&place(), &words));
    assert!(lost.contains(", 1 connection\n"), "{lost}");
}
