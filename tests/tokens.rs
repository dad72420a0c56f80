//! The kinds of tokens: fixed age, sliding age, access and refresh, rotating refresh, no expiry, a cap on live tokens. Each
//! at both resolutions, against closed forms and from both sides of its limit.

mod closed_form;
mod fast;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use closed_form::assert_near;
use fast::simulate_fast;
use pacewise::model::Model;
use pacewise::report::token_expiry;
use pacewise::results::{AccountResults, Results};
use pacewise::scenario::{Scenario, Severity};
use statrs::distribution::{DiscreteCDF, Poisson};

const FULL_TIME: &str = "weekdays = { mon = 1, tue = 1, wed = 1, thu = 1, fri = 1, sat = 1, sun = 1 }";

const FULL_TIME_POSTS: &str = "[demand.post]\nquota = { per_day = 1 }\n\
                               weekdays = { mon = 1, tue = 1, wed = 1, thu = 1, fri = 1, sat = 1, sun = 1 }\n";
/// The reconnection of accounts that nobody connects again within any horizon.
const NEVER: &str = "{ token_expired = { fixed = 9000 }, token_idle = { fixed = 9000 } }";

fn scenario(horizon: u32, text: &str) -> Scenario {
    let text = format!("start = 2026-01-05\nhorizon_days = {horizon}\n{text}");
    let parsed = Scenario::parse(&text, "test");
    parsed.scenario.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics))
}

fn run(horizon: u32, text: &str, replicates: u64) -> Results {
    simulate_fast(&scenario(horizon, text), replicates, 20_260_105)
}

/// One action a day on each of the days given and on no other, about noon.
fn used_on(horizon: u32, days: impl IntoIterator<Item = u32>) -> String {
    let mut text = format!(
        "[demand.post]\nquota = {{ per_day = 1 }}\n{FULL_TIME}\nhours = [{{ from = \"12:00\", to = \"12:01\" }}]\n"
    );
    let mut silent_from = 0;
    for day in days.into_iter().chain([horizon]) {
        if day > silent_from {
            let _ = write!(
                text,
                "[[phase]]\nname = \"silence {silent_from}\"\nfrom_day = {silent_from}\ndays = {}\nfactor = 0\n",
                day - silent_from
            );
        }
        silent_from = day + 1;
    }
    text
}

/// The day of the first disconnection and its cause, in a scenario without chance; none within the horizon.
fn first_death(
    horizon: u32,
    token: &str,
    days: impl IntoIterator<Item = u32>,
    by_event: bool,
) -> Option<(u32, String)> {
    let resolution = if by_event { "event" } else { "day" };
    let mut text = used_on(horizon, days);
    if !by_event {
        text = text.replace("hours = [{ from = \"12:00\", to = \"12:01\" }]\n", "");
    }
    let text = format!("resolution = \"{resolution}\"\ntoken = {{ {token} }}\n{text}");
    let account = run(horizon, &text, 2).mean_account;
    let deaths = account.first_disconnection.iter().filter_map(|cause| {
        let day = cause.by_day.iter().position(|share| share.value == 1.0)?;
        Some((day as u32, cause.cause.clone()))
    });
    deaths.min()
}

fn death(day: u32, cause: &str) -> (u32, String) {
    (day, cause.to_owned())
}

#[test]
fn a_fixed_age_ends_the_token_however_often_it_is_used() {
    for by_event in [false, true] {
        let used = first_death(61, "lifetime_days = 60", 0..61, by_event);
        assert_eq!(used, Some(death(60, "token_expired")));
        assert_eq!(first_death(61, "lifetime_days = 60", [], by_event), used);
        assert_eq!(first_death(60, "lifetime_days = 60", [], by_event), None);
    }
}

