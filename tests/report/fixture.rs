//! Results that look like those of a real run: five accounts in two groups, 90 days, four actions, six causes.

use jiff::civil::Date;
use pacewise::report::Provenance;
use pacewise::results::*;
use pacewise::rules::{Limit, Rule, Window};
use pacewise::scenario::*;
use pacewise::stats::Estimate;
use pacewise::time;

pub(crate) const REPLICATES: u64 = 10_000;

/// A share of all accounts of all replicates with its Wilson interval at 95 %.
pub(crate) fn share(value: f64) -> Estimate {
    let (n, z) = (REPLICATES as f64 * 2.0, 1.96_f64);
    let center = (value + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (value * (1.0 - value) / n + z * z / (4.0 * n * n)).sqrt();
    let standard_error = (value * (1.0 - value) / n).sqrt();
    let low = if value == 0.0 { 0.0 } else { center - half };
    Estimate { value, low, high: if value == 1.0 { 1.0 } else { center + half }, standard_error }
}

pub(crate) fn mean(value: f64, standard_error: f64) -> Estimate {
    let half = 1.96 * standard_error;
    Estimate { value, low: (value - half).max(0.0), high: value + half, standard_error }
}

pub(crate) fn provenance() -> Provenance {
    Provenance {
        version: "0.1.0".to_owned(),
        command: ["pacewise", "simulate", "scenarios/two groups.toml", "--seed", "7"]
            .map(str::to_owned)
            .to_vec(),
        seed: 7,
        replicates: REPLICATES,
        stop_reason: "all 10,000 replicates done".to_owned(),
        resolution: "event".to_owned(),
        resolution_reason: "a rule has a sliding window of 24 h".to_owned(),
        scenario_hash: "0f".repeat(32),
        target: "x86_64-unknown-linux-gnu".to_owned(),
    }
}

fn demand(action: usize, mean: f64) -> Demand {
    Demand {
        action,
        law: CountLaw::Poisson { mean },
        weekdays: [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0],
        months: [1.0; 12],
        hours: Vec::new(),
    }
}

fn group(name: &str, count: u32, age: u32) -> Group {
    Group {
        platform: 0,
        traits: Vec::new(),
        replaces: None,
        name: name.to_owned(),
        count,
        account_age_days: age,
        demand: vec![demand(0, 40.0), demand(1, 22.0), demand(2, 16.0), demand(3, 0.5)],
        background: Vec::new(),
        log: None,
        pacing: Vec::new(),
        phases: Vec::new(),
        time_off: vec![(Date::constant(2026, 2, 16), Date::constant(2026, 2, 20))],
    }
}

pub(crate) fn rule(name: &str, actions: &[usize], limits: &[(Window, u32)]) -> VolumeRule {
    let limits = limits.iter().map(|(window, max)| Limit { window: *window, max: *max }).collect();
    VolumeRule {
        consequence: Consequence::Ladder,
        name: name.to_owned(),
        rule: Rule { actions: actions.to_vec(), limits },
        origins: Vec::new(),
        detection: Detection { per: Trial::Event, probability: 0.01, slope: 0.02, ceiling: 0.2 },
    }
}

fn assumption(subject: &str, value: &str, class: Class, range: Option<&str>) -> Assumption {
    Assumption {
        subject: subject.to_owned(),
        value: value.to_owned(),
        range: range.map(str::to_owned),
        class,
        source: if class == Class::Official { "platform help, article 42" } else { "a tool's blog" }
            .to_owned(),
        checked: Some(Date::constant(2026, 5, 2)),
        note: range.map(|_| "sources disagree <by much>".to_owned()),
    }
}

pub(crate) fn scenario() -> Scenario {
    Scenario {
        name: "two_groups".to_owned(),
        description: Some("A quarter of outreach by three seasoned and two new accounts.".to_owned()),
        start: Date::constant(2026, 1, 5),
        horizon_days: 90,
        resolution: Resolution::Auto,
        replicates: None,
        seed: None,
        actions: ["profile_view", "connection_request", "message", "post"].map(str::to_owned).to_vec(),
        calendar: Calendar {
            workdays: [true, true, true, true, true, false, false],
            from_second: 9 * 3600,
            to_second: 17 * 3600,
            holidays: vec![Date::constant(2026, 3, 17)],
        },
        groups: vec![group("seasoned", 3, 900), group("new", 2, 10)],
        platforms: vec![platform()],
        links: Vec::new(),
        events: Vec::new(),
        pages: Vec::new(),
        assumptions: vec![
            assumption("invitations, 7 d", "at most 100", Class::Official, None),
            assumption("invitations, 24 h", "at most 30", Class::Folklore, Some("15 to 50")),
            assumption("profile views, 24 h", "at most 80", Class::Vendor, Some("80 to 150")),
            assumption("password changed", "0.1 % a day", Class::Assumption, None),
        ],
    }
}

fn platform() -> Platform {
    let fixed = DaysLaw::Fixed(2);
    let incident = |cause: &str, per_day| Incident {
        cause: cause.to_owned(),
        per_day,
        renewable: true,
        shared: false,
        reconnect: None,
    };
    Platform {
        name: "linkedin".into(),
        traits: Vec::new(),
        beyond: BeyondCounts::default(),
        profile: Some("linkedin".to_owned()),
        variant: None,
        rules: vec![
            rule(
                "connection_request",
                &[1],
                &[(Window::Sliding(time::DAY), 30), (Window::Sliding(7 * time::DAY), 100)],
            ),
            rule("profile_view", &[0], &[(Window::Day, 80)]),
            rule("message", &[2], &[(Window::Day, 60), (Window::Month, 1500)]),
        ],
        ladder: Ladder {
            rungs: vec![Rung::Warning, Rung::Restriction(DaysLaw::Fixed(7)), Rung::Permanent],
            memory_days: Some(180),
        },
        token: TokenPolicy {
            lifetime_days: Some(60),
            idle_days: Some(30),
            refresh_on_use: false,
            collects_data: false,
            displacement: None,
            renewable: true,
        },
        incidents: vec![
            incident("password_changed", 0.001),
            incident("access_revoked", 0.0005),
            incident("admin_role_lost", 0.0),
        ],
        reconnect: Reconnect {
            after_restriction: fixed,
            token_expired: DaysLaw::Geometric { mean: 3.0, at_least: 1 },
            token_idle: fixed,
            incident: fixed,
            new_authorisation: fixed,
        },
        aftermath: Aftermath::default(),
    }
}

fn by_day(horizon: u32, at: impl Fn(f64) -> f64) -> Vec<Estimate> {
    (1..=horizon).map(|day| share(at(f64::from(day.min(365))))).collect()
}

fn cause(cause: &str, horizon: u32, at: impl Fn(f64) -> f64) -> CauseIncidence {
    let kind = match cause {
        "restriction" => None,
        "token_expired" | "token_idle" => Some(CauseKind::Token),
        _ => Some(CauseKind::Incident),
    };
    CauseIncidence { cause: cause.to_owned(), kind, by_day: by_day(horizon, at) }
}

fn first_disconnection(horizon: u32) -> Vec<CauseIncidence> {
    vec![
        cause("restriction", horizon, |t| 0.08 * (t / 90.0).powi(2).min(2.0)),
        cause("password_changed", horizon, |t| 0.000_95 * t),
        cause("access_revoked", horizon, |t| 0.000_45 * t),
        cause("admin_role_lost", horizon, |_| 0.0),
        cause("token_expired", horizon, |t| if t > 60.0 { 0.31 } else { 0.0 }),
        cause("token_idle", horizon, |t| if t > 30.0 { 0.004 } else { 0.0 }),
    ]
}

fn action(name: &str, demanded: f64, waiting: f64, lost: f64) -> ActionResults {
    ActionResults {
        action: name.to_owned(),
        demanded: mean(demanded, 0.3),
        delivered: mean(demanded - waiting - lost, 0.31),
        waiting: mean(waiting, 0.05),
        lost: mean(lost, 0.1),
        deferred: mean(waiting * 4.0, 0.2),
        mean_wait_days: (waiting > 0.0).then(|| mean(1.37, 0.02)),
    }
}

pub(crate) fn window(rule: &str, window: Window, limit: u32, counts: [u32; 4], over: f64) -> WindowUse {
    let [median, q95, q99, max] = counts;
    WindowUse {
        rule: rule.to_owned(),
        window,
        limit,
        median,
        q95,
        q99,
        max,
        over: share(over),
        replicates: 2_000,
    }
}

fn rule_results(name: &str, breaches: f64, flags: f64, first: [f64; 2]) -> RuleResults {
    RuleResults {
        rule: name.to_owned(),
        breaches: mean(breaches, 0.004),
        flags: mean(flags, 0.002),
        first_flag: share(first[0]),
        first_restriction: share(first[1]),
    }
}

fn quantiles(days: [Option<(u32, u32, Option<u32>)>; 4]) -> Vec<QuantileEstimate> {
    let qs = [0.05, 0.1, 0.25, 0.5];
    let quantile = |(q, day): (f64, Option<(u32, u32, Option<u32>)>)| QuantileEstimate {
        q,
        day: day.and_then(|day| day.2.map(|_| day.0)),
        low: day.map(|day| day.1),
        high: day.and_then(|day| day.2),
    };
    qs.into_iter().zip(days).map(quantile).collect()
}

pub(crate) fn account(horizon: u32) -> AccountResults {
    let causes = first_disconnection(horizon);
    let total = |t: f64| causes.iter().map(|cause| cause.by_day[t as usize - 1].value).sum::<f64>();
    AccountResults {
        hazards: Vec::new(),
        innocent_share: None,
        background: Vec::new(),
        aftermath: None,
        refusals: Vec::new(),
        answers: Vec::new(),
        flagged: share(0.1234),
        restricted: share(0.083),
        restricted_permanently: share(0.0),
        disconnected: share(total(f64::from(horizon))),
        opened: None,
        flags: mean(0.141, 0.002_5),
        days_connected: mean(87.212, 0.031),
        days_disconnected: mean(2.788, 0.031),
        days_restricted: mean(0.512, 0.011),
        flagged_by_day: by_day(horizon, |t| 0.1234 * (t / f64::from(horizon)).powi(2)),
        restricted_by_day: by_day(horizon, |t| 0.083 * (t / f64::from(horizon)).powi(2)),
        restricted_permanently_by_day: by_day(horizon, |_| 0.0),
        disconnected_by_day: by_day(horizon, total),
        first_disconnection: causes,
        disconnections: vec![CauseCount { cause: "restriction".to_owned(), mean: mean(0.09, 0.002) }],
        time_to_first_flag: quantiles([Some((57, 55, Some(59))), Some((81, 79, Some(83))), None, None]),
        time_to_first_disconnection: quantiles([
            Some((31, 30, Some(32))),
            Some((48, 46, Some(50))),
            Some((61, 61, Some(61))),
            Some((90, 61, None)),
        ]),
        actions: vec![
            action("profile_view", 2420.4, 0.0, 31.2),
            action("connection_request", 1331.7, 12.4, 140.1),
            action("message", 968.2, 0.0, 12.0),
            action("post", 30.1, 0.0, 0.4),
        ],
        rules: vec![
            rule_results("connection_request", 3.2, 0.13, [0.117, 0.0791]),
            rule_results("profile_view", 0.4, 0.008, [0.0064, 0.0039]),
            rule_results("message", 0.0, 0.0, [0.0, 0.0]),
        ],
        utilisation: vec![
            window("connection_request", Window::Sliding(time::DAY), 30, [25, 31, 34, 38], 0.061),
            window("connection_request", Window::Sliding(7 * time::DAY), 100, [88, 102, 107, 118], 0.084),
            window("profile_view", Window::Day, 80, [56, 63, 67, 84], 0.0011),
            window("message", Window::Day, 60, [25, 29, 31, 36], 0.0),
            window("message", Window::Month, 1500, [371, 399, 412, 440], 0.0),
        ],
    }
}

fn series(group: &str, name: &str, mean: f64, ramp: bool, horizon: u32) -> ActivitySeries {
    let demanded: Vec<f64> = (0..horizon)
        .map(|day| {
            let work = day % 7 < 5 && !(42..47).contains(&day) && day != 71;
            let grown = if ramp { 0.25 + 0.75 * (f64::from(day) / 45.0).min(1.0) } else { 1.0 };
            if work { mean * grown } else { 0.0 }
        })
        .collect();
    let around =
        |factor: f64| demanded.iter().map(|x| (x + factor * x.sqrt()).max(0.0).round() as u32).collect();
    ActivitySeries {
        group: group.to_owned(),
        action: name.to_owned(),
        delivered: demanded.iter().map(|x| x * 0.93).collect(),
        q05: around(-1.65),
        median: around(0.0),
        q95: around(1.5),
        waiting: demanded.iter().map(|x| x * 0.05).collect(),
        demanded,
    }
}

fn occupancy(horizon: u32) -> Vec<Occupancy> {
    let day = |day: u32| {
        let t = f64::from(day);
        let restricted = 0.012 * t / 90.0;
        let permanent = 0.004 * (t / 90.0).powi(2);
        let disconnected = 0.004 + if day >= 60 { 0.29 * 0.6_f64.powf(t - 60.0) } else { 0.0 };
        Occupancy {
            connected: 1.0 - restricted - permanent - disconnected,
            restricted,
            disconnected,
            permanent,
            unopened: 0.0,
        }
    };
    (0..horizon).map(day).collect()
}

pub(crate) fn results() -> Results {
    let horizon = 90;
    let actions = [("profile_view", 40.0), ("connection_request", 22.0), ("message", 16.0), ("post", 0.5)];
    let of_group =
        |name: &str, ramp| actions.map(|(action, mean)| series(name, action, mean, ramp, horizon)).to_vec();
    let mut young = account(horizon);
    young.flagged = share(0.021);
    Results {
        level: 0.95,
        replicates: REPLICATES,
        accounts: 5,
        horizon_days: horizon,
        mean_account: account(horizon),
        groups: vec![
            GroupResults { name: "seasoned".to_owned(), accounts: 3, account: account(horizon) },
            GroupResults { name: "new".to_owned(), accounts: 2, account: young },
        ],
        team: team(),
        pages: Vec::new(),
        blast_radius: Vec::new(),
        series: Series {
            replicates: 2_000,
            activity: [of_group("seasoned", false), of_group("new", true)].concat(),
            occupancy: occupancy(horizon),
        },
        warnings: vec![Warning::NoEventSeen { event: "restricted_permanently".to_owned() }],
    }
}

fn hits() -> Vec<HitResults> {
    let row = |accounts, ever, independent, on_one_day| AtLeast {
        accounts,
        ever: share(ever),
        independent,
        on_one_day: share(on_one_day),
    };
    let flagged = vec![row(1, 0.4601, 0.52, 0.4601), row(2, 0.11, 0.09, 0.02), row(3, 0.02, 0.0085, 0.0)];
    let disconnected = vec![row(1, 0.91, 0.909, 0.91), row(2, 0.61, 0.6091, 0.3)];
    let of = |event, accounts, independent_variance, over_dispersion, at_least| HitResults {
        event,
        accounts: mean(accounts, 0.01),
        variance: independent_variance * 1.5,
        independent_variance,
        over_dispersion,
        most_on_one_day: mean(0.5, 0.01),
        at_least,
    };
    vec![
        of("flagged", 0.6, 0.5, Some(mean(1.5, 0.03)), flagged),
        of("restricted", 0.0, 0.0, None, Vec::new()),
        of("disconnected", 1.7, 0.9, Some(mean(1.01, 0.03)), disconnected),
    ]
}

fn team() -> TeamResults {
    let delivered = |action: &str, value, q10, median, q90| TeamDelivered {
        action: action.to_owned(),
        mean: mean(value, 1.5),
        q10,
        median,
        q90,
    };
    TeamResults {
        flagged: share(0.4601),
        restricted: share(0.352),
        restricted_permanently: share(0.0),
        disconnected: share(0.91),
        flagged_by_day: by_day(90, |t| 0.4601 * (t / 90.0).powi(2)),
        restricted_by_day: by_day(90, |t| 0.352 * (t / 90.0).powi(2)),
        restricted_permanently_by_day: by_day(90, |_| 0.0),
        disconnected_by_day: by_day(90, |t| 0.91 * t / 90.0),
        accounts_restricted: mean(0.415, 0.006),
        accounts_restricted_distribution: vec![share(0.648), share(0.29), share(0.055), share(0.007)],
        most_restricted_on_one_day: mean(0.38, 0.005),
        hits: hits(),
        delivered: vec![
            delivered("profile_view", 11_946.0, 11_720, 11_950, 12_160),
            delivered("connection_request", 5_896.0, 5_640, 5_902, 6_120),
            delivered("message", 4_781.0, 4_600, 4_785, 4_950),
            delivered("post", 148.5, 132, 148, 165),
        ],
    }
}

pub(crate) fn curve() -> RiskCurve {
    let point = |factor: f64| RiskPoint {
        factor,
        per_day: 22.0 * factor,
        replicates: if factor == 1.0 { REPLICATES } else { 1_000 },
        risk: share(1.0 - (-0.132 * factor.powi(5)).exp()),
        delivered: mean(5_900.0 * factor.min(1.4), 12.0 * factor),
    };
    RiskCurve {
        action: Some("connection_request".to_owned()),
        event: "flagged".to_owned(),
        of: "worst".to_owned(),
        level: 0.95,
        replicates: 1_000,
        points: [0.25, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0].map(point).to_vec(),
    }
}

pub(crate) fn savings() -> Savings {
    let difference = |value: f64, reach: f64| Estimate {
        value,
        low: value - reach,
        high: value + reach,
        standard_error: reach / 1.96,
    };
    let row = |kind, name: &str, flagged: f64, disconnected: f64| Saving {
        kind,
        name: name.to_owned(),
        closed_accounts: 0,
        flagged: difference(flagged, 0.01),
        flagged_shares: Compared { with: share(0.1234), without: share(0.1234 - flagged) },
        disconnected: difference(disconnected, 0.02),
        disconnected_shares: Compared { with: share(0.3), without: share(0.3 - disconnected) },
        days_disconnected: difference(disconnected * 3.0, 0.05),
    };
    let rows = vec![
        row(CauseKind::Rule, "connection_requests", 0.1, 0.09),
        row(CauseKind::Incident, "password_changed", -0.004, 0.05),
        row(CauseKind::Token, "token_idle", 0.0, 0.0),
    ];
    Savings { replicates: 250, rows }
}
