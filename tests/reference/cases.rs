//! The known answers as scenarios: which scenario and which quantity express each of them.

use pacewise::rules::Window;
use pacewise::scenario::{
    CountLaw, DaysLaw, Ladder, Pacing, Phase, Rung, Scenario, TokenPolicy, Trial, VolumeRule,
};
use pacewise::time::{DAY, HOUR, SECOND};

use super::builders::{TWO_DAYS, between, demand, empty, incident, pacing, poisson, quota, rule};
use super::quantity::Quantity as Q;
use super::workloads::{CONNECTION_REQUEST, w1_without_trailing_week, w2_requests};

/// A known answer, the quantity that estimates it, and how the answer becomes the expected value.
pub(crate) struct Answer {
    pub(crate) name: String,
    pub(crate) quantity: Q,
    pub(crate) expected: fn(f64) -> f64,
}

/// A scenario with the answers of one case that it expresses.
pub(crate) struct Case {
    pub(crate) id: &'static str,
    pub(crate) scenario: Scenario,
    /// A scenario whose means are subtracted, for answers that are differences.
    pub(crate) less: Option<Scenario>,
    pub(crate) answers: Vec<Answer>,
    /// Replicates of the quick check.
    pub(crate) replicates: u64,
}

impl Case {
    pub(super) fn new(id: &'static str, replicates: u64, scenario: Scenario) -> Case {
        Case { id, scenario, less: None, answers: Vec::new(), replicates }
    }

    pub(super) fn answer(self, name: &str, quantity: Q) -> Case {
        self.mapped(name, quantity, |value| value)
    }

    fn mapped(mut self, name: &str, quantity: Q, expected: fn(f64) -> f64) -> Case {
        self.answers.push(Answer { name: name.to_owned(), quantity, expected });
        self
    }

    fn less(mut self, scenario: Scenario) -> Case {
        self.less = Some(scenario);
        self
    }
}

/// All cases that today's scenarios can express.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = scans();
    cases.extend(calendar_limits());
    cases.extend(idle_runs());
    cases.extend(competing_risks());
    cases.extend(token_renewals());
    cases.extend(pacing_cases());
    cases.extend(edges());
    cases.extend(window_edges());
    cases
}

/// One action with one law on all days, and rules on it of which every trial flags; a flag is only a warning.
fn watched(days: u32, law: CountLaw, rules: Vec<VolumeRule>) -> Scenario {
    let mut scenario = empty(days, &["message"]);
    scenario.groups[0].demand = vec![demand(0, law)];
    scenario.platforms[0].rules = rules;
    scenario
}

/// Poisson events in the first hours of one day, a sliding window over them.
fn scan(rate: f64, hours: f64, window_h: f64, limit: u32) -> Scenario {
    let window = Window::Sliding((window_h * HOUR as f64) as i64);
    let rules = vec![rule(&[0], &[(window, limit)], Trial::Event, 1.0)];
    let mut scenario = watched(1, poisson(rate * hours), rules);
    scenario.groups[0].demand[0].hours = between(0, (hours * 3_600.0) as u32);
    scenario
}

fn scans() -> Vec<Case> {
    // 1,000 h stand on 40 days: all times are scaled by 0.96.
    let mut long = scan(2.5 / 24.0, 24.0, 0.96, 2);
    long.horizon_days = 40;
    let mut office = scan(6.0 / 9.0, 9.0, 24.0, 12);
    office.groups[0].demand[0].hours = between(9 * 3_600, 18 * 3_600);
    office.horizon_days = 5;
    vec![
        Case::new("SCAN-1s", 8_000, scan(0.35, 24.0, 0.5, 1)).answer("p", Q::Flagged),
        Case::new("SCAN-2s", 10_000, scan(1.5, 3.0, 1.0, 5)).answer("p", Q::Flagged),
        Case::new("SCAN-3s", 10_000, scan(1.0, 2.5, 1.0, 4)).answer("p", Q::Flagged),
        Case::new("SCAN-4s", 10_000, scan(2.0, 9.0, 1.0, 8)).answer("p", Q::Flagged),
        Case::new("SCAN-5s", 1_500, long).answer("p", Q::Flagged),
        Case::new("SCAN-6s", 5_000, office).answer("p", Q::Flagged),
        Case::new("SCAN-7s", 1_500, scan(3.0, 24.0, 1.0, 5)).answer("mean_breaching_events", Q::Breaches(0)),
        Case::new("SCAN-8s", 1_500, all_request_rules(14))
            .less(all_request_rules(7))
            .answer("connection_request_1h", Q::Breaches(0))
            .answer("connection_request_24h", Q::Breaches(1))
            .answer("connection_request_168h", Q::Breaches(2))
            .answer("connection_request_any", Q::Breaches(3)),
        Case::new("W2-1s", 600, requests_with(91, 0.01, &REQUEST_WINDOWS))
            .answer("by_7", Q::FlaggedBy(7))
            .answer("by_28", Q::FlaggedBy(28))
            .answer("by_91", Q::FlaggedBy(91)),
    ]
}

