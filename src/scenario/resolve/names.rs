//! The names of actions and what they stand for.

use crate::rules::ActionId;
use crate::scenario::STANDARD_ACTIONS;
use crate::scenario::diagnostic::{Report, suggestion};
use crate::scenario::located::At;
use crate::scenario::shape::shortened;
use crate::scenario::spelling::is_identifier;

/// The actions that a scenario knows: the standard ones, then its own.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    all: Vec<String>,
}

impl Names {
    pub(crate) fn standard() -> Names {
        Names { all: STANDARD_ACTIONS.map(str::to_owned).to_vec() }
    }

    /// The standard actions and those that the scenario adds.
    pub(crate) fn read(own: &[At<String>], report: &mut Report) -> Names {
        let mut names = Names::standard();
        for name in own {
            if STANDARD_ACTIONS.contains(&name.as_str()) {
                let message = format!("`{}` is a standard action already", name.value);
                report.warning(name.span.clone(), message).hint("list only further actions");
            } else if names.all.contains(&name.value) {
                report.error(name.span.clone(), format!("a second action named `{}`", shortened(name)));
            } else if !is_identifier(name) {
                let message = format!("`{}` is no name for an action", shortened(name));
                report.error(name.span.clone(), message).hint("use lower-case letters, digits and `_`");
                names.all.push(name.value.clone());
            } else {
                names.all.push(name.value.clone());
            }
        }
        names
    }

    pub(crate) fn all(&self) -> &[String] {
        &self.all
    }

    /// The action of that name; none, and a finding, when there is none.
    pub(crate) fn id(&self, name: &At<String>, report: &mut Report) -> Option<ActionId> {
        let known = self.all.iter().position(|known| *known == name.value);
        if known.is_none() {
            let all: Vec<&str> = self.all.iter().map(String::as_str).collect();
            let hint = suggestion(name, &all) + " (further actions are listed in `actions` at the top)";
            report.error(name.span.clone(), format!("unknown action `{}`", shortened(name))).hint(hint);
        }
        known
    }

    /// The actions of those names, each once.
    pub(crate) fn list(&self, names: &[At<String>], report: &mut Report) -> Vec<ActionId> {
        let mut list = Vec::new();
        for name in names {
            match self.id(name, report) {
                Some(action) if list.contains(&action) => {
                    report.error(name.span.clone(), format!("`{}` is listed twice", name.value));
                }
                Some(action) => list.push(action),
                None => {}
            }
        }
        list
    }
}
