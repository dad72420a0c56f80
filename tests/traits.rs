//! Traits, links and consequences against closed forms: each switch moves the answer by the stated amount.

mod closed_form;
mod fast;

use closed_form::assert_near;
use fast::simulate_fast;
use pacewise::model::{Model, Outcome};
use pacewise::results::{AccountResults, Results};
use pacewise::scenario::{Resolution, Scenario};

const DAYS: u32 = 40;

fn scenario(text: &str) -> Scenario {
    let text = format!("start = 2026-01-05\nhorizon_days = {DAYS}\n{text}");
    let parsed = Scenario::parse(&text, "test");
    parsed.scenario.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics))
}

fn run(text: &str, replicates: u64) -> Results {
    simulate_fast(&scenario(text), replicates, 20_260_105)
}

/// Closed form of a hazard that only ever warns: by day t with probability 1 - (1 - h)^t.
fn assert_constant_hazard(what: &str, account: &AccountResults, hazard: f64) {
    for day in [1, 10, DAYS] {
        let exact = 1.0 - (1.0 - hazard).powi(day as i32);
        assert_near(&format!("{what}, by day {day}"), account.flagged_by_day[day as usize - 1], exact);
    }
    assert_near(what, account.flags, hazard * f64::from(DAYS));
}

const WARN: &str = "ladder = { rungs = [\"warning\"] }\n";
const FULL_TIME: &str = "{ mon = 1, tue = 1, wed = 1, thu = 1, fri = 1, sat = 1, sun = 1 }";

#[test]
fn a_trait_flags_with_its_probability_a_day() {
    let text =
        format!("{WARN}traits = {{ alias_name = {{}} }}\n[[trait]]\nname = \"alias_name\"\nper_day = 0.02\n");
    let results = run(&text, 60_000);
    assert_constant_hazard("alias name", &results.mean_account, 0.02);
    assert_eq!(results.mean_account.hazards[0].name, "alias_name");
    assert_near("its flags", results.mean_account.hazards[0].flags, 0.02 * f64::from(DAYS));
    let off = text.replace("alias_name = {}", "alias_name = { enabled = false }");
    assert_eq!(run(&off, 2_000).mean_account.flags.value, 0.0);
}

#[test]
fn a_shared_login_is_as_risky_as_the_people_who_share_it() {
    let text = format!(
        "{WARN}traits = {{ shared_login = {{ people = 4 }} }}\n[[trait]]\nname = \"shared_login\"\n\
         per_day = 0.01\nper_person = true\n"
    );
    let hazard = 1.0 - 0.99_f64.powi(3);
    assert_constant_hazard("four people", &run(&text, 60_000).mean_account, hazard);
    let alone = text.replace("people = 4", "people = 1");
    assert_eq!(run(&alone, 2_000).mean_account.flags.value, 0.0);
}

#[test]
fn content_is_a_trial_for_each_post() {
    // With Poisson(λ) posts a day, each flagged with probability p, a day brings a flag with probability 1 - exp(-λp). At
    // event resolution each flagged post is a flag of its own.
    let text = format!(
        "{WARN}traits = {{ copyright = {{}} }}\n[[trait]]\nname = \"copyright\"\n\
         per_action = {{ actions = [\"post\"], probability = 0.03 }}\n\
         [demand.post]\npoisson = {{ mean = 1.5 }}\nweekdays = {FULL_TIME}\n"
    );
    let hazard = 1.0 - (-0.045_f64).exp();
    assert_constant_hazard("by the day", &run(&text, 40_000).mean_account, hazard);
    let by_event = run(&format!("resolution = \"event\"\n{text}"), 40_000).mean_account;
    assert_near("by event", by_event.flagged, 1.0 - (-0.045 * f64::from(DAYS)).exp());
    assert_near("flags by event", by_event.flags, 0.045 * f64::from(DAYS));
}

