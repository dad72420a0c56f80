//! Every claim that is a cause, switched off in its shipped scenario: the answer moves in the direction that the claim states.

use pacewise::results::{AccountResults, PageResults, Results};
use pacewise::scenario::{Consequence, DaysLaw, Scenario};
use pacewise::stats::Estimate;

use crate::fast::simulate_fast;
use crate::{rewritten, scenario};

pub(crate) const SEED: u64 = 20_260_105;
/// A difference counts from so many standard errors on.
const CLEAR: f64 = 3.0;

pub(crate) const CARELESS: &str = "scenarios/careless_team.toml";
const IDLE: &str = "scenarios/idle_account.toml";
pub(crate) const NETWORKS: &str = "scenarios/seven_networks.toml";
pub(crate) const OUTREACH: &str = "scenarios/unusual_volumes.toml";
pub(crate) const PAGES: &str = "scenarios/agency_pages.toml";
const PLANNED: &str = "scenarios/planned_year.toml";
pub(crate) const SLOW: &str = "scenarios/slow_return.toml";
const TOKEN_YEAR: &str = "scenarios/token_year.toml";

/// Something that a scenario has, and the scenario without it.
struct Switch {
    claims: &'static str,
    scenario: &'static str,
    /// The group that is looked at, alone; "" for the whole scenario.
    group: &'static str,
    replicates: u64,
    measure: fn(&Results) -> Estimate,
    off: fn(&mut Scenario),
    /// Whether there is more of what is measured with it than without.
    raises: bool,
}

type Measure = fn(&Results) -> Estimate;
pub(crate) type Off = fn(&mut Scenario);

fn raises(
    claims: &'static str,
    place: (&'static str, &'static str, u64),
    measure: Measure,
    off: Off,
) -> Switch {
    let (scenario, group, replicates) = place;
    Switch { claims, scenario, group, replicates, measure, off, raises: true }
}

fn lowers(
    claims: &'static str,
    place: (&'static str, &'static str, u64),
    measure: Measure,
    off: Off,
) -> Switch {
    Switch { raises: false, ..raises(claims, place, measure, off) }
}

/// One group's accounts, with nobody beside them but those that they replace.
pub(crate) fn alone(scenario: &mut Scenario, group: &str) {
    let own = scenario.groups.iter().find(|known| known.name == group).expect(group);
    let replaced = own.replaces.map(|replaces| scenario.groups[replaces.group].name.clone());
    scenario.groups.retain(|known| known.name == group || Some(&known.name) == replaced.as_ref());
    let place = scenario.groups.iter().position(|known| Some(&known.name) == replaced.as_ref());
    for replaces in scenario.groups.iter_mut().filter_map(|known| known.replaces.as_mut()) {
        replaces.group = place.expect("it is kept");
    }
    scenario.links.clear();
}

pub(crate) fn drop_trait(scenario: &mut Scenario, name: &str) {
    let platforms = &scenario.platforms;
    let mut dropped = 0;
    for group in &mut scenario.groups {
        let before = group.traits.len();
        group.traits.retain(|own| platforms[group.platform].traits[own.index].name != name);
        dropped += before - group.traits.len();
    }
    assert!(dropped > 0, "nobody has {name}");
}

pub(crate) fn drop_incident(scenario: &mut Scenario, cause: &str) {
    let incidents = scenario.platforms.iter_mut().flat_map(|platform| &mut platform.incidents);
    incidents.filter(|incident| incident.cause == cause).for_each(|incident| incident.per_day = 0.0);
}

pub(crate) fn drop_incidents(scenario: &mut Scenario) {
    let incidents = scenario.platforms.iter_mut().flat_map(|platform| &mut platform.incidents);
    incidents.for_each(|incident| incident.per_day = 0.0);
}

fn drop_rule(scenario: &mut Scenario, name: &str) {
    let rules = scenario.platforms.iter_mut().flat_map(|platform| &mut platform.rules);
    rules.filter(|rule| rule.name == name).for_each(|rule| {
        (rule.detection.probability, rule.detection.slope) = (0.0, 0.0);
    });
}

