//! What the commands that ask for the page share: following it beside a daemon, or without one, and
//! waiting for it; one look at it; what it said at a time.

pub mod beside;
pub mod child;
pub mod follow;
pub mod look;
pub mod page_at;
pub mod pages;
pub mod picture;
pub mod tee;
pub mod wait_line;
pub mod waiting;
