//! A page: how it is fetched, how its answers are read, and how they are kept on a file.

pub mod engine;
pub mod fetch;
pub mod recording;
