//! The load harness: what it asks, when, what it measures, and that it finds what is wrong.

mod http;
mod judging;
mod made_up;
mod measuring;
mod wrong_targets;
