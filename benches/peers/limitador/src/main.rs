//! One round of workload W4 on limitador in memory, three limits an action. Prints CPU nanoseconds a check and how many
//! decisions differ from exact ones. It has only the clock of the machine: to it all events happen within the seconds that the
//! round takes, so that no window lets anything go, and the exact decisions are those for one instant.

#[path = "../../../cpu/mod.rs"]
mod cpu;
#[path = "../../../w3/mod.rs"]
mod w3;
#[path = "../../w4.rs"]
mod w4;

use std::collections::HashMap;

use limitador::RateLimiter;
use limitador::limit::{Context, Limit, Namespace};
use pacewise::rules::Window;

/// The first events of the workload: a check takes microseconds.
const CHECKS: usize = 300_000;

fn main() {
    let events: Vec<_> = w3::events().into_iter().take(CHECKS).collect();
    let limiter = RateLimiter::new(1_000_000);
    let actions: Vec<Namespace> = (0..4).map(|action| Namespace::from(action.to_string())).collect();
    for (rule, action) in w3::rules().rules().iter().zip(&actions) {
        for limit in &rule.limits {
            let Window::Sliding(span) = limit.window else { unreachable!("the windows of W3 slide") };
            let variable = "account".try_into().expect("it is the name of a variable");
            limiter.add_limit(Limit::new(
                action.clone(),
                limit.max.into(),
                span as u64 / 1_000,
                [],
                [variable],
            ));
        }
    }
    let mut decisions = Vec::with_capacity(events.len());
    let start = cpu::now();
    for event in &events {
        let values = HashMap::from([("account".to_owned(), event.account.to_string())]);
        let checked =
            limiter.check_rate_limited_and_update(&actions[event.action as usize], &Context::from(values), 1);
        decisions.push(!checked.expect("it is in memory").limited);
    }
    let nanoseconds = cpu::since(start) / events.len() as f64;
    w4::tell(nanoseconds, &decisions, &w3::allowed(&events, |_| 0));
}
