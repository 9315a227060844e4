//! Lines 15 to 22: what the page says.

use super::*;
use crate::daemon::OUTAGE;
use crate::hook::at_last;
use crate::page::gzip;
use crate::random::Random;

#[test]
fn fault_15_not_json() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let bodies: [&[u8]; 5] = [b"{", b"", b"{\"page\":\"\xff\xfe\"}", deep.as_bytes(), b"null"];
    let mut faults: Vec<_> = bodies.map(|body| (Answer::json(body), "the page's data")).into();
    let zipped = [("Content-Type", "application/json"), ("Content-Encoding", "gzip")];
    faults.push((Answer::new(200, &zipped, &gzip(b"[]")), "the page's data"));
    outlives(Fault::new(15, "not JSON, not UTF-8, 10,000 deep, of another shape"), faults);
}

#[test]
fn fault_16_unknown_is_never_operational() {
    let mut fault = Fault::new(16, "unknown words, null, missing fields, duplicates");
    let scene = Scene::new();
    let mut daemon = scene.home.daemon();
    outage(&scene);
    for status in [json!("a_word_of_tomorrow"), json!(null), json!(7), json!({"is": "up"})] {
        let mut body = red().summary();
        for row in body["components"].as_array_mut().unwrap() {
            row["status"] = status.clone();
            row["extra"] = json!([1]);
        }
        scene.page.always(Answer::json(body.to_string()));
        scene.polls();
        let (answer, code) = scene.home.status();
        assert!(answer["verdict"] != "clear" && code > 0, "{status}: {answer}");
        fault.claims(&answer, &[(API, "unknown"), (CLAUDE_CODE, "unknown")]);
        fault.injected(1);
    }
    let mut missing = red().summary();
    let rows = missing["components"].as_array_mut().unwrap();
    rows.iter_mut().for_each(|row| drop(row.as_object_mut().unwrap().remove("status")));
    scene.page.always(Answer::json(missing.to_string()));
    scene.polls();
    fault.claims(&scene.home.status().0, &[(API, "unknown"), (CLAUDE_CODE, "unknown")]);
    fault.injected(1);
    let mut twice = red().summary();
    let mut again = twice["components"][2].clone();
    again["status"] = json!("operational");
    twice["components"].as_array_mut().unwrap().push(again);
    scene.page.always(Answer::json(twice.to_string()));
    scene.polls();
    assert_ne!(level(&scene.home.status().0, API), "operational", "one of two says so");
    fault.injected(1);
    scene.page.heal();
    scene.polls();
    end_of_outage(&scene);
    daemon.signal("-TERM");
    daemon.says("stopped");
    fault.shown(&[MAJOR, BACK], &scene.server);
    fault.end();
}

#[test]
fn fault_17_components_come_and_go() {
    let mut fault = Fault::new(17, "a component renamed, removed, added");
    let mut renamed = red();
    renamed.component(API).name = "The API of tomorrow".to_owned();
    let mut without = renamed.clone();
    without.components.retain(|component| component.id != API);
    let mut new = without.clone();
    new.components.push(PageModel::default().component(API).clone());
    new.components.last_mut().unwrap().id = "another".to_owned();
    let told = replay(&[
        reads(0, &red()),
        reads(1, &renamed),
        reads(2, &without),
        reads(3, &without),
        reads(4, &without),
        reads(5, &new),
    ]);
    fault.injected(3);
    fault.heard(&["outage", "renamed", "component_gone"], &told);
    fault.end();
}

#[test]
fn fault_18_an_older_copy_is_no_recovery() {
    let mut fault = Fault::new(18, "a stale edge serves the page of before the outage");
    let scene = Scene::new();
    let mut daemon = scene.home.daemon();
    scene.polls();
    let old = PageModel::default().summary().to_string();
    outage(&scene);
    for _ in 0..3 {
        scene.page.always_for("summary", Answer::json(&old));
        daemon.says("an outdated copy of the page was served");
        more(&scene.page, 2);
        fault.claims(&scene.home.status().0, &[(API, "major")]);
        scene.page.heal();
        daemon.says("can be read again");
        fault.injected(1);
    }
    end_of_outage(&scene);
    fault.shown(&[MAJOR, BACK], &scene.server);
    fault.end();
}

#[test]
fn fault_19_an_incident_is_edited_deleted_and_posted_again() {
    let mut fault = Fault::new(19, "an incident edited, back-dated, deleted, posted again");
    let mut page = red();
    page.post("abc", "Elevated errors", "major", AT, &[API]);
    let mut lines = vec![reads(0, &page)];
    let edits: [fn(&mut PageModel); 4] = [
        |page| page.incident("abc").name = "Elevated errors on all models".to_owned(),
        |page| page.incident("abc").started_at = "2026-10-31T22:00:00Z".to_owned(),
        |page| page.incident("abc").updates[0].body = "Another wording.".to_owned(),
        |page| page.incident("abc").impact = "critical".to_owned(),
    ];
    for (minute, edit) in (1..).zip(edits) {
        edit(&mut page);
        lines.push(reads(minute, &page));
        fault.injected(1);
    }
    fault.heard(&["outage"], &replay(&lines));
    let mut without = page.clone();
    without.incidents.clear();
    lines.extend([reads(10, &without), reads(11, &without), reads(12, &page), reads(13, &page)]);
    fault.injected(2);
    fault.heard(
        &[
            "outage Major outage: Claude API",
            "fix_out Incident closed, try again: Claude API",
            "worse Fix didn't hold: Claude API",
        ],
        &replay(&lines),
    );
    fault.end();
}

