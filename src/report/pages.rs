//! Pages and ad accounts, as tables and advice.

use super::Report;
use super::table::Table;
use crate::numbers::{mean, mean_with_interval, percent_with_interval};
use crate::results::Results;
use crate::scenario::{Page, Scenario};

/// What the numbers by cause are where outages may overlap.
const OWN_OUTAGES: &str = "times, days each time: of each cause by itself, also while another one keeps the page without data; \
    by cause there may be more days than are missing in all.";

/// What each Page loses; empty without Pages.
pub(super) fn pages(results: &Results) -> Table {
    let head = ["page", "hangs on", "disconnected", "days missing", "lost posts", "lost comments"];
    let mut table = Table::new("Pages and ad accounts", 2, &head);
    for page in &results.pages {
        let backup = page.backup.as_ref().map_or(String::new(), |backup| format!(" or {backup}"));
        table.row(vec![
            page.name.clone(),
            format!("{}{backup}", page.authorised_by),
            percent_with_interval(&page.disconnected),
            mean_with_interval(&page.days_without_data),
            mean_with_interval(&page.lost_posts),
            mean_with_interval(&page.lost_comments),
        ]);
    }
    table.note = (!table.rows.is_empty())
        .then(|| "days missing: without posts, comments and figures, within the horizon.".to_owned());
    table
}

/// Why Pages are disconnected; empty without Pages.
pub(super) fn causes(results: &Results) -> Table {
    let head = ["page", "cause", "is the first for", "times", "days each time"];
    let mut table = Table::new("Why Pages and ad accounts are disconnected", 2, &head);
    for page in &results.pages {
        for (place, cause) in page.causes.iter().enumerate() {
            let name = if place == 0 { page.name.clone() } else { String::new() };
            let cells = [
                percent_with_interval(&cause.first),
                mean_with_interval(&cause.disconnections),
                mean_with_interval(&cause.mean_days),
            ];
            table.row([vec![name, cause.cause.clone()], cells.to_vec()].concat());
        }
    }
    table.note = results.pages.iter().any(|page| page.causes.len() > 1).then(|| OWN_OUTAGES.to_owned());
    table
}

/// What keeps Pages connected.
pub(super) fn advice(report: &Report) -> Option<String> {
    let alone = report.results.pages.iter().filter(|page| page.backup.is_none());
    let worst =
        alone.reduce(|a, b| if b.days_without_data.value > a.days_without_data.value { b } else { a })?;
    let second = on_second_accounts(report.scenario).any(|page| page.name == worst.name);
    let account = &worst.authorised_by;
    let also = if second {
        format!("before {account} is closed, since it is a second account, move it to the person's own")
    } else {
        format!("tell all of its admins that it hangs on {account}")
    };
    (worst.days_without_data.value > 0.0).then(|| {
        format!(
            "Let a second admin whose role allows it (on LinkedIn a Designated Admin) be ready to authorise {}, and {also}: it is without data for {} days in the mean.",
            worst.name,
            mean(&worst.days_without_data)
        )
    })
}

/// The Pages and ad accounts that hang on a second account of the same person.
pub(super) fn on_second_accounts(scenario: &Scenario) -> impl Iterator<Item = &Page> {
    let duplicates = scenario.duplicates();
    scenario.pages.iter().filter(move |page| {
        let place = page.authorised_by;
        let before: u32 = scenario.groups[..place.group].iter().map(|group| group.count).sum();
        duplicates[(before + place.account - 1) as usize]
    })
}
