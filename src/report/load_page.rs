//! The page of a load test: one file without scripts or network.

use maud::{Markup, html};

use super::command_line;
use super::folder::Plot;
use super::html::{command, document, figure, table, unbroken};
use super::load::{LoadReport, load_verdict, tables};

/// The page with the given plots inlined.
pub(super) fn page(report: &LoadReport, plots: &[Plot]) -> String {
    document("Load test – pacewise", &html! { (head(report)) (body(report, plots)) })
}

fn head(report: &LoadReport) -> Markup {
    let summary = report.summary;
    html! {
        header {
            p.kicker { "pacewise load test" }
            h1 { (summary.target) }
            p.lead { (summary.workload) "; " (summary.pace) }
            p.verdict { (unbroken(&load_verdict(summary))) }
            @for warning in &summary.warnings { p.warning { (warning) "." } }
        }
    }
}

fn body(report: &LoadReport, plots: &[Plot]) -> Markup {
    html! {
        section {
            h2 { "Latency" }
            (figure(plots, "latency"))
            (figure(plots, "latency_over_time"))
            h2 { "Throughput" }
            (figure(plots, "throughput"))
            h2 { "Numbers" }
            @for one in tables(report) { (table(&one)) }
        }
        section {
            h2 { "To repeat this" }
            (command(&command_line(&report.summary.command)))
            p.quiet {
                "Latency runs from the instant at which a check was due. The histogram is in latency.hgrm and, by slice of time, in \
                 latency.hlog, in the formats of HdrHistogram; two runs are compared with "
                code { "pacewise load compare A B" } "."
            }
        }
    }
}
