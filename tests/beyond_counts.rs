//! Rules beyond counts: what is refused, and for how long.

mod fast;

use pacewise::model::Model;
use pacewise::results::{AccountResults, Results};
use pacewise::scenario::{Resolution, Scenario};
use pacewise::stats::Estimate;

use fast::simulate_fast;

const SEED: u64 = 20_260_105;

fn scenario(text: &str) -> Scenario {
    let parsed = Scenario::parse(text, "test");
    parsed.scenario.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics))
}

fn simulate(text: &str, n: u64) -> Results {
    simulate_fast(&scenario(text), n, SEED)
}

/// The estimate is within four standard errors of the answer, and sharp enough to tell.
fn assert_near(what: &str, estimate: &Estimate, answer: f64) {
    let z = (estimate.value - answer) / estimate.standard_error;
    assert!(z.abs() <= 4.0, "{what}: {} ± {}, not {answer}", estimate.value, estimate.standard_error);
    assert!(estimate.standard_error < 0.05 * answer, "{what}: ± {}", estimate.standard_error);
}

fn refused<'r>(account: &'r AccountResults, cause: &str) -> &'r Estimate {
    let row = account.refusals.iter().find(|row| row.cause == cause);
    &row.unwrap_or_else(|| panic!("{cause} refuses nothing: {:?}", account.refusals)).refused
}

/// Probabilities of 0, 1, 2, … of a Poisson law, as far as they matter.
fn poisson(mean: f64) -> Vec<f64> {
    let mut next = (-mean).exp();
    let law = (1..200).map(|count| {
        let probability = next;
        next *= mean / f64::from(count);
        probability
    });
    law.collect()
}

/// The mean excess of a Poisson count over a limit, and the probability of any.
fn excess(mean: f64, limit: usize) -> (f64, f64) {
    let law = poisson(mean);
    let over = || law.iter().enumerate().skip(limit + 1);
    (over().map(|(count, p)| (count - limit) as f64 * p).sum(), over().map(|(_, p)| p).sum())
}

/// Demanded = delivered + lost + waiting, for every replicate.
fn assert_conserved(text: &str, replicates: u64) {
    let scenario = scenario(text);
    let model = Model::compile(&scenario);
    let mut simulator = model.simulator();
    for replicate in 0..replicates {
        for account in &simulator.replicate(SEED, replicate).accounts {
            for action in 0..account.demanded.len() {
                let sum = account.delivered[action] + account.lost[action] + account.waiting[action];
                assert_eq!(account.demanded[action], sum, "replicate {replicate}, action {action}");
            }
        }
    }
}

const EVERY_DAY: &str = "weekdays = { sat = 1, sun = 1 }\n";

fn daily(days: u32, resolution: &str, mean: f64, rules: &str) -> String {
    format!(
        "start = 2026-01-05\nhorizon_days = {days}\nresolution = \"{resolution}\"\n[calendar]\nhours = \"00:00-24:00\"\n\
         workdays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"]\n\
         [demand.message]\npoisson = {{ mean = {mean} }}\n{EVERY_DAY}{rules}"
    )
}

#[test]
fn a_rule_that_refuses_delivers_what_fits_and_no_more() {
    let rule = "[[rule]]\nname = \"r\"\nactions = [\"message\"]\nwindows = [{ calendar = \"day\", limit = 6 }]\n\
                consequence = \"refuse\"\n";
    let (over, _) = excess(5.0, 6);
    for resolution in ["day", "event"] {
        let text = daily(20, resolution, 5.0, rule);
        let results = simulate(&text, 4_000);
        let account = &results.mean_account;
        assert_near(resolution, refused(account, "r"), 20.0 * over);
        assert_near(resolution, &account.actions[0].lost, 20.0 * over);
        assert_near(resolution, &account.actions[0].delivered, 20.0 * (5.0 - over));
        assert_eq!(account.utilisation[0].max, 6, "{resolution}");
        assert_eq!((account.flags.value, account.days_disconnected.value), (0.0, 0.0));
        assert_conserved(&text, 50);
    }
}

