//! A value of each thinking type with everything in it that it can have.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::deliver::delivery::Thread;
use crate::model::Group;
use crate::model::*;
use crate::notice::kind::{Kind, Reason};
use crate::notice::{Bubble, Notice, Urgency};
use crate::state::component::{Component, Episode, Fix, LastEpisode, State, Told};
use crate::state::expectation::Past;
use crate::state::incidents::{Incidents, KnownIncident};
use crate::state::maintenance::{EndedWork, KnownMaintenance, ToldWork};
use crate::state::page_health::{Failing, PageHealth, PageTrouble};
use crate::witness::{Local, LocalError, Suspicion};

fn at(seconds: i64) -> Timestamp {
    Timestamp::new(1_782_900_000 + seconds, 250_000_000).unwrap()
}

fn episode() -> Episode {
    Episode {
        id: "k8w3r06qmzrp/1782900000250".to_owned(),
        since: at(0),
        began: at(-100),
        level: Level::Degraded,
        worst: Level::Major,
        decided: [(Kind::Outage, Reason::NewOutage), (Kind::Worse, Reason::FellBack)].into(),
        told: Some(Told {
            level: Level::Partial,
            fix: true,
            thread: "outage/k8w3r06qmzrp".to_owned(),
            incident: Some("inc1".into()),
        }),
        incident: Some("inc1".into()),
        work: Some("work".into()),
        work_began: Some(at(-200)),
        outage_until: Some(at(290)),
        fix: Fix::Out { at: at(300), closed: true },
        tell_end: true,
        filtered_since: Some(at(280)),
        fallbacks: vec![at(200), at(250)],
    }
}

/// One in each state, and one of which little is known.
pub(super) fn components() -> [Component; 6] {
    let full = |state, level, status: &str| Component {
        id: "k8w3r06qmzrp".into(),
        name: "Claude API (api.anthropic.com) \u{2028}<b>".to_owned(),
        shown: String::new(),
        page_status: status.into(),
        level,
        since: at(1),
        updated_at: Some(at(2)),
        watched: Some("Claude API".to_owned()),
        group: Some(Group { id: "g1".to_owned(), name: "APIs".to_owned() }),
        state,
        relapses: vec![at(3), at(4)],
        gone_told: Some(at(5)),
        last_episode: Some(LastEpisode {
            id: "k8w3r06qmzrp/1782800000250".to_owned(),
            began: at(-900),
            since: at(-800),
            incident: Some("inc0".into()),
            worst: Level::Partial,
            filtered: true,
            thread: Some("outage/k8w3r06qmzrp/2026".to_owned()),
            heard: [(Kind::Back, Reason::Recovered)].into(),
        }),
    };
    let bare = Episode {
        id: String::new(),
        began: at(0),
        decided: BTreeMap::new(),
        told: None,
        incident: None,
        work: None,
        work_began: None,
        outage_until: None,
        fix: Fix::Awaited,
        tell_end: false,
        filtered_since: None,
        fallbacks: Vec::new(),
        ..episode()
    };
    let affected = State::Affected { episode: episode() };
    let recovering = State::Recovering { episode: bare, back_at: at(400), settled_at: at(430) };
    let gone =
        State::Gone { since: at(500), confirmed: false, before: Box::new(recovering.clone()) };
    [
        Component::new("rwppv331jlwc".into(), at(0)),
        full(State::Up { ended: Some(at(430)) }, Level::Operational, "operational"),
        full(affected, Level::Degraded, "degraded_performance"),
        full(recovering, Level::Maintenance, "under_maintenance"),
        full(gone, Level::Unknown, "a word of tomorrow"),
        Component {
            updated_at: None,
            watched: None,
            group: None,
            relapses: Vec::new(),
            gone_told: None,
            last_episode: None,
            ..full(State::Up { ended: None }, Level::Reported, "operational")
        },
    ]
}

pub(super) fn page_health() -> PageHealth {
    PageHealth {
        page_id: "tymt9n04zgry".to_owned(),
        page_updated_at: Some(at(10)),
        first_good: Some(at(11)),
        last_good: Some(at(12)),
        last_attempt: Some(at(13)),
        failing: Some(Failing {
            since: at(14),
            count: 3,
            kind: FailureKind::RateLimited,
            detail: "HTTP 429".to_owned(),
        }),
        history_at: Some(at(15)),
        lost_told: true,
        lost_decided: Some(Reason::PageUnreadable),
        stale_since: Some(at(16)),
        unmatched: vec!["Claude Cod".to_owned()],
        unmatched_before: vec!["Claude Cod".to_owned()],
        unmatched_told: vec!["Claude Cod".to_owned()],
        unmatched_decided: Some(Reason::Muted),
        trouble: Some(PageTrouble {
            since: at(17),
            kind: FailureKind::Redirect,
            told: Some("page_trouble/page".to_owned()),
            decided: Some(Reason::PageTrouble),
        }),
    }
}

