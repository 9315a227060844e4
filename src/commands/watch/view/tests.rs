use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::*;
use crate::client::beside::DaemonState;
use crate::client::picture::Source;
use ccwatch_core::model::{Host, Impact, PageComponent, Phase, Reading, Snapshot, Update};
use ccwatch_core::monitor::{Input, Monitor, Saved};
use ccwatch_core::notice::kind::Reason;
use ccwatch_core::settings::Settings;

fn now() -> Timestamp {
    "2026-06-02T16:04:00Z".parse().unwrap()
}

fn component(id: &str, name: &str, status: &str) -> PageComponent {
    let (id, name) = (id.into(), name.to_owned());
    PageComponent { id, name, status: status.into(), group: None, updated_at: None }
}

fn incident() -> Incident {
    let at = now() - SignedDuration::from_mins(12);
    let update = Update {
        id: "u".to_owned(),
        phase: Phase::Identified,
        body: "We have found the\u{1b}[31m cause.".to_owned(),
        created_at: Some(at),
        changes: Vec::new(),
    };
    Incident {
        id: "abc".into(),
        name: "Elevated errors on Claude Code".to_owned(),
        phase: Phase::Identified,
        impact: Impact::Major,
        created_at: Some(at),
        started_at: Some(at),
        updated_at: Some(at),
        resolved_at: None,
        components: BTreeSet::from(["cc".into()]),
        meant: BTreeSet::from(["cc".into()]),
        updates: vec![update],
    }
}

/// A daemon-less look at the page, 12 s ago.
fn picture(status: &str, incidents: Vec<Incident>) -> Picture {
    let mut monitor = Monitor::new(Settings::default(), Saved::default(), now());
    let snapshot = Snapshot {
        updated_at: None,
        components: vec![
            component("cc", "Claude Code", status),
            component("api", "Claude API (api.anthropic.com)", "operational"),
            component("ai", "claude.ai", "operational"),
            component("gov", "Claude for Government", "operational"),
        ],
        complete: true,
        incidents: Some(incidents),
        incidents_complete: true,
        maintenances: Some(Vec::new()),
        maintenances_complete: true,
        oddities: Vec::new(),
    };
    let polled = Input::Polled {
        host: Host::Primary,
        reading: Reading::Fresh(snapshot),
        etag: None,
        jitter: 0.5,
    };
    monitor.handle(now() - SignedDuration::from_secs(12), polled);
    Picture {
        now: now(),
        page: monitor.into_state(),
        source: Source::Daemon,
        heartbeat: None,
        daemon: DaemonState::Away,
    }
}

fn change(at: &str, id: &str, name: &str, from: Level, to: Level) -> Transition {
    let at: Timestamp = at.parse().unwrap();
    Transition {
        at,
        seen_at: at,
        component: id.into(),
        name: name.to_owned(),
        from,
        to,
        incident: None,
        episode: None,
        reason: Reason::NoNews,
    }
}

/// The screen, line by line, without the blanks at their ends.
fn screen(scene: &Scene<'_>, width: u16, height: u16) -> Vec<String> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, scene)).unwrap();
    let text = terminal.backend().to_string();
    text.lines().map(|line| line.trim_matches('"').trim_end().to_owned()).collect()
}

