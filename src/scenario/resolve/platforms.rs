//! The platforms of a scenario: its own, those that it lists, and built-in profiles that groups name.

use super::{Names, unknown};
use crate::scenario::diagnostic::Report;
use crate::scenario::file::ScenarioFile;
use crate::scenario::located::At;
use crate::scenario::platform::{Draft, Layer};
use crate::scenario::platform_file::PlatformFile;
use crate::scenario::profile::{self, Chosen, Profile};
use crate::scenario::shape::shortened;
use crate::scenario::spelling::is_identifier;
use crate::scenario::zone::Zone;
use crate::scenario::{Assumption, Platform};

/// The name of a platform that states everything itself.
const UNNAMED: &str = "platform";

/// A platform that some group is on.
#[derive(Debug)]
pub(crate) struct Stated {
    pub(crate) name: String,
    pub(crate) draft: Draft,
    profile: Option<String>,
    variant: Option<String>,
}

/// The platforms in use, and by group which of them it is on; never empty.
pub(crate) fn read(file: &ScenarioFile, names: &Names, report: &mut Report) -> (Vec<Stated>, Vec<usize>) {
    let own = file.platform.as_ref().map_or(UNNAMED, |name| name.as_str()).to_owned();
    check_names(file, &own, report);
    let wanted: Vec<String> =
        file.group.iter().map(|group| wanted(group.platform.as_ref(), file, &own, report)).collect();
    let mut stated: Vec<Stated> = Vec::new();
    if file.group.is_empty() || wanted.contains(&own) || file.platforms.is_empty() && wanted.is_empty() {
        stated.push(read_own(file, own.clone(), names, report));
    } else {
        warn_of_unused(file, report);
    }
    for (name, further) in &file.platforms {
        if wanted.contains(&name.value) {
            stated.push(read_further(name, further, names, report));
        } else {
            report
                .warning(name.span.clone(), format!("no group is on `{}`", shortened(name)))
                .hint("name it in a group, as in platform = \"…\", or leave it out");
        }
    }
    for name in &wanted {
        if stated.iter().all(|known| known.name != *name) {
            stated.extend(Profile::find(name).map(|profile| read_built_in(profile, names)));
        }
    }
    let place = |name: &String| stated.iter().position(|known| known.name == *name).unwrap_or(0);
    let of_group = wanted.iter().map(place).collect();
    (stated, of_group)
}

fn check_names(file: &ScenarioFile, own: &str, report: &mut Report) {
    for name in file.platforms.keys() {
        if name.as_str() == own {
            report
                .error(name.span.clone(), format!("a second platform named `{}`", shortened(name)))
                .hint("the scenario's own platform has this name: change it at the top of the file");
        } else if !is_identifier(name) {
            let message = format!("`{}` is no name for a platform", shortened(name));
            report.error(name.span.clone(), message).hint("use lower-case letters, digits and `_`");
        }
    }
}

/// The name of the platform that a group is on.
fn wanted(stated: Option<&At<String>>, file: &ScenarioFile, own: &str, report: &mut Report) -> String {
    let Some(name) = stated else { return own.to_owned() };
    let listed = file.platforms.keys().any(|known| known.value == name.value);
    if name.as_str() != own && !listed && Profile::find(name).is_none() {
        let built_in = Profile::all().iter().map(Profile::name);
        let mut known: Vec<&str> =
            file.platforms.keys().map(|known| known.as_str()).chain(built_in).collect();
        known.sort_unstable();
        known.dedup();
        unknown("platform", name, &known, report);
        return own.to_owned();
    }
    name.value.clone()
}

fn warn_of_unused(file: &ScenarioFile, report: &mut Report) {
    let stated = file.platform.as_ref().map(|name| name.span.clone());
    let rule = file.rule.first().map(|rule| rule.span.clone());
    let ladder = file.ladder.as_ref().map(|ladder| ladder.span.clone());
    let token = file.token.as_ref().map(|token| token.span.clone());
    let incident = file.incident.first().map(|incident| incident.span.clone());
    if let Some(span) = stated.or(rule).or(ladder).or(token).or(incident) {
        report
            .warning(span, "no group is on the scenario's own platform")
            .hint("every group names another: leave this out, or state it under `platforms`");
    }
}

