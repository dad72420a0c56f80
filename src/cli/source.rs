//! Scenario files on the disk: read with a clear word about what is wrong with them.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use pacewise::scenario::{Diagnostic, Parsed, Rules, Scenario};

/// The largest file that is taken for a scenario.
const LARGEST: u64 = 1_000_000;
/// The largest log.
const LARGEST_LOG: u64 = 100_000_000;

/// A scenario file's text.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

impl Source {
    /// Reads a file.
    ///
    /// # Errors
    /// When the file cannot be read or is no text; the message names the file.
    pub(crate) fn read(path: &Path) -> io::Result<Source> {
        let named = |error: &dyn std::fmt::Display| io::Error::other(format!("{}: {error}", path.display()));
        let too_large = "1 MB, which no scenario is";
        let text = read_text(path, LARGEST, too_large).map_err(|problem| named(&problem))?;
        Ok(Source { path: path.to_owned(), text })
    }

    /// The scenario that the text states, and all findings about it.
    pub(crate) fn parse(&self) -> Parsed {
        Scenario::parse_beside(&self.text, &self.stem(), &|name| self.read_beside(name))
    }

    /// The rules that the text states, and all findings about it.
    pub(crate) fn parse_rules(&self) -> (Option<Rules>, Vec<Diagnostic>) {
        Rules::parse(&self.text, &self.stem(), &|name| self.read_beside(name))
    }

    fn stem(&self) -> String {
        self.path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
    }

    fn read_beside(&self, name: &str) -> Result<String, String> {
        read_text(&self.path.with_file_name("").join(name), LARGEST_LOG, "100 MB")
    }
}

/// The text of a file of at most so many bytes, or what is wrong with it.
fn read_text(path: &Path, largest: u64, size: &str) -> Result<String, String> {
    let file = File::open(path).map_err(|error| plain(&error))?;
    if file.metadata().map_err(|error| plain(&error))?.is_dir() {
        return Err("this is a folder; name a file".to_owned());
    }
    let mut bytes = Vec::new();
    file.take(largest + 1).read_to_end(&mut bytes).map_err(|error| plain(&error))?;
    if bytes.len() as u64 > largest {
        return Err(format!("larger than {size}"));
    }
    decode(bytes).map_err(str::to_owned)
}

fn decode(bytes: Vec<u8>) -> Result<String, &'static str> {
    match bytes.get(..3) {
        Some([0xEF, 0xBB, 0xBF]) => {
            return Err("starts with a byte order mark; save it as UTF-8 without one");
        }
        Some([0xFF, 0xFE, _] | [0xFE, 0xFF, _]) => return Err("is UTF-16 text; save it as UTF-8"),
        _ => {}
    }
    String::from_utf8(bytes).map_err(|_| "is not UTF-8 text")
}

/// The system's message without its error number.
pub(crate) fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_lowercase(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_utf8_text_of_a_sensible_size_is_taken() {
        assert_eq!(decode(b"a = 1".to_vec()), Ok("a = 1".to_owned()));
        assert!(decode(vec![0xEF, 0xBB, 0xBF, b'a']).is_err_and(|problem| problem.contains("byte order")));
        assert!(decode(vec![0xFF, 0xFE, b'a', 0]).is_err_and(|problem| problem.contains("UTF-16")));
        assert!(decode(vec![b'a', 0xFF]).is_err_and(|problem| problem.contains("not UTF-8")));
    }
}