const REQUEST_WINDOWS: [(Window, u32); 3] =
    [(Window::Sliding(HOUR), 8), (Window::Sliding(DAY), 30), (Window::Sliding(7 * DAY), 120)];

fn requests_with(days: u32, probability: f64, limits: &[(Window, u32)]) -> Scenario {
    let mut scenario = w2_requests(days);
    scenario.platforms[0].rules = vec![rule(&[CONNECTION_REQUEST], limits, Trial::Event, probability)];
    scenario
}

fn all_request_rules(days: u32) -> Scenario {
    let mut scenario = requests_with(days, 0.0, &REQUEST_WINDOWS[..1]);
    let others: [&[(Window, u32)]; 3] = [&REQUEST_WINDOWS[1..2], &REQUEST_WINDOWS[2..], &REQUEST_WINDOWS];
    let rules = others.map(|limits| rule(&[CONNECTION_REQUEST], limits, Trial::Event, 0.0));
    scenario.platforms[0].rules.extend(rules);
    scenario
}

fn calendar_limits() -> Vec<Case> {
    let daily =
        |days, law, limit| watched(days, law, vec![rule(&[0], &[(Window::Day, limit)], Trial::Day, 1.0)]);
    let trailing = vec![rule(&[0], &[(Window::TrailingDays(3), 12)], Trial::Day, 1.0)];
    let overdispersed = CountLaw::NegativeBinomial { mean: 18.0, size: 9.0 };
    let mut quiet_w1 = w1_without_trailing_week();
    quiet_w1.platforms[0].incidents.clear();
    quiet_w1.platforms[0].ladder = Ladder { rungs: vec![Rung::Warning], memory_days: None };
    for rule in &mut quiet_w1.platforms[0].rules {
        rule.detection.probability = 1.0;
    }
    let both = vec![rule(&[0], &[(Window::Day, 8), (Window::TrailingDays(3), 12)], Trial::Day, 1.0)];
    vec![
        Case::new("CAL-1s", 800, daily(365, poisson(18.0), 30))
            .answer("p", Q::Flagged)
            .answer("mean_breach_days", Q::Breaches(0)),
        Case::new("CAL-1s", 20_000, daily(1, poisson(18.0), 30)).answer("p_one_day", Q::Flagged),
        Case::new("SENS-1s", 3_000, daily(90, poisson(18.0), 30)).answer("P", Q::Flagged),
        Case::new("SENS-1s", 3_000, daily(90, poisson(16.2), 30)).answer("P_minus10", Q::Flagged),
        Case::new("SENS-1s", 3_000, daily(90, poisson(19.8), 30)).answer("P_plus10", Q::Flagged),
        Case::new("CAL-2s", 400, quiet_w1)
            .answer("p_any", Q::Flagged)
            .answer("mean_breach_days_page_search", Q::Breaches(0))
            .answer("mean_breach_days_profile_view", Q::Breaches(1))
            .answer("mean_breach_days_connection_request", Q::Breaches(2))
            .answer("mean_breach_days_message", Q::Breaches(3)),
        Case::new("CAL-3s", 3_000, daily(30, overdispersed, 40)).answer("p", Q::Flagged),
        Case::new("CAL-4s", 4_000, watched(30, poisson(2.0), trailing))
            .answer("p", Q::Flagged)
            .answer("mean_breach_days", Q::Breaches(0)),
        Case::new("PACE-1s", 8_000, daily(30, poisson(15.486_150_515_480_727), 30))
            .answer("p_at_m", Q::Flagged),
        Case::new("PACE-3s", 6_000, daily(40, poisson(15.0), 30)).answer("p_at_D", Q::Flagged),
        Case::new("PACE-3s", 6_000, daily(39, poisson(600.0 / 39.0), 30))
            .answer("p_at_D_minus_1", Q::Flagged),
        Case::new("PACE-4s", 5_000, watched(30, poisson(1.690_251_382_989_275_6), both))
            .answer("p_at_m", Q::Flagged),
        Case::new("CRN-1s", 2_000, daily(30, poisson(20.0), 30))
            .less(daily(30, poisson(18.0), 30))
            .answer("delta", Q::Flagged),
    ]
}

