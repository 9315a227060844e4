//! Whether the user is told something, why or why not, and in which kind of notice.

pub mod models;
pub mod mute;
pub mod notice;
pub mod policy;
