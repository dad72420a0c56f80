//! What the numbers do not say: warnings of the run, and what the model does not know, in general and of this scenario.

use super::Report;
use crate::numbers::{number, share};
use crate::results::Warning;
use crate::scenario::{Class, Group, Scenario};

const PLATFORMS: &str = "Platforms publish few of their thresholds and change them without notice.";
const ALWAYS: [&str; 2] = [
    "Days run on local civil time without daylight-saving jumps; windows follow that clock.",
    "Intervals cover the chance of the simulation only, not the doubt about the assumptions.",
];
const VOLUME: &str = "Volume rules stand for whatever the platform really does. A platform may act on signals that no one outside can see.";

/// What the model does not know: true of every run first, then what this scenario adds.
pub(super) fn unknowns(report: &Report) -> Vec<String> {
    let scenario = report.scenario;
    let mut unknowns = vec![PLATFORMS.to_owned()];
    unknowns.extend(dependence(scenario));
    unknowns.push(judged(scenario));
    unknowns.extend(judges_volume(scenario).then(|| VOLUME.to_owned()));
    unknowns.extend(ALWAYS.map(str::to_owned));
    unknowns.extend(folklore(report));
    unknowns.extend(ranges(report));
    unknowns.extend(report.results.warnings.iter().map(warning_text));
    unknowns
}

/// What the accounts have in common; none for one account.
fn dependence(scenario: &Scenario) -> Option<String> {
    let links = scenario.links.iter().filter(|link| link.per_day > 0.0).map(|link| link.name.clone());
    let platforms = scenario.groups.iter().map(|group| scenario.platform_of(group));
    let incidents = platforms.flat_map(|platform| &platform.incidents);
    let shared = incidents.filter(|incident| incident.shared && incident.per_day > 0.0);
    let replaced = scenario.groups.iter().any(|group| group.replaces.is_some());
    let replaced = replaced.then(|| "what replaces restricted ones".to_owned());
    let common = names(links.chain(shared.map(|incident| incident.cause.clone())).chain(replaced));
    if scenario.accounts() == 1 {
        return None;
    }
    Some(if common.is_empty() {
        "Every account is modelled as independent of the others: no shared network, no shared contacts, nothing that strikes several at once by chance.".to_owned()
    } else {
        format!(
            "Accounts depend on each other through {common} alone; whatever else they have in common is not part of this scenario."
        )
    })
}

/// What is judged besides volume, and what is not judged.
fn judged(scenario: &Scenario) -> String {
    let of_group = |group: &Group| -> Vec<String> {
        let traits = &scenario.platform_of(group).traits;
        group.traits.iter().map(|own| traits[own.index].name.clone()).collect()
    };
    let traits = names(scenario.groups.iter().flat_map(of_group));
    let answers = scenario.responses().next().is_some();
    let mut parts = Vec::new();
    if judges_volume(scenario) {
        let only = if traits.is_empty() && !answers { "Only volume" } else { "Volume" };
        parts.push(format!("{only} is judged."));
    } else {
        parts.push("Volume is not judged: the scenario has no rule that limits it.".to_owned());
    }
    if !traits.is_empty() {
        parts.push(format!("Of what the accounts are, do and publish, only {traits} can strike them."));
    }
    parts.push(
        match (traits.is_empty(), answers) {
            (true, false) => "What the messages say, how recipients react, and how the account looks are not part of this scenario.",
            (true, true) => "What the messages say and how the account looks are not part of this scenario.",
            (false, false) => "How recipients react is not part of this scenario.",
            (false, true) => return parts.join(" "),
        }
        .to_owned(),
    );
    parts.join(" ")
}

/// Whether some rule on volume, stock or surge can strike an account.
fn judges_volume(scenario: &Scenario) -> bool {
    scenario.rules().next().is_some() || scenario.day_rules().next().is_some()
}

