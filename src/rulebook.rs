//! Rules with names: what logs, limiters and load tests are held against, and where it comes from.
//!
//! Times are unix time here, so that a limit which names a time zone has the calendar of that zone, its daylight saving
//! included; simulations, whose clock has none, shift such a limit instead.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::rules::{Calendar, Limit, Rule, RuleSet, UnknownZone, Window};
use crate::scenario::{Class, Platform, VolumeRule};

/// Rules, and the names of rules and actions.
#[derive(Debug, Clone, PartialEq)]
pub struct Rulebook {
    /// The rules; limits that name a time zone have calendars of their own.
    pub set: RuleSet,
    /// What instants mean to all other calendar windows.
    pub calendar: Calendar,
    /// By rule: its name.
    pub rules: Vec<String>,
    /// By action: its name.
    pub actions: Vec<String>,
    /// By limit over all rules, in order: where its number comes from; empty where nothing is known.
    pub origins: Vec<Origin>,
    /// Where the rules stand: a file, or a built-in profile and its variant.
    pub origin: String,
}

/// Where a number comes from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Origin {
    /// How sure it is.
    pub class: Class,
    /// Who says so.
    pub source: String,
}

impl Rulebook {
    /// Named rules whose limits have no zones, over these actions.
    ///
    /// # Panics
    /// When a rule names an action out of range.
    #[must_use]
    pub fn new(
        rules: Vec<(String, Rule)>,
        actions: Vec<String>,
        calendar: Calendar,
        origin: String,
    ) -> Rulebook {
        let (names, rules): (Vec<String>, Vec<Rule>) = rules.into_iter().unzip();
        let set = RuleSet::new(rules, actions.len());
        Rulebook { set, calendar, rules: names, actions, origins: Vec::new(), origin }
    }

    /// The volume rules of a platform, over these actions. Limits that name no zone are on `calendar`.
    ///
    /// # Errors
    /// When a limit names a zone that there is not.
    ///
    /// # Panics
    /// When a rule names an action out of range.
    pub fn of_platform(
        platform: &Platform,
        actions: Vec<String>,
        calendar: Calendar,
        origin: String,
    ) -> Result<Rulebook, UnknownZone> {
        let rules = platform.rules.iter().map(|volume| (volume.name.clone(), on_their_clocks(volume)));
        let mut book = Rulebook::new(rules.collect(), actions, calendar, origin);
        let calendars = platform.rules.iter().flat_map(calendars).collect::<Result<_, _>>()?;
        book.set = book.set.with_calendars(calendars);
        if platform.rules.iter().all(|volume| volume.origins.len() == volume.rule.limits.len()) {
            let stated = platform.rules.iter().flat_map(|volume| &volume.origins);
            let origin =
                |of: &crate::scenario::LimitOrigin| Origin { class: of.class, source: of.source.clone() };
            book.origins = stated.map(origin).collect();
        }
        Ok(book)
    }

    /// What the rules mean, in 64 hexadecimal digits (SHA-256): equal for rules that decide alike under the same names, in
    /// whatever file they stand and whatever other actions are known there.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut number = 0;
        let rules = self.set.rules().iter().zip(&self.rules).map(|(rule, name)| {
            // In whatever order a file names them, and however often.
            let actions: BTreeSet<String> =
                rule.actions.iter().map(|&action| self.action(action as u32)).collect();
            let limits = rule.limits.iter().map(|&limit| {
                // A sliding window is the same in every zone.
                let slides = matches!(limit.window, Window::Sliding(_));
                let zone = self.calendar_of(number).zone_name().filter(|_| !slides);
                number += 1;
                (limit, zone)
            });
            (name, actions, limits.collect::<Vec<_>>())
        });
        let json = serde_json::to_vec(&rules.collect::<Vec<_>>()).unwrap_or_default();
        let digits = Sha256::digest(&json).into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
        digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
    }

    /// The name of a rule; its number where it has none.
    #[must_use]
    pub fn rule(&self, rule: u32) -> String {
        self.rules.get(rule as usize).cloned().unwrap_or_else(|| format!("rule {rule}"))
    }

    /// The name of an action; its number where it has none.
    #[must_use]
    pub fn action(&self, action: u32) -> String {
        self.actions.get(action as usize).cloned().unwrap_or_else(|| format!("action {action}"))
    }

    /// All limits in order, each with the name of its rule.
    pub fn limits(&self) -> impl Iterator<Item = (&str, Limit)> {
        let rules = self.set.rules().iter().zip(&self.rules);
        rules.flat_map(|(rule, name)| rule.limits.iter().map(move |&limit| (name.as_str(), limit)))
    }

    /// The calendar of a limit, by the limit's number over all rules.
    #[must_use]
    pub fn calendar_of(&self, limit: usize) -> &Calendar {
        self.set.calendar(limit, &self.calendar)
    }

    /// The window of a limit in words, with the zone that the limit names.
    ///
    /// # Panics
    /// When there are not so many limits.
    #[must_use]
    pub fn window(&self, limit: usize) -> String {
        let window = self.set.limit(limit).window;
        self.set.zone(limit).map_or_else(|| window.to_string(), |zone| format!("{window} of {zone}"))
    }
}

