//! Built-in platform profiles: data files in the format of scenarios, each number with its origin. A profile is laid over
//! the traits that all platforms share, and a variant over its profile.

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

const TEXTS: [&str; 7] = [
    include_str!("../profiles/linkedin.toml"),
    include_str!("../profiles/facebook.toml"),
    include_str!("../profiles/instagram.toml"),
    include_str!("../profiles/x.toml"),
    include_str!("../profiles/pinterest.toml"),
    include_str!("../profiles/youtube.toml"),
    include_str!("../profiles/tiktok.toml"),
];

const TRAITS: &str = include_str!("../profiles/traits.toml");

static PROFILES: LazyLock<Vec<Profile>> = LazyLock::new(|| {
    let shape = Shape::of::<ProfileFile>();
    let mut report = Report::default();
    let files = TEXTS.into_iter().filter_map(|text| read(text, &shape, &mut report));
    files.map(|file| Profile { file }).collect()
});

/// The traits that every platform has, unless its profile changes them.
static SHARED_TRAITS: LazyLock<Vec<At<TraitFile>>> = LazyLock::new(|| {
    let file: Option<TraitsFile> = read(TRAITS, &Shape::of::<TraitsFile>(), &mut Report::default());
    file.map(|file| file.traits).unwrap_or_default()
});

/// What is known about a platform: its tokens, incidents, ladder, rules and traits, in variants.
#[derive(Debug)]
pub struct Profile {
    file: ProfileFile,
}

/// One reading of a platform: its volume rules, and what else differs from the profile.
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
struct TraitsFile {
    #[serde(rename = "trait")]
    traits: Vec<At<TraitFile>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct VariantFile {
    name: String,
    description: String,
    /// The variant that this one is laid over.
    extends: Option<String>,
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

impl VariantFile {
    fn layer(&self, basis: Basis) -> Layer<'_> {
        Layer {
            rules: &self.rule,
            ladder: self.ladder.as_ref(),
            token: self.token.as_ref(),
            incidents: &self.incident,
            reconnect: self.reconnect.as_ref(),
            traits: &self.traits,
            beyond: BeyondLayer::default(),
            basis,
            own: false,
        }
    }
}

impl ProfileFile {
    fn layer(&self, basis: Basis) -> Layer<'_> {
        Layer {
            rules: &self.rule,
            ladder: self.ladder.as_ref(),
            token: self.token.as_ref(),
            incidents: &self.incident,
            reconnect: self.reconnect.as_ref(),
            traits: &self.traits,
            beyond: BeyondLayer::default(),
            basis,
            own: false,
        }
    }
}

/// The traits that all platforms share.
fn shared_layer(basis: Basis) -> Layer<'static> {
    Layer {
        rules: &[],
        ladder: None,
        token: None,
        incidents: &[],
        reconnect: None,
        traits: &SHARED_TRAITS,
        beyond: BeyondLayer::default(),
        basis,
        own: false,
    }
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

    /// The built-in profile of that name with the variant that is named, else its default one.
    ///
    /// # Errors
    /// When there is no such profile or variant; the message names those that there are.
    pub fn chosen<'v>(name: &str, variant: Option<&'v str>) -> Result<(&'static Profile, &'v str), String> {
        let profile = Profile::find(name).ok_or_else(|| {
            let known: Vec<&str> = Profile::all().iter().map(Profile::name).collect();
            format!("no platform is called `{name}`; known: {}", known.join(", "))
        })?;
        let chosen = variant.unwrap_or(&profile.file.default_variant);
        let known: Vec<&str> = profile.variants().map(|variant| variant.name).collect();
        if known.contains(&chosen) {
            Ok((profile, chosen))
        } else {
            Err(format!("`{name}` has no variant `{chosen}`; known: {}", known.join(", ")))
        }
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
        let variant = self.variant(variant)?;
        let (file, names) = (&self.file, Names::standard());
        let basis = Basis::assumed(&format!("profile {}", file.name));
        draft.lay(&shared_layer(basis.clone()), &names, report);
        draft.lay(&file.layer(basis.clone()), &names, report);
        if let Some(other) = variant.extends.as_deref() {
            draft.lay(&self.variant(other)?.layer(basis.clone()), &names, report);
        }
        draft.lay(&variant.layer(basis), &names, report);
        Some(())
    }

    fn variant(&self, name: &str) -> Option<&VariantFile> {
        self.file.variant.iter().find(|known| known.name == name)
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
        for text in TEXTS {
            let mut report = Report::default();
            let file: ProfileFile =
                read(text, &Shape::of::<ProfileFile>(), &mut report).expect("it is a profile");
            let profile = Profile { file };
            for variant in profile.variants() {
                let laid = profile.lay(variant.name, &mut Draft::default(), &mut report);
                assert!(laid.is_some(), "{}, {}", profile.name(), variant.name);
            }
            assert_eq!(report.into_findings(text), [], "{}", profile.name());
            assert_eq!(profile.variants().filter(|variant| variant.is_default).count(), 1);
            assert!(!profile.not_modelled().is_empty(), "{}: everything is modelled?", profile.name());
        }
        let mut report = Report::default();
        let shared: Option<TraitsFile> = read(TRAITS, &Shape::of::<TraitsFile>(), &mut report);
        assert!(shared.is_some_and(|shared| shared.traits.len() > 5));
        assert_eq!(report.into_findings(TRAITS), []);
    }

    #[test]
    fn the_seven_platforms_are_built_in_each_under_one_name() {
        let names: Vec<&str> = Profile::all().iter().map(Profile::name).collect();
        assert_eq!(names, ["linkedin", "facebook", "instagram", "x", "pinterest", "youtube", "tiktok"]);
    }

    #[test]
    fn every_number_of_a_profile_states_its_origin() {
        for profile in Profile::all() {
            for variant in profile.variants() {
                let (platform, assumptions) = profile.platform(variant.name).expect("it is a variant");
                let limits: usize = platform.rules.iter().map(|rule| rule.rule.limits.len() + 1).sum();
                let incidents = platform.incidents.iter().map(|own| 1 + usize::from(own.reconnect.is_some()));
                let token = assumptions.iter().filter(|number| number.subject.starts_with("token: ")).count();
                assert!((4..=6).contains(&token), "{} {}", profile.name(), variant.name);
                assert_eq!(
                    assumptions.len(),
                    limits
                        + platform.ladder.rungs.len()
                        + 1
                        + token
                        + incidents.sum::<usize>()
                        + 5
                        + platform.traits.len()
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
        assert_eq!(names, [("cautious", true), ("reported_limit", false), ("self_serve", false)]);
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