fn drop_link(scenario: &mut Scenario, name: &str) {
    scenario.links.iter_mut().filter(|link| link.name == name).for_each(|link| link.per_day = 0.0);
}

fn drop_event(scenario: &mut Scenario, cause: &str) {
    scenario.events.retain(|event| event.cause != cause);
}

/// The lifetime of all tokens.
pub(crate) fn set_lifetime(scenario: &mut Scenario, days: Option<u32>) {
    scenario.platforms.iter_mut().for_each(|platform| platform.token.lifetime_days = days);
}

/// A quantity that is 0 because nothing of the kind is there.
const NONE: Estimate = Estimate { value: 0.0, low: 0.0, high: 0.0, standard_error: 0.0 };

/// The mean number of disconnections by a cause.
pub(crate) fn cause(account: &AccountResults, name: &str) -> Estimate {
    account.disconnections.iter().find(|row| row.cause == name).map_or(NONE, |row| row.mean)
}

fn delivered(account: &AccountResults, name: &str) -> Estimate {
    account.actions.iter().find(|row| row.action == name).map_or(NONE, |row| row.delivered)
}

pub(crate) fn page<'r>(results: &'r Results, name: &str) -> &'r PageResults {
    results.pages.iter().find(|page| page.name == name).expect(name)
}

fn page_cause(results: &Results, name: &str, cause: &str) -> Estimate {
    page(results, name).causes.iter().find(|row| row.cause == cause).map_or(NONE, |row| row.disconnections)
}

fn replacements_restricted(results: &Results) -> Estimate {
    let mut groups = results.groups.iter();
    groups.find(|group| group.name == "replacements").expect("it is there").account.restricted
}

/// Disconnected by an invalidated token by the end of the third day.
fn disconnected_by_day_3(results: &Results) -> Estimate {
    let mut causes = results.mean_account.first_disconnection.iter();
    causes.find(|row| row.cause == "rapid_posts").expect("it is a cause").by_day[2]
}

fn flagged(results: &Results) -> Estimate {
    results.mean_account.flagged
}

fn days_lost(results: &Results) -> Estimate {
    results.mean_account.days_disconnected
}

/// Traits, rules, links: what flags.
fn flags() -> Vec<Switch> {
    vec![
        raises(
            "S5 S16",
            (CARELESS, "borrowed content", 300),
            |r| cause(&r.mean_account, "rapid_posts"),
            |s| {
                drop_rule(s, "rapid_posts");
            },
        ),
        // Whoever is noticed on the first days is still connected for the delay.
        lowers("S5", (CARELESS, "borrowed content", 2_000), disconnected_by_day_3, |s| {
            s.platforms[0].rules.iter_mut().filter(|rule| rule.name == "rapid_posts").for_each(|rule| {
                rule.consequence = Consequence::Disconnection;
            });
        }),
        raises("S6", (CARELESS, "through a tool", 300), days_lost, |s| drop_trait(s, "third_party_tool")),
        raises("S57", (CARELESS, "through a tool", 300), days_lost, |s| drop_trait(s, "abuse_history")),
        raises(
            "S7",
            (CARELESS, "careful", 600),
            |r| cause(&r.mean_account, "protective_disconnection"),
            |s| {
                drop_trait(s, "protective_disconnection");
            },
        ),
        lowers(
            "S14",
            (CARELESS, "not permitted", 30),
            |r| delivered(&r.mean_account, "post"),
            |s| {
                drop_trait(s, "app_not_permitted");
            },
        ),
        lowers(
            "S14",
            (CARELESS, "tidied up", 300),
            |r| delivered(&r.mean_account, "post"),
            |s| {
                drop_trait(s, "permission_withdrawn");
            },
        ),
        raises(
            "S46",
            (CARELESS, "second accounts", 60),
            |r| r.mean_account.restricted,
            |s| {
                s.platforms[0].ladder.rungs.clear();
            },
        ),
        raises(
            "S47 S56",
            (CARELESS, "dubious business", 600),
            |r| r.mean_account.restricted_permanently,
            |s| {
                s.platforms[0].traits.iter_mut().for_each(|hazard| hazard.consequence = Consequence::Ladder);
            },
        ),
        raises("S58", (SLOW, "prompt", 300), flagged, |s| drop_trait(s, "compromise")),
        raises(
            "S59",
            (SLOW, "late", 300),
            |r| r.mean_account.days_restricted,
            |s| {
                s.platforms[0].aftermath.reported_late.clear();
            },
        ),
        raises(
            "S65",
            (CARELESS, "stated violation", 60),
            |r| r.mean_account.restricted_by_day[0],
            |s| {
                s.groups[0].traits.iter_mut().for_each(|own| own.certain = false);
            },
        ),
    ]
}

