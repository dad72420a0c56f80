//! The documentation keeps its word: the commands that it shows end as it says, its links lead somewhere, and what it
//! claims of the engine and no other test holds is true.

use std::fs;
use std::path::{Path, PathBuf};

use pacewise::model::{Model, Outcome};
use pacewise::scenario::{Resolution, Scenario};

/// Commands that are shown and not run here: they build, or run these very tests.
const NOT_RUN: [&str; 9] = [
    "cargo test",
    "cargo bench",
    "cargo build",
    "cargo fmt",
    "cargo clippy",
    "cargo install",
    "git ",
    ".ci/run",
    "benches/peers/run.sh",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The pages for people: at the top and under `docs`.
fn pages() -> Vec<PathBuf> {
    let mut pages = vec![root().join("reports/README.md")];
    let mut folders = vec![root().to_owned(), root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder is there") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() && folder != root() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages
}

fn text(page: &Path) -> String {
    fs::read_to_string(page).expect("pages are text")
}

/// The lines after `$ ` in blocks marked `console`.
fn commands(text: &str) -> Vec<&str> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if let Some(kind) = line.strip_prefix("```") {
            inside = kind == "console";
        } else if inside {
            found.extend(line.strip_prefix("$ "));
        }
    }
    found
}

/// A command without its comment, and the exit code that it promises.
fn promise(command: &str) -> (&str, i32) {
    let (typed, comment) = command.split_once(" # ").unwrap_or((command, ""));
    let code =
        comment.trim().strip_prefix("exit ").and_then(|code| code.split_whitespace().next()?.parse().ok());
    (typed.trim(), code.unwrap_or(0))
}

#[test]
fn promises_are_read() {
    assert_eq!(promise("pacewise check a.toml"), ("pacewise check a.toml", 0));
    assert_eq!(promise("pacewise check a.toml   # exit 1"), ("pacewise check a.toml", 1));
    assert_eq!(promise("pacewise new # writes it"), ("pacewise new", 0));
    let page = "```console\n$ a\nout\n$ b\n```\n```toml\n$ c\n```\n";
    assert_eq!(commands(page), ["a", "b"]);
}

#[test]
fn links_lead_somewhere() {
    let mut seen = 0;
    for page in pages() {
        let text = text(&page);
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split(')').next().expect("a first part");
            if target.starts_with("http") || target.starts_with("docs/images/") {
                continue;
            }
            seen += 1;
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let path = if file.is_empty() { page.clone() } else { page.with_file_name("").join(file) };
            assert!(path.exists(), "{}: {target} leads nowhere", page.display());
            let anchors = || self::text(&path).lines().filter_map(anchor).collect::<Vec<_>>();
            assert!(heading.is_empty() || anchors().iter().any(|known| known == heading), "{target}");
        }
    }
    assert!(seen >= 20, "only {seen} links found");
}

