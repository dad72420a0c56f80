//! Pages and ad accounts against closed forms: they follow their account, lose their admin alone, and come back by a backup.

mod closed_form;
mod fast;

use closed_form::assert_near;
use fast::simulate_fast;
use pacewise::model::Model;
use pacewise::results::{PageCause, PageResults, Results};
use pacewise::scenario::Scenario;

const DAYS: u32 = 40;

fn scenario(text: &str) -> Scenario {
    let text = format!("start = 2026-01-05\nhorizon_days = {DAYS}\n{text}");
    let parsed = Scenario::parse(&text, "test");
    parsed.scenario.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics))
}

fn run(text: &str, replicates: u64) -> Results {
    simulate_fast(&scenario(text), replicates, 20_260_105)
}

fn first(page: &PageResults, cause: &str) -> f64 {
    page.causes.iter().find(|row| row.cause == cause).map_or(0.0, |row| row.first.value)
}

/// Two groups of one account each; `more` is about events and Pages.
fn two(more: &str) -> String {
    format!("[[group]]\nname = \"lead\"\n[[group]]\nname = \"deputy\"\n{more}\n")
}

fn page(more: &str) -> String {
    format!("[[page]]\nname = \"brand\"\nauthorised_by = {{ group = \"lead\" }}\n{more}\n")
}

/// An outage of some days from a day on.
fn outage(group: &str, day: u32, days: u32) -> String {
    let date = ["2026-01-", "2026-02-"][usize::from(day >= 27)];
    let of_month = if day >= 27 { day - 26 } else { day + 5 };
    format!(
        "[[event]]\ncause = \"planned\"\ndate = {date}{of_month:02}\ngroups = [\"{group}\"]\noutage = {{ fixed = {days} }}\n"
    )
}

#[test]
fn whatever_disconnects_a_profile_takes_its_pages_along() {
    // A ladder, a token that dies of age and of idleness, incidents: the Page's outages are the account's.
    for resolution in ["day", "event"] {
        let text = format!(
            "resolution = \"{resolution}\"\nladder = {{ rungs = [{{ restriction = {{ fixed = 3 }} }}, \"permanent\"] }}\n\
             traits = {{ alias = {{}} }}\n[token]\nlifetime_days = 30\nidle_days = 4\n\
             [demand.post]\npoisson = {{ mean = 0.7 }}\n[[trait]]\nname = \"alias\"\nper_day = 0.01\n\
             [[incident]]\ncause = \"access_revoked\"\nper_day = 0.01\n{}",
            page("posts_per_day = 2\ncomments_per_day = 0.5").replace("lead", "account")
        );
        let results = run(&text, 3_000);
        let (page, account) = (&results.pages[0], &results.mean_account);
        assert!(
            (page.days_without_data.value - account.days_disconnected.value).abs() < 1e-9,
            "{resolution}"
        );
        assert_eq!(page.disconnected, account.disconnected);
        for cause in &account.first_disconnection {
            let at_end = cause.by_day.last().expect("there are days").value;
            assert!(at_end > 0.0, "{}: nothing is tested", cause.cause);
            assert!((first(page, &cause.cause) - at_end).abs() < 1e-12, "{}", cause.cause);
        }
        // In both directions: what cannot be sent, and what nobody sees.
        assert!((page.lost_posts.value - 2.0 * page.days_without_data.value).abs() < 1e-9);
        assert!((page.lost_comments.value - 0.5 * page.days_without_data.value).abs() < 1e-9);
    }
}

#[test]
fn losing_the_designated_admin_takes_the_page_alone() {
    // Without data from the next day on for two days: a Markov chain over days.
    let text = two(&page("admin_lost_per_day = 0.04\nnew_admin = { fixed = 2 }"));
    let results = run(&text, 30_000);
    let page = &results.pages[0];
    assert_eq!(results.mean_account.disconnected.value, 0.0, "the profile stays connected");
    assert_near("at all", page.disconnected, 1.0 - 0.96_f64.powi(DAYS as i32));
    let (mut first_day, mut second_day, mut lost) = (0.0, 0.0, 0.0);
    for _ in 0..DAYS {
        lost += first_day + second_day;
        (first_day, second_day) = ((1.0 - first_day - second_day) * 0.04, first_day);
    }
    assert_near("days", page.days_without_data, lost);
    assert_eq!(page.causes.len(), 1);
    assert!((first(page, "designated_admin_lost") - page.disconnected.value).abs() < 1e-12);
    assert_eq!(run(&text.replace("0.04", "0"), 50).pages[0].disconnected.value, 0.0);
}

