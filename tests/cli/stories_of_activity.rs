//! Stories of scenarios about what is done and what is refused; intervals as in the stories beside them.

use crate::shipped::{Interval, shipped};

#[test]
fn an_extension_that_views_pages_is_what_flags_its_account() {
    let (on, off) = (shipped("browser_extension_on"), shipped("browser_extension_off"));
    assert!(on.estimate("flagged").low > 0.5 && off.estimate("flagged").high < 0.05);
    let wanted = "demanded/profile_view";
    assert_eq!(on.estimate(wanted).value, off.estimate(wanted).value, "people want the same");
}

#[test]
fn the_same_volume_in_sessions_is_riskier_than_evenly() {
    let flagged = |group: &str| shipped("bursts").of_group(group, "flagged");
    assert!(flagged("in sessions").is_above(&flagged("self-exciting")));
    assert!(flagged("self-exciting").is_above(&flagged("evenly")));
}

#[test]
fn weeks_like_the_recorded_ones_are_about_as_risky_as_those() {
    let flagged = |group: &str| shipped("recorded").of_group(group, "flagged");
    let (recorded, resampled) = (flagged("as recorded"), flagged("weeks like these"));
    assert!(!resampled.is_above(&recorded) && !recorded.is_above(&resampled), "{recorded:?} {resampled:?}");
}

#[test]
fn a_sudden_start_is_riskier_than_a_rise_to_the_same_volume() {
    let flagged = |group: &str| shipped("sudden_start").of_group(group, "flagged");
    assert!(flagged("jumps").is_above(&flagged("rises")));
}

#[test]
fn scattered_invitations_fill_the_pending_ones_and_are_flagged() {
    let story = shipped("invitation_answers");
    let of = |group: &str, what: &str| story.of_group(group, what);
    let (aimed, scattered) = ("well aimed, withdraws", "scattergun");
    assert!(of(scattered, "flagged").is_above(&of(aimed, "flagged")));
    assert!(
        of(aimed, "delivered/connection_request").is_above(&of(scattered, "delivered/connection_request"))
    );
    let refused: Interval = (&story.summary["refused"]["aimed: pending"]).into();
    assert_eq!(refused.value, 0.0, "who withdraws never meets the limit");
}

#[test]
fn who_runs_into_the_weekly_block_sends_less_than_who_paces() {
    let story = shipped("weekly_invitation_block");
    let sent = |group: &str| story.of_group(group, "delivered/connection_request");
    assert!(sent("paced").is_above(&sent("keen")));
    assert_eq!(story.estimate("flagged").value, 0.0, "refusals are no flags");
}

#[test]
fn credits_refuse_what_exceeds_them_and_nothing_else() {
    let story = shipped("inmail_credits");
    let refused: Interval = (&story.summary["refused"]["inmail_credits"]).into();
    assert!(refused.low > 30.0, "{refused:?}");
    assert_eq!(story.estimate("lost/inmail").value, refused.value);
    assert_eq!(story.estimate("lost/connection_request").value, 0.0);
}
