//! Presents accuracy against speed of limiter algorithms.

use std::io::{self, Write};

use super::Format;
use super::table::{self, Table, write_text};
use crate::load::Accuracy;
use crate::numbers::{counted, number, share};

/// Writes what algorithms get wrong and cost, in one format.
///
/// # Errors
/// When the writer fails.
pub fn write_load_accuracy(
    rows: &[Accuracy],
    workload: &str,
    format: Format,
    out: &mut impl Write,
) -> io::Result<()> {
    match format {
        Format::Table => write_text(&verdict(rows), &[accuracy(rows, workload)], out),
        Format::Markdown => table::write_markdown(&verdict(rows), &[accuracy(rows, workload)], out),
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, rows)?;
            writeln!(out)
        }
        Format::Csv => {
            let mut writer = csv::Writer::from_writer(out);
            rows.iter().try_for_each(|row| writer.serialize(row)).map_err(io::Error::other)?;
            writer.flush()
        }
    }
}

fn verdict(rows: &[Accuracy]) -> String {
    let is_exact = |row: &&Accuracy| row.wrongly_allowed + row.wrongly_denied == 0.0;
    let exact: Vec<&str> = rows.iter().filter(is_exact).map(|row| row.name.as_str()).collect();
    let worst = rows.iter().max_by(|a, b| a.worst_window.total_cmp(&b.worst_window));
    let worst = worst.map_or_else(String::new, |row| {
        format!(
            "; the fullest window that one allowed is {} times its limit ({})",
            number(row.worst_window, 2),
            row.name
        )
    });
    format!("Exact: {}{worst}.", if exact.is_empty() { "none".to_owned() } else { exact.join(", ") })
}

fn accuracy(rows: &[Accuracy], workload: &str) -> Table {
    let checks = rows.first().map_or(0, |row| row.checks);
    let title = format!("Accuracy against speed: {}, {workload}", counted(checks, "check"));
    let head = ["algorithm", "wrong", "allowed", "denied", "worst window", "ns a check", "bytes an account"];
    let mut table = Table::new(title, 1, &head);
    for row in rows {
        table.row(vec![
            row.name.clone(),
            share(row.wrongly_allowed + row.wrongly_denied),
            share(row.wrongly_allowed),
            share(row.wrongly_denied),
            format!("{} L", number(row.worst_window, 2)),
            number(row.ns, 0),
            number(row.bytes_per_account, 0),
        ]);
    }
    table.note = Some(
        "Wrong: allowed although a window was full of what the algorithm itself had allowed, or denied although every window \
         had room. Worst window: the fullest one, in units of its limit L. Nanoseconds: the least of three passes in turns."
            .to_owned(),
    );
    table
}
