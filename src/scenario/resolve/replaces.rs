//! Accounts that are opened because others were restricted.

use super::people::Duplicates;
use super::platforms::Stated;
use super::{check, people, unknown};
use crate::scenario::diagnostic::Report;
use crate::scenario::file::{GroupFile, ReplacesFile, ScenarioFile};
use crate::scenario::shape::shortened;
use crate::scenario::{Group, Replaces, Rung, Scenario};

/// The restriction's effects are felt from the next day on.
const AFTER_DAYS: u32 = 1;

/// A group whose accounts replace others, and what became of its trait of duplicates.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Replacing {
    place: usize,
    found: Duplicates,
}

/// Notes which groups replace which, and gives them the trait of duplicates where the platform has one.
pub(crate) fn read(
    groups: &mut [Group],
    file: &ScenarioFile,
    platforms: &[Stated],
    report: &mut Report,
) -> Vec<Replacing> {
    for (place, own) in file.group.iter().enumerate() {
        groups[place].replaces = replaces(groups, place, own, report);
    }
    let mut replacing = Vec::new();
    for (place, own) in file.group.iter().enumerate() {
        let Some(stated) = own.replaces.as_ref().filter(|_| groups[place].replaces.is_some()) else {
            continue;
        };
        let platform = &platforms[groups[place].platform];
        let found = people::give_duplicates(&mut groups[place], (file, own), &platform.draft, 0);
        if replaces_itself(groups, place) {
            let span = stated.group.as_ref().map_or(&stated.span, |name| &name.span);
            report
                .error(span.clone(), "this group replaces itself, and is never opened")
                .hint("name a group whose accounts exist from the start");
        } else {
            replacing.push(Replacing { place, found });
        }
    }
    replacing
}

/// Warns of each such group: of what follows, or that its accounts are never opened.
pub(crate) fn warn(scenario: &Scenario, replacing: &[Replacing], file: &ScenarioFile, report: &mut Report) {
    // What seems to be missing may be among the errors.
    let restrictable = check::is_sound(report).then(|| scenario.restrictable());
    for &Replacing { place, found } in replacing {
        let Some(stated) = &file.group[place].replaces else { continue };
        if let Some((why, hint)) = never_opened(scenario, place, file, restrictable.as_deref()) {
            let message = format!("these accounts are never opened: {why}");
            report.warning(stated.span.clone(), message).hint(hint);
            continue;
        }
        let what = "accounts that are opened because others were restricted";
        let platform = scenario.platform_of(&scenario.groups[place]);
        let then = people::consequence_of_duplicates(found, &platform.name);
        report
            .warning(stated.span.clone(), format!("{what}: {then}"))
            .hint("never open another account while one is restricted: wait until the restriction ends");
    }
}

/// Why the accounts of a group cannot be opened within the horizon, and what would help; `restrictable` is known of
/// a sound scenario.
fn never_opened(
    scenario: &Scenario,
    place: usize,
    file: &ScenarioFile,
    restrictable: Option<&[bool]>,
) -> Option<(String, &'static str)> {
    let chain = || chain(&scenario.groups, place);
    let first_day: u64 = chain().map(|replaces| u64::from(replaces.after_days)).sum();
    if restrictable.is_some_and(|may| chain().any(|replaces| !may[replaces.group])) {
        let ladder = &scenario.platform_of(&scenario.groups[place]).ladder;
        let hint = if ladder.rungs.iter().all(|rung| *rung == Rung::Warning) {
            "state a ladder that does, as in [ladder] rungs = [\"permanent\"], or leave them out"
        } else {
            "state a rule or a trait that flags them, or leave these out"
        };
        return Some(("no flag restricts those that they replace".to_owned(), hint));
    }
    let late = file.horizon_days.is_some() && first_day >= u64::from(scenario.horizon_days);
    late.then(|| (format!("the first could be on day {first_day}, after the horizon"), "leave them out"))
}

/// Which accounts those of a group replace, and when.
fn replaces(groups: &[Group], place: usize, own: &GroupFile, report: &mut Report) -> Option<Replaces> {
    let stated = own.replaces.as_ref()?;
    let group = replaced(groups, place, stated, report)?;
    if own.compliant == Some(true) {
        report
            .error(stated.span.clone(), "a compliant group replaces no restricted accounts")
            .hint("leave out `replaces`, or `compliant`");
        return None;
    }
    Some(Replaces { group, after_days: stated.after_days.unwrap_or(AFTER_DAYS) })
}

/// The group whose accounts those of another replace, if it fits.
fn replaced(groups: &[Group], place: usize, stated: &ReplacesFile, report: &mut Report) -> Option<usize> {
    let name = stated.group.as_ref()?;
    let Some(replaced) = groups.iter().position(|known| known.name == name.value) else {
        let known: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
        unknown("group", name, &known, report);
        return None;
    };
    let (own, other) = (&groups[place], &groups[replaced]);
    if own.platform != other.platform {
        let message = format!("group `{}` is on another platform", shortened(name));
        report
            .error(name.span.clone(), message)
            .hint("a replacement is another account of the same person on the same platform");
        return None;
    }
    if own.count > other.count {
        let (many, few) = (own.count, other.count);
        let message = format!("{many} accounts replace those of `{}`, which has {few}", shortened(name));
        report
            .error(name.span.clone(), message)
            .hint(format!("each replaces the one at its place: lower `count` to {few}"));
        return None;
    }
    Some(replaced)
}

/// A group that replaces itself, be it over others, is never opened.
fn replaces_itself(groups: &[Group], place: usize) -> bool {
    chain(groups, place).any(|replaces| replaces.group == place)
}

/// What a group replaces, what that one replaces, and so on; in a circle it ends somewhere.
fn chain(groups: &[Group], place: usize) -> impl Iterator<Item = Replaces> {
    let replaces = |place: usize| groups[place].replaces;
    std::iter::successors(replaces(place), move |reached| replaces(reached.group)).take(groups.len())
}
