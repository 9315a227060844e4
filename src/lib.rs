//! ccwatch: is it Claude, or is it me - and when does it make sense to try again?
pub mod core;
pub mod store;
