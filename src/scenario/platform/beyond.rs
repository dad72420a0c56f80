//! Rules beyond the counts of windows: read, checked, and with the origins of their numbers.

use super::Layer;
use super::basis::Basis;
use super::credit;
use super::days;
use super::volume::RuleDraft;
use crate::rules::ActionId;
use crate::scenario::beyond_file::{
    CreditFile, RatioFile, RatioOfFile, RatioToFile, ResponseFile, StockFile, StockOfFile, SurgeFile,
};
use crate::scenario::diagnostic::Report;
use crate::scenario::located::At;
use crate::scenario::platform_file::{BasisFile, ConsequenceFile};
use crate::scenario::resolve::Names;
use crate::scenario::shape::shortened;
use crate::scenario::spelling::is_identifier;
use crate::scenario::{
    Assumption, BeyondCounts, Bound, Consequence, Credit, DayRule, DaysLaw, Measure, Ratio, RatioOf, RatioTo,
    Response, Stock, StockOf, Surge,
};

/// What is stated beyond counts, with the origins of its numbers.
#[derive(Debug, Default)]
pub(crate) struct BeyondDraft {
    responses: Vec<Stated<Response>>,
    rules: Vec<Stated<DayRule>>,
    credits: Vec<Stated<Credit>>,
    /// How many layers have been laid, and whether the last one is the scenario itself.
    layers: u32,
    own: bool,
}

/// A table as read, the origin of its numbers, and the layer that states it.
#[derive(Debug, Clone)]
struct Stated<T> {
    value: T,
    assumption: Assumption,
    layer: u32,
    /// Whether the scenario itself states it.
    own: bool,
}

/// The tables of one text.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct BeyondLayer<'f> {
    pub(crate) responses: &'f [At<ResponseFile>],
    pub(crate) stocks: &'f [At<StockFile>],
    pub(crate) ratios: &'f [At<RatioFile>],
    pub(crate) surges: &'f [At<SurgeFile>],
    pub(crate) credits: &'f [At<CreditFile>],
}

/// What all rules by the day state.
struct Common<'f> {
    name: Option<&'f At<String>>,
    probability: Option<&'f At<f64>>,
    consequence: Option<&'f At<ConsequenceFile>>,
    basis: Option<&'f BasisFile>,
    kind: &'static str,
    /// Whether it can keep actions back.
    may_refuse: bool,
}

impl BeyondDraft {
    /// Adds what a layer states.
    pub(crate) fn lay(
        &mut self,
        layer: &Layer<'_>,
        (names, rules): (&Names, &[RuleDraft]),
        report: &mut Report,
    ) {
        self.layers += 1;
        self.own = layer.own;
        // A rule of counts takes the place of one of another kind with its name, or takes it away.
        layer.rules.iter().filter_map(|rule| rule.name.as_ref()).for_each(|name| self.remove(name));
        let context = (&layer.basis, names, rules);
        let BeyondLayer { responses, stocks, ratios, surges, credits } = layer.beyond;
        credit::lay(self, credits, context, report);
        for file in responses {
            self.lay_response(file, &layer.basis, names, report);
        }
        for file in stocks {
            let common = Common {
                name: file.name.as_ref(),
                probability: file.probability.as_ref(),
                consequence: file.consequence.as_ref(),
                basis: file.basis.as_ref(),
                kind: "stock",
                may_refuse: true,
            };
            let measure = self.stock(file, layer.own, names, report);
            self.lay_rule(&common, file.span.clone(), measure, context, report);
        }
        for file in ratios {
            let common = Common {
                name: file.name.as_ref(),
                probability: file.probability.as_ref(),
                consequence: file.consequence.as_ref(),
                basis: file.basis.as_ref(),
                kind: "ratio",
                may_refuse: false,
            };
            let measure = self.ratio(file, layer.own, names, report);
            self.lay_rule(&common, file.span.clone(), measure, context, report);
        }
        for file in surges {
            let common = Common {
                name: file.name.as_ref(),
                probability: file.probability.as_ref(),
                consequence: file.consequence.as_ref(),
                basis: file.basis.as_ref(),
                kind: "surge",
                may_refuse: false,
            };
            let measure = surge(file, names, report);
            self.lay_rule(&common, file.span.clone(), measure, context, report);
        }
    }

