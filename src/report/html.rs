//! `report.html`: one file without scripts or network that a growth team can read alone.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::folder::Plot;
use super::table::Table;
use super::{
    Report, TokenExpiry, advice, aftermath, blast, hits, limits, pages, sections, token_expiry, verdict,
    words,
};
use crate::numbers::{days, exact, number, share};
use crate::results::Results;
use crate::scenario::{Assumption, Class};

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
const STYLE: &str = include_str!("page.css");
/// A table with more rows than this may be broken across printed pages.
const LONG: usize = 24;

/// The page with the given plots inlined.
pub(super) fn page(report: &Report, plots: &[Plot]) -> String {
    let title = format!("{} – pacewise report", report.scenario.name);
    let main = html! {
        (head(report))
        (answers(report, plots))
        (details(report, plots))
        (basis(report))
    };
    document(&title, &main)
}

/// A whole page around what it shows: one file without scripts or network.
pub(super) fn document(title: &str, main: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { (main) } }
        }
    };
    page.into_string()
}

fn head(report: &Report) -> Markup {
    let scenario = report.scenario;
    let results = report.results;
    let mut profiles: Vec<&str> = Vec::new();
    for platform in &scenario.platforms {
        let name = platform.profile.as_deref().unwrap_or("no profile");
        if !profiles.contains(&name) {
            profiles.push(name);
        }
    }
    html! {
        header {
            p.kicker { "pacewise report · " (profiles.join(", ")) " · from " (scenario.start) }
            h1 { (scenario.name) }
            @if let Some(description) = &scenario.description { p.lead { (description) } }
            p.verdict { (unbroken(&capitalised(&verdict(report)))) "." }
            @for warning in &results.warnings { p.warning { (unbroken(&limits::warning_text(warning))) } }
            p.quiet {
                (results.accounts) @if results.accounts == 1 { " account, " } @else { " accounts, " }
                (days(results.horizon_days)) ", "
                (number(results.replicates as f64, 0)) " simulated replicates; intervals at " (unbroken(&share(results.level))) "."
            }
        }
    }
}

/// A text in which no line ends between a number and its `%`.
pub(super) fn unbroken(text: &str) -> String {
    text.replace(" %", "\u{a0}%")
}

fn capitalised(text: &str) -> String {
    let mut signs = text.chars();
    signs.next().map_or(String::new(), |first| first.to_uppercase().chain(signs).collect())
}

/// What binds, what to do, how the risk moves: what most readers came for.
fn answers(report: &Report, plots: &[Plot]) -> Markup {
    let results = report.results;
    let (advice, said) = advice::with_causes(report);
    html! {
        @if !results.mean_account.utilisation.is_empty() {
            section {
                h2 { "What binds first" }
                p.lead { (words::BINDING) }
                (figure(plots, "utilisation"))
            }
        }
        section {
            h2 { "What to do about it" }
            ul { @for line in advice { li { (unbroken(&line)) } } }
            @if let Some(note) = super::causes::not_compared(report) { p.quiet { (note) } }
            @if let Some(curve) = report.curve {
                p.lead { (words::OTHER_PACES) }
                (figure(plots, "risk_curve"))
                (table(&super::pace::curve_table(curve)))
            }
        }
        @if let Some(savings) = report.savings {
            section {
                h2 { "What each cause costs" }
                p.lead { (words::COSTS) }
                (table(&super::remedies::costs(results, savings)))
                (remaining(&super::remedies::advised(report.scenario, savings, &said)))
            }
        } @else if let others @ [_, ..] = super::causes::others(report, &said).as_slice() {
            section {
                h2 { "What to do about other causes" }
                ul { @for line in others { li { (unbroken(line)) } } }
            }
        }
        section {
            h2 { "How likely is what" }
            p.lead { (words::EVENTS) }
            (table(&sections::probabilities(results)))
            (figure(plots, "incidence"))
            (table(&sections::causes(results)))
            (definitions(&words::causes(results)))
            (table(&sections::times(results)))
        }
        (many(results))
    }
}

/// How many accounts at once, for a team that something hits.
fn many(results: &Results) -> Markup {
    let together = hits::together(results);
    html! {
        @if !together.rows.is_empty() {
            section {
                h2 { "How many accounts at once" }
                p.lead { (words::HITS) }
                (table(&together))
                (table(&hits::at_least(results)))
            }
        }
    }
}