fn incident(id: &str, phase: &str, impact: &str) -> Incident {
    let update = |id: &str, phase: &str, created_at| Update {
        id: id.to_owned(),
        phase: phase.into(),
        body: "We are looking into it.\u{2028}<b>".to_owned(),
        created_at,
        changes: vec![Change { component: "k8w3r06qmzrp".into(), new: "partial_outage".into() }],
    };
    Incident {
        id: id.into(),
        name: "Elevated errors on Claude Opus 4.5".to_owned(),
        phase: phase.into(),
        impact: impact.into(),
        created_at: Some(at(20)),
        started_at: Some(at(21)),
        updated_at: Some(at(22)),
        resolved_at: Some(at(23)),
        components: ["k8w3r06qmzrp".into(), "yyzkbfz2thpt".into()].into(),
        meant: ["k8w3r06qmzrp".into(), "yyzkbfz2thpt".into()].into(),
        updates: vec![update("u2", phase, Some(at(22))), update("", "investigating", None)],
    }
}

pub(super) fn incidents() -> Incidents {
    let known = KnownIncident {
        first_seen: at(24),
        updated_at: Some(at(25)),
        touched: at(27),
        left: Some(at(26)),
        over: true,
        told: true,
        decided: Some(Reason::NoComponentNamed),
        red: ["yyzkbfz2thpt".into()].into(),
    };
    let little = KnownIncident {
        touched: at(24),
        updated_at: None,
        left: None,
        over: false,
        told: false,
        decided: None,
        red: [].into(),
        ..known.clone()
    };
    let past = |id: &str, impact: Impact| Past {
        id: id.into(),
        fixed: Timestamp::from_second(1_782_122_400).unwrap(),
        lasted: Duration::from_secs(1800),
        impact,
    };
    let work = KnownMaintenance {
        page: Maintenance {
            work: incident("work", "in_progress", "maintenance"),
            scheduled_for: Some(at(50)),
            scheduled_until: Some(at(60)),
        },
        planned_until: Some(at(55)),
        told: Some(ToldWork {
            thread: "maintenance/k8w3r06qmzrp".to_owned(),
            until: Some(at(55)),
            overrun: true,
        }),
        decided: Some(Reason::MaintenanceBegan),
        ended: Some(EndedWork { at: at(61), cancelled: true }),
        joined: std::collections::BTreeSet::from([ComponentId("yyzkbfz2thpt".to_owned())]),
    };
    Incidents {
        open: vec![incident("inc1", "identified", "major"), incident("inc2", "odd", "dire")],
        maintenances: vec![work],
        known: BTreeMap::from([("inc1".into(), known), ("inc2".into(), little)]),
        past: vec![past("old1", Impact::Critical), past("old2", Impact::Other("dire".to_owned()))],
    }
}

pub(super) fn threads() -> BTreeMap<String, Thread> {
    let standing = Notice {
        key: "worse/k8w3r06qmzrp".to_owned(),
        at: at(30),
        kind: Kind::Worse,
        thread: "outage/k8w3r06qmzrp".to_owned(),
        components: vec!["k8w3r06qmzrp".into(), "yyzkbfz2thpt".into()],
        episodes: vec!["k8w3r06qmzrp/1782900000250".to_owned()],
        incident: Some("inc1".into()),
        title: "Claude API: major outage".to_owned(),
        body: "Wait.\nccwatch tells you when to retry.".to_owned(),
        urgency: Urgency::Critical,
        reason: Reason::GotWorse,
        lasted_seconds: Some(600),
        lead_seconds: Some(120),
        link: Some("https://status.claude.com/incidents/inc1".to_owned()),
    };
    let plain = Notice {
        components: Vec::new(),
        episodes: Vec::new(),
        incident: None,
        urgency: Urgency::Low,
        lasted_seconds: None,
        lead_seconds: None,
        link: None,
        ..standing.clone()
    };
    let bubble = Bubble { bus: "4a1f".to_owned(), owner: ":1.7".to_owned(), id: 3 };
    let thread = |bubble, standing: Option<Notice>| Thread {
        bubble,
        seen: true,
        says_outage: standing.is_some(),
        standing,
        taken_down: false,
        touched: at(31),
    };
    BTreeMap::from([
        ("outage/k8w3r06qmzrp".to_owned(), thread(Some(bubble), Some(standing))),
        ("plain".to_owned(), thread(None, Some(plain))),
        ("seen".to_owned(), thread(None, None)),
    ])
}

pub(super) fn local() -> Local {
    let error = LocalError {
        at: at(40),
        kind: "overloaded_error".to_owned(),
        status: Some(529),
        request_id: Some("req_011".to_owned()),
        session: "00000000000000aa".to_owned(),
        server: true,
        foreign: true,
        by_hook: true,
    };
    let little = LocalError {
        status: None,
        request_id: None,
        server: false,
        foreign: false,
        by_hook: false,
        ..error.clone()
    };
    Local {
        errors: vec![error, little],
        suspicion: Some(Suspicion {
            since: at(40),
            newest: at(41),
            thread: Some("suspect".to_owned()),
        }),
        elsewhere: vec!["00000000000000cc".to_owned()],
        settled_at: Some(at(42)),
    }
}
