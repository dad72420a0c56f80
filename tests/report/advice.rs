//! What a report puts first, and what it advises.

use pacewise::report::{Format, PaceReport, Report, pace_verdict, verdict, write};
use pacewise::results::CauseKind;
use pacewise::rules::Window;
use pacewise::scenario::{
    Bound, Consequence, DayRule, DaysLaw, Hazard, Link, Measure, Ratio, RatioOf, RatioTo, Rung, Stock,
    StockOf, Surge, Trait,
};

use super::{Run, fixture};

#[test]
fn the_worst_group_decides_what_binds_first_and_idle_accounts_hide_nobody() {
    let mut run = Run::new();
    for window in &mut run.results.mean_account.utilisation {
        window.median = 0;
    }
    for window in &mut run.results.groups[0].account.utilisation {
        (window.median, window.q95) = (0, 0);
    }
    let new = &mut run.results.groups[1].account.utilisation[2];
    (new.median, new.q95) = (2 * new.limit, 3 * new.limit);
    assert!(
        verdict(&run.report()).contains("binds first (median of group new 200 %"),
        "{}",
        verdict(&run.report())
    );
    let advice = run.json()["advice"].to_string();
    assert!(advice.contains("half of the accounts of new reach 200 % of its limit"), "{advice}");
    // A high quantile near the limit is advice enough where the median is far from it.
    for window in run.results.groups.iter_mut().flat_map(|group| &mut group.account.utilisation) {
        (window.median, window.q95) = (0, 0);
    }
    let rare = &mut run.results.groups[1].account.utilisation[2];
    rare.q95 = rare.limit;
    let advice = run.json()["advice"].to_string();
    assert!(advice.contains("one in twenty of the accounts of new reach 100 % of its limit"), "{advice}");
}

#[test]
fn causes_have_remedies_with_and_without_a_comparison() {
    let run = Run::new();
    let compared = run.text(Format::Table);
    assert!(compared.contains("connection_requests (without it flagged 12.3 % -> 2.3 %"), "{compared}");
    let mut out = Vec::new();
    write(&Report { savings: None, ..run.report() }, Format::Table, &mut out)
        .expect("a vector takes every byte");
    let table = String::from_utf8(out).expect("text");
    assert!(
        table.contains("What to do about the main causes") && table.contains("first disconnection of"),
        "{table}"
    );
    let advice = run.json()["advice"].to_string();
    assert!(advice.contains("password_changed (without it disconnected 30"), "{advice}");
}

#[test]
fn what_is_compared_is_said_where_accounts_are_closed() {
    let mut run = Run::new();
    let says = |run: &Run| run.text(Format::Table).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(!says(&run).contains("do not exist"), "nothing is closed");
    let row = &mut run.savings.rows[0];
    (row.kind, row.closed_accounts) = (CauseKind::Trait, 2);
    row.name = "duplicate_account".to_owned();
    let said = says(&run);
    for expected in [
        "Without duplicate_account the accounts that have it do not exist (2 accounts): they count as never flagged",
        "duplicate_account (without these accounts flagged 12.3 % -> 2.3 %, disconnected 30.0 % -> 21.0 %): close it",
    ] {
        assert!(said.contains(expected), "{said}");
    }
}

/// What is said of a search for a pace that found none under a bound.
fn without_answer(run: &Run, bound: f64) -> String {
    let (scenario, provenance, curve) = (&run.scenario, &run.provenance, &run.curve);
    pace_verdict(&PaceReport { scenario, provenance, curve, bound, answer: None })
}

#[test]
fn where_no_pace_keeps_the_bound_the_first_cause_besides_volume_is_named() {
    let mut run = Run::new();
    let slowest = run.curve.points[0].risk;
    let link = |per_day| Link {
        name: "office".to_owned(),
        groups: vec![0, 1],
        per_day,
        consequence: Consequence::Ladder,
    };
    let mut said = |per_day: f64, bound: f64| {
        run.scenario.links = vec![link(per_day)];
        without_answer(&run, bound)
    };
    let bound = slowest.low / 2.0;
    assert!(
        said(0.1, bound).contains("; causes besides volume set a floor, most of all office: at x "),
        "{slowest:?}"
    );
    assert!(!said(0.0, bound).contains("floor"), "nothing but volume flags");
    assert!(!said(0.1, slowest.high).contains("floor"), "the slowest pace may keep it");
}

