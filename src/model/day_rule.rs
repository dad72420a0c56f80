//! Rules that are judged at the end of each connected day.

use super::effect::{Causes, Source};
use super::ratio::RatioModel;
use super::response::{Answers, ResponseModel};
use super::stock::StockModel;
use super::surge::{SurgeModel, Volume};
use crate::random::{Chance, Stream};
use crate::rules::ActionId;
use crate::scenario::{Consequence, Group, Measure, Scenario};

/// A rule by the day, for one group.
#[derive(Debug, Clone)]
pub(crate) struct DayRuleModel {
    pub(crate) source: Source,
    /// Whether it refuses instead of being tried.
    pub(crate) refuses: bool,
    pub(crate) measure: MeasureModel,
    chance: Chance,
}

/// What it looks at.
#[derive(Debug, Clone)]
pub(crate) enum MeasureModel {
    Stock(StockModel),
    Ratio(RatioModel),
    Surge(SurgeModel),
}

/// The rules by the day of a group's platform, without those about actions that the group does not do.
pub(super) fn compile(scenario: &Scenario, group: &Group, responses: &[ResponseModel]) -> Vec<DayRuleModel> {
    let (causes, before) = (Causes::of(scenario), scenario.rules().count());
    let traits = group.traits.iter().map(|own| &scenario.platform_of(group).traits[own.index]);
    let scrutiny: f64 = traits.map(|hazard| hazard.scrutiny).product();
    let response = |action: ActionId| responses.iter().position(|response| response.action == action);
    let mut surges = 0;
    let mut measure = |measure: &Measure| match measure {
        Measure::Stock(stock) => {
            let response = response(stock.action)?;
            Some(MeasureModel::Stock(StockModel { response, of: stock.of, limit: stock.limit }))
        }
        Measure::Ratio(ratio) => {
            let response = response(ratio.action)?;
            Some(MeasureModel::Ratio(RatioModel { response, law: *ratio }))
        }
        Measure::Surge(surge) => {
            let surge = SurgeModel::new(surge, surges, group)?;
            surges += 1;
            Some(MeasureModel::Surge(surge))
        }
    };
    let rules = scenario.day_rules().enumerate().filter(|(_, (platform, ..))| *platform == group.platform);
    let compiled = rules.filter_map(|(at, (_, _, rule))| {
        Some(DayRuleModel {
            source: causes.source(before + at, &rule.name, &rule.consequence),
            refuses: matches!(rule.consequence, Consequence::Refusal { .. }),
            measure: measure(&rule.measure)?,
            chance: Chance::new((rule.probability * scrutiny).min(1.0)),
        })
    });
    compiled.collect()
}

impl DayRuleModel {
    /// Whether a day ends with a breach.
    pub(super) fn is_breached(&self, answers: &[Answers], volumes: &[Volume], day: u32) -> bool {
        match &self.measure {
            MeasureModel::Stock(stock) => stock.is_breached(&answers[stock.response]),
            MeasureModel::Ratio(ratio) => ratio.is_breached(&answers[ratio.response], day),
            MeasureModel::Surge(surge) => surge.is_breached(&volumes[surge.place], day),
        }
    }

    /// Whether the breach of a day is noticed.
    pub(super) fn is_noticed(&self, day: u32, draws: Stream) -> bool {
        self.chance.hits(draws.branch(u64::from(self.source.cause)).word(u64::from(day)))
    }
}