fn read_own(file: &ScenarioFile, name: String, names: &Names, report: &mut Report) -> Stated {
    let chosen = file.platform.as_ref().and_then(|name| profile::choose(name, file.variant.as_ref(), report));
    if let (None, Some(variant)) = (&file.platform, &file.variant) {
        report
            .error(variant.span.clone(), "a variant of what?")
            .hint("name its platform, as in platform = \"linkedin\"");
    }
    lay(name, chosen, &Layer::of_scenario(file), names, report)
}

fn read_further(name: &At<String>, file: &PlatformFile, names: &Names, report: &mut Report) -> Stated {
    let same_name = Profile::find(name).map(|_| name);
    let chosen = match (&file.profile, same_name) {
        (Some(profile), _) => profile::choose(profile, file.variant.as_ref(), report),
        (None, Some(name)) => profile::choose(name, file.variant.as_ref(), report),
        (None, None) => None,
    };
    if let (None, None, Some(variant)) = (&file.profile, same_name, &file.variant) {
        report
            .error(variant.span.clone(), "a variant of what?")
            .hint("name its profile, as in profile = \"linkedin\"");
    }
    lay(name.value.clone(), chosen, &Layer::of_platform(file), names, report)
}

fn read_built_in(profile: &'static Profile, names: &Names) -> Stated {
    let chosen = profile::default_of(profile);
    let mut draft = Draft::default();
    chosen.lay(&mut draft, names);
    draft.leave_out_unanswered();
    Stated {
        name: profile.name().to_owned(),
        draft,
        profile: Some(chosen.profile),
        variant: Some(chosen.variant),
    }
}

fn lay(
    name: String,
    chosen: Option<Chosen>,
    layer: &Layer<'_>,
    names: &Names,
    report: &mut Report,
) -> Stated {
    let mut draft = Draft::default();
    if let Some(chosen) = &chosen {
        chosen.lay(&mut draft, names);
    }
    draft.lay(layer, names, report);
    draft.leave_out_unanswered();
    let (profile, variant) = chosen.map(|chosen| (chosen.profile, chosen.variant)).unzip();
    Stated { name, draft, profile, variant }
}

/// The zone of the scenario's clock; where it states none, no limit of its own has one.
pub(crate) fn read_zone(file: &ScenarioFile, stated: &[Stated], report: &mut Report) -> Option<Zone> {
    let here = file.calendar.as_ref().and_then(|calendar| calendar.zone.as_ref());
    if here.is_none() {
        let limits = stated.iter().flat_map(|stated| &stated.draft.rules).flat_map(|rule| &rule.limits);
        for limit in limits.filter(|limit| limit.zone.is_some()) {
            if let Some(span) = &limit.own {
                report
                    .error(
                        span.clone(),
                        "the zone of this window means nothing: in which one does this scenario run?",
                    )
                    .hint("state it, as in [calendar] zone = \"Europe/Berlin\"");
            }
        }
    }
    Zone::read(here?, report)
}

/// The platforms in force, and the origins of their numbers; with several, each says of which platform it is.
pub(crate) fn finish(
    stated: &[Stated],
    names: &Names,
    here: Option<&Zone>,
) -> (Vec<Platform>, Vec<Assumption>) {
    let (mut platforms, mut assumptions) = (Vec::new(), Vec::new());
    for Stated { name, draft, profile, variant } in stated {
        let (platform, mut own) = draft.finish(name.clone(), profile.clone(), variant.clone(), (names, here));
        if stated.len() > 1 {
            for number in &mut own {
                number.subject = format!("{name}: {}", number.subject);
            }
        }
        platforms.push(platform);
        assumptions.extend(own);
    }
    (platforms, assumptions)
}
