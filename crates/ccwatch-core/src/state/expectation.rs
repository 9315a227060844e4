//! How long will it take? What the page's earlier incidents say about the one that is open.
//!
//! What counts is the time from the first post until a retry made sense: the post that said
//! `monitoring` or `resolved` and was not taken back. Only incidents that had ended by then are
//! asked; no promise is made, and nothing is said from fewer than [`ENOUGH`].

use alloc::vec::Vec;
use core::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::model::{Impact, Incident, IncidentId, Level, Phase};
use crate::state::PageState;
use crate::state::component::{Component, Fix};
use crate::time::{after, between, shifted};

/// From fewer similar incidents nothing is said.
pub const ENOUGH: usize = 20;
/// An incident weighs half as much as one that ended this much later.
const HALVES: Duration = Duration::from_secs(60 * 24 * 3600);
/// So many past incidents are remembered, about a year of them.
const REMEMBERED: usize = 400;

/// One incident that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    pub(crate) id: IncidentId,
    /// When a retry made sense, in whole seconds.
    pub(crate) fixed: Timestamp,
    /// From the first post to then, in whole seconds.
    pub(crate) lasted: Duration,
    pub(crate) impact: Impact,
}

impl Past {
    /// What an incident that is over has to teach; nothing where it was posted when it was over
    /// already, or is announced work.
    pub fn of(incident: &Incident) -> Option<Self> {
        if !matches!(incident.phase, Phase::Resolved | Phase::Postmortem) {
            return None;
        }
        let since_the_fix = incident.updates.iter().take_while(|update| !update.phase.is_active());
        let worked_on = incident.updates.iter().any(|update| update.phase.is_active());
        let fix = |phase: &Phase| matches!(phase, Phase::Monitoring | Phase::Resolved);
        let fixed = since_the_fix.filter(|update| fix(&update.phase)).last()?.created_at?;
        let posted = posted(incident)?;
        (worked_on && incident.impact != Impact::Maintenance && fixed >= posted).then(|| Self {
            id: incident.id.clone(),
            fixed: Timestamp::from_second(fixed.as_second()).unwrap_or(fixed),
            lasted: Duration::from_secs(between(posted, fixed).as_secs()),
            impact: incident.impact.clone(),
        })
    }
}

impl Past {
    /// When the page first said something of it.
    pub fn began(&self) -> Timestamp {
        shifted(
            self.fixed,
            SignedDuration::try_from(self.lasted).map_or(SignedDuration::MIN, |d| -d),
        )
    }

    /// When a retry made sense.
    pub fn fixed_at(&self) -> Timestamp {
        self.fixed
    }

    /// From the one to the other.
    pub fn lasted(&self) -> Duration {
        self.lasted
    }
}

/// When the page first said something of it; what it later says about its true start was not
/// known at the time.
fn posted(incident: &Incident) -> Option<Timestamp> {
    let first = incident.updates.iter().filter_map(|update| update.created_at).min();
    incident.created_at.into_iter().chain(first).min()
}

/// Takes in an incident that is over, once; the oldest make room.
pub fn remember(past: &mut Vec<Past>, new: Past) {
    past.retain(|known| known.id != new.id);
    let place = past.partition_point(|known| known.fixed <= new.fixed);
    past.insert(place, new);
    if past.len() > REMEMBERED {
        past.remove(0);
    }
}

/// How much longer it took when it had lasted this long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expectation {
    /// How many similar incidents this goes by.
    pub similar: usize,
    /// Half of them had a fix within this time from now.
    pub half: Duration,
    /// 80 % of them had.
    pub most: Duration,
}

/// What to expect of an incident of this impact that has lasted for `so_far`: from those of the
/// same impact that lasted longer, or from all where they are too few.
///
/// Incidents got shorter over the months, so that later ones weigh more; and what was promised of
/// earlier ones is held against how they went, see `calibrate`.
pub fn expect(
    past: &[Past],
    impact: &Impact,
    so_far: Duration,
    now: Timestamp,
) -> Option<Expectation> {
    let mut by_length: Vec<&Past> = past.iter().filter(|past| past.lasted > so_far).collect();
    by_length.sort_by_key(|past| past.lasted);
    let shares = calibrate(&by_length, so_far, now);
    let pool = Pool::of(&by_length, impact, now)?;
    let at = |share| Some(pool.lasted(share)?.saturating_sub(so_far));
    Some(Expectation {
        similar: pool.weighed.len(),
        half: at(shares.half)?,
        most: at(shares.most)?,
    })
}

