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
use super::{Assumption, Consequence, Incident, Ladder, Platform, VolumeRule};

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

impl<'f> Layer<'f> {
    /// What the scenario itself states.
    pub(crate) fn of_scenario(file: &'f ScenarioFile) -> Layer<'f> {
        Layer {
            rules: &file.rule,
            ladder: file.ladder.as_ref(),
            token: file.token.as_ref(),
            incidents: &file.incident,
            reconnect: file.reconnect.as_ref(),
            traits: &file.trait_,
            beyond: BeyondLayer {
                responses: &file.response,
                stocks: &file.stock,
                ratios: &file.ratio,
                surges: &file.surge,
                credits: &file.credit,
            },
            basis: Basis::assumed("this scenario"),
            own: true,
        }
    }

    /// What the scenario states about a further platform.
    pub(crate) fn of_platform(file: &'f PlatformFile) -> Layer<'f> {
        Layer {
            rules: &file.rule,
            ladder: file.ladder.as_ref(),
            token: file.token.as_ref(),
            incidents: &file.incident,
            reconnect: file.reconnect.as_ref(),
            traits: &file.traits,
            beyond: BeyondLayer {
                responses: &file.response,
                stocks: &file.stock,
                ratios: &file.ratio,
                surges: &file.surge,
                credits: &file.credit,
            },
            basis: Basis::assumed("this scenario"),
            own: true,
        }
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
        volume::lay(&mut self.rules, layer, names, report);
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

    /// Whether flags are possible but lead to nothing because nobody stated a ladder.
    pub(crate) fn lacks_ladder(&self) -> bool {
        let beyond = self.beyond.beyond.rules.iter().map(|rule| &rule.consequence);
        let mut all = self.rules.iter().map(|rule| &rule.consequence).chain(beyond);
        self.ladder.is_none() && all.any(Consequence::is_flag)
    }

    /// The platform in force and the origins of its numbers.
    pub(crate) fn finish(
        &self,
        name: String,
        profile: Option<String>,
        variant: Option<String>,
        names: &Names,
    ) -> (Platform, Vec<Assumption>) {
        let mut assumptions: Vec<Assumption> =
            self.rules.iter().flat_map(|rule| rule.assumptions(names.all())).collect();
        assumptions.extend(self.ladder.iter().flat_map(LadderDraft::assumptions));
        let rules: Vec<VolumeRule> = self.rules.iter().filter_map(RuleDraft::finish).collect();
        let ladder = self.ladder.as_ref().map(|draft| draft.ladder.clone());
        let token = self.token.finish(&mut assumptions);
        let incidents: Vec<Incident> =
            self.incidents.iter().map(|incident| incident.finish(&mut assumptions)).collect();
        let reconnect = self.reconnect.finish(&mut assumptions);
        assumptions.extend(self.traits.iter().flat_map(|draft| draft.assumptions(names.all())));
        let traits = self.traits.iter().map(|draft| draft.hazard.clone()).collect();
        let aftermath = self.aftermath.finish(&mut assumptions);
        let ladder = ladder.unwrap_or(Ladder { rungs: Vec::new(), memory_days: None });
        assumptions.extend(self.beyond.assumptions.iter().cloned());
        let beyond = self.beyond.beyond.clone();
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
