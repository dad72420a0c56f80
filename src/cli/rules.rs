//! Which rules activity is held against outside of simulations: those of a file, or of a built-in profile.

use std::path::{Path, PathBuf};

use pacewise::rulebook::Rulebook;
use pacewise::rules::Calendar;
use pacewise::scenario::{Platform, Profile, STANDARD_ACTIONS};

use super::source::Source;
use super::terminal;

#[derive(Debug, clap::Args)]
pub(crate) struct RuleArgs {
    /// A scenario file, or one with nothing but [[rule]] tables.
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Option<PathBuf>,
    /// A built-in profile whose rules are meant; with a file of rules, one of the platforms of that file.
    #[arg(long, value_name = "NAME")]
    pub(crate) platform: Option<String>,
    /// The variant of the profile. Default: the profile's own default.
    #[arg(long, value_name = "VARIANT", requires = "platform", conflicts_with = "rules")]
    pub(crate) variant: Option<String>,
}

impl RuleArgs {
    /// Reads the rules, and shows what is wrong with their file. Limits that name no zone are on `calendar`.
    pub(crate) fn read(&self, calendar: Calendar) -> Result<Rulebook, String> {
        let book = match (&self.rules, &self.platform) {
            (Some(path), platform) => of_file(path, platform.as_deref(), calendar)?,
            (None, Some(name)) => of_profile(name, self.variant.as_deref(), calendar)?,
            (None, None) => return Err("no rules: name --rules FILE or --platform NAME".to_owned()),
        };
        if book.rules.is_empty() {
            return Err(format!("{}: states no rule that counts events", book.origin));
        }
        Ok(book)
    }

    pub(crate) fn are_named(&self) -> bool {
        self.rules.is_some() || self.platform.is_some()
    }
}

fn of_file(path: &Path, platform: Option<&str>, calendar: Calendar) -> Result<Rulebook, String> {
    let source = Source::read(path).map_err(|error| error.to_string())?;
    let (rules, findings) = source.parse_rules();
    terminal::draw(&source, &findings).map_err(|error| error.to_string())?;
    let origin = path.display().to_string();
    let rules = rules.ok_or_else(|| format!("{origin}: the rules have mistakes"))?;
    let platform = choose(&rules.platforms, platform).map_err(|problem| format!("{origin}: {problem}"))?;
    Rulebook::of_platform(platform, rules.actions, calendar, origin).map_err(|error| error.to_string())
}

fn of_profile(name: &str, variant: Option<&str>, calendar: Calendar) -> Result<Rulebook, String> {
    let (profile, variant) = Profile::chosen(name, variant)?;
    let found = profile.platform(variant);
    let (platform, _) = found.ok_or_else(|| format!("`{name}` has no variant `{variant}`"))?;
    let actions = STANDARD_ACTIONS.into_iter().chain(profile.actions()).map(str::to_owned).collect();
    let origin = format!("profile {name}, variant {variant}");
    Rulebook::of_platform(&platform, actions, calendar, origin).map_err(|error| error.to_string())
}

/// The platform of that name; the only one where none is named.
pub(crate) fn choose<'p>(platforms: &'p [Platform], wanted: Option<&str>) -> Result<&'p Platform, String> {
    let names = || platforms.iter().map(|platform| platform.name.as_str()).collect::<Vec<_>>().join(", ");
    match (platforms, wanted) {
        (platforms, Some(wanted)) => {
            let found = platforms.iter().find(|platform| platform.name == wanted);
            found.ok_or_else(|| format!("no platform is called `{wanted}` here; there are {}", names()))
        }
        ([only], None) => Ok(only),
        _ => Err(format!("several platforms: {}; choose one with --platform", names())),
    }
}

/// The calendar of a zone; without one, and for UTC, that of civil time.
pub(crate) fn calendar(zone: Option<&str>) -> Result<Calendar, String> {
    match zone {
        None | Some("UTC") => Ok(Calendar::Civil),
        Some(name) => Calendar::named(name).map_err(|error| error.to_string()),
    }
}