/// More accounts than people restrict a group; `off` gives each its own person.
fn too_many(group: &'static str, off: Off) -> Switch {
    raises("S61", (CARELESS, group, 60), |r| r.mean_account.restricted, off)
}

/// A group of the careless team alone, whose people are rewritten.
fn own_people(scenario: &mut Scenario, group: &str, (from, to): (&str, &str)) {
    *scenario = rewritten(CARELESS, from, to);
    alone(scenario, group);
}

/// What flags accounts for what others are to them: those of the same people, and those that they are linked to.
fn others() -> Vec<Switch> {
    vec![
        raises("S60", (CARELESS, "replacements", 300), replacements_restricted, |s| {
            // Nobody has a reason to open another account.
            drop_trait(s, "alias_name");
            drop_trait(s, "untruthful_name");
        }),
        lowers("S60", (CARELESS, "replacements", 300), replacements_restricted, |s| {
            s.groups.iter_mut().for_each(|group| group.replaces = None);
        }),
        raises("S60", (CARELESS, "replacements", 300), replacements_restricted, |s| {
            drop_trait(s, "duplicate_account");
        }),
        too_many("second accounts", |s| own_people(s, "second accounts", ("people = 1\n", "people = 2\n"))),
        too_many("campaign account", |s| {
            own_people(s, "campaign account", ("people_of = \"careful\"\n", ""));
        }),
        raises(
            "S62",
            (CARELESS, "", 300),
            |r| r.groups[0].account.flagged,
            |s| drop_link(s, "office_network"),
        ),
        raises(
            "S63",
            (CARELESS, "", 300),
            |r| r.groups[0].account.flagged,
            |s| drop_link(s, "same_contacts"),
        ),
    ]
}

/// What flags by its number alone.
fn volumes() -> Vec<Switch> {
    vec![
        raises("S67", ("scenarios/browser_extension_on.toml", "", 200), flagged, |s| {
            s.groups[0].background.clear();
        }),
        lowers("S54", (OUTREACH, "requests at once", 200), flagged, |s| {
            s.platforms[0].rules.iter_mut().for_each(|rule| rule.detection.probability = 1.0);
        }),
        raises("S50", (OUTREACH, "searches at once", 400), flagged, |s| drop_rule(s, "page_searches")),
        raises("S51", (OUTREACH, "views at once", 400), flagged, |s| drop_rule(s, "profile_views")),
        raises("S52", (OUTREACH, "requests at once", 400), flagged, |s| drop_rule(s, "connection_requests")),
        raises("S53", (OUTREACH, "messages at once", 400), flagged, |s| drop_rule(s, "messages")),
    ]
}

