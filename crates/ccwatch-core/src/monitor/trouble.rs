//! What there is to tell of the page itself: that it can be reached and not be used, that this is
//! over, and that it never listed what the user watches.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use jiff::Timestamp;

use crate::decide::decision::{Beginning, Candidate, decide};
use crate::notice::kind::{Kind, Reason};
use crate::notice::sink::Sink;
use crate::text;
use crate::time::between;

use super::Monitor;
use super::draft::Draft;

/// So long the page must be in trouble before it is told.
const TROUBLE_LASTS: Duration = Duration::from_secs(3600);

impl Monitor {
    /// The page can't be read: told once, while an outage that was told is open.
    pub(super) fn tell_lost_sight(&mut self, now: Timestamp) {
        let Some(run) = self.state.page_health.failing.clone() else { return };
        let blind = between(run.since, now) >= self.state.settings.stale_after
            && !self.state.page_health.is_current(now, self.state.settings.stale_after);
        let places = self.places(|c| c.episode().is_some_and(|e| e.outage_thread().is_some()));
        if !blind || places.is_empty() {
            return;
        }
        let told = self.state.page_health.lost_told;
        let news = if told { Reason::AlreadyTold } else { Reason::PageUnreadable };
        let reason = self.judge_other(now, Kind::LostSight, news);
        if !reason.tells() {
            let news = self.state.page_health.lost_decided.replace(reason) != Some(reason);
            if news && reason != Reason::AlreadyTold {
                self.note_other(now, Kind::LostSight, reason, None, None);
            }
            return;
        }
        let since = self.state.page_health.last_good.unwrap_or(run.since);
        // A bubble of its own: that of the outage goes on saying what is known of it.
        let draft = self.draft(Kind::LostSight, Reason::PageUnreadable, &places);
        let text =
            self.scene(now, &places, None, |scene| text::lost_sight(&scene, since, run.kind));
        self.state.page_health.lost_told = true;
        self.send(now, draft, text);
    }

    /// PageHealth is back before the user was told that it was lost.
    pub(super) fn withdraw_lost_sight(&mut self) {
        self.withdraw(Kind::LostSight);
    }

    /// The page moved, is another one, refuses us or lists nothing, for an hour, while our network
    /// works: told once. While something is affected, lost sight is what is told.
    pub(super) fn tell_page_trouble(&mut self, now: Timestamp) {
        let Some(trouble) = self.state.page_health.trouble.clone() else { return };
        let newest = self.state.page_health.failing.as_ref().map(|run| run.kind);
        let goes_on = newest == Some(trouble.kind);
        let lasts = between(trouble.since, now) >= TROUBLE_LASTS;
        if goes_on && trouble.told.is_some() {
            for sink in Sink::ALL {
                self.outboxes.of_mut(sink).release(Kind::PageTrouble);
            }
        }
        if !goes_on || !lasts || trouble.told.is_some() || self.open_thread().is_some() {
            return;
        }
        let reason = self.judge_other(now, Kind::PageTrouble, Reason::PageTrouble);
        let told = reason.tells().then(|| {
            let draft = self.draft(Kind::PageTrouble, reason, &[]);
            let zone = &self.state.settings.zone;
            let text = text::page_trouble(trouble.kind, trouble.since, now, zone);
            self.send(now, draft, text)
        });
        if told.is_none() && trouble.decided != Some(reason) {
            self.note_other(now, Kind::PageTrouble, reason, None, None);
        }
        if let Some(kept) = &mut self.state.page_health.trouble {
            (kept.told, kept.decided) = (told, Some(reason));
        }
    }

    /// The page can be read again: told to whoever was told that it could not be used.
    pub(super) fn tell_page_readable(&mut self, now: Timestamp) {
        let Some(trouble) = self.state.page_health.trouble.take() else { return };
        let Some(thread) = trouble.told else { return };
        let candidate = Candidate {
            kind: Kind::PageReadable,
            news: Reason::PageReadable,
            watched: true,
            begins_at: None,
            other_models: false,
            muted: self.state.mute_of(now, None).map(|mute| mute.end),
            beginning: Beginning::Awaited,
            wanted: None,
        };
        let reason = decide(&candidate, &self.state.settings);
        if !reason.tells() {
            return self.note_other(now, Kind::PageReadable, reason, None, None);
        }
        let draft = Draft {
            thread: Some(thread),
            ends: true,
            ..self.draft(Kind::PageReadable, reason, &[])
        };
        let text = text::page_readable(trouble.since, now, &self.state.settings.zone);
        self.send(now, draft, text);
    }

    /// Entries of the watch list to which nothing on the page ever answered, as two readings agree:
    /// each is told once. What was there and vanished is told as a component that is gone.
    pub(super) fn tell_not_listed(&mut self, now: Timestamp) {
        let health = &mut self.state.page_health;
        let unmatched = health.unmatched.clone();
        health.unmatched_told.retain(|entry| unmatched.contains(entry));
        let before = core::mem::replace(&mut health.unmatched_before, unmatched.clone());
        let told = &health.unmatched_told;
        let new = |entry: &String| before.contains(entry) && !told.contains(entry);
        let entries: Vec<String> = unmatched.into_iter().filter(new).collect();
        if entries.is_empty() {
            return;
        }
        let reason = self.judge_other(now, Kind::ComponentGone, Reason::NotListed);
        let decided = self.state.page_health.unmatched_decided.replace(reason);
        if !reason.tells() {
            if decided != Some(reason) {
                self.note_other(now, Kind::ComponentGone, reason, None, None);
            }
            return;
        }
        let names: Vec<&str> = entries.iter().map(String::as_str).collect();
        let text = text::not_listed(&names);
        let draft = self.draft(Kind::ComponentGone, reason, &[]);
        self.send(now, draft, text);
        self.state.page_health.unmatched_told.extend(entries);
    }
}

#[cfg(test)]
mod tests;
