//! Names: what the user's words mean, and what the page's titles name.

use crate::model::{Group, Impact, Level, PageComponent};
use crate::notice::Notice;
use crate::notice::kind::{Kind, Reason};
use crate::settings::Settings;
use crate::state::verdict::Verdict;
use crate::testing::{API, CHAT, CODE, COWORK, Harness};

/// A monitor with this watch list.
pub(super) fn harness(watch: &[&str]) -> Harness {
    let watch = watch.iter().map(|entry| (*entry).to_owned()).collect();
    Harness::new(Settings { watch, ..Settings::default() })
}

/// A component of the page that is well.
pub(super) fn row(id: &str, name: &str, group: Option<&str>) -> PageComponent {
    let group = group.map(|group| Group { id: format!("id of {group}"), name: group.to_owned() });
    PageComponent {
        id: id.into(),
        name: name.to_owned(),
        group,
        status: "operational".into(),
        updated_at: None,
    }
}

fn watched(harness: &Harness) -> Vec<&str> {
    harness.monitor.state().watched().map(|component| component.id.0.as_str()).collect()
}

fn level(harness: &Harness, id: &str) -> Level {
    let mut components = harness.monitor.state().components().iter();
    components.find(|component| component.id.0 == id).unwrap().level
}

#[test]
fn an_exact_name_goes_before_one_that_is_cut() {
    let mut harness = harness(&["Claude API"]);
    harness.page.components.push(row("beta", "Claude API (beta)", None));
    harness.page.components.push(row("exact", "claude api", None));
    harness.polls();
    assert_eq!(watched(&harness), ["exact"]);
}

#[test]
fn an_empty_list_watches_everything() {
    let mut harness = harness(&[]);
    harness.page.components.push(row("x", "anything", None));
    harness.polls();
    assert_eq!(watched(&harness).len(), harness.page.components.len());
}

/// Nobody watches it, which is the reason, and not the switch.
#[test]
fn a_nameless_incident_about_what_nobody_watches_is_not_told_for_that() {
    let mut harness = harness(&["Claude API"]);
    harness.polls().wait(60);
    nameless(&mut harness, "Elevated errors in Claude Code", Impact::Minor);
    harness.polls();
    let code = harness.transitions.iter().rfind(|it| it.component.0 == CODE).unwrap();
    assert_eq!((code.to, code.reason), (Level::Reported, Reason::NotWatched));
}

#[test]
fn a_group_is_watched_by_its_name_and_stands_before_names_that_repeat() {
    let mut harness = harness(&["US-East"]);
    harness.page.components = vec![
        row("a", "US-East: Object Storage", Some("US-East")),
        row("b", "Compute", Some("US-East")),
        row("c", "EU: Object Storage", Some("EU")),
    ];
    harness.polls();
    assert_eq!(watched(&harness), ["a", "b"]);
    assert_eq!(harness.monitor.state().page_health().unmatched, Vec::<String>::new());
    harness.wait(60).status("a", "major_outage").status("c", "major_outage").polls();
    assert_eq!(harness.titles(), ["Major outage: US-East: Object Storage"]);
    harness.restart().wait(60).polls();
    assert_eq!(watched(&harness), ["a", "b"], "a restart forgets no group");
}

#[test]
fn two_entries_that_mean_the_same_are_both_matched() {
    let mut harness = harness(&["US-East", "Compute", "nowhere"]);
    harness.page.components = vec![row("b", "Compute", Some("US-East"))];
    harness.polls();
    assert_eq!(harness.monitor.state().page_health().unmatched, ["nowhere"]);
}

#[test]
fn a_renamed_component_stays_watched_and_that_is_said_once() {
    let mut harness = Harness::watching();
    let code = |harness: &mut Harness, name: &str| {
        let row = harness.page.components.iter_mut().find(|row| row.id.0 == CODE).unwrap();
        row.name = name.to_owned();
    };
    code(&mut harness, "Claude Code (cli)");
    harness.wait(60).polls();
    assert_eq!(harness.take(), [], "only the parenthesis is another one");
    code(&mut harness, "Claude Agent");
    harness.wait(60).polls().wait(60).polls().restart().wait(60).polls();
    assert_eq!(harness.titles(), ["Renamed on the page: Claude Code"]);
    harness.wait(60).status(CODE, "major_outage").polls();
    assert_eq!(harness.titles(), ["Major outage: Claude Agent"]);
}

