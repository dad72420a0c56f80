//! The claims of the founding document: `docs/seed.md` has a row for each, whose scenarios and tests exist and whose keys stand
//! in these scenarios or in the profiles that they use; and what each claim names can be switched off, with the stated effect.

#[path = "seed/claims.rs"]
mod claims;
mod fast;
#[path = "seed/switches.rs"]
mod switches;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use pacewise::scenario::{Parsed, Profile, Scenario};
use toml::{Table, Value};

/// The number of claims.
const CLAIMS: usize = 68;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A row of the table.
#[derive(Debug)]
struct Row {
    claim: String,
    words: String,
    /// Paths of keys, some with a value.
    keys: Vec<String>,
    scenarios: Vec<String>,
    /// File and function.
    tests: Vec<(String, String)>,
}

fn rows() -> Vec<Row> {
    let text = fs::read_to_string(root().join("docs/seed.md")).expect("it is there");
    text.lines().filter(|line| line.starts_with("| S")).map(Row::read).collect()
}

impl Row {
    fn read(line: &str) -> Row {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [claim, words, how, scenarios, tests] = cells[..] else { panic!("not five cells: {line}") };
        let test = |test: &str| {
            let (file, function) = test.split_once("::").unwrap_or_else(|| panic!("{claim}: no test {test}"));
            (file.to_owned(), function.to_owned())
        };
        Row {
            claim: claim.to_owned(),
            words: words.to_owned(),
            keys: quoted(how).map(str::to_owned).collect(),
            scenarios: quoted(scenarios).map(str::to_owned).collect(),
            tests: quoted(tests).map(test).collect(),
        }
    }
}

/// What stands between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[test]
fn every_claim_has_one_row_with_words_keys_a_scenario_and_a_test() {
    let rows = rows();
    let found: Vec<&str> = rows.iter().map(|row| row.claim.as_str()).collect();
    let expected: Vec<String> = (1..=CLAIMS).map(|claim| format!("S{claim}")).collect();
    assert_eq!(found, expected);
    for row in &rows {
        let whole = row.words.len() > 20 && !row.keys.is_empty();
        assert!(whole && !row.scenarios.is_empty() && !row.tests.is_empty(), "{row:?}");
    }
}

#[test]
fn the_tests_that_rows_name_exist() {
    for row in rows() {
        for (file, function) in &row.tests {
            let text =
                fs::read_to_string(root().join(file)).unwrap_or_else(|_| panic!("{}: {file}", row.claim));
            let place =
                text.find(&format!("fn {function}(")).unwrap_or_else(|| panic!("{}: {function}", row.claim));
            let lines = text[..place].trim_end().rsplit('\n').map(str::trim);
            let mut attributes = lines.take_while(|line| line.starts_with("#["));
            assert!(attributes.any(|line| line == "#[test]"), "{}: {function} is no test", row.claim);
        }
    }
}

/// The leaves of a table: the path of each, lists being transparent, and its value.
fn leaves(value: &Value, path: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                found.push((path.clone(), String::new()));
                leaves(value, &path, found);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| leaves(value, path, found)),
        scalar => found.push((path.to_owned(), scalar.to_string())),
    }
}

/// Whether a key, perhaps with a value as in `incident.cause = "password_changed"`, is among the leaves.
fn stands(key: &str, leaves: &[(String, String)]) -> bool {
    let (path, value) = key.split_once(" = ").map_or((key, None), |(path, value)| (path, Some(value)));
    let ends = |known: &str| format!(".{known}").ends_with(&format!(".{path}"));
    let holds = |known: &str| format!(".{known}.").contains(&format!(".{path}."));
    match value {
        Some(value) => leaves.iter().any(|(known, found)| ends(known) && found == value),
        None => leaves.iter().any(|(known, _)| holds(known)),
    }
}

#[test]
fn keys_are_found_by_the_end_of_their_path_and_their_value() {
    let table: Table =
        "[[incident]]\ncause = \"a\"\nper_day = 0.5\n[[incident]]\ncause = \"b\"\n".parse().expect("TOML");
    let mut found = Vec::new();
    leaves(&table.into(), "", &mut found);
    for (key, stands_there) in [
        ("incident", true),
        ("incident.cause", true),
        ("cause", true),
        ("incident.cause = \"b\"", true),
        ("per_day = 0.5", true),
        ("incident.cause = \"c\"", false),
        ("incident = \"b\"", false),
        ("incident.per", false),
        ("day", false),
    ] {
        assert_eq!(stands(key, &found), stands_there, "{key}");
    }
}

fn table(path: &str) -> Table {
    let text = fs::read_to_string(root().join(path)).unwrap_or_else(|_| panic!("no {path}"));
    text.parse().expect("it is TOML")
}