/// A rule whose limits are on their own clocks where they name a zone, whatever the clock of the scenario that states it.
fn on_their_clocks(volume: &VolumeRule) -> Rule {
    let mut rule = volume.rule.clone();
    for (limit, origin) in rule.limits.iter_mut().zip(&volume.origins) {
        if origin.zone.is_some() {
            limit.window = limit.window.by_own_clock();
        }
    }
    rule
}

/// By limit: the calendar of the zone that it names.
fn calendars(volume: &VolumeRule) -> impl Iterator<Item = Result<Option<Calendar>, UnknownZone>> {
    let zone = |place: usize| volume.origins.get(place).and_then(|origin| origin.zone.as_deref());
    (0..volume.rule.limits.len()).map(move |place| zone(place).map(Calendar::named).transpose())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Rules;

    const RULES: &str = r#"
        [[rule]]
        name = "posts"
        actions = ["post"]
        windows = [{ sliding = "1h", limit = 2 }, { calendar = "day", zone = "Asia/Tokyo", limit = 9 }]
        [[rule]]
        name = "talk"
        actions = ["comment"]
        windows = [{ calendar = "day", limit = 5, basis = { class = "vendor", source = "a guide" } }]
    "#;

    fn platform(text: &str) -> Platform {
        let (rules, findings) = Rules::parse(text, "rules", &|_| Err("no files".to_owned()));
        rules.unwrap_or_else(|| panic!("{findings:?}")).platforms.remove(0)
    }

    fn book(platform: &Platform) -> Result<Rulebook, UnknownZone> {
        let actions = crate::scenario::STANDARD_ACTIONS.map(str::to_owned).to_vec();
        Rulebook::of_platform(platform, actions, Calendar::Civil, "a file".to_owned())
    }

    #[test]
    fn limits_keep_their_zone_class_and_source() {
        let book = book(&platform(RULES)).expect("known zones");
        let names: Vec<(&str, u32)> = book.limits().map(|(rule, limit)| (rule, limit.max)).collect();
        assert_eq!(names, [("posts", 2), ("posts", 9), ("talk", 5)]);
        let windows = [0, 1, 2].map(|limit| book.window(limit));
        assert_eq!(windows, ["1 h", "calendar day of Asia/Tokyo", "calendar day"]);
        assert_eq!(
            [0, 1, 2].map(|limit| book.calendar_of(limit).zone_name()),
            [None, Some("Asia/Tokyo"), None]
        );
        let sources: Vec<&str> = book.origins.iter().map(|origin| origin.source.as_str()).collect();
        assert_eq!(
            (sources, book.origins[2].class),
            (vec!["this file", "this file", "a guide"], Class::Vendor)
        );
    }

    #[test]
    fn a_fingerprint_is_that_of_what_rules_mean_and_of_nothing_else() {
        let at = |text: &str, actions: &[&str], calendar: Calendar| {
            let actions: Vec<String> = actions.iter().map(ToString::to_string).collect();
            Rulebook::of_platform(&platform(text), actions, calendar, text.len().to_string())
                .expect("known zones")
        };
        let standard = crate::scenario::STANDARD_ACTIONS;
        let print = |text: &str| at(text, &standard, Calendar::Civil).fingerprint();
        let same = print(RULES);
        assert!(same.len() == 64 && same.chars().all(|c| c.is_ascii_hexdigit()), "{same}");
        let more = [&standard[..], &["reply"]].concat();
        let elsewhere = at(&format!("{RULES}\n# the same"), &more, Calendar::Civil);
        assert_eq!(elsewhere.fingerprint(), same);
        let both = |actions: &str| print(&RULES.replace("[\"comment\"]", actions));
        let twice = ["[\"comment\", \"login\"]", "[\"login\", \"comment\"]"].map(both);
        assert_eq!(twice[0], twice[1], "a rule counts both, whichever is named first");
        for (from, to) in [
            ("limit = 2", "limit = 3"),
            ("\"1h\"", "\"2h\""),
            ("\"talk\"", "\"talks\""),
            ("[\"comment\"]", "[\"login\"]"),
            ("Asia/Tokyo", "Asia/Seoul"),
        ] {
            assert_ne!(print(&RULES.replace(from, to)), same, "{from}");
        }
        let berlin = || Calendar::named("Europe/Berlin").expect("there is one");
        assert_ne!(at(RULES, &standard, berlin()).fingerprint(), same, "the days of comments are others");
        let sliding = RULES.replace("{ calendar = \"day\", limit = 5,", "{ sliding = \"24h\", limit = 5,");
        assert_eq!(at(&sliding, &standard, berlin()).fingerprint(), print(&sliding));
    }

    #[test]
    fn a_scenario_that_shifts_a_limit_gives_it_its_own_clock_back() {
        let mut shifted = platform(RULES);
        let window = &mut shifted.rules[0].rule.limits[1].window;
        *window = window.of_zone(-8 * crate::time::HOUR);
        assert_ne!(*window, Window::Day);
        assert_eq!(book(&shifted), book(&platform(RULES)));
    }

    #[test]
    fn a_zone_that_there_is_not_is_refused_and_what_is_not_known_is_left_open() {
        let mut platform = platform(RULES);
        platform.rules[1].origins.clear();
        let open = book(&platform).expect("known zones");
        assert_eq!((open.origins.len(), open.set.zone(1)), (0, Some("Asia/Tokyo")));
        platform.rules[0].origins[1].zone = Some("Mars/Olympus".to_owned());
        assert_eq!(book(&platform), Err(UnknownZone("Mars/Olympus".to_owned())));
    }
}