#[test]
fn what_takes_the_place_of_a_component_is_watched_and_that_is_said_once() {
    let mut harness = Harness::watching();
    harness.remove(API);
    harness.page.components.push(row("batch", "Claude API - Batch", None));
    harness.page.components.push(row("chat", "Claude API - Messages", None));
    harness.wait(60).polls().wait(60).polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Split on the page: Claude API"]);
    assert!(watched(&harness).contains(&"batch"), "{:?}", watched(&harness));
    harness.restart().wait(60).status("batch", "partial_outage").polls();
    assert_eq!(harness.titles(), ["Partial outage: Claude API - Batch"]);
}

/// Gives a component another name.
fn rename(harness: &mut Harness, id: &str, name: &str) {
    let row = harness.page.components.iter_mut().find(|row| row.id.0 == id).unwrap();
    row.name = name.to_owned();
}

/// What those who are watched are called.
fn shown(harness: &Harness) -> Vec<&str> {
    harness.monitor.state().watched().map(|component| component.shown_name()).collect()
}

/// Finding: parts went by one name, so that it stood beside two levels.
#[test]
fn parts_of_a_split_component_are_watched_and_never_called_the_same() {
    for (kept, names) in [
        (true, ["Claude Code (CLI)", "Claude Code (Web)"]),
        (false, ["Claude Code (CLI)", "Claude Code (Web)"]),
        (true, ["Claude Code CLI", "Claude Code Web"]),
        (false, ["Claude Code CLI", "Claude Code Web"]),
    ] {
        let mut harness = harness(&["claude code"]);
        harness.polls();
        let cli = if kept { CODE } else { "cli" };
        match kept {
            true => rename(&mut harness, CODE, names[0]),
            false => {
                harness.remove(CODE);
                harness.page.components.push(row("cli", names[0], None));
            }
        }
        harness.page.components.push(row("web", names[1], None));
        harness.wait(60).polls().wait(60).polls().restart().wait(60).polls();
        let said = format!(
            "On the status page claude code now means {} and {}. ccwatch watches both; to choose \
             among them, change watch.components in the configuration.",
            names[0], names[1]
        );
        let split = ("Split on the page: claude code".to_owned(), said);
        assert_eq!(texts(&mut harness), [split], "{names:?} {kept}");
        assert_eq!(harness.monitor.state().missing_entries(), [""; 0]);
        harness.wait(60).status(cli, "major_outage").status("web", "degraded_performance").polls();
        let [(title, body)] = &texts(&mut harness)[..] else { panic!("one message") };
        assert_eq!(*title, format!("Major outage: {}; 1 more affected", names[0]));
        let levels = format!("{}: major outage; {}: degraded performance.", names[0], names[1]);
        assert!(body.starts_with(&levels), "{body}");
        harness.wait(60).status(cli, "operational").polls().wait(60).polls();
        let back = format!("Back: {}; still affected: {}", names[0], names[1]);
        assert_eq!(harness.titles(), [back]);
    }
}

fn texts(harness: &mut Harness) -> Vec<(String, String)> {
    let texts = |notice: Notice| (notice.title, notice.body);
    std::mem::take(&mut harness.told).into_iter().map(texts).collect()
}

#[test]
fn what_comes_step_by_step_is_a_split_too() {
    let mut harness = harness(&["Claude Code"]);
    harness.polls();
    rename(&mut harness, CODE, "Claude Code (CLI)");
    harness.wait(60).polls();
    assert_eq!((harness.take(), shown(&harness)), (vec![], vec!["Claude Code"]));
    harness.page.components.push(row("web", "Claude Code (Web)", None));
    harness.wait(60).polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Split on the page: Claude Code"]);
    assert_eq!(shown(&harness), ["Claude Code (CLI)", "Claude Code (Web)"]);
    rename(&mut harness, CODE, "Claude Code CLI");
    rename(&mut harness, "web", "Claude Code Web");
    harness.wait(60).polls().take();
    harness.page.components.push(row("phone", "Claude Code Mobile", None));
    harness.wait(60).polls();
    assert_eq!(harness.titles(), ["Split on the page: Claude Code"]);
    assert_eq!(watched(&harness), [CODE, "web", "phone"]);
}