/// One action with a token that dies after so many idle days and is never renewed within the horizon.
fn idling(days: u32, idle_days: u32, law: CountLaw) -> Scenario {
    let mut scenario = watched(days, law, Vec::new());
    scenario.platforms[0].token.idle_days = Some(idle_days);
    scenario.platforms[0].reconnect.token_idle = DaysLaw::Fixed(days);
    scenario
}

fn idle_runs() -> Vec<Case> {
    let coin = || poisson(std::f64::consts::LN_2);
    let mut weekdays = idling(365, 60, poisson(0.05));
    weekdays.groups[0].demand[0].weekdays = [1.0, 1.0, 1.0, 1.0, 1.0, 0.2, 0.2];
    let mut clocked = idling(365, 60, poisson(0.05));
    clocked.groups[0].demand[0].hours = between(0, 86_400);
    let idle_by = |t| Q::FirstDisconnection("token_idle".to_owned(), t);
    let tosses = |n| idling(n, 2, coin());
    vec![
        Case::new("GAP-1s", 1_000, clocked).answer("both", Q::Disconnected),
        Case::new("GAP-2s", 1_500, weekdays)
            .answer("by_60", idle_by(60))
            .answer("by_120", idle_by(120))
            .answer("by_240", idle_by(240))
            .answer("by_365", idle_by(365)),
        Case::new("GAP-3s", 8_000, idling(10, 3, coin())).answer("a", Q::Disconnected).mapped(
            "b2",
            Q::DisconnectedBy(10),
            |sequences| 1.0 - sequences / 1024.0,
        ),
        Case::new("GAP-3s", 8_000, idling(10, 4, coin()))
            .mapped("b3", Q::Disconnected, |sequences| 1.0 - sequences / 1024.0),
        Case::new("GAP-3s", 8_000, tosses(2)).mapped("d2", Q::Disconnected, |none| 1.0 - none),
        Case::new("GAP-3s", 8_000, tosses(3)).mapped("d3", Q::Disconnected, |none| 1.0 - none),
        Case::new("GAP-3s", 8_000, tosses(4)).mapped("d4", Q::Disconnected, |none| 1.0 - none),
        Case::new("GAP-3s", 8_000, tosses(5)).mapped("d5", Q::Disconnected, |none| 1.0 - none),
    ]
}

fn competing_risks() -> Vec<Case> {
    let mut causes = empty(365, &["message"]);
    causes.platforms[0].incidents =
        vec![incident("first", 0.001), incident("second", 0.0003), incident("third", 0.0002)];
    let first = |cause: &str, t| Q::FirstDisconnection(cause.to_owned(), t);
    let mut by_cause = Case::new("CR-2s", 3_000, causes);
    for t in [30, 90, 365] {
        by_cause = by_cause
            .answer(&format!("cause1_by_{t}"), first("first", t))
            .answer(&format!("cause2_by_{t}"), first("second", t))
            .answer(&format!("cause3_by_{t}"), first("third", t));
    }
    let mut alternating = empty(365, &["message"]);
    alternating.platforms[0].incidents = vec![incident("out", 0.0015)];
    alternating.platforms[0].reconnect.incident = TWO_DAYS;
    let alternating = Case::new("CR-6s", 2_500, alternating)
        .answer("mean_disconnected_days", Q::DaysDisconnected)
        .answer("mean_disconnections", Q::Disconnections("out".to_owned()))
        .answer("p_at_least_one", Q::Disconnected);
    vec![clocked_causes(), by_cause, ladder(), alternating, w1_as_markov_chain()]
}