    fn lay_response(&mut self, file: &At<ResponseFile>, basis: &Basis, names: &Names, report: &mut Report) {
        let Some(action) = file.action.as_ref().and_then(|name| names.id(name, report)) else { return };
        let name = &names.all()[action];
        let known = self.responses.iter().position(|known| known.value.action == action);
        if known.is_some_and(|at| self.responses[at].layer == self.layers) {
            report.error(file.span.clone(), format!("a second response to `{name}`"));
            return;
        }
        let share = |stated: Option<f64>| stated.unwrap_or(0.0);
        let (accepted, declined, reported) =
            (share(file.accepted), share(file.declined), share(file.reported));
        let answered = accepted + declined + reported;
        if answered > 1.0 + 1e-9 {
            report
                .error(file.span.clone(), format!("the answers to `{name}` add up to {answered}"))
                .hint("`accepted`, `declined` and `reported` together are at most 1; the rest is ignored");
        }
        let law = file.delay.as_ref().and_then(|law| days::read(law, report));
        let response = Response {
            action,
            accepted,
            declined,
            reported,
            delay: law.unwrap_or(DaysLaw::Fixed(1)),
            withdraw_after_days: file.withdraw_after_days,
            pending_at_start: file.pending_at_start.unwrap_or(0),
            accepted_at_start: file.accepted_at_start.unwrap_or(0),
        };
        let basis = basis.within(file.basis.as_ref());
        let assumption = basis.of(format!("response to {name}"), response.to_string());
        let stated = Stated { value: response, assumption, layer: self.layers, own: self.own };
        match known {
            Some(at) => self.responses[at] = stated,
            None => self.responses.push(stated),
        }
    }

    /// The action of a rule about answers; none, and a finding, when nobody says how people answer. A profile may leave that
    /// to the scenario.
    fn answered(
        &self,
        action: Option<&At<String>>,
        own: bool,
        names: &Names,
        report: &mut Report,
    ) -> Option<ActionId> {
        let name = action?;
        let action = names.id(name, report)?;
        if own && self.responses.iter().all(|known| known.value.action != action) {
            report
                .error(name.span.clone(), format!("nobody says how people answer to `{}`", name.value))
                .hint("state it, as in [[response]] action = \"…\", accepted = 0.3, delay = { geometric = { mean = 3 } }");
            return None;
        }
        Some(action)
    }

    fn stock(&self, file: &At<StockFile>, own: bool, names: &Names, report: &mut Report) -> Option<Measure> {
        let action = self.answered(file.action.as_ref(), own, names, report)?;
        let of = match file.of? {
            StockOfFile::Pending => StockOf::Pending,
            StockOfFile::Accepted => StockOf::Accepted,
            StockOfFile::Reported => StockOf::Reported,
        };
        Some(Measure::Stock(Stock { action, of, limit: file.limit? }))
    }

    fn ratio(&self, file: &At<RatioFile>, own: bool, names: &Names, report: &mut Report) -> Option<Measure> {
        let action = self.answered(file.action.as_ref(), own, names, report)?;
        let bound = match (file.below, file.above) {
            (Some(below), None) => Bound::Below(below),
            (None, Some(above)) => Bound::Above(above),
            (None, None) => {
                let hint = "give one of `below` and `above`, as in below = 0.15";
                report.missing(&file.span, "this ratio has no bound", hint);
                return None;
            }
            (Some(_), Some(_)) => {
                let hint = "keep one of them, or state two ratios";
                report.error(file.span.clone(), "this ratio has two bounds, `below` and `above`").hint(hint);
                return None;
            }
        };
        let of = match file.of {
            Some(RatioOfFile::Reported) => RatioOf::Reported,
            Some(RatioOfFile::Accepted) | None => RatioOf::Accepted,
        };
        let to = match file.to {
            Some(RatioToFile::Answered) => RatioTo::Answered,
            Some(RatioToFile::Sent) | None => RatioTo::Sent,
        };
        let (trailing_days, at_least) = (file.trailing_days?, file.at_least.unwrap_or(1));
        Some(Measure::Ratio(Ratio { action, of, to, trailing_days, at_least, bound }))
    }

