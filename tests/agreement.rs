//! The engine against the plain reference simulator: on the workloads, on hand-made mixes of features, and on random scenarios.
//!
//! `PACEWISE_LONG=1 cargo test --release --test agreement -- --nocapture` takes many more replicates and scenarios.

mod fast;
mod reference;

use pacewise::results::{AccountResults, PageResults, TeamResults};
use pacewise::scenario::{Resolution, Scenario};
use pacewise::stats::Estimate;
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rayon::prelude::*;

use fast::simulate_fast;
use reference::grading::{Measured, root_mean_square};
use reference::mixes::mixes;
use reference::pages::{self, PageLife};
use reference::parts::{self, PARTS};
use reference::quantity::Quantity;
use reference::workloads::{v1, w1, w2};
use reference::{AccountLife, random, resolution_of, simulate};

/// One quantity of one group, from both sides.
#[derive(Debug, Clone)]
struct Comparison {
    what: String,
    engine: Measured,
    reference: Measured,
    z: f64,
}

/// Compares every quantity of every group; both sides take the same number of replicates.
fn compare(name: &str, scenario: &Scenario, replicates: u64, seed: u64) -> Vec<Comparison> {
    let resolved = Scenario { resolution: resolution_of(scenario, scenario.resolution), ..scenario.clone() };
    let results = simulate_fast(&resolved, replicates, 7);
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let all: Vec<Vec<AccountLife>> =
        (0..replicates).map(|_| without_series(simulate(&resolved, resolved.resolution, &mut rng))).collect();
    let mut comparisons = Vec::new();
    for (group, row) in results.groups.iter().enumerate() {
        let lives = |team: &Vec<AccountLife>| -> Vec<AccountLife> {
            team.iter().filter(|life| life.group == group).cloned().collect()
        };
        let teams: Vec<Vec<AccountLife>> = all.iter().map(lives).collect();
        for quantity in Quantity::all(&resolved) {
            let engine = engine_mean(&quantity, &resolved, &row.account);
            let reference = reference_mean(&quantity, &resolved, &teams);
            let what = format!("{name}, group {group}, {quantity:?}");
            comparisons.push(Comparison { what, engine, reference, z: two_sample_z(engine, reference) });
        }
        comparisons.extend(compare_waits(name, group, &resolved, &row.account, &teams));
        comparisons.extend(utilisation_that_differs(name, group, &resolved, &row.account, &teams));
    }
    comparisons.extend(compare_team(name, &results.team, &all));
    comparisons.extend(compare_pages(name, &resolved, &results.pages, &all, &mut rng));
    comparisons
}

/// What happens to the team as a whole: with links its accounts are not independent.
fn compare_team(name: &str, results: &TeamResults, teams: &[Vec<AccountLife>]) -> Vec<Comparison> {
    let any = |life: fn(&AccountLife) -> bool| {
        teams.iter().map(move |team| f64::from(u8::from(team.iter().any(life)))).collect::<Vec<f64>>()
    };
    let restricted =
        |team: &Vec<AccountLife>| team.iter().filter(|life| !life.restrictions.is_empty()).count();
    let numbers: Vec<f64> = teams.iter().map(|team| restricted(team) as f64).collect();
    let exactly = |number: usize| -> Vec<f64> {
        numbers.iter().map(|&known| f64::from(u8::from(known == number as f64))).collect()
    };
    let distribution = results.accounts_restricted_distribution.iter().enumerate();
    let mut comparisons: Vec<Comparison> = distribution
        .map(|(number, share)| {
            comparison(format!("{name}, {number} of the team restricted"), &exactly(number), *share)
        })
        .collect();
    for (what, values, estimate) in [
        ("flagged", any(|life| !life.flags.is_empty()), results.flagged),
        ("restricted", any(|life| !life.restrictions.is_empty()), results.restricted),
        ("disconnected", any(|life| !life.disconnections.is_empty()), results.disconnected),
        ("number restricted", numbers, results.accounts_restricted),
    ] {
        comparisons.push(comparison(format!("{name}, team {what}"), &values, estimate));
    }
    comparisons
}