/// Constant hazards by the clock, seen at the ends of days: a day's probabilities are those that the hazards leave for it. The
/// token dies at the start of day 365, which is by day 366.
fn clocked_causes() -> Case {
    let hazards = [("first", 0.001), ("second", 0.0003), ("third", 0.0002)];
    let total: f64 = hazards.iter().map(|(_, hazard)| hazard).sum();
    let per_day = |hazard: f64| hazard / total * (1.0 - (-total).exp());
    let mut scenario = empty(366, &["message"]);
    scenario.platforms[0].incidents =
        hazards.iter().map(|&(cause, hazard)| incident(cause, per_day(hazard))).collect();
    scenario.platforms[0].token.lifetime_days = Some(365);
    let mut case = Case::new("CR-1s", 3_000, scenario);
    let first = |cause: &str, t| Q::FirstDisconnection(cause.to_owned(), t);
    for t in [30, 90, 365] {
        for (number, (cause, _)) in (1..).zip(hazards) {
            case = case.answer(&format!("cause{number}_by_{t}"), first(cause, t));
        }
        let seen_by = if t == 365 { 366 } else { t };
        case = case.answer(&format!("token_by_{t}"), first("token_expired", seen_by));
    }
    case
}

/// Each connected day brings one trial of probability 0.01.
fn ladder() -> Case {
    let daily = rule(&[0], &[(Window::Day, 0)], Trial::Day, 0.01);
    let mut scenario = watched(365, quota(1.0), vec![daily]);
    let temporary = |days| Rung::Restriction(DaysLaw::Fixed(days));
    scenario.platforms[0].ladder.rungs = vec![temporary(3), temporary(14), Rung::Permanent];
    scenario.platforms[0].reconnect.after_restriction = DaysLaw::Fixed(0);
    Case::new("CR-4s", 1_500, scenario)
        .answer("p_flagged", Q::Flagged)
        .answer("p_permanent", Q::Permanent)
        .answer("mean_restricted_days", Q::DaysRestricted)
        .answer("mean_flaggings", Q::Flags)
}

fn w1_as_markov_chain() -> Case {
    let mut case = Case::new("W1-1s", 1_000, w1_without_trailing_week())
        .answer("p_flagged", Q::Flagged)
        .answer("p_permanent", Q::Permanent)
        .answer("p_disconnected", Q::Disconnected)
        .answer("mean_disconnected_days", Q::DaysDisconnected)
        .answer("mean_delivered_connection_requests", Q::Delivered(CONNECTION_REQUEST))
        .answer("mean_flaggings", Q::Flags);
    let causes = [
        ("restriction", "restriction"),
        ("password", "password_changed"),
        ("revoked", "access_revoked"),
        ("admin", "admin_role_lost"),
    ];
    for t in [30, 90, 365] {
        for (short, cause) in causes {
            case = case.answer(&format!("first_by_{t}_{short}"), Q::FirstDisconnection(cause.to_owned(), t));
        }
    }
    case
}

/// A token of 90 days with a daily hazard, renewed at once. The case counts a death of age at the end of the token's last
/// day, the model at the start of the next day: one more day of horizon shows the same deaths of age.
fn token_renewals() -> Vec<Case> {
    let renewed = |days| {
        let mut scenario = empty(days, &["message"]);
        scenario.platforms[0].token = TokenPolicy {
            lifetime_days: Some(90),
            idle_days: None,
            refresh_on_use: false,
            collects_data: false,
            displacement: None,
            renewable: true,
        };
        scenario.platforms[0].incidents = vec![incident("hazard", 0.002)];
        scenario.platforms[0].reconnect.token_expired = DaysLaw::Fixed(0);
        scenario.platforms[0].reconnect.incident = DaysLaw::Fixed(0);
        scenario
    };
    vec![
        Case::new("CR-5s", 1_500, renewed(365))
            .answer("mean_hazard_deaths", Q::Disconnections("hazard".to_owned()))
            .answer("mean_dead_days", Q::DaysDisconnected),
        Case::new("CR-5s", 1_500, renewed(366))
            .answer("mean_age_deaths", Q::Disconnections("token_expired".to_owned())),
    ]
}

/// N actions wanted on the first day, sent as fast as the caps of a day and of seven days allow.
pub(crate) fn sending(days: u32, total: f64, per_day: u32, per_week: u32, weekends: bool) -> Scenario {
    let mut scenario = watched(days, quota(total), Vec::new());
    let silence = Phase {
        name: "after the first day".to_owned(),
        from_day: 1,
        days,
        factor: 0.0,
        factor_at_end: 0.0,
        actions: Vec::new(),
    };
    scenario.calendar.workdays = [true, true, true, true, true, weekends, weekends];
    scenario.groups[0].phases = vec![silence];
    scenario.groups[0].pacing = vec![Pacing {
        per_day: Some(per_day),
        per_week: Some(per_week),
        sliding_week: true,
        defer: true,
        ..pacing(0)
    }];
    scenario
}