    /// A name is an identifier that no other rule of its layer has; one of an earlier layer gives way.
    pub(super) fn check_name(&self, name: &At<String>, kind: &str, rules: &[RuleDraft], report: &mut Report) {
        let here = |layer: u32| layer == self.layers;
        let by_day = self.rules.iter().filter(|known| here(known.layer)).map(|known| &known.value.name);
        let credits = self.credits.iter().filter(|known| here(known.layer)).map(|known| &known.value.name);
        let mut taken = by_day.chain(credits).chain(rules.iter().map(|rule| &rule.name));
        if taken.any(|known| *known == name.value) {
            report.error(name.span.clone(), format!("a second rule named `{}`", shortened(name)));
        } else if !is_identifier(name) {
            let message = format!("`{}` is no name for a {kind}", shortened(name));
            report.error(name.span.clone(), message).hint("use lower-case letters, digits and `_`");
        }
    }

    fn lay_rule(
        &mut self,
        common: &Common<'_>,
        span: std::ops::Range<usize>,
        measure: Option<Measure>,
        (basis, names, rules): (&Basis, &Names, &[RuleDraft]),
        report: &mut Report,
    ) {
        let Some(name) = common.name else { return };
        let kind = common.kind;
        self.check_name(name, kind, rules, report);
        let consequence = match common.consequence {
            None => Consequence::Ladder,
            Some(stated) if common.may_refuse => Consequence::of_rule(stated, names, report),
            Some(stated) => Consequence::of_hazard(stated, names, report),
        };
        let refuses = common.may_refuse && matches!(consequence, Consequence::Refusal { .. });
        match common.probability {
            None if !refuses => report.missing(
                &span,
                format!("{kind} `{}` has no probability", shortened(name)),
                "say how likely the breach of a day is noticed, as in probability = 0.05",
            ),
            Some(stated) if refuses => {
                let message = format!("this probability has no effect: the {kind} refuses");
                report.warning(stated.span.clone(), message);
            }
            _ => {}
        }
        let Some(measure) = measure else { return };
        let probability = common.probability.map_or(0.0, |stated| stated.value);
        let rule = DayRule { name: name.value.clone(), measure, probability, consequence };
        let basis = basis.within(common.basis);
        let assumption = basis.of(format!("{kind} {}", rule.name), rule.in_words(names.all()));
        self.remove(&rule.name);
        self.rules.push(Stated { value: rule, assumption, layer: self.layers, own: self.own });
    }

    pub(super) fn add_credit(&mut self, credit: Credit, assumption: Assumption) {
        self.remove(&credit.name);
        self.credits.push(Stated { value: credit, assumption, layer: self.layers, own: self.own });
    }

    /// Takes away what an earlier layer states under a name.
    fn remove(&mut self, name: &str) {
        let stays = |own: &str, layer: u32| own != name || layer == self.layers;
        self.rules.retain(|known| stays(&known.value.name, known.layer));
        self.credits.retain(|known| stays(&known.value.name, known.layer));
    }

    /// Takes away rules about answers that nobody gives.
    pub(super) fn leave_out_unanswered(&mut self) {
        let responses = &self.responses;
        let is_answered = |action| responses.iter().any(|known| known.value.action == action);
        self.rules.retain(|rule| match &rule.value.measure {
            Measure::Stock(stock) => is_answered(stock.action),
            Measure::Ratio(ratio) => is_answered(ratio.action),
            Measure::Surge(_) => true,
        });
    }

    /// Takes away what a profile states about actions that nobody does.
    pub(super) fn leave_out_unused(&mut self, is_done: impl Fn(ActionId) -> bool) {
        self.responses.retain(|known| known.own || is_done(known.value.action));
        self.credits.retain(|known| known.own || is_done(known.value.action));
        self.rules.retain(|known| {
            known.own
                || match &known.value.measure {
                    Measure::Stock(stock) => is_done(stock.action),
                    Measure::Ratio(ratio) => is_done(ratio.action),
                    Measure::Surge(surge) => surge.actions.iter().any(|&action| is_done(action)),
                }
        });
    }

