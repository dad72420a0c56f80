//! From the file as written to the scenario that is meant: defaults filled in, names looked up, everything checked
//! that types cannot see.

mod bursts;
mod calendar;
mod demand;
mod events;
mod group;
mod log;
mod names;
mod pacing;
mod pages;
mod people;
mod phase;
mod platforms;
mod replaces;
mod traits;

use jiff::civil::Date;

pub(crate) use self::names::Names;
pub(crate) use self::people::DUPLICATE;
use super::diagnostic::{Report, suggestion};
use super::file::{ResolutionFile, ScenarioFile};
use super::located::{At, FileDate};
use super::platform::Draft;
use super::shape::shortened;
use super::{Calendar, Resolution, Scenario, check};
use crate::time::day_number;

/// What most parts of a scenario need to know of the whole.
#[derive(Debug)]
pub(crate) struct Context<'n> {
    pub(crate) names: &'n Names,
    pub(crate) start: Date,
    pub(crate) horizon_days: u32,
    pub(crate) calendar: Calendar,
}

impl Context<'_> {
    /// The number of a date, counted from day 0.
    pub(crate) fn day_index(&self, date: Date) -> i64 {
        i64::from(day_number(date)) - i64::from(day_number(self.start))
    }
}

/// The scenario that the file means, as far as it can be told; findings go to the report.
pub(crate) fn scenario(
    file: &ScenarioFile,
    stem: &str,
    read: &log::Reader<'_>,
    report: &mut Report,
) -> Scenario {
    let errors = report.errors();
    let names = Names::read(&file.actions, report);
    let context = Context {
        names: &names,
        start: start(file.start.as_ref(), report),
        horizon_days: file.horizon_days.as_ref().map_or(1, |days| days.value),
        calendar: calendar::read(file.calendar.as_ref(), report),
    };
    report.note_part("group", errors);
    let errors = report.errors();
    let (mut stated, of_group) = platforms::read(file, &names, report);
    report.note_part("rule", errors);
    let errors = report.errors();
    let mut groups = group::read(file, (&stated, &of_group), &context, &mut log::Logs::new(read), report);
    let replacing = replaces::read(&mut groups, file, &stated, report);
    report.note_part("group", errors);
    let errors = report.errors();
    for (platform, stated) in stated.iter_mut().enumerate() {
        traits::leave_out_unused(platform, &mut stated.draft, &mut groups);
        let here = groups.iter().filter(|group| group.platform == platform);
        stated.draft.leave_out_unused(|action| here.clone().any(|group| group.does(action)));
    }
    let here = platforms::read_zone(file, &stated, report);
    let (platforms, mut assumptions) = platforms::finish(&stated, &names, here.as_ref());
    let (links, of_links) = traits::read_links(&file.link, &groups, &names, report);
    assumptions.extend(of_links);
    report.note_part("link", errors);
    let (pages, of_pages) = pages::read(&file.page, (&groups, &platforms), report);
    let (events, of_events) = events::read(&file.event, (&groups, &platforms, &pages), &context, report);
    assumptions.extend(of_pages);
    assumptions.extend(of_events);
    let scenario = Scenario {
        name: name(file.name.as_ref(), stem, report),
        description: file.description.clone(),
        start: context.start,
        horizon_days: context.horizon_days,
        resolution: file.resolution.as_ref().map_or(Resolution::Auto, |stated| stated.value.into()),
        replicates: file.replicates,
        seed: file.seed,
        actions: names.all().to_vec(),
        calendar: context.calendar,
        groups,
        platforms,
        links,
        events,
        pages,
        assumptions,
    };
    let drafts: Vec<&Draft> = stated.iter().map(|stated| &stated.draft).collect();
    replaces::warn(&scenario, &replacing, file, report);
    check::whole(&scenario, file, &drafts, report);
    scenario
}

/// Years outside of 1970 to 2200 are slips of the pen.
fn start(stated: Option<&At<FileDate>>, report: &mut Report) -> Date {
    let Some(stated) = stated else { return Date::constant(2026, 1, 5) };
    if !(1970..=2200).contains(&stated.0.year()) {
        report
            .error(stated.span.clone(), format!("the year {} is not between 1970 and 2200", stated.0.year()));
        return Date::constant(2026, 1, 5);
    }
    stated.0
}

fn name(stated: Option<&At<String>>, stem: &str, report: &mut Report) -> String {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    let usable = |name: &str| !name.is_empty() && name.len() <= 60 && name.chars().all(fits);
    let lowered = |name: &str| -> String {
        let chars = name.chars().take(60).map(|c| c.to_ascii_lowercase());
        let plain: String = chars.map(|c| if fits(c) { c } else { '-' }).collect();
        Some(plain.trim_matches('-').to_owned())
            .filter(|name| !name.is_empty())
            .unwrap_or("scenario".to_owned())
    };
    let Some(stated) = stated else { return lowered(stem) };
    if !usable(stated) {
        let message = format!("`{}` is no name for a scenario", shortened(stated));
        let hint =
            format!("use at most 60 lower-case letters, digits, `_` and `-`, as in \"{}\"", lowered(stated));
        report.error(stated.span.clone(), message).hint(hint);
    }
    stated.value.clone()
}

/// An error about a name that is not among the known ones.
pub(crate) fn unknown(what: &str, name: &At<String>, known: &[&str], report: &mut Report) {
    let message = format!("unknown {what} `{}`", shortened(name));
    report.error(name.span.clone(), message).hint(suggestion(name, known));
}

impl From<ResolutionFile> for Resolution {
    fn from(file: ResolutionFile) -> Resolution {
        match file {
            ResolutionFile::Auto => Resolution::Auto,
            ResolutionFile::Day => Resolution::Day,
            ResolutionFile::Event => Resolution::Event,
        }
    }
}
