//! The questions of the query commands, and who may be in the way.

use ccwatch_core::notice::sink::Sink;
use ccwatch_core::persist::StoredWord;
use jiff::Timestamp;
use rusqlite::Connection;

use crate::store::value::Word;
use crate::store::{Reader, Store, StoreError};
use ccwatch_core::model::{ComponentId, IncidentId, Level};
use ccwatch_core::notice::kind::{Kind, Reason};
use ccwatch_core::notice::{DeliveryState, Urgency};

use super::play::{Play, at, incident, old_incident, play_all, script};
use super::{database, dir, open, reader};

#[test]
fn history_comes_back_as_it_was_recorded() {
    let dir = dir();
    let play = play_all(&mut open(dir.path()));
    let reader = reader(dir.path());
    assert_eq!(reader.heartbeat().unwrap().as_ref(), Some(play.heartbeat()));

    let code = ComponentId::from("yyzkbfz2thpt");
    let levels = |since, of| -> Vec<(Level, Level, Timestamp)> {
        let found = reader.transitions(since, of).unwrap();
        found.iter().map(|t| (t.from, t.to, t.seen_at)).collect()
    };
    assert_eq!(
        levels(Timestamp::MIN, Some(&code)),
        [(Level::Unknown, Level::Operational, at(0)), (Level::Operational, Level::Partial, at(90)),]
    );
    assert_eq!(levels(at(90), None).len(), 4, "Code, the API with it, worse, and reported again");

    let readings = reader.readings(at(100), Timestamp::MAX).unwrap();
    let outcomes: Vec<&str> = readings.iter().map(|r| r.outcome.as_str()).collect();
    assert_eq!(outcomes, ["timeout", "fresh", "unchanged", "fresh", "fresh"]);
    assert_eq!(readings[0].detail.chars().count(), 200, "cut between characters");
}

#[test]
fn incidents_come_back_whole() {
    let dir = dir();
    play_all(&mut open(dir.path()));
    let reader = reader(dir.path());
    let ids = |since| -> Vec<String> {
        reader.incidents(since).unwrap().into_iter().map(|i| i.incident.id.0).collect()
    };
    assert_eq!(ids(Timestamp::MIN), ["old1", "gone9", "inc1"]);
    assert_eq!(ids(at(0)), ["gone9", "inc1"], "what ended before is left out");
    assert_eq!(ids(at(1000)), ["inc1"], "what is open is always there");

    let old = reader.incident(&IncidentId::from("old1")).unwrap().unwrap();
    assert_eq!(old.incident, old_incident());
    assert_eq!(old.first_seen, at(31));
    let gone = reader.incident(&IncidentId::from("gone9")).unwrap().unwrap();
    assert_eq!(gone.removed_at, Some(at(30)), "left the page without having ended");
    assert_eq!(reader.incident(&IncidentId::from("nobody")).unwrap(), None);
}

#[test]
fn an_incident_that_is_edited_is_amended_and_one_that_returns_is_not_removed() {
    use ccwatch_core::model::Phase;
    use ccwatch_core::monitor::Record;
    let dir = dir();
    let mut store = open(dir.path());
    let play = play_all(&mut store);
    let moment = script().pop().unwrap();
    let mut back = incident("gone9", &[(-60, Phase::Investigating), (400, Phase::Resolved)]);
    back.updates[1].body = "Edited.".to_owned();
    let records = [Record::Incident(Box::new(back.clone()))];
    store.commit(&play.event(&moment, &records)).unwrap();
    let stored = reader(dir.path()).incident(&back.id).unwrap().unwrap();
    assert_eq!((stored.incident, stored.removed_at), (back, None));
    assert_eq!(stored.first_seen, at(0));
}

#[test]
fn pending_notices_survive_with_their_unanswered_calls() {
    let dir = dir();
    play_all(&mut open(dir.path()));
    let reader = reader(dir.path());
    let notices = reader.notices(Timestamp::MIN).unwrap();
    let far = notices.iter().map(|n| {
        (n.notice.kind, n.deliveries[&Sink::Desktop].state, n.deliveries[&Sink::Desktop].unanswered)
    });
    assert_eq!(
        far.collect::<Vec<_>>(),
        [
            (Kind::Outage, DeliveryState::Shown, 0),
            (Kind::Worse, DeliveryState::Merged, 1),
            (Kind::Worse, DeliveryState::Merged, 0),
            (Kind::FixOut, DeliveryState::Shown, 0),
            (Kind::Worse, DeliveryState::Pending, 1),
        ]
    );
    let saved = reader.saved().unwrap();
    assert_eq!(saved.outboxes[&Sink::Desktop].pending, [(notices[4].notice.clone(), 1)]);
}

