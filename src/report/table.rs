//! Tables as plain text of at most 100 columns and as Markdown. Knows cells, not what they mean.

use std::io::{self, Write};

/// Widest line of a plain table.
pub(super) const WIDTH: usize = 100;
const GAP: usize = 2;
const NARROWEST: usize = 8;
/// Narrowest first column; names that do not fit into it stand on lines of their own.
const INDENT: usize = 2;

/// A titled table; the first `labels` columns are text, aligned left, the others numbers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table {
    pub(super) title: String,
    /// Text under the rows; each of its lines begins a line of plain text.
    pub(super) note: Option<String>,
    pub(super) labels: usize,
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(title: impl Into<String>, labels: usize, head: &[&str]) -> Table {
        let head = head.iter().map(ToString::to_string).collect();
        Table { title: title.into(), note: None, labels, head, rows: Vec::new() }
    }

    pub(super) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }
}

/// Writes the verdict and the tables as plain text.
pub(super) fn write_text(verdict: &str, tables: &[Table], out: &mut impl Write) -> io::Result<()> {
    for line in wrap(verdict, WIDTH) {
        writeln!(out, "{line}")?;
    }
    for table in tables {
        writeln!(out, "\n{}", table.title)?;
        write_rows(table, out)?;
        for line in table.note.iter().flat_map(|note| note.lines()).flat_map(|line| wrap(line, WIDTH - 2)) {
            writeln!(out, "  {line}")?;
        }
    }
    Ok(())
}

fn write_rows(table: &Table, out: &mut impl Write) -> io::Result<()> {
    if table.rows.is_empty() {
        return Ok(());
    }
    let widths = fitted_widths(table);
    write_line(&table.head, &widths, table.labels, out)?;
    let ruler: usize = widths.iter().sum::<usize>() + GAP * (widths.len() - 1);
    writeln!(out, "  {}", "-".repeat(ruler))?;
    table.rows.iter().try_for_each(|row| write_line(row, &widths, table.labels, out))
}

fn write_line(cells: &[String], widths: &[usize], labels: usize, out: &mut impl Write) -> io::Result<()> {
    let mut line = String::from(" ");
    for (place, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let has_own_line = place == 0 && labels > 0 && cell.chars().count() > *width;
        if has_own_line {
            writeln!(out, "  {}", shortened(cell, WIDTH - GAP))?;
        }
        let cell = if has_own_line { String::new() } else { shortened(cell, *width) };
        let space = " ".repeat(width - cell.chars().count());
        line.push_str(&" ".repeat(if place == 0 { 1 } else { GAP }));
        line += &if place < labels { cell + &space } else { space + &cell };
    }
    writeln!(out, "{}", line.trim_end())
}

/// The widths of the columns. Where the line is too long, the first label gives way, so that long names stand on lines of
/// their own; then the other labels, which are shortened, the widest first.
fn fitted_widths(table: &Table) -> Vec<usize> {
    let mut widths: Vec<usize> = table.head.iter().map(|head| head.chars().count()).collect();
    for row in &table.rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let too_long =
        |widths: &[usize]| (widths.iter().sum::<usize>() + GAP * widths.len()).saturating_sub(WIDTH);
    let excess = too_long(&widths);
    if let Some(first) = widths.first_mut().filter(|_| table.labels > 0) {
        *first = first.saturating_sub(excess).max(INDENT.min(*first));
    }
    while too_long(&widths) > 0 {
        let label = widths.iter_mut().take(table.labels).skip(1).max_by_key(|width| **width);
        match label {
            Some(width) if *width > NARROWEST => *width -= 1,
            _ => break,
        }
    }
    widths
}

fn shortened(cell: &str, width: usize) -> String {
    if cell.chars().count() <= width {
        return cell.to_owned();
    }
    let kept: String = cell.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// Breaks a text at blanks into lines of at most `width` characters; a longer word stays whole.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = &lines[lines.len() - 1];
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(String::new());
        }
        let last = lines.len() - 1;
        if !lines[last].is_empty() {
            lines[last].push(' ');
        }
        lines[last].push_str(word);
    }
    lines
}

/// Writes the verdict and the tables as Markdown.
pub(super) fn write_markdown(verdict: &str, tables: &[Table], out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "**{}**", escaped(verdict))?;
    for table in tables {
        writeln!(out, "\n## {}\n", escaped(&table.title))?;
        write_markdown_rows(table, out)?;
        if let Some(note) = &table.note {
            let gap = if table.rows.is_empty() { "" } else { "\n" };
            writeln!(out, "{gap}{}", escaped(note))?;
        }
    }
    Ok(())
}

fn write_markdown_rows(table: &Table, out: &mut impl Write) -> io::Result<()> {
    if table.rows.is_empty() {
        return Ok(());
    }
    let line = |cells: &[String]| {
        format!(" {} |", cells.iter().map(|cell| escaped(cell)).collect::<Vec<_>>().join(" | "))
    };
    let ruler = |place| if place < table.labels { " --- |" } else { " ---: |" };
    writeln!(out, "|{}", line(&table.head))?;
    writeln!(out, "|{}", (0..table.head.len()).map(ruler).collect::<String>())?;
    table.rows.iter().try_for_each(|row| writeln!(out, "|{}", line(row)))
}

/// Signs that Markdown would read, made plain; line breaks become blanks.
fn escaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '|' | '*' | '_' | '`' | '<' | '[' | ']' | '\\' => plain.extend(['\\', sign]),
            '\n' | '\r' => plain.push(' '),
            _ => plain.push(sign),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_label_is_shortened_to_keep_the_line_within_100_columns() {
        let mut table = Table::new("T", 1, &["name", "a", "b"]);
        table.row(vec!["x".repeat(300), "1".repeat(20), "2".repeat(20)]);
        let mut out = Vec::new();
        write_text("verdict", &[table], &mut out).expect("a vector takes every byte");
        let text = String::from_utf8(out).expect("text");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(text.contains(&"2".repeat(20)) && text.contains('…'), "{text}");
    }

    #[test]
    fn a_name_that_does_not_fit_stands_whole_on_a_line_of_its_own() {
        let mut table = Table::new("T", 2, &["whose", "event", "a", "b"]);
        let numbers = ["1".repeat(38), "2".repeat(38)];
        for name in ["mean account of all", "X"] {
            table.row([vec![name.to_owned(), "disconnection".to_owned()], numbers.to_vec()].concat());
        }
        let mut out = Vec::new();
        write_text("verdict", &[table], &mut out).expect("a vector takes every byte");
        let text = String::from_utf8(out).expect("text");
        let lines: Vec<&str> = text.lines().skip(3).collect();
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert_eq!(lines[0], "  whose");
        assert_eq!(lines[3], "  mean account of all");
        assert!(
            lines[4].starts_with("       disconnection  1")
                && lines[5].starts_with("  X    disconnection  1"),
            "{text}"
        );
    }

    #[test]
    fn markdown_cells_cannot_break_the_table() {
        let mut table = Table::new("T", 1, &["name"]);
        table.row(vec!["a|b\nc".to_owned()]);
        let mut out = Vec::new();
        write_markdown("v", &[table], &mut out).expect("a vector takes every byte");
        assert!(String::from_utf8(out).expect("text").contains(r"| a\|b c |"));
    }

    #[test]
    fn text_is_wrapped_at_blanks() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("", 7), [""]);
    }
}
