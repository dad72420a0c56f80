//! What follows disconnections, against closed forms: declining, required steps, late reports, unknown causes, permission.

mod closed_form;
mod fast;

use closed_form::assert_near;
use fast::simulate_fast;
use pacewise::model::Model;
use pacewise::results::{AccountResults, AftermathResults};
use pacewise::scenario::Scenario;
use pacewise::time::{day_number, start_of};

const DAYS: u32 = 40;

fn run(text: &str, replicates: u64) -> AccountResults {
    let text = format!("start = 2026-01-05\nhorizon_days = {DAYS}\n{text}");
    let parsed = Scenario::parse(&text, "test");
    let scenario = parsed.scenario.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics));
    simulate_fast(&scenario, replicates, 20_260_105).mean_account
}

fn after(account: &AccountResults) -> &AftermathResults {
    account.aftermath.as_ref().expect("it is stated")
}

/// Everybody's password changes on day 10; two days later they could be connected again.
fn planned(reconnect: &str) -> String {
    format!(
        "[[event]]\ncause = \"password_changed\"\ndate = 2026-01-15\n[[incident]]\ncause = \"password_changed\"\n\
         per_day = 0\nreconnect = {{ fixed = 2 }}\n[reconnect]\n{reconnect}\n"
    )
}

#[test]
fn who_declines_stays_away_for_good_or_until_the_next_time() {
    let good = run(&planned("declines = 0.3"), 20_000);
    assert_near("for good", good.days_disconnected, 2.0 + 0.3 * 28.0);
    assert_near("declined once", after(&good).declined, 0.3);
    assert_eq!(good.restricted.value, 0.0, "away, not restricted");
    // Asked on days 12, 17, 22, 27, 32 and 37: each refusal costs five days, the last one the three that are left.
    let often = run(&planned("declines = 0.3\nasks_again = { fixed = 5 }"), 20_000);
    let lost = (1..=5).map(|k| 5.0 * 0.3_f64.powi(k)).sum::<f64>() + 3.0 * 0.3_f64.powi(6);
    assert_near("until the next time", often.days_disconnected, 2.0 + lost);
    assert_near("declined", after(&often).declined, (1..=6).map(|k| 0.3_f64.powi(k)).sum());
    let never = run(&planned("declines = 0\ncause_unknown = 0.5"), 50);
    assert_eq!(never.days_disconnected.value, 2.0);
    let always = run(&planned("declines = 1\nasks_again = { fixed = 0 }"), 50);
    assert_eq!((always.days_disconnected.value, after(&always).declined.value), (30.0, 28.0));
}

#[test]
fn nobody_declines_or_wonders_after_an_outage_of_a_stated_length() {
    let text = "[[event]]\ncause = \"revoke_and_reconnect\"\ndate = 2026-01-15\noutage = { fixed = 3 }\n\
                [reconnect]\ndeclines = 1\ncause_unknown = 1\n";
    let account = run(text, 50);
    assert_eq!(account.days_disconnected.value, 3.0);
    assert_eq!(after(&account).declined.value, 0.0);
    assert_eq!(after(&account).told.last().expect("unknown").disconnections.value, 0.0);
    assert_eq!(after(&account).days_unpermitted.value, 3.0, "a revocation takes the permission");
}

/// A flag for certain at the end of day 0: restricted on days 1 to 3, connected again on day 5; later flags only warn.
fn restricted(more: &str, trait_: &str) -> String {
    format!(
        "ladder = {{ rungs = [{{ restriction = {{ fixed = 3 }} }}, \"warning\"] }}\ntraits = {{ compromise = {{}} }}\n\
         [reconnect]\nafter_restriction = {{ fixed = 1 }}\n{more}\n\
         [[trait]]\nname = \"compromise\"\nper_day = 1\n{trait_}\n"
    )
}

#[test]
fn a_required_step_lengthens_the_outage_and_not_the_restriction() {
    let plain = run(&restricted("", ""), 20);
    assert_eq!((plain.days_disconnected.value, plain.days_restricted.value), (4.0, 3.0));
    assert!(plain.aftermath.is_none());
    let step = "required_step = { probability = 0.4, days = { fixed = 6 } }";
    let account = run(&restricted(step, ""), 20_000);
    assert_near("days", account.days_disconnected, 4.0 + 0.4 * 6.0);
    assert_near("steps", after(&account).required_steps, 0.4);
    assert_eq!(account.days_restricted.value, 3.0);
    // An incident needs no such step.
    assert_eq!(run(&planned(step), 200).days_disconnected.value, 2.0);
}