fn details(report: &Report, plots: &[Plot]) -> Markup {
    let results = report.results;
    let account = &results.mean_account;
    html! {
        section {
            h2 { "What the accounts do" }
            p.lead { (words::ACTIVITY) }
            (figure(plots, "daily"))
            (figure(plots, "delivered"))
            (table(&sections::actions(results)))
            (table(&sections::waits(results)))
            (table(&sections::background(results)))
            (table(&sections::team_delivered(results)))
        }
        section {
            h2 { "Time lost" }
            (figure(plots, "occupancy"))
            (table(&sections::means(results)))
            (table(&aftermath::aftermath(report.scenario, account)))
            (table(&aftermath::told(account)))
        }
        section {
            h2 { "Rules and windows" }
            p.lead { (words::RULES) }
            (table(&sections::utilisation(results)))
            (table(&sections::rules(account)))
            (table(&sections::hazards(report.scenario, account)))
            @if !account.answers.is_empty() { (table(&sections::answers(account))) }
            @if !account.refusals.is_empty() { (table(&sections::refusals(account))) }
        }
        @if !results.pages.is_empty() {
            section {
                h2 { "What hangs on the accounts" }
                (table(&pages::pages(results)))
                (table(&pages::causes(results)))
                (table(&blast::carried(results)))
                (table(&blast::outages(results)))
            }
        }
        section {
            h2 { "When the connections end" }
            p.lead { (words::TOKENS) }
            (tokens(&token_expiry(report.scenario)))
            (table(&sections::keep_alive(report)))
        }
    }
}

fn basis(report: &Report) -> Markup {
    html! {
        section {
            h2 { "Words of this page" }
            (definitions(&words::GENERAL))
        }
        section {
            h2 { "What the model does not know" }
            ul { @for line in limits::unknowns(report) { li { (line) } } }
        }
        section {
            h2 { "Assumptions" }
            (assumptions(&report.scenario.assumptions))
        }
        section {
            h2 { "How to reproduce" }
            (reproduce(report))
        }
        footer {
            p {
                "This page helps a team to stay inside a platform's rules. It sends nothing to any platform and knows no \
                 credentials. Its only advice is less volume, more days, and one person, one account, one login."
            }
        }
    }
}

/// A plot in its figure; nothing when it was not drawn. On a phone the picture has to be moved sideways, so that its words
/// stand above it.
pub(super) fn figure(plots: &[Plot], name: &str) -> Markup {
    let plot = plots.iter().find(|plot| plot.name == name);
    html! {
        @if let Some(plot) = plot {
            figure {
                figcaption.phone { (PreEscaped(plot.escaped_words())) }
                div.plot tabindex="0" { (PreEscaped(&plot.svg)) }
            }
        }
    }
}

/// What helps against the causes about which nothing has been said yet.
fn remaining(causes: &[(String, String)]) -> Markup {
    html! {
        @if !causes.is_empty() {
            p.lead { "What to do about those that are not named above:" }
            dl { @for (cause, remedy) in causes { dt { (cause) } dd { (remedy) "." } } }
        }
    }
}

fn definitions(pairs: &[(&str, &str)]) -> Markup {
    html! {
        dl { @for (word, meaning) in pairs { dt { (word) } dd { (meaning) } } }
    }
}

pub(super) fn table(table: &Table) -> Markup {
    html! {
        @if !table.rows.is_empty() {
            div.scroll .long[table.rows.len() > LONG] tabindex="0" {
                table {
                    caption { span { (table.title) } }
                    thead { tr { @for (place, head) in table.head.iter().enumerate() {
                        th scope="col" .number[place >= table.labels] { (head) }
                    } } }
                    tbody { @for (place, row) in table.rows.iter().enumerate() {
                        (table_row(row, table.labels, spanned(&table.rows[place + 1..])))
                    } }
                }
            }
            @if let Some(note) = &table.note { p.quiet { (note) } }
        }
    }
}

/// How many rows, with this one, the first cell of a row stands for: those below it whose first cell is empty.
fn spanned(below: &[Vec<String>]) -> usize {
    1 + below.iter().take_while(|row| row.first().is_some_and(String::is_empty)).count()
}

