//! Random scenarios with the newer parts of the model: each part by itself on a random scenario, or any number together.

use std::sync::Arc;

use pacewise::rules::{ActionId, Limit, Rule, Window};
use pacewise::scenario::{
    AccountPlace, Aftermath, Backup, Bound, Consequence, CountLaw, Credit, DayRule, DaysLaw, Detection,
    Displacement, GroupLog, Hazard, Link, LogUse, Measure, Page, PageKind, Period, PlannedEvent, Ratio,
    RatioOf, RatioTo, RecordedAction, Recording, Refund, Replaces, ReportedLate, RequiredStep, Resolution,
    Response, Scenario, SessionSize, SessionTiming, Stock, StockOf, Surge, Trait, Trial, VolumeRule,
};
use pacewise::time::{DAY, HOUR, Instant, day_number, start_of};
use rand::rngs::Xoshiro256PlusPlus as Luck;
use rand::{RngExt, SeedableRng};

use super::builders::{demand, incident};
use super::random::{self, days, maybe};
use super::resolution_of;

/// A part of the model: what it adds to a scenario; at day resolution only what needs no times.
type Part = fn(&mut Scenario, bool, &mut Luck);

/// All parts by name.
pub(crate) const PARTS: [(&str, Part); 19] = [
    ("background", background),
    ("platforms", platforms),
    ("consequences", consequences),
    ("traits", traits),
    ("refusals", refusals),
    ("answers", answers),
    ("surges", surges),
    ("credits", credits),
    ("tokens", tokens),
    ("links", links),
    ("aftermath", aftermath),
    ("events", events),
    ("bursts", bursts),
    ("logs", logs),
    ("shared incidents", shared_incidents),
    ("zones", zones),
    ("spared", spared),
    ("replacements", replacements),
    ("delayed invalidations", invalidations),
];

/// A random scenario with one of the parts.
pub(crate) fn with_part(part: Part, seed: u64) -> Scenario {
    build(&[part], seed)
}

/// A random scenario with about half of the parts, and Pages.
pub(crate) fn with_many(seed: u64) -> Scenario {
    let mut luck = Luck::seed_from_u64(seed + 77_777);
    let mut chosen: Vec<Part> =
        PARTS.iter().map(|(_, part)| *part).filter(|_| luck.random_bool(0.5)).collect();
    chosen.push(pages);
    build(&chosen, seed)
}

fn build(parts: &[Part], seed: u64) -> Scenario {
    let mut luck = Luck::seed_from_u64(seed);
    let mut scenario = random::scenario(&mut luck);
    let daily = resolution_of(&scenario, Resolution::Auto) == Resolution::Day;
    for part in parts {
        part(&mut scenario, daily, &mut luck);
    }
    if scenario.resolution == Resolution::Day {
        scenario.resolution = resolution_of(&scenario, Resolution::Auto);
    }
    scenario
}

fn some_actions(scenario: &Scenario, luck: &mut Luck) -> Vec<ActionId> {
    let first = luck.random_range(0..scenario.actions.len());
    (0..scenario.actions.len()).filter(|&action| action == first || luck.random_bool(0.4)).collect()
}

fn background(scenario: &mut Scenario, _: bool, luck: &mut Luck) {
    for group in &mut scenario.groups {
        for action in 0..scenario.actions.len() {
            if luck.random_bool(0.6) {
                group
                    .background
                    .push(demand(action, CountLaw::Poisson { mean: luck.random_range(0.1..4.0) }));
            }
        }
    }
}

