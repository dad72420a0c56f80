//! Built-in platform profiles: data files in the format of scenarios, each number with its origin.

use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::Deserialize;

use super::diagnostic::Report;
use super::located::At;
use super::parse::read;
use super::platform::basis::Basis;
use super::platform::beyond::BeyondLayer;
use super::platform::{Draft, Layer};
use super::platform_file::{IncidentFile, LadderFile, ReconnectFile, RuleFile, TokenFile, TraitFile};
use super::resolve::{Names, unknown};
use super::shape::Shape;
use super::{Assumption, Platform};

const LINKEDIN: &str = include_str!("../profiles/linkedin.toml");

static PROFILES: LazyLock<Vec<Profile>> = LazyLock::new(|| {
    let shape = Shape::of::<ProfileFile>();
    let mut report = Report::default();
    let files = [LINKEDIN].into_iter().filter_map(|text| read(text, &shape, &mut report));
    files.map(|file| Profile { file }).collect()
});

/// What is known about a platform: its tokens, incidents and ladder, and variants of its volume rules.
#[derive(Debug)]
pub struct Profile {
    file: ProfileFile,
}

/// One set of volume rules of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variant<'p> {
    /// Name, as scenarios write it.
    pub name: &'p str,
    /// What it stands for.
    pub description: &'p str,
    /// Whether scenarios that name no variant get this one.
    pub is_default: bool,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ProfileFile {
    name: String,
    title: String,
    description: String,
    default_variant: String,
    not_modelled: Vec<String>,
    variant: Vec<VariantFile>,
    #[serde(default)]
    rule: Vec<At<RuleFile>>,
    ladder: Option<At<LadderFile>>,
    token: Option<At<TokenFile>>,
    #[serde(default)]
    incident: Vec<At<IncidentFile>>,
    reconnect: Option<At<ReconnectFile>>,
    #[serde(default, rename = "trait")]
    traits: Vec<At<TraitFile>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct VariantFile {
    name: String,
    description: String,
    #[serde(default)]
    rule: Vec<At<RuleFile>>,
}

impl Profile {
    /// All built-in profiles.
    #[must_use]
    pub fn all() -> &'static [Profile] {
        &PROFILES
    }

    /// The built-in profile of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Profile> {
        PROFILES.iter().find(|profile| profile.file.name == name)
    }

    /// Name, as scenarios write it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.file.name
    }

    /// The platform's own name.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.file.title
    }

    /// What the profile says in general.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.file.description
    }

    /// What is known about the platform and not part of the model.
    #[must_use]
    pub fn not_modelled(&self) -> &[String] {
        &self.file.not_modelled
    }

    /// The variants, in the order of the file.
    pub fn variants(&self) -> impl Iterator<Item = Variant<'_>> {
        self.file.variant.iter().map(|variant| Variant {
            name: &variant.name,
            description: &variant.description,
            is_default: variant.name == self.file.default_variant,
        })
    }

    /// What the platform does in a variant, and the origin of every number; none when there is no such variant.
    #[must_use]
    pub fn platform(&self, variant: &str) -> Option<(Platform, Vec<Assumption>)> {
        let mut draft = Draft::default();
        self.lay(variant, &mut draft, &mut Report::default())?;
        let name = self.file.name.clone();
        Some(draft.finish(name.clone(), Some(name), Some(variant.to_owned()), &Names::standard()))
    }

    fn lay(&self, variant: &str, draft: &mut Draft, report: &mut Report) -> Option<()> {
        let variant = self.file.variant.iter().find(|known| known.name == variant)?;
        let (file, names) = (&self.file, Names::standard());
        let origin = format!("profile {}", file.name);
        let common = Layer {
            rules: &file.rule,
            ladder: file.ladder.as_ref(),
            token: file.token.as_ref(),
            incidents: &file.incident,
            reconnect: file.reconnect.as_ref(),
            traits: &file.traits,
            beyond: BeyondLayer::default(),
            basis: Basis::assumed(&origin),
            own: false,
        };
        draft.lay(&common, &names, report);
        let basis = Basis::assumed(&origin);
        let none = Layer {
            rules: &variant.rule,
            ladder: None,
            token: None,
            incidents: &[],
            reconnect: None,
            traits: &[],
            beyond: BeyondLayer::default(),
            basis,
            own: false,
        };
        draft.lay(&none, &names, report);
        Some(())
    }
}

/// The profile and variant that a scenario names.
#[derive(Debug)]
pub(crate) struct Chosen {
    of: &'static Profile,
    pub(crate) profile: String,
    pub(crate) variant: String,
}

/// A profile in its default variant.
pub(crate) fn default_of(profile: &'static Profile) -> Chosen {
    Chosen { of: profile, profile: profile.file.name.clone(), variant: profile.file.default_variant.clone() }
}

