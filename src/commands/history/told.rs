//! Whether somebody was told, and why not. Told is what a sink took: what was decided and reached
//! nobody was not told.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::render::sanitize;
use crate::store::StoredNotice;
use ccwatch_core::decide::decision::Decision;
use ccwatch_core::history::episodes::EpisodeRecord;
use ccwatch_core::model::Level;
use ccwatch_core::monitor::Transition;
use ccwatch_core::notice::kind::{Kind, Reason, TellsOf};
use ccwatch_core::notice::sink::Sink;
use ccwatch_core::notice::{DeliveryState, Urgency};
use ccwatch_core::time::shifted;

/// A notice that comes this much later than a level changed is still about that.
const NOTICE_LAG: SignedDuration = SignedDuration::from_hours(1);

/// The longest cause, in characters.
const WHY: usize = 160;

/// The sink that took a notice, or may have; none: nobody was told by it.
fn taken_by(stored: &StoredNotice) -> Option<Sink> {
    let in_state = |wanted: DeliveryState| {
        Sink::ALL.into_iter().find(|sink| stored.state(*sink) == Some(wanted))
    };
    let says_why =
        |sink: &Sink| stored.deliveries.get(sink).is_some_and(|tried| tried.why.is_some());
    let failed = |sink: &Sink| sink.knows_failures() && says_why(sink);
    let uncertain = || in_state(DeliveryState::Uncertain).filter(|sink| !failed(sink));
    in_state(DeliveryState::Shown).or_else(uncertain)
}

/// The notices that tell of an episode, oldest first. They are joined by the episode's id; an
/// episode of an earlier ccwatch has none, and goes by the times.
fn telling<'n>(
    episode: &EpisodeRecord,
    notices: &'n [StoredNotice],
) -> impl Iterator<Item = &'n StoredNotice> {
    let (id, component) = (episode.id.clone(), episode.component.clone());
    let since = episode.since;
    let (began, ended) = (episode.since_seen_at, episode.until_seen_at);
    let of_work = episode.worst == Level::Maintenance;
    let until = episode.until.map_or(Timestamp::MAX, |until| shifted(until, NOTICE_LAG));
    let tells = |stored: &&StoredNotice| stored.notice.kind.row().tells_of != TellsOf::None;
    notices.iter().filter(tells).filter(move |stored| {
        let notice = &stored.notice;
        match &id {
            // One episode may have announced work and an outage in it, which are told apart.
            Some(id) => {
                notice.episodes.contains(id)
                    && began.is_none_or(|began| notice.at >= began)
                    && ended.is_none_or(|ended| notice.at < ended)
                    && notice.kind.row().tells_of.episode(of_work)
            }
            None => {
                notice.episodes.is_empty()
                    && notice.components.contains(&component)
                    && since.is_none_or(|since| notice.at >= since)
                    && notice.at <= until
            }
        }
    })
}

/// The notice by which somebody was told of an episode first; else the newest that was to do so.
fn notice_of<'n>(episode: &EpisodeRecord, notices: &'n [StoredNotice]) -> Option<&'n StoredNotice> {
    telling(episode, notices)
        .find(|stored| taken_by(stored).is_some())
        .or_else(|| telling(episode, notices).last())
}

/// When somebody was told of an episode.
pub(super) fn at(episode: &EpisodeRecord, notices: &[StoredNotice]) -> Option<Timestamp> {
    let stored = notice_of(episode, notices)?;
    taken_by(stored).map(|_| stored.notice.at)
}

/// How long before the page this machine's own errors began.
pub(super) fn lead_of(episode: &EpisodeRecord, notices: &[StoredNotice]) -> Option<Duration> {
    notice_of(episode, notices)?.notice.lead_seconds.map(Duration::from_secs)
}

/// Whether somebody was told of an episode, when and how, or why not.
pub(super) fn of_episode(
    episode: &EpisodeRecord,
    notices: &[StoredNotice],
    stamp: impl Fn(Timestamp) -> String,
) -> String {
    let Some(stored) = notice_of(episode, notices) else {
        let (id, began) = (episode.id.as_deref(), episode.since_seen_at);
        let before =
            told_before(id, began, notices).filter(|_| episode.reason == Reason::AlreadyTold);
        return match before {
            Some(stored) if taken_by(stored).is_none() => {
                format!("not told: {}", became(stored, notices))
            }
            Some(_) | None => episode.reason.said().to_owned(),
        };
    };
    match taken_by(stored) {
        Some(sink) => {
            format!("told {} ({})", stamp(stored.notice.at), became_with(stored, sink, notices))
        }
        None => format!("not told: {}", became(stored, notices)),
    }
}

