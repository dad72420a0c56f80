//! `summary.json` and `pace.json`: mirrors of what the files promise, described by `docs/summary.schema.json`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::pace::{PaceAnswer, PaceReport, pace_verdict};
use super::{Provenance, Report, TokenExpiry, advice, limits, remedies, token_expiry, tokens, verdict};
use crate::results::{
    AccountResults, AftermathResults, AnswerResults, BlastRadius, HazardResults, PageResults,
    QuantileEstimate, Results, RiskCurve, RuleResults, Saving, Savings, TeamResults, Warning, WindowUse,
};
use crate::scenario::{Assumption, KeepAlive, Scenario};
use crate::stats::Estimate;

/// Version of the shape of `summary.json`; it grows when a reader of the old shape could break.
pub const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Summary<'a> {
    schema_version: u32,
    #[serde(flatten)]
    provenance: &'a Provenance,
    level: f64,
    accounts: u32,
    horizon_days: u32,
    verdict: String,
    #[serde(flatten)]
    account: Account<'a>,
    groups: Vec<Group<'a>>,
    team: &'a TeamResults,
    #[serde(skip_serializing_if = "<[PageResults]>::is_empty")]
    pages: &'a [PageResults],
    #[serde(skip_serializing_if = "<[BlastRadius]>::is_empty")]
    blast_radius: &'a [BlastRadius],
    token_expiry: Vec<TokenExpiry>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    keep_alive: Vec<KeepAlive>,
    curve: Option<&'a RiskCurve>,
    savings: Option<SavingsRows<'a>>,
    warnings: &'a [Warning],
    advice: Vec<String>,
    unknowns: Vec<String>,
    assumptions: &'a [Assumption],
    scenario: &'a Scenario,
}

#[derive(Serialize)]
struct SavingsRows<'a> {
    replicates: u64,
    rows: Vec<SavingRow<'a>>,
}

#[derive(Serialize)]
struct SavingRow<'a> {
    #[serde(flatten)]
    saving: &'a Saving,
    advice: String,
}

fn savings_rows<'a>(scenario: &Scenario, savings: &'a Savings) -> SavingsRows<'a> {
    let row = |saving: &'a Saving| SavingRow {
        saving,
        advice: remedies::remedy(scenario, saving.kind, &saving.name),
    };
    SavingsRows { replicates: savings.replicates, rows: savings.rows.iter().map(row).collect() }
}

#[derive(Serialize)]
struct Group<'a> {
    name: &'a str,
    accounts: u32,
    #[serde(flatten)]
    account: Account<'a>,
}

#[derive(Serialize)]
struct Account<'a> {
    estimates: Estimates<'a>,
    first_disconnection: Vec<IncidenceRow<'a>>,
    first_flag_rules: Vec<RuleShare<'a>>,
    first_restriction_rules: Vec<RuleShare<'a>>,
    disconnections: BTreeMap<&'a str, Estimate>,
    quantiles: Quantiles<'a>,
    rules: &'a [RuleResults],
    hazards: &'a [HazardResults],
    #[serde(skip_serializing_if = "Option::is_none")]
    innocent_share: Option<Estimate>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    refused: BTreeMap<&'a str, Estimate>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    answers: &'a [AnswerResults],
    utilisation: Vec<WindowRow<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aftermath: Option<&'a AftermathResults>,
}

#[derive(Serialize)]
struct Estimates<'a> {
    flagged: Estimate,
    restricted: Estimate,
    restricted_permanently: Estimate,
    disconnected: Estimate,
    #[serde(skip_serializing_if = "Option::is_none")]
    opened: Option<Estimate>,
    flags: Estimate,
    days_connected: Estimate,
    days_disconnected: Estimate,
    days_restricted: Estimate,
    demanded: BTreeMap<&'a str, Estimate>,
    delivered: BTreeMap<&'a str, Estimate>,
    waiting: BTreeMap<&'a str, Estimate>,
    lost: BTreeMap<&'a str, Estimate>,
    deferred: BTreeMap<&'a str, Estimate>,
    mean_wait_days: BTreeMap<&'a str, Option<Estimate>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    background: BTreeMap<&'a str, Estimate>,
}

#[derive(Serialize)]
struct IncidenceRow<'a> {
    cause: &'a str,
    day: u32,
    value: f64,
    low: f64,
    high: f64,
}

#[derive(Serialize)]
struct RuleShare<'a> {
    rule: &'a str,
    #[serde(flatten)]
    share: Estimate,
}

#[derive(Serialize)]
struct Quantiles<'a> {
    time_to_first_flag: &'a [QuantileEstimate],
    time_to_first_disconnection: &'a [QuantileEstimate],
}

#[derive(Serialize)]
struct WindowRow<'a> {
    rule: &'a str,
    window: String,
    limit: u32,
    median: u32,
    q95: u32,
    q99: u32,
    max: u32,
    over: Estimate,
    replicates: u64,
}

