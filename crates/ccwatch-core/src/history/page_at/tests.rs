use super::*;
use crate::model::{Change, Impact, IncidentId, Update};
use crate::notice::kind::Reason;
use crate::route::Path;

const CODE: &str = "code";

fn at(clock: &str) -> Timestamp {
    format!("2026-06-02T{clock}:00Z").parse().unwrap()
}

fn component(level: Level, since: &str) -> Component {
    let mut component = Component::new(ComponentId::from(CODE), at(since));
    component.name = "Claude Code".to_owned();
    component.level = level;
    component
}

fn change(time: &str, from: Level, to: Level) -> Transition {
    Transition {
        at: at(time),
        seen_at: at(time),
        component: ComponentId::from(CODE),
        name: "Claude Code".to_owned(),
        from,
        to,
        incident: None,
        episode: None,
        reason: Reason::NewOutage,
    }
}

/// Investigating with a partial outage at 12:10, begun at 12:00 by the page; monitoring at 12:40,
/// green and resolved at 13:00.
fn incident() -> Incident {
    let update = |time: &str, phase: &str, status: &str| Update {
        id: time.to_owned(),
        phase: phase.into(),
        body: String::new(),
        created_at: Some(at(time)),
        changes: vec![Change { component: ComponentId::from(CODE), new: status.into() }],
    };
    Incident {
        id: IncidentId::from("abc"),
        name: "Elevated errors".to_owned(),
        phase: Phase::Resolved,
        impact: Impact::Major,
        created_at: Some(at("12:10")),
        started_at: Some(at("12:00")),
        updated_at: Some(at("13:00")),
        resolved_at: Some(at("13:00")),
        components: [ComponentId::from(CODE)].into(),
        meant: [ComponentId::from(CODE)].into(),
        updates: vec![
            update("13:00", "resolved", "operational"),
            update("12:40", "monitoring", "partial_outage"),
            update("12:10", "investigating", "partial_outage"),
        ],
    }
}

fn looks(outcome: Outcome) -> Vec<Look> {
    (0..60 * 6)
        .map(|n| Look { at: after(at("10:00"), Duration::from_secs(n * 60)), outcome })
        .collect()
}

const STALE: Duration = Duration::from_secs(600);
const INTERVAL: Duration = Duration::from_secs(60);

#[test]
fn own_readings_tell_what_the_page_said_at_each_time() {
    let components = [component(Level::Operational, "13:00")];
    let transitions = [
        change("12:12", Level::Operational, Level::Partial),
        change("13:00", Level::Partial, Level::Operational),
    ];
    let looks = looks(Outcome::Good);
    let past = Past {
        components: &components,
        transitions: &transitions,
        looks: &looks,
        incidents: &[],
        works: &[],
        whole_since: None,
        listed_at: None,
        read_at: None,
        interval: INTERVAL,
        stale_after: STALE,
        live: false,
    };
    for (time, light, followed) in [
        ("10:30", Light::Green, false),
        ("11:59", Light::Green, true),
        ("12:11", Light::Green, true),
        ("12:12", Light::Affected(Level::Partial), false),
        ("12:59", Light::Affected(Level::Partial), false),
        ("13:00", Light::Green, false),
        ("15:30", Light::Green, false),
        // Nobody looked then.
        ("09:30", Light::NotKnown, false),
        ("17:00", Light::NotKnown, false),
    ] {
        let page = page_at(at(time), &past);
        assert_eq!(page.light(Path::Subscription), light, "{time}");
        assert_eq!(page.followed(Path::Subscription).is_some(), followed, "{time}");
        let source = if light == Light::NotKnown { PageSource::None } else { PageSource::Readings };
        assert_eq!(page.source, source, "{time}");
        assert_eq!(page.light(Path::Bedrock), Light::NotKnown, "the page doesn't speak for it");
    }
}

#[test]
fn incidents_stand_in_where_nobody_looked() {
    let components = [component(Level::Operational, "20:00")];
    let incidents = [incident()];
    let past = Past {
        components: &components,
        transitions: &[],
        looks: &[],
        incidents: &incidents,
        works: &[],
        whole_since: Some(at("08:00")),
        listed_at: Some(at("20:00")),
        read_at: None,
        interval: INTERVAL,
        stale_after: STALE,
        live: false,
    };
    for (time, light, afterwards) in [
        ("11:29", Light::Green, None),
        // It began soon after.
        ("11:31", Light::Affected(Level::Reported), Some(true)),
        // Begun by the page's own word, but posted ten minutes later.
        ("12:05", Light::Affected(Level::Reported), Some(true)),
        ("12:30", Light::Affected(Level::Partial), Some(false)),
        ("12:50", Light::Affected(Level::Partial), Some(false)),
        ("13:30", Light::Green, None),
        // Before the list begins, and after it was read.
        ("07:00", Light::NotKnown, None),
        ("21:00", Light::NotKnown, None),
    ] {
        let page = page_at(at(time), &past);
        assert_eq!(page.light(Path::ApiKey), light, "{time}");
        assert_eq!(page.incidents.first().map(|i| i.afterwards), afterwards, "{time}");
    }
}

