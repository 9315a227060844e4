//! The rules of the house that a machine can guard. They read the repository, so that a published
//! crate goes without them.
//!
//! `cfg(test)` always holds here; it tells clippy that helpers are tests too.

#[cfg(test)]
mod links;
#[cfg(test)]
mod map;
#[cfg(test)]
mod modules;
#[cfg(test)]
mod recipes;
#[cfg(test)]
mod tidy;
