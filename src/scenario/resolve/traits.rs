//! Which accounts have which traits, and what links them.

use std::collections::BTreeMap;

use super::{Names, unknown};
use crate::scenario::diagnostic::Report;
use crate::scenario::file::{LinkFile, TraitUseFile};
use crate::scenario::located::At;
use crate::scenario::platform::Draft;
use crate::scenario::platform::basis::Basis;
use crate::scenario::shape::shortened;
use crate::scenario::spelling::is_identifier;
use crate::scenario::{Assumption, Consequence, Group, Link, Trait};

/// The traits of a group: the shared ones, and its own in place of those of the same name.
pub(crate) fn read(
    shared: &BTreeMap<At<String>, At<TraitUseFile>>,
    own: &BTreeMap<At<String>, At<TraitUseFile>>,
    draft: &Draft,
    report: &mut Report,
) -> Vec<Trait> {
    let known: Vec<&str> = draft.traits.iter().map(|known| known.hazard.name.as_str()).collect();
    let inherited = shared.iter().filter(|(name, _)| !own.contains_key(*name));
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
        if stated.enabled != Some(false) {
            traits.push(Trait { index, people });
        }
    }
    traits.sort_by_key(|own| own.index);
    traits
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