/// What one look at the page gives.
fn just_now<'a>(
    components: &'a [Component],
    looks: &'a [Look],
    incidents: &'a [Incident],
) -> Past<'a> {
    Past {
        components,
        transitions: &[],
        looks,
        incidents,
        works: &[],
        whole_since: None,
        listed_at: None,
        read_at: None,
        interval: INTERVAL,
        stale_after: STALE,
        live: true,
    }
}

#[test]
fn a_look_of_just_now_counts_and_incidents_add_to_it() {
    let incidents = [incident()];
    for (level, listed, expected) in [
        (Level::Operational, true, Light::Affected(Level::Partial)),
        (Level::Operational, false, Light::Green),
        (Level::Major, true, Light::Affected(Level::Major)),
        (Level::Unknown, false, Light::NotKnown),
    ] {
        let mut components = [component(level, "12:34")];
        components[0].updated_at = Some(at("12:00"));
        let looks = [Look { at: at("12:34"), outcome: Outcome::Good }];
        let past = just_now(&components, &looks, if listed { &incidents } else { &[] });
        let page = page_at(at("12:30"), &past);
        assert_eq!((page.light(Path::ApiKey), page.source), (expected, PageSource::Live));
    }
}

#[test]
fn a_look_of_just_now_says_nothing_of_before_the_last_change() {
    use Level::{Degraded, Major, Operational};
    let incidents = [incident()];
    let unknown = (Light::NotKnown, None);
    let followed = (Light::NotKnown, Some((at("12:29"), Major)));
    for (level, changed, listed, expected) in [
        (Major, Some("12:20"), false, (Light::Affected(Major), None)),
        (Major, Some("12:29"), false, followed),
        (
            Degraded,
            Some("12:29"),
            true,
            (Light::Affected(Level::Partial), Some((at("12:29"), Degraded))),
        ),
        (Operational, Some("12:20"), false, (Light::Green, None)),
        (Operational, Some("12:29"), false, unknown),
        (Operational, Some("12:29"), true, (Light::Affected(Level::Partial), None)),
        (Major, None, false, unknown),
    ] {
        let mut components = [component(level, "12:34")];
        components[0].updated_at = changed.map(at);
        let looks = [Look { at: at("12:34"), outcome: Outcome::Good }];
        let mut past = just_now(&components, &looks, if listed { &incidents } else { &[] });
        let page = page_at(at("12:25"), &past);
        let found = (page.light(Path::ApiKey), page.followed(Path::ApiKey));
        assert_eq!(found, expected, "{level:?} {changed:?}");
        // An error of the moment of the look is judged by the look.
        let looks = [Look { at: at("12:25"), outcome: Outcome::Good }];
        past.looks = &looks;
        let page = page_at(at("12:25"), &past);
        assert_ne!(page.light(Path::ApiKey), Light::NotKnown, "{level:?} {changed:?}");
    }
}

#[test]
fn green_before_is_not_green_then() {
    let looks = looks(Outcome::Good);
    for (level, time, light, last_read) in [
        (Level::Operational, "15:59", Light::Green, None),
        (Level::Operational, "16:05", Light::NotKnown, Some((Duration::from_secs(360), true))),
        (Level::Operational, "16:30", Light::NotKnown, None),
        (Level::Major, "15:59", Light::Affected(Level::Major), None),
        (
            Level::Major,
            "16:05",
            Light::Affected(Level::Major),
            Some((Duration::from_secs(360), false)),
        ),
    ] {
        let components = [component(level, "10:00")];
        let past = Past {
            components: &components,
            transitions: &[],
            looks: &looks,
            incidents: &[],
            works: &[],
            whole_since: None,
            listed_at: None,
            read_at: Some(at("15:59")),
            interval: INTERVAL,
            stale_after: STALE,
            live: false,
        };
        let page = page_at(at(time), &past);
        assert_eq!(page.light(Path::ApiKey), light, "{level:?} {time}");
        assert_eq!(page.last_read(Path::ApiKey), last_read, "{level:?} {time}");
    }
}

