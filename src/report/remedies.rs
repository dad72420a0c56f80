//! What a team can do about each cause, and what that would save.

#[cfg(feature = "plot")]
use super::causes::MainCause;
use super::table::Table;
use crate::numbers::{counted, days, mean_with_interval, number, percent, share};
use crate::results::{CauseKind, Compared, Results, Saving, Savings};
use crate::scenario::{Measure, Platform, Scenario, Stock, StockOf};
use crate::stats::Estimate;

/// Causes shown in a table, at most.
const MOST: usize = 12;

/// What the team can do about a cause, by its name in the results: that of a rule with its platform, where there are several;
/// that of a trait with or without it. For what breaks a platform's terms the only advice is to remove it.
pub(super) fn remedy(scenario: &Scenario, kind: CauseKind, name: &str) -> String {
    let name = if kind == CauseKind::Trait { super::causes::bare(name) } else { name };
    let known = match kind {
        CauseKind::Trait => of_trait(name),
        CauseKind::Incident => of_incident(name),
        CauseKind::Planned => Some(of_incident(name).unwrap_or(
            "do it on a day on which little is lost, and have whoever reconnects the account ready in the same hour",
        )),
        CauseKind::Background => Some(
            "find and remove the extension that acts by itself: work in another browser for some days to find out which",
        ),
        CauseKind::Token if name == "token_idle" => Some(
            "use every account in the ordinary way before its idle limit, and close those that nobody needs",
        ),
        CauseKind::Token if name == "token_displaced" => {
            Some("let a single tool hold the token of each user, and connect no tool twice")
        }
        CauseKind::Token => Some("note the day on which each token dies of age, and renew it before"),
        CauseKind::Rule => Some(of_rule(scenario, name)),
        CauseKind::Credit => Some(
            "send no more than the credits of a month allow, and write to those who are likely to answer where an answer \
             returns one",
        ),
        CauseKind::Link => Some(
            "one restricted account endangers those it is linked to: stop the activity that got it restricted, and let \
             each person use only their own account",
        ),
    };
    known.map_or_else(|| of_unknown(scenario, name), str::to_owned)
}

/// Of a trait or an incident of the scenario's own: what it does to the account is all that is known of it.
fn of_unknown(scenario: &Scenario, name: &str) -> String {
    let hazard = scenario.platforms.iter().flat_map(|platform| &platform.traits).find(|own| own.name == name);
    let does = match hazard {
        Some(hazard) if hazard.consequence.invalidates() => "it ends connections",
        Some(hazard) if !can_flag(scenario, name) && !hazard.refuses.is_empty() => "it has actions refused",
        Some(hazard) if !can_flag(scenario, name) && hazard.scrutiny > 1.0 => {
            "breaches are noticed more often with it"
        }
        Some(_) => "it has accounts flagged",
        None => "it ends connections",
    };
    format!("find out where {name} comes from, and remove it: {does}")
}

/// Whether a trait or a link, by its name in the results or in the scenario, can strike an account at all.
pub(super) fn can_flag(scenario: &Scenario, name: &str) -> bool {
    let bare = super::causes::bare(name);
    let strikes = |platform: &Platform| {
        platform.traits.iter().any(|hazard| {
            hazard.name == bare
                && hazard.consequence.is_flag()
                && (hazard.per_day > 0.0
                    || hazard.per_action.iter().any(|(_, probability)| *probability > 0.0))
        })
    };
    let certain = scenario.groups.iter().any(|group| {
        let traits = &scenario.platform_of(group).traits;
        group.traits.iter().any(|own| own.certain && traits[own.index].name == bare)
    });
    let link = scenario.links.iter().any(|link| link.name == name && link.per_day > 0.0);
    link || certain || scenario.platforms.iter().any(strikes)
}

fn of_rule(scenario: &Scenario, name: &str) -> &'static str {
    let by_day = scenario.day_rules().find(|(_, known, _)| known == name).map(|(.., rule)| &rule.measure);
    match by_day {
        None if counts_background(scenario, name) => {
            "send less of what this rule counts, and find the extension that acts by itself, since a part happens in the \
             background: work in another browser for some days and compare"
        }
        None => {
            "send less of what this rule counts, or spread it over more days, until its windows stay under their limits"
        }
        Some(Measure::Stock(Stock { of: StockOf::Pending, .. })) => {
            "send fewer, and withdraw what has been waiting for an answer for weeks"
        }
        Some(Measure::Stock(Stock { of: StockOf::Accepted, .. })) => {
            "stop adding contacts before the network is full, and remove those whom nobody knows"
        }
        Some(Measure::Stock(Stock { of: StockOf::Reported, .. }) | Measure::Ratio(_)) => {
            "write fewer people, and only those who know you or have a reason to hear from you"
        }
        Some(Measure::Surge(_)) => {
            "raise the volume slowly, over weeks: no sudden start, and no sudden return"
        }
    }
}

fn counts_background(scenario: &Scenario, name: &str) -> bool {
    let mut background = scenario.groups.iter().flat_map(|group| &group.background);
    let rule = scenario.rules().find(|(known, _)| known == name);
    rule.is_some_and(|(_, rule)| background.any(|demand| rule.rule.actions.contains(&demand.action)))
}