/// The anchor of a heading, as forges make it.
fn anchor(line: &str) -> Option<String> {
    let heading = line.strip_prefix('#')?.trim_start_matches('#').trim().to_lowercase();
    let kept = heading.chars().filter(|&c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    Some(kept.map(|c| if c == ' ' { '-' } else { c }).collect())
}

#[test]
fn the_readme_names_the_two_commands() {
    let page = text(&root().join("README.md"));
    let commands = commands(&page);
    for command in ["cargo run --release -- simulate scenarios/linkedin_outreach.toml", "cargo test"] {
        assert!(commands.contains(&command), "{command}");
    }
}

#[cfg(feature = "cli")]
mod run {
    use std::process::Command;

    use super::*;

    /// Replicates of the shipped scenarios in this test: enough to be run, not to be believed.
    const FEW: &str = "replicates = 60";

    /// A folder with the shipped scenarios, each with few replicates.
    fn playground() -> tempfile::TempDir {
        let place = tempfile::tempdir().expect("a temporary folder");
        for folder in ["scenarios", "scenarios/workloads"] {
            fs::create_dir(place.path().join(folder)).expect("it is new");
            for entry in fs::read_dir(root().join(folder)).expect("the folder is there") {
                let path = entry.expect("it can be listed").path();
                if path.is_file() {
                    let target = place.path().join(folder).join(path.file_name().expect("a file has a name"));
                    fs::write(target, with_few_replicates(&text(&path))).expect("it can be written");
                }
            }
        }
        place
    }

    fn with_few_replicates(scenario: &str) -> String {
        let line =
            |line: &str| if line.starts_with("replicates = ") { FEW.to_owned() } else { line.to_owned() };
        scenario.lines().map(|text| line(text) + "\n").collect()
    }

    /// Runs a command as a shell would, the program being the one just built.
    fn run(command: &str, place: &Path) -> (i32, String) {
        let typed = command.replace("cargo run --release --", "pacewise");
        let (typed, into) = typed.split_once(" > ").unwrap_or((&typed, ""));
        let words: Vec<String> = typed.split_whitespace().flat_map(|word| expanded(word, place)).collect();
        let (program, words) = words.split_first().expect("a command has a first word");
        assert_eq!(
            program, "pacewise",
            "`{command}` is shown, but neither run nor on the list of those not run"
        );
        let ran = Command::new(env!("CARGO_BIN_EXE_pacewise")).args(words).current_dir(place).output();
        let ran = ran.expect("it runs");
        if !into.is_empty() {
            fs::write(place.join(into.trim()), &ran.stdout).expect("it can be written");
        }
        (ran.status.code().unwrap_or(-1), String::from_utf8_lossy(&ran.stderr).into_owned())
    }

    /// A word with a `*` in its last part stands for the files that it fits.
    fn expanded(word: &str, place: &Path) -> Vec<String> {
        let Some((before, after)) = word.split_once('*') else { return vec![word.to_owned()] };
        let (folder, start) = before.rsplit_once('/').unwrap_or((".", before));
        let names = fs::read_dir(place.join(folder)).expect("the folder is there");
        let names =
            names.map(|entry| entry.expect("it can be listed").file_name().to_string_lossy().into_owned());
        let mut fitting: Vec<String> = names.filter(|n| n.starts_with(start) && n.ends_with(after)).collect();
        fitting.sort();
        fitting.iter().map(|name| format!("{folder}/{name}")).collect()
    }

    fn assert_commands_end_as_promised(pages: &[PathBuf]) -> usize {
        let mut seen = 0;
        for page in pages {
            let (place, text) = (playground(), text(page));
            for command in commands(&text) {
                let (typed, code) = promise(command);
                if NOT_RUN.iter().any(|start| typed.starts_with(start)) {
                    continue;
                }
                let (ended, said) = run(typed, place.path());
                assert_eq!(ended, code, "{}: `{typed}`\n{said}", page.display());
                seen += 1;
            }
        }
        seen
    }

    #[test]
    fn commands_of_the_readme_end_as_promised() {
        assert!(assert_commands_end_as_promised(&[root().join("README.md")]) >= 6);
    }

    #[test]
    fn commands_of_the_other_pages_end_as_promised() {
        let mut pages = pages();
        pages.retain(|page| *page != root().join("README.md"));
        assert!(assert_commands_end_as_promised(&pages) >= 2);
    }
}

/// The outcomes of the first replicates. Asking for the daily series takes the plain paths, which look at everything.
fn outcomes(scenario: &Scenario, resolution: Resolution, in_full: bool, replicates: u64) -> Vec<Outcome> {
    let model = Model::compile_at(scenario, resolution);
    let mut simulator = model.simulator();
    let one = |replicate| {
        let outcome = if in_full {
            simulator.replicate_in_full(17, replicate, |_, _| {})
        } else {
            simulator.replicate(17, replicate)
        };
        outcome.clone()
    };
    (0..replicates).map(one).collect()
}

fn assert_shortcuts_change_nothing(texts: &[String], resolution: Resolution, replicates: u64) {
    for text in texts {
        let scenario = Scenario::parse(text, "workload").scenario.expect("it is valid");
        let plain = outcomes(&scenario, resolution, true, replicates);
        let accounts = || plain.iter().flat_map(|outcome| &outcome.accounts);
        let events: usize = accounts().map(|account| account.flag_times.len() + account.aways.len()).sum();
        assert!(events >= 10, "nothing happens: {events} flags and disconnections");
        assert!(plain == outcomes(&scenario, resolution, false, replicates), "the paths differ");
    }
}

fn workload(name: &str) -> String {
    text(&root().join("scenarios/workloads").join(name))
}

fn changed(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "the workload no longer holds `{from}`");
    text.replace(from, to)
}

/// What `docs/methods/lazy.md` says of times.
#[test]
fn both_event_paths_give_the_same_outcome() {
    let w2 = workload("w2.toml");
    let busier = changed(&w2, "probability = 0.01", "probability = 0.1");
    let warned = changed(&busier, "rungs = [", "rungs = [\"warning\", \"warning\", ");
    let idle = changed(&w2, "poisson = { mean = ", "poisson = { mean = 0.00");
    assert_shortcuts_change_nothing(&[w2, busier, warned, idle], Resolution::Event, 40);
}

/// What `docs/methods/lazy.md` says of quiet days.
#[test]
fn quiet_days_change_no_outcome() {
    let (w1, v1) = (workload("w1.toml"), workload("v1.toml"));
    let warned = changed(&w1, "rungs = [", "rungs = [\"warning\", \"warning\", ");
    let short = changed(&w1, "lifetime_days = 365", "lifetime_days = 40");
    assert_shortcuts_change_nothing(&[w1, v1, warned, short], Resolution::Day, 300);
}

#[test]
fn the_readme_shows_the_verdict_of_the_committed_report() {
    let summary = text(&root().join("reports/linkedin_outreach/summary.json"));
    let summary: serde_json::Value = serde_json::from_str(&summary).expect("it is JSON");
    let verdict = summary["verdict"].as_str().expect("it is text");
    let readme = text(&root().join("README.md"));
    let readme: Vec<&str> = readme.split_whitespace().collect();
    assert!(readme.join(" ").contains(verdict), "{verdict}");
}
