//! Random scenarios with the newer parts.