fn of_trait(name: &str) -> Option<&'static str> {
    Some(match name {
        "alias_name" => "put the person's real name on the account",
        "untruthful_name" => "make the profile true: a real person, a real name",
        "shared_login" => {
            "one person, one login: give nobody else the password, and work through roles instead"
        }
        "duplicate_account" => "close it: one account a person, and no new one while another is restricted",
        "copyright_content" => "publish only what you have the rights to",
        "inappropriate_content" => {
            "read the platform's rules on content, and have a second person read before you publish"
        }
        "illegal_activity" => "stop it at once, and have somebody responsible look at what was done",
        "abuse_history" => "let time pass without another violation: keep well under every limit",
        "compromise" | "compromised" => {
            "set a strong password and a second factor; report a suspicion to the platform at once"
        }
        "third_party_tool" => {
            "keep further below every limit than by hand, and do by hand what the platform does not allow tools to do"
        }
        "app_not_permitted" => {
            "put the tool on the account's list of permitted services before it publishes anything"
        }
        "protective_disconnection" => {
            "nothing prevents it: keep ready who reconnects the account, so that little time is lost"
        }
        _ => return None,
    })
}

fn of_incident(name: &str) -> Option<&'static str> {
    Some(match name {
        "password_changed" => "plan password changes, and reconnect the tool in the same hour",
        "username_changed" => "plan changes of the user name, and reconnect the tool in the same hour",
        "access_revoked" => "tell everybody who may remove apps what the tool is for, before they tidy up",
        "settings_changed" => {
            "tell everybody with the login which security settings the connection needs, and reconnect right after a change"
        }
        "refresh_lost" => {
            "let a single tool refresh each token, and ask for a new authorisation at once when it fails"
        }
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
    for row in savings.rows.iter().take(MOST) {
        table.row(vec![
            row.name.clone(),
            change(&row.flagged_shares),
            points(&row.flagged),
            change(&row.disconnected_shares),
            points(&row.disconnected),
            mean_with_interval(&row.days_disconnected),
        ]);
    }
    let hidden = savings.rows.len().saturating_sub(MOST);
    let closed: String = savings.rows.iter().filter_map(closed_without).collect();
    let more = if hidden > 0 { format!(" {hidden} more are in savings.csv.") } else { String::new() };
    table.note = Some(format!(
        "saved: percentage points with their {} interval, from {} replicates with and without the cause on the same random \
         numbers, over {}; below 0 the cause keeps others away.{closed}{more}",
        share(results.level),
        number(savings.replicates as f64, 0),
        days(results.horizon_days)
    ));
    table
}

/// What a row compares with where accounts are closed.
fn closed_without(row: &Saving) -> Option<String> {
    (row.closed_accounts > 0).then(|| {
        let closed = counted(u64::from(row.closed_accounts), "account");
        format!(
            " Without {} the accounts that have it do not exist ({closed}): they count as never flagged or disconnected, \
             and nobody does what they did.",
            row.name
        )
    })
}

/// The causes of a table with what can be done about them, but for those about which enough is said.
#[cfg(feature = "plot")]
pub(super) fn advised(scenario: &Scenario, savings: &Savings, said: &[MainCause]) -> Vec<(String, String)> {
    let is_said = |row: &&Saving| said.iter().any(|cause| cause.is(row.kind, &row.name));
    let rows = savings.rows.iter().take(MOST).filter(|row| !is_said(row));
    rows.map(|row| (row.name.clone(), remedy(scenario, row.kind, &row.name))).collect()
}

pub(super) fn change(shares: &Compared) -> String {
    format!("{} -> {}", percent(&shares.with), percent(&shares.without))
}

/// A difference of shares in percentage points.
fn points(difference: &Estimate) -> String {
    let shown = |value: f64| number(value * 100.0, 1);
    format!("{} [{}, {}]", shown(difference.value), shown(difference.low), shown(difference.high))
}

#[cfg(test)]
mod tests {
    use super::{of_incident, of_trait};
    use crate::scenario::Profile;

    #[test]
    fn every_built_in_trait_and_incident_has_advice_of_its_own() {
        for profile in Profile::all() {
            for variant in profile.variants() {
                let (platform, _) = profile.platform(variant.name).expect("it is a variant");
                for hazard in &platform.traits {
                    assert!(of_trait(&hazard.name).is_some(), "{}", hazard.name);
                }
                for incident in &platform.incidents {
                    assert!(of_incident(&incident.cause).is_some(), "{}", incident.cause);
                }
            }
        }
    }

    #[test]
    fn what_breaks_the_terms_is_only_ever_removed() {
        assert!(of_trait("shared_login").is_some_and(|advice| advice.starts_with("one person, one login")));
        let duplicate = of_trait("duplicate_account");
        assert!(duplicate.is_some_and(|advice| advice.starts_with("close it: one account a person")));
    }

    #[test]
    fn no_advice_hides_anything_or_changes_networks_addresses_or_accounts() {
        let names = Profile::all().iter().flat_map(|profile| {
            let (platform, _) =
                profile.variants().next().and_then(|first| profile.platform(first.name)).expect("a variant");
            platform.traits.into_iter().map(|hazard| hazard.name).collect::<Vec<_>>()
        });
        for name in names {
            let advice = of_trait(&name).expect("it has advice");
            for never in [
                "proxy",
                "address",
                "VPN",
                "rotate",
                "hide",
                "another account",
                "another network",
                "new account",
            ] {
                assert!(!advice.contains(never), "{name}: {advice}");
            }
        }
    }
}
