//! Accounts that are opened because others were restricted.

use super::platforms::Stated;
use super::{traits, unknown};
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
        let Some(stated) = &own.replaces else { continue };
        let Some(replaced) = replaced(groups, place, stated, report) else { continue };
        if own.compliant == Some(true) {
            report
                .error(stated.span.clone(), "a compliant group replaces no restricted accounts")
                .hint("leave out `replaces`, or `compliant`");
            continue;
        }
        let after_days = stated.after_days.unwrap_or(AFTER_DAYS);
        groups[place].replaces = Some(Replaces { group: replaced, after_days });
        let platform = &platforms[groups[place].platform];
        let found = traits::give_duplicates(&mut groups[place], (file, own), &platform.draft, 0);
        let what = "accounts that are opened because others were restricted";
        let then = traits::consequence_of_duplicates(found, &platform.name);
        report
            .warning(stated.span.clone(), format!("{what}: {then}"))
            .hint("never open another account while one is restricted: wait until the restriction ends");
    }
    refuse_circles(groups, &file.group, report);
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
fn refuse_circles(groups: &[Group], files: &[At<GroupFile>], report: &mut Report) {
    for (place, file) in files.iter().enumerate() {
        let name = file.replaces.as_ref().and_then(|stated| stated.group.as_ref());
        if let Some(name) = name.filter(|_| replaces_itself(groups, place)) {
            report
                .error(name.span.clone(), "this group replaces itself, and is never opened")
                .hint("name a group whose accounts exist from the start");
        }
    }
}

fn replaces_itself(groups: &[Group], place: usize) -> bool {
    let next = |place: usize| groups[place].replaces.map(|replaces| replaces.group);
    std::iter::successors(next(place), |&reached| next(reached))
        .take(groups.len())
        .any(|reached| reached == place)
}