/// The second group moves to a stricter platform with the same rules and incidents of its own.
fn platforms(scenario: &mut Scenario, _: bool, luck: &mut Luck) {
    let mut other = scenario.platforms[0].clone();
    other.name = "other".into();
    for rule in &mut other.rules {
        rule.detection.probability = luck.random_range(0.0..0.3);
    }
    other.token.idle_days = maybe(luck.random_bool(0.5), luck.random_range(1..8));
    other.token.lifetime_days = maybe(luck.random_bool(0.5), luck.random_range(2..20));
    other.incidents.truncate(1);
    other.reconnect.token_expired = days(luck);
    scenario.platforms.push(other);
    let last = scenario.groups.len() - 1;
    scenario.groups[last].platform = 1;
}

/// A consequence for something that makes trials.
fn consequence(scenario: &Scenario, luck: &mut Luck) -> Consequence {
    match luck.random_range(0..4) {
        0 => Consequence::Disconnection,
        1 => {
            let most = scenario.platforms.iter().map(|platform| platform.ladder.rungs.len()).min();
            Consequence::Rung(luck.random_range(1..=most.unwrap_or(0).max(1) as u32))
        }
        2 => Consequence::FeatureRestriction { actions: some_actions(scenario, luck), days: days(luck) },
        _ => Consequence::Ladder,
    }
}

fn consequences(scenario: &mut Scenario, _: bool, luck: &mut Luck) {
    for platform in 0..scenario.platforms.len() {
        for rule in 0..scenario.platforms[platform].rules.len() {
            let consequence = consequence(scenario, luck);
            let rule = &mut scenario.platforms[platform].rules[rule];
            rule.consequence = consequence;
            rule.detection.probability = luck.random_range(0.0..0.3);
        }
    }
}

/// Rules, rules by the day, traits and links that invalidate tokens do so after a delay, which may be none; so do some others.
fn invalidations(scenario: &mut Scenario, daily: bool, luck: &mut Luck) {
    if scenario.platforms.iter().all(|platform| platform.traits.is_empty()) {
        traits(scenario, daily, luck);
    }
    let mut rules: Vec<(&mut Consequence, Option<&mut f64>)> = Vec::new();
    for platform in &mut scenario.platforms {
        for rule in &mut platform.rules {
            rules.push((&mut rule.consequence, Some(&mut rule.detection.probability)));
        }
        for rule in &mut platform.beyond.rules {
            rules.push((&mut rule.consequence, None));
        }
        for hazard in &mut platform.traits {
            rules.push((&mut hazard.consequence, Some(&mut hazard.per_day)));
        }
    }
    rules.extend(scenario.links.iter_mut().map(|link| (&mut link.consequence, None)));
    for (consequence, probability) in rules {
        let refuses = matches!(consequence, Consequence::Refusal { .. });
        if *consequence == Consequence::Disconnection || !refuses && luck.random_bool(0.6) {
            *consequence = Consequence::DisconnectionAfter(match luck.random_range(0..4) {
                0 => DaysLaw::Uniform { min: 0, max: 2 },
                1 => DaysLaw::Geometric { mean: 1.5, at_least: 0 },
                _ => days(luck),
            });
            if let Some(probability) = probability {
                *probability = luck.random_range(0.0..0.3);
            }
        }
    }
}

fn traits(scenario: &mut Scenario, _: bool, luck: &mut Luck) {
    for platform in 0..scenario.platforms.len() {
        for index in 0..3 {
            let acts = luck.random_bool(0.5);
            let actions = some_actions(scenario, luck).into_iter().filter(|_| acts);
            let hazard = Hazard {
                name: format!("trait {index}"),
                per_day: luck.random_range(0.0..0.02),
                per_person: luck.random_bool(0.5),
                per_action: actions.map(|action| (action, 0.004 + 0.01 * action as f64)).collect(),
                scrutiny: if luck.random_bool(0.5) { luck.random_range(0.0..8.0) } else { 1.0 },
                earlier_flags: luck.random_range(0..2),
                consequence: consequence(scenario, luck),
                refuses: some_actions(scenario, luck).into_iter().filter(|_| index == 2).collect(),
                breaks_terms: false,
                innocent: index == 0,
            };
            scenario.platforms[platform].traits.push(hazard);
        }
    }
    for group in &mut scenario.groups {
        let own = (0..3).filter(|_| luck.random_bool(0.6));
        group.traits = own
            .collect::<Vec<usize>>()
            .into_iter()
            .map(|index| Trait {
                index,
                people: 1 + index as u32 * 2,
                certain: luck.random_bool(0.2),
                spares: 0,
            })
            .collect();
    }
}

