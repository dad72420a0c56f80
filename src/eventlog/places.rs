//! Which column holds what, found by the names of all.

use super::Columns;
use super::mistake::quoted;

/// The places of the columns that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) time: usize,
    pub(super) account: usize,
    pub(super) action: usize,
}

impl Places {
    /// Finds columns by the names that were stated for them, or their usual ones; else what is wrong, and what is accepted.
    /// `header` is what names them.
    pub(super) fn find(
        names: &[String],
        columns: &Columns,
        header: &str,
    ) -> Result<Places, (String, String)> {
        let find = |stated: &Option<String>, usual: &[&str]| {
            let wanted: Vec<&str> = stated.as_deref().map_or(usual.to_vec(), |stated| vec![stated]);
            let places = |wanted: &&str| names.iter().any(|name| name == wanted);
            let name = wanted.iter().copied().find(places);
            let name = name.ok_or_else(|| missing(&wanted, usual[0], names, header))?;
            if names.iter().filter(|other| *other == name).count() > 1 {
                return Err((format!("two columns are called `{name}`"), "each name stands once".to_owned()));
            }
            Ok(names.iter().position(|other| other == name).unwrap_or(0))
        };
        let account = find(&columns.account, &["account"])?;
        let time = find(&columns.time, &["time", "t", "timestamp"])?;
        let action = find(&columns.action, &["action"])?;
        if time == account || action == account || action == time {
            let twice = if time == account { time } else { action };
            let what = format!("the column `{}` is named for two things", names[twice]);
            return Err((what, "account, time and action stand in columns of their own".to_owned()));
        }
        Ok(Places { time, account, action })
    }
}

fn missing(wanted: &[&str], role: &str, names: &[String], header: &str) -> (String, String) {
    let names: Vec<String> = names.iter().take(20).map(|name| quoted(name.as_bytes())).collect();
    let this = header.replacen("the first", "this", 1);
    let what = format!("no column is called `{}`; {this} names {}", wanted.join("` or `"), names.join(", "));
    (what, format!("{header} names the columns; --columns {role}=NAME says which one is meant"))
}