/// Each name once, in the order of first appearance.
fn names(all: impl Iterator<Item = String>) -> String {
    let mut once: Vec<String> = Vec::new();
    for name in all {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    once.join(", ")
}

fn folklore(report: &Report) -> Option<String> {
    let assumptions = &report.scenario.assumptions;
    let count = |class: Class| assumptions.iter().filter(|assumption| assumption.class == class).count();
    let unofficial =
        Class::ALL.iter().filter(|class| !matches!(class, Class::Official | Class::OfficialCopy));
    let kinds: Vec<(usize, &str)> = unofficial.map(|class| (count(*class), class.name())).collect();
    let unsure: usize = kinds.iter().map(|kind| kind.0).sum();
    let parts = kinds.iter().filter(|kind| kind.0 > 0).map(|(count, kind)| format!("{kind} {count}"));
    let parts = parts.collect::<Vec<_>>().join(", ");
    (unsure > 0)
        .then(|| format!("{unsure} of the {} numbers below are not official: {parts}.", assumptions.len()))
}

fn ranges(report: &Report) -> Option<String> {
    let uncertain = report.scenario.assumptions.iter().filter(|assumption| assumption.range.is_some());
    let subjects: Vec<&str> = uncertain.map(|assumption| assumption.subject.as_str()).collect();
    (!subjects.is_empty()).then(|| {
        format!(
            "Sources disagree about {} of the numbers; the run used the stated value, not the range. They are: {}.",
            subjects.len(),
            subjects.join("; ")
        )
    })
}

/// A warning as a sentence.
pub(super) fn warning_text(warning: &Warning) -> String {
    match warning {
        Warning::NoEventSeen { event } => {
            format!("No {} was seen: only the upper limit says something.", in_words(event))
        }
        Warning::FewEventsSeen { event, seen } => {
            let cases = if *seen == 1 { "case" } else { "cases" };
            format!(
                "Only {seen} {cases} of {} seen: the estimate is rough; more replicates would sharpen it.",
                in_words(event)
            )
        }
        Warning::Interrupted => "The run was interrupted: these are partial results.".to_owned(),
        Warning::NotPrecise { half_width, wanted } => format!(
            "The precision asked for was not reached: half-width {} instead of {}.",
            points(*half_width),
            points(*wanted)
        ),
    }
}

/// An event as a noun.
fn in_words(event: &str) -> &str {
    match event {
        "flagged" => "flag",
        "restricted" => "restriction",
        "restricted_permanently" => "permanent restriction",
        "disconnected" => "disconnection",
        other => other,
    }
}

fn points(half_width: f64) -> String {
    format!("{} (±{})", share(half_width), number(half_width, 6))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenario(text: &str) -> Scenario {
        let text = format!("start = 2026-01-05\nhorizon_days = 30\n{text}");
        let parsed = Scenario::parse(&text, "test");
        parsed.scenario.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics))
    }

    const TWO: &str = "[[group]]\nname = \"team\"\ncount = 2\n";
    const LINK: &str = "[[link]]\nname = \"office\"\nper_day = 0.01\n";
    const SWEEP: &str = "[[incident]]\ncause = \"sweep\"\nper_day = 0.01\nshared = true\n";

    #[test]
    fn accounts_are_called_independent_only_where_nothing_joins_them() {
        let said = |text: &str| dependence(&scenario(&format!("{text}{TWO}")));
        let alone = |text: &str| said(text).is_some_and(|line| line.contains("independent of the others"));
        assert!(alone(""));
        assert!(alone(&LINK.replace("0.01", "0")) && alone(&SWEEP.replace("true", "false")));
        for (text, names) in [(LINK, "through office alone"), (SWEEP, "through sweep alone")] {
            assert!(!alone(text));
            assert!(said(text).is_some_and(|line| line.contains(names)), "{:?}", said(text));
        }
        assert_eq!(dependence(&scenario("")), None, "one account depends on nobody");
    }

    #[test]
    fn only_volume_is_said_to_be_judged_only_where_it_is() {
        let rule = "[[rule]]\nname = \"messages\"\nactions = [\"message\"]\nwindows = [{ calendar = \"day\", limit = 9 }]\ndetection = { per = \"day\", probability = 0.05 }\n";
        let having = "traits = { alias_name = {} }\n[[trait]]\nname = \"alias_name\"\nper_day = 0.01\n";
        let answers =
            "[[response]]\naction = \"connection_request\"\naccepted = 0.3\ndelay = { fixed = 2 }\n";
        let only = judged(&scenario(rule));
        assert!(
            only.starts_with("Only volume is judged.") && only.contains("how recipients react"),
            "{only}"
        );
        let traits = judged(&scenario(&format!("{having}{rule}")));
        assert!(!traits.contains("Only volume") && traits.contains("only alias_name can strike"), "{traits}");
        let switched_off = judged(&scenario(&format!("{having}{rule}").replace("{}", "{ enabled = false }")));
        assert!(switched_off.starts_with("Only volume is judged."), "{switched_off}");
        let answered = judged(&scenario(&format!("{rule}{answers}")));
        assert!(!answered.contains("recipients") && !answered.contains("Only volume"), "{answered}");
        let none = judged(&scenario(having));
        assert!(none.starts_with("Volume is not judged"), "{none}");
    }
}
