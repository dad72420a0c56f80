//! The check endpoint on any bodies; the first byte chooses how they are sent.
#![no_main]

#[path = "../../tests/serve/any_body.rs"]
mod any_body;
#[allow(dead_code)]
#[path = "../../tests/serve/client.rs"]
mod client;

use std::cell::RefCell;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

use crate::client::{Client, Running, book, config};

static SERVER: LazyLock<Running> = LazyLock::new(|| Running::start(config(book())));

thread_local! {
    static CLIENT: RefCell<Client> = RefCell::new(SERVER.client());
}

fuzz_target!(|bytes: &[u8]| {
    if let Some((&way, body)) = bytes.split_first() {
        CLIENT.with_borrow_mut(|client| any_body::ask(client, body, way));
    }
});
