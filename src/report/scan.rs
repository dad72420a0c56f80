//! What a scan of a log found: verdict, tables, JSON and CSV.

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use super::Format;
use super::table::{Table, write_markdown, write_text};
use crate::eventlog::{Mistakes, SeveralLines};
use crate::numbers::{counted, exact, number, share};
use crate::rulebook::{Origin, Rulebook};
use crate::rules::Rule;
use crate::scan::{Found, LimitFound};
use crate::time::{DAY, HOUR, Instant, MINUTE, SECOND};

/// Everything that a presenter needs to know of a scan.
#[derive(Debug, Clone, Copy)]
pub struct ScanReport<'a> {
    /// The log.
    pub log: &'a LogFacts,
    /// The rules that it was held against.
    pub book: &'a Rulebook,
    /// What was found.
    pub found: &'a Found,
    /// How many accounts and days are listed, beside the files that list them all.
    pub top: usize,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LogFacts {
    /// The name of the file; `-` is standard input.
    pub name: String,
    /// The time zone in which days, weeks and months begin.
    pub zone: String,
    /// A count of at least this share of its limit, and not over it, is a near miss.
    pub near: f64,
    /// Lines that are no events.
    pub mistakes: Mistakes,
    /// Records over several lines, which are read.
    pub several_lines: SeveralLines,
    /// Events whose action is unknown; they are not judged.
    pub unknown_events: u64,
    /// These actions, with the number of their events.
    pub unknown_actions: BTreeMap<String, u64>,
    /// Events that came after later ones and were put in order.
    pub out_of_order: u64,
    /// Whether the reading was interrupted.
    pub is_partial: bool,
}

/// Writes what a scan found in one format.
///
/// # Errors
/// When the writer fails.
pub fn write_scan(report: &ScanReport, format: Format, out: &mut impl Write) -> io::Result<()> {
    match format {
        Format::Table => write_text(&scan_verdict(report), &tables(report), out),
        Format::Markdown => {
            writeln!(out, "# {}\n", report.log.name)?;
            write_markdown(&scan_verdict(report), &tables(report), out)
        }
        Format::Json => write_json(report, out),
        Format::Csv => write_limits(report, out),
    }
}

/// The answer in a sentence or two.
#[must_use]
pub fn scan_verdict(report: &ScanReport) -> String {
    let (found, log) = (report.found, report.log);
    let partial = if log.is_partial { "partial results: " } else { "" };
    let whole = format!("{} of {}", counted(found.events, "event"), counted(found.accounts, "account"));
    let near: u64 = found.limits.iter().map(|limit| limit.near_misses).sum();
    if found.breaking_events == 0 {
        let near = if near > 0 {
            format!("; {} left a window near its limit", counted(near, "event"))
        } else {
            String::new()
        };
        return format!("{partial}no rule was broken by {whole}{near}");
    }
    let most = found.limits.iter().max_by_key(|limit| limit.breaches).map(|limit| {
        format!(", most often {} {} ({})", limit.rule, limit.window, counted(limit.breaches, "event"))
    });
    let refused = found.refused.map(|refused| {
        format!("; a limiter that keeps the rules would have refused {}", counted(refused, "event"))
    });
    format!(
        "{partial}rules were broken: {} of {whole}, by {}{}{}",
        number(found.breaking_events as f64, 0),
        counted(found.breaking_accounts, "account"),
        most.unwrap_or_default(),
        refused.unwrap_or_default(),
    )
}

fn tables(report: &ScanReport) -> Vec<Table> {
    let mut tables = vec![limits(report), fullness(report)];
    let found = report.found;
    if !found.worst.is_empty() {
        tables.push(accounts(report));
    }
    if !found.days.is_empty() {
        tables.push(days(report));
    }
    if let (Some(refused), Some(waits)) = (found.refused, found.waits) {
        tables.push(waiting(refused, found.never, waits));
    }
    tables.extend(origins(report));
    tables.push(log(report));
    tables
}

fn limits(report: &ScanReport) -> Table {
    let head = ["rule", "window", "limit", "breaches", "near misses", "accounts over", "near", "refused"];
    let mut table = Table::new("Limits", 2, &head);
    for limit in &report.found.limits {
        let whole = |count: u64| number(count as f64, 0);
        table.row(vec![
            limit.rule.clone(),
            limit.window.to_string(),
            whole(u64::from(limit.max)),
            whole(limit.breaches),
            whole(limit.near_misses),
            whole(limit.accounts_over),
            whole(limit.accounts_near),
            limit.refused.map_or("–".to_owned(), whole),
        ]);
    }
    let near = share(report.log.near);
    table.note = Some(format!(
        "A breach is an event that leaves its window with more than the limit, a near miss one that leaves it with \
         {near} of the limit or more. Refused is what a limiter that keeps all rules would not have let through, \
         under the limit that frees last."
    ));
    table
}