/// Similar incidents that had ended by a time, the shortest first, each with its weight.
struct Pool<'a> {
    weighed: Vec<(&'a Past, u64)>,
}

impl<'a> Pool<'a> {
    /// None where there are too few.
    fn of(by_length: &[&'a Past], impact: &Impact, now: Timestamp) -> Option<Self> {
        let ended = |past: &&&Past| past.fixed < now;
        let pool = |alike: bool| -> Vec<(&'a Past, u64)> {
            let ended = by_length.iter().filter(ended);
            let similar = ended.filter(|past| !alike || past.impact == *impact);
            similar.map(|past| (*past, weight(past, now))).collect()
        };
        let enough = |pool: &Vec<_>| pool.len() >= ENOUGH;
        let weighed = Some(pool(true)).filter(enough).or_else(|| Some(pool(false)))?;
        enough(&weighed).then_some(Self { weighed })
    }

    /// Within what time this share (in per mille, by weight) of them had a fix.
    fn lasted(&self, share: u64) -> Option<Duration> {
        let all: u64 = self.weighed.iter().map(|(_, weight)| weight).sum();
        let wanted = all.saturating_mul(share).div_ceil(1000);
        let mut sum = 0;
        let mut within = self.weighed.iter().skip_while(|(_, weight)| {
            sum += weight;
            sum < wanted
        });
        within.next().or(self.weighed.last()).map(|(past, _)| past.lasted)
    }
}

/// One counts half as much as one of [`HALVES`] later.
fn weight(past: &Past, now: Timestamp) -> u64 {
    let halvings = between(past.fixed, now).as_secs() / HALVES.as_secs();
    (1 << 32_u64) >> halvings.min(32)
}

/// Which shares of the earlier incidents are to be asked, in per mille, so that "half" and "80 %"
/// come true.
#[derive(Debug, Clone, Copy)]
struct Shares {
    half: u64,
    most: u64,
}

/// Asks of each earlier incident what would have been promised when it had lasted for `so_far`, and
/// moves the shares a little: up after a promise that was too short, down after one that held. In
/// the long run "half" holds for half of them, and "80 %" for four in five, whatever the months are
/// like (Gibbs and Candès, "Adaptive conformal inference under distribution shift", 2021).
fn calibrate(by_length: &[&Past], so_far: Duration, now: Timestamp) -> Shares {
    let mut shares = Shares { half: 500, most: 800 };
    let mut asked: Vec<(Timestamp, &Past)> = by_length
        .iter()
        .filter(|past| past.fixed < now)
        .map(|past| (after(past.began(), so_far), *past))
        .collect();
    asked.sort_by_key(|(at, _)| *at);
    // What was promised of those that go on, by when they ended.
    let mut promised: Vec<(&Past, Duration, Duration)> = Vec::new();
    for (at, past) in asked {
        promised.sort_by_key(|(past, ..)| past.fixed);
        let ended = promised.partition_point(|(past, ..)| past.fixed < at);
        for (past, half, most) in promised.drain(..ended) {
            shares.learn(past.lasted <= half, past.lasted <= most);
        }
        if let Some(pool) = Pool::of(by_length, &past.impact, at)
            && let (Some(half), Some(most)) = (pool.lasted(shares.half), pool.lasted(shares.most))
        {
            promised.push((past, half, most));
        }
    }
    promised.sort_by_key(|(past, ..)| past.fixed);
    for (past, half, most) in promised {
        shares.learn(past.lasted <= half, past.lasted <= most);
    }
    shares
}

impl Shares {
    /// A twentieth of the distance between what was promised and what came.
    fn learn(&mut self, half_held: bool, most_held: bool) {
        let step = |share: u64, held: bool, (down, up): (u64, u64)| match held {
            true => share.saturating_sub(down).max(20),
            false => (share + up).min(980),
        };
        self.half = step(self.half, half_held, (25, 25));
        self.most = step(self.most, most_held, (10, 40));
    }
}

impl Expectation {
    /// Until when half of them, and 80 % of them, had a fix.
    pub fn times(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        (after(now, self.half), after(now, self.most))
    }
}

impl PageState {
    /// How much longer the wait may be, for the watched component that takes longest; none where
    /// nothing is waited for.
    pub fn expectation(&self, now: Timestamp) -> Option<Expectation> {
        let all = self.grounds(now).into_iter().filter_map(|c| self.expectation_of(c, now));
        all.max_by_key(|expectation| expectation.most)
    }

