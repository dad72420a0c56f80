//! What an answer that does not count says, for whoever is to find out why.

use std::borrow::Cow;

use serde::Deserialize;

use super::response::Answer;
use crate::load::measure::Trouble;
use crate::rulebook::Rulebook;

/// The most characters of a text of the target that are told.
const LONGEST: usize = 200;

/// The error of a limiter of this program.
#[derive(Deserialize)]
struct Refusal {
    error: Parts,
}

#[derive(Deserialize)]
struct Parts {
    what: String,
    #[serde(default)]
    r#where: String,
    accepted: Option<String>,
}

/// An answer, or one of several.
#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    rule: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    answers: Vec<Named<'a>>,
}

/// What an answer says; none where it says nothing.
pub(super) fn of(trouble: &Trouble, answer: &Answer, book: &Rulebook) -> Option<String> {
    match trouble {
        Trouble::UnknownRule => Some(unknown_rule(answer, book)),
        Trouble::Refused => Some(
            "the byte 255, which says that the record is no question: its time, or the number of its action"
                .to_owned(),
        ),
        _ => refusal(&answer.body).or_else(|| quoted(&answer.body)),
    }
}

fn refusal(body: &[u8]) -> Option<String> {
    let Refusal { error } = serde_json::from_slice(body).ok()?;
    let place =
        if error.r#where.is_empty() { String::new() } else { format!(" ({})", short(&error.r#where)) };
    let accepted = error.accepted.map_or_else(String::new, |text| format!("; accepted: {}", short(&text)));
    Some(format!("{}{place}{accepted}", short(&error.what)))
}

fn quoted(body: &[u8]) -> Option<String> {
    // Four bytes are the most that a character takes.
    let start = &body[..body.len().min(4 * LONGEST + 4)];
    let text = String::from_utf8_lossy(start);
    let text = text.trim();
    (!text.is_empty()).then(|| format!("\"{}\"", short(text)))
}

fn unknown_rule(answer: &Answer, book: &Rulebook) -> String {
    let known = |name: &str| book.rules.iter().any(|rule| rule == name);
    let named: Option<Named<'_>> = serde_json::from_slice(&answer.body).ok();
    let all = named.into_iter().flat_map(|Named { rule, answers }| {
        rule.into_iter().chain(answers.into_iter().filter_map(|one| one.rule))
    });
    let unknown = all.into_iter().find(|name| !known(name));
    let numbered = || {
        let most = answer.body.iter().filter(|&&byte| byte < u8::MAX).max();
        format!("the rule with the number {}", most.copied().unwrap_or(0))
    };
    let name = unknown.map_or_else(numbered, |name| format!("`{}`", short(&name)));
    let rules = short(&book.rules.join(", "));
    format!("{name}, where {} has {rules}: the target runs other rules", book.origin)
}

/// The start of a text, on one line.
pub(super) fn short(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let start: String = text.chars().take(LONGEST).map(plain).collect();
    if text.chars().nth(LONGEST).is_some() { start + "…" } else { start }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Calendar;

    fn said(trouble: &Trouble, body: &str) -> Option<String> {
        let book = Rulebook::new(Vec::new(), Vec::new(), Calendar::Civil, "a file".to_owned());
        let book = Rulebook { rules: vec!["messages".to_owned(), "posts".to_owned()], ..book };
        let answer = Answer { status: 422, body: body.as_bytes().to_vec(), stays_open: true };
        of(trouble, &answer, &book)
    }

    #[test]
    fn a_refusal_is_told_in_its_own_words_and_anything_else_by_its_start() {
        let refused = r#"{"error":{"what":"`at` is given","where":"the body: at","accepted":"no `at`"}}"#;
        let status = Trouble::Status(422);
        assert_eq!(
            said(&status, refused).as_deref(),
            Some("`at` is given (the body: at); accepted: no `at`")
        );
        assert_eq!(said(&status, "no\r\nway ").as_deref(), Some("\"no  way\""));
        assert_eq!(said(&status, ""), None);
        let long = said(&status, &"é".repeat(LONGEST + 1)).expect("there is something");
        assert_eq!(long, format!("\"{}…\"", "é".repeat(LONGEST)));
        let exact = said(&status, &"é".repeat(LONGEST)).expect("there is something");
        assert_eq!(exact, format!("\"{}\"", "é".repeat(LONGEST)));
    }

    #[test]
    fn a_rule_that_is_not_known_is_named_beside_those_that_are() {
        let says = "where a file has messages, posts: the target runs other rules";
        let one = said(&Trouble::UnknownRule, r#"{"decision":"deny","rule":"likes"}"#);
        assert_eq!(one, Some(format!("`likes`, {says}")));
        let batch = r#"{"answers":[{"decision":"allow"},{"rule":"posts"},{"rule":"likes"}]}"#;
        assert_eq!(said(&Trouble::UnknownRule, batch), Some(format!("`likes`, {says}")));
        let records = said(&Trouble::UnknownRule, "\0\u{1}\u{7}");
        assert_eq!(records, Some(format!("the rule with the number 7, {says}")));
    }
}
