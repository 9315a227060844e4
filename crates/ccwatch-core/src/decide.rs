//! Whether the user is told something, why or why not, and in which kind of notice.
//!
//! [`kind`] is the table of notice kinds, [`decision`] the one decision for all of them.

pub mod decision;
pub mod kind;
pub mod models;
pub mod mute;
pub mod news;
pub mod notice;
pub mod reason;