/// Traits that only the last accounts of a group have.
fn spared(scenario: &mut Scenario, daily: bool, luck: &mut Luck) {
    if scenario.platforms.iter().all(|platform| platform.traits.is_empty()) {
        traits(scenario, daily, luck);
    }
    for group in &mut scenario.groups {
        group.count += luck.random_range(0..3);
        for own in &mut group.traits {
            own.spares = luck.random_range(0..=group.count);
        }
    }
}

/// Accounts that are opened because others were restricted: of the last group, or of one more that is like the first.
fn replacements(scenario: &mut Scenario, daily: bool, luck: &mut Luck) {
    if scenario.platforms.iter().all(|platform| platform.traits.is_empty()) {
        traits(scenario, daily, luck);
    }
    let mut group = scenario.groups[0].clone();
    group.name = "replacements".into();
    group.count = luck.random_range(1..=group.count);
    group.traits = vec![Trait { index: 0, people: 2, certain: luck.random_bool(0.2), spares: 0 }];
    group.account_age_days = luck.random_range(0..3);
    group.replaces = Some(Replaces { group: 0, after_days: luck.random_range(1..4) });
    scenario.groups.push(group);
    let place = scenario.groups.len() - 1;
    for link in scenario.links.iter_mut().filter(|_| luck.random_bool(0.7)) {
        link.groups.push(place);
    }
    // Something must restrict the others soon.
    for hazard in &mut scenario.platforms[0].traits {
        hazard.per_day += 0.05;
    }
    if luck.random_bool(0.3) {
        let mut second = scenario.groups[place].clone();
        second.name = "replacements of replacements".into();
        second.replaces = Some(Replaces { group: place, after_days: 1 });
        scenario.groups.push(second);
    }
}

fn shared_incidents(scenario: &mut Scenario, _: bool, luck: &mut Luck) {
    for platform in &mut scenario.platforms {
        for incident in &mut platform.incidents {
            incident.shared = luck.random_bool(0.5);
        }
        let mut swept = incident("swept away", luck.random_range(0.0..0.05));
        swept.shared = true;
        platform.incidents.push(swept);
    }
}

/// Calendar windows by the clock of another zone need times.
fn zones(scenario: &mut Scenario, daily: bool, luck: &mut Luck) {
    let limits = scenario.platforms.iter_mut().flat_map(|platform| &mut platform.rules);
    for limit in limits.filter(|_| !daily).flat_map(|rule| &mut rule.rule.limits) {
        limit.window = limit.window.of_zone(luck.random_range(-11..=11) * HOUR);
    }
}

fn refusals(scenario: &mut Scenario, daily: bool, luck: &mut Luck) {
    for platform in 0..scenario.platforms.len() {
        for index in 0..luck.random_range(1..3) {
            let window = match luck.random_range(0..4) {
                0 if !daily => Window::Sliding(luck.random_range(1..30) * HOUR),
                1 => Window::Week,
                2 => Window::TrailingDays(luck.random_range(1..9)),
                _ => Window::Day,
            };
            let most = if window == Window::Day { 8 } else { 25 };
            let unit = if daily { DAY } else { 7 * HOUR };
            let lasts = maybe(luck.random_bool(0.5), luck.random_range(1..6) * unit);
            let actions = some_actions(scenario, luck);
            scenario.platforms[platform].rules.push(VolumeRule {
                name: format!("refusal {index}"),
                rule: Rule { actions, limits: vec![Limit { window, max: luck.random_range(0..most) }] },
                origins: Vec::new(),
                detection: Detection { per: Trial::Day, probability: 0.0, slope: 0.0, ceiling: 1.0 },
                consequence: Consequence::Refusal { lasts },
            });
        }
    }
}

