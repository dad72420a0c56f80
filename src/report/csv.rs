//! Tidy CSV files: one row an observation, full precision, a header line, no thousands separators.

mod pages;

use std::io::{self, Write};

use jiff::ToSpan;

use super::Report;
use crate::results::{
    AccountResults, AftermathResults, HitResults, PageResults, QuantileEstimate, RiskCurve, Savings,
    TeamResults,
};
use crate::scenario::KeepAlive;
use crate::stats::Estimate;

pub(super) use pages::{write_blast_radius, write_pages};

type Writer<'w, W> = csv::Writer<&'w mut W>;

/// Where rows of estimates go: the writer and the cells that stand before each row.
struct Rows<'w, W: Write> {
    csv: Writer<'w, W>,
    scenario: Option<String>,
}

/// Writes the estimates of several reports into one table, the scenario's name in the first column.
///
/// # Errors
/// When the writer fails.
pub fn write_combined_csv(reports: &[Report], out: &mut impl Write) -> io::Result<()> {
    let mut rows = Rows { csv: csv::Writer::from_writer(out), scenario: None };
    rows.csv.write_record(["scenario"].iter().chain(&ESTIMATES))?;
    for report in reports {
        rows.scenario = Some(report.scenario.name.clone());
        rows.all(report)?;
    }
    rows.csv.flush()
}

const ESTIMATES: [&str; 8] = ["scope", "group", "quantity", "of", "value", "low", "high", "standard_error"];

pub(super) fn write_estimates(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let mut rows = Rows { csv: csv::Writer::from_writer(out), scenario: None };
    rows.csv.write_record(ESTIMATES)?;
    rows.all(report)?;
    rows.csv.flush()
}

