//! What was, out of what was written down.

pub mod episodes;
pub mod page_at;
pub mod uptime;
pub mod watched;
