//! Tokens that are invalidated some days after a breach or a trait was noticed: when, which of several causes, and what comes
//! in between.

mod closed_form;
mod fast;

use closed_form::assert_near;
use fast::simulate_fast;
use pacewise::model::Model;
use pacewise::results::AccountResults;
use pacewise::scenario::{Parsed, Scenario};

const RESOLUTIONS: [&str; 2] = ["day", "event"];
const FULL_TIME: &str = "weekdays = { mon = 1, tue = 1, wed = 1, thu = 1, fri = 1, sat = 1, sun = 1 }";

fn parse(horizon: u32, resolution: &str, text: &str) -> Parsed {
    let head = format!("start = 2026-01-05\nhorizon_days = {horizon}\nresolution = \"{resolution}\"\n");
    Scenario::parse(&(head + text), "test")
}

fn scenario(horizon: u32, resolution: &str, text: &str) -> Scenario {
    let parsed = parse(horizon, resolution, text);
    parsed.scenario.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics))
}

fn run(horizon: u32, resolution: &str, text: &str, replicates: u64) -> AccountResults {
    simulate_fast(&scenario(horizon, resolution, text), replicates, 20_260_105).mean_account
}

/// The mean number of disconnections by a cause.
fn times(account: &AccountResults, cause: &str) -> f64 {
    account.disconnections.iter().find(|row| row.cause == cause).expect("it is a cause").mean.value
}

/// The shares of accounts first disconnected by a cause by the end of each day.
fn by_day(account: &AccountResults, cause: &str) -> Vec<f64> {
    let row = account.first_disconnection.iter().find(|row| row.cause == cause).expect("it is a cause");
    row.by_day.iter().map(|share| share.value).collect()
}

/// A trait that is noticed with a probability a day.
fn seen(per_day: f64, consequence: &str) -> String {
    format!(
        "traits = {{ seen = {{}} }}\n[reconnect]\nincident = {{ fixed = 1 }}\n\
         [[trait]]\nname = \"seen\"\nper_day = {per_day}\nconsequence = {consequence}\n"
    )
}

/// Some actions on the first day and none on any other, of which one breaks a rule; it is noticed for certain, by the day or by
/// the event.
fn breach_of_day_0(per: &str, consequence: &str, more: &str) -> String {
    format!(
        "{more}\n[demand.post]\nquota = {{ per_day = 2 }}\n{FULL_TIME}\n\
         [[phase]]\nname = \"silence\"\nfrom_day = 1\ndays = 1000\nfactor = 0\n\
         [[rule]]\nname = \"posts\"\nactions = [\"post\"]\nwindows = [{{ calendar = \"day\", limit = 1 }}]\n\
         detection = {{ per = \"{per}\", probability = 1 }}\nconsequence = {consequence}\n"
    )
}

/// What is noticed, with a consequence.
type Source<'s> = &'s dyn Fn(&str) -> String;

/// What notices a breach at either resolution.
const TRIALS: [(&str, &str); 3] = [("day", "day"), ("event", "day"), ("event", "event")];

#[test]
fn a_fixed_delay_shifts_the_incidence_by_exactly_its_days() {
    let messages = |consequence: &str| {
        format!(
            "[demand.message]\npoisson = {{ mean = 6 }}\n{FULL_TIME}\n\
             [[rule]]\nname = \"seen\"\nactions = [\"message\"]\nwindows = [{{ calendar = \"day\", limit = 7 }}]\n\
             detection = {{ per = \"event\", probability = 0.05 }}\nconsequence = {consequence}\n"
        )
    };
    let by_trait = |consequence: &str| seen(0.05, consequence);
    let sources: [(&str, Source); 3] = [("day", &by_trait), ("event", &by_trait), ("event", &messages)];
    for (resolution, text) in sources {
        let at_once = by_day(&run(30, resolution, &text("\"disconnect\""), 3_000), "seen");
        assert!(at_once[0] > 0.01 && at_once[29] > 0.3);
        for days in [1, 7] {
            let late =
                run(30, resolution, &text(&format!("{{ disconnect_after = {{ fixed = {days} }} }}")), 3_000);
            let late = by_day(&late, "seen");
            assert_eq!(late[..days], vec![0.0; days], "{resolution}: nobody before");
            assert_eq!(
                late[days..],
                at_once[..30 - days],
                "{resolution}: the same accounts, {days} days later"
            );
        }
    }
    let late = run(40, "day", &seen(0.05, "{ disconnect_after = { fixed = 7 } }"), 30_000);
    let row = late.first_disconnection.iter().find(|row| row.cause == "seen").expect("it is a cause");
    for day in [8, 20, 40] {
        assert_near("by the closed form", row.by_day[day - 1], 1.0 - 0.95_f64.powi(day as i32 - 7));
    }
}

