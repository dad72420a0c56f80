//! Reading answers of HTTP/1.1 from the bytes that have come so far.

/// The longest head and the longest body that are read.
const LONGEST_HEAD: usize = 64 << 10;
const LONGEST_BODY: usize = 64 << 20;
const MOST_HEADERS: usize = 64;
/// The most interim answers before the one that counts.
const MOST_INTERIM: usize = 8;

/// What the bytes so far are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Read {
    /// The beginning of an answer.
    Part,
    /// No answer.
    Garbage,
    /// An answer, and how many bytes it takes.
    Whole(Answer, usize),
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    /// Whether the connection can be used again.
    pub(super) stays_open: bool,
}

/// How the end of a body is found.
enum Length {
    Bytes(usize),
    Chunks,
    UntilClosed,
}

/// Reads one answer; `ended` where no more bytes will come.
pub(super) fn read(bytes: &[u8], ended: bool) -> Read {
    let mut before = 0;
    for _ in 0..=MOST_INTERIM {
        match read_one(&bytes[before..], ended) {
            // The answer that counts follows.
            Read::Whole(Answer { status: 100..200, .. }, used) => before += used,
            Read::Whole(answer, used) => return Read::Whole(answer, before + used),
            other => return other,
        }
    }
    Read::Garbage
}

fn read_one(bytes: &[u8], ended: bool) -> Read {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut head = httparse::Response::new(&mut headers);
    let start = match head.parse(bytes) {
        Ok(httparse::Status::Complete(start)) => start,
        Ok(httparse::Status::Partial) if bytes.len() <= LONGEST_HEAD => return Read::Part,
        _ => return Read::Garbage,
    };
    let status = head.code.unwrap_or(0);
    let Some((length, keeps)) = framing(&head) else { return Read::Garbage };
    let stays_open = keeps && !matches!(length, Length::UntilClosed);
    let whole = |body: Vec<u8>, used: usize| Read::Whole(Answer { status, body, stays_open }, used);
    let rest = &bytes[start..];
    match length {
        _ if matches!(status, 100..200 | 204 | 304) => whole(Vec::new(), start),
        Length::Bytes(length) if length > LONGEST_BODY => Read::Garbage,
        Length::Bytes(length) if rest.len() < length => Read::Part,
        Length::Bytes(length) => whole(rest[..length].to_vec(), start + length),
        Length::UntilClosed if rest.len() > LONGEST_BODY => Read::Garbage,
        Length::UntilClosed if ended => whole(rest.to_vec(), bytes.len()),
        Length::UntilClosed => Read::Part,
        Length::Chunks => match chunks(rest) {
            Found::Whole((body, used)) => whole(body, start + used),
            Found::Part => Read::Part,
            Found::Garbage => Read::Garbage,
        },
    }
}

/// How the end is found and whether the connection stays open; none where the headers contradict themselves.
fn framing(head: &httparse::Response<'_, '_>) -> Option<(Length, bool)> {
    let mut keeps = head.version == Some(1);
    let (mut length, mut chunks) = (None, false);
    for header in head.headers.iter() {
        let value = header.value.trim_ascii();
        if header.name.eq_ignore_ascii_case("content-length") {
            let stated: usize = std::str::from_utf8(value).ok()?.parse().ok()?;
            if length.replace(stated).is_some_and(|other| other != stated) {
                return None;
            }
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            if !value.eq_ignore_ascii_case(b"chunked") {
                return None;
            }
            chunks = true;
        } else if header.name.eq_ignore_ascii_case("connection") {
            let has = |word: &[u8]| {
                value.split(|&byte| byte == b',').any(|part| part.trim_ascii().eq_ignore_ascii_case(word))
            };
            keeps = (keeps || has(b"keep-alive")) && !has(b"close");
        }
    }
    let length = if chunks { Length::Chunks } else { length.map_or(Length::UntilClosed, Length::Bytes) };
    Some((length, keeps))
}

/// What some bytes hold of what is looked for.
enum Found<T> {
    Part,
    Garbage,
    Whole(T),
}

