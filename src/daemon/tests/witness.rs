//! Who sees everything from outside, and objects.

use ccwatch_core::notice::sink::Sink;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rusqlite::Connection;

use ccwatch_core::model::{ComponentId, Level, PageStatus, Snapshot};
use ccwatch_core::monitor::{Record, Transition};
use ccwatch_core::notice::kind::{Kind, Reason};
use ccwatch_core::notice::{DeliveryState, Notice};
use ccwatch_core::state::component::Component;
use ccwatch_core::time::between;

/// What happened, for the summary, and so that a run in which nothing happens fails.
#[derive(Debug, Default, Clone)]
pub(super) struct Counts {
    pub(super) readings: usize,
    pub(super) failed: usize,
    pub(super) notices: usize,
    pub(super) calls: usize,
    pub(super) repeats: usize,
    pub(super) kills: usize,
    pub(super) hooks: usize,
    pub(super) hook_failures: usize,
    pub(super) hook_repeats: usize,
    pub(super) hook_allowed: usize,
    pub(super) unwritten: usize,
    /// Old copies of the page that were served.
    pub(super) stale: usize,
    pub(super) reloads: usize,
    pub(super) mutes: usize,
    /// Restarts of the notification server.
    pub(super) servers: usize,
    /// Repeats that the promise allows.
    pub(super) allowed: usize,
    pub(super) kinds: BTreeMap<&'static str, usize>,
}

#[derive(Default)]
pub(super) struct Witness {
    pub(super) counts: Counts,
    /// Who the user was told is affected, by what was written down.
    open: BTreeSet<ComponentId>,
    /// Records that are not written down yet.
    staged: Vec<(String, Kind, Vec<ComponentId>)>,
    /// How often each notice was given to the screen.
    calls: BTreeMap<String, usize>,
    /// Repeats that the promise allows: killed inside the delivery, or not answered.
    allowed: BTreeMap<String, usize>,
    unanswered: BTreeSet<String>,
    /// The same for the user's hook.
    hook: Calls,
    /// Given to the screen, and not written down as such yet.
    unmarked: BTreeSet<String>,
    marked_next: BTreeSet<String>,
    /// Until when the user wanted silence.
    pub(super) muted_until: Option<Timestamp>,
    /// Who was named in a message about others.
    named: BTreeSet<ComponentId>,
    /// At the last reading there was silence, or what is watched changed after it.
    pub(super) excused: bool,
    /// Since when every reading shows a component operational.
    green: BTreeMap<ComponentId, Timestamp>,
    /// The same for maintenance.
    in_work: BTreeMap<ComponentId, Timestamp>,
}

/// Who was called how often for what.
#[derive(Default)]
struct Calls {
    made: BTreeMap<String, usize>,
    allowed: BTreeMap<String, usize>,
    unmarked: BTreeSet<String>,
    marked_next: BTreeSet<String>,
}

fn status(page: &Snapshot, id: &ComponentId) -> Option<PageStatus> {
    page.components.iter().find(|row| row.id == *id).map(|row| row.status.clone())
}

fn reported(page: &Snapshot, id: &ComponentId) -> bool {
    page.incidents.iter().flatten().any(|incident| incident.names(id))
}

impl Witness {
    /// A record, while the page looks like this and was just read, or could not be.
    pub(super) fn record(&mut self, record: &Record, page: Option<&Snapshot>, now: Timestamp) {
        match record {
            Record::Transition(change) => {
                let page = page.unwrap_or_else(|| panic!("a failure is no news: {change:?}"));
                true_level(change, page);
            }
            Record::Notice(notice) => self.notice(notice, page, now),
            Record::Delivery { sink: Sink::Hook, step }
                if step.progress != DeliveryState::Pending || step.unanswered > 0 =>
            {
                self.hook.marked_next.insert(step.key.clone());
            }
            Record::Delivery { sink: Sink::Desktop, step }
                if step.progress != DeliveryState::Pending || step.unanswered > 0 =>
            {
                self.marked_next.insert(step.key.clone());
            }
            _ => {}
        }
    }

    /// The page was read.
    pub(super) fn read(&mut self, page: &Snapshot, now: Timestamp) {
        let Self { green, in_work, .. } = self;
        for (since, word) in [(green, PageStatus::Operational), (in_work, PageStatus::Maintenance)]
        {
            for row in &page.components {
                if row.status == word {
                    since.entry(row.id.clone()).or_insert(now);
                } else {
                    since.remove(&row.id);
                }
            }
        }
    }

    /// Whether somebody asked for silence at this time.
    pub(super) fn may_be_muted(&self, now: Timestamp) -> bool {
        self.muted_until.is_some_and(|until| now < until)
    }