/// The newest notice that told of an episode up to a time, by which something of it counts as told
/// before: one that somebody took, where there is one.
fn told_before<'n>(
    episode: Option<&str>,
    until: Option<Timestamp>,
    notices: &'n [StoredNotice],
) -> Option<&'n StoredNotice> {
    let (episode, until) = (episode?, until?);
    let about = |stored: &&StoredNotice| {
        stored.notice.at <= until
            && stored.notice.kind.row().tells_of != TellsOf::None
            && stored.notice.episodes.iter().any(|id| id == episode)
    };
    let mut told = notices.iter().filter(about);
    let taken = told.clone().rfind(|stored| taken_by(stored).is_some());
    taken.or_else(|| told.next_back())
}

/// The notice after `since` that said that an episode is over.
fn back_of<'n>(
    episode: Option<&str>,
    since: Option<Timestamp>,
    notices: &'n [StoredNotice],
) -> Option<&'n StoredNotice> {
    let episode = episode?;
    notices.iter().find(|stored| {
        let about = stored.notice.episodes.iter().any(|id| id == episode);
        let later = since.is_none_or(|since| stored.notice.at >= since);
        stored.notice.kind == Kind::Back && about && later
    })
}

/// When somebody was told that an episode is over. That announced work is over is told quietly, and
/// that an outage in it is over is another message.
pub(super) fn back_at(episode: &EpisodeRecord, notices: &[StoredNotice]) -> Option<Timestamp> {
    let stored = back_of(episode.id.as_deref(), episode.since_seen_at, notices)?;
    let of_work = episode.worst == Level::Maintenance;
    let fits = of_work == (stored.notice.urgency == Urgency::Low);
    taken_by(stored).filter(|_| fits).map(|_| stored.notice.at)
}

/// The notice that told of a change of level: of the reading that showed it, or, of a recovery, the
/// one that came when it had settled.
fn notice_of_transition<'n>(
    it: &Transition,
    notices: &'n [StoredNotice],
) -> Option<&'n StoredNotice> {
    let episode = it.episode.as_ref()?;
    if it.to == Level::Operational {
        return back_of(Some(episode), Some(it.seen_at), notices);
    }
    let same = |stored: &&StoredNotice| {
        stored.notice.at == it.seen_at && stored.notice.episodes.contains(episode)
    };
    notices.iter().find(same).filter(|_| it.reason.tells())
}

/// When somebody was told of a change of level.
pub(super) fn transition_at(it: &Transition, notices: &[StoredNotice]) -> Option<Timestamp> {
    let stored = notice_of_transition(it, notices)?;
    taken_by(stored).map(|_| stored.notice.at)
}

/// Whether somebody was told of a change of level, and why or why not. A reason to tell is one only
/// where the notice got through.
pub(super) fn of_transition(
    it: &Transition,
    all: &[Transition],
    notices: &[StoredNotice],
    decisions: &[Decision],
) -> String {
    if let Some(stored) = notice_of_transition(it, notices) {
        return match taken_by(stored) {
            Some(_) => stored.notice.reason.said().to_owned(),
            None => format!("not told: {}", became(stored, notices)),
        };
    }
    if it.reason == Reason::AlreadyTold
        && let Some(stored) = told_before(it.episode.as_deref(), Some(it.seen_at), notices)
        && taken_by(stored).is_none()
    {
        return format!("not told: {}", became(stored, notices));
    }
    if it.reason != Reason::Settling {
        return it.reason.said().to_owned();
    }
    // What came of it was decided later.
    let later = |next: &&Transition| next.component == it.component && next.seen_at > it.seen_at;
    let fell = all.iter().find(later).filter(|next| next.episode == it.episode);
    let decided = decisions.iter().find(|decision| {
        decision.kind == Kind::Back && decision.at >= it.seen_at && decision.episode == it.episode
    });
    match (fell, decided) {
        (Some(_), _) => "not told: affected again before it had settled".to_owned(),
        (None, Some(decision)) => decision.reason.said().to_owned(),
        (None, None) => it.reason.said().to_owned(),
    }
}

/// What became of a notice with each sink.
pub(super) fn became(stored: &StoredNotice, notices: &[StoredNotice]) -> String {
    if stored.deliveries.is_empty() {
        return Sink::Desktop.became(DeliveryState::Logged).to_owned();
    }
    let words = stored.deliveries.keys().map(|sink| became_with(stored, *sink, notices));
    words.collect::<Vec<_>>().join("; ")
}

