//! Credits that actions cost: read, checked, and with the origin of their numbers.

use super::basis::Basis;
use super::beyond::BeyondDraft;
use super::days;
use super::volume::RuleDraft;
use crate::scenario::beyond_file::{CreditFile, RefundFile};
use crate::scenario::diagnostic::Report;
use crate::scenario::located::At;
use crate::scenario::platform_file::CalendarWindowFile;
use crate::scenario::resolve::Names;
use crate::scenario::{Credit, Period, Refund};

/// Adds the credits of a layer.
pub(crate) fn lay(
    draft: &mut BeyondDraft,
    files: &[At<CreditFile>],
    (basis, names, rules): (&Basis, &Names, &[RuleDraft]),
    report: &mut Report,
) {
    for file in files {
        let Some(name) = &file.name else { continue };
        draft.check_name(name, "credit", rules, report);
        let Some(credit) = read(file, name, names, report) else { continue };
        let basis = basis.within(file.basis.as_ref());
        let subject = format!("credit {}: {}", credit.name, names.all()[credit.action]);
        let assumption = basis.of(subject, credit.to_string());
        draft.add_credit(credit, assumption);
    }
}

fn read(file: &At<CreditFile>, name: &At<String>, names: &Names, report: &mut Report) -> Option<Credit> {
    let action = file.action.as_ref().and_then(|name| names.id(name, report));
    let refund = file.refund.as_ref().and_then(|file| read_refund(file, report));
    let grant = file.grant?;
    let most = file.most.as_ref().map_or(grant, |most| most.value);
    if let Some(stated) = file.most.as_ref().filter(|most| most.value < grant) {
        let message = format!("a grant of {grant} is more than can be held, {}", stated.value);
        report.error(stated.span.clone(), message).hint("raise `most`, or lower `grant`");
    }
    let at_start = file.at_start.as_ref().map_or(grant, |stated| stated.value);
    if let Some(stated) = file.at_start.as_ref().filter(|stated| stated.value > most) {
        let message = format!("{} at the start are more than can be held, {most}", stated.value);
        report.error(stated.span.clone(), message).hint("raise `most`, or lower `at_start`");
    }
    let every = match file.every {
        Some(CalendarWindowFile::Day) => Period::Day,
        Some(CalendarWindowFile::Week) => Period::Week,
        Some(CalendarWindowFile::Month) | None => Period::Month,
    };
    Some(Credit { name: name.value.clone(), action: action?, grant, every, most, at_start, refund })
}

fn read_refund(file: &At<RefundFile>, report: &mut Report) -> Option<Refund> {
    let delay = file.delay.as_ref().and_then(|law| days::read(law, report))?;
    Some(Refund { probability: file.probability?, delay })
}

impl std::fmt::Display for Credit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let every = match self.every {
            Period::Day => "day",
            Period::Week => "week",
            Period::Month => "month",
        };
        write!(f, "{} a {every}, at most {}, {} at the start", self.grant, self.most, self.at_start)?;
        if let Some(refund) = self.refund {
            write!(f, "; comes back with probability {} after {}", refund.probability, refund.delay)?;
        }
        Ok(())
    }
}
