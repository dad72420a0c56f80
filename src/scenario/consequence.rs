//! What a breach leads to: read, checked and put into words.

use serde::Serialize;

use super::DaysLaw;
use super::diagnostic::Report;
use super::located::At;
use super::platform::days;
use super::platform_file::{ConsequenceFile, RestrictFeatureFile};
use super::resolve::Names;
use crate::rules::ActionId;
use crate::time::{Instant, span_text};

/// What a success of a rule's, trait's or link's trial leads to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Consequence {
    /// A flag, which climbs the ladder.
    Ladder,
    /// A flag, which enters this rung of the ladder, counted from 1.
    Rung(u32),
    /// The token is invalidated: the account disconnects without a flag.
    Disconnection,
    /// The same so many days later, unless the account has another token by then.
    DisconnectionAfter(DaysLaw),
    /// An action that would exceed the limit is not let through; nothing has to be noticed.
    Refusal {
        /// For how many milliseconds after such a refusal all actions of the rule are refused; none: not at all.
        lasts: Option<Instant>,
    },
    /// Some actions are refused for some days; the account stays connected.
    FeatureRestriction {
        /// The actions.
        actions: Vec<ActionId>,
        /// For how long.
        days: DaysLaw,
    },
}

impl Consequence {
    /// Whether it flags the account.
    pub(crate) fn is_flag(&self) -> bool {
        matches!(self, Consequence::Ladder | Consequence::Rung(_))
    }

    /// Whether it invalidates the token, at once or later.
    pub(crate) fn invalidates(&self) -> bool {
        matches!(self, Consequence::Disconnection | Consequence::DisconnectionAfter(_))
    }

    /// Whether it may keep single actions back.
    pub(crate) fn keeps_back(&self) -> bool {
        matches!(self, Consequence::Refusal { .. } | Consequence::FeatureRestriction { .. })
    }

    /// Reads what a rule leads to.
    pub(crate) fn of_rule(file: &At<ConsequenceFile>, names: &Names, report: &mut Report) -> Consequence {
        match &file.value {
            ConsequenceFile::Flag => Consequence::Ladder,
            ConsequenceFile::Disconnect => Consequence::Disconnection,
            ConsequenceFile::DisconnectAfter(law) => match days::read(law, report) {
                Some(DaysLaw::Fixed(0)) | None => Consequence::Disconnection,
                Some(law) => Consequence::DisconnectionAfter(law),
            },
            ConsequenceFile::Refuse => Consequence::Refusal { lasts: None },
            ConsequenceFile::Rung(rung) => Consequence::Rung(rung.value),
            ConsequenceFile::RestrictFeature(feature) => restriction(feature, names, report),
        }
    }

    /// Reads what something that counts no actions leads to: it has nothing to refuse.
    pub(crate) fn of_hazard(file: &At<ConsequenceFile>, names: &Names, report: &mut Report) -> Consequence {
        if matches!(file.value, ConsequenceFile::Refuse) {
            report
                .error(file.span.clone(), "\"refuse\" has no meaning here: there is no limit to exceed")
                .hint("to block actions for a time, write { restrict_feature = { actions = [\"…\"], days = { fixed = 7 } } }");
        }
        Consequence::of_rule(file, names, report)
    }
}

fn restriction(feature: &At<RestrictFeatureFile>, names: &Names, report: &mut Report) -> Consequence {
    let actions = names.list(&feature.actions, report);
    if feature.actions.is_empty() {
        let hint = "list what is blocked, as in actions = [\"connection_request\"]";
        report.missing(&feature.span, "which actions?", hint);
    }
    let days = feature.days.as_ref().and_then(|file| days::read(file, report));
    Consequence::FeatureRestriction { actions, days: days.unwrap_or(DaysLaw::Fixed(1)) }
}

impl std::fmt::Display for Consequence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Consequence::Ladder => write!(f, "a flag"),
            Consequence::Rung(rung) => write!(f, "a flag at rung {rung} of the ladder"),
            Consequence::Disconnection => write!(f, "a disconnection"),
            Consequence::DisconnectionAfter(days) => write!(f, "a disconnection, after {days}"),
            Consequence::Refusal { lasts: None } => write!(f, "refusal of what exceeds it"),
            Consequence::Refusal { lasts: Some(span) } => {
                write!(f, "refusal of what exceeds it, and of everything for {} after", span_text(*span))
            }
            Consequence::FeatureRestriction { actions: _, days } => {
                write!(f, "a restriction of features: {days}")
            }
        }
    }
}
