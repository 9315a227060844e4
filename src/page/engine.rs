//! The kinds of status pages: each knows one format, and nobody else knows it.

pub mod statuspage;