#[test]
fn readings_tell_whether_the_network_was_up() {
    for (outcome, network) in [
        (Outcome::of("fresh"), Some(true)),
        (Outcome::of("unchanged"), Some(true)),
        (Outcome::of("dns"), Some(false)),
        (Outcome::of("connect"), Some(false)),
        (Outcome::of("unavailable"), None),
        (Outcome::of("a word of tomorrow"), None),
    ] {
        let looks = looks(outcome);
        let past = Past {
            components: &[],
            transitions: &[],
            looks: &looks,
            incidents: &[],
            works: &[],
            whole_since: None,
            listed_at: None,
            read_at: None,
            interval: INTERVAL,
            stale_after: STALE,
            live: false,
        };
        let page = page_at(at("12:00"), &past);
        assert_eq!(page.network, network, "{outcome:?}");
        assert_eq!(page.light(Path::Subscription), Light::NotKnown, "never green from nothing");
    }
}

#[test]
fn a_hole_in_what_was_written_down_is_not_taken_for_green() {
    let day = |n: i64| at("00:00") + jiff::SignedDuration::from_hours(24 * n);
    let posted = |n: i64| Incident { created_at: Some(day(n)), ..incident() };
    let old = || (1..=10).map(posted);
    let new = || (150..260).map(posted);
    let all: Vec<Incident> = old().chain(new()).collect();
    let before = |n: i64, watches: &[(i64, i64)], incidents: &[Incident]| {
        let watches: Vec<_> = watches.iter().map(|(a, b)| (day(*a), day(*b))).collect();
        whole_since(&super::posted(incidents), &watches, day(n))
    };
    for (watches, listed, expected, why) in [
        (&[][..], 300, 210, "the list reaches back 50 incidents"),
        (&[(205, 300)], 300, 156, "it was read when ccwatch began to look, and reached further"),
        (&[(5, 20), (205, 300)], 300, 156, "what lies between two watches is not known"),
        (&[(5, 300)], 300, 1, "never looked away"),
        (&[(5, 20)], 20, 1, "few incidents: the list held them all"),
    ] {
        let found = before(listed, watches, &all);
        assert_eq!(found, Some(day(expected)), "{why}");
    }
    assert_eq!(before(300, &[(250, 300)], &[]), None, "no list at all");
}

#[test]
fn an_incident_that_was_open_when_it_was_read_says_nothing_of_later() {
    let open = Incident {
        phase: Phase::Investigating,
        resolved_at: None,
        updates: incident().updates.split_off(2),
        ..incident()
    };
    let components = [component(Level::Partial, "12:12")];
    let transitions = [change("12:12", Level::Operational, Level::Partial)];
    let looks = looks(Outcome::Good);
    let incidents = [open];
    let past = Past {
        components: &components,
        transitions: &transitions,
        looks: &looks,
        incidents: &incidents,
        works: &[],
        whole_since: Some(at("08:00")),
        listed_at: Some(at("12:12")),
        read_at: Some(at("15:59")),
        interval: INTERVAL,
        stale_after: STALE,
        live: false,
    };
    for (time, light, source, attested) in [
        ("15:59", Light::Affected(Level::Partial), PageSource::Readings, true),
        // Within the time for which a reading counts, but only from before.
        ("16:05", Light::Affected(Level::Partial), PageSource::Readings, false),
        ("16:10", Light::NotKnown, PageSource::None, false),
        ("20:00", Light::NotKnown, PageSource::None, false),
    ] {
        let page = page_at(at(time), &past);
        assert_eq!((page.light(Path::ApiKey), page.source), (light, source), "{time}");
        assert_eq!(is_attested(at(time), &past), attested, "{time}");
        assert_eq!(page.incidents.is_empty(), source == PageSource::None, "{time}");
    }
}

