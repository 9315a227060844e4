//! A retry, in time: red, then operational by the page's own word, is back while the incident goes
//! on; what the page takes out of an incident, dates ahead or gives another id misleads nobody.

use jiff::SignedDuration;

use crate::model::{Change, ComponentId, Level};
use crate::notice::kind::Kind;
use crate::settings::Settings;
use crate::state::filter::Filter;
use crate::state::verdict::Verdict;
use crate::testing::{API, CHAT, CODE, Harness};

fn using(models: &[&str]) -> Harness {
    let models = models.iter().map(|model| (*model).to_owned()).collect();
    let mut harness = Harness::new(Settings { models, ..Settings::default() });
    harness.polls();
    harness.take();
    harness
}

fn level(harness: &Harness, id: &str) -> Level {
    let mut components = harness.monitor.state().components().iter();
    components.find(|component| component.id.0 == id).unwrap().level
}

fn verdict(harness: &Harness) -> Verdict {
    harness.monitor.state().verdict(harness.now)
}

/// 2026-03-16: Claude Code was operational again after three minutes, the incident went on for two
/// hours and a half.
#[test]
fn red_and_green_again_is_back_while_the_incident_goes_on() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "degraded_performance");
    harness.incident("a", "identified", &[CODE, CHAT]).polls();
    assert_eq!(harness.take(), [Kind::Outage]);
    harness.wait(180).status(CODE, "operational").polls();
    assert_eq!(level(&harness, CODE), Level::Operational);
    assert_eq!(level(&harness, CHAT), Level::Reported, "it never was red in it");
    harness.wait(60).polls();
    assert_eq!(harness.titles(), ["Back: Claude Code; still affected: claude.ai"]);
    harness.restart().wait(60).polls().wait(9000).polls();
    assert_eq!(level(&harness, CODE), Level::Operational, "a restart forgets nothing");
    assert_eq!(harness.take(), []);
}

#[test]
fn red_again_in_the_same_incident_is_a_relapse_of_the_same_episode() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "degraded_performance").incident("a", "identified", &[CODE]);
    harness.polls().wait(60).status(CODE, "operational").polls().wait(60).polls();
    assert_eq!(harness.take(), [Kind::Outage, Kind::Back]);
    harness.restart().wait(7200).status(CODE, "partial_outage").polls();
    assert_eq!(harness.take(), [Kind::Outage]);
    harness.wait(60).incident("a", "resolved", &[CODE]).status(CODE, "operational").polls();
    harness.wait(300).polls();
    assert_eq!(harness.titles(), ["Back: Claude Code, after 2 h 3 min"], "the same episode");
    let ids = harness.transitions.iter().filter_map(|it| it.episode.clone());
    let ids: std::collections::BTreeSet<String> = ids.collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    // The incident is over: the next time is another episode.
    harness.wait(60).status(CODE, "partial_outage").polls();
    let ids = harness.transitions.iter().filter_map(|it| it.episode.clone());
    assert_eq!(ids.collect::<std::collections::BTreeSet<String>>().len(), 2);
}

/// What is told once isn't told again where the same episode goes on, also after a restart.
#[test]
fn what_was_heard_of_an_episode_stays_heard_where_it_goes_on() {
    let heard = |harness: &Harness| {
        let mut components = harness.monitor.state().components().iter();
        let code = components.find(|component| component.id.0 == CODE).unwrap();
        [Kind::Outage, Kind::Worse].map(|kind| code.episode().unwrap().heard(kind))
    };
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "degraded_performance").incident("a", "identified", &[CODE]);
    harness.polls();
    assert_eq!(heard(&harness), [true, false]);
    harness.wait(60).status(CODE, "major_outage").polls();
    assert_eq!(heard(&harness), [true, true]);
    harness.wait(60).status(CODE, "operational").polls().wait(120).polls();
    harness.restart().wait(7200).status(CODE, "degraded_performance").polls();
    assert_eq!(harness.take(), [Kind::Outage, Kind::Worse, Kind::Back, Kind::Outage]);
    assert_eq!(heard(&harness), [true, true]);
    harness.wait(60).incident("a", "resolved", &[CODE]).status(CODE, "operational").polls();
    harness.wait(600).polls().wait(60).status(CODE, "degraded_performance").polls();
    assert_eq!(heard(&harness), [true, false], "another one");
}