#[test]
fn hazards_leave_what_else_happens_alone() {
    let plain = "[demand.message]\npoisson = { mean = 12 }\n\
                 [[rule]]\nname = \"messages\"\nactions = [\"message\"]\n\
                 windows = [{ calendar = \"day\", limit = 14 }]\n\
                 detection = { per = \"day\", probability = 0.1 }\n";
    let ladder = "ladder = { rungs = [{ restriction = { fixed = 3 } }] }\n";
    let idle = "[[trait]]\nname = \"harmless\"\nper_day = 0\n";
    let before = run(&format!("{ladder}{plain}"), 3_000).mean_account;
    let with = run(&format!("{ladder}traits = {{ harmless = {{}} }}\n{plain}{idle}"), 3_000).mean_account;
    assert_eq!((before.flagged, before.days_disconnected), (with.flagged, with.days_disconnected));
    assert_eq!(before.actions, with.actions);
}

#[test]
fn scrutiny_multiplies_detection_and_stops_at_certainty() {
    // Ten messages every day against a limit of nine, or none at all: each day is a breach.
    let text = |scrutiny: f64, limit: u32| {
        format!(
            "{WARN}traits = {{ third_party_tool = {{}} }}\n[[trait]]\nname = \"third_party_tool\"\n\
             scrutiny = {scrutiny}\n[demand.message]\nquota = {{ per_day = 10 }}\nweekdays = {FULL_TIME}\n\
             [[rule]]\nname = \"messages\"\nactions = [\"message\"]\n\
             windows = [{{ calendar = \"day\", limit = {limit} }}]\n\
             detection = {{ per = \"day\", probability = 0.02 }}\n"
        )
    };
    for (scrutiny, limit, hazard) in [(1.0, 9, 0.02), (2.5, 9, 0.05), (0.5, 9, 0.01), (2.5, 0, 0.05)] {
        assert_constant_hazard("scrutiny", &run(&text(scrutiny, limit), 40_000).mean_account, hazard);
    }
    assert_eq!(run(&text(1_000.0, 9), 100).mean_account.flags.value, f64::from(DAYS));
}

#[test]
fn remembered_flags_enter_the_ladder_higher_until_they_are_forgotten() {
    // Every day flags. Without a past the rungs are warning, warning, permanent; two flags from before skip the warnings.
    let text = |earlier: u32, memory: &str| {
        format!(
            "ladder = {{ rungs = [\"warning\", \"warning\", \"permanent\"]{memory} }}\n\
             traits = {{ history = {{}}, sure = {{}} }}\n\
             [[trait]]\nname = \"history\"\nearlier_flags = {earlier}\n\
             [[trait]]\nname = \"sure\"\nper_day = 1\n"
        )
    };
    let lost_on = |text: &str| {
        let account = run(text, 5).mean_account;
        account.restricted_permanently_by_day.iter().position(|share| share.value == 1.0)
    };
    assert_eq!(lost_on(&text(1, "")), Some(1));
    assert_eq!(lost_on(&text(2, "")), Some(0));
    assert_eq!(lost_on(&text(0, "")), Some(2));
    // A flag at the end of day 0 stands at 24 h; a memory of one day has forgotten the past by then.
    assert_eq!(lost_on(&text(2, ", memory_days = 1")), None);
}

#[test]
fn a_trait_may_name_the_rung_that_it_enters() {
    let text = "ladder = { rungs = [\"warning\", \"permanent\"] }\ntraits = { illegal = {} }\n\
                [[trait]]\nname = \"illegal\"\nper_day = 0.01\nconsequence = { rung = 2 }\n";
    let account = run(text, 40_000).mean_account;
    assert_near("permanent at once", account.restricted_permanently, 1.0 - 0.99_f64.powi(DAYS as i32));
}

