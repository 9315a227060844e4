//! What must hold whatever the page says, in whatever order.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::model::*;
use crate::notice::Notice;
use crate::notice::kind::{Kind, Reason};
use crate::testing::{API, CHAT, CODE, Harness};

const WATCHED: [&str; 3] = [CHAT, API, CODE];
const WORDS: [&str; 6] = [
    "operational",
    "degraded_performance",
    "partial_outage",
    "major_outage",
    "under_maintenance",
    "a word of tomorrow",
];
const STAGES: [&str; 4] = ["scheduled", "in_progress", "verifying", "completed"];
const PHASES: [&str; 5] = ["investigating", "identified", "monitoring", "resolved", "odd"];

/// One thing that happens, and how many seconds later.
#[derive(Debug, Clone)]
enum Step {
    Says { component: usize, word: usize },
    Posts { incident: usize, phase: usize, component: usize },
    Announces { work: usize, stage: usize, component: usize },
    DropsWork,
    Unchanged,
    Fails(usize),
    Vanishes(usize),
    Returns,
}

fn steps() -> impl Strategy<Value = Vec<(u64, Step, bool)>> {
    let step = prop_oneof![
        6 => (0..3_usize, 0..WORDS.len()).prop_map(|(component, word)| Step::Says { component, word }),
        // Back to well more often than chance has it, else nothing ever ends.
        6 => (0..3_usize).prop_map(|component| Step::Says { component, word: 0 }),
        3 => (0..2_usize, 0..PHASES.len(), 0..3_usize)
            .prop_map(|(incident, phase, component)| Step::Posts { incident, phase, component }),
        3 => (0..2_usize, 0..STAGES.len(), 0..3_usize)
            .prop_map(|(work, stage, component)| Step::Announces { work, stage, component }),
        1 => Just(Step::DropsWork),
        4 => Just(Step::Unchanged),
        3 => (0..FailureKind::ALL.len()).prop_map(Step::Fails),
        1 => (0..3_usize).prop_map(Step::Vanishes),
        1 => Just(Step::Returns),
    ];
    let pause = prop_oneof![8 => 20..90_u64, 1 => 600..2000_u64, 1 => 20_000..40_000_u64];
    prop::collection::vec((pause, step, any::<bool>()), 1..80)
}

/// Does a step; the page as it was read, if it was.
fn act(harness: &mut Harness, step: &Step, gone: &mut BTreeSet<usize>) -> Option<Snapshot> {
    let all = crate::testing::green();
    match step {
        Step::Says { component, word } => drop(harness.status(WATCHED[*component], WORDS[*word])),
        Step::Posts { incident, phase, component } => {
            harness.incident(["a", "b"][*incident], PHASES[*phase], &[WATCHED[*component]]);
        }
        Step::Announces { work, stage, component } => {
            harness.work(["m", "n"][*work], STAGES[*stage], &[WATCHED[*component]], (0, 10));
        }
        Step::DropsWork => drop(harness.drop_work()),
        Step::Fails(kind) => {
            harness.fails(FailureKind::ALL[*kind]);
            return None;
        }
        // A daemon that has read nothing since its start asks for the whole page.
        Step::Unchanged if harness.monitor.read_since_start => {
            harness.reads(Reading::Unchanged);
            return harness
                .monitor
                .state()
                .page_health()
                .failing
                .is_none()
                .then(|| harness.page.clone());
        }
        Step::Unchanged => {}
        Step::Vanishes(component) => {
            gone.insert(*component);
            harness.remove(WATCHED[*component]);
        }
        Step::Returns => {
            for at in std::mem::take(gone) {
                let row = all.components.iter().find(|row| row.id.0 == WATCHED[at]);
                harness.page.components.extend(row.cloned());
            }
        }
    }
    harness.polls();
    Some(harness.page.clone())
}

fn word(page: &Snapshot, id: &ComponentId) -> Option<PageStatus> {
    page.components.iter().find(|row| row.id == *id).map(|row| row.status.clone())
}

