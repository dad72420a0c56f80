//! Endpoints of any kind, described by a template: what to send for a check, and what an answer means.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::Value;

use super::protocol::{Told, quoted};
use super::response::Answer;
use crate::load::call::{Call, Retry, Said};
use crate::load::measure::Trouble;
use crate::load::names::Names;
use crate::rulebook::Rulebook;
use crate::time::{Instant, SECOND};

/// What to send for a check, and what an answer means. Placeholders in the path, in headers and in the body: `{account}`,
/// `{action}` (its name), `{action_number}`, `{at_ms}` and `{at_s}`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    #[serde(default = "post")]
    method: String,
    path: String,
    #[serde(default)]
    headers: std::collections::BTreeMap<String, String>,
    body: Option<String>,
    #[serde(default)]
    allowed: Meaning,
    #[serde(default)]
    denied: Meaning,
    #[serde(default)]
    answer: Places,
}

/// What an answer must be to mean something: one of the statuses, and the stated value at a place of its JSON.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Meaning {
    status: Option<Vec<u16>>,
    /// A JSON pointer (RFC 6901) and the value there.
    at: Option<String>,
    equals: Option<Value>,
}

/// Where an answer tells more: JSON pointers.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Places {
    at_ms: Option<String>,
    rule: Option<String>,
    retry_after_ms: Option<String>,
    retry_after_s: Option<String>,
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// It is no TOML, or has keys that no template has.
    #[error("{0}")]
    Toml(String),
    /// A part of it cannot be sent.
    #[error("`{what}` cannot be {place}: {accepted}")]
    Unfit {
        /// The text.
        what: String,
        /// What it was meant to be.
        place: &'static str,
        /// What would do.
        accepted: &'static str,
    },
}

fn post() -> String {
    "POST".to_owned()
}

const PLACEHOLDERS: [&str; 5] = ["{account}", "{action}", "{action_number}", "{at_ms}", "{at_s}"];

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// When it has mistakes.
    pub fn parse(text: &str) -> Result<Template, TemplateError> {
        let template: Template =
            toml::from_str(text).map_err(|error| TemplateError::Toml(error.to_string()))?;
        template.check()?;
        Ok(template)
    }

    fn check(&self) -> Result<(), TemplateError> {
        let unfit = |what: &str, place, accepted| {
            Err(TemplateError::Unfit { what: what.to_owned(), place, accepted })
        };
        if self.method.is_empty() || !self.method.chars().all(|c| c.is_ascii_uppercase()) {
            return unfit(&self.method, "a method", "write one in capitals, as in \"POST\"");
        }
        let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '#' | '"' | '<' | '>');
        if !self.path.starts_with('/') || !self.path.chars().all(is_plain) {
            return unfit(&self.path, "a path", "it begins with / and has no blanks");
        }
        for (name, value) in &self.headers {
            let is_token =
                !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
            let ours = ["host", "content-length", "connection", "transfer-encoding", "expect"];
            if !is_token || ours.iter().any(|known| name.eq_ignore_ascii_case(known)) {
                return unfit(
                    name,
                    "a header",
                    "letters, digits and -; Host, Content-Length and Connection are written anyway",
                );
            }
            if value.chars().any(|c| c.is_control() || !c.is_ascii()) {
                return unfit(value, "the value of a header", "printable characters of ASCII");
            }
        }
        for meaning in [&self.allowed, &self.denied] {
            if meaning.at.is_some() != meaning.equals.is_some() {
                return unfit("at", "without `equals`", "state both, or neither");
            }
            if meaning.at.as_ref().is_some_and(|at| !at.starts_with('/')) {
                return unfit(meaning.at.as_deref().unwrap_or(""), "a JSON pointer", "it begins with /");
            }
        }
        let texts = self.headers.values().chain(&self.body).chain([&self.path]);
        if let Some(unknown) = texts.into_iter().find_map(|text| unknown_placeholder(text)) {
            return unfit(
                unknown,
                "a placeholder",
                "known are {account}, {action}, {action_number}, {at_ms} and {at_s}",
            );
        }
        if self.denied == Meaning::default() {
            return unfit(
                "denied",
                "left out",
                "say which answers are denials, as in denied = { status = [429] }",
            );
        }
        Ok(())
    }

    /// Whether the target takes the times of the workload.
    #[must_use]
    pub fn gives_times(&self) -> bool {
        self.holds("{at_ms}") || self.holds("{at_s}")
    }

    /// Whether it takes them in whole seconds.
    pub(super) fn rounds_times(&self) -> bool {
        self.holds("{at_s}") && !self.holds("{at_ms}")
    }

    fn holds(&self, placeholder: &str) -> bool {
        let texts = self.headers.values().chain(&self.body).chain([&self.path]);
        texts.into_iter().any(|text| text.contains(placeholder))
    }

    /// Whether its answers tell when the target took a check.
    #[must_use]
    pub fn tells_times(&self) -> bool {
        self.answer.at_ms.is_some()
    }

    /// In a few words.
    #[must_use]
    pub fn in_words(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub(super) fn write(&self, authority: &str, named: (&Rulebook, &Names), call: &Call, out: &mut Vec<u8>) {
        let body = self.body.as_ref().map(|body| fill(body, named, call, Kind::Body));
        let mut head = format!(
            "{} {} HTTP/1.1\r\nHost: {authority}\r\n",
            self.method,
            fill(&self.path, named, call, Kind::Path)
        );
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {}\r\n", fill(value, named, call, Kind::Header));
        }
        let has_kind = self.headers.keys().any(|name| name.eq_ignore_ascii_case("content-type"));
        if body.is_some() && !has_kind {
            head += "Content-Type: application/json\r\n";
        }
        if body.is_some() || self.method != "GET" {
            let _ = write!(head, "Content-Length: {}\r\n", body.as_ref().map_or(0, String::len));
        }
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(body.unwrap_or_default().as_bytes());
    }

    pub(super) fn read(&self, book: &Rulebook, answer: &Answer) -> Result<Told, Trouble> {
        let json: Option<Value> =
            if self.needs_json() { serde_json::from_slice(&answer.body).ok() } else { None };
        if self.denied.is_met(answer.status, json.as_ref()) {
            return Ok((self.denial(book, json.as_ref()), self.time(json.as_ref())));
        }
        let is_allowed = if self.allowed == Meaning::default() {
            (200..300).contains(&answer.status)
        } else {
            self.allowed.is_met(answer.status, json.as_ref())
        };
        match (is_allowed, answer.status) {
            (true, _) => Ok((Said::Allowed, self.time(json.as_ref()))),
            (false, 200..300) => Err(Trouble::Garbage),
            (false, status) => Err(Trouble::Status(status)),
        }
    }

    fn needs_json(&self) -> bool {
        self.denied.at.is_some() || self.allowed.at.is_some() || self.answer != Places::default()
    }

    fn time(&self, json: Option<&Value>) -> Option<Instant> {
        json?.pointer(self.answer.at_ms.as_ref()?)?.as_i64()
    }

    fn denial(&self, book: &Rulebook, json: Option<&Value>) -> Said {
        let at = |place: &Option<String>| json?.pointer(place.as_ref()?);
        let rule = at(&self.answer.rule).and_then(Value::as_str);
        let rule = rule.and_then(|name| book.rules.iter().position(|known| known == name));
        let retry = match (at(&self.answer.retry_after_ms), at(&self.answer.retry_after_s)) {
            (None, None) => Retry::Untold,
            (Some(Value::Null), _) | (None, Some(Value::Null)) => Retry::Never,
            (Some(ms), _) => ms.as_f64().map_or(Retry::Untold, |ms| Retry::After(ms as Instant)),
            (None, Some(seconds)) => match seconds.as_i64() {
                Some(whole) => Retry::Seconds(whole),
                None => seconds
                    .as_f64()
                    .map_or(Retry::Untold, |s| Retry::After((s * SECOND as f64).round() as Instant)),
            },
        };
        Said::Denied { rule: rule.map(|rule| rule as u32), retry }
    }
}

