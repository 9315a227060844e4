//! ccwatch: is it Claude, or is it me - and when does it make sense to try again?

pub mod commands;
pub mod config;
pub mod core;
pub mod exit_code;
pub mod fetch;
pub mod inert;
pub mod logging;
pub mod notify;
pub mod paths;
pub mod statuspage;
pub mod store;
