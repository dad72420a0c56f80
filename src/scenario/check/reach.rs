//! Limits that can never be breached: more than the pacing allows, or far above anything that the demand brings.
//!
//! For the demand a Chernoff bound is used: P(X > L) <= min over t of exp(K(t) - t (L + 1)), with K the cumulant
//! generating function of the count X in the busiest window. It never calls a limit unreachable that is reached with
//! a probability above [`NEVER`] in that window.

use super::concerns;
use crate::rules::{Stretch as ZoneStretch, Window};
use crate::scenario::diagnostic::Report;
use crate::scenario::platform::Draft;
use crate::scenario::platform::volume::{LimitDraft, RuleDraft};
use crate::scenario::{CountLaw, Demand, Group, Pacing, Phase, Scenario};
use crate::time::{DAY, DayNumber, HOUR, Instant, date_of, day_number, month_of, weekday_of};

/// The probability below which a count is taken not to occur.
const NEVER: f64 = 1e-12;

/// The most daily means that are worth computing for a warning.
const MOST_WORK: usize = 2_000_000;

/// Warns of the scenario's own limits that no account of any group on the platform can breach.
pub(crate) fn warn_of_unreachable_limits(scenario: &Scenario, drafts: &[&Draft], report: &mut Report) {
    let demands: usize = scenario.groups.iter().map(|group| group.demand.len()).sum();
    let limits = drafts.iter().flat_map(|draft| &draft.rules).flat_map(|rule| &rule.limits);
    let own = limits.filter(|limit| limit.own.is_some()).count();
    if demands * own * scenario.horizon_days as usize > MOST_WORK {
        return;
    }
    for (platform, draft) in drafts.iter().enumerate() {
        for rule in &draft.rules {
            for limit in &rule.limits {
                warn_of_unreachable_limit(scenario, platform, rule, limit, report);
            }
        }
    }
}

fn warn_of_unreachable_limit(
    scenario: &Scenario,
    platform: usize,
    rule: &RuleDraft,
    limit: &LimitDraft,
    report: &mut Report,
) {
    let Some(span) = &limit.own else { return };
    // Wherever its calendar runs, it is not this one.
    let behind = if limit.zone.is_some() { HOUR } else { 0 };
    let stretch = Stretch::of(limit.limit.window.of_zone(behind), scenario.horizon_days);
    let groups = scenario.groups.iter().filter(|group| group.platform == platform);
    let reaches: Vec<Reach> = groups.filter_map(|group| Reach::of(scenario, group, rule, stretch)).collect();
    let max = limit.limit.max;
    if reaches.is_empty() || reaches.iter().any(|reach| reach.exceeds(max)) {
        return;
    }
    let mean = reaches.iter().map(|reach| reach.mean).fold(0.0, f64::max);
    let most = reaches.iter().filter_map(Reach::cap).max();
    let finding = report.warning(span.clone(), format!("the limit of {max} can never be breached"));
    finding.hint(match most.filter(|&most| most <= u64::from(max)) {
        Some(most) => format!("the pacing allows at most {most} in that time"),
        None => format!("the busiest such stretch has a mean of {mean:.2}"),
    });
}

/// What a window touches at most.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    days: u32,
    weeks: u32,
    hours: u64,
}

impl Stretch {
    fn of(window: Window, horizon_days: u32) -> Stretch {
        let window = match window {
            Window::Elsewhere(ZoneStretch::Day, _) => Window::Sliding(DAY),
            Window::Elsewhere(ZoneStretch::Week, _) => Window::Sliding(7 * DAY),
            Window::Elsewhere(ZoneStretch::Month, _) => Window::Sliding(31 * DAY),
            other => other,
        };
        let days = match window {
            Window::Sliding(span) => (units(span, DAY) + 1).min(i64::from(horizon_days)) as u32,
            Window::Day => 1,
            Window::Week => 7,
            Window::Month | Window::Elsewhere(..) => 31,
            Window::TrailingDays(days) => u32::from(days),
        };
        let days = days.min(horizon_days);
        let hours = match window {
            Window::Sliding(span) => (units(span, HOUR) + 1) as u64,
            _ => u64::from(days) * 24,
        };
        let weeks = if window == Window::Week { 1 } else { (days + 5) / 7 + 1 };
        Stretch { days, weeks, hours: hours.min(u64::from(days) * 24) }
    }
}