/// Only what is new, of an entry that means nobody else any more.
#[test]
fn what_was_there_before_is_no_part() {
    let mut harness = harness(&["Claude Code"]);
    harness.page.components.push(row("slack", "Claude Code for Slack", None));
    harness.polls();
    harness.page.components.push(row("web", "Claude Code Web", None));
    harness.wait(60).polls();
    assert_eq!(watched(&harness), [CODE], "it is still there itself");
    harness.remove(CODE);
    harness.wait(60).polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Gone from the page: Claude Code"]);
    assert_eq!(harness.monitor.state().missing_entries(), ["Claude Code"]);
    harness.page.components.push(row("codex", "Claude Codex", None));
    harness.page.components.push(row("new", "Claude Code Desktop", None));
    harness.wait(60).polls();
    assert_eq!(harness.titles(), ["Renamed on the page: Claude Code"]);
    assert_eq!(watched(&harness), ["new", CODE]);
}

#[test]
fn another_id_and_another_name_are_a_renaming_and_the_outage_goes_on() {
    let mut harness = harness(&["Claude Code"]);
    harness.polls().wait(60).status(CODE, "partial_outage").polls().titles();
    harness.remove(CODE);
    harness.page.components.push(row("new", "Claude Code Agent", None));
    harness.status("new", "partial_outage").wait(60).polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Renamed on the page: Claude Code"]);
    harness.wait(60).status("new", "operational").polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Back: Claude Code Agent, after 3 min"]);
}

/// An id that means a component which is split says so by its name.
#[test]
fn an_id_goes_on_meaning_the_parts() {
    let mut harness = harness(&[CODE]);
    harness.polls();
    harness.remove(CODE);
    harness.page.components.push(row("cli", "Claude Code CLI", None));
    harness.page.components.push(row("web", "Claude Code (Web)", None));
    harness.wait(60).polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Split on the page: Claude Code"]);
    assert_eq!(watched(&harness), ["cli", "web", CODE]);
}

#[test]
fn a_component_that_becomes_a_group_is_split_into_its_children() {
    let mut harness = harness(&["Claude API"]);
    harness.polls();
    harness.remove(API);
    harness.page.components.push(row("messages", "Messages", Some("Claude API")));
    harness.page.components.push(row("batches", "Batches", Some("Claude API")));
    harness.wait(60).polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Split on the page: Claude API"]);
    harness.page.components.push(row("files", "Files", Some("Claude API")));
    harness.wait(60).polls();
    assert_eq!(harness.titles(), [""; 0], "a group may grow");
    harness.remove("files").wait(60).polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Gone from the page: Files"], "and shrink");
}

#[test]
fn of_several_parts_the_one_that_is_worst_goes_on_with_the_outage() {
    let mut harness = harness(&["Claude API"]);
    harness.polls().wait(60).status(API, "partial_outage").polls().titles();
    harness.remove(API);
    harness.page.components.push(row("us", "Claude API (US)", None));
    harness.page.components.push(row("eu", "Claude API (EU)", None));
    harness.status("eu", "partial_outage").wait(60).polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Split on the page: Claude API"]);
    harness.wait(60).status("eu", "operational").polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Back: Claude API (EU), after 3 min"]);
}

