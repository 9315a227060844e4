//! What a user reads of stopped sessions, and the one thing that is ever said to Claude.

use alloc::borrow::ToOwned;
use alloc::string::String;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::sessions::{Awaited, Counts, Next, Sign, Standing, StoppedSession};

use super::{Text, clock, duration};
use crate::time::between;

/// What Claude is told when its session goes on. Nothing of it comes from the page or from anybody
/// else: fixed sentences, and a time of this machine's clock.
pub fn for_claude(sign: Sign, since: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let at = clock(since, now, zone);
    let why = match sign {
        Sign::FixOut => {
            format!("The API should answer again: Anthropic has had a fix out since {at}.")
        }
        Sign::Green => {
            format!("The API should answer again: its status page is green again since {at}.")
        }
        Sign::OtherWorks => {
            format!("The API answers again: another session on this machine worked at {at}.")
        }
        Sign::Reached => format!("This machine is on the network again since {at}."),
        Sign::Reset => format!("The usage limit was reset at {at}."),
        Sign::Pause => "An API error stopped this session; some time has passed since.".to_owned(),
    };
    format!(
        "{why} Go on where you stopped, if a turn of yours was cut off. Before you repeat its \
         last step, look at what that had already done."
    )
}

/// "3 sessions go on by themselves"; none where none does.
pub fn going_on(counts: Counts) -> Option<String> {
    match counts.going_on {
        0 => None,
        1 => Some("1 session goes on by itself".to_owned()),
        n => Some(format!("{n} sessions go on by themselves")),
    }
}

/// "3 sessions go on by themselves, 1 waits for you: ccwatch sessions"; none where none stopped.
pub fn counts(counts: Counts) -> Option<String> {
    let (goes, yours) = (going_on(counts), counts.yours);
    let waits = match (yours, &goes) {
        (0, _) => None,
        (1, None) => Some("1 session waits for you".to_owned()),
        (n, None) => Some(format!("{n} sessions wait for you")),
        (1, Some(_)) => Some("1 waits for you".to_owned()),
        (n, Some(_)) => Some(format!("{n} wait for you")),
    };
    let said = match (goes, waits) {
        (None, None) => return None,
        (Some(one), None) | (None, Some(one)) => one,
        (Some(goes), Some(waits)) => format!("{goes}, {waits}"),
    };
    Some(format!("{said}: ccwatch sessions"))
}

/// The same below a message that a retry makes sense.
pub(crate) fn counted((title, body): Text, of: Counts) -> Text {
    match counts(of) {
        Some(counts) => (title, format!("{body} {counts}")),
        None => (title, body),
    }
}

/// What stopped a session, in a few words.
pub fn cause(session: &StoppedSession) -> String {
    let words = session.cause.words();
    match session.status {
        Some(status) if !words.starts_with(|c: char| c.is_ascii_digit()) => {
            format!("{status}, {words}")
        }
        Some(_) | None => words.to_owned(),
    }
}

/// What happens next with it, or what became of it: a clause, without a full stop.
pub fn next(
    session: &StoppedSession,
    standing: Standing,
    now: Timestamp,
    zone: &TimeZone,
) -> String {
    let at = clock(session.changed_at, now, zone);
    match standing {
        Standing::Waiting => waiting(session.next, now, zone),
        Standing::Woken => format!("was told to go on at {at}"),
        Standing::GoingOn => format!("went on at {at}"),
        Standing::Works if session.attempts > 0 => format!("went on, and works since {at}"),
        Standing::Works => format!("works again since {at}"),
        Standing::SwitchedOff => {
            "yours: sessions don't go on by themselves ([sessions] resume = false)".to_owned()
        }
        Standing::NeedsYou => {
            format!("yours. {}", session.cause.row().first_move.trim_end_matches('.'))
        }
        Standing::LimitsOff => match session.resets_at {
            Some(reset) => format!(
                "yours: the limit resets at {} ([sessions] limits = false)",
                clock(reset, now, zone)
            ),
            None => "yours: a limit of the plan stopped it".to_owned(),
        },
        Standing::TimeUp if session.resets_at.is_some_and(|reset| reset > session.changed_at) => {
            let reset = session.resets_at.map_or_else(String::new, |at| clock(at, now, zone));
            format!("yours: the limit resets at {reset}, later than is waited for")
        }
        Standing::AttemptsUsed => {
            format!("yours: it was woken {} times and stopped each time", session.attempts)
        }
        Standing::TimeUp => format!(
            "yours: it waited for {}, as long as is allowed",
            duration(between(session.first_at, session.changed_at))
        ),
        Standing::Muted => format!("yours: everything was muted at {at}, when it could go on"),
        Standing::ProcessGone => format!("yours: its process is gone since {at}"),
        Standing::HookGone => "yours: nothing waits for it any more".to_owned(),
        Standing::NoHook => {
            "yours: the hook that told of it can't wait (see ccwatch plugin status)".to_owned()
        }
        Standing::Unheard => {
            format!("yours: it was told to go on at {at}, and nothing was heard of it")
        }
        Standing::Headless => "a run without a screen: repeat it with ccwatch retry".to_owned(),
        Standing::Typed => format!("you went on at {at}"),
        Standing::Ended => format!("you left it at {at}"),
        Standing::Cleared => format!("you cleared it at {at}"),
    }
}

fn waiting(next: Option<Next>, now: Timestamp, zone: &TimeZone) -> String {
    let Some(next) = next else { return "goes on when it makes sense".to_owned() };
    let in_time = next.due.map(|due| match between(now, due).as_secs() {
        0..=59 => "in less than a minute".to_owned(),
        _ => format!("in {}", duration(between(now, due))),
    });
    match (next.awaited, in_time) {
        (Awaited::Page, _) => "waits for the fix".to_owned(),
        (Awaited::Network, _) => "waits for the network".to_owned(),
        (Awaited::Pause, Some(soon)) => format!("tries again {soon}"),
        (Awaited::Turn, Some(soon)) => format!("goes on {soon}"),
        (Awaited::Reset, _) => {
            let due = next.due.map_or_else(String::new, |due| clock(due, now, zone));
            format!("goes on when its limit resets, {due}")
        }
        (Awaited::Pause | Awaited::Turn, None) => "goes on when it makes sense".to_owned(),
    }
}