#[test]
fn a_refusal_that_lasts_refuses_everything_for_so_many_days() {
    let rule = "[[rule]]\nname = \"r\"\nactions = [\"message\"]\nwindows = [{ calendar = \"day\", limit = 6 }]\n\
                consequence = \"refuse\"\nrefuse_for = \"3d\"\n";
    let (over, any) = excess(5.0, 6);
    let (mut open, mut answer): (Vec<f64>, f64) = (Vec::new(), 0.0);
    for day in 0..30_usize {
        let closed: f64 = (1..=3).filter(|&ago| ago <= day).map(|ago| open[day - ago] * any).sum();
        open.push(1.0 - closed);
        answer += (1.0 - closed) * over + closed * 5.0;
    }
    let results = simulate(&daily(30, "day", 5.0, rule), 4_000);
    assert_near("refused", refused(&results.mean_account, "r"), answer);
    assert_near("lost", &results.mean_account.actions[0].lost, answer);
}

#[test]
fn a_restricted_feature_leaves_the_account_connected_and_other_actions_alone() {
    let rule = "[demand.post]\npoisson = { mean = 2 }\nweekdays = { sat = 1, sun = 1 }\n\
                [[rule]]\nname = \"r\"\nactions = [\"message\"]\nwindows = [{ calendar = \"day\", limit = 6 }]\n\
                detection = { per = \"day\", probability = 0.5 }\n\
                consequence = { restrict_feature = { actions = [\"message\"], days = { fixed = 4 } } }\n";
    let (_, any) = excess(5.0, 6);
    let (mut open, mut answer): (Vec<f64>, f64) = (Vec::new(), 0.0);
    for day in 0..30_usize {
        let closed: f64 = (1..=4).filter(|&ago| ago <= day).map(|ago| open[day - ago] * any * 0.5).sum();
        open.push(1.0 - closed);
        answer += closed * 5.0;
    }
    for resolution in ["day", "event"] {
        let text = daily(30, resolution, 5.0, rule);
        let results = simulate(&text, 4_000);
        let account = &results.mean_account;
        assert_near(resolution, refused(account, "r"), answer);
        assert_near(resolution, &account.actions[0].lost, answer);
        assert_eq!(account.actions[1].lost.value, 0.0, "posts go on");
        assert_eq!((account.flags.value, account.days_disconnected.value), (0.0, 0.0));
        assert!(account.rules[0].breaches.value > 1.0);
        assert_conserved(&text, 50);
    }
}

#[test]
fn what_is_refused_waits_where_the_pacing_defers() {
    let rules = "[pacing.message]\nper_day = 30\noverflow = \"defer\"\n\
                 [[rule]]\nname = \"r\"\nactions = [\"message\"]\nwindows = [{ WINDOW, limit = 30 }]\n\
                 consequence = \"refuse\"\n";
    for (resolution, window) in
        [("day", "trailing_days = 7"), ("event", "trailing_days = 7"), ("event", "sliding = \"7d\"")]
    {
        let text = daily(70, resolution, 5.0, &rules.replace("WINDOW", window));
        for text in [text.clone(), text.replace("per_day = 30", "per_day = 30\nspread = SPREAD")] {
            let text = text.replace("SPREAD", if resolution == "day" { "false" } else { "true" });
            let results = simulate(&text, 300);
            let (account, what) = (&results.mean_account, format!("{resolution}, {window}"));
            assert_eq!(account.actions[0].lost.value, 0.0, "{what}");
            assert_eq!(account.utilisation[0].max, 30, "{what}");
            // The limit binds nearly always: ten times 30 in ten weeks are let through.
            assert!((285.0..=300.0).contains(&account.actions[0].delivered.value), "{what}");
            assert!(refused(account, "r").value > 5.0, "{what}");
            assert_conserved(&text, 20);
        }
    }
}

#[test]
fn what_waits_is_refused_too_as_long_as_something_refuses_it() {
    // Five a day, three let through. The backlog goes first, at midnight: two of day 0 are refused, four of day 1, and from
    // then on all five.
    let rules = "[pacing.message]\noverflow = \"defer\"\n\
                 [[rule]]\nname = \"r\"\nactions = [\"message\"]\nwindows = [{ calendar = \"day\", limit = 3 }]\n\
                 consequence = \"refuse\"\n";
    for resolution in ["day", "event"] {
        let text = daily(10, resolution, 5.0, rules);
        let text = text.replace("poisson = { mean = 5 }", "quota = { per_day = 5 }");
        let account = simulate(&text, 20).mean_account;
        assert_eq!(refused(&account, "r").value, 2.0 + 4.0 + 8.0 * 5.0, "{resolution}");
        assert_eq!(account.actions[0].waiting.value, 20.0, "{resolution}");
    }
}

