//! Accounts that are opened because others were restricted.

use super::platforms::Stated;
use super::{people, unknown};
use crate::scenario::diagnostic::Report;
use crate::scenario::file::{GroupFile, ReplacesFile, ScenarioFile};
use crate::scenario::located::At;
use crate::scenario::shape::shortened;
use crate::scenario::{Group, Replaces};

/// The restriction's effects are felt from the next day on.
const AFTER_DAYS: u32 = 1;

/// Notes which groups replace which, warns of each, and gives them the trait of duplicates where the platform has one.
pub(crate) fn read(groups: &mut [Group], file: &ScenarioFile, platforms: &[Stated], report: &mut Report) {
    for (place, own) in file.group.iter().enumerate() {
        groups[place].replaces = replaces(groups, place, own, report);
    }
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
        } else if !warn_of_never(groups, place, (file, stated), platform, report) {
            let what = "accounts that are opened because others were restricted";
            let then = people::consequence_of_duplicates(found, &platform.name);
            report
                .warning(stated.span.clone(), format!("{what}: {then}"))
                .hint("never open another account while one is restricted: wait until the restriction ends");
        }
    }
}

/// Warns of accounts that cannot be opened within the horizon, and tells whether it did.
fn warn_of_never(
    groups: &[Group],
    place: usize,
    (file, stated): (&ScenarioFile, &At<ReplacesFile>),
    platform: &Stated,
    report: &mut Report,
) -> bool {
    let first_day: u64 = chain(groups, place).map(|replaces| u64::from(replaces.after_days)).sum();
    let (why, hint) = if !platform.draft.can_restrict() {
        let why = "no flag restricts those that they replace".to_owned();
        (why, "state a ladder that does, as in [ladder] rungs = [\"permanent\"], or leave them out")
    } else if file.horizon_days.as_ref().is_some_and(|days| first_day >= u64::from(days.value)) {
        (format!("the first could be on day {first_day}, after the horizon"), "leave them out")
    } else {
        return false;
    };
    report.warning(stated.span.clone(), format!("these accounts are never opened: {why}")).hint(hint);
    true
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
