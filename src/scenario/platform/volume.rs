//! Volume rules as far as they have been stated: a profile's, and what the scenario changes or adds.

use std::ops::Range;

use super::Layer;
use super::basis::Basis;
use crate::rules::{ActionId, Limit, Rule, Window};
use crate::scenario::diagnostic::{Report, suggestion};
use crate::scenario::located::At;
use crate::scenario::platform_file::{CalendarWindowFile, DetectionFile, PerFile, RuleFile, WindowFile};
use crate::scenario::resolve::Names;
use crate::scenario::shape::shortened;
use crate::scenario::zone::Zone;
use crate::scenario::{Assumption, Consequence, Detection, LimitOrigin, Trial, VolumeRule};
use crate::time::{Instant, parse_span};

/// A rule as far as it has been stated.
#[derive(Debug, Clone)]
pub(crate) struct RuleDraft {
    pub(crate) name: String,
    pub(crate) actions: Vec<ActionId>,
    pub(crate) limits: Vec<LimitDraft>,
    detection: Option<(Detection, Basis)>,
    pub(crate) consequence: Consequence,
    /// Where the scenario itself states the rule's name, if it does.
    pub(crate) own: Option<Range<usize>>,
}

/// A limit with its origin.
#[derive(Debug, Clone)]
pub(crate) struct LimitDraft {
    pub(crate) limit: Limit,
    /// The time zone of its calendar, if it is stated.
    pub(crate) zone: Option<Zone>,
    basis: Basis,
    /// Where the scenario itself states it, if it does.
    pub(crate) own: Option<Range<usize>>,
}

/// Lays the rules of a layer over those stated before; `others` are the names of earlier rules of other kinds.
pub(crate) fn lay(
    rules: &mut Vec<RuleDraft>,
    layer: &Layer<'_>,
    (names, others): (&Names, &[String]),
    report: &mut Report,
) {
    let inherited: Vec<String> = rules.iter().map(|rule| &rule.name).chain(others).cloned().collect();
    let mut seen: Vec<&str> = Vec::new();
    for file in layer.rules {
        let Some(name) = &file.name else { continue };
        if seen.contains(&name.as_str()) {
            report.error(name.span.clone(), format!("a second rule named `{}`", shortened(name)));
            continue;
        }
        seen.push(name);
        let own = layer.own.then(|| name.span.clone());
        let known = rules.iter().position(|rule| rule.name == name.value);
        match (known, file.enabled) {
            (Some(at), Some(false)) => {
                rules.remove(at);
            }
            (Some(at), _) => {
                if layer.own && rules[at].is_foreign() && file.actions.is_empty() {
                    foreign_rule(name, report);
                }
                rules[at].own = own.or(rules[at].own.take());
                rules[at].change(file, layer, names, report);
            }
            (None, Some(false)) if others.contains(name) => {}
            (None, Some(false)) => unknown_rule(name, &inherited, report),
            (None, _) => {
                let (actions, limits) = (Vec::new(), Vec::new());
                let (name, consequence) = (name.value.clone(), Consequence::Ladder);
                let mut rule = RuleDraft { name, actions, limits, detection: None, consequence, own };
                rule.change(file, layer, names, report);
                rule.require_all(file, &inherited, report);
                rules.push(rule);
            }
        }
    }
}

fn foreign_rule(name: &At<String>, report: &mut Report) {
    let message =
        format!("what rule `{}` of the profile counts is not among this scenario's actions", shortened(name));
    let hint = "list its action in `actions` at the top of the file: `pacewise platforms NAME` names it";
    report.error(name.span.clone(), message).hint(hint);
}

fn unknown_rule(name: &At<String>, inherited: &[String], report: &mut Report) {
    let message = format!("there is no rule `{}` to switch off", shortened(name));
    let inherited: Vec<&str> = inherited.iter().map(String::as_str).collect();
    report.error(name.span.clone(), message).hint(match inherited.as_slice() {
        [] => "only rules of a platform profile can be switched off".to_owned(),
        inherited => suggestion(name, inherited),
    });
}