#[test]
fn a_refusal_by_the_clock_lasts_to_the_same_time_of_day() {
    // Each day ten messages, at 01:12, 03:36, 06:00, 08:24 and so on. The fourth of day 0 is refused, and all until 08:24 of
    // day 2, which is let through with two more; the one of 15:36 is refused; day 4 begins at 15:36, day 6 at 22:48, and
    // goes on into day 7.
    let rules = "[pacing.message]\nper_day = 10\nspread = true\n\
                 [[rule]]\nname = \"r\"\nactions = [\"message\"]\nwindows = [{ calendar = \"day\", limit = 3 }]\n\
                 consequence = \"refuse\"\nrefuse_for = \"48h\"\n";
    let text = daily(8, "event", 5.0, rules).replace("poisson = { mean = 5 }", "quota = { per_day = 10 }");
    let results = simulate(&text, 3);
    let days: Vec<u32> = results.series.activity[0].median.clone();
    assert_eq!(days, [3, 0, 3, 0, 3, 0, 1, 3]);
    assert_eq!(refused(&results.mean_account, "r").value, 80.0 - 13.0);
}

#[test]
fn a_scenario_without_such_rules_reports_no_refusals() {
    let rule = "[[rule]]\nname = \"r\"\nactions = [\"message\"]\nwindows = [{ calendar = \"day\", limit = 6 }]\n\
                detection = { per = \"day\", probability = 0.5 }\n";
    let results = simulate(&daily(5, "day", 5.0, rule), 3);
    assert!(results.mean_account.refusals.is_empty());
    let model = Model::compile_at(&scenario(&daily(5, "day", 5.0, rule)), Resolution::Event);
    assert!(model.simulator().replicate(1, 0).accounts[0].refused.is_empty());
}

/// The mean number of a law's values that are greater than a limit, as a probability.
fn above(law: &[f64], limit: usize) -> f64 {
    law.iter().skip(limit + 1).sum()
}

/// The probability that a binomial share is below a bound.
fn share_below(n: usize, p: f64, bound: f64) -> f64 {
    let mut next = (1.0 - p).powi(n as i32);
    let mut sum = 0.0;
    for k in 0..=n {
        if (k as f64) / (n as f64) < bound {
            sum += next;
        }
        next *= (n - k) as f64 / (k + 1) as f64 * p / (1.0 - p);
    }
    sum
}

const RESPONSE: &str = "[[response]]\naction = \"message\"\naccepted = 0.3\ndeclined = 0.1\nreported = 0.05\n\
                        delay = { geometric = { mean = 4 } }\nwithdraw_after_days = 9\n";

/// By age of an action in days: the share that is answered if nothing is withdrawn, and the share that is pending.
fn fates(age: usize) -> (f64, f64) {
    let answered = |age: usize| 0.45 * (1.0 - 0.75_f64.powi(age as i32));
    (answered(age.min(9)), if age < 9 { 1.0 - answered(age) } else { 0.0 })
}

#[test]
fn what_is_sent_is_answered_withdrawn_or_pending_as_stated() {
    let days = 40_usize;
    let (answered, pending): (Vec<f64>, Vec<f64>) = (0..days).map(fates).unzip();
    let (answered, pending) = (5.0 * answered.iter().sum::<f64>(), 5.0 * pending.iter().sum::<f64>());
    for resolution in ["day", "event"] {
        let results = simulate(&daily(days as u32, resolution, 5.0, RESPONSE), 3_000);
        let answer = &results.mean_account.answers[0];
        assert_near("accepted", &answer.accepted, answered * 0.3 / 0.45);
        assert_near("declined", &answer.declined, answered * 0.1 / 0.45);
        assert_near("reported", &answer.reported, answered * 0.05 / 0.45);
        assert_near("pending", &answer.pending, pending);
        assert_near("withdrawn", &answer.withdrawn, 5.0 * days as f64 - answered - pending);
    }
}

