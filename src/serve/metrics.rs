//! What the server counts, as Prometheus reads it.

use std::fmt::{Display, Write};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::admission::Admission;
use crate::rulebook::Rulebook;

/// Requests and connections. Single numbers, each read for itself.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    pub(super) connections: AtomicUsize,
    pub(super) running: AtomicUsize,
    /// Answers by the first digit of their status: 2xx, 4xx, 5xx.
    pub(super) answered: [AtomicU64; 3],
    pub(super) panics: AtomicU64,
}

impl Traffic {
    pub(super) fn count(&self, status: u16) {
        let class = if status < 400 { 0 } else { usize::from(status >= 500) + 1 };
        self.answered[class].fetch_add(1, Ordering::Relaxed);
    }

    /// All requests that were answered.
    pub(super) fn all(&self) -> u64 {
        self.answered.iter().map(|class| class.load(Ordering::Relaxed)).sum()
    }
}

/// The text of `/metrics`.
pub(super) fn text(book: &Rulebook, admission: &Admission, traffic: &Traffic) -> String {
    let mut page = Page(String::new());
    let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let counts = &admission.counts;
    page.head("pacewise_checks_total", "counter", "Checks by decision, and by the rule that denied.");
    page.line("pacewise_checks_total{decision=\"allow\"}", read(&counts.allowed));
    for (rule, denied) in book.rules.iter().zip(&counts.denied) {
        let labels = format!("pacewise_checks_total{{decision=\"deny\",rule=\"{}\"}}", label(rule));
        page.line(&labels, read(denied));
    }
    page.alone(
        "pacewise_records_total",
        "counter",
        "Actions recorded without a check.",
        read(&counts.recorded),
    );
    page.head("pacewise_requests_total", "counter", "Requests by the class of their answer.");
    for (class, count) in ["2xx", "4xx", "5xx"].iter().zip(&traffic.answered) {
        page.line(&format!("pacewise_requests_total{{status=\"{class}\"}}"), read(count));
    }
    let (connections, running) = (&traffic.connections, &traffic.running);
    let open = connections.load(Ordering::Relaxed);
    page.alone("pacewise_connections", "gauge", "Open connections.", open);
    let running = running.load(Ordering::Relaxed);
    page.alone("pacewise_requests_running", "gauge", "Requests that are being answered.", running);
    page.alone("pacewise_panics_total", "counter", "Requests that failed inside.", read(&traffic.panics));
    let accounts = &admission.accounts;
    page.alone("pacewise_accounts", "gauge", "Accounts that are held.", accounts.count());
    page.alone("pacewise_accounts_bytes", "gauge", "Memory that accounts take.", accounts.bytes());
    let refused = "Requests refused because of new accounts beyond the most that are held.";
    page.alone("pacewise_accounts_refused_total", "counter", refused, read(&admission.room.refused));
    let late = "Calls dated before an earlier event of their account.";
    page.alone("pacewise_turned_back_total", "counter", late, accounts.turned_back());
    if let Some(journal) = admission.journal() {
        let written = journal.counts();
        page.alone(
            "pacewise_log_groups_total",
            "counter",
            "Groups written to the log.",
            read(&written.groups),
        );
        page.alone(
            "pacewise_log_bytes_total",
            "counter",
            "Bytes of entries written to the log.",
            read(&written.bytes),
        );
        let snapshots = "Snapshots made while running.";
        page.alone("pacewise_snapshots_total", "counter", snapshots, read(&written.snapshots));
        let failed = u8::from(journal.failure().is_some());
        page.alone("pacewise_log_failed", "gauge", "1 when the log cannot be written.", failed);
    }
    page.0
}

struct Page(String);

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn line(&mut self, name: &str, value: impl Display) {
        let _ = writeln!(self.0, "{name} {value}");
    }

    fn alone(&mut self, name: &str, kind: &str, help: &str, value: impl Display) {
        self.head(name, kind, help);
        self.line(name, value);
    }
}

/// A name as the value of a label.
fn label(name: &str) -> String {
    name.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
