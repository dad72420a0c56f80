//! How many people the accounts of groups belong to: each has one of their own, and what is too many are duplicates.

use std::ops::Range;

use super::platforms::Stated;
use super::unknown;
use crate::numbers::counted;
use crate::scenario::diagnostic::Report;
use crate::scenario::file::{GroupFile, ScenarioFile};
use crate::scenario::platform::Draft;
use crate::scenario::shape::shortened;
use crate::scenario::{Group, Trait};

/// The trait of accounts that are not their people's only ones.
pub(crate) const DUPLICATE: &str = "duplicate_account";

/// Warns of fewer people than accounts, be it over several groups, and gives the accounts that are too many the trait of
/// duplicates where the platform has one; there a compliant group is refused. The first accounts are their people's own: those
/// of the group whose people they are, then those of the others in file order.
pub(crate) fn read(groups: &mut [Group], file: &ScenarioFile, platforms: &[Stated], report: &mut Report) {
    let owners = owners(groups, file, report);
    for (owner, stated) in file.group.iter().enumerate().filter(|(place, _)| owners[*place] == *place) {
        let others = (0..owners.len()).filter(|&place| place != owner && owners[place] == owner);
        let theirs: Vec<usize> = std::iter::once(owner).chain(others).collect();
        let accounts: u32 = theirs.iter().map(|&place| groups[place].count).sum();
        let people = stated.people.as_ref().map_or(groups[owner].count, |people| people.value);
        if let Some(span) = stated.people.as_ref().map(|stated| &stated.span).filter(|_| people > accounts) {
            let message = format!("more people ({people}) than accounts ({accounts})");
            report
                .warning(span.clone(), message)
                .hint("one person, one account: if they share a login, state the trait shared_login");
            continue;
        }
        let mut left = people;
        for &place in &theirs {
            let only = left.min(groups[place].count);
            left -= only;
            if only < groups[place].count {
                duplicate(groups, place, (only, owner), file, platforms, report);
            }
        }
    }
}

/// By group, the one whose people its accounts belong to: itself, where the file names no other.
fn owners(groups: &[Group], file: &ScenarioFile, report: &mut Report) -> Vec<usize> {
    let named: Vec<Option<usize>> =
        (0..file.group.len()).map(|place| named(groups, file, place, report)).collect();
    let follow = |place: usize| {
        let steps = std::iter::successors(Some(place), |&reached| named[reached]);
        steps.take(named.len() + 1).last().unwrap_or(place)
    };
    let owners: Vec<usize> = (0..named.len()).map(follow).collect();
    let mut end = |place: usize| {
        let (Some(stated), Some(_)) = (&file.group[place].people_of, named[owners[place]]) else {
            return owners[place];
        };
        report
            .error(stated.span.clone(), "these groups name each other: nobody says who their people are")
            .hint("leave `people_of` out of one of them, and state its `people` there");
        place
    };
    (0..owners.len()).map(&mut end).collect()
}

/// The group that another names as that of its people, if it fits.
fn named(groups: &[Group], file: &ScenarioFile, place: usize, report: &mut Report) -> Option<usize> {
    let own = &file.group[place];
    let name = own.people_of.as_ref()?;
    let Some(owner) = groups.iter().position(|known| known.name == name.value) else {
        let known: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
        unknown("group", name, &known, report);
        return None;
    };
    if groups[place].platform != groups[owner].platform {
        report
            .warning(name.span.clone(), format!("group `{}` is on another platform", shortened(name)))
            .hint("a person may have an account on each: leave `people_of` out");
        return None;
    }
    if own.replaces.is_some() || file.group[owner].replaces.is_some() {
        report
            .error(name.span.clone(), "a replacement belongs to the person whose account it replaces")
            .hint("leave `people_of` out, or `replaces`");
        return None;
    }
    if let Some(people) = &own.people {
        report
            .error(
                people.span.clone(),
                format!("the people of this group are those of `{}`", shortened(name)),
            )
            .hint("state their number there, and leave `people` or `people_of` out here");
    }
    Some(owner)
}