#[derive(Serialize)]
struct PaceSummary<'a> {
    schema_version: u32,
    #[serde(flatten)]
    provenance: &'a Provenance,
    verdict: String,
    bound: f64,
    answer: Option<&'a PaceAnswer>,
    curve: &'a RiskCurve,
    scenario: &'a Scenario,
}

pub(super) fn write(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let results = report.results;
    let groups = results.groups.iter();
    pretty(
        &Summary {
            schema_version: SCHEMA_VERSION,
            provenance: report.provenance,
            level: results.level,
            accounts: results.accounts,
            horizon_days: results.horizon_days,
            verdict: verdict(report),
            account: account(results, &results.mean_account),
            groups: groups
                .map(|group| Group {
                    name: &group.name,
                    accounts: group.accounts,
                    account: account(results, &group.account),
                })
                .collect(),
            team: &results.team,
            pages: &results.pages,
            blast_radius: &results.blast_radius,
            token_expiry: token_expiry(report.scenario),
            keep_alive: tokens::keep_alive(report),
            curve: report.curve,
            savings: report.savings.map(|savings| savings_rows(report.scenario, savings)),
            warnings: &results.warnings,
            advice: advice::advice(report),
            unknowns: limits::unknowns(report),
            assumptions: &report.scenario.assumptions,
            scenario: report.scenario,
        },
        out,
    )
}

pub(super) fn write_pace(report: &PaceReport, out: &mut impl Write) -> io::Result<()> {
    pretty(
        &PaceSummary {
            schema_version: SCHEMA_VERSION,
            provenance: report.provenance,
            verdict: pace_verdict(report),
            bound: report.bound,
            answer: report.answer,
            curve: report.curve,
            scenario: report.scenario,
        },
        out,
    )
}

fn pretty(value: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value).map_err(io::Error::from)?;
    writeln!(out)
}

fn account<'a>(results: &Results, account: &'a AccountResults) -> Account<'a> {
    Account {
        estimates: estimates(account),
        first_disconnection: first_disconnection(results, account),
        first_flag_rules: rule_shares(account, |rule| rule.first_flag),
        first_restriction_rules: rule_shares(account, |rule| rule.first_restriction),
        disconnections: account
            .disconnections
            .iter()
            .map(|cause| (cause.cause.as_str(), cause.mean))
            .collect(),
        quantiles: Quantiles {
            time_to_first_flag: &account.time_to_first_flag,
            time_to_first_disconnection: &account.time_to_first_disconnection,
        },
        rules: &account.rules,
        hazards: &account.hazards,
        innocent_share: account.innocent_share,
        answers: &account.answers,
        refused: account.refusals.iter().map(|row| (row.cause.as_str(), row.refused)).collect(),
        utilisation: account.utilisation.iter().map(window).collect(),
        aftermath: account.aftermath.as_ref(),
    }
}

fn rule_shares(account: &AccountResults, share: fn(&RuleResults) -> Estimate) -> Vec<RuleShare<'_>> {
    account.rules.iter().map(|rule| RuleShare { rule: &rule.rule, share: share(rule) }).collect()
}

fn estimates(account: &AccountResults) -> Estimates<'_> {
    let by_action = |pick: fn(&crate::results::ActionResults) -> Estimate| {
        account.actions.iter().map(|action| (action.action.as_str(), pick(action))).collect()
    };
    Estimates {
        flagged: account.flagged,
        restricted: account.restricted,
        restricted_permanently: account.restricted_permanently,
        disconnected: account.disconnected,
        opened: account.opened,
        flags: account.flags,
        days_connected: account.days_connected,
        days_disconnected: account.days_disconnected,
        days_restricted: account.days_restricted,
        demanded: by_action(|action| action.demanded),
        delivered: by_action(|action| action.delivered),
        waiting: by_action(|action| action.waiting),
        lost: by_action(|action| action.lost),
        deferred: by_action(|action| action.deferred),
        background: account.background.iter().map(|row| (row.action.as_str(), row.mean)).collect(),
        mean_wait_days: account.actions.iter().map(|a| (a.action.as_str(), a.mean_wait_days)).collect(),
    }
}

/// One row a cause and day of the report.
fn first_disconnection<'a>(results: &Results, account: &'a AccountResults) -> Vec<IncidenceRow<'a>> {
    let mut rows = Vec::new();
    for cause in &account.first_disconnection {
        for day in results.report_days() {
            if let Some(estimate) = cause.by_day.get(day as usize - 1) {
                let Estimate { value, low, high, .. } = *estimate;
                rows.push(IncidenceRow { cause: &cause.cause, day, value, low, high });
            }
        }
    }
    rows
}

fn window(used: &WindowUse) -> WindowRow<'_> {
    WindowRow {
        rule: &used.rule,
        window: used.window.to_string(),
        limit: used.limit,
        median: used.median,
        q95: used.q95,
        q99: used.q99,
        max: used.max,
        over: used.over,
        replicates: used.replicates,
    }
}