impl<W: Write> Rows<'_, W> {
    fn all(&mut self, report: &Report) -> io::Result<()> {
        let results = report.results;
        self.account(["account", ""], &results.mean_account)?;
        for group in &results.groups {
            self.account(["group", &group.name], &group.account)?;
        }
        self.team(&results.team)?;
        results.pages.iter().try_for_each(|page| self.page(page))?;
        for radius in &results.blast_radius {
            let account = radius.account.to_string();
            for cause in &radius.causes {
                let scope = ["authorising_account", account.as_str()];
                self.row(scope, "disconnections", &cause.cause, &cause.disconnections)?;
                for (quantity, days) in [
                    ("mean_days", &cause.mean_days),
                    ("mean_days_without_data", &cause.mean_days_without_data),
                ] {
                    days.iter().try_for_each(|days| self.row(scope, quantity, &cause.cause, days))?;
                }
            }
        }
        Ok(())
    }

    fn account(&mut self, scope: [&str; 2], account: &AccountResults) -> io::Result<()> {
        let single = [
            ("flagged", &account.flagged),
            ("restricted", &account.restricted),
            ("restricted_permanently", &account.restricted_permanently),
            ("disconnected", &account.disconnected),
            ("flags", &account.flags),
            ("days_connected", &account.days_connected),
            ("days_disconnected", &account.days_disconnected),
            ("days_restricted", &account.days_restricted),
        ];
        for (quantity, estimate) in single {
            self.row(scope, quantity, "", estimate)?;
        }
        if let Some(opened) = &account.opened {
            self.row(scope, "opened", "", opened)?;
        }
        for cause in &account.disconnections {
            self.row(scope, "disconnections", &cause.cause, &cause.mean)?;
        }
        self.times(scope, "time_to_first_flag", &account.time_to_first_flag)?;
        self.times(scope, "time_to_first_disconnection", &account.time_to_first_disconnection)?;
        self.actions_and_rules(scope, account)
    }

    fn actions_and_rules(&mut self, scope: [&str; 2], account: &AccountResults) -> io::Result<()> {
        for action in &account.actions {
            self.row(scope, "demanded", &action.action, &action.demanded)?;
            self.row(scope, "delivered", &action.action, &action.delivered)?;
            self.row(scope, "waiting", &action.action, &action.waiting)?;
            self.row(scope, "lost", &action.action, &action.lost)?;
            self.row(scope, "deferred", &action.action, &action.deferred)?;
            match &action.mean_wait_days {
                Some(days) => self.row(scope, "mean_wait_days", &action.action, days)?,
                None => self.cells(scope, "mean_wait_days", &action.action, &<[String; 4]>::default())?,
            }
        }
        for background in &account.background {
            self.row(scope, "background", &background.action, &background.mean)?;
        }
        for rule in &account.rules {
            self.row(scope, "breaches", &rule.rule, &rule.breaches)?;
            self.row(scope, "rule_flags", &rule.rule, &rule.flags)?;
            self.row(scope, "first_flag", &rule.rule, &rule.first_flag)?;
            self.row(scope, "first_restriction", &rule.rule, &rule.first_restriction)?;
        }
        for hazard in &account.hazards {
            self.row(scope, "hazard_flags", &hazard.name, &hazard.flags)?;
            self.row(scope, "first_flag", &hazard.name, &hazard.first_flag)?;
        }
        for refusal in &account.refusals {
            self.row(scope, "refused", &refusal.cause, &refusal.refused)?;
        }
        for answer in &account.answers {
            for (what, estimate) in answer.quantities() {
                self.row(scope, what, &answer.action, estimate)?;
            }
        }
        account.aftermath.iter().try_for_each(|aftermath| self.aftermath(scope, aftermath))
    }

    fn aftermath(&mut self, scope: [&str; 2], aftermath: &AftermathResults) -> io::Result<()> {
        self.row(scope, "declined", "", &aftermath.declined)?;
        self.row(scope, "required_steps", "", &aftermath.required_steps)?;
        self.row(scope, "days_unpermitted", "", &aftermath.days_unpermitted)?;
        aftermath.told.iter().try_for_each(|told| self.row(scope, "told", &told.told, &told.disconnections))
    }

    fn team(&mut self, team: &TeamResults) -> io::Result<()> {
        let scope = ["team", ""];
        let single = [
            ("flagged", &team.flagged),
            ("restricted", &team.restricted),
            ("restricted_permanently", &team.restricted_permanently),
            ("disconnected", &team.disconnected),
            ("accounts_restricted", &team.accounts_restricted),
            ("most_restricted_on_one_day", &team.most_restricted_on_one_day),
        ];
        for (quantity, estimate) in single {
            self.row(scope, quantity, "", estimate)?;
        }
        for (number, estimate) in team.accounts_restricted_distribution.iter().enumerate() {
            self.row(scope, "exactly_restricted", &number.to_string(), estimate)?;
        }
        team.hits.iter().try_for_each(|hits| self.hits(hits))?;
        team.delivered
            .iter()
            .try_for_each(|action| self.row(scope, "delivered", &action.action, &action.mean))
    }

    fn hits(&mut self, hits: &HitResults) -> io::Result<()> {
        let (scope, none) = (["team", ""], String::new);
        self.row(scope, "accounts_hit", hits.event, &hits.accounts)?;
        for (quantity, variance) in [
            ("variance_of_accounts_hit", hits.variance),
            ("variance_if_independent", hits.independent_variance),
        ] {
            self.cells(scope, quantity, hits.event, &[variance.to_string(), none(), none(), none()])?;
        }
        hits.over_dispersion
            .iter()
            .try_for_each(|ratio| self.row(scope, "over_dispersion", hits.event, ratio))?;
        self.row(scope, "most_hit_on_one_day", hits.event, &hits.most_on_one_day)
    }

    fn page(&mut self, page: &PageResults) -> io::Result<()> {
        let scope = ["page", page.name.as_str()];
        let single = [
            ("disconnected", &page.disconnected),
            ("disconnections", &page.disconnections),
            ("days_without_data", &page.days_without_data),
            ("lost_posts", &page.lost_posts),
            ("lost_comments", &page.lost_comments),
        ];
        for (quantity, estimate) in single {
            self.row(scope, quantity, "", estimate)?;
        }
        for cause in &page.causes {
            self.row(scope, "first_disconnection", &cause.cause, &cause.first)?;
            self.row(scope, "disconnections", &cause.cause, &cause.disconnections)?;
            self.row(scope, "mean_days", &cause.cause, &cause.mean_days)?;
        }
        Ok(())
    }

    fn row(&mut self, scope: [&str; 2], quantity: &str, of: &str, estimate: &Estimate) -> io::Result<()> {
        let numbers = [estimate.value, estimate.low, estimate.high, estimate.standard_error];
        self.cells(scope, quantity, of, &numbers.map(|number| number.to_string()))
    }

    /// Quantiles of a time, in days; empty beyond the horizon.
    fn times(&mut self, scope: [&str; 2], quantity: &str, quantiles: &[QuantileEstimate]) -> io::Result<()> {
        for QuantileEstimate { q, day, low, high } in quantiles {
            let [day, low, high] =
                [day, low, high].map(|day| day.map_or_else(String::new, |day| day.to_string()));
            self.cells(scope, quantity, &q.to_string(), &[day, low, high, String::new()])?;
        }
        Ok(())
    }

    fn cells(&mut self, scope: [&str; 2], quantity: &str, of: &str, cells: &[String; 4]) -> io::Result<()> {
        let labels = [scope[0], scope[1], quantity, of];
        let scenario = self.scenario.iter().map(String::as_str);
        let record = scenario.chain(labels).chain(cells.iter().map(String::as_str));
        Ok(self.csv.write_record(record)?)
    }
}