#[test]
fn a_reader_is_one_moment_and_nobody_is_in_its_way() {
    let dir = dir();
    let mut store = open(dir.path());
    let mut play = Play::new();
    let moments = script();
    let records = play.take(&moments[0]);
    store.commit(&play.event(&moments[0], &records)).unwrap();
    let before = play.saved();

    store.db.execute_batch("BEGIN IMMEDIATE; DELETE FROM components").unwrap();
    let early = reader(dir.path());
    assert_eq!(early.saved().unwrap(), before, "a write under way is not seen");
    store.db.execute_batch("ROLLBACK").unwrap();

    let records = play.take(&moments[1]);
    store.commit(&play.event(&moments[1], &records)).unwrap();
    assert_eq!(early.saved().unwrap(), before, "nor is one that came later");
    assert_eq!(reader(dir.path()).saved().unwrap(), play.saved());
}

#[test]
fn somebody_elses_lock_is_an_error_in_the_end() {
    let dir = dir();
    let mut store = open(dir.path());
    let mut play = Play::new();
    let moment = &script()[0];
    let records = play.take(moment);
    store.db.busy_timeout(std::time::Duration::ZERO).unwrap();
    let other = Connection::open(database(dir.path())).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = store.commit(&play.event(moment, &records)).unwrap_err();
    assert!(matches!(error, StoreError::Busy { .. }), "{error:?}");
    assert!(error.hint().is_some());
    other.execute_batch("COMMIT").unwrap();
    store.commit(&play.event(moment, &records)).unwrap();

    drop(store);
    other
        .execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; DELETE FROM heartbeat")
        .unwrap();
    let error = Reader::open(dir.path()).unwrap_err();
    assert!(matches!(error, StoreError::Busy { .. }), "{error:?}");
}

#[test]
fn where_there_is_no_database_there_is_no_reader_and_none_is_made() {
    let dir = dir();
    assert!(Reader::open(dir.path()).unwrap().is_none());
    assert!(Reader::open(&dir.path().join("missing")).unwrap().is_none());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    std::fs::write(database(dir.path()), "").unwrap();
    assert!(Reader::open(dir.path()).unwrap().is_none());
    drop(open(dir.path()));
    assert_eq!(reader(dir.path()).heartbeat().unwrap(), None);
}

#[test]
fn every_word_that_is_written_is_understood() {
    fn word<T: StoredWord>(word: &str) -> T {
        use rusqlite::types::{FromSql, ValueRef};
        Word::<T>::column_result(ValueRef::Text(word.as_bytes())).unwrap().0
    }
    use Level as L;
    for level in
        [L::Unknown, L::Operational, L::Maintenance, L::Reported, L::Degraded, L::Partial, L::Major]
    {
        assert_eq!(word::<Level>(level.as_str()), level);
    }
    use Kind as K;
    for kind in [K::Outage, K::Worse, K::FixOut, K::Back, K::LostSight, K::AfterTheFact]
        .into_iter()
        .chain([K::Maintenance, K::ComponentGone, K::Unattributed])
    {
        assert_eq!(word::<Kind>(kind.as_str()), kind);
    }
    use DeliveryState as P;
    for progress in [P::Pending, P::Shown, P::Uncertain, P::Logged, P::Merged, P::Dropped] {
        assert_eq!(word::<DeliveryState>(progress.as_str()), progress);
    }
    for urgency in [Urgency::Low, Urgency::Normal, Urgency::Critical] {
        assert_eq!(word::<Urgency>(urgency.as_str()), urgency);
    }
    use Reason as R;
    for reason in [R::NewOutage, R::GotWorse, R::Joined, R::FellBack, R::FixIsOut, R::Recovered]
        .into_iter()
        .chain([R::Faded, R::PageUnreadable, R::MaintenanceBegan, R::Vanished, R::LearntLater])
        .chain([R::NoComponentNamed, R::NotWatched, R::BelowMinLevel, R::OtherModels])
        .chain([R::SwitchedOff, R::AlreadyTold, R::NeverTold, R::Settling, R::NoNews])
    {
        assert_eq!(word::<Reason>(reason.as_str()), reason);
    }
}

#[test]
fn the_running_writer_waits_for_a_lock_only_a_moment() {
    let dir = dir();
    let mut store = open(dir.path());
    let patience = |store: &Store| -> i64 {
        store.db.query_row("PRAGMA busy_timeout", [], |row| row.get(0)).unwrap()
    };
    assert_eq!(patience(&store), 100);
    store.tidy(at(0)).unwrap();
    assert_eq!(patience(&store), 100);
    store.be_patient();
    assert_eq!(patience(&store), 500);
}
