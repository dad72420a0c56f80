//! Answers without chance: intervals of proportions and their coverage, moments, and the rule evaluator on a log.

use pacewise::random::mix;
use pacewise::rules::{Limit, Rule, RuleSet, Window, Windows};
use pacewise::stats::moments::Moments;
use pacewise::stats::proportion::{clopper_pearson, wilson};
use pacewise::time::{HOUR, Instant, SECOND};
use statrs::distribution::{Binomial, Discrete};

use super::reference::grading::{Grade, Known, Row};

/// Agreement to nine digits.
fn row(known: &Known, id: &str, name: &str, estimate: f64) -> Row {
    let answer = known.get(id, name).value;
    let grade = Grade::Equal((estimate - answer).abs() <= 1e-9 * answer.abs());
    Row { name: format!("{id} {name}"), estimate, answer, standard_error: 0.0, grade }
}

pub(crate) fn rows(known: &Known) -> Vec<Row> {
    let mut rows = intervals(known);
    rows.extend(coverages(known));
    rows.extend(moments(known));
    rows.extend(log(known));
    rows
}

fn intervals(known: &Known) -> Vec<Row> {
    let mut rows = Vec::new();
    for (x, n) in [(81, 263), (15, 148), (0, 20), (1, 29)] {
        let (hits, trials) = (f64::from(x), f64::from(n));
        let methods = [("wilson", wilson(hits, trials, 0.95)), ("cp", clopper_pearson(hits, trials, 0.95))];
        for (method, (low, high)) in methods {
            rows.push(row(known, "CI-1s", &format!("{method}_{x}_{n}_lo"), low));
            rows.push(row(known, "CI-1s", &format!("{method}_{x}_{n}_hi"), high));
        }
    }
    for n in [100, 10_000] {
        let trials = f64::from(n);
        let exact = clopper_pearson(0.0, trials, 0.95).1;
        rows.push(row(known, "CI-2s", &format!("cp_two_sided_95_hi_{n}"), exact));
        rows.push(row(known, "CI-2s", &format!("wilson_hi_{n}"), wilson(0.0, trials, 0.95).1));
    }
    rows
}

fn coverages(known: &Known) -> Vec<Row> {
    let mut rows = Vec::new();
    for (n, p) in [(17, 0.5), (40, 0.5), (30, 0.2), (98, 0.2)] {
        let law = Binomial::new(p, n).expect("a proportion");
        let coverage = |interval: fn(f64, f64, f64) -> (f64, f64)| -> f64 {
            let holds = |hits: &u64| {
                let (low, high) = interval(*hits as f64, n as f64, 0.95);
                low <= p && p <= high
            };
            (0..=n).filter(holds).map(|hits| law.pmf(hits)).sum()
        };
        rows.push(row(known, "CI-3s", &format!("wilson_{n}_{p}"), coverage(wilson)));
        rows.push(row(known, "CI-3s", &format!("cp_{n}_{p}"), coverage(clopper_pearson)));
    }
    rows
}

/// The numbers have one decimal; sums are of whole numbers.
fn moments(known: &Known) -> Vec<Row> {
    let mut moments = Moments::default();
    moments.record(10_000_002);
    for _ in 0..500 {
        moments.record(10_000_001);
        moments.record(10_000_003);
    }
    let (mean, deviation) = (moments.mean(1_001) / 10.0, moments.variance(1_001).sqrt() / 10.0);
    vec![row(known, "NUM-1s", "mean", mean), row(known, "NUM-1s", "sd", deviation)]
}

/// The log of the case: time, account and action of each event.
fn events() -> impl Iterator<Item = (Instant, usize, usize)> {
    let (mut state, mut seconds) = (20_250_101_u64, 0);
    let mut next = move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(state)
    };
    (0..30_000).map(move |_| {
        let (h, g) = (next(), next());
        seconds += if h % 128 == 0 { (h >> 8) % 28_800 } else { (h >> 8) % 12 };
        let account = (g % 8).min((g >> 20) % 8) as usize;
        (seconds as Instant * SECOND, account, ((g >> 40) % 4) as usize)
    })
}

fn log(known: &Known) -> Vec<Row> {
    let limits = [[10, 40, 200], [15, 60, 300], [8, 30, 120], [12, 45, 225]];
    let spans = [1, 24, 168];
    let rule = |(action, limits): (usize, [u32; 3])| {
        let limit = |(hours, max): (i64, u32)| Limit { window: Window::Sliding(hours * HOUR), max };
        Rule { actions: vec![action], limits: spans.into_iter().zip(limits).map(limit).collect() }
    };
    let set = RuleSet::new(limits.into_iter().enumerate().map(rule).collect(), 4);
    let mut accounts = vec![Windows::new(&set, 0); 8];
    let mut breaches = [[0_u32; 3]; 4];
    for (at, account, action) in events() {
        accounts[account].record(&set, action, at);
        for (window, breaches) in breaches[action].iter_mut().enumerate() {
            *breaches += u32::from(accounts[account].count(action, window) > limits[action][window]);
        }
    }
    let mut rows = Vec::new();
    for (action, breaches) in breaches.iter().enumerate() {
        for (hours, count) in spans.into_iter().zip(breaches) {
            let name = format!("action{action}_{}s", hours * 3_600);
            rows.push(row(known, "LOG-1s", &name, f64::from(*count)));
        }
    }
    rows
}