#[test]
fn a_stock_is_over_its_limit_as_often_as_a_poisson_number_of_its_mean() {
    // Arrivals that are Poisson and live independently of one another make a Poisson number on each day.
    let stock = "[[stock]]\nname = \"backlog\"\naction = \"message\"\nof = \"pending\"\nlimit = 34\nprobability = 0\n\
                 [ladder]\nrungs = [\"warning\"]\n";
    let mut mean = 7.0;
    let mut breaches = 0.0;
    for day in 0..40 {
        mean += 5.0 * fates(day).1 - if day == 8 { 7.0 } else { 0.0 };
        // The seven of the start are no Poisson number: they shift it.
        let fixed = if day < 8 { 7 } else { 0 };
        breaches += above(&poisson(mean - f64::from(fixed)), 34 - fixed as usize);
    }
    for resolution in ["day", "event"] {
        let response = format!("{RESPONSE}pending_at_start = 7\n{stock}");
        let results = simulate(&daily(40, resolution, 5.0, &response), 4_000);
        let rule = &results.mean_account.rules[0];
        assert_eq!(rule.rule, "backlog");
        assert_near(resolution, &rule.breaches, breaches);
        assert_eq!(rule.flags.value, 0.0);
    }
}

#[test]
fn a_ratio_is_judged_on_its_own_days_from_enough_sent_on() {
    let answers = "[[response]]\naction = \"message\"\naccepted = 0.3\ndeclined = 0.2\ndelay = { fixed = 0 }\n\
                   [[ratio]]\nname = \"of_sent\"\naction = \"message\"\ntrailing_days = 3\nat_least = 12\nbelow = 0.2\n\
                   probability = 0\n[[ratio]]\nname = \"of_answered\"\naction = \"message\"\nto = \"answered\"\n\
                   trailing_days = 4\nbelow = 0.5\nprobability = 0\n[ladder]\nrungs = [\"warning\"]\n";
    let expected = |length: usize, kept: f64, p: f64, bound: f64, at_least: usize| -> f64 {
        let of_day = |day: usize| -> f64 {
            let law = poisson(5.0 * kept * (day + 1).min(length) as f64);
            law.iter().enumerate().skip(at_least).map(|(n, q)| q * share_below(n, p, bound)).sum()
        };
        (0..25).map(of_day).sum()
    };
    for resolution in ["day", "event"] {
        let results = simulate(&daily(25, resolution, 5.0, answers), 4_000);
        let rules = &results.mean_account.rules;
        assert_near(resolution, &rules[0].breaches, expected(3, 1.0, 0.3, 0.2, 12));
        assert_near(resolution, &rules[1].breaches, expected(4, 0.5, 0.6, 0.5, 1));
    }
}

#[test]
fn a_full_stock_refuses_until_something_is_withdrawn() {
    // Ten a day, at most 25 pending, withdrawn at the end of the third day after: 10, 10, 5, none, and again.
    let rules = "[[response]]\naction = \"message\"\naccepted = 0\ndelay = { fixed = 1 }\nwithdraw_after_days = 3\n\
                 [[stock]]\nname = \"backlog\"\naction = \"message\"\nof = \"pending\"\nlimit = 25\n\
                 consequence = \"refuse\"\n";
    for resolution in ["day", "event"] {
        let text =
            daily(8, resolution, 5.0, rules).replace("poisson = { mean = 5 }", "quota = { per_day = 10 }");
        let results = simulate(&text, 3);
        assert_eq!(results.series.activity[0].median, [10, 10, 5, 0, 10, 10, 5, 0], "{resolution}");
        assert_eq!(refused(&results.mean_account, "backlog").value, 30.0);
        assert_conserved(&text, 3);
    }
}

