//! Laws of demand whose actions come in bursts.

use crate::scenario::activity_file::{SelfExcitingFile, SessionsFile, SizeFile};
use crate::scenario::diagnostic::Report;
use crate::scenario::located::At;
use crate::scenario::shape::shortened;
use crate::scenario::{CountLaw, SessionSize, SessionTiming};
use crate::time::{DAY, SECOND, parse_span, span_text};

/// The longest length of a session, and the longest mean delay: further days are filled in advance by it.
const LONGEST_DAYS: i64 = 60;

/// Sessions as stated; none when something is missing.
pub(crate) fn read_sessions(file: &At<SessionsFile>, report: &mut Report) -> Option<CountLaw> {
    let size = match file.size {
        Some(SizeFile::Poisson) => SessionSize::Poisson,
        Some(SizeFile::Geometric) | None => SessionSize::Geometric,
    };
    if let (Some(mean), SessionSize::Geometric) = (&file.mean_actions, size)
        && mean.value < 1.0
    {
        let message =
            format!("a session of geometric size has at least 1 action, not {} in the mean", mean.value);
        report.error(mean.span.clone(), message).hint("use a mean of at least 1, or size = \"poisson\"");
    }
    let timing = match (&file.length, &file.mean_delay) {
        (Some(length), None) => SessionTiming::Within(seconds(length, report)?),
        (None, Some(delay)) => SessionTiming::Delayed(seconds(delay, report)?),
        (Some(_), Some(delay)) => {
            report
                .error(delay.span.clone(), "the times within a session are stated twice")
                .hint("give `length` or `mean_delay`, not both");
            return None;
        }
        (None, None) => {
            let hint = "give `length`, as in length = \"45m\", or `mean_delay`";
            report.missing(&file.span, "the times within a session are missing", hint);
            return None;
        }
    };
    let mean_actions = file.mean_actions.as_ref()?.value;
    Some(CountLaw::Sessions { per_day: file.per_day?, mean_actions, size, timing })
}

/// Self-exciting actions as stated; none when something is missing.
pub(crate) fn read_self_exciting(file: &SelfExcitingFile, report: &mut Report) -> Option<CountLaw> {
    let decay_s = seconds(file.decay.as_ref()?, report)?;
    Some(CountLaw::SelfExciting { baseline: file.baseline?, branching: file.branching?, decay_s })
}

/// A length of time in seconds.
fn seconds(length: &At<String>, report: &mut Report) -> Option<u32> {
    match parse_span(length) {
        Ok(span) if span <= LONGEST_DAYS * DAY => Some((span / SECOND) as u32),
        Ok(span) => {
            let message = format!("{} is longer than {LONGEST_DAYS} days", span_text(span));
            report.error(length.span.clone(), message).hint("state a shorter time");
            None
        }
        Err(error) => {
            report.error(length.span.clone(), format!("`{}` is {error}", shortened(length)));
            None
        }
    }
}