fn day_rule(name: String, measure: Measure, consequence: Consequence, luck: &mut Luck) -> DayRule {
    DayRule { name, measure, probability: luck.random_range(0.01..0.2), consequence }
}

fn answers(scenario: &mut Scenario, _: bool, luck: &mut Luck) {
    for platform in 0..scenario.platforms.len() {
        let action = luck.random_range(0..scenario.actions.len());
        let response = Response {
            action,
            accepted: luck.random_range(0.0..0.5),
            declined: luck.random_range(0.0..0.2),
            reported: luck.random_range(0.0..0.2),
            delay: days(luck),
            withdraw_after_days: maybe(luck.random_bool(0.6), luck.random_range(2..15)),
            pending_at_start: luck.random_range(0..5),
            accepted_at_start: luck.random_range(0..5),
        };
        scenario.platforms[platform].beyond.responses.push(response);
        for (of, limit) in [(StockOf::Pending, 25), (StockOf::Accepted, 60), (StockOf::Reported, 20)] {
            let limit = luck.random_range(3..limit);
            let outcome = if luck.random_bool(0.4) {
                Consequence::Refusal { lasts: None }
            } else {
                consequence(scenario, luck)
            };
            let rule =
                day_rule(format!("stock {of:?}"), Measure::Stock(Stock { action, of, limit }), outcome, luck);
            scenario.platforms[platform].beyond.rules.push(rule);
        }
        for index in 0..2 {
            let ratio = Ratio {
                action,
                of: if luck.random_bool(0.5) { RatioOf::Accepted } else { RatioOf::Reported },
                to: if luck.random_bool(0.5) { RatioTo::Sent } else { RatioTo::Answered },
                trailing_days: luck.random_range(1..15),
                at_least: luck.random_range(0..15),
                bound: if luck.random_bool(0.5) { Bound::Below(0.2) } else { Bound::Above(0.3) },
            };
            let outcome = consequence(scenario, luck);
            let rule = day_rule(format!("ratio {index}"), Measure::Ratio(ratio), outcome, luck);
            scenario.platforms[platform].beyond.rules.push(rule);
        }
    }
}

fn surges(scenario: &mut Scenario, _: bool, luck: &mut Luck) {
    for platform in 0..scenario.platforms.len() {
        for index in 0..2 {
            let surge = Surge {
                actions: some_actions(scenario, luck),
                trailing_days: luck.random_range(1..4),
                baseline_days: luck.random_range(1..10),
                factor: luck.random_range(1.0..3.0),
                minimum: luck.random_range(0.5..3.0),
            };
            let outcome = consequence(scenario, luck);
            let rule = day_rule(format!("surge {index}"), Measure::Surge(surge), outcome, luck);
            scenario.platforms[platform].beyond.rules.push(rule);
        }
    }
}

fn credits(scenario: &mut Scenario, _: bool, luck: &mut Luck) {
    let periods = [(Period::Day, 4), (Period::Week, 20), (Period::Month, 80)];
    for platform in &mut scenario.platforms {
        for index in 0..luck.random_range(1..3) {
            let (every, about) = periods[luck.random_range(0..3)];
            let grant = luck.random_range(1..about);
            let most = grant + luck.random_range(0..about);
            let refund = Refund { probability: luck.random_range(0.0..1.0), delay: days(luck) };
            platform.beyond.credits.push(Credit {
                name: format!("credit {index}"),
                action: luck.random_range(0..scenario.actions.len()),
                grant,
                every,
                most,
                at_start: luck.random_range(0..=most),
                refund: maybe(luck.random_bool(0.5), refund),
            });
        }
    }
}