/// How many units of time a span takes, the last one counted in full.
fn units(span: Instant, unit: Instant) -> Instant {
    span / unit + Instant::from(span % unit > 0)
}

/// How many of a rule's actions one account can do in the busiest window.
#[derive(Debug)]
struct Reach {
    parts: Vec<Part>,
    mean: f64,
}

/// One action's share: the laws of the days that the window touches, and the most that the pacing lets through.
#[derive(Debug)]
struct Part {
    days: Vec<CountLaw>,
    cap: Option<u64>,
}

impl Reach {
    /// None when the group does nothing that the rule counts.
    fn of(scenario: &Scenario, group: &Group, rule: &RuleDraft, stretch: Stretch) -> Option<Reach> {
        let is_counted = |demand: &&Demand| rule.actions.contains(&demand.action);
        let wanted = group.demand.iter().filter(is_counted).map(|demand| (demand, true));
        let background = group.background.iter().filter(is_counted).map(|demand| (demand, false));
        let counted: Vec<(&Demand, bool)> = wanted.chain(background).collect();
        let means: Vec<Vec<f64>> = counted
            .iter()
            .map(|(demand, wanted)| {
                let phases = if *wanted { &group.phases[..] } else { &[] };
                daily_means(scenario, group, phases, demand)
            })
            .collect();
        let (first, _) = busiest(&means, stretch.days as usize)?;
        let mut parts = Vec::new();
        let mut mean = 0.0;
        for ((demand, wanted), means) in counted.iter().zip(&means) {
            let pacing = group.pacing.iter().find(|pacing| *wanted && pacing.action == demand.action);
            let deferred = pacing.is_some_and(|pacing| pacing.defer);
            let days = if deferred { means } else { &means[first..first + stretch.days as usize] };
            mean += days.iter().sum::<f64>();
            let law = |&mean: &f64| demand.law.scaled(mean / demand.law.mean());
            let days = days.iter().filter(|&&mean| mean > 0.0).map(law).collect();
            parts.push(Part { days, cap: pacing.and_then(|pacing| cap(pacing, stretch)) });
        }
        Some(Reach { parts, mean })
    }

    fn exceeds(&self, max: u32) -> bool {
        let excess = f64::from(max) + 1.0;
        let bound = |step: i32| {
            let t = 0.001 * 1.26_f64.powi(step);
            self.parts.iter().map(|part| part.cumulant(t)).sum::<f64>() - t * excess
        };
        let capped = self.cap().is_some_and(|cap| cap <= u64::from(max));
        !capped && (0..45).map(bound).fold(0.0, f64::min) > NEVER.ln()
    }

    fn cap(&self) -> Option<u64> {
        self.parts.iter().map(|part| part.cap).sum()
    }
}

impl Part {
    /// An upper bound on ln E exp(t X).
    fn cumulant(&self, t: f64) -> f64 {
        let demand: f64 = self.days.iter().map(|law| cumulant(*law, t)).sum();
        self.cap.map_or(demand, |cap| demand.min(t * cap as f64))
    }
}

/// ln E exp(t X) of a day's count; of a quota an upper bound.
fn cumulant(law: CountLaw, t: f64) -> f64 {
    match law {
        CountLaw::Poisson { mean } => mean * t.exp_m1(),
        CountLaw::NegativeBinomial { mean, size } => {
            let share = mean / size * t.exp_m1();
            if share < 1.0 { -size * (-share).ln_1p() } else { f64::INFINITY }
        }
        CountLaw::Quota { per_day, variation } => {
            // The cut at zero adds at most the atom there; rounding adds a bounded term of mean zero.
            let spread = variation * per_day;
            let normal = per_day * t + 0.5 * spread * spread * t * t;
            let cut = if variation > 0.0 { normal.max(0.0) + (-normal.abs()).exp().ln_1p() } else { normal };
            cut + t * t / 8.0
        }
        // What other days began may reach into these.
        CountLaw::Sessions { .. } | CountLaw::SelfExciting { .. } | CountLaw::Recorded { .. } => {
            f64::INFINITY
        }
    }
}

