//! The words of notices.

use super::*;

#[test]
fn durations_have_two_units_at_most() {
    for (seconds, expected) in [
        (0, "less than a minute"),
        (29, "less than a minute"),
        (30, "1 min"),
        (48 * 60, "48 min"),
        (3600, "1 h"),
        (2 * 3600 + 5 * 60, "2 h 5 min"),
        (86400, "1 day"),
        (3 * 86400 + 4 * 3600 + 59, "3 days 4 h"),
    ] {
        assert_eq!(duration(Duration::from_secs(seconds)), expected, "{seconds} s");
    }
}

#[test]
fn a_far_time_carries_its_date() {
    let now: Timestamp = "2026-06-02T16:00:00Z".parse().unwrap();
    for (at, expected) in [
        ("2026-06-02T15:52:10Z", "15:52"),
        ("2026-06-01T23:00:00Z", "23:00"),
        ("2026-06-01T15:52:10Z", "1 Jun 15:52"),
    ] {
        assert_eq!(clock(at.parse().unwrap(), now, &TimeZone::UTC), expected);
    }
}

#[test]
fn names_are_listed_as_people_do() {
    for (names, expected) in [
        (&["A"][..], "A"),
        (&["A", "B"], "A and B"),
        (&["A", "B", "C"], "A, B and C"),
        (&["A", "B", "C", "D", "E"], "A, B and 3 more"),
    ] {
        assert_eq!(list(names), expected);
    }
}

#[test]
fn every_failure_is_explained_in_its_own_words() {
    let mut seen = std::collections::BTreeSet::new();
    for kind in FailureKind::ALL {
        assert!(seen.insert(failure(*kind).0), "{kind:?} shares its words with another kind");
    }
}

const NAMES: [&str; 4] = ["claude.ai", "Claude Console", "Claude API", "Claude Code"];

fn told(levels: &[(&str, Level)], incident: Option<&Incident>, words: Words) -> Text {
    told_beside(&[], levels, incident, words)
}

