//! Thirty days of trouble, for many seeds. `CCWATCH_SEED` plays one again, `CCWATCH_SEEDS` says
//! how many there are.

use ccwatch_core::notice::sink::Sink;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use jiff::SignedDuration;

use crate::fault_row::Row;
use ccwatch_core::monitor::Input;
use ccwatch_core::settings::Settings;
use ccwatch_core::testing::{API, CHAT, CODE, green};

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
    match random.u32(..120) {
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
            world.give(Some(Input::SinkReady(Sink::Desktop)));
        }
        70..74 => world.suspend(minutes(random.u64(60..600))),
        74..78 => world.step_clock(SignedDuration::from_secs(random.i64(-90_000..90_000))),
        78..81 => world.reload(|settings| {
            settings.critical_from = None;
            settings.settle = Duration::from_secs([30, 60, 300][random.usize(..3)]);
        }),
        81..85 => {
            // One of them is not watched for a while.
            world.reload(|settings| drop(settings.watch.remove(random.usize(..3))));
            world.pass(minutes(random.u64(1..300)));
            world.status(id, WORDS[random.usize(..WORDS.len())]);
            world.pass(minutes(random.u64(1..300)));
            world.reload(|settings| settings.watch = Settings::default().watch);
        }
        85..90 => {
            // Time stamps tell a copy from what is newer, so it is older by more than nothing.
            let copy = world.copy();
            world.pass(minutes(1));
            world.status(id, "major_outage");
            world.pass(minutes(16));
            world.edge = Some(copy);
            world.pass(minutes(random.u64(16..40)));
            world.edge = None;
        }
        90..95 => {
            world.mute(minutes(random.u64(10..300)));
            world.status(id, WORDS[random.usize(..WORDS.len())]);
        }
        95..99 => world.restart_server(),
        99..108 => world.kill(),
        108..112 => world.slow = !world.slow,
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

/// A month, and then a day in which all is well; what happened, and who still waits for an end.
fn month(seed: u64, bug: Option<Bug>) -> (Counts, usize) {
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
    (world.witness.counts.clone(), world.witness.waiting())
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
        let Ok((counts, waiting)) = counts else {
            panic!("play it again with CCWATCH_SEED={seed}")
        };
        for kind in ["outage", "worse", "back", "lost_sight", "maintenance"] {
            assert!(counts.kinds.get(kind).is_some_and(|n| *n > 0), "no {kind} in a month");
        }
        assert!(counts.readings > 2000 && counts.failed > 100 && counts.kills > 20, "{counts:?}");
        assert!(counts.notices > 100 && counts.calls > 50 && counts.unwritten > 3, "{counts:?}");
        assert!(counts.hooks > 50, "{counts:?}");
        let Counts { stale, reloads, mutes, servers, .. } = counts;
        assert!(stale > 5 && reloads > 10 && mutes > 5 && servers > 5, "{counts:?}");
        assert!(counts.repeats < counts.calls / 4, "only few repeats: {counts:?}");
        let fault = format!(
            "{DAYS} days, seed {seed}: {} kills, {} failed reads, {stale} stale copies, {} failed \
             writes, {reloads} reloads, {mutes} mutes, {servers} server restarts",
            counts.kills, counts.failed, counts.unwritten
        );
        Row {
            fault: &fault,
            times: counts.kills
                + counts.failed
                + stale
                + counts.unwritten
                + reloads
                + mutes
                + servers,
            messages: counts.notices,
            lost: waiting,
            repeated: counts.repeats + counts.hook_repeats,
            allowed: counts.allowed + counts.hook_allowed,
            again: &format!("CCWATCH_SEED={seed} cargo test --lib simulation"),
            ..Row::default()
        }
        .end();
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
        Bug::StaleLooksFresh,
        Bug::MutedForEver,
    ] {
        // What a bug needs to show itself doesn't happen in every month.
        let found = (1..=4).find_map(|seed| {
            let run = catch_unwind(AssertUnwindSafe(|| {
                let (_, waiting) = month(seed, Some(bug));
                assert_eq!(waiting, 0, "never told to be back");
            }));
            run.err()
        });
        let Some(why) = found else { panic!("{bug:?} was not found") };
        let why = why.downcast::<String>().map_or_else(|_| "?".to_owned(), |text| *text);
        println!("{bug:?}: {}", why.chars().take(150).collect::<String>().replace('\n', " "));
    }
}
