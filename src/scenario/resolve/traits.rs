//! Which accounts have which traits, and what links them.

use std::collections::BTreeMap;
use std::ops::Range;

use super::platforms::Stated;
use super::{Names, unknown};
use crate::scenario::diagnostic::Report;
use crate::scenario::file::{GroupFile, LinkFile, ScenarioFile, TraitUseFile};
use crate::scenario::located::At;
use crate::scenario::platform::Draft;
use crate::scenario::platform::basis::Basis;
use crate::scenario::shape::shortened;
use crate::scenario::spelling::is_identifier;
use crate::scenario::{Assumption, Consequence, Group, Link, Trait};

/// The trait of accounts that are not their people's only ones.
pub(crate) const DUPLICATE: &str = "duplicate_account";

/// The traits of a group: those of the shared ones that its platform knows, and its own in place of those of the same name; of a compliant group without
/// those that break the terms.
pub(crate) fn read(
    shared: &BTreeMap<At<String>, At<TraitUseFile>>,
    own: &BTreeMap<At<String>, At<TraitUseFile>>,
    compliant: bool,
    draft: &Draft,
    report: &mut Report,
) -> Vec<Trait> {
    let known = names_of(draft);
    let applies = |name: &At<String>| !own.contains_key(name) && known.contains(&name.as_str());
    let inherited = shared.iter().filter(|(name, _)| applies(name));
    let mut traits = Vec::new();
    for (name, stated) in inherited.chain(own) {
        let Some(index) = known.iter().position(|known| **known == *name.as_str()) else {
            unknown("trait", name, &known, report);
            continue;
        };
        let people = stated.people.as_ref().map_or(2, |people| people.value);
        if let (Some(people), false) = (&stated.people, draft.traits[index].hazard.per_person) {
            let message = format!("`people` has no effect on `{}`", name.value);
            report.warning(people.span.clone(), message);
        }
        let hazard = &draft.traits[index].hazard;
        let strikes = hazard.per_day > 0.0
            || !hazard.per_action.is_empty()
            || hazard.consequence != Consequence::Ladder;
        if stated.certain == Some(true) && !strikes && !draft.traits[index].own {
            let message = format!("`{}` has nothing that could be certain", name.value);
            report.error(name.span.clone(), message).hint("it flags nobody by itself: leave `certain` out");
        }
        let switched_off = stated.enabled == Some(false) || compliant && hazard.breaks_terms;
        if !switched_off {
            traits.push(Trait { index, people, certain: stated.certain == Some(true), spares: 0 });
        }
    }
    traits.sort_by_key(|own| own.index);
    traits
}

fn names_of(draft: &Draft) -> Vec<&str> {
    draft.traits.iter().map(|known| known.hazard.name.as_str()).collect()
}

/// A shared trait holds wherever the platform knows it, which must be somewhere.
pub(crate) fn check_shared(
    shared: &BTreeMap<At<String>, At<TraitUseFile>>,
    platforms: &[Stated],
    report: &mut Report,
) {
    let mut known: Vec<&str> = platforms.iter().flat_map(|platform| names_of(&platform.draft)).collect();
    known.sort_unstable();
    known.dedup();
    for name in shared.keys().filter(|name| !known.contains(&name.as_str())) {
        unknown("trait", name, &known, report);
    }
}

/// Warns of a group with fewer people than accounts, and gives the accounts that are too many the trait of duplicates where
/// the platform has one; there a compliant group is refused.
pub(crate) fn read_people(
    group: &mut Group,
    (file, own): (&ScenarioFile, &GroupFile),
    platform: &Stated,
    report: &mut Report,
) {
    let Some(people) = &own.people else { return };
    let span = people.span.clone();
    if people.value > group.count {
        let message = format!("more people ({}) than accounts ({})", people.value, group.count);
        report
            .warning(span, message)
            .hint("one person, one account: if they share a login, state the trait shared_login");
        return;
    }
    if people.value == group.count {
        return;
    }
    let noun = if people.value == 1 { "person" } else { "people" };
    let what = format!("{} accounts of {} {noun}", group.count, people.value);
    let found = give_duplicates(group, (file, own), &platform.draft, people.value);
    let then = consequence_of_duplicates(found, &platform.name);
    if found == Duplicates::Compliant {
        report
            .error(span, format!("{what}: {then}"))
            .hint(format!("lower `count` to {}, or leave out `compliant`", people.value));
    } else {
        warn_of_duplicates(span, &what, &then, report);
    }
}