    fn notice(&mut self, notice: &Notice, page: Option<&Snapshot>, now: Timestamp) {
        self.counts.notices += 1;
        *self.counts.kinds.entry(notice.kind.as_str()).or_default() += 1;
        // What is in maintenance after an outage is not over: its end is to be told.
        let in_work = matches!(notice.reason, Reason::WorkGoesOn | Reason::MaintenanceOver);
        if !(notice.kind == Kind::Back && in_work) {
            self.staged.push((notice.key.clone(), notice.kind, notice.components.clone()));
        }
        let Some(page) = page else {
            return assert_eq!(notice.kind, Kind::LostSight, "a failure is no news: {notice:?}");
        };
        for id in &notice.components {
            let word = status(page, id);
            match notice.kind {
                Kind::Back => {
                    let (well, since) = match notice.reason {
                        _ if in_work => (PageStatus::Maintenance, &self.in_work),
                        _ => (PageStatus::Operational, &self.green),
                    };
                    assert_eq!(word, Some(well), "{notice:?}");
                    let row = page.components.iter().find(|row| row.id == *id).unwrap();
                    let (said, seen) = (row.updated_at.unwrap(), since[id]);
                    let green = between(said.min(seen), now);
                    assert!(green.as_secs() >= 30, "not settled: {green:?}, {notice:?}");
                }
                Kind::ComponentGone => assert_eq!(word, None, "{notice:?}"),
                Kind::Maintenance => assert_eq!(word, Some(PageStatus::Maintenance), "{notice:?}"),
                Kind::Outage | Kind::Worse => {
                    let red = word.is_some_and(|w| w.level().is_worse_than(Level::Operational));
                    assert!(red || reported(page, id), "invented: {notice:?}");
                }
                Kind::FixOut => assert_ne!(word, Some(PageStatus::Operational), "{notice:?}"),
                _ => {}
            }
        }
    }

    /// Everything so far is in the database.
    pub(super) fn written(&mut self) {
        for (key, kind, components) in std::mem::take(&mut self.staged) {
            for id in components {
                match kind {
                    Kind::Outage | Kind::Worse | Kind::Maintenance => drop(self.open.insert(id)),
                    Kind::FixOut => assert!(self.open.contains(&id), "a fix of nothing: {key}"),
                    Kind::Back => {
                        let named = self.named.remove(&id);
                        assert!(self.open.remove(&id) || named, "back from nothing: {key}");
                    }
                    Kind::ComponentGone => {
                        self.named.remove(&id);
                        self.open.remove(&id);
                    }
                    _ => {}
                }
            }
        }
        for key in std::mem::take(&mut self.marked_next) {
            self.unmarked.remove(&key);
        }
        for key in std::mem::take(&mut self.hook.marked_next) {
            self.hook.unmarked.remove(&key);
        }
    }

    /// What was told, what is remembered as told, and what is affected are one. Who does not want
    /// to hear of a component any more does not wait for its end.
    pub(super) fn complete(&mut self, components: &[Component]) {
        for component in components {
            let told = component.episode().and_then(|episode| episode.told.as_ref());
            // Who was only named beside others, in spite of a mute, may be told to be back, too.
            if told.is_some_and(|told| told.level == Level::Operational) {
                self.named.insert(component.id.clone());
            }
            let told = told.is_some_and(|told| told.level != Level::Operational);
            if component.watched.is_none() {
                if !told {
                    self.open.remove(&component.id);
                }
                continue;
            }
            assert_eq!(self.open.contains(&component.id), told, "lost or repeated: {component:?}");
            let unclear = component.level == Level::Unknown;
            let silent = component.affected().is_none() || self.excused || unclear;
            assert!(told || silent, "affected, not told: {component:?}");
        }
    }

    /// The screen was called.
    pub(super) fn called(&mut self, key: &str) {
        self.counts.calls += 1;
        self.unmarked.insert(key.to_owned());
        let calls = self.calls.entry(key.to_owned()).or_default();
        *calls += 1;
        self.counts.repeats += usize::from(*calls > 1);
        let allowed = 1 + self.allowed.get(key).copied().unwrap_or(0);
        assert!(*calls <= allowed, "told {calls} times, allowed {allowed}: {key}");
    }

    /// The hook was run.
    pub(super) fn hooked(&mut self, key: &str) {
        self.counts.hooks += 1;
        self.hook.unmarked.insert(key.to_owned());
        let runs = self.hook.made.entry(key.to_owned()).or_default();
        *runs += 1;
        self.counts.hook_repeats += usize::from(*runs > 1);
        let allowed = 1 + self.hook.allowed.get(key).copied().unwrap_or(0);
        assert!(*runs <= allowed, "run {runs} times, allowed {allowed}: {key}");
    }

    /// It failed: one repeat is allowed.
    pub(super) fn hook_failed(&mut self, key: &str) {
        self.counts.hook_failures += 1;
        self.counts.hook_allowed += 1;
        *self.hook.allowed.entry(key.to_owned()).or_default() += 1;
    }

