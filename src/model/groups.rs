//! The groups of a team, compiled: which accounts they have, which of these are alike, and whose they replace.

use super::demand::Kind;
use crate::scenario::{Group, Replaces, Scenario};

/// A group of accounts.
#[derive(Debug, Clone)]
pub(crate) struct GroupModel {
    /// Number of accounts.
    pub(crate) count: u32,
    /// Place of the first account in the team.
    pub(crate) first_account: u32,
    /// Index of the kind of its first account; every kind of a group wants the same.
    pub(crate) kind: usize,
    /// Whose accounts these replace.
    pub(crate) replaces: Option<Replaces>,
}

/// All groups, all kinds, and by account its group and kind.
pub(super) fn compile(scenario: &Scenario) -> (Vec<GroupModel>, Vec<Kind>, Vec<(usize, usize)>) {
    let (mut groups, mut kinds, mut accounts) = (Vec::new(), Vec::new(), Vec::new());
    for (place, group) in scenario.groups.iter().enumerate() {
        groups.push(GroupModel {
            count: group.count,
            first_account: accounts.len() as u32,
            kind: kinds.len(),
            replaces: group.replaces,
        });
        for alike in parts(group) {
            accounts.extend(std::iter::repeat_n((place, kinds.len()), alike.count as usize));
            kinds.push(Kind::compile(scenario, place, &alike));
        }
    }
    (groups, kinds, accounts)
}

/// A group in parts whose accounts all have the same traits.
fn parts(group: &Group) -> Vec<Group> {
    let mut starts: Vec<u32> = group.traits.iter().map(|own| own.spares).collect();
    starts.retain(|&start| 0 < start && start < group.count);
    starts.push(0);
    starts.sort_unstable();
    starts.dedup();
    let ends = starts.iter().skip(1).copied().chain([group.count]);
    let part = |(&start, end): (&u32, u32)| {
        let mut part = group.clone();
        part.count = end - start;
        part.traits.retain(|own| own.holds_for(start));
        part
    };
    starts.iter().zip(ends).map(part).collect()
}
