//! Ctrl-C: what was done is reported as partial, beside the previous report. Nothing here waits for time to pass: the
//! program's own processor time tells how far it is.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};

use crate::program::{QUICK, contents, program, succeed, summary, temporary, write};

/// How often something is looked at before a test gives up: minutes.
const TRIES: u32 = 20_000_000;

/// A running program that does not outlive its test.
struct Running {
    child: Child,
    err: BufReader<ChildStderr>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already, which is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    fn start(place: &Path, words: &str) -> Running {
        let mut command = program(place);
        command.args(words.split(' ')).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it runs");
        let err = BufReader::new(child.stderr.take().expect("a pipe"));
        Running { child, err }
    }

    /// Waits until the program has worked for a while from now on: 0.3 s of processor time.
    fn has_worked(&mut self) {
        let enough = processor_ticks(self.child.id()) + 30;
        for _ in 0..TRIES {
            assert!(
                self.child.try_wait().expect("a child").is_none(),
                "it ended before it could be interrupted"
            );
            if processor_ticks(self.child.id()) >= enough {
                return;
            }
            std::thread::yield_now();
        }
        panic!("it does not work");
    }

    fn interrupt(&self) {
        self.signal("INT");
    }

    fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        // It may have ended already, which is fine.
        let _ = Command::new("sh").args(["-c", &kill]).stderr(Stdio::null()).status().expect("a shell");
    }

    /// Waits for the end, for which the program may take so much processor time more: in ticks of 10 ms.
    fn ends_within(&mut self, ticks: u64) -> ExitStatus {
        let most = processor_ticks(self.child.id()) + ticks;
        for _ in 0..TRIES {
            if let Some(status) = self.ended() {
                return status;
            }
            assert!(processor_ticks(self.child.id()) <= most, "it works on");
            std::thread::yield_now();
        }
        panic!("it does not end");
    }

    fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child")
    }

    /// The next line on standard error, when it is there.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.err.read_line(&mut line).expect("text");
        line.trim_end().to_owned()
    }

    fn said(&mut self) -> (String, String) {
        let (mut out, mut err) = (String::new(), String::new());
        self.child.stdout.take().expect("a pipe").read_to_string(&mut out).expect("text");
        self.err.read_to_string(&mut err).expect("text");
        (out, err)
    }
}

/// Processor time of a process in ticks of 10 ms: the 14th and 15th number of its `stat`.
fn processor_ticks(process: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
}

#[test]
fn an_interrupted_run_reports_what_was_done_beside_the_previous_report() {
    let place = temporary();
    write(place.path(), "team.toml", QUICK);
    succeed(place.path(), "simulate team.toml --replicates 50 --seed 3 --out r");
    let before = contents(&place.path().join("r"));
    let mut run = Running::start(place.path(), "simulate team.toml --replicates 1000000000000 --out r");
    run.has_worked();
    run.interrupt();
    let (out, err) = run.said();
    assert_eq!(run.child.wait().expect("it ends").code(), Some(130), "{err}");
    assert!(contents(&place.path().join("r")) == before, "the previous report was touched");
    let partial = summary(&place.path().join("r.partial"));
    let done = partial["replicates"].as_u64().expect("a number");
    assert!(done > 0 && done < 1_000_000_000_000, "{done}");
    assert_eq!(partial["stop_reason"], "interrupted: this is a partial result");
    assert!(partial["verdict"].as_str().expect("text").starts_with("partial results: "));
    assert!(out.starts_with("partial results: "), "{out}");
    let page = fs::read_to_string(place.path().join("r.partial/report.html")).expect("a page");
    assert!(page.contains("Partial results: ") && page.contains("The run was interrupted"));
    assert_eq!(err, "report: r.partial\n");
    assert_eq!(fs::read_dir(place.path()).expect("a folder").count(), 3, "something was left behind");
}

#[test]
fn what_an_interrupted_run_has_done_is_what_a_run_of_as_many_replicates_finds() {
    let place = temporary();
    write(place.path(), "team.toml", QUICK);
    let mut run =
        Running::start(place.path(), "simulate team.toml --half-width 0.0000001 --threads 1 --out r");
    run.has_worked();
    run.interrupt();
    let (_, err) = run.said();
    assert_eq!(run.child.wait().expect("it ends").code(), Some(130), "{err}");
    let partial = summary(&place.path().join("r.partial"));
    let done = partial["replicates"].as_u64().expect("a number");
    succeed(place.path(), &format!("simulate team.toml --replicates {done} --no-curve --out whole"));
    let whole = summary(&place.path().join("whole"));
    for key in ["estimates", "first_disconnection", "groups", "team", "utilisation"] {
        assert_eq!(partial[key], whole[key], "{key}");
    }
}