#[test]
fn what_is_reported_late_takes_longer() {
    let account = run(&restricted("", "report_delay = { uniform = { min = 2, max = 6 } }"), 20_000);
    assert_near("restricted", account.days_restricted, 3.0 + 4.0);
    assert_near("away", account.days_disconnected, 4.0 + 4.0);
    let late = "report_delay = { fixed = 5 }\n[reconnect]\nincident = { fixed = 2 }\n";
    let incident = planned("").replace("[reconnect]\n", "") + late;
    assert_eq!(run(&incident, 20).days_disconnected.value, 7.0);
    // As a disconnection without a flag: five times away for 5 + 2 days, connected on days 0, 8, 16, 24 and 32.
    let token =
        restricted("incident = { fixed = 2 }", "consequence = \"disconnect\"\nreport_delay = { fixed = 5 }");
    assert_eq!(run(&token, 20).days_disconnected.value, 35.0);
}

#[test]
fn a_share_of_the_causes_is_unknown_to_the_user_and_the_causes_themselves_stay() {
    let incidents = |unknown: f64| {
        format!(
            "[[incident]]\ncause = \"password_changed\"\nper_day = 0.06\n[[incident]]\ncause = \"access_revoked\"\n\
             per_day = 0.02\n[reconnect]\nincident = {{ fixed = 1 }}\ncause_unknown = {unknown}\n"
        )
    };
    let (open, hidden) = (run(&incidents(0.0), 10_000), run(&incidents(0.25), 10_000));
    assert_eq!(open.disconnections, hidden.disconnections);
    assert!(open.aftermath.is_none());
    let all: f64 = hidden.disconnections.iter().map(|cause| cause.mean.value).sum();
    let told = |name: &str| after(&hidden).told.iter().find(|told| told.told == name).expect(name);
    assert_near("unknown", told("unknown").disconnections, 0.25 * all);
    let share = |name: &str| told(name).share.expect("there were some").value;
    assert!((share("unknown") - 0.25).abs() < 0.01 && (share("password_changed") - 0.75 * 0.75).abs() < 0.01);
    let shares: f64 = after(&hidden).told.iter().filter_map(|told| told.share).map(|share| share.value).sum();
    assert!((shares - 1.0).abs() < 1e-12);
}

#[test]
fn permission_is_lost_by_a_revocation_until_the_account_is_connected_again() {
    let text = |takes: bool| {
        planned("").replace("per_day = 0\n", &format!("per_day = 0\ntakes_permission = {takes}\n"))
            + "incident = { fixed = 2 }\n[[incident]]\ncause = \"other\"\nper_day = 0.03\n"
    };
    // The other incident may keep the account away on day 10; nothing is revoked then.
    let (mut first_day, mut second_day) = (0.0, 0.0);
    for _ in 0..10 {
        (first_day, second_day) = ((1.0 - first_day - second_day) * 0.03, first_day);
    }
    let account = run(&text(true), 10_000);
    assert_near("unpermitted", after(&account).days_unpermitted, 2.0 * (1.0 - first_day - second_day));
    assert!(account.days_disconnected.value > 3.0);
    assert!(run(&text(false), 20).aftermath.is_none());
}

#[test]
fn other_luck_is_left_alone() {
    // Common random numbers: until the first reconnection both lives are the same.
    let text = |more: &str| restricted(more, "").replace("per_day = 1", "per_day = 0.05");
    let (plain, declining) = (run(&text(""), 3_000), run(&text("declines = 0.5"), 3_000));
    assert_eq!(plain.disconnected_by_day, declining.disconnected_by_day);
    assert!(declining.days_disconnected.low > plain.days_disconnected.high);
}

