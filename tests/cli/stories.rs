//! Every shipped scenario was written to show something. Intervals at 95 % of 300 replicates, seed 1; what is said to be
//! larger has an interval that does not overlap.

use crate::shipped::{Shipped, names, shipped};

/// The scenarios whose story is told below, in `stories_of_activity` or in `stories_of_habits`.
const TOLD: [&str; 25] = [
    "agency_keep_alive",
    "agency_pages",
    "browser_extension_off",
    "browser_extension_on",
    "burst_vs_spread_burst",
    "burst_vs_spread_spread",
    "bursts",
    "careless_team",
    "compliant_team",
    "idle_account",
    "inmail_credits",
    "invitation_answers",
    "linkedin_outreach",
    "new_account_warm_up",
    "planned_year",
    "recorded",
    "seven_networks",
    "slow_return",
    "sudden_start",
    "token_year",
    "unusual_volumes",
    "weekly_invitation_block",
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
fn the_agency_sees_which_of_its_connections_lapse_and_when() {
    let story = shipped("agency_keep_alive");
    let lapsed = |group: &str, cause: &str, day: u32| story.first_disconnection(group, cause, day);
    // Silent since day 0, a token dies on day 60; LinkedIn's of idleness, the sliding ones of their age.
    for (group, cause) in
        [("LinkedIn", "token_idle"), ("Facebook", "token_expired"), ("Pinterest", "token_expired")]
    {
        assert_eq!(lapsed(group, cause, 60).value, 0.0, "{group}");
        assert!(lapsed(group, cause, 61).low > 0.0, "{group}");
        assert!(lapsed(group, cause, 364).low > 0.05, "{group}");
    }
    // Who is away for nine weeks comes back to dead tokens; who has no refresh token loses it whatever happens.
    assert!(lapsed("Instagram", "token_expired", 364).is_above(&lapsed("Facebook", "token_expired", 364)));
    assert!(lapsed("LinkedIn, own app", "token_expired", 61).low > 0.8);
    assert_eq!(lapsed("LinkedIn, own app", "token_idle", 364).value, 0.0);
    // The 100th newer token of the same person comes after 250 days on average.
    assert_eq!(lapsed("YouTube", "token_displaced", 150).value, 0.0);
    assert!(lapsed("YouTube", "token_displaced", 330).low > 0.7);
    for cause in ["token_expired", "token_idle", "token_displaced"] {
        assert_eq!(lapsed("X", cause, 364).value, 0.0, "tokens without expiry");
    }
    assert_eq!(lapsed("TikTok", "token_expired", 364).value, 0.0, "180 days are long enough");
    assert!(lapsed("X", "protective_disconnection", 364).low > 0.01, "the innocent are hit, too");
    assert_eq!(story.estimate("flagged").value, 0.0);
}

#[test]
fn a_few_days_of_ordinary_use_keep_the_agencys_connections_alive() {
    let story = shipped("agency_keep_alive");
    let calendar = story.summary["keep_alive"].as_array().expect("tokens lapse");
    let rows: Vec<(&str, u64, usize)> = calendar
        .iter()
        .map(|row| {
            let uses = row["uses"].as_array().map_or(0, Vec::len);
            (row["group"].as_str().expect("a name"), row["days_apart"].as_u64().expect("days"), uses)
        })
        .collect();
    let expected = [
        ("LinkedIn", 59, 6),
        ("Facebook", 59, 6),
        ("Instagram", 59, 5),
        ("Pinterest", 59, 6),
        ("TikTok", 179, 2),
    ];
    assert_eq!(rows, expected);
    // 10 July is the last day before the nine weeks; 60 days later the tokens are dead.
    assert_eq!(calendar[2]["lapses"], serde_json::json!(["2026-09-08"]));
    let days = story.rows("keep_alive.csv");
    assert_eq!(days.len(), 6 + 6 + 5 + 6 + 2);
    assert!(days.is_sorted_by_key(|row| row[2].to_owned()), "a calendar: by date, all groups together");
    assert_eq!(days.iter().filter(|row| &row[0] == "Instagram").count(), 5);
    assert!(story.table.contains("862 such days a year for all"), "what it costs");
    let idle = shipped("idle_account");
    assert_eq!(idle.summary["keep_alive"][1]["lapses"], serde_json::json!(["2026-07-28"]));
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
fn planned_events_come_on_their_days_and_cost_what_they_are_planned_to() {
    let story = shipped("planned_year");
    let first = |group: &str, cause: &str, day: u32| story.first_disconnection(group, cause, day);
    // Passwords change on day 15, 105, 195 and 285: by the end of day 14 few have, by that of day 15 nearly all.
    assert!(first("rotating", "password_changed", 15).high < 0.05);
    assert!(first("rotating", "password_changed", 16).low > 0.95);
    // Four rotations of one day each, and what incidents cost.
    assert!(story.of_group("rotating", "days_disconnected").low > 4.0);
    let (rotating, signed_in) = ("rotating", "single sign-on");
    assert!(
        story
            .of_group(rotating, "days_disconnected")
            .is_above(&story.of_group("clean slate", "days_disconnected")),
        "three days once are less than one day four times"
    );
    assert_eq!(first(signed_in, "admin_left", 268).value, 0.0);
    assert!(first(signed_in, "admin_left", 269).low > 0.4);
    assert!(first("clean slate", "revoke_and_reconnect", 178).low > 0.5);
    assert!(story.estimate("flagged").high < 0.05, "a calm team");
}

#[test]
fn accounts_come_back_late_where_people_report_late_and_put_things_off() {
    let story = shipped("slow_return");
    let (late, prompt) = (|what| story.of_group("late", what), |what| story.of_group("prompt", what));
    assert!(
        late("days_restricted").is_above(&prompt("days_restricted")),
        "reported late, restricted for longer"
    );
    assert!(!late("restricted").is_above(&prompt("restricted")), "as often as the others");
    let after = |what: &str| -> crate::shipped::Interval { (&story.summary["aftermath"][what]).into() };
    // Each disconnection is put off with probability 0.2, again and again: 0.25 times in the mean.
    let all: f64 = story.summary["disconnections"]
        .as_object()
        .expect("a table")
        .values()
        .map(|cause| cause["value"].as_f64().expect("a number"))
        .sum();
    assert!((after("declined").value / all - 0.25).abs() < 0.03, "{:?} of {all}", after("declined"));
    assert!(after("required_steps").low > 0.1 && after("days_unpermitted").low > 0.3);
    let told = story.summary["aftermath"]["told"].as_array().expect("a list");
    let unknown = told.last().expect("a row");
    assert_eq!(unknown["told"], "unknown");
    assert!((unknown["share"]["value"].as_f64().expect("a number") - 0.25).abs() < 0.03);
}

#[test]
fn a_second_admin_keeps_a_page_alive_and_ignorance_costs_it() {
    let story = shipped("agency_pages");
    let page = |name: &str, what: &str| -> crate::shipped::Interval {
        let pages = story.summary["pages"].as_array().expect("a list");
        (&pages.iter().find(|page| page["name"] == name).expect(name)[what]).into()
    };
    let days = |name| page(name, "days_without_data");
    assert!(days("regional").is_above(&days("brand")), "{:?} {:?}", days("regional"), days("brand"));
    assert!(
        page("regional", "disconnected").is_above(&page("brand", "disconnected")),
        "nobody knows who authorises it"
    );
    // Planned, so certain: six days for everybody whose profile was connected on that day.
    assert!(page("campaigns", "disconnected").low > 0.98 && days("campaigns").low > 5.5);
    assert!(page("brand", "lost_comments").is_above(&page("brand", "lost_posts")), "20 comments for 3 posts");
    assert!(story.estimate("disconnected").high < page("campaigns", "disconnected").low);
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
