//! Groups of accounts: what all of them share, and what each states for itself.

use std::collections::BTreeMap;

use super::platforms::Stated;
use super::{Context, demand, log, pacing, people, phase, traits};
use crate::rules::ActionId;
use crate::scenario::activity_file::BackgroundFile;
use crate::scenario::diagnostic::Report;
use crate::scenario::file::{DemandFile, GroupFile, PacingFile, ScenarioFile};
use crate::scenario::located::At;
use crate::scenario::shape::shortened;
use crate::scenario::{CountLaw, Demand, Group, GroupLog, Pacing, Phase};

/// The largest number of accounts of a team.
const MOST_ACCOUNTS: u64 = 20_000;

/// What holds for every group that does not say otherwise.
struct Shared {
    demand: Vec<Demand>,
    background: Vec<Demand>,
    log: Option<GroupLog>,
    pacing: Vec<Pacing>,
    phases: Vec<Phase>,
}

/// The groups as stated, each on its platform; without any, one account.
pub(crate) fn read(
    file: &ScenarioFile,
    (stated, platforms): (&[Stated], &[usize]),
    context: &Context<'_>,
    logs: &mut log::Logs<'_>,
    report: &mut Report,
) -> Vec<Group> {
    let log = logs.read(file.demand_log.as_ref(), context, report);
    log::refuse_twice(&file.demand, log.as_ref(), context.names, report);
    let mut demand = log::demands(log.as_ref());
    replace(&mut demand, demands(&file.demand, context, report), |demand| demand.action);
    let shared = Shared {
        demand,
        log,
        background: backgrounds(&file.background, context, report)
            .into_iter()
            .filter_map(|own| own.1)
            .collect(),
        pacing: pacings(&file.pacing, context, report),
        phases: phase::read(&file.phase, &[], context, report),
    };
    let mut groups = if file.group.is_empty() {
        vec![shared.group("account", 1, 0)]
    } else {
        read_groups(&file.group, &shared, context, logs, report)
    };
    let none = BTreeMap::new();
    for (at, group) in groups.iter_mut().enumerate() {
        group.platform = platforms.get(at).copied().unwrap_or(0);
        let own_log = file.group.get(at).and_then(|own| own.demand_log.as_ref());
        log::warn_of_repeats(own_log.or(file.demand_log.as_ref()), group, report);
        let (own, platform) = (file.group.get(at), &stated[group.platform]);
        let compliant = own.is_some_and(|own| own.compliant == Some(true));
        group.traits = traits::read(
            &file.traits,
            own.map_or(&none, |own| &own.traits),
            compliant,
            &platform.draft,
            report,
        );
    }
    traits::check_shared(&file.traits, stated, report);
    people::read(&mut groups, file, stated, report);
    people::warn_of_stated_duplicates(file, report);
    warn_of_late_steps(file, &groups, context, report);
    groups
}

fn read_groups(
    files: &[At<GroupFile>],
    shared: &Shared,
    context: &Context<'_>,
    logs: &mut log::Logs<'_>,
    report: &mut Report,
) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut accounts = 0;
    for file in files {
        let group = read_group(file, shared, context, logs, report);
        if let Some(name) = &file.name {
            if groups.iter().any(|known| known.name == group.name) {
                report.error(name.span.clone(), format!("a second group named `{}`", shortened(name)));
            }
            if name.trim().is_empty() || name.len() > 80 || name.contains(char::is_control) {
                report.error(name.span.clone(), "a group's name has 1 to 80 letters on one line");
            }
        }
        let before = accounts;
        accounts += u64::from(group.count);
        if accounts > MOST_ACCOUNTS && before <= MOST_ACCOUNTS {
            let span = file.count.as_ref().map_or(&file.span, |count| &count.span);
            report.error(span.clone(), format!("more than {MOST_ACCOUNTS} accounts in all"));
        }
        groups.push(group);
    }
    groups
}

