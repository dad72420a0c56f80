//! The enforcement ladder: read, checked, and its numbers listed with their origins.

use super::basis::Basis;
use super::days;
use crate::scenario::diagnostic::Report;
use crate::scenario::located::At;
use crate::scenario::platform_file::{LadderFile, RungFile};
use crate::scenario::{Assumption, Ladder, Rung};

/// A ladder with the origins of its rungs and of its memory.
#[derive(Debug, Clone)]
pub(crate) struct LadderDraft {
    pub(crate) ladder: Ladder,
    rungs: Vec<Basis>,
    memory: Basis,
}

impl LadderDraft {
    pub(crate) fn read(file: &At<LadderFile>, outer: &Basis, report: &mut Report) -> LadderDraft {
        let basis = outer.within(file.basis.as_ref());
        let stated = file.rungs.as_deref().unwrap_or_default();
        warn_of_unreachable(stated, report);
        let (mut rungs, mut origins) = (Vec::new(), Vec::new());
        for rung in stated {
            let (rung, stated) = match &rung.value {
                RungFile::Warning => (Some(Rung::Warning), None),
                RungFile::Permanent => (Some(Rung::Permanent), None),
                RungFile::Restriction(law) => {
                    (days::read(law, report).map(Rung::Restriction), law.basis.as_ref())
                }
            };
            rungs.extend(rung);
            origins.push(basis.within(stated));
        }
        LadderDraft { ladder: Ladder { rungs, memory_days: file.memory_days }, rungs: origins, memory: basis }
    }

    pub(crate) fn assumptions(&self) -> Vec<Assumption> {
        let rungs = self.ladder.rungs.iter().zip(&self.rungs).enumerate();
        let mut list: Vec<Assumption> = rungs
            .map(|(at, (rung, basis))| basis.of(format!("ladder: flag {}", at + 1), rung.to_string()))
            .collect();
        let memory = self.ladder.memory_days.map_or("for ever".to_owned(), |days| format!("{days} days"));
        if !self.ladder.rungs.is_empty() {
            list.push(self.memory.of("ladder: a flag counts", memory));
        }
        list
    }
}

fn warn_of_unreachable(rungs: &[At<RungFile>], report: &mut Report) {
    let permanent = rungs.iter().position(|rung| matches!(rung.value, RungFile::Permanent));
    if let Some(beyond) = permanent.and_then(|at| rungs.get(at + 1)) {
        report
            .warning(beyond.span.clone(), "this rung is never reached: the one before is permanent")
            .hint("move \"permanent\" to the end");
    }
}

impl std::fmt::Display for Rung {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Rung::Warning => write!(f, "warning"),
            Rung::Restriction(days) => write!(f, "restricted, {days}"),
            Rung::Permanent => write!(f, "restricted for ever"),
        }
    }
}
