//! Writes workload W3 to a file: `write_w3 PATH` as binary records of 16 bytes (t i64, account u32, action u32, little
//! endian), `write_w3 PATH.csv` as CSV with the columns t, account and action. A second argument asks for so many events. The
//! file is written aside and renamed, so that one that is there is whole.

#[path = "../benches/w3/mod.rs"]
mod w3;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let Some(path) = arguments.next() else {
        return Err(io::Error::other("write_w3 PATH [EVENTS]: says where to write"));
    };
    let events = match arguments.next().map(|count| count.parse()) {
        Some(Ok(count)) => w3::log(count, w3::ACCOUNTS, 1.0),
        Some(Err(_)) => return Err(io::Error::other("the number of events is a whole number")),
        None => w3::events(),
    };
    let aside = format!("{path}.unfinished");
    let mut file = BufWriter::new(File::create(&aside)?);
    if Path::new(&path).extension().is_some_and(|extension| extension == "csv") {
        writeln!(file, "t,account,action")?;
        for event in events {
            writeln!(file, "{},{},{}", event.second, event.account, event.action)?;
        }
    } else {
        for event in events {
            file.write_all(&event.to_bytes())?;
        }
    }
    file.flush()?;
    std::fs::rename(aside, path)
}
