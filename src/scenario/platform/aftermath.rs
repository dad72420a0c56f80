//! What follows a disconnection, as far as it has been stated.

use super::Layer;
use super::basis::Basis;
use super::days;
use crate::scenario::diagnostic::Report;
use crate::scenario::located::At;
use crate::scenario::platform_file::{DaysFile, RequiredStepFile};
use crate::scenario::{Aftermath, Assumption, DaysLaw, ReportedLate, RequiredStep};

/// A stated value and its origin.
type Stated<T> = Option<(T, Basis)>;

/// What has been stated about reconnecting besides its delays.
#[derive(Debug, Clone, Default)]
pub(crate) struct AftermathDraft {
    declines: Stated<f64>,
    asks_again: Stated<DaysLaw>,
    required_step: Stated<RequiredStep>,
    cause_unknown: Stated<f64>,
    reported_late: Vec<(String, DaysLaw, Basis)>,
    takes_permission: Vec<(String, bool, Basis)>,
}

impl AftermathDraft {
    pub(crate) fn lay(&mut self, layer: &Layer<'_>, report: &mut Report) {
        self.lay_reconnect(layer, report);
        for file in layer.incidents {
            let Some(cause) = &file.cause else { continue };
            let basis = layer.basis.within(file.basis.as_ref());
            self.lay_report_delay(cause, file.report_delay.as_ref(), &basis, report);
            if let Some(takes) = file.takes_permission {
                self.takes_permission.retain(|(name, ..)| *name != cause.value);
                self.takes_permission.push((cause.value.clone(), takes, basis));
            }
        }
        for file in layer.traits {
            let Some(name) = &file.name else { continue };
            let basis = layer.basis.within(file.basis.as_ref());
            self.lay_report_delay(name, file.report_delay.as_ref(), &basis, report);
        }
    }

    fn lay_reconnect(&mut self, layer: &Layer<'_>, report: &mut Report) {
        let Some(file) = layer.reconnect else { return };
        let basis = layer.basis.within(file.basis.as_ref());
        let replace = |known: &mut Stated<f64>, stated: &Option<At<f64>>| {
            if let Some(stated) = stated {
                *known = Some((stated.value, basis.clone()));
            }
        };
        replace(&mut self.declines, &file.declines);
        replace(&mut self.cause_unknown, &file.cause_unknown);
        if let Some(stated) = &file.asks_again {
            if self.declines.as_ref().is_none_or(|(declines, _)| *declines == 0.0) {
                report
                    .warning(stated.span.clone(), "`asks_again` has no effect: nobody declines")
                    .hint("state how often they do, as in declines = 0.1");
            }
            let law = days::read(stated, report);
            self.asks_again =
                law.map(|law| (law, basis.within(stated.basis.as_ref()))).or(self.asks_again.take());
        }
        if let Some(stated) = &file.required_step {
            let step = read_step(stated, report);
            self.required_step = step.map(|step| (step, basis.clone())).or(self.required_step.take());
        }
    }

    fn lay_report_delay(
        &mut self,
        name: &At<String>,
        stated: Option<&At<DaysFile>>,
        basis: &Basis,
        report: &mut Report,
    ) {
        let Some(stated) = stated else { return };
        if let Some(law) = days::read(stated, report) {
            self.reported_late.retain(|(known, ..)| *known != name.value);
            self.reported_late.push((name.value.clone(), law, basis.within(stated.basis.as_ref())));
        }
    }

    pub(crate) fn finish(&self, assumptions: &mut Vec<Assumption>) -> Aftermath {
        let mut note =
            |subject: String, value: String, basis: &Basis| assumptions.push(basis.of(subject, value));
        for (share, subject) in [
            (&self.declines, "reconnection: the user declines"),
            (&self.cause_unknown, "disconnection: the user is not told why"),
        ] {
            if let Some((probability, basis)) = share {
                note(subject.to_owned(), format!("probability {probability}"), basis);
            }
        }
        if let Some((law, basis)) = &self.asks_again {
            note("reconnection: asked again after".to_owned(), law.to_string(), basis);
        }
        if let Some((step, basis)) = &self.required_step {
            let value = format!("probability {}, {}", step.probability, step.days);
            note("restriction: required step before access returns".to_owned(), value, basis);
        }
        for (name, law, basis) in &self.reported_late {
            note(format!("{name}: reported after"), law.to_string(), basis);
        }
        for (name, takes, basis) in &self.takes_permission {
            let value = if *takes { "yes" } else { "no" };
            note(format!("incident {name}: takes permission"), value.to_owned(), basis);
        }
        let late =
            |(name, days, _): &(String, DaysLaw, Basis)| ReportedLate { name: name.clone(), days: *days };
        let taking = self.takes_permission.iter().filter(|(_, takes, _)| *takes);
        Aftermath {
            declines: self.declines.as_ref().map_or(0.0, |stated| stated.0),
            asks_again: self.asks_again.as_ref().map(|stated| stated.0),
            required_step: self.required_step.as_ref().map(|stated| stated.0),
            cause_unknown: self.cause_unknown.as_ref().map_or(0.0, |stated| stated.0),
            reported_late: self.reported_late.iter().map(late).collect(),
            takes_permission: taking.map(|(name, ..)| name.clone()).collect(),
        }
    }
}

fn read_step(file: &At<RequiredStepFile>, report: &mut Report) -> Option<RequiredStep> {
    let days = file.days.as_ref().and_then(|law| days::read(law, report));
    Some(RequiredStep { probability: file.probability?, days: days? })
}