    /// The names of rules and credits.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        let rules = self.rules.iter().map(|known| &known.value.name);
        rules.chain(self.credits.iter().map(|known| &known.value.name))
    }

    pub(super) fn consequences(&self) -> impl Iterator<Item = &Consequence> {
        self.rules.iter().map(|known| &known.value.consequence)
    }

    /// What is in force, and the origins of its numbers.
    pub(super) fn finish(&self, assumptions: &mut Vec<Assumption>) -> BeyondCounts {
        assumptions.extend(self.credits.iter().map(|known| known.assumption.clone()));
        assumptions.extend(self.responses.iter().map(|known| known.assumption.clone()));
        assumptions.extend(self.rules.iter().map(|known| known.assumption.clone()));
        BeyondCounts {
            responses: self.responses.iter().map(|known| known.value.clone()).collect(),
            rules: self.rules.iter().map(|known| known.value.clone()).collect(),
            credits: self.credits.iter().map(|known| known.value.clone()).collect(),
        }
    }
}

fn surge(file: &At<SurgeFile>, names: &Names, report: &mut Report) -> Option<Measure> {
    let actions = names.list(&file.actions, report);
    if file.actions.is_empty() {
        let hint = "list what it counts, as in actions = [\"message\"]";
        report.missing(&file.span, "this surge has no actions", hint);
    }
    let (factor, baseline_days) = (file.factor?, file.baseline_days?);
    let (trailing_days, minimum) = (file.trailing_days.unwrap_or(1), file.minimum.unwrap_or(1.0));
    Some(Measure::Surge(Surge { actions, trailing_days, baseline_days, factor, minimum }))
}

impl DayRule {
    fn in_words(&self, actions: &[String]) -> String {
        let measure = match &self.measure {
            Measure::Stock(stock) => {
                let of = match stock.of {
                    StockOf::Pending => "pending",
                    StockOf::Accepted => "accepted",
                    StockOf::Reported => "reported",
                };
                format!("at most {} {} {of}", stock.limit, actions[stock.action])
            }
            Measure::Ratio(ratio) => {
                let of = if ratio.of == RatioOf::Accepted { "accepted" } else { "reported" };
                let to = if ratio.to == RatioTo::Sent { "sent" } else { "answered" };
                let bound = match ratio.bound {
                    Bound::Below(bound) => format!("not below {bound}"),
                    Bound::Above(bound) => format!("not above {bound}"),
                };
                format!(
                    "{} {of} to {to} in {} days {bound}, from {} sent on",
                    actions[ratio.action], ratio.trailing_days, ratio.at_least
                )
            }
            Measure::Surge(surge) => {
                let counted: Vec<&str> =
                    surge.actions.iter().map(|&action| actions[action].as_str()).collect();
                format!(
                    "{} in {} days at most {} times the daily mean of the {} days before, or of {} a day",
                    counted.join(" + "),
                    surge.trailing_days,
                    surge.factor,
                    surge.baseline_days,
                    surge.minimum
                )
            }
        };
        match self.consequence {
            Consequence::Refusal { .. } => format!("{measure}; refusal of what exceeds it"),
            _ => format!(
                "{measure}; probability {} per day with a breach; leads to {}",
                self.probability, self.consequence
            ),
        }
    }
}

impl std::fmt::Display for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "accepted {}, declined {}, reported {}", self.accepted, self.declined, self.reported)?;
        write!(f, ", after {}", self.delay)?;
        if let Some(days) = self.withdraw_after_days {
            write!(f, "; withdrawn after {days} days")?;
        }
        if self.pending_at_start > 0 {
            write!(f, "; {} pending at the start", self.pending_at_start)?;
        }
        if self.accepted_at_start > 0 {
            write!(f, "; {} accepted before the start", self.accepted_at_start)?;
        }
        Ok(())
    }
}
