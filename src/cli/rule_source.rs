//! Rules by which activity is judged outside of simulations: from a file of rules, a scenario, or a built-in profile.

use std::path::{Path, PathBuf};

use pacewise::rules::{Calendar, Limit, Rule, Window};
use pacewise::scenario::{Profile, STANDARD_ACTIONS, VolumeRule};
use pacewise::time::parse_span;
use serde::Deserialize;

use super::source::Source;
use super::terminal;

/// Where the rules come from.
#[derive(Debug, clap::Args)]
pub(crate) struct RuleArgs {
    /// The file with the rules: `[[rule]]` tables, or a scenario.
    #[arg(long, value_name = "FILE", required_unless_present = "platform", conflicts_with = "platform")]
    pub(crate) rules: Option<PathBuf>,
    /// The built-in platform profile that has the rules.
    #[arg(long, value_name = "NAME")]
    pub(crate) platform: Option<String>,
    /// The variant of the profile. Default: the profile's own default.
    #[arg(long, value_name = "VARIANT", requires = "platform")]
    pub(crate) variant: Option<String>,
    /// The time zone in which days, weeks and months begin.
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = zone)]
    pub(crate) zone: Calendar,
}

/// Rules with their names, the names of actions, and what they are called.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) rules: Vec<(String, Rule)>,
    pub(crate) actions: Vec<String>,
    pub(crate) source: String,
}

/// A file of rules.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesFile {
    /// Names of further actions, besides the standard ones.
    #[serde(default)]
    actions: Vec<String>,
    rule: Vec<RuleFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    name: String,
    actions: Vec<String>,
    windows: Vec<WindowFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WindowFile {
    sliding: Option<String>,
    calendar: Option<CalendarFile>,
    trailing_days: Option<u16>,
    limit: u32,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CalendarFile {
    Day,
    Week,
    Month,
}

impl RuleArgs {
    /// Reads the rules.
    pub(crate) fn read(&self) -> Result<Named, String> {
        match (&self.rules, &self.platform) {
            (Some(file), _) => from_file(file),
            (None, Some(name)) => from_profile(name, self.variant.as_deref()),
            (None, None) => Err("no rules: name --rules FILE or --platform NAME".to_owned()),
        }
    }
}

/// The calendar of a zone; that of UTC is civil time.
fn zone(name: &str) -> Result<Calendar, String> {
    if name == "UTC" {
        return Ok(Calendar::Civil);
    }
    Calendar::named(name).map_err(|error| error.to_string())
}

fn from_profile(name: &str, variant: Option<&str>) -> Result<Named, String> {
    let profile = Profile::find(name).ok_or_else(|| {
        let known: Vec<&str> = Profile::all().iter().map(Profile::name).collect();
        format!("no platform is called `{name}`; known: {}", known.join(", "))
    })?;
    let default = profile.variants().find(|variant| variant.is_default).map(|variant| variant.name);
    let chosen = variant.or(default).unwrap_or_default();
    let (platform, _) = profile.platform(chosen).ok_or_else(|| {
        let known: Vec<&str> = profile.variants().map(|variant| variant.name).collect();
        format!("`{name}` has no variant `{chosen}`; known: {}", known.join(", "))
    })?;
    let rule = |rule: VolumeRule| (rule.name, rule.rule);
    Ok(Named {
        rules: platform.rules.into_iter().map(rule).collect(),
        actions: STANDARD_ACTIONS.map(str::to_owned).to_vec(),
        source: format!("platform {name}, variant {chosen}"),
    })
}

fn from_file(path: &Path) -> Result<Named, String> {
    let source = Source::read(path).map_err(|error| error.to_string())?;
    let named = path.display().to_string();
    let table: toml::Table = source.text.parse().map_err(|error| format!("{named}: {error}"))?;
    if table.contains_key("start") {
        return from_scenario(&source, named);
    }
    let file: RulesFile = toml::from_str(&source.text).map_err(|error| format!("{named}: {error}"))?;
    let actions: Vec<String> = STANDARD_ACTIONS.map(str::to_owned).into_iter().chain(file.actions).collect();
    let rules = file.rule.iter().map(|rule| Ok((rule.name.clone(), compiled(rule, &actions)?)));
    let rules = rules.collect::<Result<_, String>>().map_err(|problem| format!("{named}: {problem}"))?;
    Ok(Named { rules, actions, source: named })
}

fn from_scenario(source: &Source, named: String) -> Result<Named, String> {
    let parsed = source.parse();
    terminal::draw(source, &parsed.diagnostics).map_err(|error| error.to_string())?;
    let scenario = parsed.scenario.ok_or_else(|| format!("{named}: the scenario has mistakes"))?;
    let rules = scenario.rules().map(|(name, rule)| (name, rule.rule.clone())).collect();
    Ok(Named { rules, actions: scenario.actions.clone(), source: named })
}

fn compiled(rule: &RuleFile, actions: &[String]) -> Result<Rule, String> {
    let wrong = |what: &str| Err(format!("rule `{}`: {what}", rule.name));
    if rule.actions.is_empty() || rule.windows.is_empty() {
        return wrong("it needs at least one action and one window");
    }
    let mut ids = Vec::new();
    for name in &rule.actions {
        let Some(id) = actions.iter().position(|action| action == name) else {
            return wrong(&format!("no action is called `{name}`; known: {}", actions.join(", ")));
        };
        if ids.contains(&id) {
            return wrong(&format!("`{name}` is named twice"));
        }
        ids.push(id);
    }
    let mut limits: Vec<Limit> = Vec::new();
    for file in &rule.windows {
        let window = match window(file) {
            Ok(window) => window,
            Err(problem) => return wrong(&problem),
        };
        if limits.iter().any(|limit| limit.window == window) {
            return wrong(&format!("it has the window {window} twice"));
        }
        limits.push(Limit { window, max: file.limit });
    }
    Ok(Rule { actions: ids, limits })
}

fn window(file: &WindowFile) -> Result<Window, String> {
    match (&file.sliding, file.calendar, file.trailing_days) {
        (Some(span), None, None) => {
            parse_span(span).map(Window::Sliding).map_err(|error| format!("`{span}`: {error}"))
        }
        (None, Some(CalendarFile::Day), None) => Ok(Window::Day),
        (None, Some(CalendarFile::Week), None) => Ok(Window::Week),
        (None, Some(CalendarFile::Month), None) => Ok(Window::Month),
        (None, None, Some(days @ 1..=3_660)) => Ok(Window::TrailingDays(days)),
        (None, None, Some(_)) => Err("`trailing_days` must be from 1 to 3660".to_owned()),
        _ => Err("a window has one of `sliding`, `calendar` and `trailing_days`".to_owned()),
    }
}