fn compare_pages(
    name: &str,
    scenario: &Scenario,
    results: &[PageResults],
    teams: &[Vec<AccountLife>],
    rng: &mut Xoshiro256PlusPlus,
) -> Vec<Comparison> {
    if scenario.pages.is_empty() {
        return Vec::new();
    }
    let lives: Vec<Vec<PageLife>> = teams.iter().map(|team| pages::live(scenario, team, rng)).collect();
    let mut comparisons = Vec::new();
    for (index, row) in results.iter().enumerate() {
        let mut add = |what: &str, of: &dyn Fn(&PageLife) -> f64, estimate: Estimate| {
            let values: Vec<f64> = lives.iter().map(|pages| of(&pages[index])).collect();
            comparisons.push(comparison(format!("{name}, page {index} {what}"), &values, estimate));
        };
        let hit = |life: &PageLife| f64::from(u8::from(!life.disconnections.is_empty()));
        add("disconnected", &hit, row.disconnected);
        add("disconnections", &|life| life.disconnections.len() as f64, row.disconnections);
        let days = |life: &PageLife| life.time_without_data as f64 / pacewise::time::DAY as f64;
        add("days without data", &days, row.days_without_data);
        for cause in &row.causes {
            let own = |life: &PageLife| {
                let lengths =
                    life.outages.iter().filter(|(known, _)| *known == cause.cause).map(|outage| outage.1);
                (lengths.clone().count() as f64, lengths.sum::<i64>() as f64 / pacewise::time::DAY as f64)
            };
            add(&cause.cause, &|life| own(life).0, cause.disconnections);
            let each_time = cause.mean_days.value;
            let surplus = |life: &PageLife| own(life).1 - each_time * own(life).0;
            let spread = cause.mean_days.standard_error * cause.disconnections.value;
            let none = Estimate { value: 0.0, standard_error: spread, ..cause.mean_days };
            add(&format!("{} days each time", cause.cause), &surplus, none);
            let first = |life: &PageLife| life.disconnections.first() == Some(&cause.cause);
            add(&format!("{} first", cause.cause), &|life| f64::from(u8::from(first(life))), cause.first);
        }
    }
    comparisons
}

/// One number for each replicate of the reference beside the engine's estimate of their mean.
fn comparison(what: String, values: &[f64], estimate: Estimate) -> Comparison {
    let squares = values.iter().map(|value| value * value).sum();
    let reference = Measured::from_sums(values.len() as u64, values.iter().sum(), squares);
    let engine = Measured { value: estimate.value, standard_error: estimate.standard_error };
    Comparison { what, engine, reference, z: two_sample_z(engine, reference) }
}

/// Daily counts are not compared and would fill the memory.
fn without_series(mut team: Vec<AccountLife>) -> Vec<AccountLife> {
    for action in team.iter_mut().flat_map(|life| &mut life.actions) {
        action.delivered_on = Vec::new();
    }
    team
}

fn engine_mean(quantity: &Quantity, scenario: &Scenario, results: &AccountResults) -> Measured {
    let estimate = quantity.read(scenario, results);
    Measured { value: estimate.value, standard_error: estimate.standard_error }
}

/// The mean over replicates of the group's average account.
fn reference_mean(quantity: &Quantity, scenario: &Scenario, teams: &[Vec<AccountLife>]) -> Measured {
    let (mut sum, mut squares) = (0.0, 0.0);
    for lives in teams {
        let mean = lives.iter().map(|life| quantity.of(scenario, life)).sum::<f64>() / lives.len() as f64;
        sum += mean;
        squares += mean * mean;
    }
    Measured::from_sums(teams.len() as u64, sum, squares)
}

/// The distance in standard errors; equal numbers without chance are at distance 0, unequal ones infinitely far.
fn two_sample_z(engine: Measured, reference: Measured) -> f64 {
    let difference = engine.less(reference);
    if difference.value.abs() < 1e-9 { 0.0 } else { difference.value / difference.standard_error }
}

/// The mean wait of a deferred action is a ratio of sums: its error follows by the delta method.
fn compare_waits(
    name: &str,
    group: usize,
    scenario: &Scenario,
    results: &AccountResults,
    teams: &[Vec<AccountLife>],
) -> Vec<Comparison> {
    let mut comparisons = Vec::new();
    for (action, action_name) in scenario.actions.iter().enumerate() {
        let pairs: Vec<(f64, f64)> = teams.iter().map(|lives| wait_and_number(lives, action)).collect();
        let total: f64 = pairs.iter().map(|pair| pair.1).sum();
        let Some(row) = results.actions.iter().find(|row| row.action == *action_name) else { continue };
        let Some(engine) = &row.mean_wait_days else { continue };
        if total < 50.0 {
            continue;
        }
        let ratio = pairs.iter().map(|pair| pair.0).sum::<f64>() / total;
        let residuals: f64 = pairs.iter().map(|(wait, number)| (wait - ratio * number).powi(2)).sum();
        let reference = Measured { value: ratio, standard_error: residuals.sqrt() / total };
        let engine = Measured { value: engine.value, standard_error: engine.standard_error };
        let what = format!("{name}, group {group}, mean wait of {action_name}");
        comparisons.push(Comparison { what, engine, reference, z: two_sample_z(engine, reference) });
    }
    comparisons
}

fn wait_and_number(lives: &[AccountLife], action: usize) -> (f64, f64) {
    let days = |wait: i64| wait as f64 / pacewise::time::DAY as f64;
    lives.iter().fold((0.0, 0.0), |(wait, number), life| {
        let life = &life.actions[action];
        (wait + days(life.total_wait), number + life.deferred as f64)
    })
}

