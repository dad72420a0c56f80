//! Who asks: an account is a number or a short text. A text of digits is the number that it writes.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};

/// The longest name of an account, in bytes.
pub(super) const LONGEST: usize = 128;

/// What an account may be, for messages.
pub(super) const ACCEPTED: &str =
    "a text of 1 to 128 bytes, or a whole number from 0 to 18446744073709551615";

/// An account, as a request names it. `17` and `"17"` are the same one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Account<'a> {
    Number(u64),
    #[serde(borrow)]
    Name(Cow<'a, str>),
}

impl<'a> Account<'a> {
    /// The account of a text; none for one that is empty or too long.
    pub(super) fn of(text: Cow<'a, str>) -> Option<Account<'a>> {
        if let Some(number) = written_number(&text) {
            return Some(Account::Number(number));
        }
        (!text.is_empty() && text.len() <= LONGEST).then_some(Account::Name(text))
    }
}

impl fmt::Display for Account<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Account::Number(number) => number.fmt(f),
            Account::Name(name) => f.write_str(name),
        }
    }
}

/// The number that digits write, in the one way in which it is written.
#[inline]
fn written_number(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    let plain = bytes.first().is_some_and(u8::is_ascii_digit) && (bytes[0] != b'0' || bytes.len() == 1);
    if !plain || bytes.len() > 20 || !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    text.parse().ok()
}

/// An account in the body of a request.
#[derive(Debug)]
pub(super) struct Asked<'a>(pub(super) Account<'a>);

/// A text in the body of a request, borrowed where it holds no escapes.
#[derive(Debug)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Asked<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Asked<'a>, D::Error> {
        deserializer.deserialize_any(AccountVisitor)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text<'a>, D::Error> {
        deserializer.deserialize_str(TextVisitor)
    }
}

struct AccountVisitor;

impl<'de> Visitor<'de> for AccountVisitor {
    type Value = Asked<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ACCEPTED)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Asked<'de>, E> {
        Ok(Asked(Account::Number(number)))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Asked<'de>, E> {
        let account = Account::of(Cow::Borrowed(text));
        account.map(Asked).ok_or_else(|| E::invalid_length(text.len(), &self))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Asked<'de>, E> {
        let account = Account::of(Cow::Owned(text.to_owned()));
        account.map(Asked).ok_or_else(|| E::invalid_length(text.len(), &self))
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of an action")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_numbers_only_as_numbers_are_written() {
        let of = |text: &'static str| Account::of(Cow::Borrowed(text));
        assert_eq!(of("17"), Some(Account::Number(17)));
        assert_eq!(of("0"), Some(Account::Number(0)));
        assert_eq!(of("18446744073709551615"), Some(Account::Number(u64::MAX)));
        for text in ["017", "00", "+1", "-1", "1 ", "18446744073709551616", "1e3", "a17", "١"] {
            assert_eq!(of(text), Some(Account::Name(Cow::Borrowed(text))), "{text}");
        }
    }

    #[test]
    fn names_have_at_least_one_and_at_most_128_bytes() {
        assert_eq!(Account::of(Cow::Borrowed("")), None);
        assert!(Account::of(Cow::Owned("a".repeat(128))).is_some());
        assert_eq!(Account::of(Cow::Owned("a".repeat(129))), None);
        assert_eq!(Account::of(Cow::Owned("é".repeat(65))), None);
    }

    #[test]
    fn requests_name_accounts_as_texts_or_numbers_and_nothing_else() {
        let read = |json: &'static str| serde_json::from_str::<Asked<'_>>(json).map(|asked| asked.0);
        assert_eq!(read("17").ok(), Some(Account::Number(17)));
        assert_eq!(read("\"17\"").ok(), Some(Account::Number(17)));
        assert_eq!(read("\"a\\u0062\"").ok(), Some(Account::Name(Cow::Borrowed("ab"))));
        for wrong in ["-1", "1.5", "1e30", "null", "true", "[]", "{}", "\"\""] {
            assert!(
                read(wrong).is_err_and(|error| error.to_string().contains("a text of 1 to 128 bytes")),
                "{wrong}"
            );
        }
    }
}