/// Nothing is told that the page did not show in this very reading.
fn true_to_the_page(notice: &Notice, page: &Snapshot) {
    for id in &notice.components {
        let word = word(page, id);
        match notice.kind {
            Kind::Back => {
                let well = match notice.reason {
                    Reason::WorkGoesOn | Reason::MaintenanceOver => PageStatus::Maintenance,
                    _ => PageStatus::Operational,
                };
                assert_eq!(word, Some(well), "{notice:?}");
            }
            Kind::ComponentGone => assert_eq!(word, None, "{notice:?}"),
            Kind::Maintenance => {
                let mut works = page.maintenances.iter().flatten();
                let announced = works.any(|known| known.work.names(id));
                let began = notice.reason == Reason::MaintenanceBegan && announced;
                assert!(word == Some(PageStatus::Maintenance) || began, "{notice:?}");
            }
            Kind::Outage | Kind::Worse => {
                let reported = page.incidents.iter().flatten().any(|i| i.names(id));
                assert!(
                    word.as_ref().is_some_and(|w| *w != PageStatus::Operational || reported),
                    "{notice:?}"
                );
            }
            Kind::FixOut => assert_ne!(word, Some(PageStatus::Operational), "{notice:?}"),
            _ => {}
        }
    }
}

/// Whether it tells the end of an outage in whose place the page shows maintenance.
fn is_of_work(notice: &Notice) -> bool {
    matches!(notice.reason, Reason::WorkGoesOn | Reason::MaintenanceOver)
}

/// Runs the steps; `restarts` kills and starts the daemon where a step asks for it.
fn play(steps: &[(u64, Step, bool)], restarts: bool) -> Vec<(Kind, Vec<ComponentId>, String)> {
    let mut harness = Harness::watching();
    let mut gone = BTreeSet::new();
    let mut open: BTreeSet<ComponentId> = BTreeSet::new();
    let mut told = Vec::new();
    for (pause, step, restart) in steps {
        harness.wait(*pause);
        if restarts && *restart {
            harness.restart();
        }
        let before = harness.transitions.len();
        let levels: Vec<Level> =
            harness.monitor.state().components().iter().map(|c| c.level).collect();
        let page = act(&mut harness, step, &mut gone);
        let news = std::mem::take(&mut harness.told);
        let Some(page) = page else {
            let after: Vec<Level> =
                harness.monitor.state().components().iter().map(|c| c.level).collect();
            assert_eq!(
                (levels, before),
                (after, harness.transitions.len()),
                "a failure is no news"
            );
            assert!(news.iter().all(|notice| notice.kind == Kind::LostSight));
            told.extend(news.into_iter().map(|n| (n.kind, n.components, n.title)));
            continue;
        };
        for notice in &news {
            true_to_the_page(notice, &page);
            for id in &notice.components {
                match notice.kind {
                    // What is told of announced work under a green light has no end to wait for.
                    Kind::Maintenance if word(&page, id) != Some(PageStatus::Maintenance) => {}
                    Kind::Outage | Kind::Worse | Kind::Maintenance => drop(open.insert(id.clone())),
                    Kind::FixOut => assert!(open.contains(id), "a fix of nothing: {notice:?}"),
                    Kind::Back if is_of_work(notice) => {
                        assert!(open.contains(id), "the end of nothing: {notice:?}");
                    }
                    Kind::Back => assert!(open.remove(id), "back from nothing: {notice:?}"),
                    Kind::ComponentGone => drop(open.remove(id)),
                    _ => {}
                }
            }
        }
        for component in harness.monitor.state().watched() {
            let told = component.episode().is_some_and(|episode| episode.told.is_some());
            assert_eq!(open.contains(&component.id), told, "{component:?}");
            assert!(component.affected().is_none() || told, "affected and not told: {component:?}");
        }
        told.extend(news.into_iter().map(|n| (n.kind, n.components, n.title)));
    }
    told
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_is_told_is_true_paired_and_complete(steps in steps()) {
        play(&steps, false);
    }

    #[test]
    fn the_same_inputs_give_the_same_notices(steps in steps()) {
        prop_assert_eq!(play(&steps, false), play(&steps, false));
    }

    #[test]
    fn restarts_change_nothing_that_is_told(steps in steps()) {
        prop_assert_eq!(play(&steps, false), play(&steps, true));
    }
}
