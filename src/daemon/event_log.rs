//! The log of the daemon: changes that a user would notice at INFO, polls at DEBUG.

use jiff::Timestamp;

use crate::render::sanitize;
use crate::sinks::desktop;
use ccwatch_core::model::{FailureKind, Level, Reading};
use ccwatch_core::monitor::{Input, Monitor, Record};
use ccwatch_core::notice::DeliveryState;
use ccwatch_core::notice::sink::Sink;
use ccwatch_core::text;
use ccwatch_core::text::summary;
use ccwatch_core::time::between;

/// The longest piece of foreign text in a line of the log, in characters.
const LONGEST: usize = 300;

/// Says each thing once, not at every poll.
#[derive(Debug, Default)]
pub(super) struct EventLog {
    failing: Option<FailureKind>,
    odd: Vec<String>,
    unmatched: Vec<String>,
    no_popups: Option<String>,
    /// The page was read, and what it says was told once.
    has_read: bool,
    has_said: bool,
}

impl EventLog {
    /// Tells that there can be no pop-ups now, and why, or that there can.
    pub(super) fn popups(&mut self, why: Option<&str>) {
        if self.no_popups.as_deref() == why {
            return;
        }
        self.no_popups = why.map(str::to_owned);
        match why {
            Some(why) => {
                tracing::info!("pop-ups aren't possible here ({why}): {}", desktop::instead());
            }
            None => tracing::info!("pop-ups are possible now"),
        }
    }

    /// Tells of an answer before the core takes it in.
    pub(super) fn before(&mut self, input: &Input) {
        self.has_read |=
            matches!(input, Input::Polled { reading: Reading::Fresh(_) | Reading::Unchanged, .. });
        match input {
            Input::Polled { reading: Reading::Fresh(snapshot), .. } => {
                tracing::debug!(components = snapshot.components.len(), "the page was read");
                if !snapshot.oddities.is_empty() && snapshot.oddities != self.odd {
                    let odd = sanitize::line(&snapshot.oddities.join("; "), LONGEST);
                    tracing::warn!("parts of the page are not understood: {odd}");
                }
                self.odd.clone_from(&snapshot.oddities);
            }
            Input::Polled { reading: Reading::Unchanged, .. } => {
                tracing::debug!("the page is unchanged");
            }
            Input::HistoryRead(Ok(list)) => {
                tracing::debug!(incidents = list.len(), "the history was read");
            }
            Input::HistoryRead(Err(failure)) => {
                let detail = sanitize::line(&failure.detail, LONGEST);
                let kind = failure.kind.as_str();
                tracing::debug!(kind, detail, "the history could not be read");
            }
            _ => {}
        }
    }

    /// Tells what the core made of it.
    pub(super) fn after(&mut self, now: Timestamp, monitor: &Monitor) {
        self.page_health(now, monitor);
        self.first_reading(now, monitor);
        let unmatched = &monitor.state().page_health().unmatched;
        if *unmatched != self.unmatched && !unmatched.is_empty() {
            let listed = monitor.state().components().iter().filter(|c| c.is_listed());
            let has: Vec<&str> = listed.map(|c| c.shown_name()).collect();
            let has = sanitize::line(&has.join(", "), LONGEST);
            for name in unmatched {
                let name = sanitize::line(name, LONGEST);
                tracing::warn!("watch.components: the page has no {name:?}; it has: {has}");
            }
        }
        self.unmatched.clone_from(unmatched);
    }

    /// From then on only changes are told.
    fn first_reading(&mut self, now: Timestamp, monitor: &Monitor) {
        let readable = monitor.state().page_health().failing.is_none();
        if self.has_said || !self.has_read || !readable {
            return;
        }
        self.has_said = true;
        let line = summary::line(monitor.state(), false, now);
        tracing::info!("the page says now: {}", sanitize::line(&line, LONGEST));
    }

    fn page_health(&mut self, now: Timestamp, monitor: &Monitor) {
        match (&monitor.state().page_health().failing, self.failing) {
            (Some(run), before) if before != Some(run.kind) => {
                let (what, hint) = text::failure(run.kind);
                let detail = sanitize::line(&run.detail, LONGEST);
                tracing::warn!("{what} ({detail}); {hint}");
                self.failing = Some(run.kind);
            }
            (Some(run), _) => {
                let detail = sanitize::line(&run.detail, LONGEST);
                let blind = text::duration(between(run.since, now));
                let kind = run.kind.as_str();
                tracing::debug!(kind, detail, tries = run.count, blind, "still no reading");
            }
            (None, Some(_)) => {
                tracing::info!("the page can be read again");
                self.failing = None;
            }
            (None, None) => {}
        }
    }

    /// Tells of what is written down.
    pub(super) fn recorded(&self, record: &Record) {
        match record {
            Record::Transition(it) => {
                let name = sanitize::line(&it.name, LONGEST);
                let (from, to, reason) = (it.from.as_str(), it.to.as_str(), it.reason.as_str());
                if it.from == Level::Unknown && it.to == Level::Operational {
                    tracing::debug!("{name}: {to}");
                } else {
                    tracing::info!(reason, "{name}: {from} -> {to}");
                }
            }
            Record::Notice(notice) | Record::Reworded(notice) => {
                let title = sanitize::line(&notice.title, LONGEST);
                let body = sanitize::line(&notice.body, LONGEST);
                let kind = notice.kind.as_str();
                tracing::info!(kind, reason = notice.reason.as_str(), "{title}. {body}");
            }
            Record::Removed { incident, .. } => {
                let incident = sanitize::line(&incident.0, LONGEST);
                tracing::info!("incident {incident} was taken off the page");
            }
            Record::LocalError(error) => {
                let kind = sanitize::line(&error.kind, 40);
                tracing::info!(status = error.status, kind, "an API error on this machine");
            }
            Record::Delivery { sink, step } => {
                let (name, progress) = (sink.as_str(), step.progress.as_str());
                tracing::debug!(key = step.key, sink = name, progress, "delivery");
                if *sink == Sink::Hook && step.progress == DeliveryState::Uncertain {
                    tracing::warn!("the hook failed twice for a notice: it is not tried again");
                }
            }
            Record::Decision(decision) => {
                let (kind, reason) = (decision.kind.as_str(), decision.reason.as_str());
                tracing::debug!(kind, reason, "decision");
            }
            Record::Incident(incident) => {
                let (id, phase) = (sanitize::line(&incident.id.0, 64), incident.phase.as_str());
                tracing::debug!(id, phase = sanitize::line(phase, 40), "incident");
            }
        }
    }
}