fn tokens(scenario: &mut Scenario, _: bool, luck: &mut Luck) {
    for platform in &mut scenario.platforms {
        let displacement = Displacement {
            live_tokens: luck.random_range(1..5),
            new_tokens_per_day: luck.random_range(0.02..0.4),
        };
        platform.token.displacement = maybe(luck.random_bool(0.7), displacement);
        platform.token.collects_data = luck.random_bool(0.5);
        platform.token.lifetime_days = maybe(luck.random_bool(0.7), luck.random_range(1..25));
    }
}

fn links(scenario: &mut Scenario, _: bool, luck: &mut Luck) {
    for group in &mut scenario.groups {
        group.count += luck.random_range(0..3);
    }
    for platform in &mut scenario.platforms {
        for incident in &mut platform.incidents {
            incident.per_day *= 0.3;
        }
    }
    for index in 0..luck.random_range(1..3) {
        let groups = (0..scenario.groups.len()).filter(|_| index == 0 || luck.random_bool(0.7)).collect();
        let consequence = if index == 0 { Consequence::Ladder } else { consequence(scenario, luck) };
        let per_day = luck.random_range(0.01..0.4);
        scenario.links.push(Link { name: format!("link {index}"), groups, per_day, consequence });
    }
    // Something must restrict the first account.
    let detection = Detection { per: Trial::Day, probability: 0.02, slope: 0.0, ceiling: 1.0 };
    let limits = vec![Limit { window: Window::Day, max: 0 }];
    scenario.platforms[0].rules.push(VolumeRule {
        name: "spark".to_owned(),
        rule: Rule { actions: vec![0], limits },
        origins: Vec::new(),
        detection,
        consequence: Consequence::Ladder,
    });
}

fn aftermath(scenario: &mut Scenario, _: bool, luck: &mut Luck) {
    for platform in &mut scenario.platforms {
        let late = platform.incidents.iter().map(|incident| &incident.cause);
        let late = late.chain(platform.traits.iter().map(|hazard| &hazard.name));
        let late: Vec<String> = late.filter(|_| luck.random_bool(0.5)).cloned().collect();
        let permission = platform.incidents.iter().map(|incident| incident.cause.clone());
        let step = RequiredStep { probability: luck.random_range(0.0..1.0), days: days(luck) };
        platform.aftermath = Aftermath {
            declines: luck.random_range(0.0..0.5),
            asks_again: maybe(luck.random_bool(0.7), days(luck)),
            required_step: maybe(luck.random_bool(0.6), step),
            cause_unknown: luck.random_range(0.0..0.6),
            reported_late: late.into_iter().map(|name| ReportedLate { name, days: days(luck) }).collect(),
            takes_permission: permission.take(1).collect(),
        };
    }
}

fn events(scenario: &mut Scenario, _: bool, luck: &mut Luck) {
    let known = scenario.platforms[0].incidents.first().map(|incident| incident.cause.clone());
    for (index, cause) in [Some("revoke_and_reconnect".to_owned()), known].into_iter().enumerate() {
        let Some(cause) = cause else { continue };
        let concerned = scenario.groups.iter().enumerate();
        let concerned =
            concerned.filter(|(_, group)| index == 0 || group.platform == 0).map(|(place, _)| place);
        scenario.events.push(PlannedEvent {
            cause,
            groups: concerned.collect(),
            pages: Vec::new(),
            first_day: luck.random_range(0..20),
            every_days: maybe(luck.random_bool(0.7), luck.random_range(1..15)),
            outage: maybe(index == 0 || luck.random_bool(0.5), days(luck)),
        });
    }
}

