//! The platform, compiled: rules, the chance that a breach is noticed, the ladder, delays as tables.

use super::aftermath::AftermathModel;
use super::counts::{CountTable, days_table, displacement_table};
use super::effect::{Causes, Effect, Source};
use super::incident::{self, Incidents};
use crate::random::Chance;
use crate::rules::RuleSet;
use crate::scenario::{DaysLaw, Detection, Platform, Rung, Scenario, TokenPolicy, Trial};
use crate::time::{DAY, Instant};

/// Index of the cause "restriction" in the order of causes.
pub(crate) const RESTRICTION: u16 = 0;

/// How many causes stand at the end of the list of causes: a token that is too old or idle.
const DEATHS_OF_AGE_AND_SILENCE: usize = 2;

#[derive(Debug, Clone)]
pub(crate) struct PlatformModel {
    pub(crate) rules: RuleSet,
    /// Place of its first rule among the rules of all platforms.
    pub(crate) first_rule: usize,
    /// By rule: what a noticed breach is.
    sources: Vec<Source>,
    pub(crate) detections: Vec<DetectionModel>,
    pub(crate) rungs: Vec<RungModel>,
    /// How long a flag counts; `Instant::MAX` for ever.
    pub(crate) memory: Instant,
    pub(crate) token: TokenPolicy,
    /// Days from the issue of a token until newer ones of the same user displace it.
    pub(crate) displacement: Option<CountTable>,
    /// The cause `token_displaced`, where there is such a cause.
    pub(crate) token_displaced: u16,
    /// Incidents that strike one account alone, and those that strike all accounts at once.
    pub(crate) incidents: Option<Incidents>,
    pub(crate) shared_incidents: Option<Incidents>,
    /// Number of causes of a disconnection, over all platforms.
    causes: usize,
    /// Days until the reconnection by cause; for a restriction after its end. Those of causes that the platform does not
    /// have are never drawn.
    pub(crate) delays: Vec<CountTable>,
    /// What else happens until a reconnection.
    pub(crate) aftermath: Option<AftermathModel>,
    /// Whether some rule is tried at the end of a day or week, and of a week.
    pub(crate) tries_periods: bool,
    pub(crate) tries_weeks: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct DetectionModel {
    pub(crate) per: Trial,
    at_limit: Chance,
    law: Detection,
}

#[derive(Debug, Clone)]
pub(crate) enum RungModel {
    Warning,
    Restriction(CountTable),
    Permanent,
}

impl PlatformModel {
    pub(super) fn compile(scenario: &Scenario, index: usize) -> PlatformModel {
        let (platform, places) = (&scenario.platforms[index], Causes::of(scenario));
        let causes = &places.disconnections;
        let first_rule = scenario.platforms[..index].iter().map(|platform| platform.rules.len()).sum();
        let rules = platform.rules.iter().map(|rule| rule.rule.clone()).collect();
        let detections: Vec<_> =
            platform.rules.iter().map(|rule| DetectionModel::new(rule.detection)).collect();
        let rung = |rung: &Rung| match rung {
            Rung::Warning => RungModel::Warning,
            Rung::Restriction(days) => RungModel::Restriction(days_table(*days)),
            Rung::Permanent => RungModel::Permanent,
        };
        let (incidents, shared_incidents) = incident::compile(platform, causes, scenario.horizon_days);
        PlatformModel {
            rules: RuleSet::new(rules, scenario.actions.len()),
            first_rule,
            sources: platform
                .rules
                .iter()
                .enumerate()
                .map(|(at, rule)| places.source(first_rule + at, &rule.name, &rule.consequence))
                .collect(),
            rungs: platform.ladder.rungs.iter().map(rung).collect(),
            memory: platform.ladder.memory_days.map_or(Instant::MAX, |days| Instant::from(days) * DAY),
            token: platform.token.in_effect(),
            displacement: platform
                .token
                .displacement
                .map(|law| displacement_table(law, scenario.horizon_days)),
            token_displaced: (causes.len() - DEATHS_OF_AGE_AND_SILENCE - 1) as u16,
            incidents,
            shared_incidents,
            causes: causes.len(),
            delays: delays(platform, causes).into_iter().map(days_table).collect(),
            aftermath: AftermathModel::compile(scenario, index),
            tries_periods: detections.iter().any(|detection| detection.per != Trial::Event),
            tries_weeks: detections.iter().any(|detection| detection.per == Trial::Week),
            detections,
        }
    }

    /// What a noticed breach of a rule is.
    #[inline]
    pub(crate) fn flag_of_rule(&self, rule: usize) -> Source {
        self.sources[rule]
    }

    /// Whether a restriction or an idle token can be over on the day on which it began, or an event can invalidate the token.
    pub(crate) fn may_return_the_same_day(&self) -> bool {
        let after_restriction = self.delays[usize::from(RESTRICTION)].first();
        let restriction = |rung: &RungModel| match rung {
            RungModel::Restriction(days) => days.first() + after_restriction == 0,
            RungModel::Warning | RungModel::Permanent => false,
        };
        let token = self.delays[usize::from(self.token_idle())].first() == 0;
        let disconnects =
            |source: &Source| matches!(source.effect, Effect::Disconnection(_) | Effect::Invalidation(_));
        self.rungs.iter().any(restriction) || token || self.sources.iter().any(disconnects)
    }

    pub(crate) fn token_expired(&self) -> u16 {
        self.causes as u16 - 2
    }

    pub(crate) fn token_idle(&self) -> u16 {
        self.causes as u16 - 1
    }
}

fn delays(platform: &Platform, causes: &[String]) -> Vec<DaysLaw> {
    let reconnect = &platform.reconnect;
    let token = |law| if platform.token.renewable { law } else { reconnect.new_authorisation };
    let mut delays = vec![reconnect.incident; causes.len()];
    delays[usize::from(RESTRICTION)] = reconnect.after_restriction;
    for incident in &platform.incidents {
        let usual = if incident.renewable { reconnect.incident } else { reconnect.new_authorisation };
        delays[usize::from(incident::cause_of(incident, causes))] = incident.reconnect.unwrap_or(usual);
    }
    let deaths = causes.len() - DEATHS_OF_AGE_AND_SILENCE;
    if platform.token.displacement.is_some() {
        delays[deaths - 1] = token(reconnect.token_expired);
    }
    delays[deaths] = token(reconnect.token_expired);
    delays[deaths + 1] = token(reconnect.token_idle);
    delays
}

impl DetectionModel {
    fn new(law: Detection) -> DetectionModel {
        DetectionModel { per: law.per, at_limit: Chance::new(law.probability.min(law.ceiling)), law }
    }

    /// The chance that a trial at a relative excess is a success, for an account that is looked at `scrutiny` times as
    /// sharply as others.
    pub(crate) fn chance(&self, excess: f64, scrutiny: f64) -> Chance {
        if self.law.slope == 0.0 && scrutiny == 1.0 {
            return self.at_limit;
        }
        // Over a limit of 0 the excess is infinite, and a slope of 0 times it no number.
        let growth = if self.law.slope == 0.0 { 0.0 } else { self.law.slope * excess };
        let usual = (self.law.probability + growth).min(self.law.ceiling);
        Chance::new((usual * scrutiny).min(1.0))
    }
}
