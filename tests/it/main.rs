//! The integration tests: one binary, with a scriptable fake page and a fake notification server.
//!
//! `cfg(test)` always holds here; it tells clippy that helpers are tests too.

#[cfg(test)]
mod beside;
#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod daemon;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod desktop;
#[cfg(test)]
mod detour;
#[cfg(test)]
mod diagnose;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod fault;
#[cfg(test)]
mod feeds;
#[cfg(test)]
mod fetch;
#[cfg(test)]
mod filters;
#[cfg(test)]
mod forms;
#[cfg(test)]
mod fuse;
#[cfg(test)]
mod history;
#[cfg(test)]
mod hook;
#[cfg(test)]
mod json;
#[cfg(test)]
mod json_more;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod known;
#[cfg(test)]
mod live;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod mute;
#[cfg(test)]
mod names;
#[cfg(test)]
mod once;
#[cfg(test)]
mod over;
#[cfg(test)]
mod page;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod past;
#[cfg(test)]
mod plugin;
#[cfg(test)]
mod popups;
#[cfg(test)]
mod program;
#[cfg(test)]
mod random;
#[cfg(test)]
mod retry;
#[cfg(test)]
mod roads;
#[cfg(test)]
mod sandbox;
#[cfg(test)]
mod screens;
#[cfg(test)]
mod service;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod shells;
#[cfg(test)]
mod shim;
#[cfg(test)]
mod soak;
#[cfg(test)]
mod starts;
#[cfg(test)]
mod status;
#[cfg(test)]
mod table;
#[cfg(test)]
mod terminal;
#[cfg(test)]
mod wait;
#[cfg(test)]
mod watch;
#[cfg(test)]
mod witness;
#[cfg(test)]
mod wsl;