#[test]
fn an_invalidated_token_disconnects_without_a_flag() {
    // Down with probability h at the end of a connected day, for two days: a Markov chain over days.
    let text = "traits = { innocent = {} }\n[reconnect]\nincident = { fixed = 2 }\n\
                [[trait]]\nname = \"innocent\"\nper_day = 0.05\nconsequence = \"disconnect\"\n";
    let text = format!("{text}\n[ladder]\nrungs = [\"permanent\"]\n");
    let account = run(&text, 30_000).mean_account;
    assert_eq!((account.flags.value, account.restricted.value), (0.0, 0.0));
    let cause = account.first_disconnection.iter().find(|cause| cause.cause == "innocent");
    let by_end = cause.and_then(|cause| cause.by_day.last()).copied();
    assert_near("first cause", by_end.expect("it is a cause"), 1.0 - 0.95_f64.powi(DAYS as i32));
    let (mut first_day, mut second_day, mut lost) = (0.0, 0.0, 0.0);
    for _ in 0..DAYS {
        lost += first_day + second_day;
        let connected = 1.0 - first_day - second_day;
        (first_day, second_day) = (connected * 0.05, first_day);
    }
    assert_near("days lost", account.days_disconnected, lost);
}

/// Two groups of one account each: `first` is lost for good with probability p a day, and `second` sees a hazard h once
/// it is.
fn contagion(resolution: &str, p: f64, h: f64) -> String {
    format!(
        "resolution = \"{resolution}\"\nladder = {{ rungs = [\"permanent\"] }}\n\
         [[trait]]\nname = \"illegal\"\nper_day = {p}\n\
         [[group]]\nname = \"first\"\ntraits = {{ illegal = {{}} }}\n\
         [[group]]\nname = \"second\"\n\
         [[link]]\nname = \"office\"\nper_day = {h}\n"
    )
}

#[test]
fn a_restricted_account_endangers_those_it_is_linked_to() {
    // Exact by recursion over days: flags at the end of day d show at the start of d + 1.
    let (p, h) = (0.03, 0.1);
    let (mut healthy, mut both) = (1.0, 0.0);
    let mut first_lost = 0.0;
    for _ in 0..DAYS {
        both += first_lost * h;
        first_lost = first_lost * (1.0 - h) + healthy * p;
        healthy *= 1.0 - p;
    }
    for resolution in ["day", "event"] {
        let results = run(&contagion(resolution, p, h), 40_000);
        let second = &results.groups[1].account;
        assert_near(resolution, second.restricted_permanently, both);
        assert_near(
            "by the link",
            second.hazards.iter().find(|hazard| hazard.name == "office").expect("it is listed").flags,
            both,
        );
        let hit = |k: usize| results.team.accounts_restricted_distribution[k];
        assert_near("both", hit(2), both);
        assert_near("none", hit(0), (1.0 - p).powi(DAYS as i32));
    }
}

#[test]
fn each_restricted_account_adds_its_hazard() {
    // Three accounts lost on day 0 for certain, two linked onlookers: 3 h a day for each, until one of them falls too.
    let text = "ladder = { rungs = [\"permanent\"] }\n[[trait]]\nname = \"sure\"\nper_day = 1\n\
                [[group]]\nname = \"lost\"\ncount = 3\ntraits = { sure = {} }\n\
                [[group]]\nname = \"onlooker\"\ncount = 1\n\
                [[link]]\nname = \"office\"\nper_day = 0.02\n";
    let onlooker = run(text, 40_000).groups[1].account.clone();
    assert_near("three of them", onlooker.flagged, 1.0 - (1.0_f64 - 0.06).powi(DAYS as i32 - 1));
    assert_eq!(onlooker.flagged_by_day[0].value, 0.0, "restricted at the end of day 0, seen from day 1 on");
}

/// What happened, without the lists by cause, which a link makes longer.
fn stripped(outcome: &Outcome) -> Vec<impl PartialEq + std::fmt::Debug> {
    let account = |account: &pacewise::model::AccountOutcome| {
        (
            (
                account.first_flag,
                account.first_disconnection,
                account.flag_times.clone(),
                account.aways.clone(),
            ),
            (account.demanded.clone(), account.delivered.clone(), account.lost.clone()),
            (account.waiting.clone(), account.wait.clone(), account.deferred.clone()),
            (account.disconnected, account.restricted),
        )
    };
    outcome.accounts.iter().map(account).collect()
}

