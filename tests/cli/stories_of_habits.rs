//! Stories of scenarios about what accounts are, what hangs on them and what their networks do; intervals as in the stories
//! beside them.

use crate::shipped::{Interval, shipped};

#[test]
fn careless_habits_endanger_who_has_them_and_who_works_beside_them() {
    let (careless, compliant) = (shipped("careless_team"), shipped("compliant_team"));
    for group in
        ["nicknames", "one login for four", "borrowed content", "second accounts", "stated violation"]
    {
        let (with, without) = (careless.of_group(group, "flagged"), compliant.of_group(group, "flagged"));
        assert!(with.is_above(&without), "{group}: {with:?} {without:?}");
    }
    // The careful colleagues changed nothing of their own.
    let flagged = |story: &crate::shipped::Shipped| story.of_group("careful", "flagged");
    assert!(flagged(careless).is_above(&flagged(compliant)));
    let lost = |group: &str| careless.of_group(group, "days_disconnected");
    assert!(lost("through a tool").is_above(&lost("by hand")), "the same volume, watched more sharply");
    let second = careless.of_group("second accounts", "restricted");
    assert!(
        second.low > 0.49 && second.high < 0.8,
        "of two accounts the second one nearly for certain: {second:?}"
    );
    let (restricted, opened, found) = (
        careless.of_group("nicknames", "restricted"),
        careless.of_group("replacements", "opened"),
        careless.of_group("replacements", "restricted"),
    );
    // Those that are restricted on the last day are replaced too late.
    assert!((restricted.value - opened.value).abs() < 0.01, "{restricted:?} {opened:?}");
    assert!(opened.value > found.value && found.low > 0.6 * opened.value, "{opened:?} {found:?}");
    assert!(careless.of_group("stated violation", "restricted").low > 0.98, "certain");
}

#[test]
fn a_tool_that_is_not_permitted_is_connected_and_publishes_nothing() {
    let story = shipped("careless_team");
    let sent = |group: &str| story.of_group(group, "delivered/post");
    assert_eq!(sent("not permitted").value, 0.0);
    assert!(story.of_group("not permitted", "days_connected").low > 115.0);
    assert!(story.of_group("not permitted", "demanded/post").is_above(&sent("tidied up")));
    let refused: Interval = (&story.summary["refused"]["app_not_permitted"]).into();
    assert!(refused.low > 5.0, "of one account in 14: {refused:?}");
}

#[test]
fn part_of_the_measures_strikes_the_innocent_and_compliance_leaves_a_larger_part() {
    let share = |name: &str| shipped(name).summary["innocent_share"]["value"].as_f64().expect("it is stated");
    let (careless, compliant) = (share("careless_team"), share("compliant_team"));
    assert!(careless > 0.01 && compliant > careless && compliant < 0.3, "{careless} {compliant}");
}

#[test]
fn tokens_of_seven_networks_end_as_the_founding_document_says() {
    let story = shipped("seven_networks");
    let ended = |network: &str, cause: &str| story.first_disconnection(network, cause, 400);
    assert_eq!(story.first_disconnection("LinkedIn", "token_expired", 365).value, 0.0);
    assert!(ended("LinkedIn", "token_expired").low > 0.4);
    for network in ["X", "Pinterest", "YouTube", "TikTok"] {
        let deaths = ended(network, "token_expired").value + ended(network, "token_idle").value;
        assert_eq!(deaths, 0.0, "{network} is not expected to need a new sign-in");
    }
    assert!(ended("TikTok", "authorisation_cancelled").low > 0.05);
    assert!(ended("X", "settings_changed").low > 0.08 && ended("X", "username_changed").value > 0.0);
    assert_eq!(story.estimate("flagged").value, 0.0);
}

#[test]
fn every_unusual_amount_is_a_gamble_at_once_and_safe_over_two_months() {
    let flagged = |group: String| shipped("unusual_volumes").of_group(&group, "flagged");
    for what in ["searches", "views", "requests", "messages"] {
        let (at_once, spread) = (flagged(format!("{what} at once")), flagged(format!("{what} spread")));
        assert!(at_once.low > 0.2 && spread.high < 0.02, "{what}: {at_once:?} {spread:?}");
    }
}