#[test]
fn an_invalidation_within_the_horizon_counts_and_one_after_it_does_not() {
    for (resolution, per) in TRIALS {
        let text = breach_of_day_0(per, "{ disconnect_after = { fixed = 5 } }", "");
        assert_eq!(run(5, resolution, &text, 3).disconnected.value, 0.0, "{resolution}, {per}");
        let account = run(6, resolution, &text, 3);
        assert_eq!((account.disconnected.value, account.flags.value), (1.0, 0.0), "{resolution}, {per}");
        // At the end of the last day no time is left; what an event was noticed for runs by the clock.
        assert_eq!(account.days_disconnected.value > 0.0, per == "event", "{resolution}, {per}");
    }
}

#[test]
fn the_delay_of_an_event_runs_by_the_clock() {
    // One action at noon of each day, the middle of the working hours, noticed at once; back two days after the invalidation.
    let text = format!(
        "[calendar]\nhours = \"09:00-15:00\"\nworkdays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"]\n\
         [reconnect]\nincident = {{ fixed = 2 }}\n\
         [demand.post]\nquota = {{ per_day = 1 }}\n{FULL_TIME}\n[pacing.post]\nper_day = 1\nspread = true\n\
         [[rule]]\nname = \"posts\"\nactions = [\"post\"]\nwindows = [{{ calendar = \"day\", limit = 0 }}]\n\
         detection = {{ per = \"event\", probability = 1 }}\nconsequence = {{ disconnect_after = {{ fixed = 3 }} }}\n"
    );
    let model = Model::compile(&scenario(11, "event", &text));
    let mut simulator = model.simulator();
    let account = &simulator.replicate(1, 0).accounts[0];
    let hours = |at: i64| at.rem_euclid(86_400_000) / 3_600_000;
    let aways: Vec<(i64, i64)> =
        account.aways.iter().map(|away| (hours(away.from), hours(away.until))).collect();
    assert_eq!(aways, [(12, 12), (12, 12)]);
    // Noticed on day 0, away from noon of day 3, whose action comes too late, to noon of day 5, whose action is noticed again.
    assert_eq!(account.first_disconnection.map(|(day, _)| day), Some(3));
    assert_eq!((account.delivered.iter().sum::<u64>(), account.disconnected), (3 + 3 + 1, 4 * 86_400_000));
}

#[test]
fn what_was_noticed_of_the_old_token_does_not_strike_the_new_one() {
    let plan = |day: u32, outage: u32| {
        format!(
            "[[event]]\ncause = \"rotation\"\ndate = 2026-01-{:02}\noutage = {{ fixed = {outage} }}\n",
            5 + day
        )
    };
    for (resolution, per) in TRIALS {
        for outage in [0, 1, 9] {
            let run = |day: u32| {
                let text =
                    breach_of_day_0(per, "{ disconnect_after = { fixed = 5 } }", "") + &plan(day, outage);
                let account = run(20, resolution, &text, 3);
                (times(&account, "posts"), times(&account, "rotation"))
            };
            for day in [1, 3, 5] {
                assert_eq!(run(day), (0.0, 1.0), "{resolution}, {per}: day {day}, {outage} days");
            }
            // By now the account is away: one day, from the end of day 5, or from its middle.
            assert_eq!(run(6), (1.0, 0.0), "{resolution}, {per}");
        }
    }
}

#[test]
fn of_two_causes_the_sooner_end_counts_and_a_second_notice_postpones_nothing() {
    let both = |first: &str, second: &str| {
        format!(
            "traits = {{ a = {{}}, b = {{}} }}\n[reconnect]\nincident = {{ fixed = 1 }}\n\
             [[trait]]\nname = \"a\"\nper_day = 1\nconsequence = {first}\n\
             [[trait]]\nname = \"b\"\nper_day = 1\nconsequence = {second}\n"
        )
    };
    let after = |days: u32| format!("{{ disconnect_after = {{ fixed = {days} }} }}");
    for resolution in RESOLUTIONS {
        let account = run(20, resolution, &seen(1.0, &after(3)), 3);
        // Dated 3, away on day 4; noticed again on day 5, dated 8, and so on: never later for what was noticed in between.
        assert_eq!((times(&account, "seen"), account.days_disconnected.value), (4.0, 4.0), "{resolution}");
        for (first, second, causes) in [
            (after(9), after(2), (0.0, 5.0)),
            (after(2), after(9), (5.0, 0.0)),
            (after(3), after(3), (4.0, 0.0)),
            (after(3), "\"disconnect\"".to_owned(), (0.0, 10.0)),
        ] {
            let account = run(20, resolution, &both(&first, &second), 3);
            assert_eq!(
                (times(&account, "a"), times(&account, "b")),
                causes,
                "{resolution}: {first}, {second}"
            );
        }
    }
}