/// Finding: an entry with a parenthesis meant whatever had another one.
#[test]
fn an_entry_with_a_parenthesis_means_that_name_alone() {
    let mut harness = harness(&["Claude Code (CLI)"]);
    harness.remove(CODE);
    harness.page.components.push(row("cli", "Claude Code (CLI)", None));
    harness.page.components.push(row("web", "Claude Code (Web)", None));
    harness.polls();
    assert_eq!(watched(&harness), ["cli"]);
    harness.remove("cli").wait(60).polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Gone from the page: Claude Code (CLI)"]);
    assert_eq!(harness.monitor.state().missing_entries(), ["Claude Code (CLI)"]);
    harness.wait(60).status("web", "major_outage").polls();
    assert_eq!((harness.take(), watched(&harness)), (vec![], vec!["cli"]));
    // A parenthesis that changes is another name to who wrote it down; the component stays watched.
    let mut harness = self::harness(&["Claude Code (CLI)"]);
    rename(&mut harness, CODE, "Claude Code (CLI)");
    harness.polls();
    rename(&mut harness, CODE, "Claude Code (Terminal)");
    harness.wait(60).polls().wait(60).polls();
    let [(title, body)] = &texts(&mut harness)[..] else { panic!("one message") };
    assert_eq!(title, "Renamed on the page: Claude Code (CLI)");
    assert!(
        body.starts_with("Claude Code (CLI) is now called Claude Code (Terminal) on"),
        "{body}"
    );
    assert_eq!(watched(&harness), [CODE]);
}

/// Finding: merges, renamings and swaps were called splits.
#[test]
fn several_components_that_become_one_are_no_split() {
    for (kept, entry, said) in
        [(true, "Claude Code", None), (false, "Claude Code", None), (false, "claude code ", None)]
    {
        let mut harness = harness(&[entry]);
        harness.remove(CODE);
        harness.page.components.push(row("cli", "Claude Code (CLI)", None));
        harness.page.components.push(row("web", "Claude Code (Web)", None));
        harness.polls().wait(60).status("web", "partial_outage").polls();
        assert_eq!(harness.titles(), ["Partial outage: Claude Code (Web)"]);
        let one = if kept { "cli" } else { "one" };
        harness.page.components.truncate(harness.page.components.len() - 2);
        harness.page.components.push(row(one, "Claude Code", None));
        harness.status(one, "partial_outage").wait(60).polls().wait(60).polls().wait(60).polls();
        assert_eq!(harness.titles().first().map(String::as_str), said, "{kept}");
        assert_eq!(harness.monitor.state().missing_entries(), [""; 0]);
        harness.wait(60).status(one, "operational").polls().wait(60).polls();
        assert_eq!(harness.titles(), ["Back: Claude Code, after 4 min"], "{kept}");
    }
    // By another name than the user's: that is said, for what it is.
    let mut harness = harness(&["API"]);
    harness.page.components =
        vec![row("us", "API (US)", None), row("eu", "API (EU)", None), row("x", "Console", None)];
    harness.polls();
    harness.page.components = vec![row("one", "API - all", None), row("x", "Console", None)];
    harness.wait(60).polls().wait(60).polls();
    let [(title, body)] = &texts(&mut harness)[..] else { panic!("one message") };
    assert!(title.starts_with("Merged on the page: "), "{title}");
    assert!(body.contains(" are one on the status page now: API - all. "), "{body}");
    assert_eq!(watched(&harness)[0], "one");
}