/// Accounts of a group, but for the first ones, are not the only ones of their people, who are those of the owner.
fn duplicate(
    groups: &mut [Group],
    place: usize,
    (only, owner): (u32, usize),
    file: &ScenarioFile,
    platforms: &[Stated],
    report: &mut Report,
) {
    let (own, count) = (&file.group[place], groups[place].count);
    let platform = &platforms[groups[place].platform];
    let (span, what) = match (&own.people_of, &own.people) {
        (Some(name), _) if owner != place => {
            let many = counted(u64::from(count - only), "account");
            (
                name.span.clone(),
                format!("{many} too many for the people of `{}`", shortened(&groups[owner].name)),
            )
        }
        (_, Some(people)) => {
            let noun = if people.value == 1 { "person" } else { "people" };
            (people.span.clone(), format!("{count} accounts of {} {noun}", people.value))
        }
        _ => return,
    };
    let found = give_duplicates(&mut groups[place], (file, own), &platform.draft, only);
    let then = consequence_of_duplicates(found, &platform.name);
    if found == Duplicates::Compliant {
        let less =
            if only == 0 { "leave the group out".to_owned() } else { format!("lower `count` to {only}") };
        report.error(span, format!("{what}: {then}")).hint(format!("{less}, or leave out `compliant`"));
    } else {
        warn_of_duplicates(span, &what, &then, report);
    }
}

/// Why the trait of duplicates is in force, or is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Duplicates {
    Found,
    SwitchedOff,
    Compliant,
    NoSuchRule,
}

/// Gives a group's accounts, but for the first ones, the trait of duplicates, unless the group or the whole file switches
/// it off.
pub(super) fn give_duplicates(
    group: &mut Group,
    (file, own): (&ScenarioFile, &GroupFile),
    draft: &Draft,
    spares: u32,
) -> Duplicates {
    let index = draft.traits.iter().position(|known| known.hazard.name == DUPLICATE);
    let Some(index) = index else { return Duplicates::NoSuchRule };
    if let Some(own) = group.traits.iter_mut().find(|own| own.index == index) {
        own.spares = own.spares.min(spares);
        return Duplicates::Found;
    }
    if own.compliant == Some(true) && draft.traits[index].hazard.breaks_terms {
        return Duplicates::Compliant;
    }
    let mut stated = own.traits.iter().chain(&file.traits);
    if stated.any(|(name, given)| name.as_str() == DUPLICATE && given.enabled == Some(false)) {
        return Duplicates::SwitchedOff;
    }
    group.traits.push(Trait { index, people: 1, certain: false, spares });
    group.traits.sort_by_key(|own| own.index);
    Duplicates::Found
}

/// What follows for accounts that are not their people's only ones.
pub(super) fn consequence_of_duplicates(found: Duplicates, platform: &str) -> String {
    match found {
        Duplicates::Found => "a platform that allows one account a person finds and restricts it".to_owned(),
        Duplicates::SwitchedOff => format!("with `{DUPLICATE}` switched off nothing happens to them here"),
        Duplicates::Compliant => "where one account a person is the rule, this is not compliant".to_owned(),
        Duplicates::NoSuchRule => {
            format!("the profile of `{platform}` has no such rule, and nothing happens to them here")
        }
    }
}

/// Warns where the trait of duplicates is given to accounts.
pub(super) fn warn_of_stated_duplicates(file: &ScenarioFile, report: &mut Report) {
    let stated = std::iter::once(&file.traits).chain(file.group.iter().map(|group| &group.traits));
    for (name, given) in stated.flatten() {
        if name.as_str() == DUPLICATE && given.enabled != Some(false) {
            let what = "an account that is not its person's only one";
            let then = consequence_of_duplicates(Duplicates::Found, "");
            warn_of_duplicates(name.span.clone(), what, &then, report);
        }
    }
}

fn warn_of_duplicates(span: Range<usize>, what: &str, then: &str, report: &mut Report) {
    report
        .warning(span, format!("{what}: {then}"))
        .hint("close what is too much, and never open another account while one is restricted");
}