/// Writes the cumulative incidence of flags, restrictions and disconnections by cause.
pub(super) fn write_incidence(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(["scope", "group", "event", "cause", "day", "value", "low", "high"])?;
    incidence_rows(&mut csv, ["account", ""], &report.results.mean_account)?;
    for group in &report.results.groups {
        incidence_rows(&mut csv, ["group", &group.name], &group.account)?;
    }
    let team = &report.results.team;
    for (event, by_day) in [
        ("flag", &team.flagged_by_day),
        ("restriction", &team.restricted_by_day),
        ("permanent_restriction", &team.restricted_permanently_by_day),
        ("disconnection", &team.disconnected_by_day),
    ] {
        day_rows(&mut csv, ["team", "", event, "any"], by_day)?;
    }
    csv.flush()
}

fn incidence_rows(
    csv: &mut Writer<impl Write>,
    scope: [&str; 2],
    account: &AccountResults,
) -> io::Result<()> {
    let events = [
        ("flag", &account.flagged_by_day),
        ("restriction", &account.restricted_by_day),
        ("permanent_restriction", &account.restricted_permanently_by_day),
        ("disconnection", &account.disconnected_by_day),
    ];
    for (event, by_day) in events {
        day_rows(csv, [scope[0], scope[1], event, "any"], by_day)?;
    }
    for cause in &account.first_disconnection {
        day_rows(csv, [scope[0], scope[1], "first_disconnection", &cause.cause], &cause.by_day)?;
    }
    Ok(())
}

fn day_rows(csv: &mut Writer<impl Write>, labels: [&str; 4], by_day: &[Estimate]) -> io::Result<()> {
    for (before, estimate) in by_day.iter().enumerate() {
        let cells = [estimate.value, estimate.low, estimate.high].map(|value| value.to_string());
        let day = (before + 1).to_string();
        csv.write_record(labels.into_iter().chain([day.as_str()]).chain(cells.iter().map(String::as_str)))?;
    }
    Ok(())
}

/// Writes what one account of each group does on each day.
pub(super) fn write_daily(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "group",
        "action",
        "day",
        "date",
        "demanded",
        "delivered",
        "q05",
        "median",
        "q95",
        "waiting",
    ])?;
    for series in &report.results.series.activity {
        for day in 0..series.demanded.len() {
            csv.write_record([
                series.group.clone(),
                series.action.clone(),
                day.to_string(),
                date_text(report, day),
                series.demanded[day].to_string(),
                series.delivered[day].to_string(),
                series.q05[day].to_string(),
                series.median[day].to_string(),
                series.q95[day].to_string(),
                series.waiting[day].to_string(),
            ])?;
        }
    }
    csv.flush()
}

fn date_text(report: &Report, day: usize) -> String {
    report.scenario.start.saturating_add((day as i64).days()).to_string()
}

