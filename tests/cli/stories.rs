//! Every shipped scenario was written to show something. Intervals at 95 % of 300 replicates, seed 1; what is said to be
//! larger has an interval that does not overlap.

use crate::shipped::{Shipped, names, shipped};

/// The scenarios whose story is told below.
const TOLD: [&str; 9] = [
    "burst_vs_spread_burst",
    "burst_vs_spread_spread",
    "idle_account",
    "linkedin_outreach",
    "new_account_warm_up",
    "token_year",
    "workloads/v1",
    "workloads/w1",
    "workloads/w2",
];

#[test]
fn every_scenario_has_a_story() {
    assert_eq!(names(), TOLD, "tell what the new scenario promises");
}

/// Asserts that a cause takes more accounts than any other by a day.
fn assert_leads(story: &Shipped, cause: &str, others: &[&str], day: u32) {
    let leading = story.first_disconnection("", cause, day);
    for other in others {
        let other = story.first_disconnection("", other, day);
        assert!(leading.is_above(&other), "{}: {leading:?} {other:?}", story.name);
    }
}

const INCIDENTS: [&str; 3] = ["password_changed", "access_revoked", "admin_role_lost"];

#[test]
fn a_burst_is_riskier_than_the_same_campaign_spread_out() {
    let (burst, spread) = (shipped("burst_vs_spread_burst"), shipped("burst_vs_spread_spread"));
    for campaign in [burst, spread] {
        let wanted = campaign.estimate("demanded/connection_request");
        // Four standard errors of the sum of 300 Poisson numbers of mean 200 to either side.
        assert!((wanted.value - 200.0).abs() < 4.0 * (200.0_f64 / 300.0).sqrt(), "{wanted:?}");
    }
    for event in ["flagged", "restricted", "disconnected"] {
        assert!(burst.estimate(event).is_above(&spread.estimate(event)), "{event}");
    }
    assert!(burst.estimate("flagged").low > 0.3, "a burst is a gamble");
    assert!(spread.estimate("flagged").high < 0.05, "a campaign that is spread out is safe");
    assert!(
        spread
            .estimate("delivered/connection_request")
            .is_above(&burst.estimate("delivered/connection_request"))
    );
}

#[test]
fn idle_accounts_lose_their_token_by_the_rule_of_sixty_days() {
    let story = shipped("idle_account");
    let idle = |group: &str, day: u32| story.first_disconnection(group, "token_idle", day);
    // A token of day 0 lives through days 0 to 59: "by day 60" is too early, and the first can die on day 60.
    assert_eq!(idle("seldom used", 60).value, 0.0);
    assert!(idle("seldom used", 61).low > 0.0);
    // The sabbatical begins on day 147, after a Friday that is day 144: 60 times 24 h later is day 204.
    assert_eq!(idle("sabbatical", 204).value, 0.0);
    assert!(idle("sabbatical", 205).low > 0.5, "who is away for ten weeks comes back to a dead token");
    assert!(idle("sabbatical", 364).is_above(&idle("seldom used", 364)));
    assert_leads(story, "token_idle", &["restriction", "token_expired"], 364);
    assert_leads(story, "token_idle", &INCIDENTS, 364);
}

#[test]
fn tokens_die_of_age_on_day_365_and_not_a_day_before() {
    let story = shipped("token_year");
    let expired = |day: u32| story.first_disconnection("", "token_expired", day);
    assert_eq!(expired(365).value, 0.0);
    assert!(expired(366).is_above(&expired(365)) && expired(366).low > 0.5);
    assert_leads(story, "token_expired", &["restriction", "token_idle"], 400);
    assert_leads(story, "token_expired", &INCIDENTS, 400);
    assert_eq!(story.summary["token_expiry"][0]["expires"], "2027-01-05");
    assert_eq!(story.summary["token_expiry"][0]["within_horizon"], true);
    assert!(story.estimate("flagged").high < 0.05, "a calm team");
}

#[test]
fn a_warm_up_lowers_the_risk_of_the_same_wishes() {
    let story = shipped("new_account_warm_up");
    for event in ["flagged", "restricted", "disconnected"] {
        let (warmed, rushed) = (story.of_group("warmed up", event), story.of_group("at full speed", event));
        assert!(rushed.is_above(&warmed), "{event}: {rushed:?} {warmed:?}");
    }
    let wanted = |group| story.of_group(group, "demanded/connection_request");
    let (warmed, rushed) = (wanted("warmed up"), wanted("at full speed"));
    assert!(!warmed.is_above(&rushed) && !rushed.is_above(&warmed), "the same wishes: {warmed:?} {rushed:?}");
    // Hurry gains nothing that can be seen: what more is sent on connected days is lost on the others.
    let sent = |group| story.of_group(group, "delivered/connection_request");
    let (warmed, rushed) = (sent("warmed up"), sent("at full speed"));
    assert!(!rushed.is_above(&warmed), "{rushed:?} {warmed:?}");
    let days_lost = |group| story.of_group(group, "days_disconnected");
    assert!(days_lost("at full speed").is_above(&days_lost("warmed up")));
}

#[test]
fn the_outreach_of_a_quarter_is_riskier_for_the_team_than_for_one_and_newcomers_warm_up() {
    let story = shipped("linkedin_outreach");
    let team = (&story.summary["team"]["flagged"]).into();
    assert!(story.estimate("flagged").low > 0.05);
    assert!(crate::shipped::Interval::is_above(&team, &story.estimate("flagged")));
    assert!(story.of_group("established", "flagged").is_above(&story.of_group("newcomers", "flagged")));
    assert!(story.estimate("deferred/connection_request").low > 1.0, "caps make requests wait");
    // Newcomers are 14 days old: at most 3 requests a day for a week, 6 for two more, 9 for two more, then 12.
    let mut seen = 0;
    for row in story.rows("daily.csv") {
        if (&row[0], &row[1]) != ("newcomers", "connection_request") {
            continue;
        }
        let (day, high): (u32, f64) = (row[2].parse().expect("a day"), row[8].parse().expect("a quantile"));
        let most = match day {
            0..7 => 3.0,
            7..21 => 6.0,
            21..35 => 9.0,
            _ => 12.0,
        };
        assert!(high <= most, "day {day}: {high}");
        seen += 1;
    }
    assert_eq!(seen, 91);
}

#[test]
fn the_canonical_workloads_show_what_they_were_made_for() {
    let (days, events, quiet) = (shipped("workloads/w1"), shipped("workloads/w2"), shipped("workloads/v1"));
    assert_eq!(
        (&days.summary["resolution"], &events.summary["resolution"]),
        (&"day".into(), &"event".into())
    );
    // Sliding windows and a trial at each event see more than days do.
    assert!(events.estimate("flagged").is_above(&days.estimate("flagged")));
    assert_leads(
        days,
        "restriction",
        &["token_expired", "token_idle", "access_revoked", "admin_role_lost"],
        365,
    );
    assert_leads(events, "restriction", &["token_expired", "token_idle"], 365);
    assert_leads(events, "restriction", &INCIDENTS, 365);
    // Nearly nothing is done over 800 days: no limit is near, and tokens die of idleness and of age.
    assert_eq!(quiet.estimate("flagged").value, 0.0);
    assert_leads(quiet, "token_idle", &["restriction"], 800);
    assert!(quiet.first_disconnection("", "token_idle", 365).low > 0.02);
    let expired = |day: u32| quiet.first_disconnection("", "token_expired", day);
    assert_eq!(expired(365).value, 0.0);
    assert!(expired(366).low > 0.02);
}
