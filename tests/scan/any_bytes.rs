//! Any bytes at all, read as a log in every way: no panic, no end to it only where the bytes have none, and nothing dropped
//! without being counted. Shared by a property and by a fuzz target.

use std::io::Cursor;

use pacewise::eventlog::{BATCH, EventLog, Form, How, Input, LogError, Order};

/// The names of the actions of these logs.
pub(crate) fn actions() -> Vec<String> {
    ["page_search", "profile_view", "connection_request", "message"].map(str::to_owned).to_vec()
}

/// Reads bytes as a log, in one way that `way` chooses (Parquet only where it is built in). What has been read is checked against what is said about it.
pub(crate) fn read(bytes: &[u8], way: u8) {
    let order = if way & 2 == 0 { Order::Refuse } else { Order::Sort { in_memory: 3, folder: None } };
    let how = How {
        form: match way & 0x11 {
            0 => Form::Csv,
            1 => Form::Records,
            _ => Form::Parquet,
        },
        delimiter: (way & 4 != 0).then_some(b';'),
        strict: way & 8 != 0,
        order,
        ..How::default()
    };
    let Ok(input) = Input::new(Box::new(Cursor::new(bytes.to_vec()))) else { return };
    let Ok(mut log) = EventLog::open(input, &how, &actions()) else { return };
    let (mut batch, mut latest, mut handed_on) = (Vec::new(), i64::MIN, 0);
    loop {
        match log.read(&mut batch) {
            Ok(more) => {
                assert!(batch.len() <= BATCH);
                for event in &batch {
                    assert!(event.at >= latest, "out of order");
                    assert!((event.account as usize) < log.accounts().len(), "an account without a name");
                    assert!(
                        (event.action as usize) < log.actions().names().len(),
                        "an action without a name"
                    );
                    latest = event.at;
                }
                handed_on += batch.len() as u64;
                if !more {
                    break;
                }
            }
            Err(LogError::OutOfOrder { .. }) => {
                assert!(how.order == Order::Refuse);
                return;
            }
            Err(_) => return,
        }
    }
    assert_eq!(handed_on, log.events());
    assert!(log.mistakes().first.len() as u64 <= log.mistakes().count);
    assert!(!how.strict || log.mistakes().count + log.several_lines().count == 0);
}
