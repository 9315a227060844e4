//! What a session of this machine told, and by which page its requests go.

use ccwatch_core::monitor::Input;

/// Something that a session told.
#[derive(Debug)]
pub struct Heard {
    /// A hash of the session's id; may be empty.
    pub session: String,
    /// By which page its requests go.
    pub by: By,
    /// What it told, as that page sees it.
    pub input: Input,
}

/// By which page the requests of a session go, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// Its hook says so, which has its environment: the key of the page; none: no page that is
    /// watched speaks for where they go.
    Told(Option<String>),
    /// A transcript doesn't say it. It is taken for the road that settings files, the configuration
    /// and the environment of ccwatch name: the key of the page.
    Assumed(String),
}
