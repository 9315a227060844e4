//! What the user does not want to hear of for a while.

use jiff::Timestamp;
use serde::Serialize;

use crate::model::IncidentId;

/// One wish for silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mute {
    /// The incident that it is about; none: everything.
    pub incident: Option<IncidentId>,
    /// When it ends; none: with its incident.
    pub until: Option<Timestamp>,
    /// What of an ending is told all the same.
    pub end: End,
    /// Since when.
    pub since: Timestamp,
}

/// Whether the end of something muted is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// If its beginning was told: who waits for the end must not wait for ever.
    IfTold,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl End {
    /// The word used in JSON and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::IfTold => "if_told",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

impl Mute {
    /// Whether it is not over by its own time.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    fn covers(&self, incident: Option<&IncidentId>) -> bool {
        self.incident.is_none() || self.incident.as_ref() == incident
    }
}

/// The mute that silences what is explained by `incident`; that of the incident itself goes first.
pub fn covering<'a>(
    mutes: &'a [Mute],
    incident: Option<&IncidentId>,
    now: Timestamp,
) -> Option<&'a Mute> {
    let covering = mutes.iter().filter(|mute| mute.holds(now) && mute.covers(incident));
    covering.max_by_key(|mute| mute.incident.is_some())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::monitor::Input;
    use crate::notice::kind::{Kind, Reason};
    use crate::testing::{API, CODE, Harness};
    use crate::time::after;

    fn hush(harness: &mut Harness, minutes: u64, end: End) {
        let until = after(harness.now, Duration::from_secs(minutes * 60));
        let mute = Mute { incident: None, until: Some(until), end, since: harness.now };
        harness.give(Input::Muted(vec![mute]));
    }

    fn hush_incident(harness: &mut Harness, id: &str, end: End) {
        let mute = Mute { incident: Some(id.into()), until: None, end, since: harness.now };
        harness.give(Input::Muted(vec![mute]));
    }

    #[test]
    fn an_outage_that_lasts_longer_than_the_mute_is_told_when_the_mute_ends() {
        let mut harness = Harness::watching();
        hush(&mut harness, 60, End::IfTold);
        harness.wait(60).status(CODE, "partial_outage").polls();
        assert_eq!(harness.transitions.last().unwrap().reason, Reason::Muted);
        for _ in 0..58 {
            harness.wait(60).polls().restart();
        }
        assert_eq!(harness.take(), []);
        harness.wait(60).polls();
        assert_eq!(harness.titles(), ["Partial outage: Claude Code"]);
        harness.wait(60).status(CODE, "operational").polls().wait(60).polls();
        assert_eq!(harness.take(), [Kind::Back]);
    }

    #[test]
    fn a_level_that_the_page_no_longer_shows_is_not_told_when_the_mute_ends() {
        for (word, title) in [
            ("major_outage", "Major outage: Claude Code"),
            ("under_maintenance", "Maintenance: Claude Code"),
        ] {
            let mut harness = Harness::watching();
            hush(&mut harness, 10, End::IfTold);
            harness.wait(60).status(CODE, word).polls();
            harness.wait(60).status(CODE, "on_fire").polls().wait(1200).polls();
            assert_eq!(harness.take(), [], "what it is now is not known");
            harness.wait(60).status(CODE, word).polls();
            assert_eq!(harness.titles(), [title]);
        }
    }

    #[test]
    fn the_end_of_what_was_told_is_never_lost_unless_that_is_asked_for() {
        for (end, told) in
            [(End::IfTold, vec![Kind::Back]), (End::Always, vec![Kind::Back]), (End::Never, vec![])]
        {
            let mut harness = Harness::watching();
            harness.wait(60).status(CODE, "partial_outage").polls();
            assert_eq!(harness.take(), [Kind::Outage]);
            hush(&mut harness, 600, end);
            harness.wait(60).status(CODE, "major_outage").polls().restart();
            harness.wait(60).incident("a", "monitoring", &[CODE]).polls().wait(60).polls();
            assert_eq!(harness.take(), [], "neither worse nor the fix");
            harness.status(CODE, "operational").polls().wait(60).polls();
            assert_eq!(harness.take(), told, "{end:?}");
        }
    }

    #[test]
    fn the_end_of_what_was_muted_is_told_only_if_asked_for() {
        for (end, told) in
            [(End::IfTold, vec![]), (End::Always, vec![Kind::Back]), (End::Never, vec![])]
        {
            let mut harness = Harness::watching();
            hush(&mut harness, 600, end);
            harness.wait(60).status(CODE, "partial_outage").polls().restart();
            harness.wait(60).status(CODE, "operational").polls();
            // Over before the recovery is settled: the wish is remembered with the outage.
            harness.give(Input::Muted(Vec::new())).wait(60).polls();
            assert_eq!(harness.take(), told, "{end:?}");
        }
    }

    #[test]
    fn a_muted_incident_silences_only_what_it_explains() {
        let mut harness = Harness::watching();
        harness.wait(60).incident("a", "identified", &[CODE]);
        hush_incident(&mut harness, "a", End::Always);
        harness.status(CODE, "partial_outage").polls();
        assert_eq!(harness.take(), []);
        harness.wait(60).status(API, "degraded_performance").polls();
        assert_eq!(harness.titles(), ["Degraded: Claude API"]);
        harness.wait(60).incident("a", "resolved", &[]).status(CODE, "operational").polls();
        harness.wait(60).polls();
        assert_eq!(harness.titles(), ["Back: Claude Code; still affected: Claude API"]);
        assert_eq!(harness.monitor.state().mutes(harness.now).count(), 0, "over with its incident");
    }

    #[test]
    fn lost_sight_is_muted_and_told_when_the_mute_ends() {
        let mut harness = Harness::watching();
        harness.wait(60).status(CODE, "partial_outage").polls().take();
        hush(&mut harness, 30, End::IfTold);
        for _ in 0..29 {
            harness.wait(60).fails(crate::model::FailureKind::Dns);
        }
        assert_eq!(harness.take(), []);
        harness.wait(60).fails(crate::model::FailureKind::Dns);
        assert_eq!(harness.take(), [Kind::LostSight]);
    }
}
