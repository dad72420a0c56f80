//! Tokens, incidents and reconnection as far as they have been stated.

use super::Layer;
use super::basis::Basis;
use super::days;
use crate::scenario::diagnostic::{Report, suggestion};
use crate::scenario::located::At;
use crate::scenario::platform_file::{DaysFile, IncidentFile, TokenFile};
use crate::scenario::shape::shortened;
use crate::scenario::spelling::is_identifier;
use crate::scenario::{Assumption, DaysLaw, Displacement, Incident, Reconnect, TokenPolicy};

/// The source of a number that neither the scenario nor the profile states.
const DEFAULT: &str = "default of pacewise";

/// Causes that the model itself names.
pub(crate) const RESERVED: [&str; 4] = ["restriction", "token_displaced", "token_expired", "token_idle"];

/// A stated value and its origin.
type Stated<T> = Option<(T, Basis)>;

/// What has been stated about tokens.
#[derive(Debug, Clone, Default)]
pub(crate) struct TokenDraft {
    lifetime_days: Stated<u32>,
    idle_days: Stated<u32>,
    refresh_on_use: Stated<bool>,
    renewable: Stated<bool>,
    collects_data: Stated<bool>,
    live_tokens: Stated<u32>,
    new_tokens_per_day: Stated<f64>,
}

impl TokenDraft {
    pub(crate) fn lay(&mut self, file: &TokenFile, outer: &Basis, report: &mut Report) {
        let basis = outer.within(file.basis.as_ref());
        replace(&mut self.lifetime_days, file.lifetime_days, &basis);
        replace(&mut self.idle_days, file.idle_days, &basis);
        replace(&mut self.refresh_on_use, file.refresh_on_use, &basis);
        replace(&mut self.renewable, file.renewable, &basis);
        replace(&mut self.collects_data, file.collects_data, &basis);
        replace(&mut self.live_tokens, file.live_tokens, &basis);
        replace(
            &mut self.new_tokens_per_day,
            file.new_tokens_per_day.as_ref().map(|rate| rate.value),
            &basis,
        );
        let caps = self.live_tokens.as_ref().is_some_and(|(tokens, _)| *tokens > 0);
        if let Some(rate) = file.new_tokens_per_day.as_ref().filter(|_| !caps) {
            report
                .warning(rate.span.clone(), "this has no effect: nothing limits the live tokens of a user")
                .hint("state the limit, as in live_tokens = 100");
        }
    }

    pub(crate) fn finish(&self, assumptions: &mut Vec<Assumption>) -> TokenPolicy {
        let mut days = |subject: &str, stated: &Stated<u32>| {
            let (days, basis) = stated.clone().unwrap_or_else(|| (0, Basis::assumed(DEFAULT)));
            let days = (days > 0).then_some(days);
            let value = days.map_or("unlimited".to_owned(), |days| format!("{days} days"));
            assumptions.push(basis.of(subject, value));
            days
        };
        let lifetime_days = days("token: lifetime", &self.lifetime_days);
        let idle_days = days("token: idle limit", &self.idle_days);
        let mut switch = |subject: &str, stated: &Stated<bool>, default: bool| {
            let (on, basis) = stated.clone().unwrap_or_else(|| (default, Basis::assumed(DEFAULT)));
            assumptions.push(basis.of(subject, if on { "yes" } else { "no" }));
            on
        };
        let refresh_on_use = switch("token: use restarts the lifetime", &self.refresh_on_use, false);
        let renewable = switch("token: renewable once dead", &self.renewable, true);
        let collects_data = self.collects_data.as_ref().is_some_and(|(collects, basis)| {
            let value = if *collects { "yes, every connected day" } else { "no" };
            assumptions.push(basis.of("token: the tool's own collection of data is use", value));
            *collects
        });
        let displacement = self.displacement(assumptions);
        TokenPolicy { lifetime_days, idle_days, refresh_on_use, collects_data, displacement, renewable }
    }

    fn displacement(&self, assumptions: &mut Vec<Assumption>) -> Option<Displacement> {
        let (live_tokens, basis) = self.live_tokens.as_ref().filter(|(tokens, _)| *tokens > 0)?;
        assumptions.push(basis.of("token: live at once for one user", live_tokens.to_string()));
        let (rate, basis) = self.new_tokens_per_day.as_ref()?;
        assumptions.push(basis.of("token: further ones of the same user", format!("{rate} a day")));
        (*rate > 0.0).then_some(Displacement { live_tokens: *live_tokens, new_tokens_per_day: *rate })
    }
}

/// An incident as far as it has been stated.
#[derive(Debug, Clone)]
pub(crate) struct IncidentDraft {
    incident: Incident,
    basis: Basis,
    delay: Basis,
}

