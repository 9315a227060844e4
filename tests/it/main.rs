//! The integration tests, one binary.
#[cfg(test)]
mod desktop;
#[cfg(test)]
mod popups;
