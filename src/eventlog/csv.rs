//! Logs in CSV. Most lines are plain (whole numbers, times in UTC, names without quotes) and take a short way; all others take
//! the exact one. The short way reads a line as the exact one would, or not at all.

use super::blocks::Blocks;
use super::cells::{Cells, Extent, Lines, MOST_LINES, cut_cell, extent, place_of};
use super::eights::{digits, end_of_cell};
use super::input::Input;
use super::mistake::{LogError, Mistake, Place, quoted};
use super::names::{ACCOUNTS, ACTIONS, LONGEST_NAME};
use super::places::Places;
use super::times::{Clock, Unit, WRITTEN, plain_iso};
use super::{BATCH, Columns, Event, How, Ledger};

/// The longest record, in bytes.
const LONGEST: usize = 1 << 20;

const OPENED: &str = "a quote is opened here and not closed";
const QUOTES: &str = "a quote within quotes is doubled: \"\"; account, time and action hold no line breaks";

#[derive(Debug)]
pub(super) struct CsvReader {
    blocks: Blocks,
    cells: Cells,
    layout: Layout,
    clock: Clock,
    /// Where the bytes at hand begin.
    lines: Lines,
    /// Whether they are the rest of a line that is given up.
    skips: bool,
    pub(super) ledger: Ledger,
}

/// Which cell holds what.
#[derive(Debug)]
struct Layout {
    roles: Vec<Role>,
    delimiter: u8,
    time: usize,
    account: usize,
    action: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Time,
    Account,
    Action,
    Other,
}

/// What became of the bytes at hand.
enum Went {
    /// A record was read.
    On,
    /// There is none without more bytes.
    Short,
}

impl CsvReader {
    pub(super) fn open(input: Input, how: &How, ledger: Ledger) -> Result<CsvReader, LogError> {
        let delimiter = how.delimiter.unwrap_or(b',');
        let mut blocks = Blocks::new(input);
        let mut cells = Cells::new(delimiter);
        let mut lines = Lines::default();
        let (names, line) = header(&mut blocks, &mut cells, &mut lines, delimiter)?;
        let layout = Layout::find(&names, &how.columns, delimiter)
            .map_err(|(what, accepted)| LogError::Header(Mistake { place: top(line), what, accepted }))?;
        let clock = Clock { unit: how.unit, zone: how.zone.clone() };
        Ok(CsvReader { blocks, cells, layout, clock, lines, skips: false, ledger })
    }

    pub(super) fn read(&mut self, batch: &mut Vec<Event>) -> Result<bool, LogError> {
        while batch.len() < BATCH {
            self.read_plain(batch)?;
            if batch.len() == BATCH {
                break;
            }
            match self.read_record(batch)? {
                Went::On => {}
                // What is there is handed on before more is waited for.
                Went::Short if !batch.is_empty() => return Ok(true),
                Went::Short if self.blocks.is_all() => return Ok(false),
                Went::Short => {
                    let after = self.lines.at - 1;
                    let damaged = |problem| LogError::Damaged { after: format!("line {after}"), problem };
                    self.blocks.read_more().map_err(damaged)?;
                    return Ok(true);
                }
            }
        }
        Ok(true)
    }

    pub(super) fn stop(&mut self) {
        self.blocks.end();
    }

    /// Reads lines as long as they are plain.
    fn read_plain(&mut self, batch: &mut Vec<Event>) -> Result<(), LogError> {
        let Some(unit) = self.clock.unit.or(Some(Unit::Seconds)).filter(|_| !self.skips) else {
            return Ok(());
        };
        let numeric = self.clock.unit.is_some();
        let (bytes, mut at) = (self.blocks.at_hand(), 0);
        while batch.len() < BATCH {
            let Some((plain, used)) = self.layout.plain(&bytes[at..], unit, numeric) else { break };
            let Some(action) = self.ledger.actions.known(plain.action) else { break };
            let account = match plain.account {
                Account::Number(number) => self.ledger.accounts.of_number(number),
                Account::Text(text) => self.ledger.accounts.of_text(text),
            };
            let (line, layout) = (self.lines.at, &self.layout);
            let place = || {
                let (_, column) = place_of(&bytes[at..at + used], layout.delimiter, layout.time);
                Place::Cell { line, column }
            };
            self.ledger.hand_on(Event { at: plain.at, account, action }, batch, place)?;
            (self.lines.at, at) = (line + 1, at + used);
        }
        self.lines.after_cr &= at == 0;
        self.blocks.used(at);
        Ok(())
    }