fn became_with(stored: &StoredNotice, sink: Sink, notices: &[StoredNotice]) -> String {
    let delivery = stored.deliveries.get(&sink);
    let state = delivery.map_or(DeliveryState::Logged, |delivery| delivery.state);
    let why = delivery.and_then(|delivery| delivery.why.as_deref());
    let why = why.or_else(|| kept_before(stored, sink, notices));
    sink.became_by(state, why.map(|why| sanitize::line(why, WHY)).as_deref())
}

/// Why the notice before of the same story wasn't taken: what ends a story that nobody was told of is
/// not given to the sink any more.
fn kept_before<'n>(
    stored: &StoredNotice,
    sink: Sink,
    notices: &'n [StoredNotice],
) -> Option<&'n str> {
    let notice = &stored.notice;
    let ends = notice.kind == Kind::Back && stored.state(sink) == Some(DeliveryState::Dropped);
    let before = |one: &&StoredNotice| {
        one.notice.thread == notice.thread && one.notice.at < notice.at && ends
    };
    notices.iter().rfind(before)?.deliveries.get(&sink)?.why.as_deref()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::store::StoredDelivery;
    use ccwatch_core::notice::Notice;
    use ccwatch_core::time::after;

    const EPISODE: &str = "x/1";

    fn at(seconds: u64) -> Timestamp {
        after(Timestamp::UNIX_EPOCH, Duration::from_secs(seconds))
    }

    fn stored(kind: Kind, seconds: u64, states: &[(Sink, DeliveryState)]) -> StoredNotice {
        let notice = Notice {
            key: format!("{}/{seconds}", kind.as_str()),
            at: at(seconds),
            kind,
            thread: "t".to_owned(),
            components: vec!["x".into()],
            episodes: vec![EPISODE.to_owned()],
            incident: None,
            title: String::new(),
            body: String::new(),
            urgency: Urgency::Normal,
            reason: if kind == Kind::Back { Reason::Recovered } else { Reason::NewOutage },
            lasted_seconds: None,
            lead_seconds: None,
            link: None,
        };
        let delivery = |state| StoredDelivery { state, at: at(seconds), unanswered: 0, why: None };
        let deliveries: BTreeMap<Sink, StoredDelivery> =
            states.iter().map(|(sink, state)| (*sink, delivery(*state))).collect();
        StoredNotice { notice, deliveries }
    }

    fn change(seconds: u64, to: Level, reason: Reason) -> Transition {
        let from = if to == Level::Operational { Level::Major } else { Level::Operational };
        Transition {
            at: at(seconds),
            seen_at: at(seconds),
            component: "x".into(),
            name: "X".to_owned(),
            from,
            to,
            incident: None,
            episode: Some(EPISODE.to_owned()),
            reason,
        }
    }

    fn record() -> EpisodeRecord {
        EpisodeRecord {
            id: Some(EPISODE.to_owned()),
            component: "x".into(),
            name: "X".to_owned(),
            since: Some(at(10)),
            since_seen_at: Some(at(10)),
            until: None,
            until_seen_at: None,
            unclear_since: None,
            worst: Level::Major,
            incident: None,
            reason: Reason::NewOutage,
        }
    }

    #[test]
    fn told_is_what_a_sink_took_and_else_it_says_why_not() {
        use DeliveryState::*;
        use Sink::{Desktop, Hook};
        for (states, expected) in [
            (&[(Desktop, Shown)][..], "told 10 (shown)"),
            (&[(Desktop, Dropped), (Hook, Shown)], "told 10 (hook run)"),
            (&[(Desktop, Uncertain)], "told 10 (maybe shown: no answer)"),
            (&[(Desktop, Pending)], "not told: waits for the screen"),
            (&[(Desktop, Dropped)], "not told: over before it could be shown"),
            (&[(Desktop, Merged)], "not told: a newer one took its place"),
            (&[], "not told: in the log only"),
        ] {
            let notices = [stored(Kind::Outage, 10, states)];
            let said = of_episode(&record(), &notices, |at| at.as_second().to_string());
            assert_eq!(said, expected, "{states:?}");
            let first = change(10, Level::Major, Reason::NewOutage);
            assert_eq!(
                is_told(&first, &notices),
                expected.starts_with("told"),
                "{states:?}: {expected}"
            );
        }
        let newer = [
            stored(Kind::Outage, 10, &[(Desktop, Merged)]),
            stored(Kind::Worse, 20, &[(Desktop, Shown)]),
        ];
        let said = of_episode(&record(), &newer, |at| at.as_second().to_string());
        assert_eq!(said, "told 20 (shown)", "by the newer one");
    }

    /// What was caught: a failing hook read as "a newer one took its place", a missing notification
    /// server as "over before it could be shown".
    #[test]
    fn why_nobody_was_told_is_what_the_sink_said() {
        for (sink, state, expected) in [
            (Sink::Desktop, DeliveryState::Dropped, "not told: pop-up not possible (no bus)"),
            (Sink::Hook, DeliveryState::Merged, "not told: hook failed (no bus)"),
            (Sink::Desktop, DeliveryState::Pending, "not told: waits for the screen (no bus)"),
            (Sink::Hook, DeliveryState::Uncertain, "not told: hook failed twice (no bus)"),
            (Sink::Desktop, DeliveryState::Uncertain, "told 10 (maybe shown: no answer)"),
            (Sink::Desktop, DeliveryState::Shown, "told 10 (shown)"),
        ] {
            let mut notice = stored(Kind::Outage, 10, &[(sink, state)]);
            notice.deliveries.get_mut(&sink).unwrap().why = Some("no\u{1b}[31m bus".to_owned());
            let said = of_episode(&record(), &[notice], |at| at.as_second().to_string());
            assert_eq!(said, expected);
        }
    }

    /// Finding: a *back* that was never given to a desktop that isn't there was "over before".
    #[test]
    fn the_end_of_what_nobody_was_told_of_has_the_cause_of_its_beginning() {
        let dropped = &[(Sink::Desktop, DeliveryState::Dropped)][..];
        let mut notices = [stored(Kind::Outage, 10, dropped), stored(Kind::Back, 20, dropped)];
        assert_eq!(became(&notices[1], &notices), "over before it could be shown");
        notices[0].deliveries.get_mut(&Sink::Desktop).unwrap().why = Some("no bus".to_owned());
        assert_eq!(became(&notices[1], &notices), "pop-up not possible (no bus)");
    }

    /// What was caught: an outage inside announced work was "told" before it began.
    #[test]
    fn announced_work_and_the_outage_in_it_are_told_apart() {
        let shown = &[(Sink::Desktop, DeliveryState::Shown)][..];
        let low = |mut stored: StoredNotice| {
            stored.notice.urgency = Urgency::Low;
            stored
        };
        let notices = [
            low(stored(Kind::Maintenance, 10, shown)),
            stored(Kind::Outage, 20, shown),
            stored(Kind::Back, 60, shown),
        ];
        let part = |worst, since, until| EpisodeRecord {
            worst,
            since_seen_at: Some(at(since)),
            until_seen_at: Some(at(until)),
            reason: Reason::AlreadyTold,
            ..record()
        };
        for (one, told, back) in [
            (part(Level::Maintenance, 10, 20), "told 10 (shown)", None),
            (part(Level::Major, 20, 30), "told 20 (shown)", Some(at(60))),
            (part(Level::Maintenance, 30, 60), "told before", None),
        ] {
            assert_eq!(of_episode(&one, &notices, |at| at.as_second().to_string()), told);
            assert_eq!(back_at(&one, &notices), back, "{told}");
        }
        // Finding: "told before", where it was decided before and reached nobody.
        let dropped = &[(Sink::Desktop, DeliveryState::Dropped)][..];
        let before = [stored(Kind::Outage, 20, dropped)];
        let part = part(Level::Maintenance, 30, 60);
        let said = of_episode(&part, &before, |at| at.as_second().to_string());
        assert_eq!(said, "not told: over before it could be shown");
        let milder = change(30, Level::Partial, Reason::AlreadyTold);
        let said = of_transition(&milder, &[], &before, &[]);
        assert_eq!(said, "not told: over before it could be shown");
    }

    fn is_told(it: &Transition, notices: &[StoredNotice]) -> bool {
        transition_at(it, notices).is_some()
    }

    #[test]
    fn a_recovery_reads_as_what_came_of_it() {
        let back = change(30, Level::Operational, Reason::Settling);
        let shown = [stored(Kind::Back, 60, &[(Sink::Desktop, DeliveryState::Shown)])];
        assert_eq!(of_transition(&back, &[], &shown, &[]), "told: it is back");
        assert_eq!(back_at(&record(), &shown), Some(at(60)));
        let again = change(40, Level::Major, Reason::AlreadyTold);
        assert_eq!(
            of_transition(&back, &[again], &[], &[]),
            "not told: affected again before it had settled"
        );
        let decision = Decision {
            at: at(60),
            kind: Kind::Back,
            reason: Reason::NeverTold,
            component: Some("x".into()),
            name: "X".to_owned(),
            episode: Some(EPISODE.to_owned()),
            incident: None,
            notice: None,
        };
        assert_eq!(
            of_transition(&back, &[], &[], &[decision]),
            "not told: its beginning wasn't either"
        );
        assert_eq!(of_transition(&back, &[], &[], &[]), Reason::Settling.said(), "not yet");
    }
}