/// The variants of profiles that a scenario uses.
fn profiles_used(path: &str) -> BTreeSet<(String, String)> {
    let scenario = scenario(path);
    let used = scenario.platforms.iter().filter_map(|used| used.profile.clone().zip(used.variant.clone()));
    used.collect()
}

/// A profile in one variant: the others, and those traits that a scenario does not use, say nothing about it.
fn profile(name: &str, variant: &str) -> Value {
    let mut profile = table(&format!("src/profiles/{name}.toml"));
    let variants = profile.remove("variant").expect("it has variants");
    let chosen =
        variants.as_array().expect("a list").iter().find(|own| own["name"].as_str() == Some(variant));
    profile.remove("trait");
    profile.insert("chosen".to_owned(), chosen.expect("it is listed").clone());
    profile.into()
}

#[test]
fn the_keys_that_rows_name_stand_in_their_scenarios_or_in_the_profiles_that_these_use() {
    for row in rows() {
        let mut found = Vec::new();
        for path in &row.scenarios {
            leaves(&table(path).into(), "", &mut found);
            for (name, variant) in profiles_used(path) {
                leaves(&profile(&name, &variant), "", &mut found);
            }
        }
        for key in &row.keys {
            assert!(stands(key, &found), "{}: no `{key}` in {:?}", row.claim, row.scenarios);
        }
    }
}

/// The shipped scenario of a path below the project's root.
fn scenario(path: &str) -> Scenario {
    rewritten(path, "", "")
}

/// A scenario with other words in one place of its text.
fn rewritten(path: &str, words: &str, others: &str) -> Scenario {
    let place = root().join(path);
    let text = fs::read_to_string(&place).unwrap_or_else(|_| panic!("no {path}"));
    assert!(words.is_empty() || text.matches(words).count() == 1, "{path}: {words} stands in one place");
    let text = text.replacen(words, others, 1);
    let read = |name: &str| fs::read_to_string(place.with_file_name(name)).map_err(|error| error.to_string());
    let Parsed { scenario, diagnostics, .. } = Scenario::parse_beside(&text, "shipped", &read);
    scenario.unwrap_or_else(|| panic!("{path}: {diagnostics:?}"))
}

fn shipped() -> Vec<PathBuf> {
    let folders = ["scenarios", "scenarios/workloads"];
    let entries = folders.iter().flat_map(|folder| fs::read_dir(root().join(folder)).expect("it is there"));
    let files = entries.map(|entry| entry.expect("it can be listed").path());
    files.filter(|path| path.extension().is_some_and(|ending| ending == "toml")).collect()
}

#[test]
fn every_built_in_trait_incident_and_platform_occurs_in_a_shipped_scenario() {
    let (mut traits, mut incidents, mut defaults) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for path in shipped() {
        let path = path.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned();
        let scenario = scenario(&path);
        for group in &scenario.groups {
            let platform = scenario.platform_of(group);
            traits.extend(group.traits.iter().map(|own| platform.traits[own.index].name.clone()));
            incidents.extend(platform.incidents.iter().map(|incident| incident.cause.clone()));
            defaults.extend(platform.profile.clone().zip(platform.variant.clone()));
        }
    }
    for profile in Profile::all() {
        let mut tables =
            vec![table("src/profiles/traits.toml"), table(&format!("src/profiles/{}.toml", profile.name()))];
        let lists = |tables: &mut Vec<Table>, key: &str, name: &str| -> Vec<String> {
            let lists = tables.iter_mut().filter_map(|table| table.remove(key));
            let entries = lists.flat_map(|list| list.as_array().expect("a list").clone());
            entries.map(|entry| entry[name].as_str().expect("a name").to_owned()).collect()
        };
        for name in lists(&mut tables, "trait", "name") {
            assert!(traits.contains(&name), "no scenario has the trait {name}");
        }
        for cause in lists(&mut tables, "incident", "cause") {
            assert!(incidents.contains(&cause), "no scenario has the incident {cause}");
        }
        let default = profile.variants().find(|variant| variant.is_default).expect("there is one");
        let used = (profile.name().to_owned(), default.name.to_owned());
        assert!(defaults.contains(&used), "no scenario uses the default of {}", profile.name());
    }
}

#[test]
fn a_page_cannot_be_connected_by_another_kind_of_admin() {
    let path = root().join("scenarios/agency_pages.toml");
    let text = fs::read_to_string(path).expect("it is shipped");
    let other = text.replace("role = \"designated_admin\"", "role = \"other_admin\"");
    assert_ne!(text, other);
    let refused = Scenario::parse(&other, "test");
    assert!(refused.scenario.is_none());
    assert_eq!(refused.diagnostics.len(), 1, "{:?}", refused.diagnostics);
}
