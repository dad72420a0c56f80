//! Known answers about demand that comes in bursts.

use pacewise::rules::Window;
use pacewise::scenario::{CountLaw, Scenario, SessionSize, SessionTiming, Trial};

use super::builders::{between, demand, empty, rule};
use super::cases::Case;
use super::quantity::Quantity as Q;

/// One action with a law, on all days and at all hours.
fn wanted(days: u32, law: CountLaw) -> Scenario {
    let mut scenario = empty(days, &["message"]);
    scenario.groups[0].demand = vec![demand(0, law)];
    scenario
}

/// Three sessions of six actions a day in the mean, each within an hour of the day; more than 50 are noticed.
pub(crate) fn sessions(days: u32) -> Scenario {
    let timing = SessionTiming::Within(3_600);
    let size = SessionSize::Geometric;
    let law = CountLaw::Sessions { per_day: 3.0, mean_actions: 6.0, size, timing };
    let mut scenario = wanted(days, law);
    scenario.groups[0].demand[0].hours = between(9 * 3_600, 18 * 3_600);
    scenario.platforms[0].rules = vec![rule(&[0], &[(Window::Day, 50)], Trial::Day, 1.0)];
    scenario
}

/// The hours of the known answer are days here.
pub(crate) fn self_exciting() -> Scenario {
    wanted(100, CountLaw::SelfExciting { baseline: 1.0, branching: 0.5, decay_s: 86_400 })
}

/// The hours of the known answer are days here; after twenty of them the beginning is forgotten (e^-40).
pub(crate) fn delayed_sessions() -> Scenario {
    let timing = SessionTiming::Delayed(43_200);
    let size = SessionSize::Poisson;
    wanted(21, CountLaw::Sessions { per_day: 0.5, mean_actions: 5.0, size, timing })
}

/// The answers that are means and probabilities.
pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new("HWK-1s", 1_500, self_exciting()).answer("mean", Q::Demanded(0)),
        Case::new("CPD-1s", 8_000, sessions(1)).answer("mean", Q::Demanded(0)).answer("tail", Q::Flagged),
        Case::new("CPD-1s", 3_000, sessions(30)).answer("p30", Q::Flagged),
    ]
}