fn fullness(report: &ScanReport) -> Table {
    let head = ["rule", "window", "accounts", "half", "90 %", "99 %", "highest", "count"];
    let mut table = Table::new("How full windows were, as shares of their limits", 2, &head);
    let cell = |share_of: Option<f64>| share_of.map_or("–".to_owned(), share);
    for LimitFound { rule, window, utilisation, .. } in &report.found.limits {
        table.row(vec![
            rule.clone(),
            window.to_string(),
            number(utilisation.accounts as f64, 0),
            cell(utilisation.median),
            cell(utilisation.p90),
            cell(utilisation.p99),
            cell(utilisation.max),
            number(f64::from(utilisation.highest_count), 0),
        ]);
    }
    table.note = Some(
        "Of each account that did what the rule counts, its fullest window: half of the accounts, 90 % and 99 % of them \
         stay at or below these."
            .to_owned(),
    );
    table
}

fn accounts(report: &ScanReport) -> Table {
    let head = ["account", "rule", "window", "limit", "breaches", "near misses", "highest count"];
    let mut table = Table::new("Accounts that broke a limit or came near", 3, &head);
    for account in report.found.worst.iter().take(report.top) {
        table.row(vec![
            account.account.clone(),
            account.rule.clone(),
            account.window.to_string(),
            number(f64::from(account.max), 0),
            number(account.breaches as f64, 0),
            number(account.near_misses as f64, 0),
            number(f64::from(account.highest_count), 0),
        ]);
    }
    let all: u64 = report.found.limits.iter().map(|limit| limit.accounts_over + limit.accounts_near).sum();
    if all > table.rows.len() as u64 {
        let shown = counted(table.rows.len() as u64, "line");
        table.note = Some(format!("The first {shown} of {}; --out writes them all.", number(all as f64, 0)));
    }
    table
}

/// The days with the most breaches, in order of time.
fn days(report: &ScanReport) -> Table {
    let mut sums: BTreeMap<_, (u64, u64)> = BTreeMap::new();
    for day in &report.found.days {
        let sum = sums.entry(day.day).or_default();
        *sum = (sum.0 + day.breaches, sum.1 + day.near_misses);
    }
    let all = sums.len();
    let mut worst: Vec<_> = sums.into_iter().collect();
    worst.sort_by_key(|&(day, sum)| (std::cmp::Reverse(sum), day));
    worst.truncate(report.top);
    worst.sort_by_key(|&(day, _)| day);
    let mut table = Table::new("Days", 1, &["day", "breaches", "near misses"]);
    for &(day, (breaches, near)) in &worst {
        table.row(vec![day.to_string(), number(breaches as f64, 0), number(near as f64, 0)]);
    }
    if all > worst.len() {
        let shown = counted(worst.len() as u64, "day");
        table.note = Some(format!("The worst {shown} of {}; --out writes them all.", number(all as f64, 0)));
    }
    table
}

fn waiting(refused: u64, never: u64, [half, most, longest]: [Instant; 3]) -> Table {
    let mut table = Table::new(
        "How long refused events would have had to wait",
        0,
        &["refused", "half", "90 %", "longest"],
    );
    table.row(vec![number(refused as f64, 0), length(half), length(most), length(longest)]);
    let never = match never {
        0 => String::new(),
        never => format!(" {} would never have been allowed: the limit is 0.", counted(never, "event")),
    };
    table.note =
        Some(format!("If nothing else happens. Half and 90 % are rounded up by at most 3 %.{never}"));
    table
}

/// A length of time with a decimal at most: `45 s`, `2.5 h`.
fn length(span: Instant) -> String {
    let (unit, name) = match span {
        span if span >= 2 * DAY => (DAY, "d"),
        span if span >= HOUR => (HOUR, "h"),
        span if span >= MINUTE => (MINUTE, "min"),
        _ => (SECOND, "s"),
    };
    format!("{} {name}", exact((span as f64 / unit as f64 * 10.0).ceil() / 10.0))
}

fn origins(report: &ScanReport) -> Option<Table> {
    let mut table = Table::new("Where the limits come from", 4, &["rule", "window", "class", "source"]);
    for (number, limit) in report.found.limits.iter().enumerate() {
        let origin = limit.origin.as_ref()?;
        let class = origin.class.name().to_owned();
        table.row(vec![limit.rule.clone(), report.book.window(number), class, origin.source.clone()]);
    }
    (!table.rows.is_empty()).then_some(table)
}