/// What an update says of a component counts, seen red or not.
#[test]
fn red_and_green_between_two_polls_is_known_from_the_updates() {
    let mut harness = Harness::watching();
    harness.wait(60).incident("a", "investigating", &[CODE]);
    let change = |new: &str| Change { component: ComponentId::from(CODE), new: new.into() };
    let incident = &mut harness.page.incidents.as_mut().unwrap()[0];
    incident.updates[0].changes = vec![change("major_outage")];
    harness.incident("a", "identified", &[CODE]);
    let incident = &mut harness.page.incidents.as_mut().unwrap()[0];
    incident.updates[0].changes = vec![change("operational")];
    harness.polls();
    assert_eq!(level(&harness, CODE), Level::Operational);
    assert_eq!(harness.take(), []);
}

/// A component that the page takes out of an incident's list is not meant any more.
#[test]
fn an_incident_counts_for_the_components_that_it_still_means() {
    let mut harness = Harness::watching();
    harness.wait(60).incident("a", "investigating", &[CODE, API]).polls();
    assert_eq!(harness.take(), [Kind::Outage]);
    let incident = &mut harness.page.incidents.as_mut().unwrap()[0];
    incident.components = [ComponentId::from(API)].into();
    incident.meant = incident.components.clone();
    harness.wait(60).polls();
    assert_eq!(level(&harness, CODE), Level::Operational);
    assert_eq!(level(&harness, API), Level::Reported);
    harness.wait(60).polls();
    assert_eq!(harness.titles(), ["No longer reported: Claude Code; still affected: Claude API"]);
    assert_eq!(verdict(&harness), Verdict::Wait);
}

/// 2026-03-04: the incident about Haiku was over, and Claude Code green; the one about Opus went on.
#[test]
fn an_incident_of_other_models_never_holds_back_the_end_of_mine() {
    let mut harness = using(&["haiku"]);
    harness.wait(60).status(CODE, "degraded_performance").incident(
        "opus",
        "investigating",
        &[CODE],
    );
    title(&mut harness, "Elevated errors on Claude Opus 4.6");
    harness.polls();
    assert_eq!(harness.take(), []);
    assert_eq!(verdict(&harness), Verdict::Clear);
    harness.wait(60).incident("haiku", "investigating", &[CODE]);
    title(&mut harness, "Elevated errors on Claude Haiku 4.5");
    harness.polls();
    assert_eq!(harness.take(), [Kind::Outage]);
    assert_eq!(verdict(&harness), Verdict::Wait);
    harness.wait(600).incident("haiku", "monitoring", &[CODE]).polls();
    assert_eq!(harness.take(), [Kind::FixOut]);
    harness.wait(600).incident("haiku", "resolved", &[CODE]).polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Back: Claude Code, after 20 min"]);
    assert_eq!(verdict(&harness), Verdict::Retry);
    // The page goes on showing it red, for others.
    let state = harness.monitor.state();
    let code = state.watched().find(|component| component.id.0 == CODE).unwrap();
    assert_eq!((code.level, state.filter(code)), (Level::Degraded, Some(Filter::OtherModels)));
    harness.restart().wait(3600).polls();
    assert_eq!((harness.take(), verdict(&harness)), (vec![], Verdict::Clear));
    // Left red without an incident: that was about other models, and still is.
    harness.wait(60).incident("opus", "resolved", &[CODE]).polls().wait(60).polls();
    assert_eq!((harness.take(), verdict(&harness)), (vec![], Verdict::Clear));
    harness.wait(60).status(CODE, "operational").polls().wait(60).polls();
    assert_eq!((harness.take(), verdict(&harness)), (vec![], Verdict::Clear));
}