#[test]
fn admins_who_do_not_know_who_authorises_take_the_role_away_more_often() {
    let lost = |more: &str| {
        run(&two(&page(&format!("admin_lost_per_day = 0.01\n{more}"))), 20_000).pages[0].disconnected
    };
    let exact = |factor: f64| 1.0 - (1.0 - 0.01 * factor).powi(DAYS as i32);
    assert_near("they know", lost(""), exact(1.0));
    assert_near("nobody knows", lost("unknown_to_admins = true"), exact(2.0));
    assert_near("as stated", lost("unknown_to_admins = true\nignorance_factor = 5"), exact(5.0));
    assert_eq!(lost("unknown_to_admins = true\nignorance_factor = 1000").value, 1.0, "at most certain");
}

#[test]
fn a_backup_shortens_the_outage_to_its_days_unless_it_is_away_itself() {
    let days = |outages: &[String], backup: &str| {
        let page = run(&two(&(outages.concat() + &page(backup))), 3).pages[0].clone();
        (page.days_without_data.value, page.disconnections.value)
    };
    let lead = outage("lead", 10, 12);
    let backup = "backup = { group = \"deputy\", days = 3 }";
    assert_eq!(days(std::slice::from_ref(&lead), ""), (12.0, 1.0));
    assert_eq!(days(std::slice::from_ref(&lead), backup), (3.0, 1.0));
    assert_eq!(days(&[outage("lead", 10, 2)], backup), (2.0, 1.0), "back before the backup has taken over");
    // Days 10 to 21 of the lead's outage; from day 13 on the deputy carries the Page.
    let both = |from: u32, length: u32| days(&[lead.clone(), outage("deputy", from, length)], backup);
    assert_eq!(both(5, 30), (12.0, 1.0), "away all the time");
    assert_eq!(both(15, 2), (5.0, 2.0), "a second outage");
    assert_eq!(both(11, 4), (5.0, 1.0), "takes over late, on day 15");
    assert_eq!(both(13, 2), (5.0, 1.0), "away as soon as it should take over");
    assert_eq!(both(20, 9), (5.0, 2.0), "until the lead is back on day 22");
    assert_eq!(both(22, 9), (3.0, 1.0), "away when nobody needs it");
    assert_eq!(both(1, 9), (3.0, 1.0), "back when the lead goes");
    // The end of the horizon cuts.
    assert_eq!(days(&[outage("lead", 38, 12)], backup), (2.0, 1.0));
}

#[test]
fn a_backup_also_takes_over_when_the_page_alone_is_lost() {
    let text =
        |more: &str| two(&page(&format!("admin_lost_per_day = 1\nnew_admin = {{ fixed = 9 }}\n{more}")));
    // Lost at the end of days 0, 10, 20 and 30.
    assert_eq!(run(&text(""), 3).pages[0].days_without_data.value, 36.0);
    let covered = run(&text("backup = { group = \"deputy\", days = 2 }"), 3);
    assert_eq!(covered.pages[0].days_without_data.value, 8.0);
    assert_eq!(covered.pages[0].causes[0].mean_days.value, 2.0);
}

#[test]
fn an_admin_who_leaves_on_a_date_takes_the_pages_that_are_named_and_no_account() {
    let event = "[[event]]\ncause = \"admin_left\"\ndate = 2026-01-15\npages = [\"brand\"]\n";
    let other = "[[page]]\nname = \"other\"\nauthorised_by = { group = \"lead\" }\n";
    let results = run(&two(&format!("{event}{}{other}", page("new_admin = { fixed = 4 }"))), 3);
    assert_eq!(results.mean_account.disconnected.value, 0.0);
    assert!(
        results.mean_account.disconnections.iter().all(|row| row.cause != "admin_left"),
        "no cause of theirs"
    );
    assert_eq!(results.pages[0].days_without_data.value, 4.0);
    assert_eq!(first(&results.pages[0], "admin_left"), 1.0);
    assert_eq!(results.pages[1].disconnected.value, 0.0);
    // The event's own outage counts; an account that is away already has no role to lose.
    let own = event.replace("pages", "outage = { fixed = 7 }\npages");
    assert_eq!(run(&two(&(own.clone() + &page(""))), 3).pages[0].days_without_data.value, 7.0);
    let away = two(&(own + &outage("lead", 8, 5) + &page("")));
    assert_eq!(run(&away, 3).pages[0].days_without_data.value, 5.0);
}