fn log(report: &ScanReport) -> Table {
    let (facts, found) = (report.log, report.found);
    let mut table = Table::new("The log", 2, &["what", "is"]);
    let mut row = |name: &str, value: String| table.row(vec![name.to_owned(), value]);
    row("file", facts.name.clone());
    row("rules", report.book.origin.clone());
    row("events judged", number(found.events as f64, 0));
    if let Some((first, last)) = found.span {
        row("from", time(first));
        row("to", time(last));
    }
    row("days begin in", facts.zone.clone());
    row("lines that are no events", number(facts.mistakes.count as f64, 0));
    if let Some((first, last)) = facts.several_lines.first {
        let count = number(facts.several_lines.count as f64, 0);
        row("records over several lines", format!("{count}, the first in lines {first}-{last}"));
    }
    row("events of unknown actions", number(facts.unknown_events as f64, 0));
    for (name, count) in facts.unknown_actions.iter().take(10) {
        row(&format!("  {name}"), number(*count as f64, 0));
    }
    row("events that no rule counts", number(found.unwatched as f64, 0));
    if facts.out_of_order > 0 {
        row("events put in order", number(facts.out_of_order as f64, 0));
    }
    table
}

/// An instant in UTC: `2026-01-05T09:30:00Z`.
pub(super) fn time(at: Instant) -> String {
    Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), |stamp| stamp.to_string())
}

#[derive(Serialize)]
struct Json<'a> {
    pacewise: &'static str,
    verdict: String,
    log: &'a LogFacts,
    rules: Book<'a>,
    found: &'a Found,
}

#[derive(Serialize)]
struct Book<'a> {
    actions: &'a [String],
    rules: Vec<NamedRule<'a>>,
    origin: &'a str,
}

#[derive(Serialize)]
struct NamedRule<'a> {
    name: &'a str,
    rule: &'a Rule,
    /// By limit, where known.
    origins: &'a [Origin],
    /// By limit, where some limit of any rule names one.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    zones: Vec<Option<&'a str>>,
}

impl Book<'_> {
    fn of(book: &Rulebook) -> Book<'_> {
        let (zones, mut from) = (book.set.zones(), 0);
        let named = book.set.rules().iter().zip(&book.rules).map(|(rule, name)| {
            let limits = from..from + rule.limits.len();
            from = limits.end;
            let origins = book.origins.get(limits.clone()).unwrap_or_default();
            let zones = zones.get(limits).unwrap_or_default().to_vec();
            NamedRule { name, rule, origins, zones }
        });
        Book { actions: &book.actions, rules: named.collect(), origin: &book.origin }
    }
}

fn write_json(report: &ScanReport, out: &mut impl Write) -> io::Result<()> {
    let found = report.found;
    let json = Json {
        pacewise: env!("CARGO_PKG_VERSION"),
        verdict: scan_verdict(report),
        log: report.log,
        rules: Book::of(report.book),
        found,
    };
    serde_json::to_writer_pretty(&mut *out, &json)?;
    writeln!(out)
}

pub(super) fn write_limits(report: &ScanReport, out: &mut impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "rule",
        "window",
        "zone",
        "limit",
        "class",
        "source",
        "breaches",
        "near_misses",
        "accounts_over",
        "accounts_near",
        "refused",
        "accounts",
        "utilisation_median",
        "utilisation_p90",
        "utilisation_p99",
        "utilisation_max",
        "highest_count",
    ])?;
    let share = |share: Option<f64>| share.map(|share| share.to_string()).unwrap_or_default();
    for limit in &report.found.limits {
        let (origin, full) = (limit.origin.as_ref(), &limit.utilisation);
        csv.write_record([
            limit.rule.clone(),
            limit.window.to_string(),
            limit.zone.clone().unwrap_or_default(),
            limit.max.to_string(),
            origin.map(|origin| origin.class.name().to_owned()).unwrap_or_default(),
            origin.map(|origin| origin.source.clone()).unwrap_or_default(),
            limit.breaches.to_string(),
            limit.near_misses.to_string(),
            limit.accounts_over.to_string(),
            limit.accounts_near.to_string(),
            limit.refused.map(|refused| refused.to_string()).unwrap_or_default(),
            full.accounts.to_string(),
            share(full.median),
            share(full.p90),
            share(full.p99),
            share(full.max),
            full.highest_count.to_string(),
        ])?;
    }
    csv.flush()
}

pub(super) fn write_days(report: &ScanReport, out: &mut impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(["day", "rule", "window", "breaches", "near_misses", "accounts_over"])?;
    for day in &report.found.days {
        let (date, window) = (day.day.to_string(), day.window.to_string());
        let (breaches, near) = (day.breaches.to_string(), day.near_misses.to_string());
        csv.write_record([&date, &day.rule, &window, &breaches, &near, &day.accounts_over.to_string()])?;
    }
    csv.flush()
}
