//! ccwatch: is it Claude, or is it me - and when does it make sense to try again?
//!
//! A fact travels one way, down this list, and never back up; `ARCHITECTURE.md` has the whole map.
//!
//! - [`cli`], [`commands`]: the command line, one file a sub-command; [`app`]: what the commands share
//! - [`page`]: one GET with every limit, and the engines, the only places that know a page's format
//! - `ccwatch_core`: decides everything, and touches nothing
//! - [`daemon`]: the loop; [`store`]: what is written down; [`sinks`]: what is shown, and the user's hook
//! - [`client`]: following a page for a command that waits
//! - [`claude_code`]: Claude Code on this machine, its transcripts, settings and words
//! - [`render`], [`tty`]: text laid out and made harmless; [`redact`]: private text taken out
//! - [`platform`], [`config`]: clock, places, signals, log and sandbox; how things are set

pub mod app;
pub mod claude_code;
pub mod cli;
pub mod client;
pub mod commands;
pub mod config;
pub mod daemon;
#[cfg(test)]
mod fault_row;
pub mod page;
pub mod platform;
pub mod redact;
pub mod render;
pub mod sinks;
pub mod store;
pub mod tty;