/// Both at once, and what is explained by the newest one only by chance.
#[test]
fn one_incident_of_mine_among_others_is_enough() {
    let mut harness = using(&["sonnet"]);
    harness.wait(60).status(CODE, "degraded_performance").incident(
        "mine",
        "investigating",
        &[CODE],
    );
    title(&mut harness, "Elevated errors on Claude Sonnet 4.6");
    harness.wait(60).incident("other", "investigating", &[CODE]);
    title(&mut harness, "Elevated errors on Claude Opus 4.6");
    harness.polls();
    assert_eq!(harness.take(), [Kind::Outage], "the newest one is about another model");
    // From red to reported: what goes on without a red light is filtered as well.
    harness.wait(60).incident("mine", "resolved", &[CODE]).polls();
    assert_eq!(harness.take(), [], "one more reading must agree");
    harness.wait(60).polls();
    assert_eq!(harness.take(), [Kind::Back]);
    harness.wait(60).incident("again", "investigating", &[CODE]);
    title(&mut harness, "Elevated errors on Claude Sonnet 4.6");
    harness.polls();
    assert_eq!(harness.take(), [Kind::Outage], "mine once more");
    assert_eq!(verdict(&harness), Verdict::Wait);
}

#[test]
fn what_is_milder_than_wanted_makes_no_verdict() {
    let settings = Settings { min_level: Level::Partial, ..Settings::default() };
    let mut harness = Harness::new(settings);
    harness.polls();
    harness.take();
    harness.wait(60).status(CODE, "degraded_performance").polls();
    assert_eq!((harness.take(), verdict(&harness)), (vec![], Verdict::Clear));
    assert_eq!(harness.monitor.state().worst_level(), Level::Operational);
    harness.wait(60).status(CODE, "partial_outage").polls();
    assert_eq!((harness.take(), verdict(&harness)), (vec![Kind::Outage], Verdict::Wait));
    harness.wait(60).status(CODE, "degraded_performance").polls();
    assert_eq!(verdict(&harness), Verdict::Wait, "who was told of it waits for its end");
    harness.wait(60).status(CODE, "operational").polls().wait(60).polls();
    assert_eq!((harness.take(), verdict(&harness)), (vec![Kind::Back], Verdict::Retry));
    harness.wait(7200).status(API, "degraded_performance").polls();
    harness.wait(60).status(API, "operational").polls().wait(60).polls();
    assert_eq!((harness.take(), verdict(&harness)), (vec![], Verdict::Clear));
}

/// The incident of one is in `monitoring`, that of the other is gone at the same reading: one message.
#[test]
fn a_fix_that_is_out_for_one_is_told_for_all_that_it_is_out_for() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "degraded_performance").status(API, "degraded_performance");
    harness.incident("a", "identified", &[CODE]).incident("b", "identified", &[API]).polls();
    assert_eq!(harness.take(), [Kind::Outage]);
    harness.wait(60).incident("a", "monitoring", &[CODE]).incident("b", "resolved", &[API]).polls();
    for _ in 0..3 {
        harness.wait(60).polls();
    }
    assert_eq!(harness.titles(), ["Fix out, try again: Claude API and Claude Code"]);
}

/// Seen on the page: a component's time stamp two days ahead, so that its recovery looked older.
#[test]
fn a_time_stamp_that_is_days_ahead_holds_no_recovery_back() {
    let mut harness = Harness::watching();
    let ahead = harness.now + SignedDuration::from_hours(48);
    harness.page.updated_at = Some(harness.now);
    harness.wait(180).status(CODE, "major_outage");
    stamp(&mut harness, Some(ahead));
    harness.polls();
    assert_eq!(harness.take(), [Kind::Outage]);
    harness.wait(300).status(CODE, "operational");
    let now = harness.now;
    stamp(&mut harness, Some(now));
    harness.polls().wait(60).polls();
    assert_eq!(harness.take(), [Kind::Back]);
}