impl RuleDraft {
    /// What is stated replaces what was stated; a window of the same kind and length takes the new limit.
    fn change(&mut self, file: &At<RuleFile>, layer: &Layer<'_>, names: &Names, report: &mut Report) {
        let basis = layer.basis.within(file.basis.as_ref());
        if !file.actions.is_empty() {
            self.actions = names.list(&file.actions, report);
        }
        if let Some(consequence) = &file.consequence {
            self.consequence = Consequence::of_rule(consequence, names, report);
        }
        self.read_refusal(file, report);
        let mut stated: Vec<Window> = Vec::new();
        for window in &file.windows {
            let Some(limit) = read_limit(window, report) else { continue };
            if stated.contains(&limit.window) {
                let message = format!("a second limit for the window {}", limit.window);
                report.error(window.span.clone(), message);
                continue;
            }
            stated.push(limit.window);
            let own = layer.own.then(|| window.span.clone());
            let zone = read_zone(window, report);
            let draft = LimitDraft { limit, zone, basis: basis.within(window.basis.as_ref()), own };
            match self.limits.iter_mut().find(|known| known.limit.window == limit.window) {
                Some(known) => *known = draft,
                None => self.limits.push(draft),
            }
        }
        if let Some(detection) = &file.detection
            && let Some(read) = read_detection(detection, report)
        {
            self.detection = Some((read, basis.within(detection.basis.as_ref())));
        }
    }

    /// How long a refusal lasts, and what has no effect beside it.
    fn read_refusal(&mut self, file: &At<RuleFile>, report: &mut Report) {
        let refuses = matches!(self.consequence, Consequence::Refusal { .. });
        if let (true, Some(detection)) = (refuses, &file.detection) {
            report
                .warning(detection.span.clone(), "this detection has no effect: the rule refuses")
                .hint("to refuse and to flag, state two rules");
        }
        let Some(length) = &file.refuse_for else { return };
        if !refuses {
            report
                .error(length.span.clone(), "`refuse_for` needs consequence = \"refuse\"")
                .hint("to block actions after a noticed breach, use restrict_feature");
        } else if let Some(span) = read_span(length, report) {
            self.consequence = Consequence::Refusal { lasts: Some(span) };
        }
    }

    fn require_all(&self, file: &At<RuleFile>, inherited: &[String], report: &mut Report) {
        let meant = super::super::spelling::nearest(&self.name, inherited.iter().map(String::as_str));
        let hint = |what: &str| match meant {
            Some(meant) => format!("{what}; to change the profile's rule, name it `{meant}`"),
            None => what.to_owned(),
        };
        let name = shortened(&self.name);
        if file.actions.is_empty() {
            let hint = hint("list what it counts, as in actions = [\"message\"]");
            report.missing(&file.span, format!("rule `{name}` has no actions"), &hint);
        }
        if file.windows.is_empty() {
            let hint = hint("state at least one, as in windows = [{ calendar = \"day\", limit = 40 }]");
            report.missing(&file.span, format!("rule `{name}` has no windows"), &hint);
        }
        if file.detection.is_none() && !matches!(self.consequence, Consequence::Refusal { .. }) {
            let hint =
                hint("say how a breach is noticed, as in detection = { per = \"day\", probability = 0.05 }");
            report.missing(&file.span, format!("rule `{name}` has no detection"), &hint);
        }
    }

    /// Whether it counts what the scenario does not have.
    fn is_foreign(&self) -> bool {
        self.actions.is_empty()
    }

    /// The rule in force; none when it lacks something that was reported, or counts what the scenario does not have.
    pub(crate) fn finish(&self, here: Option<&Zone>) -> Option<VolumeRule> {
        let detection = match (&self.consequence, &self.detection) {
            (Consequence::Refusal { .. }, _) => Detection::NONE,
            (_, stated) => stated.as_ref()?.0,
        };
        let limits: Vec<Limit> = self.limits.iter().map(|draft| draft.seen_from(here)).collect();
        let rule = Rule { actions: self.actions.clone(), limits };
        let complete = !rule.actions.is_empty() && !rule.limits.is_empty();
        complete.then(|| VolumeRule {
            name: self.name.clone(),
            rule,
            origins: self.limits.iter().map(LimitDraft::origin).collect(),
            detection,
            consequence: self.consequence.clone(),
        })
    }

    /// The rule's numbers with their origins.
    pub(crate) fn assumptions(&self, actions: &[String], here: Option<&Zone>) -> Vec<Assumption> {
        if self.is_foreign() {
            return Vec::new();
        }
        let counted: Vec<&str> = self.actions.iter().map(|&action| actions[action].as_str()).collect();
        let counted = counted.join(" + ");
        let mut list = Vec::new();
        for LimitDraft { limit, zone, basis, .. } in &self.limits {
            let zone = zone.as_ref().filter(|_| here.is_some());
            let zone = zone.map(|zone| format!(" of {}", zone.name())).unwrap_or_default();
            let subject = format!("rule {}: {counted}, {}{zone}", self.name, limit.window);
            list.push(basis.of(subject, format!("at most {}", limit.max)));
        }
        if let Consequence::Refusal { .. } = self.consequence {
            let basis = self.limits.first().map(|draft| &draft.basis);
            let subject = format!("rule {}: consequence", self.name);
            list.extend(basis.map(|basis| basis.of(subject, self.consequence.to_string())));
        } else if let Some((detection, basis)) = &self.detection {
            let effect = match &self.consequence {
                Consequence::Ladder => String::new(),
                other => format!("; leads to {other}"),
            };
            list.push(basis.of(format!("rule {}: detection", self.name), format!("{detection}{effect}")));
        }
        list
    }
}

