//! Whatever is stored comes back as it was.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::Duration;

use jiff::Timestamp;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option::of;
use proptest::prelude::*;

use super::{load, stored};
use crate::deliver::delivery::Thread;
use crate::model::Group;
use crate::model::*;
use crate::notice::{Bubble, Notice};
use crate::persist::{Persist, StoredWord};
use crate::state::component::{Component, Episode, Fix, LastEpisode, State, Told};
use crate::state::expectation::Past;
use crate::state::incidents::{Incidents, KnownIncident};
use crate::state::maintenance::{EndedWork, KnownMaintenance, ToldWork};
use crate::state::page_health::{Failing, PageHealth, PageTrouble};
use crate::witness::{Local, LocalError, Suspicion};

fn time() -> impl Strategy<Value = Timestamp> + Clone {
    (-1_000_000_000..4_000_000_000_i64, 0..1_000_000_000_i32)
        .prop_map(|(seconds, nanos)| Timestamp::new(seconds, nanos).unwrap())
}

fn word<T: StoredWord + Debug>() -> impl Strategy<Value = T> {
    prop::sample::select(T::WORDS).prop_map(|word| T::from_stored(word).unwrap())
}

const PAGE_WORDS: &[&str] =
    &["operational", "partial_outage", "identified", "resolved", "none", "critical"];

/// A word of the page: one that some enum knows, or any text.
fn page_word<T: From<String> + Debug>() -> impl Strategy<Value = T> {
    let known = prop::sample::select(PAGE_WORDS).prop_map(str::to_owned);
    prop_oneof![known, any::<String>()].prop_map(T::from)
}

fn incident_id() -> impl Strategy<Value = IncidentId> {
    any::<String>().prop_map(IncidentId)
}

fn component_id() -> impl Strategy<Value = ComponentId> {
    any::<String>().prop_map(ComponentId)
}

prop_compose! {
    fn told()(
        level in word(), fix in any::<bool>(), thread in any::<String>(),
        incident in of(incident_id()),
    ) -> Told {
        Told { level, fix, thread, incident }
    }
}

prop_compose! {
    fn episode()(
        id in any::<String>(), (since, began) in (time(), time()), level in word(), worst in word(),
        decided in btree_map(word(), word(), 0..3), told in of(told()), incident in of(incident_id()),
        (work, work_began, outage_until) in (of(incident_id()), of(time()), of(time())),
        out in of((time(), any::<bool>())), tell_end in any::<bool>(),
        filtered_since in of(time()), fallbacks in vec(time(), 0..3),
    ) -> Episode {
        let fix = out.map_or(Fix::Awaited, |(at, closed)| Fix::Out { at, closed });
        Episode {
            id, since, began, level, worst, decided, told, incident, work, work_began, outage_until, fix,
            tell_end,
            filtered_since,
            fallbacks,
        }
    }
}

fn state() -> impl Strategy<Value = State> {
    let leaf = prop_oneof![
        Just(State::Unknown),
        of(time()).prop_map(|ended| State::Up { ended }),
        episode().prop_map(|episode| State::Affected { episode }),
        (episode(), time(), time()).prop_map(|(episode, back_at, settled_at)| {
            State::Recovering { episode, back_at, settled_at }
        }),
    ];
    leaf.prop_recursive(2, 2, 1, |before| {
        (time(), any::<bool>(), before).prop_map(|(since, confirmed, before)| State::Gone {
            since,
            confirmed,
            before: Box::new(before),
        })
    })
}

prop_compose! {
    fn group()(id in any::<String>(), name in any::<String>()) -> Group {
        Group { id, name }
    }
}

prop_compose! {
    fn last_episode()(
        id in any::<String>(), (began, since) in (time(), time()), incident in of(incident_id()),
        worst in word(), filtered in any::<bool>(), thread in of(any::<String>()),
        heard in btree_map(word(), word(), 0..3),
    ) -> LastEpisode {
        LastEpisode { id, began, since, incident, worst, filtered, thread, heard }
    }
}

prop_compose! {
    fn component()(
        id in component_id(), name in any::<String>(), page_status in page_word(),
        level in word(), since in time(), updated_at in of(time()),
        watched in of(any::<String>()), group in of(group()), state in state(), relapses in vec(time(), 0..3),
        gone_told in of(time()), last_episode in of(last_episode()),
    ) -> Component {
        Component {
            id, name, page_status, level, since, updated_at, watched, group, state, relapses,
            gone_told, last_episode, shown: String::new(),
        }
    }
}

prop_compose! {
    fn failing()(
        since in time(), count in any::<u32>(), detail in any::<String>(),
        kind in prop::sample::select(FailureKind::ALL),
    ) -> Failing {
        Failing { since, count, kind, detail }
    }
}

prop_compose! {
    fn trouble()(
        since in time(), kind in prop::sample::select(FailureKind::ALL),
        told in of(any::<String>()), decided in of(word()),
    ) -> PageTrouble {
        PageTrouble { since, kind, told, decided }
    }
}

prop_compose! {
    fn page_health()(
        page_id in any::<String>(), times in prop::array::uniform6(of(time())),
        failing in of(failing()), lost_told in any::<bool>(), lost_decided in of(word()),
        lists in prop::array::uniform3(vec(any::<String>(), 0..3)), unmatched_decided in of(word()),
        trouble in of(trouble()),
    ) -> PageHealth {
        let [unmatched, unmatched_before, unmatched_told] = lists;
        let [page_updated_at, first_good, last_good, last_attempt, history_at, stale_since] = times;
        PageHealth {
            page_id, page_updated_at, first_good, last_good, last_attempt, failing, history_at,
            lost_told, lost_decided, stale_since, unmatched, unmatched_before, unmatched_told,
            unmatched_decided, trouble,
        }
    }
}

