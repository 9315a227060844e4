//! ccwatch: is it Claude, or is it me - and when does it make sense to try again?
//!
//! A fact travels one way, down this list, and never back up; `ARCHITECTURE.md` has the whole map.
//!
//! - [`cli`], [`commands`], [`exit_code`]: the command line, one file a sub-command
//! - [`fetch`]: one GET with every limit; [`statuspage`]: the only place that knows the page's JSON;
//!   [`reading`]: both together, as an input of the core; [`recording`]: the same on a file
//! - [`core`]: decides everything, and touches nothing
//! - [`daemon`]: the loop; [`clock`], [`lifecycle`]: time, signals and the service manager
//! - [`store`]: what is written down; [`notify`]: what is shown; [`inert`], [`redact`]: foreign text made
//!   harmless, private text taken out; [`sandbox`]: the daemon locks itself out of the rest
//! - [`claude`]: Claude Code on this machine, its transcripts, settings and words
//! - [`hook`]: the user's own command for a notice, and the process that runs it
//! - [`config`], [`paths`], [`logging`]: where things are and how they are set

pub mod claude;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod config;
pub mod core;
pub mod daemon;
pub mod exit_code;
pub mod fetch;
pub mod hook;
pub mod inert;
pub mod lifecycle;
pub mod local;
pub mod logging;
pub mod notify;
pub mod paths;
pub mod reading;
pub mod recording;
pub mod redact;
pub mod sandbox;
pub mod statuspage;
pub mod store;