fn stamp(harness: &mut Harness, at: Option<jiff::Timestamp>) {
    let row = harness.page.components.iter_mut().find(|row| row.id.0 == CODE).unwrap();
    row.updated_at = at;
}

/// Renames the newest incident of the page.
fn title(harness: &mut Harness, title: &str) {
    harness.page.incidents.as_mut().unwrap().last_mut().unwrap().name = title.to_owned();
}

/// The page may have turned red before the reading that saw it: to who uses no Opus it never was.
#[test]
fn what_was_only_ever_about_other_models_never_came_back() {
    let mut harness = using(&["sonnet"]);
    harness.wait(60).status(CODE, "major_outage").incident("a", "investigating", &[CODE]);
    let list = harness.page.incidents.as_mut().unwrap();
    list[0].name = "Elevated errors on Claude Opus 4.6".to_owned();
    let changed = harness.now - SignedDuration::from_secs(20);
    for row in harness.page.components.iter_mut().filter(|row| row.id.0 == CODE) {
        row.updated_at = Some(changed);
    }
    harness.polls();
    assert_eq!(verdict(&harness), Verdict::Clear);
    harness.wait(60).polls();
    assert_eq!(verdict(&harness), Verdict::Clear);
    assert_eq!(harness.take(), []);
}

#[test]
fn what_is_not_known_is_not_fine_after_a_recovery_either() {
    let watch = vec!["Claude API".to_owned(), "Claude Foo".to_owned()];
    let mut harness = Harness::new(Settings { watch, ..Settings::default() });
    harness.polls().wait(60).status(API, "major_outage").polls();
    harness.wait(60).status(API, "operational").polls().wait(60).polls();
    assert_eq!(verdict(&harness), Verdict::Unknown);
}

/// Told to be back, and red again while its incident goes on: in the same bubble, and said so.
#[test]
fn a_relapse_after_back_takes_its_bubble_and_says_again() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "major_outage").incident("a", "investigating", &[CODE]).polls();
    let first = harness.told.last().unwrap().clone();
    harness.wait(600).status(CODE, "operational").polls().wait(60).polls();
    harness.take();
    harness.restart().wait(600).status(CODE, "partial_outage").polls();
    let again = harness.told.last().unwrap().clone();
    assert_eq!(again.title, "Partial outage again: Claude Code");
    assert_eq!(
        (again.kind, again.thread, again.episodes),
        (Kind::Outage, first.thread, first.episodes)
    );
    let (_, replaced) = harness.shown.last().unwrap();
    assert!(replaced.is_some(), "the bubble that said back");
}

/// Whoever is worst stands in the title, and its incident explains it.
#[test]
fn the_incident_is_that_of_who_stands_in_the_title() {
    let mut harness = Harness::watching();
    harness.wait(60).status(API, "degraded_performance").incident("slow", "investigating", &[API]);
    harness.status(CODE, "major_outage").incident("broken", "investigating", &[CODE]).polls();
    let told = harness.told.last().unwrap();
    assert!(told.title.starts_with("Major outage: Claude Code"), "{told:?}");
    assert_eq!(told.incident, Some("broken".into()));
}

#[test]
fn a_silent_incident_of_a_page_that_drops_what_is_over_goes_on_until_it_is_dropped() {
    let mut harness = Harness::new(Settings { incidents_linger: false, ..Settings::default() });
    harness.polls().wait(60).incident("a", "investigating", &[CODE]).polls();
    assert_eq!(harness.titles(), ["Incident reported: Claude Code"]);
    for _ in 0..40 {
        harness.wait(3600).polls();
    }
    assert_eq!((harness.take(), level(&harness, CODE)), (vec![], Level::Reported));
    harness.wait(60).drop_incidents().polls().wait(60).polls();
    assert_eq!(harness.take(), [Kind::Back]);
    // And one that is as old as that when it is first seen.
    let mut harness = Harness::new(Settings { incidents_linger: false, ..Settings::default() });
    harness.incident("a", "investigating", &[CODE]).wait(8 * 3600).polls();
    assert_eq!(level(&harness, CODE), Level::Reported);
}