/// Everything that can end and delay a connection, and Pages that hang on it.
fn eventful(head: &str) -> String {
    format!(
        "start = 2026-01-05\nhorizon_days = 120\n{head}\n\
         ladder = {{ rungs = [\"warning\", {{ restriction = {{ uniform = {{ min = 1, max = 9 }} }} }}, \"permanent\"], \
         memory_days = 30 }}\ntraits = {{ compromise = {{}}, content = {{}} }}\n\
         [token]\nlifetime_days = 25\nidle_days = 4\n\
         [reconnect]\ndeclines = 0.3\nasks_again = {{ geometric = {{ mean = 3 }} }}\ncause_unknown = 0.2\n\
         required_step = {{ probability = 0.5, days = {{ fixed = 2 }} }}\n\
         [demand.post]\npoisson = {{ mean = 2 }}\n[demand.message]\npoisson = {{ mean = 4 }}\n\
         [pacing.message]\nper_day = 5\noverflow = \"defer\"\n\
         [[trait]]\nname = \"compromise\"\nper_day = 0.01\nreport_delay = {{ uniform = {{ min = 0, max = 5 }} }}\n\
         [[trait]]\nname = \"content\"\nper_action = {{ actions = [\"post\"], probability = 0.01 }}\n\
         consequence = \"disconnect\"\n\
         [[incident]]\ncause = \"access_revoked\"\nper_day = 0.01\ntakes_permission = true\n\
         [[group]]\nname = \"lead\"\ncount = 2\n[[group]]\nname = \"deputy\"\n\
         [[event]]\ncause = \"revoke_and_reconnect\"\nevery_days = 20\nfrom = 2026-01-08\noutage = {{ fixed = 0 }}\n\
         [[event]]\ncause = \"access_revoked\"\nevery_days = 31\nfrom = 2026-01-09\ngroups = [\"lead\"]\n\
         pages = [\"brand\"]\n\
         [[page]]\nname = \"brand\"\nauthorised_by = {{ group = \"lead\", account = 2 }}\n\
         backup = {{ group = \"deputy\", days = 2 }}\nadmin_lost_per_day = 0.05\n"
    )
}

#[test]
fn however_much_happens_nothing_is_lost_from_the_books() {
    let link = "[[link]]\nname = \"office\"\nper_day = 0.02\n";
    for (resolution, link) in [("day", ""), ("event", ""), ("day", link), ("event", link)] {
        let text = eventful(&format!("resolution = \"{resolution}\"")) + link;
        let parsed = Scenario::parse(&text, "test");
        let scenario = parsed.scenario.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics));
        let model = Model::compile(&scenario);
        let (origin, end) =
            (start_of(day_number(scenario.start)), start_of(day_number(scenario.start) + 120));
        let (mut simulator, mut outages) = (model.simulator(), 0);
        for replicate in 0..60 {
            let outcome = simulator.replicate(5, replicate).clone();
            for account in &outcome.accounts {
                for action in 0..scenario.actions.len() {
                    let kept = account.delivered[action] + account.waiting[action] + account.lost[action];
                    assert_eq!(account.demanded[action], kept, "{resolution}, replicate {replicate}");
                }
                assert!(account.aways.windows(2).all(|pair| pair[0].until <= pair[1].from), "they overlap");
                assert!(account.aways.iter().all(|away| origin <= away.from && away.from <= end));
                let away: i64 = account.aways.iter().map(|away| away.until.min(end) - away.from).sum();
                assert_eq!(account.disconnected, away as u64);
                let untold: u32 = account.aftermath.untold.iter().sum();
                assert!(untold as usize <= account.aways.len());
                outages += account.aways.len();
            }
            let page = &outcome.pages[0];
            assert!(page.missing <= (end - origin) as u64);
            assert_eq!(page.first.is_some(), page.disconnections > 0);
            assert!(*simulator.replicate_in_full(5, replicate, |_, _| {}) == outcome, "the paths differ");
        }
        assert!(outages > 1_000, "only {outages} outages");
    }
}

#[test]
fn days_without_permission_end_at_the_horizon() {
    let text = "[[incident]]\ncause = \"x\"\nper_day = 0.1\ntakes_permission = true\n[reconnect]\nincident = { fixed = 90 }\n";
    for replicates in [1, 2, 3] {
        let days = after(&run(text, replicates)).days_unpermitted;
        assert!(days.value > 0.0 && days.high <= f64::from(DAYS), "{replicates}: {days:?}");
    }
}