/// What was caught: the daemon was frozen for 5 min, an outage came and went meanwhile, and "as
/// ccwatch read it then" the page was green.
#[test]
fn a_time_that_nobody_read_is_not_as_it_was_read() {
    let hole = |from: &str, to: &str| -> Vec<Look> {
        let (from, to) = (at(from), at(to));
        let mut looks = looks(Outcome::Good);
        looks.retain(|look| look.at <= from || look.at >= to);
        looks
    };
    let asked = |time: &str, looks: &[Look], incidents: &[Incident], listed: &str| {
        let components = [component(Level::Operational, "10:00")];
        let past = Past {
            components: &components,
            transitions: &[],
            looks,
            incidents,
            works: &[],
            whole_since: Some(at("08:00")),
            listed_at: Some(at(listed)),
            read_at: Some(at("15:59")),
            interval: INTERVAL,
            stale_after: STALE,
            live: false,
        };
        let page = page_at(at(time), &past);
        (page.light(Path::ApiKey), page.source)
    };
    let short = Incident {
        created_at: Some(at("12:01")),
        started_at: Some(at("12:01")),
        resolved_at: Some(at("12:05")),
        updates: vec![Update {
            created_at: Some(at("12:01")),
            ..incident().updates.pop().unwrap()
        }],
        ..incident()
    };
    let short = [short];
    let looks = hole("12:00", "12:06");
    let around = |before, after| PageSource::Between { before: at(before), after: at(after) };
    let asked_in = |time, incidents| asked(time, &looks, incidents, "15:00");
    assert_eq!(
        asked_in("12:03", &short),
        (Light::Affected(Level::Partial), around("12:00", "12:06"))
    );
    assert_eq!(asked_in("12:03", &[]), (Light::Green, around("12:00", "12:06")));
    assert_eq!(asked_in("12:06", &short), (Light::Green, PageSource::Readings));
    // Too long a hole for any reading: a wake-up after a night, and a first start.
    for (looks, time) in [(hole("11:00", "12:40"), "11:05"), (hole("09:00", "12:06"), "12:02")] {
        let (_, source) = asked(time, &looks, &[], "15:00");
        assert_eq!(source, PageSource::Incidents, "{time}");
        let (light, source) = asked(time, &looks, &[], "07:00");
        let read_before = time == "11:05" && light == Light::NotKnown;
        assert!(read_before || (light, source) == (Light::NotKnown, PageSource::None), "{time}");
    }
}

fn nothing<'a>(components: &'a [Component], incidents: &'a [Incident]) -> Past<'a> {
    Past {
        components,
        transitions: &[],
        looks: &[],
        incidents,
        works: &[],
        whole_since: None,
        listed_at: None,
        read_at: None,
        interval: INTERVAL,
        stale_after: STALE,
        live: false,
    }
}

/// The page that the user doesn't hear of is no light on the path, and says why.
#[test]
fn what_is_filtered_is_marked_and_is_no_light() {
    use crate::settings::Settings;
    use crate::state::filter::Filter;
    let opus = Incident { name: "Elevated errors on Claude Opus 4.7".to_owned(), ..incident() };
    let components = [component(Level::Major, "12:10")];
    let incidents = [opus];
    let looks = [Look { at: at("12:30"), outcome: Outcome::Good }];
    let past = Past { looks: &looks, ..nothing(&components, &incidents) };
    let page = page_at(at("12:30"), &past);
    assert_eq!(page.light(Path::Subscription), Light::Affected(Level::Major));
    let models = Settings { models: vec!["sonnet".to_owned()], ..Settings::default() };
    let filtered = page.clone().filtered_by(&models);
    assert_eq!(filtered.light(Path::Subscription), Light::Green);
    let on = filtered.filtered_on(Path::Subscription).unwrap();
    assert_eq!(
        (on.level, on.filter, on.models.as_str()),
        (Level::Major, Filter::OtherModels, "Opus 4.7")
    );
    let used = Settings { models: vec!["opus".to_owned()], ..Settings::default() };
    assert_eq!(page.clone().filtered_by(&used), page);
    let mild = [component(Level::Degraded, "12:10")];
    let page = page_at(
        at("14:00"),
        &Past {
            looks: &[Look { at: at("14:00"), outcome: Outcome::Good }],
            ..nothing(&mild, &incidents)
        },
    );
    let level = Settings { min_level: Level::Partial, ..Settings::default() };
    let filtered = page.clone().filtered_by(&level);
    assert_eq!(filtered.components[0].filtered, Some(Filter::BelowMinLevel));
    assert_eq!(filtered.light(Path::Subscription), Light::Green);
    assert_eq!(page.clone().filtered_by(&Settings::default()), page);
}

