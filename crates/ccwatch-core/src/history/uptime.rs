//! Uptime as the page itself computes it: 1 - (major + 0.3 x partial) / time. Only time counts in
//! which the page could be seen; the rest is not known.

use alloc::vec::Vec;
use jiff::{SignedDuration, Timestamp};

use crate::model::{ComponentId, Level};
use crate::monitor::Transition;

/// One day, or any other stretch of time.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Stretch {
    /// Seconds in which the page could be seen and gave a level.
    pub watched: f64,
    /// Seconds of them in partial outage.
    pub partial: f64,
    /// Seconds of them in major outage.
    pub major: f64,
    /// The worst level seen; none where nothing was.
    pub worst: Option<Level>,
}

impl Stretch {
    /// From 0 to 1; none where nothing was seen.
    pub fn uptime(&self) -> Option<f64> {
        let lost = self.major + 0.3 * self.partial;
        (self.watched > 0.0).then(|| 1.0 - lost / self.watched)
    }

    /// Both together.
    pub fn plus(self, other: &Self) -> Self {
        let worse = |a: Level, b: Level| if b.is_worse_than(a) { b } else { a };
        Self {
            watched: self.watched + other.watched,
            partial: self.partial + other.partial,
            major: self.major + other.major,
            worst: match (self.worst, other.worst) {
                (Some(a), Some(b)) => Some(worse(a, b)),
                (one, other) => one.or(other),
            },
        }
    }

    fn add(&mut self, level: Level, seconds: f64) {
        let one = Self {
            watched: seconds,
            partial: if level == Level::Partial { seconds } else { 0.0 },
            major: if level == Level::Major { seconds } else { 0.0 },
            worst: Some(level),
        };
        *self = self.plus(&one);
    }
}

/// A time in which the page could be seen.
pub type Watch = (Timestamp, Timestamp);

/// One stretch between each two `bounds`, for one component. `transitions` are all of its own and
/// of others, oldest first; `watches` are in order and don't overlap. `now_level` is what it is
/// where no transition was ever written down.
pub fn stretches(
    component: &ComponentId,
    transitions: &[Transition],
    now_level: Level,
    watches: &[Watch],
    bounds: &[Timestamp],
) -> Vec<Stretch> {
    let own: Vec<&Transition> = transitions.iter().filter(|t| t.component == *component).collect();
    let mut first = own.first().map_or(now_level, |t| t.from);
    let mut levels: Vec<(Timestamp, Level)> = vec![(Timestamp::MIN, first)];
    for it in own {
        first = it.to;
        levels.push((it.at, first));
    }
    let mut found = vec![Stretch::default(); bounds.len().saturating_sub(1)];
    for watch in watches {
        for (at, level) in overlapping(&levels, watch) {
            if level.severity().is_some() {
                spread(&mut found, bounds, at, level);
            }
        }
    }
    found
}

/// The parts of a watch, each with its level.
fn overlapping(levels: &[(Timestamp, Level)], watch: &Watch) -> Vec<(Watch, Level)> {
    let begin = levels.partition_point(|(at, _)| *at <= watch.0).saturating_sub(1);
    let mut parts = Vec::new();
    for (place, (at, level)) in levels.iter().enumerate().skip(begin) {
        let next = levels.get(place + 1).map_or(Timestamp::MAX, |(at, _)| *at);
        let part = ((*at).max(watch.0), next.min(watch.1));
        if *at > watch.1 {
            break;
        }
        if part.0 < part.1 {
            parts.push((part, *level));
        }
    }
    parts
}

fn spread(found: &mut [Stretch], bounds: &[Timestamp], part: Watch, level: Level) {
    let begin = bounds.partition_point(|at| *at <= part.0).saturating_sub(1);
    for (stretch, edges) in found.iter_mut().zip(bounds.windows(2)).skip(begin) {
        let [from, to] = edges else { continue };
        if *from >= part.1 {
            break;
        }
        let seconds = seconds((*from).max(part.0), (*to).min(part.1));
        if seconds > 0.0 {
            stretch.add(level, seconds);
        }
    }
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).max(SignedDuration::ZERO).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{API, CODE, Harness, start};
    use crate::time::after;
    use std::time::Duration;

    fn at(minutes: u64) -> Timestamp {
        after(start(), Duration::from_secs(minutes * 60))
    }

    #[test]
    fn it_counts_what_was_seen_by_the_pages_own_formula() {
        let mut harness = Harness::watching();
        for (word, minutes) in
            [("partial_outage", 60), ("major_outage", 30), ("degraded_performance", 30)]
        {
            harness.status(CODE, word).polls().wait(minutes * 60);
        }
        harness.status(CODE, "operational").polls();
        let code = CODE.into();
        let days = |watches: &[Watch], bounds: &[Timestamp]| {
            stretches(&code, &harness.transitions, Level::Operational, watches, bounds)
        };
        let whole = days(&[(at(0), at(200))], &[at(0), at(200)]);
        let lost = (30.0 + 0.3 * 60.0) / 200.0;
        assert!((whole[0].uptime().unwrap() - (1.0 - lost)).abs() < 1e-12);
        assert_eq!(whole[0].worst, Some(Level::Major));
        // Seen only from 50 to 70 and from 85 to 95 minutes.
        let seen = days(&[(at(50), at(70)), (at(85), at(95))], &[at(0), at(60), at(120), at(180)]);
        assert_eq!((seen[0].watched, seen[0].partial), (600.0, 600.0));
        assert_eq!((seen[1].watched, seen[1].major), (1200.0, 900.0));
        assert_eq!((seen[2].uptime(), seen[2].worst), (None, None), "not watched is not up");
        let sum = seen.iter().fold(Stretch::default(), |sum, day| sum.plus(day));
        assert_eq!(sum.watched, 1800.0);
    }

    #[test]
    fn a_component_that_never_changed_is_what_it_is_and_what_is_unknown_counts_nowhere() {
        let bounds = [at(0), at(60)];
        for (level, watched) in [(Level::Operational, 3600.0), (Level::Unknown, 0.0)] {
            let found = stretches(&API.into(), &[], level, &[(at(0), at(60))], &bounds);
            assert_eq!(found[0].watched, watched);
        }
    }
}