/// Writes the shares of the account states on each day.
pub(super) fn write_occupancy(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(["day", "date", "connected", "restricted", "disconnected", "permanent", "unopened"])?;
    for (day, share) in report.results.series.occupancy.iter().enumerate() {
        let shares = [share.connected, share.restricted, share.disconnected, share.permanent, share.unopened];
        let labels = [day.to_string(), date_text(report, day)];
        csv.write_record(labels.into_iter().chain(shares.map(|share| share.to_string())))?;
    }
    csv.flush()
}

/// Writes how near each window came to its limit, in file order.
pub(super) fn write_utilisation(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "group",
        "rule",
        "window",
        "limit",
        "median",
        "q95",
        "q99",
        "max",
        "over",
        "over_low",
        "over_high",
        "replicates",
    ])?;
    let groups = report.results.groups.iter().map(|group| (group.name.as_str(), &group.account));
    for (group, account) in std::iter::once(("", &report.results.mean_account)).chain(groups) {
        for used in &account.utilisation {
            let counts =
                [used.limit, used.median, used.q95, used.q99, used.max].map(|count| count.to_string());
            let over = [used.over.value, used.over.low, used.over.high].map(|value| value.to_string());
            let labels = [group.to_owned(), used.rule.clone(), used.window.to_string()];
            let cells = labels.into_iter().chain(counts).chain(over);
            csv.write_record(cells.chain([used.replicates.to_string()]))?;
        }
    }
    csv.flush()
}

/// Writes the probabilities that at least so many accounts are hit.
pub(super) fn write_hits(hits: &[HitResults], out: &mut impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "event",
        "at_least",
        "ever",
        "ever_low",
        "ever_high",
        "independent",
        "on_one_day",
        "on_one_day_low",
        "on_one_day_high",
    ])?;
    for hits in hits {
        for row in &hits.at_least {
            let (ever, day) = (&row.ever, &row.on_one_day);
            let numbers = [ever.value, ever.low, ever.high, row.independent, day.value, day.low, day.high];
            let labels = [hits.event.to_owned(), row.accounts.to_string()];
            csv.write_record(labels.into_iter().chain(numbers.map(|number| number.to_string())))?;
        }
    }
    csv.flush()
}

/// Writes the days by which each account of a group must be used again so that its token does not die of silence, by date.
pub(super) fn write_keep_alive(calendar: &[KeepAlive], out: &mut impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(["group", "accounts", "use_by"])?;
    let days = calendar.iter().flat_map(|row| row.uses.iter().map(move |date| (date, row)));
    let mut days: Vec<_> = days.collect();
    days.sort_by_key(|(date, _)| *date);
    for (date, row) in days {
        csv.write_record([row.group.as_str(), &row.accounts.to_string(), &date.to_string()])?;
    }
    csv.flush()
}

/// Writes risk and delivery at every pace.
pub(super) fn write_curve(curve: &RiskCurve, out: &mut impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "factor",
        "per_day",
        "replicates",
        "risk",
        "risk_low",
        "risk_high",
        "delivered",
        "delivered_low",
        "delivered_high",
    ])?;
    for point in &curve.points {
        let (risk, delivered) = (&point.risk, &point.delivered);
        let cells = [risk.value, risk.low, risk.high, delivered.value, delivered.low, delivered.high];
        let first = [point.factor.to_string(), point.per_day.to_string(), point.replicates.to_string()];
        csv.write_record(first.into_iter().chain(cells.map(|value| value.to_string())))?;
    }
    csv.flush()
}

/// Writes what each cause costs.
pub(super) fn write_savings(savings: &Savings, out: &mut impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "kind",
        "cause",
        "quantity",
        "difference",
        "low",
        "high",
        "standard_error",
        "replicates",
    ])?;
    for row in &savings.rows {
        for (quantity, difference) in [
            ("flagged", row.flagged),
            ("disconnected", row.disconnected),
            ("days_disconnected", row.days_disconnected),
        ] {
            let numbers = [difference.value, difference.low, difference.high, difference.standard_error];
            let labels = [row.kind.name().to_owned(), row.name.clone(), quantity.to_owned()];
            let cells = labels.into_iter().chain(numbers.map(|number| number.to_string()));
            csv.write_record(cells.chain([savings.replicates.to_string()]))?;
        }
    }
    csv.flush()
}