/// The engine's quantiles of the largest count must split the reference's counts as quantiles do: those that do not, by
/// six standard errors.
fn utilisation_that_differs(
    name: &str,
    group: usize,
    scenario: &Scenario,
    results: &AccountResults,
    teams: &[Vec<AccountLife>],
) -> Vec<Comparison> {
    let mut differ = Vec::new();
    for (rule, (name_of_rule, stated)) in scenario.rules().enumerate() {
        let rows = results.utilisation.iter().filter(|row| row.rule == name_of_rule);
        for (window, row) in rows.enumerate() {
            assert!(window < stated.rule.limits.len());
            let counts: Vec<u32> = teams.iter().flatten().map(|life| life.max_counts[rule][window]).collect();
            let fewest = (counts.len() as f64).min(row.replicates as f64);
            for (q, quantile) in [(0.5, row.median), (0.95, row.q95), (0.99, row.q99)] {
                let slack = 6.0 * (q * (1.0 - q) / fewest).sqrt() + 1.0 / fewest;
                let share = |keep: &dyn Fn(u32) -> bool| {
                    counts.iter().filter(|&&count| keep(count)).count() as f64 / counts.len() as f64
                };
                let (below, up_to) = (share(&|count| count < quantile), share(&|count| count <= quantile));
                let what = format!("{name}, group {group}, rule {rule}, window {window}, {q} at {quantile}");
                if below > q + slack || up_to < q - slack {
                    let of = |value| Measured { value, standard_error: 0.0 };
                    differ.push(Comparison { what, engine: of(q), reference: of(up_to), z: f64::INFINITY });
                }
            }
        }
    }
    differ
}

fn is_long() -> bool {
    std::env::var_os("PACEWISE_LONG").is_some()
}

/// Prints the furthest comparisons and holds all of them to 4.5 standard errors.
#[allow(clippy::print_stdout)]
fn report(mut comparisons: Vec<Comparison>, band: std::ops::RangeInclusive<f64>) {
    comparisons.sort_by(|a, b| b.z.abs().total_cmp(&a.z.abs()));
    for row in comparisons.iter().take(25) {
        let (engine, reference) = (row.engine.value, row.reference.value);
        println!("z {:>6.2}  {engine:>12.6} against {reference:>12.6}  {}", row.z, row.what);
    }
    let zs: Vec<f64> = comparisons.iter().map(|row| row.z).filter(|&z| z != 0.0 && z.is_finite()).collect();
    let spread = root_mean_square(&zs);
    println!("{} comparisons, {} with chance, root mean square {spread:.3}", comparisons.len(), zs.len());
    let worst = &comparisons[0];
    assert!(worst.z.abs() <= 4.5, "{worst:?}");
    assert!(band.contains(&spread), "the root mean square of all z is {spread}");
}

#[test]
fn the_engine_agrees_with_the_reference_on_the_workloads() {
    let effort = if is_long() { 100 } else { 1 };
    let mut comparisons = compare("W1", &w1(), 500 * effort, 11);
    comparisons.extend(compare("W2", &w2(), 40 * effort, 12));
    comparisons.extend(compare("V1", &v1(), 300 * effort, 13));
    report(comparisons, 0.6..=1.4);
}

#[test]
fn the_engine_agrees_with_the_reference_on_mixes_of_features() {
    let replicates = if is_long() { 20_000 } else { 400 };
    let comparisons = mixes()
        .par_iter()
        .enumerate()
        .flat_map_iter(|(index, (name, scenario))| compare(name, scenario, replicates, 100 + index as u64))
        .collect();
    report(comparisons, 0.7..=1.3);
}

#[test]
fn the_engine_agrees_with_the_reference_on_random_scenarios() {
    let (scenarios, replicates) = if is_long() { (300, 4_000) } else { (20, 300) };
    let comparisons = (0..scenarios)
        .into_par_iter()
        .flat_map_iter(|seed| {
            let scenario = random::scenario(&mut Xoshiro256PlusPlus::seed_from_u64(seed));
            compare(&format!("random {seed}"), &scenario, replicates, 1_000 + seed)
        })
        .collect();
    report(comparisons, 0.8..=1.2);
}

#[test]
fn the_engine_agrees_with_the_reference_on_each_part_of_the_model() {
    let (scenarios, replicates) = if is_long() { (40, 3_000) } else { (3, 200) };
    let comparisons = PARTS
        .par_iter()
        .enumerate()
        .flat_map_iter(|(index, (name, part))| {
            (0..scenarios).flat_map(move |seed| {
                let scenario = parts::with_part(*part, 100 * index as u64 + seed);
                compare(&format!("{name} {seed}"), &scenario, replicates, 5_000 + 100 * index as u64 + seed)
            })
        })
        .collect();
    report(comparisons, 0.8..=1.2);
}

#[test]
fn the_engine_agrees_with_the_reference_on_many_parts_together() {
    let (scenarios, replicates) = if is_long() { (300, 2_000) } else { (20, 150) };
    let comparisons = (0..scenarios)
        .into_par_iter()
        .flat_map_iter(|seed| {
            compare(&format!("many parts {seed}"), &parts::with_many(seed), replicates, 9_000 + seed)
        })
        .collect();
    report(comparisons, 0.8..=1.2);
}

#[test]
fn both_simulators_choose_the_same_resolution() {
    for scenario in [w1(), w2(), v1()] {
        assert_eq!(scenario.effective_resolution(), resolution_of(&scenario, Resolution::Auto));
    }
}