    /// Reads one record, whatever it looks like.
    fn read_record(&mut self, batch: &mut Vec<Event>) -> Result<Went, LogError> {
        if self.skips && !self.skip_line() {
            return Ok(Went::Short);
        }
        let breaks = self.blocks.at_hand().iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        self.pass(breaks);
        let (bytes, all) = (self.blocks.at_hand(), self.blocks.is_all());
        if bytes.is_empty() {
            return Ok(Went::Short);
        }
        let (near, is_end) = (&bytes[..bytes.len().min(LONGEST)], all && bytes.len() <= LONGEST);
        match extent(near, self.layout.delimiter, |cell| self.layout.is_key(cell)) {
            Extent::Record { bytes, lines } => self.take_record(bytes, lines, batch)?,
            Extent::Endless { lines } if is_end => self.take_record(near.len(), lines, batch)?,
            Extent::Broken => {
                self.give_up_line("a quote is opened here and not closed in this line".to_owned())?;
            }
            Extent::Long => self.give_up_line(format!("{OPENED} within {MOST_LINES} lines"))?,
            Extent::Open if is_end => self.give_up_line(OPENED.to_owned())?,
            Extent::Open | Extent::Endless { .. } if near.len() < LONGEST => return Ok(Went::Short),
            Extent::Open => self.give_up_line(format!("{OPENED} within {LONGEST} bytes"))?,
            Extent::Endless { .. } => {
                let what = format!("this line has more than {LONGEST} bytes");
                self.ledger.note(mistake((self.lines.at, 1), what, "lines of a log are shorter"))?;
                self.skips = true;
            }
        }
        Ok(Went::On)
    }

    /// Takes a whole record. One over several lines is told, for it may have swallowed what it should not.
    fn take_record(&mut self, used: usize, lines: u64, batch: &mut Vec<Event>) -> Result<(), LogError> {
        self.cells.read(&self.blocks.at_hand()[..used], true);
        if lines > 1 {
            let (found, expected) = (self.cells.len(), self.layout.roles.len());
            if found != expected {
                let later = lines - 1;
                return self.give_up_line(format!(
                    "a quote is opened here and closed {later} lines later: {found} cells where the header has {expected}"
                ));
            }
            let column = cut_cell(self.blocks.at_hand(), self.layout.delimiter);
            let place = Place::Cell { line: self.lines.at, column };
            self.ledger.note_lines(place, (self.lines.at, self.lines.at + lines - 1))?;
        }
        self.judge(used, batch)?;
        self.pass(used);
        Ok(())
    }

    /// Leaves bytes behind and counts their lines.
    fn pass(&mut self, bytes: usize) {
        self.lines.pass(&self.blocks.at_hand()[..bytes]);
        self.blocks.used(bytes);
    }

    /// A quote that runs over the end of its line where it should not would swallow other lines: only the first one is given
    /// up.
    fn give_up_line(&mut self, what: String) -> Result<(), LogError> {
        let column = cut_cell(self.blocks.at_hand(), self.layout.delimiter);
        self.ledger.note(mistake((self.lines.at, column), what, QUOTES))?;
        self.skips = true;
        Ok(())
    }

    /// Leaves the rest of a line behind; whether its end was at hand.
    fn skip_line(&mut self) -> bool {
        let end = self.blocks.at_hand().iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        self.pass(end.map_or(self.blocks.at_hand().len(), |end| end + 1));
        self.skips = end.is_none();
        end.is_some()
    }

    /// An event, an unknown action or a mistake.
    fn judge(&mut self, used: usize, batch: &mut Vec<Event>) -> Result<(), LogError> {
        let record = &self.blocks.at_hand()[..used];
        let delimiter = self.layout.delimiter;
        let place = |cell: usize| {
            let (line, column) = place_of(record, delimiter, cell);
            (self.lines.at + line, column)
        };
        match parse(&self.cells, &self.layout, &mut self.clock, &mut self.ledger) {
            Ok(None) => Ok(()),
            Ok(Some(event)) => {
                let (line, column) = place(self.layout.time);
                self.ledger.hand_on(event, batch, || Place::Cell { line, column })
            }
            Err((cell, what, accepted)) => self.ledger.note(mistake(place(cell), what, &accepted)),
        }
    }
}

