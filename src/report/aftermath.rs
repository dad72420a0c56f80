//! What follows disconnections, as tables.

use super::table::Table;
use crate::numbers::{mean, mean_with_interval, percent_with_interval};
use crate::results::AccountResults;
use crate::scenario::{Aftermath, Scenario};

/// Declined reconnections, required steps and time without permission, as far as they are stated.
pub(super) fn aftermath(scenario: &Scenario, account: &AccountResults) -> Table {
    let mut table = Table::new("What follows a disconnection, mean account", 1, &["number of", "mean"]);
    let stated =
        |what: fn(&Aftermath) -> bool| scenario.platforms.iter().any(|platform| what(&platform.aftermath));
    if let Some(aftermath) = &account.aftermath {
        let quantities = [
            ("reconnections that the user declined", &aftermath.declined, stated(|all| all.declines > 0.0)),
            (
                "steps required before access returned",
                &aftermath.required_steps,
                stated(|all| all.required_step.is_some()),
            ),
            (
                "days not among the permitted services",
                &aftermath.days_unpermitted,
                scenario.takes_permission().contains(&true),
            ),
        ];
        for (name, estimate, _) in quantities.into_iter().filter(|row| row.2) {
            table.row(vec![name.to_owned(), mean_with_interval(estimate)]);
        }
    }
    table
}

/// What users are told of their disconnections; empty where they are told every cause.
pub(super) fn told(account: &AccountResults) -> Table {
    let head = ["told cause", "disconnections an account", "share"];
    let mut table = Table::new("What users are told of their disconnections", 1, &head);
    for told in account.aftermath.iter().flat_map(|aftermath| &aftermath.told) {
        let part = told.share.as_ref().map_or("–".to_owned(), percent_with_interval);
        table.row(vec![told.told.clone(), mean(&told.disconnections), part]);
    }
    table
}