#[test]
fn every_account_reaches_its_network_by_a_token_of_its_own_and_only_while_it_lives() {
    // One post a day and account; nobody renews what has died.
    let text = |token: &str, other: &str| {
        format!(
            "{FULL_TIME_POSTS}[platforms.a]\nreconnect = {NEVER}\ntoken = {{ {token} }}\n\
             [platforms.b]\nreconnect = {NEVER}\n\
             [[group]]\nname = \"busy\"\ncount = 2\nplatform = \"a\"\n\
             [[group]]\nname = \"silent\"\ncount = 2\nplatform = \"a\"\n\
             phase = [{{ name = \"silence\", from_day = 3, days = 20, factor = 0 }}]\n\
             [[group]]\nname = \"elsewhere\"\nplatform = \"{other}\"\n"
        )
    };
    for resolution in ["day", "event"] {
        let sent = |token: &str, other: &str| -> Vec<f64> {
            let text = format!("resolution = \"{resolution}\"\n{}", text(token, other));
            let groups = run(40, &text, 2).groups.into_iter();
            groups.map(|group| group.account.actions[0].delivered.value).collect()
        };
        // Silent on the days 3 to 22, wanting again from day 23 on.
        let all = [40.0, 20.0, 40.0];
        assert_eq!(sent("", "b"), all, "{resolution}: no token ends");
        assert_eq!(sent("lifetime_days = 10", "b"), [10.0, 3.0, 40.0], "{resolution}: of this network");
        assert_eq!(sent("lifetime_days = 10", "a"), [10.0, 3.0, 10.0], "{resolution}: of the account's own");
        assert_eq!(sent("idle_days = 7", "b"), [40.0, 3.0, 40.0], "{resolution}: each by itself");
    }
    // Accounts of one group lose their tokens on days of their own.
    let text = format!(
        "token = {{ idle_days = 5 }}\nreconnect = {NEVER}\n[demand.post]\npoisson = {{ mean = 0.4 }}\n{FULL_TIME}\n\
         [[group]]\nname = \"team\"\ncount = 20\n"
    );
    let model = Model::compile(&scenario(60, &text));
    let mut simulator = model.simulator();
    let deaths = simulator.replicate(1, 0).accounts.iter().map(|account| account.first_disconnection);
    let days: BTreeSet<Option<u32>> = deaths.map(|death| death.map(|(day, _)| day)).collect();
    assert!(days.len() > 5, "{days:?}");
}

#[test]
fn tokens_die_on_the_dates_of_the_calendar_unless_use_renews_them() {
    let silence = "[[phase]]\nname = \"silence\"\nfrom_day = 0\ndays = 40\nfactor = 0\n";
    for (refresh, used, day) in
        [(false, true, Some(20)), (false, false, Some(20)), (true, true, None), (true, false, Some(20))]
    {
        let text = format!(
            "token = {{ lifetime_days = 20, refresh_on_use = {refresh} }}\n{FULL_TIME_POSTS}{}",
            if used { "" } else { silence }
        );
        let scenario = scenario(40, &text);
        let calendar = token_expiry(&scenario).remove(0);
        assert_eq!(calendar.expires.map(|date| date.to_string()).as_deref(), Some("2026-01-25"));
        assert_eq!((calendar.refresh_on_use, calendar.within_horizon), (refresh, true));
        let account = simulate_fast(&scenario, 2, 1).mean_account;
        let died = account.disconnected_by_day.iter().position(|share| share.value == 1.0);
        assert_eq!(died, day, "2026-01-25 is day 20; renewed by use: {refresh}, used: {used}");
    }
}

#[test]
fn a_token_without_expiry_outlives_use_and_silence() {
    for by_event in [false, true] {
        assert_eq!(first_death(900, "renewable = false", [], by_event), None);
        assert_eq!(first_death(900, "renewable = false", 0..900, by_event), None);
    }
}

#[test]
fn a_rotating_refresh_lives_as_long_as_each_refresh_comes_in_time() {
    let token = "lifetime_days = 60, refresh_on_use = true";
    for by_event in [false, true] {
        // Used every 59 days, it is refreshed on its last day; every 60 days is a day too late.
        assert_eq!(first_death(600, token, (0..600).step_by(59), by_event), None);
        assert_eq!(first_death(600, token, (0..600).step_by(60), by_event), Some(death(60, "token_expired")));
        // The clock runs from the last refresh.
        assert_eq!(first_death(600, token, [10, 69, 128], by_event), Some(death(188, "token_expired")));
    }
}