fn read_group(
    file: &At<GroupFile>,
    shared: &Shared,
    context: &Context<'_>,
    logs: &mut log::Logs<'_>,
    report: &mut Report,
) -> Group {
    let name = file.name.as_ref().map_or("", |name| name.as_str());
    let count = file.count.as_ref().map_or(1, |count| count.value);
    let age = file.account_age_days.as_ref().map_or(0, |age| age.value);
    let mut group = shared.group(name, count, age);
    if let Some(own) = logs.read(file.demand_log.as_ref(), context, report) {
        group.demand.retain(|demand| !matches!(demand.law, CountLaw::Recorded { .. }));
        let recorded = log::demands(Some(&own));
        group.log = Some(own);
        replace(&mut group.demand, recorded, |demand| demand.action);
    }
    let recorded = file.demand_log.as_ref().and(group.log.as_ref());
    log::refuse_twice(&file.demand, recorded, context.names, report);
    replace(&mut group.demand, demands(&file.demand, context, report), |demand| demand.action);
    for (action, own) in backgrounds(&file.background, context, report) {
        group.background.retain(|known| known.action != action);
        group.background.extend(own);
    }
    group.background.sort_by_key(|known| known.action);
    replace(&mut group.pacing, pacings(&file.pacing, context, report), |pacing| pacing.action);
    group.phases.extend(phase::read(&file.phase, &shared.phases, context, report));
    group.time_off = phase::read_time_off(&file.time_off, context, report);
    group
}

impl Shared {
    fn group(&self, name: &str, count: u32, account_age_days: u32) -> Group {
        Group {
            name: name.to_owned(),
            count,
            platform: 0,
            account_age_days,
            demand: self.demand.clone(),
            background: self.background.clone(),
            log: self.log.clone(),
            pacing: self.pacing.clone(),
            phases: self.phases.clone(),
            time_off: Vec::new(),
            traits: Vec::new(),
            replaces: None,
        }
    }
}

fn demands(
    files: &BTreeMap<At<String>, At<DemandFile>>,
    context: &Context<'_>,
    report: &mut Report,
) -> Vec<Demand> {
    let mut demands = Vec::new();
    for (name, file) in files {
        if let Some(action) = context.names.id(name, report) {
            let what = format!("demand of `{}`", name.value);
            demands.extend(demand::read(file, action, &what, &context.calendar, report));
        }
    }
    demands.sort_by_key(|demand| demand.action);
    demands
}

/// By action: what happens in the background; none where it is switched off.
fn backgrounds(
    files: &BTreeMap<At<String>, At<BackgroundFile>>,
    context: &Context<'_>,
    report: &mut Report,
) -> Vec<(ActionId, Option<Demand>)> {
    let mut backgrounds = Vec::new();
    for (name, file) in files {
        if let Some(action) = context.names.id(name, report) {
            let on = file.enabled != Some(false);
            let stated = on.then(|| demand::read_background(file, action, name, &context.calendar, report));
            backgrounds.push((action, stated.flatten()));
        }
    }
    backgrounds.sort_by_key(|(action, _)| *action);
    backgrounds
}

fn pacings(
    files: &BTreeMap<At<String>, At<PacingFile>>,
    context: &Context<'_>,
    report: &mut Report,
) -> Vec<Pacing> {
    let mut pacings = Vec::new();
    for (name, file) in files {
        if let Some(action) = context.names.id(name, report) {
            pacings.push(pacing::read(file, action, report));
        }
    }
    pacings.sort_by_key(|pacing| pacing.action);
    pacings
}

/// Puts a group's own entries in the place of the shared ones for the same action.
fn replace<T>(shared: &mut Vec<T>, own: Vec<T>, action: impl Fn(&T) -> ActionId) {
    for entry in own {
        shared.retain(|known| action(known) != action(&entry));
        shared.push(entry);
    }
    shared.sort_by_key(action);
}

fn warn_of_late_steps(file: &ScenarioFile, groups: &[Group], context: &Context<'_>, report: &mut Report) {
    for (name, pacing) in &file.pacing {
        let uses_it = |at: usize| file.group.get(at).is_none_or(|group| !group.pacing.contains_key(name));
        let users = groups.iter().enumerate().filter(|(at, _)| uses_it(*at));
        if let Some(oldest) = users.map(|(_, group)| group.account_age_days).max() {
            pacing::warn_of_late_steps(pacing, oldest, context.horizon_days, report);
        }
    }
    for (group, file) in groups.iter().zip(&file.group) {
        for pacing in file.pacing.values() {
            pacing::warn_of_late_steps(pacing, group.account_age_days, context.horizon_days, report);
        }
    }
}
