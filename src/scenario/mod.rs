//! What the user wrote, checked and resolved against the platform's profile: plain data with units in the names. It knows
//! no randomness and does no input or output.
//!
//! The meaning of every field is fixed by the model (see `docs/methods/model.md`).

mod activity;
mod activity_file;
mod aftermath;
mod beyond;
mod beyond_file;
mod causes;
mod check;
mod class;
mod consequence;
mod count_law;
mod diagnostic;
mod file;
mod keep_alive;
mod located;
mod outage;
mod page;
mod page_file;
mod parse;
mod plan_file;
mod planned;
mod platform;
mod platform_file;
mod profile;
mod recording;
mod resolution;
mod resolve;
mod restrictable;
mod rules_file;
mod shape;
mod spelling;
mod starter;
mod token;
mod traits;
mod volume_rule;
mod zone;

use jiff::civil::Date;
use serde::Serialize;

use crate::rules::ActionId;

pub use self::activity::{Demand, HourBand, Pacing, Phase, RampStep};
pub use self::aftermath::{Aftermath, ReportedLate, RequiredStep};
pub use self::beyond::{
    BeyondCounts, Bound, Credit, DayRule, Measure, Period, Ratio, RatioOf, RatioTo, Refund, Response, Stock,
    StockOf, Surge,
};
pub(crate) use self::causes::OwnMeasure;
pub use self::consequence::Consequence;
pub use self::count_law::{CountLaw, SessionSize, SessionTiming};
pub use self::diagnostic::{Diagnostic, Severity};
pub use self::keep_alive::KeepAlive;
pub use self::page::{AccountPlace, Backup, Page, PageKind};
pub use self::parse::Parsed;
pub use self::planned::PlannedEvent;
pub use self::profile::{Profile, Variant};
pub use self::recording::{GroupLog, LogUse, RecordedAction, Recording};
pub(crate) use self::resolve::DUPLICATE;
pub use self::rules_file::Rules;
pub use self::starter::STARTER;
pub use self::token::{Displacement, TokenPolicy};
pub use self::traits::{Hazard, Link, Replaces, Trait};
pub use self::volume_rule::{Detection, LimitOrigin, Trial, VolumeRule};

/// The actions that every scenario knows; a scenario may add its own.
pub const STANDARD_ACTIONS: [&str; 7] =
    ["page_search", "profile_view", "connection_request", "message", "post", "comment", "login"];

/// A checked scenario: everything that a run depends on besides the seed and the number of replicates.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scenario {
    /// Short name, used for folder names: lower-case letters, digits, `_` and `-`.
    pub name: String,
    /// What the scenario shows, in the author's words.
    pub description: Option<String>,
    /// The date of day 0.
    pub start: Date,
    /// Number of civil days simulated, at least 1.
    pub horizon_days: u32,
    /// The resolution that the file asks for.
    pub resolution: Resolution,
    /// Replicates to run when the command does not say.
    pub replicates: Option<u64>,
    /// Seed to use when the command does not say.
    pub seed: Option<u64>,
    /// Names of the actions; an `ActionId` is an index here.
    pub actions: Vec<String>,
    /// When people work.
    pub calendar: Calendar,
    /// The accounts of one replicate (a team), by group.
    pub groups: Vec<Group>,
    /// The platforms that groups are on; never empty.
    pub platforms: Vec<Platform>,
    /// What joins accounts in the platform's eyes.
    pub links: Vec<Link>,
    /// What is planned to disconnect accounts, in file order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<PlannedEvent>,
    /// Pages and ad accounts, in file order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<Page>,
    /// Every number that has a stated origin, for the report.
    pub assumptions: Vec<Assumption>,
}

impl Scenario {
    /// The number of accounts of the team.
    #[must_use]
    pub fn accounts(&self) -> u32 {
        self.groups.iter().map(|group| group.count).sum()
    }

    /// The platform that a group is on.
    #[must_use]
    pub fn platform_of(&self, group: &Group) -> &Platform {
        &self.platforms[group.platform]
    }

    /// The volume rules of all platforms, platform by platform in file order, each with the name that the results give it.
    pub fn rules(&self) -> impl Iterator<Item = (String, &VolumeRule)> {
        let several = self.platforms.len() > 1;
        self.platforms.iter().flat_map(move |platform| {
            platform.rules.iter().map(move |rule| {
                let name =
                    if several { format!("{}: {}", platform.name, rule.name) } else { rule.name.clone() };
                (name, rule)
            })
        })
    }