#[test]
fn a_linked_team_without_hazard_lives_as_if_it_were_not_linked() {
    for path in ["linkedin_outreach", "workloads/w1", "new_account_warm_up", "workloads/w2"] {
        let file = format!("{}/scenarios/{path}.toml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(file).expect("it is shipped");
        let parse = |text: &str| Scenario::parse(text, "test").scenario.expect("it is valid");
        let plain = parse(&text);
        let linked = parse(&format!("{text}\n[[link]]\nname = \"office\"\nper_day = 0\n"));
        let (plain, linked) = (Model::compile(&plain), Model::compile(&linked));
        let (mut alone, mut together) = (plain.simulator(), linked.simulator());
        for replicate in 0..if path.ends_with("w1") { 200 } else { 8 } {
            let (alone, together) = (alone.replicate(3, replicate), together.replicate(3, replicate));
            assert_eq!(stripped(alone), stripped(together), "{path}, replicate {replicate}");
        }
    }
}

#[test]
fn groups_on_several_platforms_follow_their_own_rules() {
    let text = format!(
        "[platforms.strict]\nladder = {{ rungs = [\"permanent\"] }}\n\
         [[platforms.strict.rule]]\nname = \"messages\"\nactions = [\"message\"]\n\
         windows = [{{ calendar = \"day\", limit = 0 }}]\ndetection = {{ per = \"day\", probability = 0.05 }}\n\
         [[platforms.strict.incident]]\ncause = \"revoked\"\nper_day = 0.02\n\
         [platforms.lenient]\nladder = {{ rungs = [\"warning\"] }}\n\
         [[platforms.lenient.rule]]\nname = \"messages\"\nactions = [\"message\"]\n\
         windows = [{{ calendar = \"day\", limit = 0 }}]\ndetection = {{ per = \"day\", probability = 0.01 }}\n\
         [[platforms.lenient.incident]]\ncause = \"password\"\nper_day = 0.03\n\
         [demand.message]\nquota = {{ per_day = 1 }}\nweekdays = {FULL_TIME}\n\
         [[group]]\nname = \"a\"\nplatform = \"strict\"\n[[group]]\nname = \"b\"\nplatform = \"lenient\"\n"
    );
    let scenario = scenario(&text);
    assert_eq!(scenario.effective_resolution(), Resolution::Day);
    assert_eq!(scenario.causes(), ["restriction", "password", "revoked", "token_expired", "token_idle"]);
    let results = simulate_fast(&scenario, 40_000, 5);
    let (a, b) = (&results.groups[0].account, &results.groups[1].account);
    let by_end = |account: &AccountResults, cause: &str| {
        let found = account.first_disconnection.iter().find(|row| row.cause == cause).expect("it is a cause");
        *found.by_day.last().expect("there are days")
    };
    // Competing causes of a day: the rule first, then the incident.
    let (flag, revoked) = (0.05, 0.95 * 0.02);
    let ever = 1.0 - (1.0_f64 - flag - revoked).powi(DAYS as i32);
    assert_near("a, restriction first", by_end(a, "restriction"), ever * flag / (flag + revoked));
    assert_near("a, revoked first", by_end(a, "revoked"), ever * revoked / (flag + revoked));
    assert_eq!(by_end(a, "password").value, 0.0);
    assert_near("b, password", by_end(b, "password"), 1.0 - 0.97_f64.powi(DAYS as i32));
    let names: Vec<&str> = a.rules.iter().map(|rule| rule.rule.as_str()).collect();
    assert_eq!(names, ["strict: messages"]);
    assert_eq!(results.mean_account.rules.len(), 2);
}
