//! Claude Code on this machine: the only place that knows its files, its variables and its words.
//!
//! All of it is internal to Claude Code and changes between versions, so everything is read
//! leniently: a key that we don't know is left alone, one of an unexpected type is as good as
//! none, and structure goes before text. Secrets are looked at for presence and expiry only.

mod codes;
pub mod find;
pub mod headless;
pub mod last_turn;
pub mod local;
pub mod marks;
pub mod pasted;
pub mod place;
pub mod plugin;
pub mod reading;
pub mod reset;
pub mod retries;
pub mod route;
pub mod said;
mod scan;
pub mod screen;
pub mod settings;
mod stranger;
pub mod transcript;
pub mod wording;

/// Host and port of an address; no port where it is the usual one.
fn host_and_port(url: &url::Url) -> Option<String> {
    let host = url.host_str().filter(|host| !host.is_empty())?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

#[cfg(test)]
mod cases;
#[cfg(test)]
mod tests;