/// The most of an action that its caps let through in a stretch.
fn cap(pacing: &Pacing, stretch: Stretch) -> Option<u64> {
    let ramp = pacing.ramp_up.iter().map(|step| step.per_day).max();
    let day = pacing.per_day.into_iter().chain(ramp).min();
    let weeks = if pacing.sliding_week { stretch.days.div_ceil(7) } else { stretch.weeks };
    let caps = [
        pacing.per_hour.map(|cap| u64::from(cap) * stretch.hours),
        day.map(|cap| u64::from(cap) * u64::from(stretch.days)),
        pacing.per_week.map(|cap| u64::from(cap) * u64::from(weeks)),
    ];
    caps.into_iter().flatten().min()
}

/// The mean of each day's count, by the calendar, the factors and the phases.
fn daily_means(scenario: &Scenario, group: &Group, phases: &[Phase], demand: &Demand) -> Vec<f64> {
    let start = day_number(scenario.start);
    let mut means: Vec<f64> = (0..scenario.horizon_days as DayNumber)
        .map(|day| {
            let month = month_of(start + day).rem_euclid(12) as usize;
            demand.law.mean() * demand.weekdays[weekday_of(start + day)] * demand.months[month]
        })
        .collect();
    for phase in phases.iter().filter(|phase| concerns(&phase.actions, demand.action)) {
        for (at, mean) in means.iter_mut().skip(phase.from_day as usize).take(phase.days as usize).enumerate()
        {
            *mean *= phase.factor_at(at);
        }
    }
    let off = |day: DayNumber| {
        let date = date_of(start + day);
        scenario.calendar.holidays.binary_search(&date).is_ok()
            || group.time_off.iter().any(|(from, to)| (*from..=*to).contains(&date))
    };
    for (day, mean) in means.iter_mut().enumerate() {
        if off(day as DayNumber) {
            *mean = 0.0;
        }
    }
    means
}

/// The start of the run of days with the largest total mean, and that mean.
fn busiest(means: &[Vec<f64>], days: usize) -> Option<(usize, f64)> {
    let total: Vec<f64> =
        (0..means.first()?.len()).map(|day| means.iter().map(|means| means[day]).sum()).collect();
    let sums = total.windows(days).map(|run| run.iter().sum::<f64>()).enumerate();
    sums.max_by(|a, b| a.1.total_cmp(&b.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(law: CountLaw, days: usize, cap: Option<u64>) -> Reach {
        Reach { parts: vec![Part { days: vec![law; days], cap }], mean: law.mean() * days as f64 }
    }

    #[test]
    fn a_poisson_limit_is_unreachable_only_far_in_the_tail() {
        // P(X > 60 | mean 20) = 4e-13, P(X > 50 | mean 20) = 9e-10.
        let law = CountLaw::Poisson { mean: 20.0 };
        assert!(reach(law, 1, None).exceeds(50));
        assert!(!reach(law, 1, None).exceeds(70));
    }

    #[test]
    fn overdispersed_days_reach_further() {
        let law = CountLaw::NegativeBinomial { mean: 20.0, size: 2.0 };
        assert!(reach(law, 1, None).exceeds(150));
        assert!(!reach(law, 1, None).exceeds(600));
    }

    #[test]
    fn a_quota_without_variation_reaches_its_amount_rounded_up() {
        let law = CountLaw::Quota { per_day: 10.0, variation: 0.0 };
        assert!(reach(law, 1, None).exceeds(9));
        assert!(!reach(law, 1, None).exceeds(25));
    }

    #[test]
    fn caps_bound_from_above_on_both_sides_of_the_limit() {
        let law = CountLaw::Poisson { mean: 1000.0 };
        assert!(reach(law, 1, Some(31)).exceeds(30));
        assert!(!reach(law, 1, Some(30)).exceeds(30));
    }

    #[test]
    fn a_sliding_day_touches_two_civil_days() {
        let stretch = Stretch::of(Window::Sliding(DAY), 100);
        assert_eq!((stretch.days, stretch.hours), (2, 25));
        assert_eq!(Stretch::of(Window::Sliding(DAY), 1).days, 1);
        assert_eq!(Stretch::of(Window::Week, 100).weeks, 1);
        assert_eq!(Stretch::of(Window::TrailingDays(7), 100).weeks, 2);
    }
}
