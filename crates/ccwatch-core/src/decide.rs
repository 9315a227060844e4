//! Whether the user is told something, why or why not, and in which kind of notice.
//!
//! [`decision`] is the one decision for all kinds of notices. The words that it is put in, with the
//! table of kinds, are in [`notice`](crate::notice).

pub mod decision;
pub mod models;