#[test]
fn fault_21_down_and_up_between_two_polls() {
    let mut fault = Fault::new(21, "an outage over before the next poll");
    let scene = Scene::new();
    let daemon = scene.home.daemon();
    scene.polls();
    daemon.stop();
    scene.page.set(|page| {
        page.post("abc", "Elevated errors", "major", AT, &[API]);
        page.update("abc", "resolved", "Over.", "2026-11-01T10:20:00Z");
    });
    let _daemon = scene.home.daemon();
    scene.polls();
    scene.polls();
    // The history is read beside the page.
    let known = at_last(&scene.page, || reader(&scene.home).incident(&"abc".into()).unwrap());
    assert_eq!(known.incident.resolved_at, Some(at(20)), "with its true times");
    fault.injected(1);
    fault.shown(&[], &scene.server);
    fault.end();
}

/// One piece of everything that a sink must not let through, and a place for something random.
fn hostile(random: &mut Random) -> String {
    const PIECES: [&str; 16] = [
        "<b>&amp;</b>",
        "\u{1b}[31m",
        "\u{1b}]0;t\u{7}",
        "\u{9b}2J",
        "\u{202e}x",
        "\u{200b}",
        "\r\nb",
        "\0a",
        "\u{2028}",
        "\u{2066}y",
        "\u{1b}]8;;https://evil.test\u{1b}\\here\u{1b}]8;;\u{1b}\\",
        "%n$(id)`id`",
        "\u{feff}",
        "\u{e0041}",
        "\u{1b}Pq#0\u{1b}\\",
        "\u{7f}\u{8}",
    ];
    (0..12).map(|_| PIECES[random.below(PIECES.len())]).collect()
}

/// Titles of incidents, names of components and updates full of it, through every sink of the
/// built program: pop-up, log, terminal, JSON, a bar.
#[test]
fn fault_22_hostile_text() {
    let mut fault = Fault::new(22, "hostile texts x sinks: pop-up, log, terminal, bar, JSON");
    let inert = |c: char| {
        let hidden = "\u{202e}\u{200b}\u{2028}\u{2066}\u{feff}\u{e0041}";
        c == '\n' || !(c.is_control() || hidden.contains(c))
    };
    let mut random = Random::new(22);
    for round in 0..8 {
        let scene = Scene::new();
        let nasty = hostile(&mut random);
        let huge = format!("{nasty}{}", "y".repeat(1 << 20));
        let mut daemon = scene.home.daemon();
        scene.page.set(|page| {
            page.component(API).name = format!("Claude API (\u{1b}[2J{nasty})");
            page.post("abc", if round % 2 == 0 { &huge } else { &nasty }, "major", AT, &[API]);
            page.update("abc", "identified", &nasty, AT);
            breaks(page);
        });
        let log = scene.server.wait_for(1, PATIENCE);
        let line = daemon.says("Major outage: ");
        let mut sinks = vec![log[0].summary.clone(), log[0].body.clone(), line];
        for args in [
            &["status"][..],
            &["status", "--all"],
            &["status", "--format", "tmux"],
            &["status", "--format", "waybar"],
            &["history"],
            &["diagnose", &nasty.replace('\0', "")],
        ] {
            sinks.push(text(&scene.home.run(args).stdout));
        }
        for text in &sinks {
            assert!(text.chars().all(inert) && text.len() < 10_000, "{text:?}");
        }
        // JSON keeps the whole text, with escapes for what hides.
        for args in [&["status", "--json"][..], &["history", "--json"]] {
            let written = text(&scene.home.run(args).stdout);
            assert!(written.chars().all(inert) && written.contains("abc"), "{args:?}");
            serde_json::from_str::<Value>(&written).unwrap();
            sinks.push(written);
        }
        assert!(!log[0].body.contains("<b>"), "{:?}", log[0].body);
        fault.injected(sinks.len());
        fault.shown(&[MAJOR], &scene.server);
    }
    fault.end();
}

/// The end of an incident that was edited into nonsense is still its end.
#[test]
fn fault_19_steps_of_an_outage_with_edits_between() {
    let mut fault = Fault::new(19, "edits between the steps of an outage, on the real daemon");
    let scene = Scene::new();
    let _daemon = scene.home.daemon();
    scene.polls();
    for (n, (change, _)) in OUTAGE.into_iter().enumerate() {
        scene.page.set(change);
        scene.server.wait_for(n + 1, PATIENCE);
        scene.page.set(|page| {
            let incident = page.incident("abc");
            incident.name = format!("Edited {n} times");
            incident.started_at = "2026-10-30T10:00:00Z".to_owned();
            incident.updates[0].body = format!("Edited {n} times.");
        });
        scene.polls();
        fault.injected(1);
    }
    fault.shown(&OUTAGE.map(|(_, title)| title), &scene.server);
    fault.end();
}

/// At the outage, at the recovery, and in both: what is dated ahead is neither refused as outdated nor
/// makes what comes after it so, not even over a restart's worth of time.
#[test]
fn fault_53_a_time_stamp_that_is_days_ahead_holds_nothing_back() {
    let mut fault = Fault::new(53, "a component's time stamp two days ahead, or two hours");
    for ahead in [2 * 60, 2 * 24 * 60] {
        for (at_outage, at_recovery) in [(true, false), (false, true), (true, true)] {
            let stamp = |minute, is_ahead| at(if is_ahead { minute + ahead } else { minute });
            let mut down = red();
            down.set_status(API, "major_outage", &stamp(0, at_outage).to_string());
            let mut well = well_again(5);
            well.set_status(API, "operational", &stamp(5, at_recovery).to_string());
            let told = replay(&[
                reads(-1, &PageModel::default()),
                reads(0, &down),
                reads(4, &down),
                reads(5, &well),
                reads(6, &well),
                reads(7, &well),
            ]);
            fault.heard(&["outage", "back"], &told);
            fault.injected(1);
        }
    }
    fault.end();
}