#[test]
fn a_full_network_takes_nobody_in_and_reports_have_consequences() {
    let rules = "[[response]]\naction = \"message\"\naccepted = 1\ndelay = { fixed = 1 }\naccepted_at_start = 80\n\
                 [[stock]]\nname = \"network\"\naction = \"message\"\nof = \"accepted\"\nlimit = 100\n\
                 consequence = \"refuse\"\n";
    let text = daily(9, "day", 5.0, rules).replace("poisson = { mean = 5 }", "quota = { per_day = 10 }");
    // 80 at the start, 90 at the end of day 1, 100 at the end of day 2; what is under way still comes.
    assert_eq!(simulate(&text, 3).series.activity[0].median, [10, 10, 10, 0, 0, 0, 0, 0, 0]);
    let reports =
        text.replace("accepted = 1", "accepted = 0\nreported = 1").replace("\"accepted\"", "\"reported\"");
    let reports = reports.replace("limit = 100", "limit = 15\nprobability = 1").replace(
        "consequence = \"refuse\"",
        "consequence = { restrict_feature = { actions = [\"message\"], days = { fixed = 3 } } }",
    );
    for text in [reports.clone(), reports.replace("resolution = \"day\"", "resolution = \"event\"")] {
        let results = simulate(&text, 3);
        // 10 reports come on day 1, 20 are there at the end of day 2; from then on each day restricts anew.
        assert_eq!(results.series.activity[0].median, [10, 10, 10, 0, 0, 0, 0, 0, 0]);
        assert_eq!(results.mean_account.rules[0].breaches.value, 7.0);
        assert_eq!(results.mean_account.days_disconnected.value, 0.0);
    }
}

#[test]
fn a_surge_is_a_count_above_the_accounts_own_usual() {
    let surge = "[[surge]]\nname = \"surge\"\nactions = [\"message\"]\ntrailing_days = 2\nbaseline_days = 5\nfactor = 1.5\n\
                 minimum = 4.5\nprobability = 0\n[ladder]\nrungs = [\"warning\"]\n";
    let before = poisson(25.0);
    let now = poisson(10.0);
    let of_baseline = |(sum, p): (usize, &f64)| {
        let most = 1.5 * 2.0 * (sum as f64 / 5.0).max(4.5);
        p * now.iter().enumerate().filter(|(count, _)| *count as f64 > most).map(|(_, q)| q).sum::<f64>()
    };
    let of_day: f64 = before.iter().enumerate().map(of_baseline).sum();
    for resolution in ["day", "event"] {
        // The first window with a whole baseline ends with day 6.
        let results = simulate(&daily(30, resolution, 5.0, surge), 4_000);
        assert_near(resolution, &results.mean_account.rules[0].breaches, 24.0 * of_day);
        let results = simulate(&daily(6, resolution, 5.0, surge), 200);
        assert_eq!(results.mean_account.rules[0].breaches.value, 0.0);
    }
}

#[test]
fn a_surge_has_the_consequence_it_names_on_the_day_after() {
    // Five a day for ten days, then 11 on one day (a phase), which is more than twice five.
    let surge = "[[phase]]\nname = \"jump\"\nfrom_day = 10\ndays = 1\nfactor = FACTOR\n\
                 [[surge]]\nname = \"surge\"\nactions = [\"message\", \"post\"]\nbaseline_days = 10\nfactor = 2\n\
                 probability = 1\nconsequence = \"disconnect\"\n";
    let flat = daily(14, "day", 5.0, surge).replace("poisson = { mean = 5 }", "quota = { per_day = 5 }");
    let results = simulate(&flat.replace("FACTOR", "2.2"), 3);
    let cause = results.mean_account.disconnections.iter().find(|cause| cause.cause == "surge");
    assert_eq!(cause.expect("it is a cause").mean.value, 1.0);
    let from = results.series.activity[0].median.iter().position(|&sent| sent == 0);
    assert_eq!((from, results.mean_account.flags.value), (Some(11), 0.0));
    let results = simulate(&flat.replace("FACTOR", "2"), 3);
    assert_eq!(results.mean_account.disconnected.value, 0.0, "ten is not more than twice five");
}

/// The answers of a case of `tests/data/oracles.json`.
fn oracle(id: &str, name: &str) -> f64 {
    let file: serde_json::Value =
        serde_json::from_str(include_str!("data/oracles.json")).expect("the known answers are JSON");
    let cases = file["cases"].as_array().expect("a list of cases");
    let case = cases.iter().find(|case| case["id"] == id).expect("the case is there");
    case["answers"][name]["value"].as_f64().expect("a number")
}

