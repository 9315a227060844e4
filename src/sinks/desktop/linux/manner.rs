//! What servers do with bubbles that the specification doesn't say, by what they call themselves.
//! All of it was tried on the real ones.

/// Those that show every text in the place of another one. On any other server the bubble is closed
/// first and the new text shown in one of its own. That is seen everywhere, so that a name that is
/// missing here costs a bubble that moves, while GNOME Shell, and what is built on it, takes a text
/// into its list and shows it to nobody where it is milder than a critical one in whose place it
/// comes, and where the banner is just about to leave: for a third of a second, four seconds after
/// it came. LXQt's is missing on purpose: it crashes over a bubble that had a time to expire at
/// first, then none, then one again.
const IN_PLACE: [&str; 7] = [
    "cinnamon",
    "dunst",
    "mako",
    "notification daemon",
    "plasma",
    "swaynotificationcenter",
    "xfce notify daemon",
];

/// Those that take even a critical bubble away after a while, unless they are told that it never
/// expires. ("Notification Daemon" is MATE's, too.) Others are left to what the user configured.
const FORGETFUL: [&str; 2] = ["lxqt-notificationd", "notification daemon"];

/// How a server treats bubbles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Manner {
    /// Whether every text is seen in the place of another one, an earlier life's too, and each of two
    /// that come at once.
    pub(super) in_place: bool,
    /// The `expire_timeout` that keeps a critical bubble: 0 is never, -1 what the server thinks.
    pub(super) critical_expires: i32,
}

impl Manner {
    /// That of the server with this name.
    pub(super) fn of(name: &str) -> Self {
        let is_in = |names: &[&str]| names.iter().any(|one| one.eq_ignore_ascii_case(name));
        Self {
            in_place: is_in(&IN_PLACE),
            critical_expires: if is_in(&FORGETFUL) { 0 } else { -1 },
        }
    }

    /// That of a server that doesn't say its name.
    pub(super) fn unknown() -> Self {
        Self::of("")
    }
}

#[cfg(test)]
mod tests {
    use super::Manner;

    #[test]
    fn only_who_is_known_to_show_it_gets_a_text_in_place() {
        let cases = [
            ("gnome-shell", false, -1),
            ("", false, -1),
            ("something new", false, -1),
            ("dunst", true, -1),
            ("Plasma", true, -1),
            ("Notification Daemon", true, 0),
            ("lxqt-notificationd", false, 0),
        ];
        for (name, in_place, critical_expires) in cases {
            assert_eq!(Manner::of(name), Manner { in_place, critical_expires }, "{name}");
        }
    }
}
