//! Files that hold rules and nothing else: the `[[rule]]` tables of a scenario, on their own or laid over a profile.

use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::de::DeTable;

use super::diagnostic::{Diagnostic, Report};
use super::file::ScenarioFile;
use super::located::At;
use super::parse::read;
use super::platform::basis::Basis;
use super::platform::beyond::BeyondLayer;
use super::platform::{Draft, Layer};
use super::platform_file::{ConsequenceFile, RuleFile};
use super::profile;
use super::resolve::Names;
use super::shape::Shape;
use super::{Platform, Scenario};

static SHAPE: LazyLock<Shape> = LazyLock::new(Shape::of::<RulesFile>);

/// Rules, without a scenario around them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RulesFile {
    /// Names of further actions.
    #[serde(default)]
    actions: Vec<At<String>>,
    /// The built-in profile whose rules are meant, such as "linkedin".
    platform: Option<At<String>>,
    /// The variant of the profile.
    variant: Option<At<String>>,
    /// Volume rules; a detection has no effect here and can be left out.
    #[serde(default)]
    rule: Vec<At<RuleFile>>,
}

/// The platforms that a text states rules of, and the actions that the rules know.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Names of the actions; an `ActionId` is an index here.
    pub actions: Vec<String>,
    /// The platforms with their rules; never empty.
    pub platforms: Vec<Platform>,
}

impl Rules {
    /// Reads the rules of a scenario's text, or of one that holds nothing but rules; none when it has mistakes. `read` hands
    /// over the text of files that a scenario names.
    #[must_use]
    pub fn parse(
        text: &str,
        stem: &str,
        read: &dyn Fn(&str) -> Result<String, String>,
    ) -> (Option<Rules>, Vec<Diagnostic>) {
        if is_scenario(text) {
            let parsed = Scenario::parse_beside(text, stem, read);
            let rules = parsed
                .scenario
                .map(|scenario| Rules { actions: scenario.actions, platforms: scenario.platforms });
            // What a simulation would warn of, a demand or a ladder, has no meaning here.
            let findings = if rules.is_some() { Vec::new() } else { parsed.diagnostics };
            return (rules, findings);
        }
        let mut report = Report::default();
        let rules = parse_rules(text, &mut report).filter(|_| !report.has_errors());
        (rules, report.into_findings(text))
    }
}

/// Whether a text has keys that only scenarios have.
fn is_scenario(text: &str) -> bool {
    let (table, _) = DeTable::parse_recoverable(text);
    let keys = |shape: &Shape| -> Vec<String> {
        let properties = shape.schema["properties"].as_object();
        properties.into_iter().flatten().map(|(name, _)| name.clone()).collect()
    };
    let (own, scenarios) = (keys(&SHAPE), keys(&Shape::of::<ScenarioFile>()));
    table.get_ref().keys().any(|key| {
        let name = key.get_ref().as_ref();
        !own.iter().any(|known| known == name) && scenarios.iter().any(|known| known == name)
    })
}

fn parse_rules(text: &str, report: &mut Report) -> Option<Rules> {
    let mut file: RulesFile = read(text, &SHAPE, report)?;
    for rule in &mut file.rule {
        let span = rule.span.clone();
        if rule.detection.is_none() && rule.consequence.is_none() {
            // Nothing is drawn here: a breach needs no probability of being noticed.
            rule.value.consequence = Some(At { value: ConsequenceFile::Refuse, span });
        }
    }
    let names = Names::read(&file.actions, report);
    let chosen = file.platform.as_ref().and_then(|name| profile::choose(name, file.variant.as_ref(), report));
    if let (None, Some(variant)) = (&file.platform, &file.variant) {
        report
            .error(variant.span.clone(), "a variant of what?")
            .hint("name its platform, as in platform = \"linkedin\"");
    }
    let mut draft = Draft::default();
    if let Some(chosen) = &chosen {
        chosen.lay(&mut draft, &names);
    }
    draft.lay(&layer(&file), &names, report);
    let name = file.platform.as_ref().map_or("platform", |name| name.as_str()).to_owned();
    let (profile, variant) = chosen.map(|chosen| (chosen.profile, chosen.variant)).unzip();
    let (platform, _) = draft.finish(name, profile, variant, (&names, None));
    if platform.rules.is_empty() && !report.has_errors() {
        report.error(0..0, "there are no rules here").hint("state some, as in [[rule]]");
    }
    Some(Rules { actions: names.all().to_vec(), platforms: vec![platform] })
}

fn layer(file: &RulesFile) -> Layer<'_> {
    Layer {
        rules: &file.rule,
        ladder: None,
        token: None,
        incidents: &[],
        reconnect: None,
        traits: &[],
        beyond: BeyondLayer::default(),
        basis: Basis::assumed("this file"),
        own: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str =
        "[[rule]]\nname = \"posts\"\nactions = [\"post\"]\nwindows = [{ sliding = \"1h\", limit = 2 }]\n";

    fn parse(text: &str) -> (Option<Rules>, Vec<String>) {
        let none = |_: &str| Err("no files".to_owned());
        let (rules, findings) = Rules::parse(text, "rules", &none);
        (rules, findings.into_iter().map(|finding| finding.message).collect())
    }

    fn limits(rules: &Rules) -> Vec<(String, u32)> {
        let rules = rules.platforms[0].rules.iter();
        rules.flat_map(|rule| rule.rule.limits.iter().map(|limit| (rule.name.clone(), limit.max))).collect()
    }

    #[test]
    fn rules_stand_alone_over_a_profile_or_in_a_scenario() {
        let (rules, findings) = parse(RULE);
        assert_eq!((limits(&rules.expect("rules")), findings), (vec![("posts".to_owned(), 2)], vec![]));
        let (rules, findings) = parse(&format!("platform = \"linkedin\"\n{RULE}"));
        let rules = rules.expect("rules");
        assert!(
            limits(&rules).len() > 5 && limits(&rules).contains(&("posts".to_owned(), 2)),
            "{findings:?}"
        );
        let scenario =
            format!("start = 2026-01-05\nhorizon_days = 9\n[demand.post]\npoisson = {{ mean = 1 }}\n{RULE}");
        let with_detection = scenario + "detection = { per = \"day\", probability = 0.1 }\n";
        let (rules, findings) = parse(&with_detection);
        assert_eq!(limits(&rules.unwrap_or_else(|| panic!("{findings:?}"))), [("posts".to_owned(), 2)]);
    }

    #[test]
    fn mistakes_are_those_of_scenarios() {
        for (text, says) in [
            (RULE.replace("post\"", "pots\""), "unknown action `pots`"),
            (RULE.replace("limit = 2", "limit = -2"), "`limit` must be"),
            ("platform = \"linkedn\"\n".to_owned(), "unknown platform `linkedn`"),
            ("variant = \"wild\"\n".to_owned() + RULE, "a variant of what?"),
            (String::new(), "there are no rules here"),
            ("rules = 3\n".to_owned(), "unknown key `rules`"),
        ] {
            let (rules, findings) = parse(&text);
            assert!(
                rules.is_none() && findings.iter().any(|found| found.contains(says)),
                "{text}: {findings:?}"
            );
        }
    }
}
