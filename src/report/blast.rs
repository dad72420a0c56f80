//! What each account takes along when it is disconnected, as tables.

use super::table::Table;
use crate::numbers::mean_with_interval;
use crate::results::Results;
use crate::stats::Estimate;

/// Pages and ad accounts by the account on which they hang; empty without any.
pub(super) fn carried(results: &Results) -> Table {
    let head = ["account", "Pages", "ad accounts"];
    let mut table = Table::new("Blast radius: what an account takes along when it is disconnected", 3, &head);
    for radius in &results.blast_radius {
        let named = |names: &[String]| if names.is_empty() { "–".to_owned() } else { names.join(", ") };
        table.row(vec![radius.account.to_string(), named(&radius.pages), named(&radius.ad_accounts)]);
    }
    let others = results.accounts as usize - results.blast_radius.len();
    table.note = (!table.rows.is_empty() && others > 0).then(|| match others {
        1 => "The other account takes nothing along.".to_owned(),
        others => format!("The other {others} accounts take nothing along."),
    });
    table
}

/// For how long, by cause; empty without Pages.
pub(super) fn outages(results: &Results) -> Table {
    let head = ["account", "cause", "stated outage", "times", "days away", "days without data"];
    let mut table = Table::new("Blast radius: for how long, by cause", 3, &head);
    for radius in &results.blast_radius {
        for (place, cause) in radius.causes.iter().enumerate() {
            let account = if place == 0 { radius.account.to_string() } else { String::new() };
            let stated = cause.stated_briefly.clone().unwrap_or_else(|| "by the ladder".to_owned());
            let days = |days: &Option<Estimate>| days.as_ref().map_or("–".to_owned(), mean_with_interval);
            table.row(vec![
                account,
                cause.cause.clone(),
                stated,
                mean_with_interval(&cause.disconnections),
                days(&cause.mean_days),
                days(&cause.mean_days_without_data),
            ]);
        }
    }
    table.note = (!table.rows.is_empty()).then(|| {
        "stated outage: of the cause by itself, several where more than one law may rule it; what declines, asks_again and late reports add comes on top. times: mean number within the horizon; days: mean of each time, cut at the end of the horizon; without data: of each Page or ad account, which a backup may shorten."
            .to_owned()
    });
    table
}