    /// The names of the causes of a flag, in the order of the results: rules, rules by the day, traits, links.
    #[must_use]
    pub fn flag_causes(&self) -> Vec<String> {
        let several = self.platforms.len() > 1;
        let traits = self.platforms.iter().flat_map(|platform| {
            platform.traits.iter().map(move |hazard| {
                if several { format!("{}: {}", platform.name, hazard.name) } else { hazard.name.clone() }
            })
        });
        let links = self.links.iter().map(|link| link.name.clone());
        let by_day = self.day_rules().map(|(_, name, _)| name);
        self.rules().map(|(name, _)| name).chain(by_day).chain(traits).chain(links).collect()
    }

    /// The names of the causes of a disconnection, in the order of the results: restriction, the incidents of all platforms,
    /// the rules, traits and links that invalidate tokens, planned events, each name once, then the deaths of a token: displaced
    /// (where some platform caps a user's tokens), expired, idle.
    #[must_use]
    pub fn causes(&self) -> Vec<String> {
        let mut causes = vec!["restriction".to_owned()];
        let incidents = self.platforms.iter().flat_map(|platform| &platform.incidents);
        let rules = self.platforms.iter().flat_map(|platform| &platform.rules);
        let traits = self.platforms.iter().flat_map(|platform| &platform.traits);
        let striking = rules
            .map(|rule| (&rule.name, &rule.consequence))
            .chain(self.day_rules().map(|(_, _, rule)| (&rule.name, &rule.consequence)))
            .chain(traits.map(|hazard| (&hazard.name, &hazard.consequence)))
            .chain(self.links.iter().map(|link| (&link.name, &link.consequence)));
        let striking = striking.filter(|(_, consequence)| consequence.invalidates());
        let planned = self.events.iter().filter(|event| !event.groups.is_empty()).map(|event| &event.cause);
        let striking = striking.map(|(name, _)| name).chain(planned);
        for cause in incidents.map(|incident| &incident.cause).chain(striking) {
            if !causes.contains(cause) {
                causes.push(cause.clone());
            }
        }
        if self.platforms.iter().any(|platform| platform.token.displacement.is_some()) {
            causes.push("token_displaced".to_owned());
        }
        causes.extend(["token_expired", "token_idle"].map(str::to_owned));
        causes
    }

    /// The same scenario with the demand of one action, or of all, multiplied by `factor` (what `pace` varies).
    #[must_use]
    pub fn with_pace(&self, action: Option<ActionId>, factor: f64) -> Scenario {
        let mut scaled = self.clone();
        let demands = scaled.groups.iter_mut().flat_map(|group| &mut group.demand);
        for demand in demands.filter(|demand| action.is_none_or(|action| demand.action == action)) {
            demand.law = demand.law.scaled(factor);
        }
        scaled
    }
}

/// How finely time is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// Day when every rule, cap and profile is daily, event otherwise.
    Auto,
    /// Only the counts of each day.
    Day,
    /// Every action has a time.
    Event,
}

/// When people work: the default shape of demand and the instants at which a backlog may be sent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calendar {
    /// Monday first: whether people work on that weekday.
    pub workdays: [bool; 7],
    /// Start of the working hours, seconds after midnight.
    pub from_second: u32,
    /// End of the working hours, seconds after midnight, greater than the start, at most 86,400.
    pub to_second: u32,
    /// Days on which nobody works, sorted.
    pub holidays: Vec<Date>,
}

/// Accounts that behave alike.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// Unique name.
    pub name: String,
    /// Number of accounts, at least 1.
    pub count: u32,
    /// Index of the platform that they are on.
    pub platform: usize,
    /// Age of the accounts on day 0, in days; read by ramp-ups.
    pub account_age_days: u32,
    /// Demand, at most one entry an action.
    pub demand: Vec<Demand>,
    /// What happens besides and nobody intends, such as the page views of a browser extension; at most one entry an action.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub background: Vec<Demand>,
    /// The log that holds the demand whose law is [`CountLaw::Recorded`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<GroupLog>,
    /// Pacing, at most one entry an action.
    pub pacing: Vec<Pacing>,
    /// Stretches of the horizon in which demand differs.
    pub phases: Vec<Phase>,
    /// Days off besides the holidays: first and last day, both off.
    pub time_off: Vec<(Date, Date)>,
    /// Traits of its accounts, in the platform's order.
    pub traits: Vec<Trait>,
    /// Whose accounts these replace; none: they exist from the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<Replaces>,
}

impl Group {
    /// Whether its accounts do an action, wanted or in the background.
    #[must_use]
    pub fn does(&self, action: ActionId) -> bool {
        self.demand.iter().chain(&self.background).any(|demand| demand.action == action)
    }
}