#[test]
fn a_sliding_token_dies_so_many_days_after_its_last_use() {
    let token = "idle_days = 30";
    // By the day: at the end of the 30th whole day of silence. By event: 30 x 24 h after noon of the last use.
    assert_eq!(first_death(200, token, [0, 30, 60], false), Some(death(90, "token_idle")));
    assert_eq!(first_death(200, token, [0, 31, 61], false), Some(death(30, "token_idle")));
    assert_eq!(first_death(200, token, [0, 29, 58], true), Some(death(88, "token_idle")));
    assert_eq!(first_death(200, token, [0, 31, 61], true), Some(death(30, "token_idle")));
}

#[test]
fn an_access_token_is_refreshed_on_use_only_while_the_refresh_token_of_the_consent_lives() {
    let token = "lifetime_days = 365, idle_days = 60";
    for by_event in [false, true] {
        assert_eq!(first_death(400, token, 0..400, by_event), Some(death(365, "token_expired")));
        // The last use decides which of the two ends first, from both sides.
        let until = |last: u32| first_death(400, token, 0..=last, by_event);
        assert_eq!(until(304), Some(death(364, "token_idle")));
        assert_eq!(until(305), Some(death(365, "token_expired")));
        assert_eq!(
            first_death(400, token, [], by_event).map(|(_, cause)| cause),
            Some("token_idle".to_owned())
        );
    }
}

#[test]
fn a_tool_that_collects_data_keeps_every_sliding_clock_from_running_out() {
    for by_event in [false, true] {
        for sliding in ["idle_days = 1", "lifetime_days = 2, refresh_on_use = true"] {
            let collecting = format!("{sliding}, collects_data = true");
            assert!(first_death(500, sliding, [], by_event).is_some(), "{sliding}");
            assert_eq!(first_death(500, &collecting, [], by_event), None, "{collecting}");
        }
        // Neither a fixed age nor one that ends before the next day's use is kept off.
        let fixed = "lifetime_days = 90, idle_days = 10, collects_data = true";
        assert_eq!(first_death(500, fixed, [], by_event), Some(death(90, "token_expired")));
        let short = "lifetime_days = 1, refresh_on_use = true, collects_data = true";
        assert_eq!(first_death(500, short, 0..500, by_event), Some(death(1, "token_expired")));
    }
}

fn by_day(account: &AccountResults, cause: &str, day: u32) -> pacewise::stats::Estimate {
    let row = account.first_disconnection.iter().find(|row| row.cause == cause).expect("it is a cause");
    row.by_day[day as usize - 1]
}

/// Probability that a sliding lifetime of n days, refreshed with probability `used` on each day, has run out by the start
/// of day t: a chain over the days that are left.
fn sliding_by(n: usize, used: f64, t: u32) -> f64 {
    // left[k]: it is dead from the start of the day k days from now, k >= 1, unless it is used today.
    let mut left = vec![0.0; n + 1];
    left[n] = 1.0;
    let mut dead = 0.0;
    for _ in 0..t {
        let alive: f64 = left.iter().sum();
        let mut next = vec![0.0; n + 1];
        next[n - 1] += alive * used;
        for k in 1..=n {
            next[k - 1] += left[k] * (1.0 - used);
        }
        dead += next[0];
        next[0] = 0.0;
        left = next;
    }
    dead
}