#[test]
fn what_overlaps_counts_once_in_all_and_by_cause_each_outage_for_itself() {
    // The Page's admin leaves on day 10 for nine days; the profile is away on days 12 to 14 and 18 to 21.
    let event =
        "[[event]]\ncause = \"admin_left\"\ndate = 2026-01-15\npages = [\"brand\"]\noutage = { fixed = 9 }\n";
    let text = two(&(event.to_owned() + &outage("lead", 12, 3) + &outage("lead", 18, 4) + &page("")));
    let page = run(&text, 3).pages[0].clone();
    assert_eq!((page.days_without_data.value, page.disconnections.value), (12.0, 1.0));
    let causes = page
        .causes
        .iter()
        .map(|row| (row.cause.as_str(), row.first.value, row.disconnections.value, row.mean_days.value));
    assert_eq!(causes.collect::<Vec<_>>(), [("planned", 0.0, 2.0, 3.5), ("admin_left", 1.0, 1.0, 9.0)]);
}

#[test]
fn the_days_of_a_cause_are_those_of_its_law_however_often_another_one_is_running() {
    // The profile is struck with 0.05 at the end of a connected day and away for two days: a Markov chain over days.
    let (mut connected, mut first_day, mut second_day, mut times, mut days) = (1.0, 0.0, 0.0, 0.0, 0.0);
    for _ in 0..DAYS {
        days += first_day + second_day;
        times += connected * 0.05;
        (connected, first_day, second_day) = (connected * 0.95 + second_day, connected * 0.05, first_day);
    }
    let incident = "[[incident]]\ncause = \"access_revoked\"\nper_day = 0.05\nreconnect = { fixed = 2 }\n";
    let role = page("admin_lost_per_day = 0.2\nnew_admin = { fixed = 9 }");
    let results = run(&format!("{incident}{}", two(&role)), 20_000);
    let page = &results.pages[0];
    let [revoked, role_lost] = page.causes.as_slice() else { panic!("{:?}", page.causes) };
    assert_near("times", revoked.disconnections, times);
    assert_near("days each time", revoked.mean_days, days / times);
    assert!(role_lost.mean_days.value < 9.0 && role_lost.mean_days.high <= 9.0, "{role_lost:?}");
    // The role is gone most of the time, so that by cause there is more than in all.
    let by_cause = |row: &PageCause| row.disconnections.value * row.mean_days.value;
    assert!(by_cause(revoked) + by_cause(role_lost) > page.days_without_data.value + 1.0);
    assert!(page.days_without_data.value > by_cause(role_lost));
    assert!(revoked.disconnections.value + role_lost.disconnections.value > page.disconnections.value);
}