    /// The same for one component, watched or not.
    pub fn expectation_of(&self, component: &Component, now: Timestamp) -> Option<Expectation> {
        let episode = component.affected().filter(|episode| episode.fix == Fix::Awaited)?;
        let incident = episode.incident.as_ref().and_then(|id| self.incidents().get(id));
        let began = incident.and_then(posted).unwrap_or(episode.since);
        let impact = match incident.map(|incident| &incident.impact) {
            Some(known @ (Impact::None | Impact::Minor | Impact::Major | Impact::Critical)) => {
                known.clone()
            }
            _ => impact_of(episode.level)?,
        };
        expect(&self.incidents().past, &impact, between(began, now), now)
    }
}

/// The impact that the page gives an incident by itself when a component has this level.
fn impact_of(level: Level) -> Option<Impact> {
    match level {
        Level::Reported => Some(Impact::None),
        Level::Degraded => Some(Impact::Minor),
        Level::Partial => Some(Impact::Major),
        Level::Major => Some(Impact::Critical),
        Level::Unknown | Level::Operational | Level::Maintenance => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::persist::StoredPast;
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::Update;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_780_000_000 + minute * 60).unwrap()
    }

    fn minutes(minutes: u64) -> Duration {
        Duration::from_secs(minutes * 60)
    }

    fn past(n: i64, lasted: u64, impact: Impact) -> Past {
        Past { id: IncidentId(n.to_string()), fixed: at(n), lasted: minutes(lasted), impact }
    }

    /// `count` incidents of an impact that lasted 1, 2, 3, ... times `step` minutes.
    fn series(count: u64, step: u64, impact: &Impact) -> Vec<Past> {
        (1..=count).map(|n| past(n.cast_signed(), n * step, impact.clone())).collect()
    }

    #[test]
    fn an_incident_lasts_from_its_first_post_to_the_fix_that_held() {
        use Phase::{Identified, Investigating, Monitoring, Postmortem, Resolved};
        for (posts, phase, expected) in [
            (vec![(0, Investigating), (30, Resolved)], Resolved, Some(30)),
            (vec![(0, Investigating), (20, Monitoring), (90, Resolved)], Resolved, Some(20)),
            (
                vec![
                    (0, Identified),
                    (20, Monitoring),
                    (40, Identified),
                    (70, Monitoring),
                    (90, Resolved),
                ],
                Resolved,
                Some(70),
            ),
            (vec![(0, Investigating), (30, Resolved), (900, Postmortem)], Postmortem, Some(30)),
            (vec![(0, Resolved)], Resolved, None),
            (vec![(0, Investigating), (20, Monitoring)], Monitoring, None),
        ] {
            let update = |(minute, phase): &(i64, Phase)| Update {
                id: minute.to_string(),
                phase: phase.clone(),
                body: String::new(),
                created_at: Some(at(*minute)),
                changes: Vec::new(),
            };
            let incident = Incident {
                id: "a".into(),
                name: "Elevated errors".to_owned(),
                phase,
                impact: Impact::Minor,
                created_at: Some(at(0)),
                // Back-dated: nobody knew at the time.
                started_at: Some(at(-60)),
                updated_at: None,
                resolved_at: None,
                components: BTreeSet::new(),
                meant: BTreeSet::new(),
                updates: posts.iter().rev().map(update).collect(),
            };
            let lasted = Past::of(&incident).map(|past| past.lasted);
            assert_eq!(lasted, expected.map(minutes), "{posts:?}");
        }
    }