fn mistake((line, column): (u64, u64), what: String, accepted: &str) -> Mistake {
    Mistake { place: Place::Cell { line, column }, what, accepted: accepted.to_owned() }
}

fn top(line: u64) -> Place {
    Place::Cell { line, column: 1 }
}

type Wrong = (usize, String, String);

/// The event that the cells state; none for an unknown action, which is counted.
fn parse(
    cells: &Cells,
    layout: &Layout,
    clock: &mut Clock,
    ledger: &mut Ledger,
) -> Result<Option<Event>, Wrong> {
    let (found, expected) = (cells.len(), layout.roles.len());
    if found != expected {
        let what = format!("{found} cells where the header has {expected}");
        return Err((
            found.min(expected),
            what,
            "a cell that holds the delimiter stands in quotes".to_owned(),
        ));
    }
    let text = |cell: usize, what: &str| {
        let bytes = cells.get(cell).trim_ascii();
        let wrong =
            |problem: &str| (cell, format!("the {what} `{}` {problem}", quoted(bytes)), String::new());
        let text = std::str::from_utf8(bytes).map_err(|_| wrong("is not UTF-8 text"))?;
        if text.len() > LONGEST_NAME && what != "time" {
            return Err(wrong("is longer than 256 bytes"));
        }
        if text.is_empty() && what != "time" { Err(wrong("is empty")) } else { Ok(text) }
    };
    let accepting = |accepted: &str| {
        let accepted = accepted.to_owned();
        move |(cell, what, _): Wrong| (cell, what, accepted)
    };
    let time = text(layout.time, "time").map_err(accepting(WRITTEN))?;
    let at = clock.read(time).map_err(|problem| {
        (layout.time, format!("the time `{}` {problem}", quoted(time.as_bytes())), WRITTEN.to_owned())
    })?;
    let account = text(layout.account, "account").map_err(accepting(ACCOUNTS))?;
    let action = text(layout.action, "action").map_err(accepting(ACTIONS))?;
    let Some(action) = ledger.actions.of_text(action) else { return Ok(None) };
    Ok(Some(Event { at, account: ledger.accounts.of_text(account), action }))
}

const NAMES: &str = "the first line names the columns, as in account,time,action";

/// The names of the columns, and the line that states them.
fn header(
    blocks: &mut Blocks,
    cells: &mut Cells,
    lines: &mut Lines,
    delimiter: u8,
) -> Result<(Vec<String>, u64), LogError> {
    let wrong = |line, what: &str, accepted: &str| {
        let (what, accepted) = (what.to_owned(), accepted.to_owned());
        LogError::Header(Mistake { place: top(line), what, accepted })
    };
    blocks.read_more().map_err(LogError::Input)?;
    while blocks.at_hand().len() < 3 && !blocks.is_all() {
        blocks.read_more().map_err(LogError::Input)?;
    }
    match blocks.at_hand() {
        [0xEF, 0xBB, 0xBF, ..] => blocks.used(3),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => {
            return Err(wrong(1, "this is UTF-16 text", "save the log as UTF-8"));
        }
        _ => {}
    }
    loop {
        let breaks = blocks.at_hand().iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        lines.pass(&blocks.at_hand()[..breaks]);
        blocks.used(breaks);
        let (bytes, all, line) = (blocks.at_hand(), blocks.is_all(), lines.at);
        if bytes.is_empty() && all {
            return Err(wrong(line, "the log is empty", NAMES));
        }
        let used = match extent(bytes, delimiter, |_| true) {
            Extent::Record { bytes, .. } => Some(bytes),
            Extent::Endless { .. } => all.then_some(bytes.len()),
            Extent::Open if !all => None,
            Extent::Open | Extent::Broken | Extent::Long => {
                return Err(wrong(line, "a quote is opened in this line and not closed in it", NAMES));
            }
        };
        if let Some(used) = used {
            cells.read(&bytes[..used], true);
            let name = |cell| String::from_utf8_lossy(cells.get(cell)).trim().to_owned();
            let names = (0..cells.len()).map(name).collect();
            lines.pass(&bytes[..used]);
            blocks.used(used);
            return Ok((names, line));
        }
        if bytes.len() >= LONGEST {
            return Err(wrong(line, "the first line has no end", NAMES));
        }
        blocks.read_more().map_err(LogError::Input)?;
    }
}