#[test]
fn a_bucket_that_is_filled_at_ticks_denies_as_the_chain_of_its_tokens() {
    let bucket = "[[credit]]\nname = \"bucket\"\naction = \"message\"\ngrant = 5\nevery = \"day\"\nmost = 15\nat_start = 15\n";
    for (resolution, n) in [("day", 12_000), ("event", 4_000)] {
        let text = daily(168, resolution, 4.0, bucket);
        let results = simulate(&text, n);
        assert_near(resolution, refused(&results.mean_account, "bucket"), oracle("BKT-3s", "mean_denied"));
        let model = Model::compile(&scenario(&text));
        let mut simulator = model.simulator();
        let denied = |replicate: &u64| {
            simulator.replicate(SEED, *replicate).accounts[0].refused.iter().sum::<u64>() > 0
        };
        let share = (0..n).filter(denied).count() as f64 / n as f64;
        let answer = oracle("BKT-3s", "p_any_denial");
        let z = (share - answer) / (answer * (1.0 - answer) / n as f64).sqrt();
        assert!(z.abs() <= 4.0, "{resolution}: {share}, not {answer}");
    }
}

#[test]
fn a_monthly_grant_comes_on_the_first_and_is_kept_up_to_the_most() {
    // 5 January to 14 May: the chain of the credits left, month by month.
    let credit = "[[credit]]\nname = \"inmail\"\naction = \"message\"\ngrant = 8\nmost = 16\nat_start = 6\n";
    let mut law = vec![0.0; 17];
    law[6] = 1.0;
    let mut answer = 0.0;
    for days in [27.0, 28.0, 31.0, 30.0, 14.0] {
        let wanted = poisson(0.3 * days);
        let mut next = vec![0.0; 17];
        for (left, p) in law.iter().enumerate() {
            for (count, q) in wanted.iter().enumerate() {
                answer += p * q * count.saturating_sub(left) as f64;
                next[(left.saturating_sub(count) + 8).min(16)] += p * q;
            }
        }
        law = next;
    }
    for resolution in ["day", "event"] {
        let results = simulate(&daily(130, resolution, 0.3, credit), 5_000);
        assert_near(resolution, refused(&results.mean_account, "inmail"), answer);
        assert_near(resolution, &results.mean_account.actions[0].lost, answer);
    }
}

#[test]
fn a_credit_comes_back_with_its_probability_and_not_before_its_delay() {
    // One credit, never a new one, and somebody who always wants it: each use is followed by another with probability 0.6.
    let credit = "[[credit]]\nname = \"c\"\naction = \"message\"\ngrant = 0\nmost = 1\nat_start = 1\n\
                  refund = { probability = 0.6, delay = { fixed = 2 } }\n";
    for resolution in ["day", "event"] {
        let text =
            daily(21, resolution, 5.0, credit).replace("poisson = { mean = 5 }", "quota = { per_day = 5 }");
        let results = simulate(&text, 4_000);
        let answer = (1.0 - 0.6_f64.powi(11)) / 0.4;
        assert_near(resolution, &results.mean_account.actions[0].delivered, answer);
        let certain = text
            .replace("probability = 0.6", "probability = 1")
            .replace("most = 1\nat_start = 1", "most = 3\nat_start = 3");
        let results = simulate(&certain.replace("per_day = 5", "per_day = 2"), 3);
        assert_eq!(results.series.activity[0].median[..6], [2, 1, 2, 1, 2, 1], "{resolution}");
        assert_conserved(&certain, 3);
    }
}

#[test]
fn of_restrictions_that_end_alike_the_first_in_file_order_refuses() {
    let rule = |name: &str| {
        format!(
            "[[rule]]\nname = \"{name}\"\nactions = [\"message\"]\nwindows = [{{ calendar = \"day\", limit = 0 }}]\n\
             detection = {{ per = \"day\", probability = 1 }}\n\
             consequence = {{ restrict_feature = {{ actions = [\"message\"], days = {{ fixed = 3 }} }} }}\n"
        )
    };
    for resolution in ["day", "event"] {
        let account = simulate(&daily(40, resolution, 5.0, &(rule("a") + &rule("b"))), 20).mean_account;
        assert!(refused(&account, "a").value > 50.0, "{resolution}");
        assert_eq!(refused(&account, "b").value, 0.0, "{resolution}");
    }
}

