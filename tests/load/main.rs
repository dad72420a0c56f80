//! The load harness: what it asks, when, what it measures, and that it finds what is wrong.

#![cfg(feature = "load")]

mod http;
mod judging;
mod made_up;
mod measuring;
mod names;
mod wrong_targets;
