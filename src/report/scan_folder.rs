//! The folder of a scan. What grows with the log is written while it is read, into files without names, so that nothing is
//! left behind however the program ends; the folder itself appears at the end, as a whole.

use std::fs::File;
use std::io::{self, BufWriter, Seek};
use std::path::{Path, PathBuf};

use super::folder::{Kind, Target, bytes, check_folder_of};
use super::scan::{ScanReport, time, write_days, write_limits, write_scan};
use super::{Format, ReportError};
use crate::rulebook::Rulebook;
use crate::scan::{AccountFound, DayRow, RefusalRow, Rows};
use crate::time::date_of;

/// A folder that is being filled.
#[derive(Debug)]
pub struct ScanFolder {
    accounts: csv::Writer<BufWriter<File>>,
    account_days: csv::Writer<BufWriter<File>>,
    refused: csv::Writer<BufWriter<File>>,
    /// By limit: the names of its rule and window.
    limits: Vec<[String; 2]>,
    actions: Vec<String>,
}

impl ScanFolder {
    /// Begins to fill a folder, which must be free or hold an older report.
    ///
    /// # Errors
    /// When the folder is not ours to replace, or when temporary files cannot be written.
    pub fn begin(folder: &Path, book: &Rulebook) -> Result<ScanFolder, ReportError> {
        check_folder_of(folder, Kind::Scan)?;
        let rows = |head: &[&str]| {
            let file = tempfile::tempfile()?;
            let mut csv = csv::Writer::from_writer(BufWriter::with_capacity(1 << 16, file));
            csv.write_record(head)?;
            Ok(csv)
        };
        let limits = book.limits().map(|(rule, limit)| [rule.to_owned(), limit.window.to_string()]);
        let of_accounts = ["account", "rule", "window", "limit", "breaches", "near_misses", "highest_count"];
        Ok(ScanFolder {
            accounts: rows(&of_accounts).map_err(temporary)?,
            account_days: rows(&["day", "account", "rule", "window", "breaches", "near_misses"])
                .map_err(temporary)?,
            refused: rows(&["time", "account", "action", "rule", "window", "allowed_at"])
                .map_err(temporary)?,
            limits: limits.collect(),
            actions: book.actions.clone(),
        })
    }

    /// Adds rows, which are then forgotten.
    ///
    /// # Errors
    /// When temporary files cannot be written.
    pub fn add(&mut self, rows: &mut Rows, name: impl Fn(u32) -> String) -> Result<(), ReportError> {
        for DayRow { day, account, limit, breaches, near_misses } in rows.days.drain(..) {
            let [rule, window] = &self.limits[limit];
            let (day, account) = (date_of(day).to_string(), name(account));
            let (breaches, near) = (breaches.to_string(), near_misses.to_string());
            let row = [&day, &account, rule, window, &breaches, &near];
            self.account_days.write_record(row).map_err(|error| temporary(error.into()))?;
        }
        for RefusalRow { event, limit, allowed_at } in rows.refusals.drain(..) {
            let [rule, window] = &self.limits[limit];
            let (at, account) = (time(event.at), name(event.account));
            let allowed_at = allowed_at.map(time).unwrap_or_default();
            let row = [&at, &account, &self.actions[event.action as usize], rule, window, &allowed_at];
            self.refused.write_record(row).map_err(|error| temporary(error.into()))?;
        }
        Ok(())
    }

    /// Adds what an account did to a limit.
    ///
    /// # Errors
    /// When temporary files cannot be written.
    pub fn add_account(&mut self, of: &AccountFound) -> io::Result<()> {
        let (window, max) = (of.window.to_string(), of.max.to_string());
        let (breaches, near) = (of.breaches.to_string(), of.near_misses.to_string());
        let row = [&of.account, &of.rule, &window, &max, &breaches, &near, &of.highest_count.to_string()];
        Ok(self.accounts.write_record(row)?)
    }

    /// Puts everything in place as a folder, which need not be the one of the beginning: `summary.json`, `limits.csv`, `accounts.csv`, `days.csv`, `account_days.csv` and, where
    /// refusals were asked for, `refused.csv`.
    ///
    /// # Errors
    /// When the disk refuses; an older report is then as it was.
    pub fn finish(self, report: &ScanReport, folder: &Path) -> Result<(), ReportError> {
        let target = Target::new(folder, Kind::Scan)?;
        let files = [
            ("summary.json".to_owned(), bytes(|out| write_scan(report, Format::Json, out))?),
            ("limits.csv".to_owned(), bytes(|out| write_limits(report, out))?),
            ("days.csv".to_owned(), bytes(|out| write_days(report, out))?),
        ];
        let mut streamed = vec![
            ("accounts.csv", rewound(self.accounts).map_err(temporary)?),
            ("account_days.csv", rewound(self.account_days).map_err(temporary)?),
        ];
        if report.found.refused.is_some() {
            streamed.push(("refused.csv", rewound(self.refused).map_err(temporary)?));
        }
        target.replace_with(&files, streamed)
    }
}

fn rewound(csv: csv::Writer<BufWriter<File>>) -> io::Result<File> {
    let written =
        csv.into_inner().map_err(|error| io::Error::new(error.error().kind(), error.to_string()))?;
    let mut file = written.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok(file)
}

fn temporary(source: io::Error) -> ReportError {
    ReportError::Io { path: PathBuf::from("temporary files"), source }
}
