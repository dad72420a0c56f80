//! `pacewise platforms`: the built-in profiles, and the origin of every number of one.

use std::fmt::Write as _;
use std::io::{self, Write};

use pacewise::scenario::{Assumption, Profile};

use super::args::PlatformsArgs;
use super::{Outcome, terminal};

pub(crate) fn run(args: &PlatformsArgs) -> io::Result<Outcome> {
    let text = match &args.name {
        None => Ok(list()),
        Some(name) => print(name, args.variant.as_deref()),
    };
    match text {
        Ok(text) => {
            io::stdout().write_all(text.as_bytes())?;
            Ok(Outcome::Good)
        }
        Err(problem) => {
            terminal::complain(&problem);
            Ok(Outcome::Failed)
        }
    }
}

fn list() -> String {
    let mut text = String::new();
    for profile in Profile::all() {
        let _ = writeln!(text, "{}: {}", profile.name(), profile.title());
        for variant in profile.variants() {
            let default = if variant.is_default { " (default)" } else { "" };
            let _ = writeln!(text, "  {}{default}: {}", variant.name, variant.description);
        }
    }
    text + "\nThe source of every number: pacewise platforms NAME [--variant VARIANT]\n"
}

fn print(name: &str, variant: Option<&str>) -> Result<String, String> {
    let (profile, chosen) = Profile::chosen(name, variant)?;
    let (_, assumptions) = profile.platform(chosen).ok_or_else(|| format!("no variant `{chosen}`"))?;
    let mut text = format!("{} ({name}, variant {chosen})\n{}\n", profile.title(), profile.description());
    for number in &assumptions {
        text += &described(number);
    }
    text += "\nKnown about the platform and not modelled:\n";
    for item in profile.not_modelled() {
        let _ = writeln!(text, "  - {item}");
    }
    Ok(text)
}

fn described(number: &Assumption) -> String {
    let mut text = format!("\n{}: {}\n", number.subject, number.value);
    if let Some(range) = &number.range {
        let _ = writeln!(text, "    range    {range}");
    }
    let checked = number.checked.map(|date| format!(", checked {date}")).unwrap_or_default();
    let _ = writeln!(text, "    class    {} ({}){checked}", number.class.name(), number.class.meaning());
    let _ = writeln!(text, "    source   {}", number.source);
    if let Some(note) = &number.note {
        let _ = writeln!(text, "    note     {note}");
    }
    text
}