/// What the platform does: its rules and what follows from breaking them, its tokens, and what else disconnects.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Platform {
    /// Unique name, as groups refer to it.
    pub name: String,
    /// Name of the profile; none when the scenario states everything itself.
    pub profile: Option<String>,
    /// Variant of the profile.
    pub variant: Option<String>,
    /// Volume rules, in file order.
    pub rules: Vec<VolumeRule>,
    /// What a flag leads to.
    pub ladder: Ladder,
    /// How long a connection lives.
    pub token: TokenPolicy,
    /// What disconnects without a flag; the daily probabilities add up to at most 1.
    pub incidents: Vec<Incident>,
    /// What traits of an account lead to, in file order.
    pub traits: Vec<Hazard>,
    /// What is judged besides volume.
    #[serde(skip_serializing_if = "BeyondCounts::is_empty")]
    pub beyond: BeyondCounts,
    /// How long it takes to be connected again.
    pub reconnect: Reconnect,
    /// What else happens until then.
    #[serde(skip_serializing_if = "Aftermath::is_plain")]
    pub aftermath: Aftermath,
}

/// What the first, second, … flag leads to; the last rung repeats.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ladder {
    /// Rungs, lowest first; empty: a flag has no consequence.
    pub rungs: Vec<Rung>,
    /// How long a flag counts, in days; none: for ever.
    pub memory_days: Option<u32>,
}

/// The consequence of one flag.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rung {
    /// Nothing but a step up the ladder.
    Warning,
    /// The account is restricted for some days.
    Restriction(DaysLaw),
    /// The account is restricted for ever.
    Permanent,
}

/// A fixed or random number of whole days.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DaysLaw {
    /// Always the same.
    Fixed(u32),
    /// Geometric on `at_least`, `at_least + 1`, … with the given mean.
    Geometric {
        /// Mean number of days, at least `at_least`.
        mean: f64,
        /// Smallest number of days (1 where the file is silent).
        at_least: u32,
    },
    /// Every whole number of days from `min` to `max` alike.
    Uniform {
        /// Fewest days.
        min: u32,
        /// Most days.
        max: u32,
    },
    /// Log-normal, rounded to the nearest whole day and conditioned to lie in `min..=max`.
    LogNormal {
        /// Median before rounding, in days.
        median: f64,
        /// Standard deviation of the natural logarithm.
        sigma: f64,
        /// Fewest days.
        min: u32,
        /// Most days.
        max: u32,
    },
}

/// Something that disconnects a connected account without a flag; at most one a day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Incident {
    /// Cause as the results name it, such as `password_changed`.
    pub cause: String,
    /// Probability per connected day.
    pub per_day: f64,
    /// Whether the old authorisation can be renewed; else a new one is needed.
    pub renewable: bool,
    /// Whether it strikes all accounts of the platform at once: one draw a day for all of them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
    /// Delay until reconnection; none: that of [`Reconnect::incident`], or of a new authorisation where one is needed.
    pub reconnect: Option<DaysLaw>,
}

/// Days from a disconnection (after a restriction: from its end) to the reconnection with a new token.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Reconnect {
    /// After the end of a restriction.
    pub after_restriction: DaysLaw,
    /// After a token died of age.
    pub token_expired: DaysLaw,
    /// After a token died of idleness.
    pub token_idle: DaysLaw,
    /// After an incident that does not say otherwise.
    pub incident: DaysLaw,
    /// Where the old authorisation cannot be renewed, in place of the above.
    pub new_authorisation: DaysLaw,
}

/// How sure a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The platform's own documentation or reports.
    Official,
    /// The platform's help article, read only as a mirrored copy.
    OfficialCopy,
    /// A tool vendor's published number.
    Vendor,
    /// Blogs, forums, single anecdotes.
    Folklore,
    /// Stated in the document that the project started from.
    Seed,
    /// Chosen by this project or by the scenario's author, for want of a source.
    Assumption,
}

/// A number of the scenario with its origin.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assumption {
    /// What the number says, such as `connection requests, 24 h: at most 15`.
    pub subject: String,
    /// The value in force, with its unit.
    pub value: String,
    /// The range in which sources disagree, where they do.
    pub range: Option<String>,
    /// How sure it is.
    pub class: Class,
    /// Who says so; `this scenario` for the author's own numbers.
    pub source: String,
    /// When the source was read.
    pub checked: Option<Date>,
    /// What to bear in mind.
    pub note: Option<String>,
}
