//! The one integration binary.
//!
//! `cfg(test)` always holds here; it tells clippy that helpers are tests too.

#[cfg(test)]
mod fetch;
#[cfg(test)]
mod page;