/// What disconnects without a flag.
fn incidents() -> Vec<Switch> {
    vec![
        raises(
            "S10",
            (NETWORKS, "X", 400),
            |r| cause(&r.mean_account, "settings_changed"),
            |s| {
                drop_incident(s, "settings_changed");
            },
        ),
        raises(
            "S10",
            (NETWORKS, "Instagram", 400),
            |r| cause(&r.mean_account, "settings_changed"),
            |s| {
                drop_incident(s, "settings_changed");
            },
        ),
        raises(
            "S11",
            (NETWORKS, "X", 800),
            |r| cause(&r.mean_account, "username_changed"),
            |s| {
                drop_incident(s, "username_changed");
            },
        ),
        raises(
            "S12",
            (NETWORKS, "Facebook", 400),
            |r| cause(&r.mean_account, "password_changed"),
            |s| {
                drop_incident(s, "password_changed");
            },
        ),
        raises(
            "S12",
            (PLANNED, "", 60),
            |r| cause(&r.groups[0].account, "password_changed"),
            |s| {
                drop_event(s, "password_changed");
            },
        ),
        raises(
            "S13",
            (NETWORKS, "X", 400),
            |r| cause(&r.mean_account, "access_revoked"),
            |s| {
                drop_incident(s, "access_revoked");
            },
        ),
        raises(
            "S15",
            (NETWORKS, "YouTube", 600),
            |r| cause(&r.mean_account, "admin_role_lost"),
            |s| {
                drop_incident(s, "admin_role_lost");
            },
        ),
    ]
}

/// What ends tokens.
fn tokens() -> Vec<Switch> {
    vec![
        raises(
            "S22 S24 S33",
            (NETWORKS, "LinkedIn", 100),
            |r| cause(&r.mean_account, "token_expired"),
            |s| {
                set_lifetime(s, None);
            },
        ),
        lowers(
            "S1",
            (TOKEN_YEAR, "", 100),
            |r| delivered(&r.mean_account, "message"),
            |s| {
                set_lifetime(s, None);
                s.platforms[0].token.idle_days = None;
            },
        ),
        raises(
            "S35",
            (TOKEN_YEAR, "", 100),
            |r| cause(&r.mean_account, "token_expired"),
            |s| set_lifetime(s, None),
        ),
        raises(
            "S34",
            (TOKEN_YEAR, "", 100),
            |r| page_cause(r, "company", "token_expired"),
            |s| set_lifetime(s, None),
        ),
        lowers(
            "S27",
            (NETWORKS, "YouTube", 60),
            |r| cause(&r.mean_account, "token_idle"),
            |s| {
                s.platforms.iter_mut().for_each(|platform| platform.token.collects_data = false);
            },
        ),
        raises(
            "S29",
            (NETWORKS, "TikTok", 400),
            |r| cause(&r.mean_account, "authorisation_cancelled"),
            |s| {
                drop_incident(s, "authorisation_cancelled");
            },
        ),
        raises("S30", (NETWORKS, "TikTok", 800), days_lost, |s| {
            let incidents = s.platforms.iter_mut().flat_map(|platform| &mut platform.incidents);
            incidents.for_each(|incident| incident.renewable = true);
        }),
        raises(
            "S36 S37",
            (IDLE, "", 200),
            |r| cause(&r.mean_account, "token_idle"),
            |s| {
                s.platforms[0].token.idle_days = None;
            },
        ),
    ]
}

/// What follows a disconnection.
fn outages() -> Vec<Switch> {
    vec![
        raises("S31", (SLOW, "", 100), unknown, |s| s.platforms[0].aftermath.cause_unknown = 0.0),
        raises("S35", (SLOW, "", 300), days_lost, |s| s.platforms[0].aftermath.declines = 0.0),
        raises("S38", (SLOW, "", 100), unpermitted, |s| drop_incident(s, "access_revoked")),
        raises(
            "S40",
            (PLANNED, "", 60),
            |r| cause(&r.groups[2].account, "revoke_and_reconnect"),
            |s| {
                drop_event(s, "revoke_and_reconnect");
            },
        ),
        raises(
            "S48",
            (SLOW, "", 100),
            |r| r.mean_account.aftermath.as_ref().map_or(NONE, |a| a.required_steps),
            |s| {
                s.platforms[0].aftermath.required_step = None;
            },
        ),
        lowers("S49", (SLOW, "prompt", 300), days_lost, |s| {
            s.platforms[0].reconnect.after_restriction = DaysLaw::Fixed(14);
        }),
    ]
}

