//! What the core and the pop-ups say to each other about a notice.
use serde::{Deserialize, Serialize};

/// How much a notice may disturb.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[serde(rename_all = "lowercase")]
pub enum Urgency {
    /// Worth knowing, not worth interrupting for.
    Low,
    /// An ordinary pop-up that goes away by itself.
    Normal,
    /// Stays on screen until it's dismissed or replaced.
    Critical,
}

/// Identity of a shown bubble. Ids restart with the server, and any program may overwrite any id,
/// so an id alone is worth nothing.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Bubble {
    /// The id of the bus (`org.freedesktop.DBus.GetId`).
    pub bus: String,
    /// The unique bus name of the server that showed it, such as `:1.42`.
    pub owner: String,
    /// The id that this server returned.
    pub id: u32,
}
