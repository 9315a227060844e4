//! A thousand outages in virtual time, with kills of everything at any step: no session is woken
//! twice for one failure, none is woken that should not be, none is forgotten, nobody waits for
//! ever.

use alloc::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::api_error::Cause;
use crate::testing::start;
use crate::time::{after, between, shifted};

/// How often hooks look, in seconds.
const TICK: u64 = 10;
/// How long an outage with what comes after it is played, in seconds.
const LONG: u64 = 9 * 3600;
/// Nothing happens to the world after this, in seconds.
const CALM: u64 = 2 * 3600;

/// Chance that is the same for the same seed (a 64-bit LCG).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % n
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// One hook of a session: a process that waits.
struct Hook {
    token: String,
    failure: u32,
    waiter: Waiter,
}

/// A session of Claude Code.
struct Claude {
    id: String,
    /// A turn is under way, and ends then.
    busy_until: Option<u64>,
    /// It stands still because of this failure, counted over its life.
    stopped_by: Option<u32>,
    failures: u32,
    /// A hook lived long enough to write the newest of them down.
    reported: bool,
    hooks: Vec<Hook>,
    open: bool,
    /// The failures that it was woken for.
    woken_for: Vec<u32>,
    /// Woken since somebody was there or it worked.
    in_a_row: u32,
}

