//! What is known of a page now: its components, its incidents, and how well it can be seen.

pub mod component;
pub mod expectation;
pub mod incidents;
pub mod page_health;
pub mod rollback;
pub mod verdict;
