//! The names of rules, actions and limits as requests and answers write them.

use std::collections::HashMap;

use axum::http::HeaderValue;
use foldhash::fast::RandomState;

use crate::rulebook::Rulebook;
use crate::rules::{ActionId, Limit, Rule, RuleSet, Window};
use crate::time::{DAY, Instant, SECOND};

/// The most rules: the answers to binary records have one byte, in which 0 is allowed and 255 a bad record.
const MOST_RULES: usize = 254;

/// Why rules cannot be served.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnservedRules {
    /// There are none.
    #[error("there are no rules: a limiter needs at least one")]
    None,
    /// There are too many for answers of one byte.
    #[error("there are {0} rules: a server takes at most {MOST_RULES}")]
    TooMany(usize),
}

/// What is looked up for each request and made once for all of them.
#[derive(Debug, Clone)]
pub(super) struct Wording {
    /// By action: its name.
    pub(super) actions: Vec<String>,
    ids: HashMap<String, ActionId, RandomState>,
    /// By rule: its name in JSON, quotes included.
    pub(super) quoted: Vec<String>,
    /// By action: its policies and the numbers of the limits on it.
    pub(super) policies: Vec<Policies>,
    /// By limit: the name of its policy, quotes included.
    pub(super) policy_names: Vec<String>,
}

/// What response headers say of the limits on one action.
#[derive(Debug, Clone)]
pub(super) struct Policies {
    pub(super) header: HeaderValue,
    pub(super) limits: Vec<usize>,
}

impl Wording {
    /// Of rules that can be served.
    pub(super) fn new(book: &Rulebook) -> Result<Wording, UnservedRules> {
        match book.rules.len() {
            0 => return Err(UnservedRules::None),
            1..=MOST_RULES => {}
            many => return Err(UnservedRules::TooMany(many)),
        }
        let (set, actions) = (&book.set, book.actions.clone());
        let policy_names = policy_names(set, &book.rules);
        let policies = (0..actions.len()).map(|action| policies(set, action, &policy_names)).collect();
        let quote = |name: &String| serde_json::Value::from(name.as_str()).to_string();
        let quoted = book.rules.iter().map(quote).collect();
        let ids = actions.iter().cloned().enumerate().map(|(id, name)| (name, id)).collect();
        Ok(Wording { actions, ids, quoted, policies, policy_names })
    }

    /// The number of an action.
    #[inline]
    pub(super) fn action(&self, name: &str) -> Option<ActionId> {
        self.ids.get(name).copied()
    }

    /// The names of all actions, for messages.
    pub(super) fn known_actions(&self) -> String {
        format!("one of: {}", self.actions.join(", "))
    }
}

/// A name for each limit: its rule's, and its window's where a rule has several.
fn policy_names(set: &RuleSet, names: &[String]) -> Vec<String> {
    let of_rule = |(rule, name): (&Rule, &String)| -> Vec<String> {
        let several = rule.limits.len() > 1;
        let of_limit =
            |limit: &Limit| if several { format!("{name} {}", limit.window) } else { name.clone() };
        rule.limits.iter().map(|limit| quoted_ascii(&of_limit(limit))).collect()
    };
    set.rules().iter().zip(names).flat_map(of_rule).collect()
}

fn policies(set: &RuleSet, action: ActionId, names: &[String]) -> Policies {
    let watching = set.watching(action);
    let limits: Vec<usize> =
        (0..set.limits()).filter(|&limit| watching.contains(&set.rule_of(limit))).collect();
    let policy = |&number: &usize| {
        let limit = set.limit(number);
        format!("{};q={};w={}", names[number], limit.max, seconds(limit.window))
    };
    let all: Vec<String> = limits.iter().map(policy).collect();
    let header = HeaderValue::from_str(&all.join(", ")).unwrap_or(HeaderValue::from_static(""));
    Policies { header, limits }
}

/// A string as structured header fields write it, with `_` for what they cannot write.
fn quoted_ascii(name: &str) -> String {
    let plain = |c: char| if (c == ' ' || c.is_ascii_graphic()) && c != '"' && c != '\\' { c } else { '_' };
    format!("\"{}\"", name.chars().map(plain).collect::<String>())
}

/// The longest that a window lasts, in seconds.
fn seconds(window: Window) -> Instant {
    let span = match window {
        Window::Sliding(span) => span,
        Window::Day => DAY,
        Window::Week => 7 * DAY,
        Window::Month => 31 * DAY,
        Window::TrailingDays(days) => Instant::from(days) * DAY,
        Window::Elsewhere(stretch, _) => return seconds(stretch.window()),
    };
    span.saturating_add(SECOND - 1) / SECOND
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Calendar;
    use crate::time::HOUR;

    fn wording(rules: Vec<(String, Rule)>, actions: &[&str]) -> Result<Wording, UnservedRules> {
        let actions = actions.iter().map(ToString::to_string).collect();
        Wording::new(&Rulebook::new(rules, actions, Calendar::Civil, String::new()))
    }

    fn rule(actions: &[ActionId], windows: &[(Window, u32)]) -> Rule {
        let limits = windows.iter().map(|&(window, max)| Limit { window, max }).collect();
        Rule { actions: actions.to_vec(), limits }
    }

    #[test]
    fn policies_of_an_action_are_those_of_the_rules_that_count_it() {
        let rules = vec![
            ("a \"b\"".to_owned(), rule(&[0], &[(Window::Sliding(1_500), 3)])),
            ("é".to_owned(), rule(&[0, 1], &[(Window::Sliding(HOUR), 5), (Window::Day, 9)])),
        ];
        let words = wording(rules, &["x", "y", "z"]).expect("two rules");
        let several = "\"_ 1 h\";q=5;w=3600, \"_ calendar day\";q=9;w=86400";
        assert_eq!(words.policies[0].header, format!("\"a _b_\";q=3;w=2, {several}").as_str());
        assert_eq!(words.policies[1].header, several);
        assert_eq!(words.policies[2].limits, Vec::<usize>::new());
        assert_eq!(words.quoted[0], r#""a \"b\"""#);
    }

    #[test]
    fn no_rules_and_more_than_a_byte_can_name_are_refused() {
        let many = |count| {
            let rules = (0..count).map(|n| (n.to_string(), rule(&[0], &[(Window::Day, 1)]))).collect();
            wording(rules, &["x"])
        };
        assert_eq!(many(0).err(), Some(UnservedRules::None));
        assert!(many(254).is_ok());
        assert_eq!(many(255).err(), Some(UnservedRules::TooMany(255)));
    }
}