#[test]
fn an_outage_on_a_small_screen() {
    let picture = picture("partial_outage", vec![incident()]);
    let changes = [
        change("2026-06-02T15:52:00Z", "cc", "Claude Code", Level::Unknown, Level::Partial),
        change(
            "2026-06-01T09:10:00Z",
            "gov",
            "Claude for Government",
            Level::Major,
            Level::Operational,
        ),
        change("2026-05-30T09:10:00Z", "ai", "claude.ai", Level::Degraded, Level::Operational),
        change("2026-05-29T09:10:00Z", "ai", "claude.ai", Level::Unknown, Level::Operational),
    ];
    let scene = Scene {
        picture: &picture,
        unreadable: None,
        changes: &changes,
        watches: &[],
        all: false,
        scrolled: 0,
        colours: true,
    };
    let expected = [
        "ccwatch  status.claude.com                                              16:04:00",
        "",
        "WAIT",
        "Leave your settings alone and wait. Repeat the same request, on the same path,",
        "when it clears.",
        "",
        "  Claude Code  partial outage        since 16:03 (less than a minute)",
        "  Claude API   operational",
        "  claude.ai    operational",
        "",
        "Elevated errors on Claude Code (identified, 15:52)",
        "We have found the cause.",
        "",
        "The last 7 days",
        "  Tue  2 Jun 15:52  Claude Code: partial outage",
        "  Sat 30 May 09:10  claude.ai: operational",
        "",
        "",
        "",
        "",
        "",
        "As of 12 s ago. No daemon runs to tell you when to retry. To wait for it:",
        "ccwatch wait; to be told from now on: ccwatch service install",
        "q leaves   a all components   up and down scroll",
    ];
    assert_eq!(screen(&scene, 80, 24), expected);
    let all = screen(&Scene { all: true, scrolled: 1, ..scene }, 80, 24);
    assert_eq!(all[1], "WAIT");
    assert!(all.contains(&"  Claude for Government  operational".to_owned()), "{all:#?}");
    assert!(all.contains(&"  Mon  1 Jun 09:10  Claude for Government: operational".to_owned()));
}

#[test]
fn calm_and_unknown() {
    let well = picture("operational", Vec::new());
    let scene = Scene {
        picture: &well,
        unreadable: None,
        changes: &[],
        watches: &[],
        all: false,
        scrolled: 0,
        colours: true,
    };
    let lines = screen(&scene, 80, 24);
    assert_eq!(lines[2], "CLEAR");
    assert!(lines.contains(&"  no change".to_owned()), "{lines:#?}");
    let odd = picture("a_word_of_tomorrow", Vec::new());
    let lines = screen(&Scene { picture: &odd, ..scene }, 80, 24);
    assert_eq!(lines[2], "UNKNOWN");
    assert!(lines.iter().any(|line| line.contains("not known (a_word_of_tomorrow)")), "{lines:#?}");
}

#[test]
fn colours_are_of_the_sixteen_or_none_and_no_size_is_too_small() {
    let picture = picture("major_outage", vec![incident()]);
    let colours_of = |colours| {
        let scene = Scene {
            picture: &picture,
            unreadable: None,
            changes: &[],
            watches: &[],
            all: true,
            scrolled: 0,
            colours,
        };
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        terminal.draw(|frame| draw(frame, &scene)).unwrap();
        let cells = terminal.backend().buffer().content().iter().map(|cell| cell.fg);
        let mut found: Vec<Color> = cells.filter(|colour| *colour != Color::Reset).collect();
        found.dedup();
        found
    };
    assert_eq!(colours_of(true), [Color::Red, Color::Green]);
    assert_eq!(colours_of(false), []);
    let scene = Scene {
        picture: &picture,
        unreadable: None,
        changes: &[],
        watches: &[],
        all: true,
        scrolled: 9999,
        colours: true,
    };
    for (width, height) in [(1, 1), (2, 40), (200, 2), (10, 5), (500, 200)] {
        screen(&scene, width, height);
    }
}

#[test]
fn it_says_since_when_it_watched_and_what_it_only_learnt() {
    let picture = picture("partial_outage", Vec::new());
    let seen: Timestamp = "2026-06-02T15:55:00Z".parse().unwrap();
    let began =
        change("2026-06-02T15:20:00Z", "cc", "Claude Code", Level::Operational, Level::Partial);
    let changes = [Transition { seen_at: seen, ..began }];
    let scene = Scene {
        picture: &picture,
        unreadable: None,
        changes: &changes,
        watches: &[(seen, now())],
        all: false,
        scrolled: 0,
        colours: false,
    };
    let lines = screen(&scene, 80, 24);
    let at = lines.iter().position(|line| line.starts_with("The last 7 days")).unwrap();
    assert_eq!(lines[at], "The last 7 days, watched since Tue  2 Jun 15:55");
    assert_eq!(
        lines[at + 1],
        "  Tue  2 Jun 15:20  Claude Code: partial outage (seen Tue  2 Jun 15:55)"
    );
}