/// Looks up a profile and its variant; none, and a finding, when there is none of that name.
pub(crate) fn choose(name: &At<String>, variant: Option<&At<String>>, report: &mut Report) -> Option<Chosen> {
    let Some(profile) = Profile::find(name) else {
        let known: Vec<&str> = PROFILES.iter().map(Profile::name).collect();
        unknown("platform", name, &known, report);
        return None;
    };
    let known: Vec<&str> = profile.variants().map(|variant| variant.name).collect();
    let default = profile.file.default_variant.as_str();
    let named = variant.map_or(default, |variant| variant.as_str());
    let chosen = if known.contains(&named) {
        named
    } else {
        if let Some(variant) = variant {
            unknown("variant", variant, &known, report);
        }
        default
    };
    Some(Chosen { of: profile, profile: name.value.clone(), variant: chosen.to_owned() })
}

impl Chosen {
    /// Lays the profile under what the scenario states.
    pub(crate) fn lay(&self, draft: &mut Draft) {
        // A profile's own findings are none of the scenario's author's business; a test shows that there are none.
        let _ = self.of.lay(&self.variant, draft, &mut Report::default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Class, DaysLaw, Rung, Trial};

    #[test]
    fn built_in_profiles_have_no_findings() {
        let mut report = Report::default();
        let file: ProfileFile =
            read(LINKEDIN, &Shape::of::<ProfileFile>(), &mut report).expect("it is a profile");
        let profile = Profile { file };
        for variant in profile.variants() {
            assert!(profile.lay(variant.name, &mut Draft::default(), &mut report).is_some());
        }
        assert_eq!(report.into_findings(LINKEDIN), []);
        assert_eq!(profile.variants().filter(|variant| variant.is_default).count(), 1);
    }

    #[test]
    fn every_number_of_a_profile_states_its_origin() {
        for profile in Profile::all() {
            for variant in profile.variants() {
                let (platform, assumptions) = profile.platform(variant.name).expect("it is a variant");
                let limits: usize = platform.rules.iter().map(|rule| rule.rule.limits.len() + 1).sum();
                assert_eq!(
                    assumptions.len(),
                    limits + platform.ladder.rungs.len() + 1 + 4 + platform.incidents.len() + 5
                );
                for number in assumptions {
                    let known =
                        !number.source.starts_with("profile ") && !number.source.starts_with("default");
                    assert!(known, "{} {}: no source", variant.name, number.subject);
                    assert!(number.checked.is_some(), "{}: no date", number.subject);
                    assert!(!number.source.contains('['), "{}: an unexplained key", number.subject);
                }
            }
        }
    }

    #[test]
    fn the_cautious_linkedin_is_the_default_and_reads_as_documented() {
        let profile = Profile::find("linkedin").expect("it is built in");
        let names: Vec<_> = profile.variants().map(|variant| (variant.name, variant.is_default)).collect();
        assert_eq!(names, [("cautious", true), ("reported_limit", false)]);
        let (platform, assumptions) = profile.platform("cautious").expect("it is a variant");
        let limits = |name: &str| -> Vec<(String, u32)> {
            let rule = platform.rules.iter().find(|rule| rule.name == name).expect("it is a rule");
            rule.rule.limits.iter().map(|limit| (limit.window.to_string(), limit.max)).collect()
        };
        assert_eq!(limits("connection_requests"), [("24 h".to_owned(), 15), ("7 d".to_owned(), 80)]);
        assert_eq!(limits("messages"), [("24 h".to_owned(), 40)]);
        assert_eq!(limits("profile_views"), [("24 h".to_owned(), 80)]);
        assert_eq!(limits("page_searches"), [("24 h".to_owned(), 30), ("calendar month".to_owned(), 300)]);
        assert_eq!(limits("all_interactions"), [("24 h".to_owned(), 100)]);
        for rule in &platform.rules {
            assert_eq!((rule.detection.per, rule.detection.probability), (Trial::Day, 0.05));
        }
        assert_eq!(platform.token.lifetime_days, Some(365));
        assert_eq!(platform.token.idle_days, Some(60));
        assert!(!platform.token.refresh_on_use);
        assert_eq!(platform.ladder.rungs.len(), 4);
        assert_eq!(platform.ladder.rungs[0], Rung::Restriction(DaysLaw::Fixed(1)));
        assert_eq!(platform.ladder.rungs[3], Rung::Permanent);
        let incidents: Vec<_> = platform.incidents.iter().map(|i| (i.cause.as_str(), i.per_day)).collect();
        assert_eq!(
            incidents,
            [("password_changed", 0.001), ("access_revoked", 0.0003), ("admin_role_lost", 0.0002)]
        );
        let detection = assumptions.iter().find(|number| number.subject.ends_with("detection"));
        assert_eq!(detection.map(|number| number.class), Some(Class::Assumption));
    }
}