#[test]
fn what_costs_credits_and_is_never_done_is_never_refused() {
    let credit = "[[credit]]\nname = \"inmail\"\naction = \"post\"\ngrant = 1\n";
    let results = simulate(&daily(10, "day", 3.0, credit), 20);
    assert_eq!(refused(&results.mean_account, "inmail").value, 0.0);
}

#[test]
fn one_action_may_feed_several_counters() {
    // Three invitations and four views a day: a rule on both counts seven, the one on views alone four.
    let rules = "[demand.profile_view]\nquota = { per_day = 4 }\nweekdays = { sat = 1, sun = 1 }\n\
                 [[rule]]\nname = \"invitations\"\nactions = [\"message\"]\nwindows = [{ calendar = \"day\", limit = 3 }]\n\
                 consequence = \"refuse\"\n\
                 [[rule]]\nname = \"views\"\nactions = [\"profile_view\", \"message\"]\n\
                 windows = [{ calendar = \"day\", limit = 6 }]\ndetection = { per = \"day\", probability = 0 }\n\
                 [[rule]]\nname = \"views_alone\"\nactions = [\"profile_view\"]\n\
                 windows = [{ calendar = \"day\", limit = 4 }]\ndetection = { per = \"day\", probability = 0 }\n\
                 [ladder]\nrungs = [\"warning\"]\n";
    for resolution in ["day", "event"] {
        let text =
            daily(10, resolution, 3.0, rules).replace("poisson = { mean = 3 }", "quota = { per_day = 3 }");
        let account = simulate(&text, 3).mean_account;
        let breaches: Vec<f64> = account.rules.iter().map(|rule| rule.breaches.value).collect();
        assert_eq!(breaches, [0.0, 10.0, 0.0], "{resolution}");
        let largest: Vec<u32> = account.utilisation.iter().map(|window| window.max).collect();
        assert_eq!(largest, [3, 7, 4], "{resolution}");
    }
}

#[test]
fn linked_accounts_traits_and_further_platforms_refuse_as_single_accounts_do() {
    let rule = "[[rule]]\nname = \"r\"\nactions = [\"message\"]\nwindows = [{ calendar = \"day\", limit = 6 }]\n\
                consequence = \"refuse\"\n";
    let (over, _) = excess(5.0, 6);
    // A link makes a team of the accounts, which then live day by day side by side.
    let linked = "[[link]]\nname = \"network\"\nper_day = 0.5\n[[group]]\nname = \"a\"\ncount = 3\n";
    for resolution in ["day", "event"] {
        let text = daily(20, resolution, 5.0, &format!("{rule}{linked}"));
        assert_near(resolution, refused(&simulate(&text, 2_000).mean_account, "r"), 20.0 * over);
        assert_conserved(&text, 20);
    }
    // Two platforms: each group is refused by its own rules only.
    let own = rule.replace("[[rule]]", "[[platforms.other.rule]]").replace("limit = 6", "limit = 4");
    let groups =
        "[[group]]\nname = \"here\"\n[[group]]\nname = \"there\"\nplatform = \"other\"\n[platforms.other]\n";
    let results = simulate(&daily(20, "day", 5.0, &format!("{rule}{groups}{own}")), 4_000);
    assert_near("here", refused(&results.groups[0].account, "platform: r"), 20.0 * over);
    assert_near("there", refused(&results.groups[1].account, "other: r"), 20.0 * excess(5.0, 4).0);
    assert_eq!(results.groups[1].account.refusals.len(), 1);
    // A trait that blocks messages for a day with probability 0.25 a day.
    let hazard = "[[trait]]\nname = \"odd\"\nper_day = 0.25\n\
                  consequence = { restrict_feature = { actions = [\"message\"], days = { fixed = 1 } } }\n[traits.odd]\n";
    for resolution in ["day", "event"] {
        let results = simulate(&daily(20, resolution, 5.0, hazard), 3_000);
        // The trial is made on blocked days too, and restricts anew: each day after the first is blocked with 0.25.
        assert_near(resolution, refused(&results.mean_account, "odd"), 19.0 * 0.25 * 5.0);
        assert_eq!(results.mean_account.flags.value, 0.0);
    }
}
