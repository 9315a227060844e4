//! The integration tests: one binary, with a scriptable fake page and a fake notification server.

#[cfg(test)]
mod desktop;
#[cfg(test)]
mod fetch;
#[cfg(test)]
mod page;
#[cfg(test)]
mod popups;
