//! Names: which are well formed, and which known one was probably meant.

/// Whether a name consists of lower-case letters, digits and `_`.
pub(crate) fn is_identifier(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    !name.is_empty() && name.len() <= 60 && name.chars().all(fits)
}

/// The known name nearest to what was written, if it is near enough to be a slip.
pub(crate) fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = plain(written);
    let tolerance = written.chars().count().div_ceil(3).min(4);
    known
        .into_iter()
        .map(|name| (slips(&written, &plain(name)), name))
        .filter(|&(distance, _)| distance <= tolerance)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name)
}

/// How far a word is from a known one; a longer or shorter form of it, such as `monday` for `mon`, is one slip away.
fn slips(written: &str, known: &str) -> usize {
    let form = |short: &str, long: &str| short.len() >= 3 && long.starts_with(short);
    let form = form(written, known) || form(known, written);
    if form && written != known { 1 } else { distance(written, known) }
}

/// Without the differences that people do not see: case, and what joins words. Cut, so that junk costs little.
fn plain(name: &str) -> String {
    name.chars().take(64).map(|c| if c == '-' || c == ' ' { '_' } else { c.to_ascii_lowercase() }).collect()
}

/// The number of letters to insert, delete, replace or swap with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &y) in b.iter().enumerate() {
            let mut cost = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                cost = cost.min(before[j - 1] + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_other_words_are_not() {
        let known = ["connection_request", "message", "mean", "size"];
        assert_eq!(nearest("conection_reqest", known), Some("connection_request"));
        assert_eq!(nearest("Connection-Request", known), Some("connection_request"));
        assert_eq!(nearest("mena", known), Some("mean"));
        assert_eq!(nearest("messages_sent", known), Some("message"));
        assert_eq!(nearest("budget", known), None);
        assert_eq!(nearest("", known), None);
    }

    #[test]
    fn a_swap_of_neighbours_is_one_slip() {
        assert_eq!(distance("mena", "mean"), 1);
        assert_eq!(distance("mean", "mean"), 0);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