impl Meaning {
    fn is_met(&self, status: u16, json: Option<&Value>) -> bool {
        let by_status = self.status.as_ref().is_none_or(|all| all.contains(&status));
        let by_value = match (&self.at, &self.equals) {
            (Some(at), Some(equals)) => json.and_then(|json| json.pointer(at)) == Some(equals),
            _ => true,
        };
        by_status && by_value && *self != Meaning::default()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Path,
    Header,
    Body,
}

/// A text with its placeholders filled in, such that names cannot break out of where they stand.
fn fill(text: &str, (book, names): (&Rulebook, &Names), call: &Call, kind: Kind) -> String {
    if !text.contains('{') {
        return text.to_owned();
    }
    let name = book.action(call.action);
    let name = match kind {
        Kind::Body => unquoted(&quoted(&name)).to_owned(),
        Kind::Path | Kind::Header => {
            name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect()
        }
    };
    let account = names.name(call.account);
    let account = match kind {
        Kind::Body => unquoted(&quoted(&account)).to_owned(),
        Kind::Path | Kind::Header => percent_encoded(&account),
    };
    let values =
        [account, name, call.action.to_string(), call.at.to_string(), call.at.div_euclid(SECOND).to_string()];
    // Names come last: what looks like a placeholder in them is none.
    let filled = PLACEHOLDERS.iter().zip(&values).rev();
    filled.fold(text.to_owned(), |text, (place, value)| text.replace(place, value))
}

/// The first word in braces that is no placeholder.
fn unknown_placeholder(text: &str) -> Option<&str> {
    let mut begins = text.match_indices('{').map(|(place, _)| place);
    begins.find_map(|begin| {
        let end = begin + text[begin..].find('}')? + 1;
        let word = &text[begin + 1..end - 1];
        let is_word = !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        (is_word && !PLACEHOLDERS.contains(&&text[begin..end])).then(|| &text[begin..end])
    })
}

/// A text with all but letters, digits and `-._~` as percent signs and hexadecimal bytes, so that different names stay so.
fn percent_encoded(text: &str) -> String {
    let encoded = |byte: u8| match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(encoded).collect()
}

fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}
