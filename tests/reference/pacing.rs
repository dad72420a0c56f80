//! The team's own caps: how many more actions may be sent at an instant?

use pacewise::scenario::Pacing;
use pacewise::time::{DAY, HOUR, Instant, day_of, start_of};

use super::windows::{count_after, monday_of};

/// The number of actions that may still be sent at an instant under every cap.
pub(crate) fn room(pacing: &Pacing, sent: &[Instant], at: Instant, age_days: u32) -> u32 {
    let hour = at - at.rem_euclid(HOUR);
    let hour_room = left(pacing.per_hour, count_after(sent, hour - 1));
    hour_room.min(room_of_day_and_week(pacing, sent, at, age_days))
}

/// The same without the cap of the hour.
pub(crate) fn room_of_day_and_week(pacing: &Pacing, sent: &[Instant], at: Instant, age_days: u32) -> u32 {
    let today = day_of(at);
    let week_after = if pacing.sliding_week { at - 7 * DAY } else { start_of(monday_of(today)) - 1 };
    let day_room = left(cap_of_day(pacing, age_days), count_after(sent, start_of(today) - 1));
    day_room.min(left(pacing.per_week, count_after(sent, week_after)))
}

fn left(cap: Option<u32>, used: u32) -> u32 {
    cap.map_or(u32::MAX, |cap| cap.saturating_sub(used))
}

/// The cap of a civil day: the smaller of the plain one and the step of the ramp-up in force.
fn cap_of_day(pacing: &Pacing, age_days: u32) -> Option<u32> {
    let step = pacing.ramp_up.iter().rfind(|step| step.from_age_days <= age_days).map(|step| step.per_day);
    match (pacing.per_day, step) {
        (Some(cap), Some(step)) => Some(cap.min(step)),
        (cap, step) => cap.or(step),
    }
}