#[test]
fn who_takes_the_name_of_another_is_what_the_word_means() {
    let swap = |harness: &mut Harness| {
        rename(harness, CODE, "Claude Cowork");
        rename(harness, COWORK, "Claude Code");
    };
    let legacy = |harness: &mut Harness| {
        rename(harness, CODE, "Claude Code (legacy)");
        harness.page.components.push(row("new", "Claude Code", None));
    };
    let agent = |harness: &mut Harness| {
        rename(harness, CODE, "Claude Agent");
        harness.page.components.push(row("new", "Claude Code", None));
    };
    let beside = |harness: &mut Harness| {
        rename(harness, CODE, "Claude Code (old)");
        harness.wait(60).polls().take();
        harness.page.components.push(row("new", "Claude Code", None));
    };
    type Change<'a> = &'a dyn Fn(&mut Harness);
    for (change, heir, called) in [
        (&swap as Change<'_>, COWORK, "Claude Cowork"),
        (&legacy, "new", "Claude Code (legacy)"),
        (&agent, "new", "Claude Agent"),
        (&beside, "new", "Claude Code (old)"),
    ] {
        let mut harness = harness(&["Claude Code"]);
        harness.polls();
        change(&mut harness);
        harness.wait(60).polls().wait(60).polls().restart().wait(60).polls();
        let said = format!(
            "On the status page Claude Code is another component now; what it was before is called \
             {called}. ccwatch watches Claude Code; to watch more, change watch.components in the \
             configuration."
        );
        let expected = ("Renamed on the page: Claude Code".to_owned(), said);
        assert_eq!(texts(&mut harness), [expected], "{called}");
        assert_eq!(watched(&harness), [heir], "{called}");
        harness.wait(60).status(CODE, "major_outage").polls();
        assert_eq!(harness.titles(), [""; 0], "{called}: nobody watches it");
        harness.wait(60).status(heir, "major_outage").polls();
        assert_eq!(harness.titles(), ["Major outage: Claude Code"], "{called}");
    }
    // What was told goes on under the name, and its end is told.
    let mut harness = harness(&["Claude Code"]);
    harness.polls().wait(60).status(CODE, "major_outage").polls().take();
    swap(&mut harness);
    harness.wait(60).polls().wait(60).polls();
    let titles = harness.titles();
    assert_eq!(titles.len(), 2, "{titles:?}");
    assert!(titles.contains(&"Renamed on the page: Claude Code".to_owned()), "{titles:?}");
    assert!(titles.iter().any(|title| title.starts_with("Back: Claude Code, after")), "{titles:?}");
    // Who watches both by name loses nothing.
    let mut harness = self::harness(&["Claude Code", "Claude Cowork"]);
    harness.polls();
    swap(&mut harness);
    harness.wait(60).polls().wait(60).polls();
    assert_eq!((harness.titles(), watched(&harness).len()), (vec![], 2));
}

/// A part that is down was down as long as the whole: nobody is told of it anew.
#[test]
fn the_parts_of_what_is_split_in_an_outage_go_on_with_it() {
    // The one of the old id is green, the other one is down.
    let mut harness = harness(&["Claude Code"]);
    harness.polls().wait(60).status(CODE, "major_outage").polls().titles();
    rename(&mut harness, CODE, "Claude Code (Web)");
    harness.page.components.push(row("cli", "Claude Code (CLI)", None));
    harness.status(CODE, "operational").status("cli", "major_outage").wait(300).polls();
    harness.wait(60).polls();
    assert_eq!(
        harness.titles(),
        [
            "Split on the page: Claude Code",
            "Back: Claude Code (Web); still down: Claude Code (CLI)"
        ]
    );
    harness.restart().wait(540).status("cli", "operational").polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Back: Claude Code (CLI), after 15 min"]);
}

#[test]
fn both_parts_of_what_left_the_page_in_an_outage_go_on_with_it() {
    let mut harness = harness(&["Claude Code"]);
    harness.polls().wait(60).status(CODE, "major_outage").polls().titles();
    harness.remove(CODE);
    harness.page.components.push(row("cli", "Claude Code (CLI)", None));
    harness.page.components.push(row("web", "Claude Code (Web)", None));
    harness.status("cli", "major_outage").status("web", "degraded_performance").wait(300).polls();
    harness.wait(60).polls();
    assert_eq!(harness.titles(), ["Split on the page: Claude Code"]);
    harness.restart().wait(540).status("web", "operational").polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Back: Claude Code (Web); still down: Claude Code (CLI)"]);
    assert!(harness.shown.last().unwrap().0.body.contains("after 15 min"));
    harness.wait(60).status("cli", "operational").polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Back: Claude Code (CLI), after 17 min"]);
}

/// Finding: an outage was missed because the group lost to a component that is cut.
#[test]
fn a_group_by_its_exact_name_goes_before_a_component_that_is_cut() {
    let page = || {
        vec![
            row("messages", "Messages", Some("API")),
            row("batches", "Batches", Some("API")),
            row("legacy", "API (legacy)", None),
        ]
    };
    for (entry, expected, called) in [
        ("API", &["messages", "batches"][..], &["Messages", "Batches"][..]),
        ("api (LEGACY)", &["legacy"], &["API (legacy)"]),
        ("API: Batches", &["batches"], &["Batches"]),
    ] {
        let mut harness = harness(&[entry]);
        harness.page.components = page();
        harness.polls().wait(60).polls();
        assert_eq!(watched(&harness), expected, "{entry}");
        assert_eq!(shown(&harness), called, "{entry}");
        assert_eq!(harness.titles(), [""; 0], "{entry}");
    }
}

/// Finding: the parenthesis of a group swallowed the names of its children.
#[test]
fn the_parenthesis_of_a_group_hides_no_child() {
    let mut harness = harness(&["US-East", "US-West"]);
    harness.page.components = Vec::new();
    for (id, group) in [("e", "US-East (N. Virginia)"), ("w", "US-West (Oregon)")] {
        for child in ["Compute", "Storage"] {
            let name = format!("{group}: {child}");
            let id = format!("{id}{child}");
            harness.page.components.push(row(&id, &name, Some(group)));
        }
    }
    harness.polls();
    assert_eq!(
        shown(&harness),
        ["US-East: Compute", "US-East: Storage", "US-West: Compute", "US-West: Storage"]
    );
    harness.wait(60).status("eCompute", "major_outage").status("eStorage", "degraded_performance");
    harness.polls().wait(60).status("eStorage", "operational").polls().wait(60).polls();
    assert_eq!(
        harness.titles(),
        [
            "Major outage: US-East: Compute; 1 more affected",
            "Back: US-East: Storage; still down: US-East: Compute"
        ]
    );
}

/// Posts an incident that names no component.
/// Red, then green by the page's own word, is back, also where only the title of an incident says
/// what it is about.
#[test]
fn what_was_red_in_a_nameless_incident_is_back_while_that_goes_on() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "partial_outage");
    nameless(&mut harness, "Claude Code errors", Impact::Major);
    harness.polls().wait(420).status(CODE, "operational").polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Partial outage: Claude Code", "Back: Claude Code, after 7 min"]);
    harness.restart().wait(3600).polls();
    assert_eq!(harness.titles(), Vec::<String>::new(), "told once");
}