fn told_beside(
    others: &[Other<'_>],
    levels: &[(&str, Level)],
    incident: Option<&Incident>,
    words: Words,
) -> Text {
    let names: Vec<&str> = levels.iter().map(|(name, _)| *name).collect();
    let now: Timestamp = "2026-06-02T16:00:00Z".parse().unwrap();
    words(&Scene {
        now,
        zone: &TimeZone::UTC,
        names: &names,
        levels,
        level: levels.iter().map(|one| one.1).max_by_key(|level| level.severity()).unwrap(),
        since: now,
        incident,
        explained: &names,
        work: None,
        others,
        back: &[],
        expectation: None,
    })
}

type Words = fn(&Scene<'_>) -> Text;

const STANDS: [Stand; 2] = [Stand::Affected, Stand::NotSure];

/// Every notice of components.
const TEXTS: [(&str, Words); 13] = [
    ("Partial outage: ", |scene| outage(scene, false)),
    ("Partial outage: ", |scene| outage(scene, true)),
    ("Fix didn't hold: ", fell_back),
    ("Fix out, try again: ", |scene| fix_out(scene, false)),
    ("Incident closed, try again: ", |scene| fix_out(scene, true)),
    ("Back: ", |scene| back(scene, false, Duration::from_secs(48 * 60), None)),
    ("Maintenance over: ", |scene| maintenance_over(scene, Duration::from_secs(60))),
    ("Page green, no more news: ", faded),
    ("Maintenance: ", |scene| maintenance(scene, None)),
    ("Maintenance over, try again: ", |scene| left_behind(scene, None)),
    ("Can't see the status page since 16:00", |scene| {
        lost_sight(scene, scene.now, FailureKind::Timeout)
    }),
    ("Gone from the page: ", |scene| gone(scene.names, true)),
    ("No longer reported: ", |scene| back(scene, true, Duration::from_secs(48 * 60), None)),
];

#[test]
fn a_title_begins_with_what_happened_and_the_body_names_everybody() {
    let incident = Incident {
        id: "abc".into(),
        name: "Elevated errors".to_owned(),
        phase: Phase::Monitoring,
        impact: crate::model::Impact::Major,
        created_at: None,
        started_at: None,
        updated_at: None,
        resolved_at: None,
        components: [].into(),
        meant: [].into(),
        updates: Vec::new(),
    };
    for (beginning, words) in TEXTS {
        for many in 1..=NAMES.len() {
            for (incident, stand) in [None, Some(&incident)].into_iter().zip(STANDS) {
                let levels: Vec<(&str, Level)> =
                    NAMES.iter().take(many).map(|name| (*name, Level::Partial)).collect();
                let other = Other { name: "Claude Cowork", level: Level::Degraded, stand };
                let (title, body) = told_beside(&[other], &levels, incident, words);
                assert!(title.starts_with(beginning), "{title}");
                let seen: String = title.chars().take(40).collect();
                assert!(!beginning.ends_with(' ') || seen.contains(NAMES[0]), "{title}");
                for (name, _) in &levels {
                    assert!(body.contains(name), "{name}: {body}");
                }
                assert!(!body.contains("..") && !body.contains("  "), "{body}");
            }
        }
    }
}

#[test]
fn no_name_stands_beside_a_level_that_is_not_its_own() {
    let levels = [
        (NAMES[0], Level::Partial),
        (NAMES[1], Level::Degraded),
        (NAMES[2], Level::Major),
        (NAMES[3], Level::Partial),
    ];
    let own = "Claude API: major outage; claude.ai and Claude Code: partial outage; \
               Claude Console: degraded performance";
    for words in [TEXTS[0].1, TEXTS[1].1, TEXTS[2].1, TEXTS[3].1, TEXTS[4].1, TEXTS[10].1] {
        let (title, body) = told(&levels, None, words);
        assert!(body.contains(own), "{body}");
        let rest = body.replace(own, "") + &title.replace("Major outage: Claude API", "");
        assert!(!rest.contains("outage") && !rest.contains("degraded"), "{rest}");
    }
    let (title, _) = told(&levels, None, TEXTS[0].1);
    assert_eq!(title, "Major outage: Claude API; 3 more affected");
}

#[test]
fn titles_name_two_and_count_more() {
    let partial = |many| NAMES.iter().take(many).map(|name| (*name, Level::Partial)).collect();
    for (many, expected) in [
        (1, "Back: claude.ai, after 48 min"),
        (2, "Back: claude.ai and Claude Console, after 48 min"),
        (3, "Back: claude.ai and 2 more, after 48 min"),
    ] {
        let levels: Vec<(&str, Level)> = partial(many);
        assert_eq!(told(&levels, None, TEXTS[5].1).0, expected);
    }
}

#[test]
fn forty_characters_of_a_title_say_what_is_worst_and_what_is_new() {
    let api = |level, stand| Other { name: "Claude API", level, stand };
    let (partial, fixed) = (Level::Partial, Stand::FixOut);
    for (other, words, level, expected) in [
        (
            api(Level::Major, Stand::Affected),
            0,
            Level::Degraded,
            "Major outage: Claude API; degraded: claude.ai",
        ),
        (
            api(Level::Major, Stand::Affected),
            0,
            partial,
            "Major outage: Claude API; partial outage: claude.ai",
        ),
        (api(Level::Major, Stand::Affected), 0, Level::Major, "Major outage: claude.ai"),
        (api(Level::Degraded, Stand::Affected), 0, partial, "Partial outage: claude.ai"),
        (api(Level::Major, fixed), 0, partial, "Partial outage: claude.ai"),
        (api(Level::Major, Stand::NotSure), 0, partial, "Partial outage: claude.ai"),
        (api(Level::Maintenance, Stand::Affected), 5, partial, "Back: claude.ai, after 48 min"),
        (
            api(Level::Major, Stand::Affected),
            2,
            partial,
            "Major outage: Claude API; fix didn't hold: claude.ai",
        ),
        (
            api(Level::Major, Stand::Affected),
            3,
            partial,
            "Fix out, try again: claude.ai; still down: Claude API",
        ),
        (api(Level::Major, Stand::Affected), 5, partial, "Back: claude.ai; still down: Claude API"),
        (api(partial, Stand::Affected), 5, partial, "Back: claude.ai; still affected: Claude API"),
        (api(Level::Major, fixed), 5, partial, "Back: claude.ai, after 48 min"),
    ] {
        let (title, body) = told_beside(&[other], &[("claude.ai", level)], None, TEXTS[words].1);
        assert_eq!(title, expected);
        assert!(body.starts_with("claude.ai: ") && body.contains("Claude API"), "{body}");
        let repeats = body.contains("the same request");
        assert!(!repeats || other.stand != Stand::Affected || other.level == Level::Maintenance);
    }
}