    #[test]
    fn the_median_and_the_time_of_four_in_five() {
        let now = at(1000);
        let all = series(40, 10, &Impact::Minor);
        let expected = |similar, half, most| {
            Some(Expectation { similar, half: minutes(half), most: minutes(most) })
        };
        for (so_far, answer) in [
            (0, expected(40, 200, 320)),
            (100, expected(30, 150, 240)),
            (105, expected(30, 145, 235)),
            (200, expected(20, 100, 160)),
            (210, None),
            (9999, None),
        ] {
            assert_eq!(expect(&all, &Impact::Minor, minutes(so_far), now), answer, "{so_far}");
        }
    }

    #[test]
    fn the_same_impact_goes_before_all_and_what_ended_later_is_not_known_yet() {
        let now = at(1000);
        let mut all = series(19, 100, &Impact::Major);
        all.extend(series(30, 1, &Impact::Minor));
        let most = |impact| expect(&all, &impact, Duration::ZERO, now).map(|e| (e.similar, e.most));
        assert_eq!(most(Impact::Minor), Some((30, minutes(24))));
        assert_eq!(most(Impact::Major), Some((49, minutes(1000))), "too few: all are asked");
        assert_eq!(
            expect(&all, &Impact::Minor, Duration::ZERO, at(15)),
            Some(Expectation { similar: 28, half: minutes(14), most: minutes(900) })
        );
        assert_eq!(expect(&all, &Impact::Minor, Duration::ZERO, at(5)), None);
    }

    /// Incidents that ended one after the other, far enough apart to be asked in turn.
    fn months(lengths: impl Iterator<Item = u64>) -> Vec<Past> {
        let lengths = lengths.enumerate();
        lengths.map(|(n, lasted)| past(n as i64 * 1440, lasted, Impact::Minor)).collect()
    }

    #[test]
    fn later_ones_weigh_more() {
        // A year of long ones, then two months of short ones, a third as many.
        let all = months((0..240).map(|n| if n < 180 { 200 } else { 20 }));
        let said = expect(&all, &Impact::Minor, Duration::ZERO, at(241 * 1440)).unwrap();
        assert_eq!((said.similar, said.half), (240, minutes(20)));
    }

    #[test]
    fn what_was_promised_comes_true_in_the_long_run_whatever_the_months_are_like() {
        // Two kinds of incidents that nothing tells apart, and that change places every 40 days.
        let lengths = (0..400_u64).map(|n| match (n / 40 % 2, n % 5) {
            (0, odd) => 10 + odd * 7 + n % 3,
            (_, odd) => 60 + odd * 31 + n % 7,
        });
        let all = months(lengths);
        for (so_far, asked) in [(0, 200..400), (15, 200..400)] {
            let so_far = minutes(so_far);
            let (mut half, mut most, mut count) = (0, 0, 0);
            for truth in all[asked].iter().filter(|past| past.lasted > so_far) {
                let now = after(truth.began(), so_far);
                let known: Vec<Past> = all.iter().filter(|p| p.fixed < now).cloned().collect();
                let said = expect(&known, &Impact::Minor, so_far, now).unwrap();
                let left = truth.lasted - so_far;
                half += usize::from(left <= said.half);
                most += usize::from(left <= said.most);
                count += 1;
            }
            let (half, most) = (100 * half / count, 100 * most / count);
            assert!((45..=55).contains(&half) && (75..=85).contains(&most), "{half} {most}");
        }
    }

    #[test]
    fn each_is_remembered_once_and_the_oldest_make_room() {
        let mut all = Vec::new();
        for n in (0..1000).rev() {
            remember(&mut all, past(n, 1, Impact::Minor));
            remember(&mut all, past(n, 2, Impact::Minor));
        }
        assert_eq!(all.len(), REMEMBERED);
        assert!(all.is_sorted_by_key(|past| past.fixed));
        assert_eq!(all.first().unwrap(), &past(600, 2, Impact::Minor));
        let stored: Vec<StoredPast> = all.iter().map(Into::into).collect();
        let text = serde_json::to_string(&stored).unwrap();
        assert!(text.len() < 20_000, "{} bytes", text.len());
        assert!(stored.into_iter().map(Past::from).eq(all));
    }
}
