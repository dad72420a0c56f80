//! The shortest history that shows a fault: of the checks before it, as few as will do.

use super::call::Call;
use super::judge::Fault;
use super::summary::Summary;
use super::workload::Workload;
use crate::rulebook::Rulebook;

/// The most checks that are asked again, in all, while a history is made shorter.
const MOST_ASKED: usize = 20_000_000;

/// Finds the shortest history of the first wrong answer of each fault, of a run on given times. `errs` asks a target without a past, and
/// tells whether it errs at the last of the checks as it did in the run.
pub fn explain(
    summary: &mut Summary,
    workload: &Workload,
    book: &Rulebook,
    mut errs: impl FnMut(&[Call], Fault) -> bool,
) {
    let mut seen = Vec::new();
    for decision in &mut summary.wrong_decisions {
        let (fault, call) = (decision.wrong.fault, decision.wrong.call);
        if seen.contains(&fault) {
            continue;
        }
        seen.push(fault);
        let evidence: Vec<Call> = decision.wrong.evidence.iter().copied().chain([call]).collect();
        let is_shown = |calls: &[Call]| errs(calls, fault);
        decision.history = shortest(evidence, is_shown).or_else(|| {
            let before = workload.calls(book).take(decision.number as usize + 1);
            shortest(before.filter(|other| other.account == call.account).collect(), |calls| {
                errs(calls, fault)
            })
        });
    }
}

/// Leaves out of `calls` what the fault does not need; `shows` asks checks afresh and tells whether the last one is answered
/// wrongly. None when the whole does not show it. No single check can be left out of what remains (unless that would have
/// taken too long to find out).
pub fn shortest(calls: Vec<Call>, mut shows: impl FnMut(&[Call]) -> bool) -> Option<Vec<Call>> {
    if calls.is_empty() || !shows(&calls) {
        return None;
    }
    let (mut kept, mut asked) = (calls, 0_usize);
    let mut length = kept.len().div_ceil(2);
    while length > 0 && asked < MOST_ASKED {
        let mut from = 0;
        while from + 1 < kept.len() && asked < MOST_ASKED {
            let until = (from + length).min(kept.len() - 1);
            let fewer: Vec<Call> = kept[..from].iter().chain(&kept[until..]).copied().collect();
            asked += fewer.len();
            if shows(&fewer) { kept = fewer } else { from = until }
        }
        length /= 2;
    }
    single(&mut kept, &mut shows, asked);
    Some(kept)
}

/// Leaves out single checks until none can be left out.
fn single(kept: &mut Vec<Call>, shows: &mut impl FnMut(&[Call]) -> bool, mut asked: usize) {
    let mut place = 0;
    while place + 1 < kept.len() && asked < MOST_ASKED {
        let mut fewer = kept.clone();
        fewer.remove(place);
        asked += fewer.len();
        if shows(&fewer) {
            (*kept, place) = (fewer, 0);
        } else {
            place += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(times: impl IntoIterator<Item = i64>) -> Vec<Call> {
        times.into_iter().map(|at| Call { account: 1, action: 0, at }).collect()
    }

    #[test]
    fn what_a_fault_does_not_need_is_left_out() {
        let needs = |wanted: &'static [i64]| {
            move |calls: &[Call]| wanted.iter().all(|at| calls.iter().any(|call| call.at == *at))
        };
        let all = || calls((0..1_000).chain([5_000]));
        for wanted in [&[5_000][..], &[0, 999, 5_000], &[3, 500, 501, 502, 5_000]] {
            assert_eq!(shortest(all(), needs(wanted)), Some(calls(wanted.iter().copied())));
        }
        assert_eq!(shortest(all(), |_| false), None);
        assert_eq!(shortest(Vec::new(), |_| true), None);
    }

    #[test]
    fn parts_that_only_go_together_are_left_out_too() {
        // An even number of checks before the last one.
        let shows = |calls: &[Call]| calls.len() % 2 == 1;
        assert_eq!(shortest(calls(0..101), shows).map(|calls| calls.len()), Some(1));
    }
}