#[test]
fn pages_change_nothing_about_accounts_and_both_ways_to_simulate_agree_about_them() {
    for path in ["linkedin_outreach", "workloads/w1", "workloads/w2"] {
        let file = format!("{}/scenarios/{path}.toml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(file).expect("it is shipped");
        let parse = |text: &str| Scenario::parse(text, "test").scenario.expect("it is valid");
        let plain = parse(&text);
        let by = plain.groups[0].name.clone();
        let with = format!(
            "{text}\n[[page]]\nname = \"brand\"\nauthorised_by = {{ group = \"{by}\" }}\nadmin_lost_per_day = 0.01\n"
        );
        let (plain, with) = (Model::compile(&plain), Model::compile(&parse(&with)));
        let (mut alone, mut carrying) = (plain.simulator(), with.simulator());
        for replicate in 0..8 {
            let outcome = carrying.replicate(3, replicate).clone();
            assert!(alone.replicate(3, replicate).accounts == outcome.accounts, "{path}");
            assert!(outcome.pages[0].first.is_some() || outcome.pages[0].missing == 0);
            assert!(*carrying.replicate_in_full(3, replicate, |_, _| {}) == outcome, "{path}");
        }
    }
}

#[test]
fn the_blast_radius_names_what_an_account_takes_along_and_for_how_long() {
    // On day 10 the lead's access is revoked for eight days, of which the deputy covers all but two for one of two Pages.
    let incidents = "[[incident]]\ncause = \"access_revoked\"\nper_day = 0\nreconnect = { fixed = 8 }\n\
                     [[incident]]\ncause = \"password_changed\"\nper_day = 0\nrenewable = false\n\
                     [reconnect]\nincident = { fixed = 1 }\nnew_authorisation = { fixed = 5 }\n\
                     [token]\nidle_days = 60\n";
    let event = "[[event]]\ncause = \"access_revoked\"\ndate = 2026-01-15\ngroups = [\"lead\"]\n";
    let others = "[[page]]\nname = \"ads\"\nkind = \"ad_account\"\nauthorised_by = { group = \"lead\" }\n\
                  [[page]]\nname = \"side\"\nauthorised_by = { group = \"deputy\" }\nadmin_lost_per_day = 1\n";
    let brand = page("backup = { group = \"deputy\", days = 2 }");
    let results = run(&format!("{incidents}{}", two(&format!("{event}{brand}{others}"))), 3);
    let [lead, deputy] = results.blast_radius.as_slice() else { panic!("{:?}", results.blast_radius) };
    assert_eq!((lead.account.to_string(), &lead.pages[..]), ("lead 1".to_owned(), &["brand".to_owned()][..]));
    assert_eq!(
        (&lead.ad_accounts[..], &deputy.pages[..]),
        (&["ads".to_owned()][..], &["side".to_owned()][..])
    );
    let cause = |name: &str| lead.causes.iter().find(|row| row.cause == name).expect(name);
    let revoked = cause("access_revoked");
    assert_eq!((revoked.disconnections.value, revoked.stated.as_deref()), (1.0, Some("8 days")));
    let days = [&revoked.mean_days, &revoked.mean_days_without_data].map(|days| days.map(|days| days.value));
    assert_eq!(days, [Some(8.0), Some(5.0)]);
    // What was not seen is named too, with what is stated of it; what cannot strike is not.
    let unseen = cause("password_changed");
    assert_eq!((unseen.mean_days, unseen.stated.as_deref()), (None, Some("5 days")));
    let names: Vec<&str> = lead.causes.iter().map(|row| row.cause.as_str()).collect();
    assert_eq!(names, ["access_revoked", "password_changed", "token_idle"]);
    // What befalls a Page alone is no outage of its account.
    assert!(deputy.causes.iter().all(|row| row.mean_days_without_data.is_none()));
}

#[test]
fn an_outage_that_a_backup_covers_at_times_is_one_by_cause_and_its_days_are_added_up() {
    // The Page is lost on days 5 to 24, and covered but on day 5 and on the deputy's days off, 7, 11, 15, 19 and 23.
    let off: String = (3..40).step_by(4).map(|day| outage("deputy", day, 1)).collect();
    let brand = page("backup = { group = \"deputy\", days = 1 }");
    let by_account = run(&two(&format!("{}{off}{brand}", outage("lead", 5, 20))), 3);
    let event = "[[event]]\ncause = \"admin_left\"\ndate = 2026-01-10\npages = [\"brand\"]\noutage = { fixed = 20 }\n";
    let alone = run(&two(&format!("{event}{off}{brand}")), 3);
    for (results, cause) in [(&by_account, "planned"), (&alone, "admin_left")] {
        let page = &results.pages[0];
        assert_eq!((page.days_without_data.value, page.disconnections.value), (6.0, 6.0), "{cause}");
        let row = page.causes.iter().find(|row| row.cause == cause).expect("it was seen");
        assert_eq!((row.disconnections.value, row.mean_days.value), (1.0, 6.0), "{cause}");
    }
    let [planned] = by_account.blast_radius[0].causes.as_slice() else { panic!("one cause strikes") };
    assert_eq!(planned.disconnections.value, 1.0);
    let days = [&planned.mean_days, &planned.mean_days_without_data];
    assert_eq!(days.map(|days| days.map(|days| days.value)), [Some(20.0), Some(6.0)]);
}

#[test]
fn the_days_of_each_outage_have_the_interval_of_a_ratio() {
    // Connected or away day by day: struck with 0.05 at the end of a connected day, back after a geometric number of days.
    let (strike, back) = (0.05, 1.0 / 3.0);
    let (mut connected, mut away, mut times, mut days) = (1.0, 0.0, 0.0, 0.0);
    for _ in 0..DAYS {
        days += away;
        times += connected * strike;
        (connected, away) =
            (connected * (1.0 - strike) + away * back, away * (1.0 - back) + connected * strike);
    }
    let incident = "[[incident]]\ncause = \"access_revoked\"\nper_day = 0.05\nreconnect = { geometric = { mean = 3 } }\n";
    let other = "[[page]]\nname = \"other\"\nauthorised_by = { group = \"lead\" }\n";
    let results = run(&format!("{incident}{}", two(&(page("") + other))), 20_000);
    let of_page = &results.pages[0].causes[0];
    assert_near("of a Page", of_page.mean_days, days / times);
    let radius = &results.blast_radius[0].causes[0];
    let (of_account, without_data) =
        (radius.mean_days.expect("it was seen"), radius.mean_days_without_data.expect("it was seen"));
    assert_eq!(of_account, of_page.mean_days, "the Page is away with its account");
    // Two Pages are away together, so that they tell no more than one.
    assert_eq!(without_data.value, of_account.value);
    assert!((without_data.standard_error - of_account.standard_error).abs() < 1e-9, "{without_data:?}");
    let width = (of_account.high - of_account.low) / of_account.standard_error;
    assert!((width - 2.0 * 1.96).abs() < 0.01, "{of_account:?}");
}

#[test]
fn days_without_data_and_what_is_lost_in_them_end_at_the_horizon() {
    let incident = "[[incident]]\ncause = \"x\"\nper_day = 0.1\nreconnect = { fixed = 90 }\n";
    let text = format!("{incident}{}", two(&page("posts_per_day = 2\ncomments_per_day = 0.5")));
    let horizon = f64::from(DAYS);
    for replicates in [1, 2, 3] {
        let page = &run(&text, replicates).pages[0];
        assert!(page.days_without_data.value > 0.0, "nothing is tested");
        assert!(page.days_without_data.high <= horizon, "{:?}", page.days_without_data);
        assert!(page.lost_posts.high <= 2.0 * horizon, "{:?}", page.lost_posts);
        assert!(page.lost_comments.high <= 0.5 * horizon, "{:?}", page.lost_comments);
    }
}

/// What is stated of each cause that can strike the lead.
fn stated(text: &str) -> Vec<(String, Option<String>)> {
    let results = run(&(text.to_owned() + &two(&page(""))), 2);
    results.blast_radius[0].causes.iter().map(|row| (row.cause.clone(), row.stated.clone())).collect()
}

#[test]
fn a_displaced_token_is_away_for_the_days_of_an_expired_one_seen_or_not() {
    let expected = |days: &str| [("token_displaced".to_owned(), Some(days.to_owned()))];
    for per_day in ["3", "0.0000001"] {
        let text = |renewable: bool| {
            format!(
                "[token]\nrenewable = {renewable}\nlive_tokens = 1\nnew_tokens_per_day = {per_day}\n\
                 [reconnect]\ntoken_expired = {{ fixed = 4 }}\nnew_authorisation = {{ fixed = 6 }}\n"
            )
        };
        assert_eq!(stated(&text(true)), expected("4 days"));
        assert_eq!(stated(&text(false)), expected("6 days"), "it cannot be renewed");
    }
}

#[test]
fn silence_is_no_cause_where_the_tool_collects_data() {
    let text = |collects: bool| format!("[token]\nidle_days = 7\ncollects_data = {collects}\n");
    assert_eq!(stated(&text(true)), []);
    assert_eq!(stated(&text(false)).len(), 1);
}

#[test]
fn a_restriction_is_listed_where_something_flags_and_the_ladder_restricts_and_nowhere_else() {
    let listed = |text: &str| stated(text).iter().any(|(cause, _)| cause == "restriction");
    let ladder = |rungs: &str| format!("[ladder]\nrungs = [{rungs}]\n");
    let (restricts, warns) = (ladder("\"warning\", { restriction = { fixed = 3 } }"), ladder("\"warning\""));
    // So seldom that none is seen.
    let seen = |per_day: &str, consequence: &str| {
        format!(
            "traits = {{ seen = {{}} }}\n[[trait]]\nname = \"seen\"\nper_day = {per_day}\nconsequence = {consequence}\n"
        )
    };
    let rule = |probability: &str, action: &str| {
        format!(
            "[demand.message]\npoisson = {{ mean = 0.01 }}\n\
             [[rule]]\nname = \"rule\"\nactions = [\"{action}\"]\nwindows = [{{ calendar = \"day\", limit = 9 }}]\n\
             detection = {{ per = \"day\", probability = {probability} }}\n"
        )
    };
    let link =
        |groups: &str| format!("[[link]]\nname = \"office\"\ngroups = [{groups}]\nper_day = 0.00000001\n");
    let rare = "0.00000001";
    for (text, is_listed) in [
        (restricts.clone(), false),
        (seen(rare, "\"flag\""), false),
        (seen(rare, "\"flag\"") + &warns, false),
        (seen(rare, "\"flag\"") + &restricts, true),
        (seen("0", "\"flag\"") + &restricts, false),
        (seen(rare, "{ rung = 1 }") + &restricts, false),
        (seen(rare, "{ rung = 2 }") + &restricts, true),
        (seen(rare, "{ rung = 9 }") + &restricts, true),
        (seen(rare, "\"disconnect\"") + &restricts, false),
        (seen(rare, "\"flag\"").replace("traits = { seen = {} }\n", "") + &restricts, false),
        (rule("0.1", "message") + &restricts, true),
        (rule("0", "message") + &restricts, false),
        (rule("0.1", "post") + &restricts, false),
        // Nobody is restricted first.
        (restricts.clone() + &link("\"lead\", \"deputy\""), false),
    ] {
        assert_eq!(listed(&text), is_listed, "{text}");
    }
    // The deputy's trait endangers the lead by their link, and not without it.
    let deputy = |more: &str| {
        let text = seen(rare, "\"flag\"").replace("traits = { seen = {} }\n", "");
        let group = "name = \"deputy\"\n";
        let text = text
            + &restricts
            + &two(&(page("") + more)).replace(group, &format!("{group}traits = {{ seen = {{}} }}\n"));
        run(&text, 2).blast_radius[0].causes.iter().any(|row| row.cause == "restriction")
    };
    assert_eq!(
        (deputy(&link("\"lead\", \"deputy\"")), deputy(&link("\"deputy\"")), deputy("")),
        (true, false, false)
    );
}

#[test]
fn an_outage_for_which_laws_differ_is_stated_as_several() {
    let incident = |per_day: &str| {
        format!("[[incident]]\ncause = \"x\"\nper_day = {per_day}\nreconnect = {{ fixed = 20 }}\n")
    };
    let event = |date: &str, outage: &str| {
        format!("[[event]]\ncause = \"x\"\ndate = {date}\ngroups = [\"lead\"]\n{outage}\n")
    };
    let (one, five) = ("outage = { fixed = 1 }", "outage = { fixed = 5 }");
    let of_x = |text: &str| stated(text).into_iter().find(|(cause, _)| cause == "x").expect("it strikes").1;
    let several = Some("several".to_owned());
    assert_eq!(of_x(&(event("2026-01-10", one) + &event("2026-02-01", five))), several);
    assert_eq!(of_x(&(event("2026-01-10", one) + &event("2026-02-01", one))), Some("1 day".to_owned()));
    assert_eq!(of_x(&(incident("0.001") + &event("2026-01-10", one))), several, "by chance, too");
    assert_eq!(of_x(&(incident("0") + &event("2026-01-10", one))), Some("1 day".to_owned()));
    assert_eq!(of_x(&(incident("0.001") + &event("2026-01-10", ""))), Some("20 days".to_owned()));
}

#[test]
fn where_laws_differ_the_days_of_each_outage_may_be_longer_than_all_that_were_seen() {
    // Every outage that is seen is the planned one of a day; one by chance would last 20.
    let text = "[[incident]]\ncause = \"x\"\nper_day = 0.0000001\nreconnect = { fixed = 20 }\n\
                [[event]]\ncause = \"x\"\ndate = 2026-01-10\ngroups = [\"lead\"]\noutage = { fixed = 1 }\n";
    let results = run(&format!("{text}{}", two(&page(""))), 10);
    let row = results.blast_radius[0].causes.iter().find(|row| row.cause == "x").expect("it strikes");
    let of_page = results.pages[0].causes[0].mean_days;
    for days in [row.mean_days.expect("seen"), row.mean_days_without_data.expect("seen"), of_page] {
        assert_eq!(days.value, 1.0);
        // The exact upper limit of a share of which 10 of 10 showed nothing, at 95 %: 0.3085.
        assert!((days.high - (1.0 + 0.308_5 * (f64::from(DAYS) - 1.0))).abs() < 0.01, "{days:?}");
    }
}