/// A stamp of the day after tomorrow is no time at which anything was said.
#[test]
fn an_update_dated_ahead_is_told_without_its_time_and_fades_like_any_other() {
    let mut harness = Harness::watching();
    harness.wait(60).incident("a", "identified", &[CODE]);
    let ahead = harness.now + SignedDuration::from_hours(48);
    harness.page.incidents.as_mut().unwrap()[0].updates[0].created_at = Some(ahead);
    harness.page.incidents.as_mut().unwrap()[0].updated_at = Some(ahead);
    harness.polls();
    let told = harness.told.last().unwrap();
    assert!(told.body.contains("(identified)"), "{told:?}");
    assert_eq!(level(&harness, CODE), Level::Reported);
    harness.restart().wait(7 * 3600).polls().wait(60).polls();
    assert_eq!(level(&harness, CODE), Level::Operational, "silent for hours");
}

/// The page moved while only something that doesn't concern the user is red.
#[test]
fn trouble_with_the_page_is_told_while_only_what_is_filtered_is_red() {
    let mut harness = using(&["sonnet"]);
    harness.wait(60).status(CODE, "major_outage").incident("a", "investigating", &[CODE]);
    harness.page.incidents.as_mut().unwrap()[0].name = "Errors on Claude Opus 4.6".to_owned();
    harness.polls();
    for _ in 0..70 {
        harness.wait(60).fails(crate::model::FailureKind::OtherPage);
    }
    assert_eq!(harness.take(), [Kind::PageTrouble]);
}

/// Red again in the same incident is the same episode: how long it took counts from its beginning, and
/// the part that is over now is said beside it.
#[test]
fn what_relapsed_took_as_long_as_all_of_it() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "major_outage").incident("a", "investigating", &[CODE]).polls();
    harness.wait(1680).status(CODE, "operational").polls().wait(60).polls();
    harness.restart().wait(540).status(CODE, "major_outage").polls();
    harness.wait(300).status(CODE, "operational").polls().restart().wait(600).polls();
    let back = harness.told.last().unwrap();
    assert_eq!(back.lasted_seconds, Some(2580));
    assert!(back.body.contains("operational again; this time after 5 min."), "{back:?}");
    assert_eq!(
        harness.titles(),
        [
            "Major outage: Claude Code",
            "Back: Claude Code, after 28 min",
            "Major outage again: Claude Code",
            "Back: Claude Code, after 43 min"
        ]
    );
}

/// The incident of a message is about somebody whom its title names, and the body says of whom.
#[test]
fn an_incident_of_somebody_else_explains_nothing() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "major_outage").status(API, "degraded_performance");
    harness.incident("slow", "investigating", &[API]).polls();
    let told = harness.told.last().unwrap();
    assert_eq!(
        (told.title.as_str(), &told.incident),
        ("Major outage: Claude Code; 1 more affected", &None)
    );
    assert!(
        told.body.starts_with(
            "Claude Code: major outage; Claude API: degraded performance. Claude Code: on the status \
             page since 10:01; no incident is posted yet."
        ),
        "{told:?}"
    );
    // At the same level both are in the title, and the incident is of one of them.
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "major_outage").status(CHAT, "major_outage");
    harness.incident("down", "investigating", &[CODE]).polls();
    let told = harness.told.last().unwrap();
    assert_eq!(told.incident, Some("down".into()));
    assert!(
        told.body.starts_with(
            "claude.ai and Claude Code: major outage. Claude Code: Elevated errors on Claude models \
             (investigating, 10:01)."
        ),
        "{told:?}"
    );
}