#[test]
fn a_sliding_lifetime_dies_of_the_longest_gap_between_uses() {
    // A gap of 19 whole days after a day of use is too long; a day is used with probability 1 - exp(-0.12).
    let text = |resolution: &str| {
        format!(
            "resolution = \"{resolution}\"\ntoken = {{ lifetime_days = 20, refresh_on_use = true }}\n\
             [demand.post]\npoisson = {{ mean = 0.12 }}\n{FULL_TIME}\n"
        )
    };
    let used = 1.0 - (-0.12_f64).exp();
    for resolution in ["day", "event"] {
        let account = run(200, &text(resolution), 30_000).mean_account;
        assert_eq!(
            by_day(&account, "token_expired", 20).value,
            0.0,
            "day 20 is the first on which it is dead"
        );
        for day in [21, 50, 200] {
            let exact = sliding_by(20, used, day - 1);
            assert_near(
                &format!("{resolution}, by day {day}"),
                by_day(&account, "token_expired", day),
                exact,
            );
        }
    }
}

#[test]
fn the_oldest_of_too_many_tokens_is_displaced() {
    // Displaced from the start of day d once the user got 5 further tokens on days 0 to d-1, 0.2 a day.
    for resolution in ["day", "event"] {
        let text = format!(
            "resolution = \"{resolution}\"\ntoken = {{ live_tokens = 5, new_tokens_per_day = 0.2 }}\n\
             reconnect = {{ token_expired = {{ fixed = 365 }} }}\n"
        );
        let account = run(60, &text, 40_000).mean_account;
        assert_eq!(by_day(&account, "token_displaced", 1).value, 0.0, "nothing came before day 0");
        for day in [10, 25, 60] {
            let newer = Poisson::new(0.2 * f64::from(day - 1)).expect("a mean");
            let exact = 1.0 - newer.cdf(4);
            assert_near(resolution, by_day(&account, "token_displaced", day), exact);
        }
    }
}

#[test]
fn a_displaced_token_is_followed_by_one_with_a_clock_of_its_own() {
    // One live token and a very busy user: each day displaces the last token; two of three days are lost.
    let text = "token = { live_tokens = 1, new_tokens_per_day = 1000 }\n\
                reconnect = { token_expired = { fixed = 2 } }\n";
    let account = run(61, text, 2).mean_account;
    // Dead from the start of day 1, back on day 3, dead from the start of day 4, and so on.
    assert_eq!(account.days_disconnected.value, 40.0);
    assert!(account.first_disconnection.iter().any(|cause| cause.cause == "token_displaced"));
}

#[test]
fn a_cap_on_tokens_says_nothing_until_the_scenario_says_how_many_there_are() {
    let silent = scenario(60, "token = { live_tokens = 100 }\n");
    assert_eq!(silent.platforms[0].token.displacement, None);
    assert!(silent.causes().iter().all(|cause| cause != "token_displaced"));
    let text = "start = 2026-01-05\nhorizon_days = 60\ntoken = { new_tokens_per_day = 1 }\n";
    let findings = Scenario::parse(text, "test").diagnostics;
    assert!(findings.iter().any(|finding| {
        finding.severity == Severity::Warning && finding.message.contains("nothing limits the live tokens")
    }));
    let text =
        "start = 2026-01-05\nhorizon_days = 60\n[[incident]]\ncause = \"token_displaced\"\nper_day = 0.1\n";
    assert!(Scenario::parse(text, "test").scenario.is_none(), "the name is taken");
}

/// Nobody works at weekends, at Easter, and for some weeks in summer.
fn seldom_used(horizon: u32, token: &str, uses: &[u32], by_event: bool) -> String {
    let mut text = used_on(horizon, uses.iter().copied());
    if !by_event {
        text = text.replace("hours = [{ from = \"12:00\", to = \"12:01\" }]\n", "");
    }
    format!(
        "resolution = \"{}\"\ntoken = {{ {token} }}\ncalendar = {{ holidays = [2026-04-03, 2026-04-06] }}\n{text}\
         [[group]]\nname = \"clients\"\ncount = 2\ntime_off = [{{ from = 2026-06-29, to = 2026-07-12 }}]\n",
        if by_event { "event" } else { "day" }
    )
}

