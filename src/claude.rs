//! Claude Code on this machine: the only place that knows its files, its variables and its words.
//!
//! All of it is internal to Claude Code and changes between versions, so everything is read
//! leniently: a key that we don't know is left alone, one of an unexpected type is as good as
//! none, and structure goes before text. Secrets are looked at for presence and expiry only.

pub mod find;
pub mod marks;
pub mod pasted;
pub mod place;
pub mod route;
pub mod screen;
pub mod settings;
pub mod transcript;
pub mod wording;

#[cfg(test)]
mod tests;
