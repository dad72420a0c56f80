//! The secret that clients must know when a server listens beyond its own machine.

use std::fs;
use std::path::Path;

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, HeaderValue};
use subtle::ConstantTimeEq;

/// The shortest token, in bytes.
const SHORTEST: usize = 16;

/// A bearer token.
#[derive(Clone)]
pub struct Token(Box<[u8]>);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

impl Token {
    /// Reads a token from a file, white space around it left out.
    ///
    /// # Errors
    /// When the file cannot be read, or holds no token of at least 16 visible ASCII characters; the message names the file.
    pub fn read(path: &Path) -> Result<Token, String> {
        let named = |what: &str| format!("{}: {what}", path.display());
        let text = fs::read_to_string(path).map_err(|error| named(&error.to_string()))?;
        let expected = "a token of at least 16 visible ASCII characters and no spaces is expected";
        Token::of(text.trim()).ok_or_else(|| named(expected))
    }

    fn of(text: &str) -> Option<Token> {
        let is_token = text.len() >= SHORTEST && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_token.then(|| Token(text.as_bytes().into()))
    }

    /// Whether a request brings the token. The time that it takes tells at most how long the token is.
    pub(super) fn is_in(&self, headers: &HeaderMap) -> bool {
        let value = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        let Some((scheme, brought)) = value.and_then(|value| value.split_at_checked(7)) else { return false };
        scheme.eq_ignore_ascii_case(b"bearer ") && bool::from(brought.ct_eq(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_opens() {
        let token = Token::of("0123456789abcdef").expect("16 characters");
        let opens = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, value.parse().expect("a header"));
            token.is_in(&headers)
        };
        assert!(opens("Bearer 0123456789abcdef") && opens("bearer 0123456789abcdef"));
        for wrong in ["", "Bearer", "Bearer ", "0123456789abcdef", "Basic 0123456789abcdef"] {
            assert!(!opens(wrong), "{wrong}");
        }
        assert!(!opens("Bearer 0123456789abcde") && !opens("Bearer 0123456789abcdef0"));
        assert!(!opens("Bearer 0123456789abcdeF") && !opens("Bearer  0123456789abcdef"));
        assert!(!token.is_in(&HeaderMap::new()));
    }

    #[test]
    fn short_tokens_and_those_with_spaces_are_none() {
        assert!(Token::of("0123456789abcde").is_none());
        assert!(Token::of("01234567 89abcdef").is_none() && Token::of("0123456789abcdefé").is_none());
    }
}