#[test]
fn the_keep_alive_calendar_keeps_tokens_alive_and_no_day_of_it_is_too_many() {
    const DAYS: u32 = 364;
    for (token, by_event) in [
        ("idle_days = 20", false),
        ("idle_days = 20", true),
        ("lifetime_days = 20, refresh_on_use = true", false),
        ("lifetime_days = 20, refresh_on_use = true", true),
        ("lifetime_days = 300, idle_days = 20", true),
    ] {
        let plan = scenario(DAYS, &seldom_used(DAYS, token, &[], by_event)).keep_alive().remove(0);
        assert_eq!((plan.group.as_str(), plan.accounts, plan.days_apart), ("clients", 2, 19));
        assert_eq!(plan.lapses, []);
        let start = jiff::civil::date(2026, 1, 5);
        let day = |date: &jiff::civil::Date| start.until(*date).expect("later").get_days() as u32;
        let uses: Vec<u32> = plan.uses.iter().map(day).collect();
        let lapses = |uses: &[u32]| {
            let account = run(DAYS, &seldom_used(DAYS, token, uses, by_event), 1).mean_account;
            let cause = if token.contains("idle_days") { "token_idle" } else { "token_expired" };
            let silent = account.disconnections.iter().filter(|count| count.cause == cause);
            silent.map(|count| count.mean.value).sum::<f64>()
        };
        // A token that is renewed in between only starts its clock anew.
        assert_eq!(lapses(&uses), 0.0, "{token}, by event: {by_event}: {uses:?}");
        for left_out in 0..uses.len() {
            let fewer: Vec<u32> =
                uses.iter().enumerate().filter(|(at, _)| *at != left_out).map(|(_, &day)| day).collect();
            // By the day an idle token outlives a gap of exactly its limit.
            let exempt = token == "idle_days = 20" && !by_event || token.contains("300");
            assert!(exempt || lapses(&fewer) > 0.0, "{token}, by event: {by_event}, without {left_out}");
        }
    }
}

#[test]
fn the_keep_alive_calendar_says_where_nobody_can_keep_it() {
    let text = "token = { idle_days = 20 }\n[demand.post]\npoisson = { mean = 1 }\n\
                [[group]]\nname = \"away\"\ntime_off = [{ from = 2026-06-01, to = 2026-06-30 }]\n";
    let plan = scenario(364, text).keep_alive().remove(0);
    // The last use may be on Friday, 29 May; 20 days later is 18 June.
    assert_eq!(plan.lapses.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2026-06-18"]);
    assert!(plan.uses.iter().all(|date| date.month() != 6));
    assert!(scenario(364, "token = { lifetime_days = 20 }\n").keep_alive().is_empty(), "use does not help");
    let collected = "token = { idle_days = 20, collects_data = true }\n";
    assert!(scenario(364, collected).keep_alive().is_empty(), "the tool does it");
    assert_eq!(scenario(19, "token = { idle_days = 20 }\n").keep_alive()[0].uses, [], "too short to matter");
}

#[test]
fn a_token_that_dies_and_cannot_be_renewed_is_away_for_the_days_of_a_new_authorisation() {
    let away = |token: &str, renewable: bool, resolution: &str| {
        let text = format!(
            "resolution = \"{resolution}\"\n[token]\n{token}\nrenewable = {renewable}\n[reconnect]\ntoken_expired = {{ fixed = 3 }}\n\
             token_idle = {{ fixed = 4 }}\nnew_authorisation = {{ fixed = 6 }}\n"
        );
        run(16, &text, 2).mean_account.days_disconnected.value
    };
    for resolution in ["day", "event"] {
        // Dead from day 10 on, of age or of silence.
        assert_eq!(away("lifetime_days = 10", true, resolution), 3.0, "{resolution}");
        assert_eq!(away("lifetime_days = 10", false, resolution), 6.0, "{resolution}");
        assert_eq!(away("idle_days = 10", true, resolution), 4.0, "{resolution}");
        assert_eq!(away("idle_days = 10", false, resolution), 6.0, "{resolution}");
    }
}