    /// A call was not answered: one repeat is allowed.
    pub(super) fn unanswered(&mut self, key: &str) {
        if self.unanswered.insert(key.to_owned()) {
            *self.allowed.entry(key.to_owned()).or_default() += 1;
            self.counts.allowed += 1;
        }
    }

    pub(super) fn killed(&mut self) {
        self.counts.kills += 1;
        self.staged.clear();
        self.marked_next.clear();
        self.hook.marked_next.clear();
        for key in std::mem::take(&mut self.hook.unmarked) {
            *self.hook.allowed.entry(key).or_default() += 1;
            self.counts.hook_allowed += 1;
        }
        for key in std::mem::take(&mut self.unmarked) {
            *self.allowed.entry(key).or_default() += 1;
            self.counts.allowed += 1;
        }
    }

    /// The database: each component's changes follow on each other without a gap up to its level,
    /// and each notice came as far as it must.
    pub(super) fn database(&self, db: &Connection, quiet: bool) {
        let text = |sql: &str| -> Vec<Vec<String>> {
            let mut statement = db.prepare(sql).unwrap();
            let columns = statement.column_count();
            let rows = statement
                .query_map([], |row| (0..columns).map(|at| row.get::<_, String>(at)).collect());
            rows.unwrap().collect::<Result<_, _>>().unwrap()
        };
        assert_eq!(text("PRAGMA integrity_check"), [["ok"]]);
        let mut levels: BTreeMap<String, String> = BTreeMap::new();
        for row in text("SELECT component, from_level, to_level FROM transitions ORDER BY id") {
            let before = levels.insert(row[0].clone(), row[2].clone());
            let before = before.unwrap_or_else(|| Level::Unknown.as_str().to_owned());
            assert_eq!(before, row[1], "a change of {} is missing, or there twice", row[0]);
        }
        for row in text("SELECT id, level FROM components") {
            let unknown = Level::Unknown.as_str().to_owned();
            assert_eq!(*levels.get(&row[0]).unwrap_or(&unknown), row[1], "the last of {}", row[0]);
        }
        let rows = text(
            "SELECT key, thread, coalesce(desktop.state, 'logged'), kind,
                 coalesce(hook.state, 'none')
             FROM notices
             LEFT JOIN deliveries desktop ON desktop.notice = key AND desktop.sink = 'desktop'
             LEFT JOIN deliveries hook ON hook.notice = key AND hook.sink = 'hook'
             ORDER BY notices.id",
        );
        self.hook_database(&rows, quiet);
        let heard = |row: &[String]| row[2] == "shown" || row[2] == "unanswered";
        for (at, row) in rows.iter().enumerate() {
            let same = |other: &&Vec<String>| other[1] == row[1];
            assert!(!heard(row) || self.calls.contains_key(&row[0]), "never shown: {row:?}");
            match row[2].as_str() {
                "pending" => assert!(!quiet, "not delivered: {row:?}"),
                "merged" if quiet => {
                    let newer = rows[at + 1..].iter().filter(same).any(|r| heard(r));
                    let older = self.calls.contains_key(&row[0]);
                    assert!(newer || older, "lost: {row:?}");
                }
                "dropped" if row[3] != "lost_sight" => {
                    let seen = rows[..at].iter().filter(same).any(|r| heard(r));
                    assert!(!seen || row[3] != "back", "the end was dropped: {row:?}");
                }
                _ => {}
            }
        }
    }

    /// With the hook each notice comes as far as with the screen, or a newer one of its thread does.
    fn hook_database(&self, rows: &[Vec<String>], quiet: bool) {
        let heard = |row: &[String]| row[4] == "shown" || row[4] == "unanswered";
        for (at, row) in rows.iter().enumerate() {
            assert!(!heard(row) || self.hook.made.contains_key(&row[0]), "never run: {row:?}");
            match row[4].as_str() {
                "none" => panic!("the hook was forgotten: {row:?}"),
                "pending" => assert!(!quiet, "the hook was not run: {row:?}"),
                "merged" if quiet => {
                    let newer = rows[at + 1..].iter().any(|r| r[1] == row[1] && heard(r));
                    assert!(newer || self.hook.made.contains_key(&row[0]), "lost: {row:?}");
                }
                "dropped" if row[3] != "lost_sight" => {
                    let heard = rows[..at].iter().any(|r| r[1] == row[1] && heard(r));
                    assert!(!heard || row[3] != "back", "the end was dropped: {row:?}");
                }
                _ => {}
            }
        }
    }

    /// Who was told of an outage and never of its end.
    pub(super) fn waiting(&self) -> usize {
        self.open.len()
    }
}

/// The page says so in this very reading.
fn true_level(change: &Transition, page: &Snapshot) {
    let word = status(page, &change.component);
    let right = match (change.to, &word) {
        (Level::Reported, Some(PageStatus::Operational)) => reported(page, &change.component),
        (to, Some(word)) => to == word.level(),
        (to, None) => to == Level::Unknown,
    };
    assert!(right, "the page says {word:?}: {change:?}");
}