prop_compose! {
    fn update()(
        id in any::<String>(), phase in page_word(), body in any::<String>(),
        created_at in of(time()),
        changes in vec((component_id(), page_word()), 0..3),
    ) -> Update {
        let change = |(component, new)| Change { component, new };
        let changes = changes.into_iter().map(change).collect();
        Update { id, phase, body, created_at, changes }
    }
}

prop_compose! {
    fn incident()(
        id in incident_id(), name in any::<String>(), phase in page_word(), impact in page_word(),
        times in prop::array::uniform4(of(time())), components in btree_set(component_id(), 0..3),
        meant in btree_set(component_id(), 0..3),
        updates in vec(update(), 0..3),
    ) -> Incident {
        let [created_at, started_at, updated_at, resolved_at] = times;
        Incident {
            id, name, phase, impact, created_at, started_at, updated_at, resolved_at, components,
            meant, updates,
        }
    }
}

prop_compose! {
    fn maintenance()(
        work in incident(), times in prop::array::uniform3(of(time())),
        told in of((any::<String>(), of(time()), any::<bool>())), decided in of(word()),
        ended in of((time(), any::<bool>())), joined in prop::collection::btree_set(any::<String>().prop_map(ComponentId), 0..3),
    ) -> KnownMaintenance {
        let [scheduled_for, scheduled_until, planned_until] = times;
        KnownMaintenance {
            page: Maintenance { work, scheduled_for, scheduled_until },
            planned_until,
            told: told.map(|(thread, until, overrun)| ToldWork { thread, until, overrun }),
            decided,
            ended: ended.map(|(at, cancelled)| EndedWork { at, cancelled }),
            joined,
        }
    }
}

prop_compose! {
    fn known()(
        first_seen in time(), updated_at in of(time()), touched in time(), left in of(time()), over in any::<bool>(),
        told in any::<bool>(), decided in of(word()), red in btree_set(component_id(), 0..3),
    ) -> KnownIncident {
        KnownIncident { first_seen, updated_at, touched, left, over, told, decided, red }
    }
}

prop_compose! {
    // In whole seconds, as it is made.
    fn past()(
        id in incident_id(), fixed in -1_000_000_000..4_000_000_000_i64, lasted in any::<u64>(),
        impact in page_word(),
    ) -> Past {
        let fixed = Timestamp::from_second(fixed).unwrap();
        Past { id, fixed, lasted: Duration::from_secs(lasted), impact }
    }
}

prop_compose! {
    fn incidents()(
        open in vec(incident(), 0..3), maintenances in vec(maintenance(), 0..2),
        known in btree_map(incident_id(), known(), 0..3), past in vec(past(), 0..3),
    ) -> Incidents {
        Incidents { open, maintenances, known, past }
    }
}

prop_compose! {
    fn notice()(
        (key, thread, title, body) in any::<(String, String, String, String)>(), at in time(),
        (kind, urgency, reason) in (word(), word(), word()),
        components in vec(component_id(), 0..3), episodes in vec(any::<String>(), 0..3),
        incident in of(incident_id()), lasted_seconds in any::<Option<u64>>(),
        lead_seconds in any::<Option<u64>>(), link in any::<Option<String>>(),
    ) -> Notice {
        Notice {
            key, at, kind, thread, components, episodes, incident, title, body, urgency, reason,
            lasted_seconds, lead_seconds, link,
        }
    }
}

prop_compose! {
    fn thread()(
        bubble in of(any::<(String, String, u32)>()), seen in any::<bool>(),
        standing in of(notice()), touched in time(),
    ) -> Thread {
        let bubble = bubble.map(|(bus, owner, id)| Bubble { bus, owner, id });
        let says_outage = standing.is_some();
        Thread { bubble, seen, standing, says_outage, taken_down: false, touched }
    }
}

prop_compose! {
    fn local_error()(
        at in time(), kind in any::<String>(), status in any::<Option<u16>>(),
        request_id in any::<Option<String>>(), session in any::<String>(),
        (server, foreign, by_hook) in any::<(bool, bool, bool)>(),
    ) -> LocalError {
        LocalError { at, kind, status, request_id, session, server, foreign, by_hook }
    }
}

prop_compose! {
    fn local()(
        errors in vec(local_error(), 0..3),
        suspicion in of((time(), time(), any::<Option<String>>())),
        elsewhere in vec(any::<String>(), 0..3), settled_at in of(time()),
    ) -> Local {
        let suspicion =
            suspicion.map(|(since, newest, thread)| Suspicion { since, newest, thread });
        Local { errors, suspicion, elsewhere, settled_at }
    }
}

fn comes_back<T: Persist + PartialEq + Debug>(value: &T) -> Result<(), TestCaseError> {
    let back: T = load(&stored(value)).unwrap();
    prop_assert_eq!(&back, value);
    Ok(())
}

proptest! {
    #[test]
    fn a_component_comes_back(value in component()) {
        comes_back(&value)?;
    }

    #[test]
    fn how_the_page_can_be_seen_comes_back(value in page_health()) {
        comes_back(&value)?;
    }

    #[test]
    fn the_incidents_come_back(value in incidents()) {
        comes_back(&value)?;
    }

    #[test]
    fn the_threads_come_back(value in btree_map(any::<String>(), thread(), 0..3)) {
        comes_back::<BTreeMap<String, Thread>>(&value)?;
    }

    #[test]
    fn what_this_machine_saw_comes_back(value in local()) {
        comes_back(&value)?;
    }
}