/// Why the trait of duplicates is in force, or is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Duplicates {
    Found,
    SwitchedOff,
    Compliant,
    NoSuchRule,
}

/// Gives a group's accounts, but for the first ones, the trait of duplicates, unless the group or the whole file switches
/// it off.
pub(crate) fn give_duplicates(
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
pub(crate) fn consequence_of_duplicates(found: Duplicates, platform: &str) -> String {
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
pub(crate) fn warn_of_stated_duplicates(file: &ScenarioFile, report: &mut Report) {
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

/// Leaves out a profile's traits that no group has: they would only fill the tables.
pub(crate) fn leave_out_unused(platform: usize, draft: &mut Draft, groups: &mut [Group]) {
    let used = |index: usize| {
        let mut here = groups.iter().filter(|group| group.platform == platform);
        here.any(|group| group.traits.iter().any(|own| own.index == index))
    };
    let kept: Vec<usize> =
        (0..draft.traits.len()).filter(|&index| draft.traits[index].own || used(index)).collect();
    draft.traits = kept.iter().map(|&index| draft.traits[index].clone()).collect();
    for own in
        groups.iter_mut().filter(|group| group.platform == platform).flat_map(|group| &mut group.traits)
    {
        own.index = kept.iter().position(|&index| index == own.index).unwrap_or(0);
    }
}

/// The links as stated.
pub(crate) fn read_links(
    files: &[At<LinkFile>],
    groups: &[Group],
    names: &Names,
    report: &mut Report,
) -> (Vec<Link>, Vec<Assumption>) {
    let (mut links, mut assumptions): (Vec<Link>, Vec<Assumption>) = (Vec::new(), Vec::new());
    for file in files {
        let (Some(name), Some(per_day)) = (&file.name, &file.per_day) else { continue };
        if links.iter().any(|known| known.name == name.value) {
            report.error(name.span.clone(), format!("a second link named `{}`", shortened(name)));
        }
        if !is_identifier(name) {
            let message = format!("`{}` is no name for a link", shortened(name));
            report.error(name.span.clone(), message).hint("use lower-case letters, digits and `_`");
        }
        let joined = named_groups(&file.groups, groups, report);
        let accounts: u32 = joined.iter().map(|&group| groups[group].count).sum();
        if joined.iter().any(|&group| groups[group].platform != groups[joined[0]].platform) {
            report
                .warning(name.span.clone(), "this link joins accounts of different platforms")
                .hint("name its groups, as in groups = [\"a\", \"b\"]: a platform seldom knows whom another has restricted");
        }
        if accounts < 2 {
            report
                .warning(name.span.clone(), "this link joins fewer than two accounts and has no effect")
                .hint("raise the `count` of a group, or name several groups");
        }
        let consequence = match &file.consequence {
            Some(stated) => Consequence::of_hazard(stated, names, report),
            None => Consequence::Ladder,
        };
        let basis = Basis::assumed("this scenario").within(file.basis.as_ref());
        let value = format!(
            "probability {} per connected day for each linked account under restriction; leads to {consequence}",
            per_day.value
        );
        assumptions.push(basis.of(format!("link {}", name.value), value));
        links.push(Link { name: name.value.clone(), groups: joined, per_day: per_day.value, consequence });
    }
    (links, assumptions)
}

/// The groups of those names; all where none is named.
pub(crate) fn named_groups(named: &[At<String>], groups: &[Group], report: &mut Report) -> Vec<usize> {
    if named.is_empty() {
        return (0..groups.len()).collect();
    }
    let known: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    let mut joined = Vec::new();
    for name in named {
        match known.iter().position(|known| **known == *name.as_str()) {
            Some(group) if joined.contains(&group) => {
                report.error(name.span.clone(), format!("`{}` is listed twice", shortened(name)));
            }
            Some(group) => joined.push(group),
            None => unknown("group", name, &known, report),
        }
    }
    joined
}
