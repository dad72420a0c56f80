//! The rules that a log is held against, with their names and where their numbers come from.

use serde::Serialize;

use crate::rules::{Limit, Rule, RuleSet};
use crate::scenario::{Assumption, Class, Platform};

/// Rules with names.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleBook {
    /// The names of the actions, in order of their numbers.
    pub actions: Vec<String>,
    /// The rules, in order.
    pub rules: Vec<NamedRule>,
    /// Where they stand: a file, or a built-in profile and its variant.
    pub origin: String,
}

/// A rule with its name.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NamedRule {
    /// Unique name.
    pub name: String,
    /// What is counted, and the limits.
    pub rule: Rule,
    /// By limit: where its number comes from; empty where nothing is known.
    pub origins: Vec<Origin>,
}

/// Where a number comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Origin {
    /// How sure it is.
    pub class: Class,
    /// Who says so.
    pub source: String,
}

impl RuleBook {
    /// The volume rules of a platform, whose numbers have these origins.
    #[must_use]
    pub fn of_platform(platform: &Platform, assumptions: &[Assumption], actions: &[String], origin: String) -> RuleBook {
        let rules = platform.rules.iter().map(|volume| {
            let counted: Vec<&str> = volume.rule.actions.iter().map(|&action| actions[action].as_str()).collect();
            let origin_of = |limit: &Limit| {
                let subject = format!("rule {}: {}, {}", volume.name, counted.join(" + "), limit.window);
                let known = assumptions.iter().find(|number| number.subject.ends_with(&subject));
                known.map(|number| Origin { class: number.class, source: number.source.clone() })
            };
            let origins = volume.rule.limits.iter().map(origin_of).collect::<Option<_>>().unwrap_or_default();
            NamedRule { name: volume.name.clone(), rule: volume.rule.clone(), origins }
        });
        RuleBook { actions: actions.to_vec(), rules: rules.collect(), origin }
    }

    /// The rules for evaluation.
    #[must_use]
    pub fn rule_set(&self) -> RuleSet {
        RuleSet::new(self.rules.iter().map(|named| named.rule.clone()).collect(), self.actions.len())
    }

    /// All limits in order, each with its rule.
    pub fn limits(&self) -> impl Iterator<Item = (&NamedRule, Limit)> {
        self.rules.iter().flat_map(|named| named.rule.limits.iter().map(move |&limit| (named, limit)))
    }

    /// The names of the actions that a rule counts.
    #[must_use]
    pub fn actions_of(&self, named: &NamedRule) -> Vec<String> {
        named.rule.actions.iter().map(|&action| self.actions[action].clone()).collect()
    }
}
