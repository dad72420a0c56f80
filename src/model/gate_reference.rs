//! Refusals held against a naive judge that keeps the whole history.

use super::Model;
use super::gate::Gate;
use crate::random::{Purpose, Stream};
use crate::rules::Windows;
use crate::scenario::Scenario;
use crate::time::{self, DAY, HOUR, Instant};

const TEXT: &str = r#"
start = 2026-01-05
horizon_days = 60
[demand.message]
poisson = { mean = 5 }
[demand.post]
poisson = { mean = 5 }
[[rule]]
name = "both"
actions = ["message", "post"]
windows = [{ sliding = "2h", limit = 3 }, { trailing_days = 2, limit = 17 }]
consequence = "refuse"
refuse_for = "5h"
[[rule]]
name = "messages"
actions = ["message"]
windows = [{ calendar = "day", limit = 6 }]
consequence = "refuse"
"#;

/// What has been delivered (wish and time), and until when the first rule refuses everything.
#[derive(Default)]
struct Naive {
    delivered: Vec<(usize, Instant)>,
    blocked_until: Instant,
}

impl Naive {
    fn count(&self, wishes: &[usize], within: impl Fn(Instant) -> bool) -> usize {
        self.delivered.iter().filter(|(wish, at)| wishes.contains(wish) && within(*at)).count()
    }

    /// The rule that refuses, if one does.
    fn refusal(&self, wish: usize, at: Instant) -> Option<usize> {
        let day = time::day_of(at);
        let full = self.count(&[0, 1], |then| then > at - 2 * HOUR) >= 3
            || self.count(&[0, 1], |then| time::day_of(then) >= day - 1) >= 17;
        if self.blocked_until > at || full {
            return Some(0);
        }
        (wish == 0 && self.count(&[0], |then| time::day_of(then) == day) >= 6).then_some(1)
    }
}

#[test]
fn refusals_agree_with_the_whole_history() {
    let model = Model::compile(&Scenario::parse(TEXT, "test").scenario.expect("it is valid"));
    let (kind, rules) = (&model.kinds[0], &model.platforms[0].rules);
    let gate_model = kind.gate.as_ref().expect("it refuses");
    let mut outcome = model.simulator().outcome.accounts[0].clone();
    let mut seen = [0; 2];
    for life in 0..20 {
        let words = Stream::new(5, life, 0, Purpose::Times);
        let mut gate = Gate::new(Some(gate_model), model.horizon);
        gate.clear(Some(gate_model), words, 0);
        let mut windows = Windows::new(rules, model.origin());
        let (mut naive, mut at, mut refused) = (Naive::default(), model.origin(), [0; 2]);
        outcome.refused.fill(0);
        for step in 0.. {
            at += (words.word(step * 2) % (90 * 60_000)) as Instant;
            if at >= model.end() {
                break;
            }
            let wish = (words.word(step * 2 + 1) % 2) as usize;
            let action = kind.wishes[wish].action;
            windows.advance(at);
            if let Some(open) = gate.next_open(gate_model, action, at, &windows) {
                assert_eq!(naive.refusal(wish, open), None, "open at {open}");
                assert!(open == at || naive.refusal(wish, open - 1).is_some(), "open before {open}");
            } else {
                let rest = (1..24).map(|hour| at + hour * HOUR).take_while(|&then| then / DAY == at / DAY);
                assert!(rest.chain([at]).all(|then| naive.refusal(wish, then).is_some()), "open today");
            }
            let expected = naive.refusal(wish, at);
            let sent = gate.ask(gate_model, (action, at), &windows, &mut outcome);
            assert_eq!(sent, expected.is_none(), "life {life}, step {step}");
            match expected {
                None => {
                    windows.record(rules, action, at);
                    naive.delivered.push((wish, at));
                }
                Some(rule) => {
                    refused[rule] += 1;
                    if rule == 0 && naive.blocked_until <= at {
                        naive.blocked_until = at + 5 * HOUR;
                    }
                }
            }
        }
        assert_eq!(outcome.refused, refused);
        seen = [seen[0] + refused[0], seen[1] + refused[1]];
    }
    assert!(seen.iter().all(|&count| count > 50), "{seen:?}");
}
