//! What a team can do about each cause, and what that would save.

#[cfg(feature = "plot")]
use super::causes::MainCause;
use super::table::Table;
use crate::numbers::{counted, days, mean_with_interval, number, percent, share};
use crate::results::{CauseKind, Compared, Results, Saving, Savings};
use crate::scenario::{DUPLICATE, Measure, Platform, Scenario, Stock, StockOf};
use crate::stats::Estimate;

/// Causes shown in a table, at most.
const MOST: usize = 12;

/// What the team can do about a cause, by its name in the results: that of a rule with its platform, where there are several;
/// that of a trait with or without it. For what breaks a platform's terms the only advice is to remove it.
pub(super) fn remedy(scenario: &Scenario, kind: CauseKind, name: &str) -> String {
    let name = if kind == CauseKind::Trait { super::causes::bare(name) } else { name };
    let known = match kind {
        CauseKind::Trait if name == DUPLICATE => return of_duplicate(scenario),
        CauseKind::Trait => of_trait(name),
        CauseKind::Incident => of_incident(name).or_else(|| of_common(scenario, name)),
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

/// A second account is closed, but what hangs on it is moved first.
fn of_duplicate(scenario: &Scenario) -> String {
    let close = of_trait(DUPLICATE).unwrap_or_default();
    let pages: Vec<&str> =
        super::pages::on_second_accounts(scenario).map(|page| page.name.as_str()).collect();
    if pages.is_empty() {
        return close.to_owned();
    }
    format!("first move what hangs on it ({}) to the person's own account, then {close}", pages.join(", "))
}

/// Of an incident of the scenario's own that strikes everybody at once: no team can remove it.
fn of_common(scenario: &Scenario, name: &str) -> Option<&'static str> {
    let mut incidents = scenario.platforms.iter().flat_map(|platform| &platform.incidents);
    incidents.any(|incident| incident.cause == name && incident.shared).then_some(
        "it strikes everybody at once, and nobody in the team can prevent it: keep ready who reconnects the accounts, so \
         that little time is lost",
    )
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
        "tool_access_withdrawn" => {
            "nobody in the team can undo it: ask the tool's maker whether the platform permits the tool, and work by hand or \
             with another permitted tool until it is back"
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
    use super::{of_incident, of_trait, remedy};
    use crate::results::CauseKind;
    use crate::scenario::{Consequence, DayRule, Demand, Incident, Measure, Profile, Scenario, Surge};

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

    const PLAIN: &str = "start = 2026-01-05\nhorizon_days = 9\nplatform = \"linkedin\"\n\
                         [demand.message]\npoisson = { mean = 1 }\n";

    /// Every advice on a scenario's rules, traits, incidents, and on what any scenario may have.
    fn all_advice(scenario: &Scenario) -> Vec<(String, String)> {
        let platforms = || scenario.platforms.iter();
        let traits = platforms().flat_map(|platform| &platform.traits).map(|hazard| hazard.name.clone());
        let incidents =
            platforms().flat_map(|platform| &platform.incidents).map(|incident| incident.cause.clone());
        let rules = scenario.rules().map(|(name, _)| name);
        let rules = rules.chain(scenario.day_rules().map(|(_, name, _)| name));
        let tokens = ["token_idle", "token_displaced", "token_expired"].map(str::to_owned);
        let any = [CauseKind::Background, CauseKind::Credit, CauseKind::Link, CauseKind::Planned];
        let named = traits.map(|name| (CauseKind::Trait, name));
        let named = named.chain(incidents.map(|name| (CauseKind::Incident, name)));
        let named = named.chain(rules.map(|name| (CauseKind::Rule, name)));
        let named = named.chain(tokens.map(|name| (CauseKind::Token, name)));
        let named = named.chain(any.map(|kind| (kind, "any".to_owned())));
        named.map(|(kind, name)| (name.clone(), remedy(scenario, kind, &name))).collect()
    }

    /// Advice on every variant of every profile, with and without background activity, and with causes of a scenario's own.
    fn advice_on_all_variants() -> Vec<(String, String)> {
        let mut scenario = Scenario::parse(PLAIN, "plain").scenario.expect("it is valid");
        let incident = scenario.platforms[0].incidents[0].clone();
        let own = [("tool_access_withdrawn", true), ("strikes_all", true), ("strikes_one", false)];
        let own = own.map(|(cause, shared)| Incident { cause: cause.to_owned(), shared, ..incident.clone() });
        let surge =
            Surge { actions: vec![0], trailing_days: 7, baseline_days: 28, factor: 2.0, minimum: 2.0 };
        let sudden = DayRule {
            name: "sudden".to_owned(),
            measure: Measure::Surge(surge),
            probability: 0.1,
            consequence: Consequence::Ladder,
        };
        let quiet = scenario.groups[0].demand[0].clone();
        let mut said = Vec::new();
        for (profile, variant) in
            Profile::all().iter().flat_map(|profile| profile.variants().map(move |own| (profile, own)))
        {
            scenario.platforms[0] = profile.platform(variant.name).expect("it is a variant").0;
            scenario.platforms[0].incidents.extend(own.clone());
            scenario.platforms[0].beyond.rules.push(sudden.clone());
            scenario.groups[0].background.clear();
            said.extend(all_advice(&scenario));
            scenario.groups[0].background =
                (0..scenario.actions.len()).map(|action| Demand { action, ..quiet.clone() }).collect();
            said.extend(all_advice(&scenario));
        }
        said
    }

    #[test]
    fn no_advice_hides_anything_or_changes_networks_addresses_or_accounts() {
        let said = advice_on_all_variants();
        for known in ["one restricted account endangers", "raise the volume", "withdraw what", "extension"] {
            assert!(said.iter().any(|(_, advice)| advice.contains(known)), "{known} is not read");
        }
        for (name, advice) in said {
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

    #[test]
    fn what_the_network_does_to_everybody_is_not_for_the_team_to_remove() {
        let said = advice_on_all_variants();
        let of = |cause: &str| {
            let found = said.iter().find(|(name, _)| name == cause);
            found.map(|(_, advice)| advice.as_str()).expect("it is there")
        };
        assert!(
            of("tool_access_withdrawn")
                .contains("ask the tool's maker whether the platform permits the tool")
        );
        assert!(of("strikes_all").contains("nobody in the team can prevent it"));
        assert!(of("strikes_one").starts_with("find out where strikes_one comes from, and remove it"));
    }
}
