//! Any bytes at all as the body of a check or a record: an answer each time, no failure inside, and errors that say what,
//! where, and what would be accepted. Shared by properties and by a fuzz target.

use crate::client::{Client, JSON, RECORDS, Reply};

/// Sends a body in one way that `way` chooses, and checks the shape of the answer.
pub(crate) fn ask(client: &mut Client, body: &[u8], way: u8) -> Reply {
    let path = if way & 1 == 0 { "/v1/check" } else { "/v1/record" };
    let is_binary = way & 2 != 0;
    let kind = if is_binary { RECORDS } else { JSON };
    let reply = client.ask("POST", path, &[kind], body).expect("an answer");
    match reply.status {
        200 if is_binary => assert_eq!(reply.body.len(), body.len() / 16, "{reply:?} to {body:?}"),
        200 => assert!(reply.json().is_object(), "{reply:?} to {body:?}"),
        429 => assert!(reply.json()["retry_after_ms"] != 0, "{reply:?} to {body:?}"),
        400 | 413 | 422 => {
            let error = &reply.json()["error"];
            let said = ["what", "where", "accepted"].map(|part| error[part].as_str().unwrap_or_default());
            assert!(said.iter().all(|part| !part.is_empty()), "{reply:?} to {body:?}");
        }
        _ => panic!("{reply:?} to {body:?}"),
    }
    reply
}