/// The body of chunks and the bytes that it takes.
fn chunks(bytes: &[u8]) -> Found<(Vec<u8>, usize)> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let (used, size) = match httparse::parse_chunk_size(&bytes[at..]) {
            Ok(httparse::Status::Complete((used, size))) => {
                (used, usize::try_from(size).unwrap_or(usize::MAX))
            }
            Ok(httparse::Status::Partial) => return Found::Part,
            Err(_) => return Found::Garbage,
        };
        at += used;
        if size > LONGEST_BODY - body.len() {
            return Found::Garbage;
        }
        if size == 0 {
            return match trailers(&bytes[at..]) {
                Found::Whole(used) => Found::Whole((body, at + used)),
                Found::Part => Found::Part,
                Found::Garbage => Found::Garbage,
            };
        }
        let Some(chunk) = bytes.get(at..at + size + 2) else { return Found::Part };
        if &chunk[size..] != b"\r\n" {
            return Found::Garbage;
        }
        body.extend_from_slice(&chunk[..size]);
        at += size + 2;
    }
}

/// The bytes of the lines behind the last chunk, the empty one included.
fn trailers(bytes: &[u8]) -> Found<usize> {
    if bytes.starts_with(b"\r\n") {
        return Found::Whole(2);
    }
    match bytes.windows(4).position(|end| end == b"\r\n\r\n") {
        Some(at) => Found::Whole(at + 4),
        None if bytes.len() > LONGEST_HEAD => Found::Garbage,
        None => Found::Part,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Option<(u16, String, bool, usize)> {
        match read(text.as_bytes(), false) {
            Read::Whole(answer, used) => Some((
                answer.status,
                String::from_utf8_lossy(&answer.body).into_owned(),
                answer.stays_open,
                used,
            )),
            _ => None,
        }
    }

    const PLAIN: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    const CHUNKED: &str = "HTTP/1.1 429 Too Many\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: u\r\n\r\n";

    #[test]
    fn every_beginning_of_an_answer_is_a_part_of_it() {
        let interim = format!("HTTP/1.1 100 Continue\r\n\r\n{PLAIN}");
        for (text, body) in [(PLAIN, "hello"), (CHUNKED, "abcde"), (&interim, "hello")] {
            for end in 0..text.len() {
                assert_eq!(read(&text.as_bytes()[..end], false), Read::Part, "{:?}", &text[..end]);
            }
            let longer = format!("{text}HTTP/1.1");
            let (_, found, stays_open, used) = whole(&longer).expect("it is whole");
            assert_eq!((found.as_str(), stays_open, used), (body, true, text.len()));
        }
    }

    #[test]
    fn connections_stay_open_as_the_answer_says() {
        let open = |head: &str| {
            whole(&format!("{head}Content-Length: 0\r\n\r\n")).map(|(_, _, stays_open, _)| stays_open)
        };
        assert_eq!(open("HTTP/1.1 200 OK\r\n"), Some(true));
        assert_eq!(open("HTTP/1.1 200 OK\r\nConnection: Close\r\n"), Some(false));
        assert_eq!(open("HTTP/1.0 200 OK\r\n"), Some(false));
        assert_eq!(open("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"), Some(true));
        let endless = b"HTTP/1.1 200 OK\r\n\r\nall of it";
        assert_eq!(read(endless, false), Read::Part);
        let Read::Whole(answer, _) = read(endless, true) else { panic!("it ended") };
        assert!(answer.body == b"all of it" && !answer.stays_open);
        assert_eq!(whole("HTTP/1.1 204 No\r\n\r\n").map(|(status, ..)| status), Some(204));
    }

    #[test]
    fn garbage_is_told_from_parts() {
        for garbage in [
            "SSH-2.0-x\r\n",
            "\0\0\0",
            "HTTP/1.1 abc\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        ] {
            assert_eq!(read(garbage.as_bytes(), false), Read::Garbage, "{garbage:?}");
        }
        let interim = |count| format!("{}{PLAIN}", "HTTP/1.1 100 Continue\r\n\r\n".repeat(count));
        assert!(whole(&interim(MOST_INTERIM)).is_some());
        for many in [MOST_INTERIM + 1, 100_000] {
            assert_eq!(read(interim(many).as_bytes(), false), Read::Garbage, "{many}");
        }
        let long = format!("HTTP/1.1 200 OK\r\nX: {}", "y".repeat(LONGEST_HEAD));
        assert_eq!(read(long.as_bytes(), false), Read::Garbage);
    }
}
