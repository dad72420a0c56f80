//! The limiter against a naive one.
