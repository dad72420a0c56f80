//! What a team can do about each cause, and what that would save.

use super::table::Table;
use crate::numbers::{days, mean_with_interval, number, share};
use crate::results::{CauseKind, Results, Saving, Savings};
use crate::stats::Estimate;

/// Causes shown in a table, at most.
const MOST: usize = 12;

/// What the team can do about a cause. For what breaks a platform's terms the only advice is to remove it.
pub(super) fn remedy(saving: &Saving) -> String {
    let known = match saving.kind {
        CauseKind::Trait => of_trait(&saving.name),
        CauseKind::Incident => of_incident(&saving.name),
        CauseKind::Token if saving.name == "token_idle" => Some(
            "use every account in the ordinary way before its idle limit, and close those that nobody needs",
        ),
        CauseKind::Token => Some("note the day on which each token dies of age, and renew it before"),
        CauseKind::Rule => Some(
            "send less of what this rule counts, or spread it over more days, until its windows stay under their limits",
        ),
        CauseKind::Link => Some(
            "one restricted account endangers those it is linked to: stop the activity that got it restricted, and let \
             each person use only their own account",
        ),
    };
    known.map_or_else(|| format!("find out where {} comes from, and remove it", saving.name), str::to_owned)
}

fn of_trait(name: &str) -> Option<&'static str> {
    Some(match name {
        "alias_name" => "put the person's real name on the account",
        "untruthful_name" => "make the profile true: a real person, a real name",
        "shared_login" => {
            "one person, one login: give nobody else the password, and work through roles instead"
        }
        "browser_extension" => {
            "remove the extension; if you do not know which it is, work in another browser for some days and compare"
        }
        "duplicate_account" | "replacement_account" => {
            "close it: one account a person, and no new one while another is restricted"
        }
        "copyright_content" => "publish only what you have the rights to",
        "inappropriate_content" => {
            "read the platform's rules on content, and have a second person read before you publish"
        }
        "illegal_activity" => "stop it",
        "abuse_history" => "let time pass without another violation: keep well under every limit",
        "compromised" => {
            "set a strong password and a second factor; report a suspicion to the platform at once"
        }
        "third_party_tool" => "do by hand what the platform does not allow tools to do",
        _ => return None,
    })
}

fn of_incident(name: &str) -> Option<&'static str> {
    Some(match name {
        "password_changed" => "plan password changes, and reconnect the tool in the same hour",
        "username_changed" => "plan changes of the user name, and reconnect the tool in the same hour",
        "access_revoked" => "tell everybody who may remove apps what the tool is for, before they tidy up",
        "admin_role_lost" => {
            "write down whose role each connection needs, and keep a second authorised administrator"
        }
        "authorisation_cancelled" => {
            "agree with the advertiser on who may cancel, and ask for a new authorisation early"
        }
        _ => return None,
    })
}

/// What each cause costs, the most expensive first.
pub(super) fn costs(results: &Results, savings: &Savings) -> Table {
    let head = ["without", "flagged", "saved", "disconnected", "saved", "days saved"];
    let mut table = Table::new("What each cause costs the mean account", 1, &head);
    let account = &results.mean_account;
    for row in savings.rows.iter().take(MOST) {
        table.row(vec![
            row.name.clone(),
            change(account.flagged.value, row.flagged_without),
            points(&row.flagged),
            change(account.disconnected.value, row.disconnected_without),
            points(&row.disconnected),
            mean_with_interval(&row.days_disconnected),
        ]);
    }
    let hidden = savings.rows.len().saturating_sub(MOST);
    let more = if hidden > 0 { format!(" {hidden} more are in savings.csv.") } else { String::new() };
    table.note = Some(format!(
        "saved: percentage points with their {} interval, from {} replicates with and without the cause on the same random \
         numbers, over {}; below 0 the cause keeps others away.{more}",
        share(results.level),
        number(savings.replicates as f64, 0),
        days(results.horizon_days)
    ));
    table
}

/// The causes of a table with what can be done about them.
#[cfg(feature = "plot")]
pub(super) fn advised(savings: &Savings) -> Vec<(String, String)> {
    savings.rows.iter().take(MOST).map(|row| (row.name.clone(), remedy(row))).collect()
}

fn change(with: f64, without: f64) -> String {
    format!("{} -> {}", share(with), share(without))
}

/// A difference of shares in percentage points.
fn points(difference: &Estimate) -> String {
    let shown = |value: f64| number(value * 100.0, 1);
    format!("{} [{}, {}]", shown(difference.value), shown(difference.low), shown(difference.high))
}
