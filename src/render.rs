//! How text is laid out and made harmless for who reads it.

pub mod columns;
pub mod json;
pub(crate) mod names;
pub(crate) mod prometheus;
pub mod sanitize;
pub mod shell;