fn pacing_cases() -> Vec<Case> {
    let table = [
        ("N500_d30_w120", 500.0, 30, 120, true, 29),
        ("N1000_d30_w120", 1_000.0, 30, 120, true, 58),
        ("N23_d3_w8", 23.0, 3, 8, true, 17),
        ("N23_d3_w8_weekdays", 23.0, 3, 8, false, 17),
    ];
    // Nothing waits at the end of the fewest days; on the day before, what the last day sends still does.
    let rest: [fn(f64) -> f64; 4] = [|_| 20.0, |_| 10.0, |_| 1.0, |_| 1.0];
    let mut cases = Vec::new();
    for ((name, total, per_day, per_week, weekends, days), rest) in table.into_iter().zip(rest) {
        let enough = sending(days, total, per_day, per_week, weekends);
        let too_short = sending(days - 1, total, per_day, per_week, weekends);
        cases.push(Case::new("PACE-2s", 2, enough).mapped(name, Q::Waiting(0), |_| 0.0));
        cases.push(Case::new("PACE-2s", 2, too_short).mapped(name, Q::Waiting(0), rest));
    }
    cases
}

fn edges() -> Vec<Case> {
    let every_breach = rule(&[0], &[(Window::Day, 30)], Trial::Day, 1.0);
    let mut fixed = watched(365, quota(31.0), vec![every_breach]);
    fixed.groups[0].demand[0].weekdays = [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0];
    let temporary = |days| Rung::Restriction(DaysLaw::Fixed(days));
    fixed.platforms[0].ladder.rungs = vec![temporary(3), temporary(14), Rung::Permanent];
    let counted = |days, per_day, window, limit| {
        watched(days, quota(per_day), vec![rule(&[0], &[(window, limit)], Trial::Day, 0.5)])
    };
    vec![
        Case::new("BND-1s", 2, fixed)
            .mapped("flag_days", Q::Flags, |_| 3.0)
            .mapped("flag_days", Q::FlaggedBy(1), |_| 1.0)
            .mapped("flag_days", Q::PermanentBy(23), |_| 0.0)
            .mapped("flag_days", Q::PermanentBy(24), |_| 1.0)
            .answer("disconnected_days", Q::DaysDisconnected)
            .answer("delivered", Q::Delivered(0)),
        Case::new("BND-2s", 2, counted(1, 30.0, Window::Day, 30)).answer("d", Q::Breaches(0)),
        Case::new("BND-2s", 2, counted(8, 10.0, Window::TrailingDays(7), 70)).answer("e", Q::Breaches(0)),
        Case::new("BND-2s", 2, counted(8, 10.0, Window::TrailingDays(7), 69)).answer("f", Q::Breaches(0)),
    ]
}

/// Even spreading puts actions at known instants: two at a distance of half the working hours, or several on one instant.
fn window_edges() -> Vec<Case> {
    let two = |working_s: u32| {
        let rules = vec![rule(&[0], &[(Window::Sliding(HOUR), 1)], Trial::Event, 0.5)];
        let mut scenario = watched(1, quota(2.0), rules);
        scenario.calendar.to_second = working_s;
        scenario.groups[0].pacing = vec![Pacing { spread: true, ..pacing(0) }];
        scenario
    };
    let mut three = empty(1, &["message", "post", "comment"]);
    three.groups[0].demand = (0..3).map(|action| demand(action, quota(1.0))).collect();
    three.groups[0].pacing = (0..3).map(|action| Pacing { spread: true, ..pacing(action) }).collect();
    three.platforms[0].rules = vec![rule(&[0, 1, 2], &[(Window::Sliding(SECOND), 2)], Trial::Event, 0.5)];
    vec![
        Case::new("BND-2s", 2, two(7_200)).answer("a", Q::Breaches(0)),
        Case::new("BND-2s", 2, two(7_198)).answer("b", Q::Breaches(0)),
        Case::new("BND-2s", 2, three).answer("c", Q::Breaches(0)),
    ]
}