#[test]
fn of_several_scenarios_those_before_the_interrupted_one_keep_their_whole_reports() {
    let place = temporary();
    let replicates = |number: &str| format!("replicates = {number}\n{QUICK}");
    write(place.path(), "short.toml", replicates("50"));
    write(place.path(), "long.toml", replicates("1_000_000_000"));
    write(place.path(), "never.toml", replicates("50"));
    fs::create_dir(place.path().join("all")).expect("created");
    write(place.path(), "all/combined.csv", "the previous comparison");
    let words = "simulate short.toml long.toml never.toml --no-curve --format json --out all";
    let mut run = Running::start(place.path(), words);
    assert_eq!(run.line(), "report: all/short");
    run.has_worked();
    run.interrupt();
    let (out, err) = run.said();
    assert_eq!(run.child.wait().expect("it ends").code(), Some(130), "{err}");
    assert_eq!(err, "report: all/long.partial\n");
    let list: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(list.as_array().map(Vec::len), Some(2));
    let names = contents(&place.path().join("all"));
    assert!(names.contains_key("short/summary.json") && names.contains_key("long.partial/summary.json"));
    assert!(!names.contains_key("never/") && !names.contains_key("long/"));
    assert_eq!(names["combined.csv"], b"the previous comparison", "partial results were mixed in");
}

#[test]
fn an_interrupted_search_for_a_pace_answers_nothing() {
    let place = temporary();
    write(place.path(), "team.toml", QUICK);
    let mut run = Running::start(place.path(), "pace team.toml --risk 5% --replicates 1000000000 --out p");
    run.has_worked();
    run.interrupt();
    let (out, err) = run.said();
    assert_eq!(run.child.wait().expect("it ends").code(), Some(130), "{err}");
    assert_eq!((out.as_str(), err.as_str()), ("", "error: interrupted before all paces were done\n"));
    assert!(!place.path().join("p").exists());
}

/// A single replicate of this takes minutes.
const ENDLESS: &str = r#"
start = 2026-01-05
horizon_days = 36525
[demand.message]
poisson = { mean = 20 }
[[group]]
name = "all"
count = 10000
"#;

/// A single account of this takes minutes, and months if the caps are left out.
const BUSY: &str = r#"
start = 2026-01-05
horizon_days = 36525
platform = "linkedin"
[demand.message]
poisson = { mean = 900000 }
[pacing.message]
per_hour = 1000
overflow = "defer"
"#;

/// All accounts of this live their days together.
const LINKED: &str = r#"
start = 2026-01-05
horizon_days = 3000
platform = "linkedin"
[demand.message]
poisson = { mean = 100 }
[[group]]
name = "all"
count = 1000
[[link]]
name = "office"
groups = ["all"]
per_day = 0.001
"#;

#[test]
fn either_signal_ends_the_longest_replicate_soon_and_leaves_no_file() {
    let plain = BUSY.split("[pacing").next().expect("its beginning");
    let cases = [
        ("day", ENDLESS, "INT"),
        ("paced", BUSY, "TERM"),
        ("event", plain, "INT"),
        ("linked", LINKED, "TERM"),
    ];
    for (name, text, signal) in cases {
        let place = temporary();
        write(place.path(), "long.toml", text);
        let mut run = Running::start(place.path(), "simulate long.toml --threads 1 --out r");
        run.has_worked();
        run.signal(signal);
        let status = run.ends_within(500);
        let (out, err) = run.said();
        assert_eq!(status.code(), Some(130), "{name}: {err}");
        assert!(
            err.ends_with("error: interrupted before any replicate was done: there is nothing to report\n")
        );
        assert_eq!(out, "", "{name}");
        assert_eq!(fs::read_dir(place.path()).expect("a folder").count(), 1, "{name} left something behind");
    }
}

/// A replicate that was given up leaves no trace in the results.
#[test]
fn what_is_reported_of_a_long_scenario_is_its_whole_replicates() {
    let place = temporary();
    write(place.path(), "years.toml", ENDLESS.replace("10000", "30"));
    let mut run = Running::start(place.path(), "simulate years.toml --threads 1 --out r");
    for _ in 0..4 {
        run.has_worked();
    }
    run.interrupt();
    let status = run.ends_within(3_000);
    let (_, err) = run.said();
    assert_eq!((status.code(), err.as_str()), (Some(130), "report: r.partial\n"));
    let partial = summary(&place.path().join("r.partial"));
    let done = partial["replicates"].as_u64().expect("a number");
    succeed(
        place.path(),
        &format!("simulate years.toml --replicates {done} --no-curve --no-savings --out whole"),
    );
    let whole = summary(&place.path().join("whole"));
    for key in ["estimates", "quantiles", "utilisation", "team"] {
        assert_eq!(partial[key], whole[key], "{key}");
    }
}

#[test]
fn a_second_interruption_ends_the_program_at_once_and_loses_no_report() {
    let place = temporary();
    write(place.path(), "team.toml", QUICK);
    write(place.path(), "endless.toml", ENDLESS);
    succeed(place.path(), "simulate team.toml --replicates 50 --out r");
    let before = contents(&place.path().join("r"));
    let mut run = Running::start(place.path(), "simulate endless.toml --threads 1 --out r");
    run.has_worked();
    let mut signals = 0;
    let status = loop {
        run.interrupt();
        signals += 1;
        if let Some(status) = run.ended() {
            break status;
        }
        assert!(signals < 5_000, "it does not end");
    };
    assert_eq!(status.code(), Some(130));
    let (out, err) = run.said();
    assert!(signals >= 2 && !err.contains("nothing to report"), "one was enough: {err}");
    assert_eq!(out, "");
    assert!(contents(&place.path().join("r")) == before, "the previous report was touched");
    assert!(!place.path().join("r.partial").exists());
}