/// Lays the incidents of a layer over those stated before.
pub(crate) fn lay_incidents(incidents: &mut Vec<IncidentDraft>, layer: &Layer<'_>, report: &mut Report) {
    let inherited: Vec<String> = incidents.iter().map(|draft| draft.incident.cause.clone()).collect();
    let mut seen: Vec<&str> = Vec::new();
    for file in layer.incidents {
        let Some(cause) = &file.cause else { continue };
        if seen.contains(&cause.as_str()) {
            report.error(
                cause.span.clone(),
                format!("a second incident with the cause `{}`", shortened(cause)),
            );
            continue;
        }
        if RESERVED.contains(&cause.as_str()) {
            let message = format!("`{}` is a cause of its own and no incident", cause.value);
            report.error(cause.span.clone(), message).hint("the ladder and the token decide about it");
            continue;
        }
        if !is_identifier(cause) {
            let message = format!("`{}` is no name for a cause", shortened(cause));
            report.error(cause.span.clone(), message).hint("use lower-case letters, digits and `_`");
        }
        seen.push(cause);
        let basis = layer.basis.within(file.basis.as_ref());
        match incidents.iter_mut().find(|draft| draft.incident.cause == cause.value) {
            Some(draft) => draft.change(file, basis, report),
            None => incidents.push(IncidentDraft::new(file, cause, basis, &inherited, report)),
        }
    }
    let total: f64 = incidents.iter().map(|draft| draft.incident.per_day).sum();
    let mut probabilities = layer.incidents.iter().filter_map(|file| file.per_day.as_ref());
    if let Some(last) = probabilities.next_back()
        && total > 1.0 + 1e-9
    {
        let message = format!("the incidents' probabilities per day add up to {total}, more than 1");
        report.error(last.span.clone(), message).hint("at most one incident strikes a day: lower them");
    }
}

impl IncidentDraft {
    fn new(
        file: &At<IncidentFile>,
        cause: &At<String>,
        basis: Basis,
        inherited: &[String],
        report: &mut Report,
    ) -> IncidentDraft {
        if file.per_day.is_none() {
            let inherited: Vec<&str> = inherited.iter().map(String::as_str).collect();
            let hint = match inherited.as_slice() {
                [] => "state the probability per connected day, as in per_day = 0.001".to_owned(),
                known => {
                    format!("state it, or name an incident of the profile; {}", suggestion(cause, known))
                }
            };
            report.missing(&file.span, "`per_day` is missing", &hint);
        }
        let cause = cause.value.clone();
        let incident = Incident { cause, per_day: 0.0, renewable: true, shared: false, reconnect: None };
        let mut draft = IncidentDraft { incident, basis: basis.clone(), delay: basis.clone() };
        draft.change(file, basis, report);
        draft
    }

    fn change(&mut self, file: &IncidentFile, basis: Basis, report: &mut Report) {
        if let Some(delay) = &file.reconnect {
            self.delay = basis.within(delay.basis.as_ref());
            self.incident.reconnect = days::read(delay, report).or(self.incident.reconnect);
        }
        if let Some(renewable) = file.renewable {
            self.incident.renewable = renewable;
        }
        if let Some(shared) = file.shared {
            self.incident.shared = shared;
        }
        if let Some(per_day) = &file.per_day {
            self.incident.per_day = per_day.value;
            self.basis = basis;
        }
    }

    pub(crate) fn finish(&self, assumptions: &mut Vec<Assumption>) -> Incident {
        let Incident { cause, per_day, shared, reconnect, .. } = &self.incident;
        let tried = if *shared { "day, for all accounts at once" } else { "connected day" };
        assumptions
            .push(self.basis.of(format!("incident {cause}"), format!("probability {per_day} per {tried}")));
        if let Some(delay) = reconnect {
            assumptions.push(self.delay.of(format!("incident {cause}: reconnection"), delay.to_string()));
        }
        self.incident.clone()
    }
}

/// What has been stated about reconnection, in the order of the fields of [`Reconnect`].
#[derive(Debug, Clone, Default)]
pub(crate) struct ReconnectDraft {
    delays: [Stated<DaysLaw>; 5],
}

impl ReconnectDraft {
    pub(crate) fn lay(&mut self, layer: &Layer<'_>, report: &mut Report) {
        let Some(file) = layer.reconnect else { return };
        let outer = layer.basis.within(file.basis.as_ref());
        let stated: [&Option<At<DaysFile>>; 5] = [
            &file.after_restriction,
            &file.token_expired,
            &file.token_idle,
            &file.incident,
            &file.new_authorisation,
        ];
        for (delay, stated) in self.delays.iter_mut().zip(stated) {
            if let Some(stated) = stated {
                replace(delay, days::read(stated, report), &outer.within(stated.basis.as_ref()));
            }
        }
    }

    pub(crate) fn finish(&self, assumptions: &mut Vec<Assumption>) -> Reconnect {
        const SUBJECTS: [&str; 5] = [
            "reconnection after a restriction",
            "reconnection after a token expired",
            "reconnection after a token fell idle",
            "reconnection after an incident",
            "new authorisation where nothing can be renewed",
        ];
        let geometric = DaysLaw::Geometric { mean: 2.0, at_least: 1 };
        let defaults = [DaysLaw::Fixed(1), geometric, geometric, geometric, geometric];
        let mut laws = defaults;
        for (at, law) in laws.iter_mut().enumerate() {
            let stated = self.delays[at].clone();
            let (stated, basis) = stated.unwrap_or_else(|| (defaults[at], Basis::assumed(DEFAULT)));
            assumptions.push(basis.of(SUBJECTS[at], stated.to_string()));
            *law = stated;
        }
        let [after_restriction, token_expired, token_idle, incident, new_authorisation] = laws;
        Reconnect { after_restriction, token_expired, token_idle, incident, new_authorisation }
    }
}

fn replace<T>(known: &mut Stated<T>, stated: Option<T>, basis: &Basis) {
    if let Some(stated) = stated {
        *known = Some((stated, basis.clone()));
    }
}
