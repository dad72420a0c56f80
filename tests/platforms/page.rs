//! `docs/platforms.md` says what the data files say.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use pacewise::scenario::{Assumption, Class, Profile};

const HEAD: &str = "# Built-in platforms

What pacewise knows about each platform, in variants: every number with its source, how sure it is, and when the source was
read. `pacewise platforms NAME --variant VARIANT` prints the same. Generated from the data files under `src/profiles`; the test
`platforms` fails when this page differs from them (`UPDATE_GOLDEN=1 cargo test --test platforms page` writes it).

{classes}

The first variant of each platform that is marked so is the default. Of the other variants only what differs is listed. Rules
concern what a scenario does: one about actions that nobody does is left out, and so is one about answers where the scenario does
not say how people answer. Actions besides the standard ones concern scenarios that list them in `actions`. How to state and change
all this: [the scenario format](format/scenario.md).
";

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

fn row(number: &Assumption) -> String {
    let range = number.range.as_deref().unwrap_or("");
    let date = number.checked.map(|date| date.to_string()).unwrap_or_default();
    let note = number.note.as_deref().map(|note| format!(". *{note}*")).unwrap_or_default();
    format!(
        "| {} | {} | {} | {} | {date} | {}{} |\n",
        cell(&number.subject),
        cell(&number.value),
        cell(range),
        number.class.name(),
        cell(&number.source),
        cell(&note)
    )
}

fn table(rows: &[String]) -> String {
    let head = "| number | value | range | class | read on | source, *note* |\n|---|---|---|---|---|---|\n";
    format!("\n{head}{}", rows.concat())
}

fn rows(profile: &Profile, variant: &str) -> Vec<String> {
    let (_, numbers) = profile.platform(variant).expect("it is a variant");
    numbers.iter().map(row).collect()
}

fn default_of(profile: &Profile) -> &str {
    profile.variants().find(|variant| variant.is_default).expect("there is a default").name
}

/// Rows that all platforms have.
fn shared() -> Vec<String> {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for profile in Profile::all() {
        for row in rows(profile, default_of(profile)) {
            *count.entry(row).or_default() += 1;
        }
    }
    let first = &Profile::all()[0];
    let everywhere = |row: &String| count[row] == Profile::all().len();
    rows(first, default_of(first)).into_iter().filter(everywhere).collect()
}

fn page() -> String {
    let classes: Vec<String> =
        Class::ALL.iter().map(|class| format!("- *{}*: {}", class.name(), class.meaning())).collect();
    let mut text = HEAD.replace("{classes}", &format!("Classes:\n\n{}", classes.join("\n")));
    let shared = shared();
    let _ = write!(text, "\n## What all platforms share\n{}", table(&shared));
    for profile in Profile::all() {
        let _ = write!(
            text,
            "\n## {}\n\n`platform = \"{}\"`. {}\n",
            profile.title(),
            profile.name(),
            profile.description()
        );
        let actions: Vec<String> = profile.actions().map(|action| format!("`{action}`")).collect();
        if !actions.is_empty() {
            let _ = write!(text, "\nFurther actions: {}.\n", actions.join(", "));
        }
        let usual: Vec<String> =
            rows(profile, default_of(profile)).into_iter().filter(|row| !shared.contains(row)).collect();
        for variant in profile.variants() {
            let default = if variant.is_default { " (default)" } else { "" };
            let _ = write!(
                text,
                "\n### {}: {}{default}\n\n{}\n",
                profile.name(),
                variant.name,
                variant.description
            );
            if variant.is_default {
                text += &table(&usual);
                continue;
            }
            let own = rows(profile, variant.name);
            let differs: Vec<String> =
                own.iter().filter(|row| !usual.contains(row) && !shared.contains(row)).cloned().collect();
            if !differs.is_empty() {
                text += &table(&differs);
            }
            let subject =
                |row: &str| row.split(" | ").next().unwrap_or_default().trim_start_matches("| ").to_owned();
            let here: Vec<String> = own.iter().map(|row| subject(row)).collect();
            let gone: Vec<String> =
                usual.iter().map(|row| subject(row)).filter(|subject| !here.contains(subject)).collect();
            if !gone.is_empty() {
                let _ = write!(text, "\nNot in this variant: {}.\n", gone.join("; "));
            }
        }
        text += "\nKnown and not modelled:\n\n";
        for item in profile.not_modelled() {
            let _ = writeln!(text, "- {}", item.replace('<', "&lt;"));
        }
    }
    text
}

#[test]
fn the_page_of_platforms_says_what_the_data_files_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/platforms.md");
    let page = page();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &page).expect("the page can be written");
    }
    let found = fs::read_to_string(&path).expect("the page is there");
    assert!(found == page, "docs/platforms.md is stale: UPDATE_GOLDEN=1 cargo test --test platforms page");
}

#[test]
fn every_number_of_every_variant_has_a_source_a_date_and_a_class() {
    for profile in Profile::all() {
        for variant in profile.variants() {
            let (_, numbers) = profile.platform(variant.name).expect("it is a variant");
            for number in numbers {
                let place = format!("{}, {}: {}", profile.name(), variant.name, number.subject);
                assert!(number.source.len() > 5, "{place}: who says so?");
                assert!(number.checked.is_some(), "{place}: read when?");
                let assumed = number.class == Class::Assumption;
                assert!(
                    !assumed
                        || number.note.is_some()
                        || number.source.contains("canonical workload")
                        || number.source.contains("pacewise"),
                    "{place}: why?"
                );
            }
        }
    }
}