fn hazard(name: &str, per_day: f64, consequence: Consequence) -> Hazard {
    Hazard {
        name: name.to_owned(),
        per_day,
        per_person: false,
        per_action: Vec::new(),
        scrutiny: 1.0,
        earlier_flags: 0,
        consequence,
        refuses: Vec::new(),
        breaks_terms: false,
        innocent: false,
    }
}

#[test]
fn a_trait_of_actions_is_a_floor_of_the_pace_of_other_actions_only() {
    let mut run = Run::new();
    let bound = run.curve.points[0].risk.low / 2.0;
    // Half a post a day: 0.01 a day of what is posted, beside 0.004 a day by itself.
    let mut content = hazard("borrowed_content", 0.0, Consequence::Ladder);
    content.per_action = vec![(3, 0.02)];
    run.scenario.platforms[0].traits = vec![content, hazard("nickname", 0.004, Consequence::Ladder)];
    let held = |index| Trait { index, people: 1, certain: false, spares: 0 };
    let mut floor = |traits: &[usize], paced: Option<&str>| {
        run.scenario.groups[0].traits = traits.iter().map(|&index| held(index)).collect();
        run.curve.action = paced.map(str::to_owned);
        let verdict = without_answer(&run, bound);
        verdict
            .split_once("most of all ")
            .map(|(_, rest)| rest.split(':').next().unwrap_or_default().to_owned())
    };
    let named = |name: &str| Some(name.to_owned());
    assert_eq!(floor(&[0, 1], Some("connection_request")), named("borrowed_content"), "posts go on");
    assert_eq!(floor(&[0, 1], Some("post")), named("nickname"), "fewer posts are less of it");
    assert_eq!(floor(&[0, 1], None), named("nickname"), "everything is paced");
    assert_eq!(floor(&[0], None), None, "nothing but volume flags");
}

/// What a report says about each of the rules of the second of two platforms, by the rules' names.
fn advice_on_the_second_platform() -> Vec<(&'static str, String)> {
    let mut run = Run::new();
    let stock = |of| Measure::Stock(Stock { action: 1, of, limit: 5 });
    let ratio = Ratio {
        action: 1,
        of: RatioOf::Accepted,
        to: RatioTo::Sent,
        trailing_days: 7,
        at_least: 2,
        bound: Bound::Below(0.2),
    };
    let surge = Surge { actions: vec![2], trailing_days: 7, baseline_days: 28, factor: 2.0, minimum: 2.0 };
    let by_day = [
        ("sudden", Measure::Surge(surge)),
        ("unanswered", Measure::Ratio(ratio)),
        ("waiting", stock(StockOf::Pending)),
        ("full", stock(StockOf::Accepted)),
    ];
    let mut second = run.scenario.platforms[0].clone();
    "second".clone_into(&mut second.name);
    second.rules = vec![fixture::rule("posts", &[3], &[(Window::Day, 2)])];
    second.beyond.rules = by_day.map(|(name, measure)| day_rule(name, measure)).to_vec();
    run.scenario.platforms.push(second);
    let group = &mut run.scenario.groups[1];
    group.platform = 1;
    group.background = vec![group.demand[3].clone()];
    let mut said = Vec::new();
    for name in ["sudden", "unanswered", "waiting", "full", "posts"] {
        let row = &mut run.savings.rows[0];
        (row.kind, row.name) = (CauseKind::Rule, format!("second: {name}"));
        let advice = run.json()["advice"].to_string();
        let (_, after) = advice.split_once(&format!("second: {name} (")).expect("it is named");
        let (_, remedy) = after.split_once("): ").expect("an effect and a remedy");
        said.push((name, remedy.split_once('.').map_or(remedy, |(first, _)| first).to_owned()));
    }
    said
}

fn day_rule(name: &str, measure: Measure) -> DayRule {
    DayRule { name: name.to_owned(), measure, probability: 0.2, consequence: Consequence::Ladder }
}

#[test]
fn on_several_platforms_the_advice_for_a_rule_is_that_of_its_kind() {
    let begins = |name: &str| match name {
        "sudden" => "raise the volume slowly, over weeks",
        "unanswered" => "write fewer people",
        "waiting" => "send fewer, and withdraw what has been waiting",
        "full" => "stop adding contacts before the network is full",
        _ => "send less of what this rule counts, and find the extension that acts by itself",
    };
    for (name, remedy) in advice_on_the_second_platform() {
        assert!(remedy.starts_with(begins(name)), "{name}: {remedy}");
    }
}

/// What a search without an answer says of an event's floor, after the bound; a bound under the risk of the slowest pace.
fn floor_of(run: &mut Run, event: &str) -> String {
    event.clone_into(&mut run.curve.event);
    let verdict = without_answer(run, run.curve.points[0].risk.low / 2.0);
    verdict.split_once("; ").map_or_else(String::new, |(_, floor)| floor.to_owned())
}

