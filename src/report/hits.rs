//! How many accounts of a team are hit, and whether together, as tables.

use super::table::Table;
use crate::numbers::{mean_with_interval, number, percent_with_interval, plain, share};
use crate::results::{AtLeast, HitResults, Results};

/// Shares below this are not worth a row.
const RARE: f64 = 0.000_5;
/// Numbers of accounts that a table shows besides the largest one.
const SHOWN: [u32; 24] =
    [2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 40, 50, 60, 80, 100, 120, 140, 160, 180, 200, 300, 500, 1_000, 2_000];

fn noun(event: &str) -> &str {
    match event {
        "flagged" => "flag",
        "restricted" => "restriction",
        _ => "disconnection",
    }
}

fn team(results: &Results) -> String {
    number(f64::from(results.accounts), 0)
}

/// Whether accounts are hit together; empty for a team of one, and where nothing hits any.
pub(super) fn together(results: &Results) -> Table {
    let head = ["event", "accounts hit", "variance", "if independent", "ratio", "most on one day"];
    let mut table =
        Table::new(format!("Accounts hit, of the {}: together or one by one", team(results)), 1, &head);
    let seen: Vec<&HitResults> = results.team.hits.iter().filter(|hits| !hits.at_least.is_empty()).collect();
    for hits in &seen {
        table.row(vec![
            noun(hits.event).to_owned(),
            mean_with_interval(&hits.accounts),
            plain(hits.variance),
            plain(hits.independent_variance),
            hits.over_dispersion.as_ref().map_or("–".to_owned(), mean_with_interval),
            mean_with_interval(&hits.most_on_one_day),
        ]);
    }
    table.note = (!seen.is_empty()).then(|| {
        format!(
            "ratio: variance of the number of accounts hit, over that of independent accounts with the same probabilities; \
             above 1 they are hit together, by a common cause or one after another.{}",
            reading(&seen)
        )
    });
    table
}

fn reading(seen: &[&HitResults]) -> String {
    let ratios = seen.iter().filter_map(|hits| Some((noun(hits.event), hits.over_dispersion?)));
    let above: Vec<&str> = ratios.filter(|(_, ratio)| ratio.low > 1.0).map(|(event, _)| event).collect();
    match above.as_slice() {
        [] => " No ratio is surely above 1.".to_owned(),
        above => format!(" Surely above 1: {}.", above.join(", ")),
    }
}

/// Probabilities of at least 2, 3, … accounts hit; empty where fewer are.
pub(super) fn at_least(results: &Results) -> Table {
    let head = ["event", "at least", "probability", "if independent", "on one day"];
    let mut table = Table::new(
        format!("Probability that at least so many of the {} accounts are hit", team(results)),
        2,
        &head,
    );
    for hits in &results.team.hits {
        let largest = hits.at_least.last().map_or(0, |row| row.accounts);
        let worth = |row: &&AtLeast| {
            let day = row.on_one_day.value;
            let certain = row.ever.value >= 1.0 && (day >= 1.0 || day <= 0.0);
            !certain && (row.ever.value >= RARE || row.independent >= RARE)
        };
        let shown =
            |row: &&AtLeast| SHOWN.contains(&row.accounts) || (row.accounts == largest && largest > 1);
        for (place, row) in hits.at_least.iter().filter(worth).filter(shown).enumerate() {
            table.row(vec![
                if place == 0 { noun(hits.event).to_owned() } else { String::new() },
                number(f64::from(row.accounts), 0),
                percent_with_interval(&row.ever),
                share(row.independent),
                percent_with_interval(&row.on_one_day),
            ]);
        }
    }
    table
}