impl LimitDraft {
    fn origin(&self) -> LimitOrigin {
        let zone = self.zone.as_ref().map(|zone| zone.name().to_owned());
        LimitOrigin { class: self.basis.class, source: self.basis.source.clone(), zone }
    }

    /// The limit by the clock of the scenario; where that has no zone, every calendar is its own.
    fn seen_from(&self, here: Option<&Zone>) -> Limit {
        let (Some(here), Some(there)) = (here, &self.zone) else { return self.limit };
        Limit { window: self.limit.window.of_zone(here.ahead_of(there)), max: self.limit.max }
    }
}

fn read_zone(file: &At<WindowFile>, report: &mut Report) -> Option<Zone> {
    let name = file.zone.as_ref()?;
    if file.calendar.is_none() {
        report
            .error(name.span.clone(), "only calendar windows have a zone")
            .hint("a sliding window is the same everywhere: leave `zone` out");
        return None;
    }
    Zone::read(name, report)
}

fn read_limit(file: &At<WindowFile>, report: &mut Report) -> Option<Limit> {
    let window = read_window(file, report)?;
    Some(Limit { window, max: file.limit.as_ref()?.value })
}

fn read_window(file: &At<WindowFile>, report: &mut Report) -> Option<Window> {
    let calendar = file.calendar.map(|calendar| match calendar {
        CalendarWindowFile::Day => Window::Day,
        CalendarWindowFile::Week => Window::Week,
        CalendarWindowFile::Month => Window::Month,
    });
    let trailing = file.trailing_days.map(Window::TrailingDays);
    let stated = usize::from(file.sliding.is_some())
        + usize::from(calendar.is_some())
        + usize::from(trailing.is_some());
    let hint = "give exactly one of `sliding`, `calendar`, `trailing_days`";
    match stated {
        0 => report.missing(&file.span, "the window is missing", hint),
        1 => {}
        _ => report.error(file.span.clone(), "several windows for one limit").hint(hint),
    }
    if stated != 1 {
        return None;
    }
    calendar.or(trailing).or_else(|| read_span(file.sliding.as_ref()?, report).map(Window::Sliding))
}

fn read_span(length: &At<String>, report: &mut Report) -> Option<Instant> {
    match parse_span(length) {
        Ok(span) => Some(span),
        Err(error) => {
            report.error(length.span.clone(), format!("`{}` is {error}", shortened(length)));
            None
        }
    }
}

fn read_detection(file: &At<DetectionFile>, report: &mut Report) -> Option<Detection> {
    let per = match file.per? {
        PerFile::Event => Trial::Event,
        PerFile::Day => Trial::Day,
        PerFile::Week => Trial::Week,
    };
    let probability = file.probability.as_ref()?.value;
    let slope = file.slope.unwrap_or(0.0);
    if let Some(ceiling) = &file.ceiling
        && ceiling.value < probability
    {
        let message =
            format!("the ceiling, {}, is below the probability at the limit, {probability}", ceiling.value);
        report.error(ceiling.span.clone(), message);
        return None;
    }
    let ceiling = file.ceiling.as_ref().map_or(1.0, |ceiling| ceiling.value);
    Some(Detection { per, probability, slope, ceiling })
}

impl Detection {
    /// Of a rule that refuses: nothing is ever noticed.
    pub const NONE: Detection = Detection { per: Trial::Day, probability: 0.0, slope: 0.0, ceiling: 0.0 };
}

impl std::fmt::Display for Detection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let per = match self.per {
            Trial::Event => "breaching event",
            Trial::Day => "day with a breach",
            Trial::Week => "week with a breach",
        };
        write!(f, "probability {} per {per}", self.probability)?;
        if self.slope > 0.0 {
            write!(f, ", growing by {} per 100 % of excess up to {}", self.slope, self.ceiling)?;
        }
        Ok(())
    }
}
