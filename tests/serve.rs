//! The limiter over HTTP keeps its contract: what it answers, what it refuses, what survives its death.

#![cfg(feature = "serve")]

#[path = "serve/agrees.rs"]
mod agrees;
#[path = "serve/any_body.rs"]
mod any_body;
#[path = "serve/client.rs"]
mod client;
#[path = "serve/contract.rs"]
mod contract;
#[cfg(feature = "cli")]
#[path = "serve/death.rs"]
mod death;
#[path = "serve/faults.rs"]
mod faults;
#[cfg(feature = "cli")]
#[path = "serve/page.rs"]
mod page;
#[path = "serve/room.rs"]
mod room;
#[path = "serve/state.rs"]
mod state;