const UNCERTAIN: bool = false;

/// A run whose first group has these traits, for certain or not, and with so many people, and whose incidents never come.
fn with_traits(traits: Vec<(Hazard, bool, u32)>) -> Run {
    let mut run = Run::new();
    run.scenario.platforms[0].incidents.clear();
    let held = traits.iter().enumerate();
    run.scenario.groups[0].traits =
        held.map(|(index, &(_, certain, people))| Trait { index, people, certain, spares: 0 }).collect();
    run.scenario.platforms[0].traits = traits.into_iter().map(|(hazard, ..)| hazard).collect();
    run
}

#[test]
fn what_only_disconnects_is_no_floor_of_flags_even_where_it_is_certain() {
    let mut run = with_traits(vec![
        (hazard("seen", 0.01, Consequence::Ladder), UNCERTAIN, 1),
        (hazard("vanish", 0.03, Consequence::Disconnection), true, 1),
    ]);
    assert!(floor_of(&mut run, "flagged").contains("most of all seen:"));
    assert!(floor_of(&mut run, "disconnected").contains("most of all vanish:"));
    run.scenario.groups[0].traits.remove(0);
    assert_eq!(floor_of(&mut run, "flagged"), "", "nobody can be flagged");
}

#[test]
fn what_invalidates_tokens_is_a_floor_of_disconnections_at_once_or_later() {
    for consequence in [Consequence::Disconnection, Consequence::DisconnectionAfter(DaysLaw::Fixed(3))] {
        let mut run = with_traits(vec![(hazard("nosy", 0.03, consequence), UNCERTAIN, 1)]);
        assert!(floor_of(&mut run, "disconnected").contains("most of all nosy:"));
        assert_eq!(floor_of(&mut run, "flagged"), "");
        let mut incident = Run::new().scenario.platforms[0].incidents[0].clone();
        incident.per_day = 0.02;
        run.scenario.platforms[0].incidents = vec![incident];
        assert!(floor_of(&mut run, "disconnected").contains("most of all nosy:"), "the incident is rarer");
        run.scenario.platforms[0].incidents[0].per_day = 0.04;
        assert!(floor_of(&mut run, "disconnected").contains("most of all password_changed:"));
    }
}

#[test]
fn a_flag_is_a_floor_of_disconnections_only_where_the_ladder_restricts() {
    let mut run = with_traits(vec![(hazard("seen", 0.01, Consequence::Ladder), UNCERTAIN, 1)]);
    assert!(floor_of(&mut run, "disconnected").contains("most of all seen:"));
    run.scenario.platforms[0].ladder.rungs = vec![Rung::Warning];
    assert_eq!(floor_of(&mut run, "disconnected"), "");
}

#[test]
fn a_shared_login_counts_with_everybody_who_shares_it_besides_the_first() {
    let floor = |people| {
        let mut shared = hazard("shared_login", 0.01, Consequence::Ladder);
        shared.per_person = true;
        let name = hazard("untruthful_name", 0.025, Consequence::Ladder);
        floor_of(&mut with_traits(vec![(shared, UNCERTAIN, people), (name, UNCERTAIN, 1)]), "flagged")
    };
    assert!(floor(10).contains("most of all shared_login:"));
    assert!(floor(4).contains("most of all shared_login:"), "0.03 a day");
    assert!(floor(3).contains("most of all untruthful_name:"), "0.02 a day");
}

#[test]
fn a_limit_of_0_is_exceeded_at_any_pace_and_is_no_cause_besides_volume() {
    let mut run = with_traits(Vec::new());
    assert_eq!(floor_of(&mut run, "flagged"), "");
    run.scenario.platforms[0].rules.push(fixture::rule("fast", &[3], &[(Window::Day, 0)]));
    let said = floor_of(&mut run, "flagged");
    assert!(said.starts_with("fast has a limit of 0, which every pace exceeds: at x "), "{said}");
    let rule = &mut run.scenario.platforms[0].rules[3];
    rule.consequence = Consequence::Disconnection;
    assert_eq!(floor_of(&mut run, "flagged"), "", "it flags nobody");
    assert!(floor_of(&mut run, "disconnected").starts_with("fast has a limit of 0"));
    run.scenario.groups.iter_mut().for_each(|group| group.demand.truncate(3));
    assert_eq!(floor_of(&mut run, "disconnected"), "", "nobody does what it counts");
}