fn nameless(harness: &mut Harness, title: &str, impact: Impact) {
    harness.incident("n", "investigating", &[]);
    let incident = harness.page.incidents.as_mut().unwrap().last_mut().unwrap();
    (incident.name, incident.impact) = (title.to_owned(), impact);
}

#[test]
fn an_incident_that_names_no_component_counts_for_the_product_in_its_title() {
    for (title, impact, id, told) in [
        ("Elevated errors in Claude Code", Impact::Minor, Some(CODE), false),
        ("Elevated errors in Claude Code", Impact::Major, Some(CODE), true),
        ("Claude.ai is slow", Impact::Critical, Some(CHAT), true),
        ("API errors", Impact::None, Some(API), false),
        ("Desktop app fails to open", Impact::Minor, None, false),
        ("Desktop app fails to open", Impact::Major, None, true),
    ] {
        let mut harness = Harness::watching();
        harness.wait(60);
        nameless(&mut harness, title, impact.clone());
        harness.polls();
        for other in [CODE, CHAT, API] {
            let expected = if id == Some(other) { Level::Reported } else { Level::Operational };
            assert_eq!(level(&harness, other), expected, "{title}: {other}");
        }
        let verdict = if id.is_some() { Verdict::Wait } else { Verdict::Clear };
        assert_eq!(harness.monitor.state().verdict(harness.now), verdict, "{title}");
        let kind = if id.is_some() { Kind::Outage } else { Kind::Unattributed };
        assert_eq!(harness.take(), if told { vec![kind] } else { vec![] }, "{title} {impact:?}");
        harness.wait(60).incident("n", "resolved", &[]).polls().wait(60).polls();
        assert_eq!(harness.take(), if told { vec![Kind::Back] } else { vec![] }, "{title}");
    }
}

/// An id that changes with each reading is one incident, told once.
#[test]
fn an_incident_whose_id_rotates_is_one() {
    let mut harness = Harness::watching();
    harness.wait(60);
    nameless(&mut harness, "Desktop app fails to open", Impact::Major);
    harness.polls();
    assert_eq!(harness.take(), [Kind::Unattributed]);
    for n in 0..3 {
        let incident = harness.page.incidents.as_mut().unwrap().last_mut().unwrap();
        incident.id = format!("n{n}").as_str().into();
        harness.wait(60).polls();
    }
    assert_eq!(harness.take(), []);
    assert_eq!(harness.monitor.state().incidents().known.len(), 1);
}
