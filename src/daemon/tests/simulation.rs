//! Thirty days of trouble, for many seeds. `CCWATCH_SEED` plays one again, `CCWATCH_SEEDS` says
//! how many there are.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use jiff::SignedDuration;

use crate::core::monitor::Input;
use crate::core::script::{API, CHAT, CODE, green};

use super::witness::Counts;
use super::world::{Bug, Fault, Screen, World};

const WATCHED: [&str; 3] = [CHAT, API, CODE];
const WORDS: [&str; 9] = [
    "operational",
    "operational",
    "operational",
    "degraded_performance",
    "partial_outage",
    "major_outage",
    "major_outage",
    "under_maintenance",
    "a word of tomorrow",
];
const PHASES: [&str; 5] = ["investigating", "identified", "monitoring", "resolved", "resolved"];
const DAYS: u64 = 30;

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

/// One thing that happens to the page, the network, the desktop or the machine.
fn happen(world: &mut World, random: &mut fastrand::Rng) {
    let id = WATCHED[random.usize(..3)];
    match random.u32(..100) {
        0..12 => all_well(world),
        12..35 => world.status(id, WORDS[random.usize(..WORDS.len())]),
        35..50 => {
            let name = ["a", "b", "c"][random.usize(..3)];
            world.incident(name, PHASES[random.usize(..PHASES.len())], id);
        }
        50..53 => {
            world.change(|page, _| page.components.retain(|row| row.id.0 != id));
            world.pass(minutes(random.u64(1..40)));
            let back = green().components.into_iter().find(|row| row.id.0 == id);
            world.change(|page, now| {
                page.components.retain(|row| row.id.0 != id);
                page.components.extend(back);
                page.components.last_mut().unwrap().updated_at = Some(now);
            });
        }
        53..62 => {
            world.network = false;
            world.pass(minutes(random.u64(1..180)));
            world.network = true;
        }
        62..70 => {
            world.screen = if random.bool() { Screen::Missing } else { Screen::Silent };
            world.status(id, WORDS[random.usize(..WORDS.len())]);
            world.pass(minutes(random.u64(1..120)));
            world.screen = Screen::Takes;
            world.give(Some(Input::ServerAppeared));
        }
        70..74 => world.suspend(minutes(random.u64(60..600))),
        74..78 => world.step_clock(SignedDuration::from_secs(random.i64(-90_000..90_000))),
        78..81 => {
            world.settings.critical_from = None;
            world.give(Some(Input::Reconfigured(Box::new(world.settings.clone()))));
        }
        81..90 => world.kill(),
        90..94 => world.slow = !world.slow,
        _ => {
            for n in 0..random.usize(2..20) {
                world.status(id, if n % 2 == 0 { "major_outage" } else { "operational" });
                world.pass(Duration::from_secs(301));
            }
        }
    }
}

fn all_well(world: &mut World) {
    WATCHED.into_iter().for_each(|id| world.status(id, "operational"));
    world.change(|page, _| page.incidents = Some(Vec::new()));
}

/// A month, and then a day in which all is well.
fn month(seed: u64, bug: Option<Bug>) -> Counts {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut chance = random.fork();
    let mut world = World::new(bug);
    world.fate = Box::new(move |_| match chance.u32(..600) {
        0 => Some(Fault::Error),
        1 => Some(Fault::KilledBefore),
        2 => Some(Fault::KilledAfter),
        _ => None,
    });
    world.pass(minutes(20));
    let begin = world.time;
    while world.time.duration_since(begin) < SignedDuration::from_hours(24 * DAYS as i64) {
        happen(&mut world, &mut random);
        world.pass(minutes(random.u64(..90)));
        world.check(false);
    }
    world.fate = Box::new(|_| None);
    world.slow = false;
    all_well(&mut world);
    world.pass(minutes(24 * 60));
    world.check(true);
    world.witness.nothing_is_open();
    world.witness.counts.clone()
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect(name))
}

#[test]
fn months_of_trouble_lose_nothing_repeat_nothing_and_invent_nothing() {
    let seeds = match number("CCWATCH_SEED") {
        Some(seed) => seed..seed + 1,
        None => 1..1 + number("CCWATCH_SEEDS").unwrap_or(2),
    };
    for seed in seeds {
        let counts = catch_unwind(AssertUnwindSafe(|| month(seed, None)));
        let Ok(counts) = counts else { panic!("play it again with CCWATCH_SEED={seed}") };
        println!("seed {seed}: {counts:?}");
        for kind in ["outage", "worse", "back", "lost_sight", "maintenance"] {
            assert!(counts.kinds.get(kind).is_some_and(|n| *n > 0), "no {kind} in a month");
        }
        assert!(counts.readings > 2000 && counts.failed > 100 && counts.kills > 20, "{counts:?}");
        assert!(counts.notices > 100 && counts.calls > 50 && counts.unwritten > 3, "{counts:?}");
        assert!(counts.hooks > 50, "{counts:?}");
        assert!(counts.repeats < counts.calls / 4, "only few repeats: {counts:?}");
    }
}

/// The witness is worth something.
#[test]
fn planted_bugs_are_found() {
    for bug in [
        Bug::ShownIsNotMarked,
        Bug::ToldIsForgotten,
        Bug::ShownTwice,
        Bug::NothingSettles,
        Bug::FailureIsGreen,
        Bug::BackIsLost,
        Bug::ChangeIsLost,
    ] {
        let run = catch_unwind(AssertUnwindSafe(|| month(1, Some(bug))));
        let Err(why) = run else { panic!("{bug:?} was not found") };
        let why = why.downcast::<String>().map_or_else(|_| "?".to_owned(), |text| *text);
        println!("{bug:?}: {}", why.chars().take(150).collect::<String>().replace('\n', " "));
    }
}
