//! Whether the user is told something, why or why not, and in which kind of notice.
//!
//! [`kind`] is the table of notice kinds, [`decision`] the one decision for all of them. The words
//! that a decision is put in live in [`notice`], and are passed on here.

pub mod decision;
pub mod models;

pub use crate::notice::{self, kind, mute, reason};
