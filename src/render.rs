//! How text is laid out and made harmless for who reads it.

pub mod columns;
pub mod json;
pub mod sanitize;
pub mod shell;