fn table_row(row: &[String], labels: usize, span: usize) -> Markup {
    html! {
        tr { @for (place, cell) in row.iter().enumerate() {
            @if place > 0 { td .number[place >= labels] { (cell.trim_start()) } }
            @else if span > 1 && !cell.is_empty() { th scope="rowgroup" rowspan=(span) { (cell) } }
            @else if !cell.is_empty() { th scope="row" { (cell) } }
        } }
    }
}

fn tokens(tokens: &[TokenExpiry]) -> Markup {
    let mut rows = Table::new("Expected end of the first tokens, issued on day 0", 1, &[]);
    rows.head =
        ["group", "accounts", "dead of age from", "dead when unused for", "then"].map(str::to_owned).to_vec();
    rows.labels = 5;
    for token in tokens {
        let age = match token.expires {
            Some(date) if token.refresh_on_use => format!("{date} without use"),
            Some(date) if token.within_horizon => date.to_string(),
            Some(date) => format!("{date} (after the days simulated)"),
            None => "never".to_owned(),
        };
        let idle = token.idle_days.map_or("no limit".to_owned(), days);
        let renewal = if token.renewable { "renewal" } else { "new authorisation" };
        let back = format!("{renewal}, {}", token.reconnect);
        rows.row(vec![token.group.clone(), token.accounts.to_string(), age, idle, back]);
    }
    rows.note = Some("A token that is renewed earlier lives on from the day of its renewal.".to_owned());
    table(&rows)
}

/// How sure a class is, of three.
fn dots(class: Class) -> &'static str {
    match class {
        Class::Official => "●●●",
        Class::OfficialCopy => "●●○",
        Class::Vendor | Class::Seed => "●○○",
        Class::Folklore | Class::Assumption => "○○○",
    }
}

fn assumptions(assumptions: &[Assumption]) -> Markup {
    html! {
        p.quiet {
            "How sure a number is: "
            @for class in Class::ALL { (dots(class)) " " (class.name()) ", " (class.meaning()) @if class == Class::ALL[5] { "." } @else { "; " } }
        }
        @if assumptions.is_empty() { p { "The scenario names no sources." } }
        @else {
            div.scroll.long tabindex="0" { table.assumptions {
                caption { span { "Every number with a stated origin" } }
                thead { tr { @for head in ["what", "value in force", "range in sources", "how sure", "source", "read"] { th scope="col" { (head) } } } }
                tbody { @for assumption in assumptions { (assumption_row(assumption)) } }
            } }
        }
    }
}

fn assumption_row(assumption: &Assumption) -> Markup {
    let class = assumption.class;
    html! {
        tr {
            th scope="row" {
                (assumption.subject)
                @if let Some(note) = &assumption.note { span.note { (note) } }
            }
            td { (assumption.value) }
            td { (assumption.range.as_deref().unwrap_or("–")) }
            td { span.badge title=(class.meaning()) { span aria-hidden="true" { (dots(class)) } " " (class.name()) } }
            td.source { (assumption.source) }
            td.date { @if let Some(date) = assumption.checked { (date) } @else { "–" } }
        }
    }
}

/// A command, none of whose words is broken where it has room on a line.
pub(super) fn command(line: &str) -> Markup {
    html! {
        pre { @for (place, word) in line.split(' ').enumerate() { @if place > 0 { " " } span { (word) } } }
    }
}

fn reproduce(report: &Report) -> Markup {
    let made = report.provenance;
    let curve = report.curve.map(|curve| {
        format!(
            "{} paces beside today's, {} replicates each",
            curve.points.len().saturating_sub(1),
            number(curve.replicates as f64, 0)
        )
    });
    let rows = [
        ("seed", made.seed.to_string()),
        ("replicates", format!("{} ({})", number(made.replicates as f64, 0), made.stop_reason)),
        ("resolution", format!("{}: {}", made.resolution, made.resolution_reason)),
        ("confidence level", exact(report.results.level)),
        ("risk curve", curve.unwrap_or_else(|| "left out".to_owned())),
        ("scenario hash", made.scenario_hash.clone()),
        ("version", format!("pacewise {} for {}", made.version, made.target)),
    ];
    html! {
        (command(&made.command_line()))
        p { "The same version, target, scenario and seed give the same bytes, whatever the number of threads." }
        dl { @for (name, value) in rows { dt { (name) } dd { (value) } } }
        p.quiet { "summary.json holds the resolved scenario and every estimate; the CSV files hold the curves." }
    }
}
