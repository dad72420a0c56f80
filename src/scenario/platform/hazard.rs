//! Traits as far as they have been stated: what each makes an account liable to.

use super::Layer;
use super::basis::Basis;
use crate::scenario::diagnostic::Report;
use crate::scenario::located::At;
use crate::scenario::platform_file::TraitFile;
use crate::scenario::resolve::Names;
use crate::scenario::shape::shortened;
use crate::scenario::spelling::is_identifier;
use crate::scenario::{Assumption, Consequence, Hazard};

/// A trait's hazard with the origin of its numbers.
#[derive(Debug, Clone)]
pub(crate) struct HazardDraft {
    pub(crate) hazard: Hazard,
    /// Whether the scenario itself states something about it.
    pub(crate) own: bool,
    basis: Basis,
}

/// Lays the traits of a layer over those stated before.
pub(crate) fn lay(hazards: &mut Vec<HazardDraft>, layer: &Layer<'_>, names: &Names, report: &mut Report) {
    let mut seen: Vec<&str> = Vec::new();
    for file in layer.traits {
        let Some(name) = &file.name else { continue };
        if seen.contains(&name.as_str()) {
            report.error(name.span.clone(), format!("a second trait named `{}`", shortened(name)));
            continue;
        }
        if !is_identifier(name) {
            let message = format!("`{}` is no name for a trait", shortened(name));
            report.error(name.span.clone(), message).hint("use lower-case letters, digits and `_`");
        }
        seen.push(name);
        let basis = layer.basis.within(file.basis.as_ref());
        if let Some(draft) = hazards.iter_mut().find(|draft| draft.hazard.name == name.value) {
            draft.own |= layer.own;
            draft.change(file, basis, names, report);
            continue;
        }
        if file.does_nothing() {
            report.missing(
                &file.span,
                format!("trait `{}` does nothing", shortened(name)),
                "state a hazard, as in per_day = 0.001, or a factor, as in scrutiny = 2",
            );
        }
        let mut draft = HazardDraft::new(&name.value, layer.own, basis.clone());
        draft.change(file, basis, names, report);
        hazards.push(draft);
    }
}

impl TraitFile {
    fn does_nothing(&self) -> bool {
        self.per_day.is_none()
            && self.per_action.is_none()
            && self.scrutiny.is_none()
            && self.earlier_flags.is_none()
            && self.refuses.is_empty()
    }
}

impl HazardDraft {
    fn new(name: &str, own: bool, basis: Basis) -> HazardDraft {
        let hazard = Hazard {
            name: name.to_owned(),
            per_day: 0.0,
            per_person: false,
            per_action: Vec::new(),
            scrutiny: 1.0,
            earlier_flags: 0,
            consequence: Consequence::Ladder,
            refuses: Vec::new(),
            breaks_terms: false,
            innocent: false,
        };
        HazardDraft { hazard, own, basis }
    }

    fn change(&mut self, file: &At<TraitFile>, basis: Basis, names: &Names, report: &mut Report) {
        let hazard = &mut self.hazard;
        hazard.per_day = file.per_day.as_ref().map_or(hazard.per_day, |stated| stated.value);
        hazard.per_person = file.per_person.unwrap_or(hazard.per_person);
        hazard.scrutiny = file.scrutiny.unwrap_or(hazard.scrutiny);
        hazard.earlier_flags = file.earlier_flags.unwrap_or(hazard.earlier_flags);
        hazard.breaks_terms = file.breaks_terms.unwrap_or(hazard.breaks_terms);
        hazard.innocent = file.innocent.unwrap_or(hazard.innocent);
        if !file.refuses.is_empty() {
            hazard.refuses = names.list(&file.refuses, report);
        }
        if let Some(consequence) = &file.consequence {
            hazard.consequence = Consequence::of_hazard(consequence, names, report);
        }
        if let Some(per_action) = &file.per_action {
            let actions = names.list(&per_action.actions, report);
            if per_action.actions.is_empty() {
                let hint = "list them, as in actions = [\"post\"]";
                report.missing(&per_action.span, "which actions?", hint);
            }
            let probability = per_action.probability.unwrap_or(0.0);
            hazard.per_action = actions.into_iter().map(|action| (action, probability)).collect();
        }
        self.basis = basis;
    }

    /// The trait's numbers with their origin.
    pub(crate) fn assumptions(&self, actions: &[String]) -> Vec<Assumption> {
        let hazard = &self.hazard;
        let mut parts: Vec<String> = Vec::new();
        if hazard.per_day > 0.0 {
            let each = if hazard.per_person { " for each further person" } else { "" };
            parts.push(format!("probability {} per connected day{each}", hazard.per_day));
        }
        for (action, probability) in &hazard.per_action {
            parts.push(format!("probability {probability} per {}", actions[*action]));
        }
        if hazard.scrutiny != 1.0 {
            parts.push(format!("breaches are noticed {} times as often", hazard.scrutiny));
        }
        if hazard.earlier_flags > 0 {
            parts.push(format!("{} flags from before", hazard.earlier_flags));
        }
        if !hazard.refuses.is_empty() {
            let refused: Vec<&str> = hazard.refuses.iter().map(|&action| actions[action].as_str()).collect();
            parts.push(format!("not permitted: {}", refused.join(", ")));
        }
        let tried = hazard.per_day > 0.0 || !hazard.per_action.is_empty();
        if tried || hazard.refuses.is_empty() {
            parts.push(format!("leads to {}", hazard.consequence));
        }
        vec![self.basis.of(format!("trait {}", hazard.name), parts.join("; "))]
    }
}