fn bursts(scenario: &mut Scenario, _: bool, luck: &mut Luck) {
    for group in &mut scenario.groups {
        for demand in &mut group.demand {
            let seconds = luck.random_range(600..200_000);
            let timing = if luck.random_bool(0.5) {
                SessionTiming::Within(seconds)
            } else {
                SessionTiming::Delayed(seconds)
            };
            let size = if luck.random_bool(0.5) { SessionSize::Geometric } else { SessionSize::Poisson };
            demand.law = match luck.random_range(0..3) {
                0 => demand.law,
                1 => CountLaw::Sessions {
                    per_day: luck.random_range(0.05..1.5),
                    mean_actions: luck.random_range(1.0..5.0),
                    size,
                    timing,
                },
                _ => CountLaw::SelfExciting {
                    baseline: luck.random_range(0.1..3.0),
                    branching: luck.random_range(0.0..0.8),
                    decay_s: seconds,
                },
            };
        }
    }
}

/// A log of three accounts over five weeks that starts in the middle of one.
fn logs(scenario: &mut Scenario, _: bool, luck: &mut Luck) {
    let monday = scenario
        .start
        .checked_sub(jiff::Span::new().days(i64::from(day_number(scenario.start).rem_euclid(7) + 70)));
    let monday = monday.expect("the test's dates are far from the calendar's ends");
    let monday = pacewise::time::date_of(super::windows::monday_of(day_number(monday)));
    let recorded = (0..scenario.actions.len()).filter(|_| luck.random_bool(0.7)).collect::<Vec<_>>();
    let mut actions = Vec::new();
    for account in 0..3 {
        for _ in 0..luck.random_range(0..60) {
            let at: Instant = start_of(day_number(monday)) + luck.random_range(0..35 * DAY);
            if let Some(&action) = recorded.get(luck.random_range(0..3)) {
                actions.push(RecordedAction { account, at, action });
            }
        }
    }
    let recording = Arc::new(Recording::new(3, actions));
    for group in &mut scenario.groups {
        let how = if luck.random_bool(0.4) {
            LogUse::Replay { day_0: monday }
        } else {
            LogUse::Weeks { first_monday: monday, weeks: luck.random_range(1..=5) }
        };
        group.log = Some(GroupLog { recording: Arc::clone(&recording), how });
        for demand in group.demand.iter_mut().filter(|demand| recorded.contains(&demand.action)) {
            let factor = if luck.random_bool(0.5) { 1.0 } else { luck.random_range(0.3..2.5) };
            demand.law = CountLaw::Recorded { mean: 1.0, factor };
            (demand.weekdays, demand.months, demand.hours) = ([1.0; 7], [1.0; 12], Vec::new());
        }
    }
}

fn pages(scenario: &mut Scenario, _: bool, luck: &mut Luck) {
    let exist: Vec<usize> =
        (0..scenario.groups.len()).filter(|&group| scenario.groups[group].replaces.is_none()).collect();
    let place = |luck: &mut Luck| {
        let group = exist[luck.random_range(0..exist.len())];
        AccountPlace { group, account: luck.random_range(1..=scenario.groups[group].count) }
    };
    for index in 0..2 {
        let (authorised_by, by) = (place(luck), place(luck));
        let backup = Backup { by, days: luck.random_range(1..4) };
        scenario.pages.push(Page {
            name: format!("page {index}"),
            kind: if index == 0 { PageKind::Page } else { PageKind::AdAccount },
            authorised_by,
            backup: maybe(authorised_by != by && luck.random_bool(0.7), backup),
            admin_lost_per_day: luck.random_range(0.0..0.1),
            unknown_to_admins: false,
            new_admin: days(luck),
            posts_per_day: 1.0,
            comments_per_day: 2.0,
        });
    }
    if luck.random_bool(0.5) {
        scenario.events.push(PlannedEvent {
            cause: "admin_leaves".to_owned(),
            groups: Vec::new(),
            pages: vec![0],
            first_day: luck.random_range(0..20),
            every_days: maybe(luck.random_bool(0.5), luck.random_range(2..15)),
            outage: maybe(luck.random_bool(0.5), days(luck)),
        });
    }
}
