//! Where notices go: the screen of the desktop, and the user's own hook.

pub mod desktop;
pub mod hook;
