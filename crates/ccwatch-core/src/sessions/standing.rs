//! How things stand with a stopped session: one table.

/// Who is to do something about a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Nobody: it goes on by itself.
    GoesOn,
    /// Nobody: it went on.
    WentOn,
    /// The user.
    Yours,
    /// Nobody: there is nothing to go on with, or the user did already.
    Over,
}

/// How things stand with a stopped session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// A hook waits for the moment at which it makes sense to go on.
    Waiting,
    /// It was told to go on.
    Woken,
    /// It goes on.
    GoingOn,
    /// A turn of it ended well.
    Works,
    /// Sessions may not go on by themselves.
    SwitchedOff,
    /// Time doesn't heal what stopped it.
    NeedsYou,
    /// A limit stopped it, and those may not go on by themselves.
    LimitsOff,
    /// It was woken as often as is allowed.
    AttemptsUsed,
    /// It waited as long as is allowed, or would have to.
    TimeUp,
    /// Everything was muted when it could have gone on.
    Muted,
    /// Its process ended without a word.
    ProcessGone,
    /// The hook that waited was ended, or could not do its work.
    HookGone,
    /// The hook that reported it is none that can wait.
    NoHook,
    /// It was told to go on, and nothing was heard of it.
    Unheard,
    /// A run without a screen, which ends with the error.
    Headless,
    /// The user typed something.
    Typed,
    /// It was left.
    Ended,
    /// It was cleared: there is nothing to go on with.
    Cleared,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::Waiting,
        Self::Woken,
        Self::GoingOn,
        Self::Works,
        Self::SwitchedOff,
        Self::NeedsYou,
        Self::LimitsOff,
        Self::AttemptsUsed,
        Self::TimeUp,
        Self::Muted,
        Self::ProcessGone,
        Self::HookGone,
        Self::NoHook,
        Self::Unheard,
        Self::Headless,
        Self::Typed,
        Self::Ended,
        Self::Cleared,
    ];

    /// Who is to do something.
    pub fn group(self) -> Group {
        match self {
            Self::Waiting => Group::GoesOn,
            Self::Woken | Self::GoingOn | Self::Works => Group::WentOn,
            Self::SwitchedOff
            | Self::NeedsYou
            | Self::LimitsOff
            | Self::AttemptsUsed
            | Self::TimeUp
            | Self::Muted
            | Self::ProcessGone
            | Self::HookGone
            | Self::NoHook
            | Self::Unheard => Group::Yours,
            Self::Headless | Self::Typed | Self::Ended | Self::Cleared => Group::Over,
        }
    }

    /// The word used in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Woken => "woken",
            Self::GoingOn => "going_on",
            Self::Works => "works",
            Self::SwitchedOff => "switched_off",
            Self::NeedsYou => "needs_you",
            Self::LimitsOff => "limits_off",
            Self::AttemptsUsed => "attempts_used",
            Self::TimeUp => "time_up",
            Self::Muted => "muted",
            Self::ProcessGone => "process_gone",
            Self::HookGone => "hook_gone",
            Self::NoHook => "no_hook",
            Self::Unheard => "unheard",
            Self::Headless => "headless",
            Self::Typed => "typed",
            Self::Ended => "ended",
            Self::Cleared => "cleared",
        }
    }
}
