//! The pure heart: no clock, no I/O, no environment, no randomness.
pub mod model;
pub mod notice;