impl Layout {
    fn find(names: &[String], columns: &Columns, delimiter: u8) -> Result<Layout, (String, String)> {
        let Places { time, account, action } = Places::find(names, columns, "the first line")?;
        let mut roles = vec![Role::Other; names.len()];
        for (place, role) in [(account, Role::Account), (time, Role::Time), (action, Role::Action)] {
            roles[place] = role;
        }
        Ok(Layout { roles, delimiter, time, account, action })
    }

    /// Whether a cell must not hold line breaks.
    fn is_key(&self, cell: usize) -> bool {
        [self.time, self.account, self.action].contains(&cell)
    }

    /// The line at the beginning of `bytes` if it is plain, and the bytes that it takes.
    #[inline]
    fn plain<'b>(&self, bytes: &'b [u8], unit: Unit, numeric: bool) -> Option<(Plain<'b>, usize)> {
        let mut plain = Plain { at: 0, account: Account::Number(0), action: &[] };
        let (mut at, last) = (0, self.roles.len() - 1);
        for (place, role) in self.roles.iter().enumerate() {
            let from = at;
            match role {
                Role::Time => (plain.at, at) = time(bytes, at, unit, numeric)?,
                Role::Account => (plain.account, at) = self.account(bytes, at)?,
                Role::Action | Role::Other => at = self.end(bytes, at)?,
            }
            if *role == Role::Action {
                plain.action = &bytes[from..at];
            }
            let mark = *bytes.get(at)?;
            at += 1;
            if place < last {
                if mark != self.delimiter {
                    return None;
                }
            } else if mark == b'\r' {
                (*bytes.get(at)? == b'\n').then(|| at += 1)?;
            } else if mark != b'\n' {
                return None;
            }
        }
        Some((plain, at))
    }

    #[inline]
    fn account<'b>(&self, bytes: &'b [u8], from: usize) -> Option<(Account<'b>, usize)> {
        let (number, at) = digits(bytes, from);
        let leads = at > from + 1 && bytes[from] == b'0';
        let ends =
            bytes.get(at).is_some_and(|&mark| mark == self.delimiter || mark == b'\n' || mark == b'\r');
        if ends
            && !leads
            && (from + 1..=from + 10).contains(&at)
            && let Ok(number) = u32::try_from(number)
        {
            return Some((Account::Number(number), at));
        }
        let at = self.end(bytes, from)?;
        let name = &bytes[from..at];
        let trimmed = name.len() == name.trim_ascii().len();
        let text = std::str::from_utf8(name).ok()?;
        (trimmed && (1..=LONGEST_NAME).contains(&name.len())).then_some((Account::Text(text), at))
    }

    /// The end of a cell without quotes.
    #[inline]
    fn end(&self, bytes: &[u8], from: usize) -> Option<usize> {
        if *bytes.get(from)? == b'"' {
            return None;
        }
        end_of_cell(bytes, from, self.delimiter)
    }
}

/// A line without anything special.
struct Plain<'b> {
    at: i64,
    account: Account<'b>,
    action: &'b [u8],
}

enum Account<'b> {
    Number(u32),
    Text(&'b str),
}

/// A time of digits only, or in UTC with seconds.
#[inline]
fn time(bytes: &[u8], from: usize, unit: Unit, numeric: bool) -> Option<(i64, usize)> {
    let (number, at) = digits(bytes, from);
    if at == from + 4 && bytes.get(at) == Some(&b'-') {
        return Some((plain_iso(bytes.get(from..from + 20)?)?, from + 20));
    }
    let fits = numeric && (from + 1..=from + 18).contains(&at);
    fits.then(|| unit.instant(number as i64)).flatten().map(|instant| (instant, at))
}