fn unknown(results: &Results) -> Estimate {
    let told = results.mean_account.aftermath.iter().flat_map(|aftermath| &aftermath.told);
    told.filter(|row| row.told == "unknown").map(|row| row.disconnections).next().unwrap_or(NONE)
}

fn unpermitted(results: &Results) -> Estimate {
    results.mean_account.aftermath.as_ref().map_or(NONE, |aftermath| aftermath.days_unpermitted)
}

/// What hangs on accounts.
fn pages() -> Vec<Switch> {
    const WHOLE: (&str, &str, u64) = (PAGES, "", 300);
    vec![
        raises("S8", WHOLE, |r| page(r, "regional").lost_posts, drop_incidents),
        raises("S8", WHOLE, |r| page(r, "regional").lost_comments, drop_incidents),
        raises(
            "S39",
            WHOLE,
            |r| page_cause(r, "regional", "access_revoked"),
            |s| drop_incident(s, "access_revoked"),
        ),
        raises(
            "S43",
            WHOLE,
            |r| page_cause(r, "events", "designated_admin_lost"),
            |s| {
                s.pages.iter_mut().for_each(|page| page.admin_lost_per_day = 0.0);
            },
        ),
        raises(
            "S44",
            WHOLE,
            |r| page_cause(r, "regional", "designated_admin_lost"),
            |s| {
                *s = rewritten(PAGES, "unknown_to_admins = true\nignorance_factor = 3\n", "");
            },
        ),
        lowers("S45", WHOLE, |r| page(r, "brand").days_without_data, |s| s.pages[0].backup = None),
        raises("S68", WHOLE, |r| page(r, "campaigns").days_without_data, |s| drop_event(s, "admin_left")),
    ]
}

/// A network whose tokens have no end, by claim and group.
const ENDLESS: [(&str, &str); 3] = [("S25", "X"), ("S26", "Pinterest"), ("S28", "TikTok")];

#[test]
fn tokens_that_are_said_to_have_no_end_have_none_within_more_than_a_year() {
    for (claim, group) in ENDLESS {
        let mut endless = scenario(NETWORKS);
        alone(&mut endless, group);
        assert!(endless.horizon_days > 366, "a year's lifetime would show");
        let account = simulate_fast(&endless, 60, SEED).mean_account;
        for death in ["token_expired", "token_idle", "token_displaced"] {
            assert_eq!(cause(&account, death).value, 0.0, "{claim}: {death} on {group}");
        }
        set_lifetime(&mut endless, Some(365));
        let account = simulate_fast(&endless, 60, SEED).mean_account;
        assert!(cause(&account, "token_expired").low > 0.3, "{claim}: a lifetime would end them");
    }
}

fn assert_moves(switches: &[Switch]) {
    for Switch { claims, scenario: path, group, replicates, measure, off, raises } in switches {
        let mut on = scenario(path);
        if !group.is_empty() {
            alone(&mut on, group);
        }
        let mut without = on.clone();
        off(&mut without);
        assert_ne!(on, without, "{claims}: nothing was switched off");
        let run = |scenario: &Scenario| measure(&simulate_fast(scenario, *replicates, SEED));
        let (with, without) = (run(&on), run(&without));
        let error = with.standard_error.hypot(without.standard_error);
        let moved = if *raises { with.value - without.value } else { without.value - with.value };
        let clear = if error.is_finite() { CLEAR * error } else { 0.0 };
        assert!(
            moved > 0.0 && moved > clear,
            "{claims} in {path}: {} with, {} without",
            with.value,
            without.value
        );
    }
}

#[test]
fn what_flags_and_refuses_can_be_switched_off_with_the_stated_effect() {
    assert_moves(&flags());
    assert_moves(&others());
    assert_moves(&volumes());
}

#[test]
fn what_disconnects_can_be_switched_off_with_the_stated_effect() {
    assert_moves(&incidents());
    assert_moves(&tokens());
    assert_moves(&outages());
}

#[test]
fn what_befalls_pages_can_be_switched_off_with_the_stated_effect() {
    assert_moves(&pages());
}