/// Finding: who is watched was asked of each component alone, so that a cut name meant another one.
#[test]
fn who_is_watched_is_what_an_entry_means_best() {
    use crate::settings::Settings;
    let named = |id: &str, name: &str, group: Option<&str>| {
        let group =
            group.map(|name| crate::model::Group { id: name.to_owned(), name: name.to_owned() });
        let component = Component::new(ComponentId::from(id), at("10:00"));
        Component { name: name.to_owned(), group, ..component }
    };
    let components = [
        named("a", "API", None),
        named("b", "API (legacy)", None),
        named("c", "Storage", Some("US-East")),
    ];
    let page = page_at(at("12:30"), &nothing(&components, &[]));
    for (entry, expected) in [
        ("api", &["a"][..]),
        ("API (legacy)", &["b"]),
        ("API (other)", &[]),
        ("us-east", &["c"]),
        ("b", &["b"]),
    ] {
        let settings = Settings { watch: vec![entry.to_owned()], ..Settings::default() };
        let watched = page.watched(&settings).into_iter();
        assert_eq!(watched.map(|c| c.id.0.as_str()).collect::<Vec<_>>(), expected, "{entry}");
    }
    let all = Settings { watch: Vec::new(), ..Settings::default() };
    assert_eq!(page.watched(&all).len(), 3);
}

/// Finding: a hole of some seconds between the readings of a quick daemon read as "read then".
#[test]
fn a_hole_is_what_is_longer_than_the_pauses_between_polls() {
    let seconds = |n: u64| after(at("12:00"), Duration::from_secs(n));
    let components = [component(Level::Operational, "10:00")];
    let looks = [0, 1, 2, 11, 12].map(|n| Look { at: seconds(n), outcome: Outcome::Good });
    for (interval, n, seen) in [(1, 1, true), (1, 5, false), (1, 12, true), (30, 5, true)] {
        let interval = Duration::from_secs(interval);
        let past = Past { looks: &looks, interval, ..nothing(&components, &[]) };
        let source = page_at(seconds(n), &past).source;
        assert_eq!(source == PageSource::Readings, seen, "{interval:?} {n}: {source:?}");
    }
    let past =
        Past { looks: &looks, interval: Duration::from_secs(1), ..nothing(&components, &[]) };
    let before = after(at("11:59"), Duration::from_secs(57));
    assert_eq!(page_at(before, &past).source, PageSource::None, "before the first start");
}

#[test]
fn announced_work_that_went_on_is_known_whatever_the_light() {
    let update = |time: &str, phase: &str| Update {
        id: time.to_owned(),
        phase: phase.into(),
        body: String::new(),
        created_at: Some(at(time)),
        changes: Vec::new(),
    };
    let work = Incident {
        name: "Planned upgrade".to_owned(),
        phase: Phase::Completed,
        impact: Impact::Maintenance,
        created_at: Some(at("08:00")),
        started_at: Some(at("08:00")),
        updates: vec![
            update("13:00", "completed"),
            update("12:00", "in_progress"),
            update("08:00", "scheduled"),
        ],
        ..incident()
    };
    let components = [component(Level::Operational, "08:00")];
    let incidents = [work];
    for (time, expected) in [("11:00", 0), ("12:30", 1), ("13:30", 0)] {
        let looks = [Look { at: at(time), outcome: Outcome::Good }];
        let past = Past { looks: &looks, ..nothing(&components, &incidents) };
        let page = page_at(at(time), &past);
        assert_eq!(page.works.len(), expected, "{time}");
        assert_eq!(page.works_on(Path::Subscription).count(), expected, "{time}");
        assert_eq!(page.light(Path::Subscription), Light::Green, "{time}");
    }
}

/// Finding: beside RETRY and "operational", `diagnose` said that the page showed an incident; beside
/// maintenance, that it was only reported.
#[test]
fn an_incident_raises_neither_what_is_back_in_it_nor_maintenance() {
    let titled = Incident {
        name: "Claude Code errors".to_owned(),
        components: [].into(),
        meant: [CODE.into()].into(),
        phase: Phase::Investigating,
        resolved_at: None,
        ..incident()
    };
    let named = Incident { phase: Phase::Investigating, resolved_at: None, ..incident() };
    for incidents in [[titled], [named]] {
        for (level, expected) in [
            (Level::Operational, Light::Green),
            (Level::Maintenance, Light::Affected(Level::Maintenance)),
            (Level::Reported, Light::Affected(Level::Reported)),
            (Level::Major, Light::Affected(Level::Major)),
        ] {
            let mut components = [component(level, "12:10")];
            components[0].updated_at = Some(at("12:10"));
            let looks = [Look { at: at("12:30"), outcome: Outcome::Good }];
            let past = Past {
                looks: &looks,
                read_at: Some(at("12:30")),
                live: true,
                ..nothing(&components, &incidents)
            };
            let page = page_at(at("12:30"), &past);
            assert_eq!(page.light(Path::Subscription), expected, "{level}");
        }
    }
}
