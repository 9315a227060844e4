//! The integration tests, one binary.
mod desktop;
mod popups;