#[test]
fn random_delays_race_each_other() {
    // Each day is noticed with probability h, and its token is dead within k days of that with probability k/3, up to 1: the token
    // outlives day d if that holds for none of the days up to it.
    let text = seen(0.08, "{ disconnect_after = { uniform = { min = 1, max = 3 } } }");
    for resolution in RESOLUTIONS {
        let account = run(40, resolution, &text, 30_000);
        let row = account.first_disconnection.iter().find(|row| row.cause == "seen").expect("it is a cause");
        for day in [2, 4, 15, 40] {
            let spared = |noticed: i32| 1.0 - 0.08 * f64::from((day - 1 - noticed).clamp(0, 3)) / 3.0;
            let exact = 1.0 - (0..day).map(spared).product::<f64>();
            assert_near(resolution, row.by_day[day as usize - 1], exact);
        }
    }
}

#[test]
fn an_invalidation_goes_before_a_death_of_idleness_at_the_same_instant() {
    for (resolution, per) in [TRIALS[0], TRIALS[2]] {
        let causes = |idle: u32| {
            let token = format!("token = {{ idle_days = {idle} }}");
            let text = breach_of_day_0(per, "{ disconnect_after = { fixed = 4 } }", &token);
            let account = run(5, resolution, &text, 3);
            (times(&account, "posts"), times(&account, "token_idle"))
        };
        // Day 0 sees the last use: by the day four days of silence end with day 4, by the event four times 24 hours after it.
        assert_eq!((causes(3), causes(4)), ((0.0, 1.0), (1.0, 0.0)), "{resolution}, {per}");
    }
}

#[test]
fn no_delay_is_a_plain_disconnection() {
    for resolution in RESOLUTIONS {
        let plain = scenario(40, resolution, &seen(0.1, "\"disconnect\""));
        let none = scenario(40, resolution, &seen(0.1, "{ disconnect_after = { fixed = 0 } }"));
        assert_eq!(plain.platforms, none.platforms, "to the last word of the report");
        let drawn =
            run(40, resolution, &seen(0.1, "{ disconnect_after = { uniform = { min = 0, max = 0 } } }"), 500);
        assert_eq!(drawn, simulate_fast(&plain, 500, 20_260_105).mean_account, "{resolution}");
    }
}

#[test]
fn the_delay_of_one_cause_does_not_depend_on_the_others() {
    // What ends only after the horizon changes nothing, however often it is noticed.
    let text = |other: f64| {
        format!(
            "traits = {{ other = {{}}, seen = {{}} }}\n\
             [[trait]]\nname = \"other\"\nper_day = {other}\nconsequence = {{ disconnect_after = {{ uniform = {{ min = 90, max = 99 }} }} }}\n\
             [[trait]]\nname = \"seen\"\nper_day = 0.1\nconsequence = {{ disconnect_after = {{ uniform = {{ min = 1, max = 9 }} }} }}\n"
        )
    };
    for resolution in RESOLUTIONS {
        let (with, without) = (scenario(60, resolution, &text(0.5)), scenario(60, resolution, &text(0.0)));
        let (with, without) = (Model::compile(&with), Model::compile(&without));
        let (mut with, mut without) = (with.simulator(), without.simulator());
        for replicate in 0..200 {
            let (with, without) = (with.replicate(5, replicate), without.replicate(5, replicate));
            assert_eq!(with.accounts[0].aways, without.accounts[0].aways, "{resolution}, {replicate}");
        }
    }
}

#[test]
fn the_report_tells_the_delay_and_the_file_is_warned_of_one_that_outlasts_the_horizon() {
    let text = |days: u32| seen(0.1, &format!("{{ disconnect_after = {{ fixed = {days} }} }}"));
    let told = scenario(40, "day", &text(3)).assumptions;
    let told = told.iter().find(|row| row.subject == "trait seen").expect("it is listed");
    assert_eq!(told.value, "probability 0.1 per connected day; leads to a disconnection, after 3 days");
    let warned = |days: u32| -> Vec<String> {
        let findings = parse(40, "day", &text(days)).diagnostics.into_iter().map(|found| found.message);
        findings.filter(|message| message.contains("delay")).collect()
    };
    assert_eq!(warned(39), [""; 0]);
    assert_eq!(warned(40), ["this delay outlasts the horizon: it invalidates no token"]);
}
