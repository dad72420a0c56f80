//! What the platform does: the layers that state it (a profile, its variant, the scenario) laid over one another.
//!
//! Each number keeps its origin on the way, so that the resolved platform can list them all.

mod aftermath;
pub(crate) mod basis;
pub(crate) mod beyond;
pub(crate) mod connection;
mod credit;
pub(crate) mod days;
mod hazard;
mod ladder;
pub(crate) mod volume;

use self::aftermath::AftermathDraft;
use self::basis::Basis;
use self::beyond::{BeyondDraft, BeyondLayer};
use self::connection::{IncidentDraft, ReconnectDraft, TokenDraft, lay_incidents};
use self::hazard::HazardDraft;
use self::ladder::LadderDraft;
use self::volume::RuleDraft;
use super::diagnostic::Report;
use super::file::ScenarioFile;
use super::located::At;
use super::platform_file::{
    IncidentFile, LadderFile, PlatformFile, ReconnectFile, RuleFile, TokenFile, TraitFile,
};
use super::resolve::Names;
use super::zone::Zone;
use super::{Assumption, Consequence, Incident, Ladder, Platform, VolumeRule};
use crate::rules::ActionId;

/// What one text states about the platform.
#[derive(Debug)]
pub(crate) struct Layer<'f> {
    pub(crate) rules: &'f [At<RuleFile>],
    pub(crate) ladder: Option<&'f At<LadderFile>>,
    pub(crate) token: Option<&'f At<TokenFile>>,
    pub(crate) incidents: &'f [At<IncidentFile>],
    pub(crate) reconnect: Option<&'f At<ReconnectFile>>,
    pub(crate) traits: &'f [At<TraitFile>],
    pub(crate) beyond: BeyondLayer<'f>,
    /// The origin of numbers that state none.
    pub(crate) basis: Basis,
    /// Whether it is the scenario itself, so that findings can point into its text.
    pub(crate) own: bool,
}

/// A layer from any file that states a platform: they all name its parts alike, and keep the places of what they state, which
/// a part that they share would not.
macro_rules! layer {
    ($file:expr, $traits:ident, $basis:expr, own: $own:expr) => {
        $crate::scenario::platform::Layer {
            rules: &$file.rule,
            ladder: $file.ladder.as_ref(),
            token: $file.token.as_ref(),
            incidents: &$file.incident,
            reconnect: $file.reconnect.as_ref(),
            traits: &$file.$traits,
            beyond: $crate::scenario::platform::beyond::BeyondLayer {
                responses: &$file.response,
                stocks: &$file.stock,
                ratios: &$file.ratio,
                surges: &$file.surge,
                credits: &$file.credit,
            },
            basis: $basis,
            own: $own,
        }
    };
}
pub(crate) use layer;

impl<'f> Layer<'f> {
    /// What the scenario itself states.
    pub(crate) fn of_scenario(file: &'f ScenarioFile) -> Layer<'f> {
        layer!(file, trait_, Basis::assumed("this scenario"), own: true)
    }

    /// What the scenario states about a further platform.
    pub(crate) fn of_platform(file: &'f PlatformFile) -> Layer<'f> {
        layer!(file, traits, Basis::assumed("this scenario"), own: true)
    }
}

/// The platform as far as the layers so far state it.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) rules: Vec<RuleDraft>,
    ladder: Option<LadderDraft>,
    token: TokenDraft,
    incidents: Vec<IncidentDraft>,
    reconnect: ReconnectDraft,
    aftermath: AftermathDraft,
    pub(crate) traits: Vec<HazardDraft>,
    beyond: BeyondDraft,
}

impl Draft {
    /// Lays a further layer over the earlier ones.
    pub(crate) fn lay(&mut self, layer: &Layer<'_>, names: &Names, report: &mut Report) {
        let others: Vec<String> = self.beyond.names().cloned().collect();
        volume::lay(&mut self.rules, layer, (names, &others), report);
        if let Some(ladder) = layer.ladder {
            self.ladder = Some(LadderDraft::read(ladder, &layer.basis, report));
        }
        if let Some(token) = layer.token {
            self.token.lay(token, &layer.basis, report);
        }
        lay_incidents(&mut self.incidents, layer, report);
        self.reconnect.lay(layer, report);
        self.aftermath.lay(layer, report);
        hazard::lay(&mut self.traits, layer, names, report);
        self.beyond.lay(layer, (names, &self.rules), report);
    }

    /// Takes away a profile's rules about answers that neither it nor the scenario states.
    pub(crate) fn leave_out_unanswered(&mut self) {
        self.beyond.leave_out_unanswered();
    }

    /// Takes away a profile's rules about actions that nobody on the platform does: they would only fill the tables.
    pub(crate) fn leave_out_unused(&mut self, is_done: impl Fn(ActionId) -> bool) {
        let is_used = |rule: &RuleDraft| rule.actions.iter().any(|&action| is_done(action));
        self.rules.retain(|rule| rule.own.is_some() || is_used(rule));
        self.beyond.leave_out_unused(is_done);
    }

    /// Whether flags are possible but lead to nothing because nobody stated a ladder.
    pub(crate) fn lacks_ladder(&self) -> bool {
        let mut all = self.rules.iter().map(|rule| &rule.consequence).chain(self.beyond.consequences());
        self.ladder.is_none() && all.any(Consequence::is_flag)
    }

    /// The platform in force and the origins of its numbers, for a scenario whose clock runs in a zone.
    pub(crate) fn finish(
        &self,
        name: String,
        profile: Option<String>,
        variant: Option<String>,
        (names, here): (&Names, Option<&Zone>),
    ) -> (Platform, Vec<Assumption>) {
        let mut assumptions: Vec<Assumption> =
            self.rules.iter().flat_map(|rule| rule.assumptions(names.all(), here)).collect();
        assumptions.extend(self.ladder.iter().flat_map(LadderDraft::assumptions));
        let rules: Vec<VolumeRule> = self.rules.iter().filter_map(|rule| rule.finish(here)).collect();
        let ladder = self.ladder.as_ref().map(|draft| draft.ladder.clone());
        let token = self.token.finish(&mut assumptions);
        let incidents: Vec<Incident> =
            self.incidents.iter().map(|incident| incident.finish(&mut assumptions)).collect();
        let reconnect = self.reconnect.finish(&mut assumptions);
        assumptions.extend(self.traits.iter().flat_map(|draft| draft.assumptions(names.all())));
        let traits = self.traits.iter().map(|draft| draft.hazard.clone()).collect();
        let aftermath = self.aftermath.finish(&mut assumptions);
        let ladder = ladder.unwrap_or(Ladder { rungs: Vec::new(), memory_days: None });
        let beyond = self.beyond.finish(&mut assumptions);
        let platform = Platform {
            name,
            profile,
            variant,
            rules,
            ladder,
            token,
            incidents,
            traits,
            beyond,
            reconnect,
            aftermath,
        };
        (platform, assumptions)
    }
}