struct World {
    dice: Dice,
    second: u64,
    /// The API fails from one second to another.
    outage: (u64, u64),
    /// The page is red from, has a fix out from, is green from.
    page: (u64, u64, u64),
    /// Nobody reads the page.
    blind: (u64, u64),
    /// Meanwhile it looks as it did before the machine slept, and was read then.
    before_sleep: Option<(PageNews, u64)>,
    elsewhere: bool,
    kept: BTreeMap<String, StoppedSession>,
    sessions: Vec<Claude>,
    wish: Wish,
    worked_at: Option<Timestamp>,
    /// By how much the wall clock was set so far, in seconds.
    clock: i64,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed.wrapping_mul(2654435761).wrapping_add(99));
        let begins = dice.below(1200);
        let ends = begins + 60 + dice.below(7200);
        let red = match dice.below(4) {
            0 => u64::MAX,
            1 => begins.saturating_sub(300),
            _ => begins + dice.below(900),
        };
        let fix = if dice.one_in(2) { ends } else { u64::MAX };
        let green = ends + dice.below(1800);
        let blind = match dice.one_in(3) {
            true => (begins + dice.below(3600), begins + 3600 + dice.below(7200)),
            false => (0, 0),
        };
        let sessions = (0..=dice.below(4)).map(|n| Claude {
            id: format!("session {n}"),
            busy_until: None,
            stopped_by: None,
            failures: 0,
            reported: false,
            hooks: Vec::new(),
            open: true,
            woken_for: Vec::new(),
            in_a_row: 0,
        });
        let sessions = sessions.collect();
        let elsewhere = dice.one_in(6);
        let wish = Wish { resume: true, max_attempts: 3, ..Wish::default() };
        let page = (red, fix, green);
        let outage = (begins, ends);
        let kept = BTreeMap::new();
        Self {
            dice,
            second: 0,
            outage,
            page,
            blind,
            before_sleep: None,
            elsewhere,
            kept,
            sessions,
            wish,
            worked_at: None,
            clock: 0,
        }
    }

    fn now(&self) -> Timestamp {
        self.at(self.second)
    }

    /// A second as the wall clock has it now.
    fn at(&self, second: u64) -> Timestamp {
        let by = SignedDuration::from_secs(self.clock);
        shifted(after(start(), Duration::from_secs(second)), by)
    }

    /// Somebody sets the clock. Hooks that wait notice it; what nobody waits for stays as it is.
    fn sets_the_clock(&mut self) {
        let seconds = i64::try_from(self.dice.below(8 * 3600)).unwrap() - 4 * 3600;
        self.clock += seconds;
        let by = SignedDuration::from_secs(seconds);
        for hook in self.sessions.iter_mut().flat_map(|session| &mut session.hooks) {
            hook.waiter.shift(by);
            let kept = self.kept.values_mut().find(|kept| kept.is_awaited_by(&hook.token));
            kept.into_iter().for_each(|kept| kept.shift(by));
        }
    }

    fn page(&self) -> PageLook {
        let (news, read_at) = match self.before_sleep {
            _ if !self.is_blind() => (self.really(), self.second),
            Some(before) => before,
            None => (PageNews::Unknown, self.blind.0),
        };
        PageLook { news, read_at: Some(self.at(read_at)) }
    }

    fn is_blind(&self) -> bool {
        (self.blind.0..self.blind.1).contains(&self.second)
    }

    /// What the page says, whether anybody reads it or not.
    fn really(&self) -> PageNews {
        let (now, (red, fix, green)) = (self.second, self.page);
        match now {
            _ if red == u64::MAX || now < red || now >= green => PageNews::Green,
            _ if now >= fix => PageNews::FixOut,
            _ => PageNews::Red,
        }
    }

    fn keep(&mut self, id: &str, change: impl FnOnce(&mut StoppedSession)) {
        if let Some(session) = self.kept.get_mut(id) {
            change(session);
        }
    }

    /// A prompt begins a turn.
    fn begins(&mut self, at: usize, by_user: bool) {
        let (now, lasts) = (self.now(), 5 + self.dice.below(60));
        let session = &mut self.sessions[at];
        session.busy_until = Some(self.second + lasts);
        session.stopped_by = None;
        if by_user {
            session.in_a_row = 0;
        }
        let id = session.id.clone();
        self.keep(&id, |kept| kept.prompted(by_user, now));
    }

    fn turn_ends(&mut self, at: usize) {
        let now = self.now();
        let id = self.sessions[at].id.clone();
        self.sessions[at].busy_until = None;
        if !(self.outage.0..self.outage.1).contains(&self.second) {
            self.sessions[at].in_a_row = 0;
            self.worked_at = Some(now);
            self.keep(&id, |kept| kept.worked(now));
            for (other, kept) in &mut self.kept {
                if *other != id {
                    kept.other_worked(now);
                }
            }
            return;
        }
        self.sessions[at].failures += 1;
        let failure = self.sessions[at].failures;
        self.sessions[at].stopped_by = Some(failure);
        self.sessions[at].reported = false;
        // The plugin may be there twice: then two hooks report one failure.
        for copy in 0..=u64::from(self.dice.one_in(5)) {
            // One that is killed before it wrote anything leaves what was known before.
            if self.dice.one_in(40) {
                continue;
            }
            let token = format!("{id} {failure} {copy}");
            let stop = Stop {
                id: id.clone(),
                folder: "/home/me/work".to_owned(),
                at: now,
                cause: Cause::Internal,
                status: Some(500),
                heals: Heals::Time,
                elsewhere: self.elsewhere,
                headless: false,
                hook: token.clone(),
                // One that is there twice may be of a plugin that knows of no waiting.
                can_wait: copy == 0 || !self.dice.one_in(2),
            };
            let before = self.kept.get(&id).map(|before| {
                let is_same = before.hook.starts_with(&format!("{id} {failure} "));
                (before, if is_same { Order::Same } else { Order::Newer })
            });
            let kept = StoppedSession::stopped(before, stop, &self.wish);
            let jitter = self.dice.below(1000) as f64 / 1000.0;
            if kept.is_awaited_by(&token) {
                let waiter = Waiter::new(&kept, Heals::Time, self.wish.clone(), jitter);
                self.sessions[at].hooks.push(Hook { token, failure, waiter });
            }
            self.kept.insert(id.clone(), kept);
            self.sessions[at].reported = true;
        }
    }

    /// One hook looks; whether it waits on.
    fn hook_looks(&mut self, at: usize, hook: &mut Hook) -> bool {
        let (now, page) = (self.now(), self.page());
        let id = self.sessions[at].id.clone();
        let Some(kept) = self.kept.get(&id).filter(|kept| kept.is_awaited_by(&hook.token)) else {
            return false;
        };
        match hook.waiter.look(now, page, kept.other_worked_at, false) {
            Step::Wait(next) => {
                self.keep(&id, |kept| kept.awaits(next));
                return true;
            }
            Step::GiveUp(why) => self.keep(&id, |kept| kept.is_given_up(why, now)),
            Step::Wake { .. } => {
                // Killed before it is written down, or after that and before it is done.
                if self.dice.one_in(30) {
                    return false;
                }
                self.keep(&id, |kept| kept.wakes(now));
                if !self.dice.one_in(30) {
                    self.wakes(at, hook.failure, page.news);
                }
            }
        }
        false
    }

    /// The hook ended with 2.
    fn wakes(&mut self, at: usize, failure: u32, news: PageNews) {
        let really = self.really();
        let session = &mut self.sessions[at];
        assert!(session.open, "nobody is there to be woken");
        assert_eq!(session.stopped_by, Some(failure), "it went on already");
        assert!(!session.woken_for.contains(&failure), "woken twice");
        let is_red =
            news == PageNews::Red || self.before_sleep.is_some() && really == PageNews::Red;
        assert!(self.elsewhere || !is_red, "woken under a red page");
        session.woken_for.push(failure);
        session.in_a_row += 1;
        assert!(session.in_a_row <= self.wish.max_attempts, "woken too often");
        self.begins(at, false);
    }

    fn chance(&mut self, at: usize) {
        let now = self.now();
        let id = self.sessions[at].id.clone();
        let idle = self.sessions[at].busy_until.is_none() && self.sessions[at].open;
        match self.dice.below(400) {
            0 if idle => self.begins(at, true),
            // Somebody works most of the time.
            1..=8 if idle && self.sessions[at].stopped_by.is_none() => self.begins(at, true),
            9 if idle && self.dice.one_in(5) => {
                self.sessions[at].open = false;
                self.sessions[at].hooks.clear();
                self.keep(&id, |kept| kept.ended(Ending::Left, now));
            }
            10 if idle && self.dice.one_in(5) => {
                // Its hooks live on, and would wake the new one.
                self.keep(&id, |kept| kept.ended(Ending::Cleared, now));
                self.sessions[at].stopped_by = None;
                self.sessions[at].id.push('+');
                self.sessions[at].in_a_row = 0;
            }
            11 if self.dice.one_in(10) => {
                // The terminal is killed, without a word to anybody.
                self.sessions[at].open = false;
                self.sessions[at].hooks.clear();
                self.sessions[at].busy_until = None;
            }
            12 if !self.sessions[at].hooks.is_empty() => drop(self.sessions[at].hooks.remove(0)),
            // The daemon is killed: for a while nobody reads the page.
            13 if self.dice.one_in(4) => {
                (self.blind, self.before_sleep) = ((self.second, self.second + 120), None);
            }
            14 if self.dice.one_in(2) => self.sleeps(),
            15 if self.dice.one_in(4) => self.sets_the_clock(),
            _ => {}
        }
    }

    /// Nothing happens here for a while, and the page is read a little later.
    fn sleeps(&mut self) {
        let before = self.page();
        // After a short one what was read before looks as if it were new.
        let long = 60 + self.dice.below(7200);
        self.before_sleep =
            (long < 1800 && before.news != PageNews::Unknown).then_some((before.news, self.second));
        self.second += long;
        self.blind = (self.second, self.second + 60);
        let now = self.now();
        let hooks = self.sessions.iter_mut().flat_map(|session| &mut session.hooks);
        hooks.for_each(|hook| hook.waiter.slept(now));
    }

    fn tick(&mut self) {
        self.second += TICK;
        for at in 0..self.sessions.len() {
            if self.second < CALM {
                self.chance(at);
            }
            if self.sessions[at].busy_until.is_some_and(|until| until <= self.second) {
                self.turn_ends(at);
            }
            let waiting = core::mem::take(&mut self.sessions[at].hooks);
            for mut hook in waiting {
                if self.hook_looks(at, &mut hook) {
                    self.sessions[at].hooks.push(hook);
                }
            }
        }
    }

    /// Whom a hook waits for, though it could have gone on long ago.
    fn check_that_nobody_is_late(&self, well_since: u64) {
        let longest = Duration::from_secs(15 * 60) + self.wish.spread + Duration::from_secs(TICK);
        let well = self.at(well_since);
        for session in &self.sessions {
            let Some(kept) = self.kept.get(&session.id) else { continue };
            let waits = session.hooks.iter().any(|hook| kept.is_awaited_by(&hook.token));
            let since = kept.stopped_at.max(well);
            assert!(!waits || between(since, self.now()) <= longest, "it waits too long: {kept:?}");
        }
    }

    /// Nothing can happen any more.
    fn is_quiet(&self) -> bool {
        let quiet = |session: &Claude| session.hooks.is_empty() && session.busy_until.is_none();
        self.second >= CALM && self.sessions.iter().all(quiet)
    }

    fn check_the_end(&self) {
        for session in &self.sessions {
            assert!(session.hooks.is_empty(), "it waits for ever");
            let Some(kept) = self.kept.get(&session.id) else {
                assert!(session.stopped_by.is_none() || !session.reported, "forgotten");
                continue;
            };
            let later = after(self.now(), Duration::from_secs(900));
            let standing = kept.standing_now(false, later);
            let group = standing.group();
            assert_ne!(group, Group::GoesOn, "{kept:?}");
            if session.open && session.stopped_by.is_some() && session.reported {
                assert_eq!(group, Group::Yours, "it stands still, and nobody says so: {kept:?}");
            }
        }
    }
}

/// Plays one outage; how often sessions failed, and were woken.
fn play(seed: u64) -> (usize, usize) {
    let mut world = World::new(seed);
    let mut well_since = 0;
    while world.second < LONG && !world.is_quiet() {
        world.tick();
        let red = !matches!(world.page().news, PageNews::Green | PageNews::FixOut);
        if red || world.is_blind() {
            well_since = world.second;
        }
        world.check_that_nobody_is_late(well_since);
    }
    world.check_the_end();
    let failed = world.sessions.iter().map(|session| session.failures as usize).sum();
    (failed, world.sessions.iter().map(|session| session.woken_for.len()).sum())
}

#[test]
fn a_thousand_outages_with_kills_at_any_step() {
    let (mut failed, mut woken) = (0, 0);
    for seed in 0..1000 {
        let played = std::panic::catch_unwind(|| play(seed));
        let Ok((failures, wakes)) = played else { panic!("outage {seed}") };
        (failed, woken) = (failed + failures, woken + wakes);
    }
    assert!(failed > 2000 && woken > 1000, "{failed} failures, woken {woken} times");
}
