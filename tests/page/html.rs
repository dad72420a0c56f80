//! Reads the pages that the program writes: tags and tables, no more of HTML than they hold.

/// Elements without an end.
const VOID: [&str; 4] = ["meta", "br", "hr", "!DOCTYPE"];

/// A table with each cell's text; a cell that spans rows stands in each of them.
pub(crate) struct Table {
    pub(crate) caption: String,
    pub(crate) rows: Vec<Vec<String>>,
}

/// The first tag that does not close what is open, if there is one.
pub(crate) fn imbalance(page: &str) -> Option<String> {
    let mut open: Vec<&str> = Vec::new();
    for part in page.split('<').skip(1) {
        let Some((tag, _)) = part.split_once('>') else { return Some(part.to_owned()) };
        let name = tag.split([' ', '\n']).next().unwrap_or_default();
        if let Some(name) = name.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Some(format!("</{tag}> closes nothing"));
            }
        } else if !VOID.contains(&name) && !tag.ends_with('/') {
            open.push(name);
        }
    }
    open.pop().map(|name| format!("<{name}> stays open"))
}

/// The text of a part of a page.
pub(crate) fn text_of(part: &str) -> String {
    let mut text = String::new();
    for (place, piece) in part.split('<').enumerate() {
        text += if place == 0 { piece } else { piece.split_once('>').map_or("", |(_, rest)| rest) };
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    text.replace("&amp;", "&").replace('\u{a0}', " ").trim().to_owned()
}

/// The content of every element of a name; elements of the name do not nest.
fn elements<'a>(part: &'a str, name: &str) -> Vec<(&'a str, &'a str)> {
    let (start, end) = (format!("<{name}"), format!("</{name}>"));
    let whole = part.split(start.as_str()).skip(1).filter(|rest| rest.starts_with([' ', '>']));
    whole.filter_map(|rest| rest.split_once(end.as_str())?.0.split_once('>')).collect()
}

/// All tables of a page.
pub(crate) fn tables(page: &str) -> Vec<Table> {
    elements(page, "table").into_iter().map(|(_, table)| read_table(table)).collect()
}

fn read_table(table: &str) -> Table {
    let caption = elements(table, "caption").first().map_or(String::new(), |(_, caption)| text_of(caption));
    let body = elements(table, "tbody").first().map_or("", |(_, body)| *body);
    let mut rows: Vec<Vec<String>> = Vec::new();
    let (mut spanning, mut left) = (String::new(), 0);
    for (_, row) in elements(body, "tr") {
        let mut cells = Vec::new();
        if let Some((attributes, head)) = elements(row, "th").first() {
            spanning = text_of(head);
            let span = attributes.split_once("rowspan=\"").and_then(|(_, rest)| rest.split_once('"'));
            left = span.map_or(1, |(span, _)| span.parse().expect("a number of rows"));
        }
        assert!(left > 0, "a row without a head: {row}");
        left -= 1;
        cells.push(spanning.clone());
        cells.extend(elements(row, "td").iter().map(|(_, cell)| text_of(cell)));
        rows.push(cells);
    }
    Table { caption, rows }
}
