//! The rules, one table each.

use jiff::tz::TimeZone;

use super::*;
use crate::api_error::{ApiError, Cause, ErrorSource};
use crate::testing::start;
use crate::text;
use crate::time::after;
use jiff::Timestamp;

fn at(seconds: u64) -> Timestamp {
    after(start(), Duration::from_secs(seconds))
}

fn wish() -> Wish {
    Wish { resume: true, ..Wish::default() }
}

fn stop(seconds: u64, heals: Heals) -> Stop {
    Stop {
        id: "one".to_owned(),
        folder: "/home/me/one".to_owned(),
        at: at(seconds),
        cause: Cause::Overloaded,
        status: Some(529),
        heals,
        elsewhere: false,
        headless: false,
        hook: format!("hook {seconds}"),
        can_wait: true,
    }
}

/// A failure after the one that is known.
fn newer(before: &StoppedSession, stop: Stop, wish: &Wish) -> StoppedSession {
    StoppedSession::stopped(Some((before, Order::Newer)), stop, wish)
}

fn look(news: PageNews, read_at: u64) -> PageLook {
    PageLook { news, read_at: Some(at(read_at)) }
}

fn waiter(session: &StoppedSession, heals: Heals) -> Waiter {
    Waiter::new(session, heals, wish(), 0.5)
}

fn waits(awaited: Awaited, due: Option<u64>) -> Step {
    Step::Wait(Next { awaited, due: due.map(at) })
}

#[test]
fn what_stopped_it_and_what_is_wanted_decide_whether_anybody_waits() {
    let all = Wish { resume: true, limits: true, ..Wish::default() };
    let reset = Heals::Reset(at(3600));
    for (heals, headless, wish, expected) in [
        (Heals::Time, false, all.clone(), Standing::Waiting),
        (Heals::Network, false, all.clone(), Standing::Waiting),
        (reset, false, all.clone(), Standing::Waiting),
        (reset, false, wish(), Standing::LimitsOff),
        (Heals::Reset(at(7 * 3600)), false, all.clone(), Standing::TimeUp),
        (Heals::No, false, all.clone(), Standing::NeedsYou),
        (Heals::Time, true, all.clone(), Standing::Headless),
        (Heals::Time, false, Wish::default(), Standing::SwitchedOff),
        (Heals::No, false, Wish::default(), Standing::NeedsYou),
        (Heals::Time, false, Wish { max_attempts: 0, ..all.clone() }, Standing::AttemptsUsed),
    ] {
        let stop = Stop { headless, ..stop(0, heals) };
        let session = StoppedSession::stopped(None, stop, &wish);
        assert_eq!(session.standing, expected, "{heals:?} {wish:?}");
    }
}

#[test]
fn the_table_of_causes_says_what_heals() {
    let of = |cause, resets_at| {
        let error = ApiError { cause, resets_at, ..ApiError::new("", ErrorSource::Hook) };
        Heals::of(&error)
    };
    for (cause, resets_at, expected) in [
        (Cause::Internal, None, Heals::Time),
        (Cause::Overloaded, None, Heals::Time),
        (Cause::TooManyRequests, None, Heals::Time),
        (Cause::Dropped, None, Heals::Network),
        (Cause::NoConnection, None, Heals::Network),
        (Cause::Slept, None, Heals::Network),
        (Cause::UsageLimit, Some(at(9)), Heals::Reset(at(9))),
        (Cause::UsageLimit, None, Heals::No),
        (Cause::EdgeBlocked, None, Heals::No),
        (Cause::Refused, None, Heals::No),
        (Cause::TooLong, None, Heals::No),
        (Cause::SpendLimit, None, Heals::No),
        (Cause::Filtered, None, Heals::No),
        (Cause::ForeignAnswer, None, Heals::No),
        (Cause::Unknown, None, Heals::No),
    ] {
        assert_eq!(of(cause, resets_at), expected, "{cause:?}");
    }
}

#[test]
fn under_a_red_page_nothing_but_the_page_counts() {
    for (well, sign) in [(PageNews::FixOut, Sign::FixOut), (PageNews::Green, Sign::Green)] {
        let session = StoppedSession::stopped(None, stop(0, Heals::Time), &wish());
        let mut waiter = waiter(&session, Heals::Time);
        let red = |seconds| look(PageNews::Red, seconds);
        assert_eq!(waiter.look(at(0), red(0), None, false), waits(Awaited::Page, None));
        let other = Some(at(100));
        assert_eq!(waiter.look(at(3000), red(3000), other, false), waits(Awaited::Page, None));
        let told = waiter.look(at(3060), look(well, 3060), other, false);
        assert_eq!(told, waits(Awaited::Turn, Some(3075)), "half of the spread");
        assert_eq!(
            waiter.look(at(3070), red(3070), None, false),
            waits(Awaited::Page, None),
            "it did not hold"
        );
        waiter.look(at(3080), look(well, 3080), None, false);
        let woken = waiter.look(at(3095), look(well, 3090), None, false);
        assert_eq!(woken, Step::Wake { sign, since: at(3080) });
    }
}

#[test]
fn under_a_page_that_is_green_or_unknown_it_backs_off() {
    for news in [PageNews::Green, PageNews::FixOut, PageNews::Unknown] {
        let mut session = None;
        let mut now = 0;
        for minutes in [1, 2, 5, 10, 15, 15, 15, 15] {
            let before = session.as_ref().map(|before| (before, Order::Newer));
            let mut stopped = StoppedSession::stopped(before, stop(now, Heals::Time), &wish());
            assert_eq!(stopped.standing, Standing::Waiting);
            let mut waiter = waiter(&stopped, Heals::Time);
            let due = now + minutes * 60 + 15;
            let page = look(news, now);
            assert_eq!(
                waiter.look(at(now), page, None, false),
                waits(Awaited::Pause, Some(due)),
                "{news:?}"
            );
            let woken = waiter.look(at(due), page, None, false);
            assert!(matches!(woken, Step::Wake { sign: Sign::Pause, .. }), "{woken:?}");
            stopped.wakes(at(due));
            stopped.prompted(false, at(due + 1));
            session = Some(stopped);
            now = due + 20;
        }
        let last = newer(session.as_ref().unwrap(), stop(now, Heals::Time), &wish());
        assert_eq!(last.standing, Standing::AttemptsUsed);
        assert_eq!(last.attempts, 8);
    }
}

#[test]
fn a_page_that_went_out_of_sight_while_it_was_red_is_waited_for_longest() {
    let session = StoppedSession::stopped(None, stop(0, Heals::Time), &wish());
    let mut waiter = waiter(&session, Heals::Time);
    waiter.look(at(600), look(PageNews::Red, 600), None, false);
    let step = waiter.look(at(1300), look(PageNews::Unknown, 600), None, false);
    assert_eq!(step, waits(Awaited::Pause, Some(600 + 900 + 15)));
}

#[test]
fn another_session_that_works_is_a_sign_but_not_for_one_that_goes_on_failing() {
    let green = look(PageNews::Green, 0);
    let first = StoppedSession::stopped(None, stop(0, Heals::Time), &wish());
    let mut waiting = waiter(&first, Heals::Time);
    let step = waiting.look(at(20), green, Some(at(10)), false);
    assert_eq!(step, waits(Awaited::Turn, Some(25)));
    let before = waiting.look(at(20), green, Some(at(0)), false);
    assert_eq!(before, waits(Awaited::Pause, Some(75)), "it worked before this one failed");
    let mut tried = first;
    tried.wakes(at(30));
    let again = newer(&tried, stop(40, Heals::Time), &wish());
    let mut waiting = waiter(&again, Heals::Time);
    let step = waiting.look(at(45), green, Some(at(42)), false);
    assert_eq!(step, waits(Awaited::Turn, Some(40 + 60 + 15)));
}

#[test]
fn without_a_network_it_waits_until_the_page_can_be_reached() {
    let session = StoppedSession::stopped(None, stop(1000, Heals::Network), &wish());
    let mut waiting = waiter(&session, Heals::Network);
    let lost = look(PageNews::Unknown, 900);
    assert_eq!(waiting.look(at(9000), lost, None, false), waits(Awaited::Network, None));
    let step = waiting.look(at(9100), look(PageNews::Green, 9100), None, false);
    assert_eq!(step, waits(Awaited::Turn, Some(9115)));
    let step = waiting.look(at(9120), look(PageNews::Green, 9100), None, false);
    assert_eq!(step, Step::Wake { sign: Sign::Reached, since: at(9100) });
    let mut never = waiter(&session, Heals::Network);
    let step = never.look(at(1000), PageLook::NONE, None, false);
    assert_eq!(step, waits(Awaited::Pause, Some(1900 + 15)), "its page says nothing");
}

#[test]
fn a_limit_is_waited_for_until_its_reset() {
    let wish = Wish { limits: true, ..wish() };
    let heals = Heals::Reset(at(3600));
    let session = StoppedSession::stopped(None, stop(0, heals), &wish);
    let mut waiting = Waiter::new(&session, heals, wish, 0.5);
    let green = look(PageNews::Green, 0);
    let step = waiting.look(at(60), green, Some(at(50)), false);
    assert_eq!(step, waits(Awaited::Reset, Some(3615)), "others may have another account");
    let step = waiting.look(at(3620), green, None, false);
    assert_eq!(step, Step::Wake { sign: Sign::Reset, since: at(3600) });
}

#[test]
fn a_reset_that_is_past_already_is_waited_for_as_long_as_any_error() {
    let wish = Wish { limits: true, ..wish() };
    let (mut session, mut now) = (None, 100);
    for minutes in [1, 2, 5, 10, 15, 15, 15, 15] {
        let heals = Heals::Reset(at(now - 5));
        let before = session.as_ref().map(|before| (before, Order::Newer));
        let mut stopped = StoppedSession::stopped(before, stop(now, heals), &wish);
        let mut waiting = Waiter::new(&stopped, heals, wish.clone(), 0.0);
        let step = waiting.look(at(now), look(PageNews::Green, now), None, false);
        now += minutes * 60;
        assert_eq!(step, waits(Awaited::Reset, Some(now)));
        stopped.wakes(at(now));
        stopped.prompted(false, at(now + 1));
        (session, now) = (Some(stopped), now + 20);
    }
    let heals = Heals::Reset(at(now - 5));
    let last = newer(session.as_ref().unwrap(), stop(now, heals), &wish);
    assert_eq!(last.standing, Standing::AttemptsUsed);
}

#[test]
fn what_is_wanted_later_is_heeded_at_once() {
    let limits = Wish { limits: true, ..wish() };
    for (heals, wanted, expected) in [
        (Heals::Time, Wish { resume: false, ..wish() }, Standing::SwitchedOff),
        (Heals::Time, Wish { max_attempts: 1, ..wish() }, Standing::AttemptsUsed),
        (Heals::Time, Wish { within: Duration::from_secs(60), ..wish() }, Standing::TimeUp),
        (Heals::Reset(at(9000)), Wish { limits: false, ..wish() }, Standing::LimitsOff),
        (Heals::Reset(at(9000)), Wish { resume: false, ..limits.clone() }, Standing::SwitchedOff),
    ] {
        let mut session = StoppedSession::stopped(None, stop(0, heals), &limits);
        session.attempts = 1;
        let mut waiting = Waiter::new(&session, heals, limits.clone(), 0.0);
        let red = look(PageNews::Red, 100);
        assert!(matches!(waiting.look(at(100), red, None, false), Step::Wait(_)));
        waiting.wants(wanted);
        assert_eq!(waiting.look(at(101), red, None, false), Step::GiveUp(expected), "{heals:?}");
    }
}

#[test]
fn a_failure_that_it_was_woken_for_wakes_it_once() {
    let mut first = StoppedSession::stopped(None, stop(100, Heals::Time), &wish());
    // Whatever the clock says.
    for seconds in [0, 100, 101, 9000] {
        let copy = || Stop { hook: "copy".to_owned(), ..stop(seconds, Heals::Time) };
        let of = |before: &StoppedSession, order| {
            StoppedSession::stopped(Some((before, order)), copy(), &wish())
        };
        assert!(of(&first, Order::Same).is_awaited_by("copy"), "one of the two");
        assert_eq!(of(&first, Order::Older), first, "a later one is known");
        first.wakes(at(102));
        assert_eq!(of(&first, Order::Same), first, "reported twice");
        let next = of(&first, Order::Newer);
        assert!(next.is_awaited_by("copy") && next.attempts == 1, "it failed again, unheard");
        let mut goes_on = first.clone();
        goes_on.prompted(false, at(103));
        let next = of(&goes_on, Order::Newer);
        assert!(next.is_awaited_by("copy") && next.attempts == 1, "it went on, and failed again");
        first = StoppedSession::stopped(None, stop(100, Heals::Time), &wish());
    }
}

#[test]
fn a_hook_that_can_not_wait_takes_no_wait_away() {
    let waits = StoppedSession::stopped(None, stop(0, Heals::Time), &wish());
    let plain =
        |seconds| Stop { hook: "plain".to_owned(), can_wait: false, ..stop(seconds, Heals::Time) };
    for order in [Order::Older, Order::Same, Order::Newer] {
        let after = StoppedSession::stopped(Some((&waits, order)), plain(1), &wish());
        assert_eq!(after, waits, "{order:?}");
    }
    let alone = StoppedSession::stopped(None, plain(0), &wish());
    assert_eq!((alone.standing, alone.standing.group()), (Standing::NoHook, Group::Yours));
    let after = StoppedSession::stopped(Some((&alone, Order::Same)), stop(0, Heals::Time), &wish());
    assert!(after.is_awaited_by("hook 0"), "the other one can");
    for (heals, wish, expected) in [
        (Heals::No, wish(), Standing::NeedsYou),
        (Heals::Time, Wish::default(), Standing::SwitchedOff),
    ] {
        let session = StoppedSession::stopped(None, Stop { heals, ..plain(0) }, &wish);
        assert_eq!(session.standing, expected);
    }
}

#[test]
fn a_clock_that_is_set_moves_what_is_kept_of_a_wait() {
    let mut session = StoppedSession::stopped(None, stop(20_000, Heals::Time), &wish());
    session.other_worked(at(20_010));
    session.shift(jiff::SignedDuration::from_secs(-10_000));
    assert_eq!((session.stopped_at, session.first_at), (at(10_000), at(10_000)));
    assert_eq!((session.changed_at, session.other_worked_at), (at(10_000), Some(at(10_010))));
    session.wakes(at(10_060));
    for (now, expected) in [
        (10_000, Standing::Woken),
        (10_600, Standing::Woken),
        (10_661, Standing::Unheard),
        (5_000, Standing::Unheard),
    ] {
        assert_eq!(session.standing_now(false, at(now)), expected, "{now}");
    }
}

#[test]
fn the_page_does_not_speak_for_a_session_that_goes_elsewhere() {
    let stop = Stop { elsewhere: true, ..stop(0, Heals::Time) };
    let session = StoppedSession::stopped(None, stop, &wish());
    let mut waiting = waiter(&session, Heals::Time);
    let step = waiting.look(at(10), look(PageNews::Red, 0), None, false);
    assert_eq!(step, waits(Awaited::Pause, Some(75)));
}

#[test]
fn nobody_waits_longer_than_is_allowed_or_is_woken_when_muted() {
    let session = StoppedSession::stopped(None, stop(0, Heals::Time), &wish());
    let mut waiting = waiter(&session, Heals::Time);
    let red = look(PageNews::Red, 0);
    let green = look(PageNews::Green, 0);
    assert_eq!(waiting.look(at(30), green, None, true), waits(Awaited::Pause, Some(75)));
    assert_eq!(waiting.look(at(80), green, None, true), Step::GiveUp(Standing::Muted));
    let six_hours = 6 * 3600;
    assert_eq!(waiting.look(at(six_hours - 1), red, None, false), waits(Awaited::Page, None));
    let step = waiting.look(at(six_hours), red, None, false);
    assert_eq!(step, Step::GiveUp(Standing::TimeUp));
    let mut late = session;
    late.is_given_up(Standing::TimeUp, at(six_hours));
    let again = newer(&late, stop(six_hours + 9, Heals::Time), &wish());
    assert_eq!(again.standing, Standing::TimeUp, "nobody was there in between");
}

#[test]
fn after_a_sleep_the_page_is_waited_for_though_the_pause_is_over() {
    let session = StoppedSession::stopped(None, stop(0, Heals::Time), &wish());
    let mut waiting = waiter(&session, Heals::Time);
    waiting.look(at(10), look(PageNews::Red, 10), None, false);
    waiting.slept(at(3600));
    let old = look(PageNews::Unknown, 10);
    assert_eq!(waiting.look(at(3600), old, None, false), waits(Awaited::Page, Some(3720)));
    let red = look(PageNews::Red, 3610);
    assert_eq!(waiting.look(at(3610), red, None, false), waits(Awaited::Page, None));
    waiting.slept(at(7200));
    let step = waiting.look(at(7320), old, None, false);
    assert_eq!(step, Step::Wake { sign: Sign::Pause, since: at(3610 + 900) }, "it is not read");
}

#[test]
fn what_a_page_said_before_a_sleep_says_nothing_after_it() {
    let session = StoppedSession::stopped(None, stop(0, Heals::Time), &wish());
    for (before, after) in [(PageNews::Green, PageNews::Red), (PageNews::Red, PageNews::Green)] {
        let mut waiting = waiter(&session, Heals::Time);
        waiting.look(at(10), look(before, 10), None, false);
        waiting.slept(at(300));
        let step = waiting.look(at(300), look(before, 10), None, false);
        assert_eq!(step, waits(Awaited::Page, Some(420)), "its pause is over");
        let step = waiting.look(at(303), look(after, 302), None, false);
        let expected = match after {
            PageNews::Red => waits(Awaited::Page, None),
            _ => waits(Awaited::Turn, Some(318)),
        };
        assert_eq!(step, expected, "it is read anew");
    }
}

#[test]
fn a_clock_that_is_set_moves_what_was_timed() {
    let session = StoppedSession::stopped(None, stop(0, Heals::Time), &wish());
    let mut waiting = waiter(&session, Heals::Time);
    let green = |seconds| look(PageNews::Green, seconds);
    waiting.look(at(10), green(0), None, false);
    waiting.shift(jiff::SignedDuration::from_hours(5));
    let five = 5 * 3600;
    let step = waiting.look(at(five + 20), green(five), None, false);
    assert_eq!(step, waits(Awaited::Pause, Some(five + 75)));
    assert_eq!(waiting.end(), at(five + 6 * 3600));
}

#[test]
fn what_happens_to_a_session_ends_its_wait() {
    let begun = || StoppedSession::stopped(None, stop(0, Heals::Time), &wish());
    let after = |change: &dyn Fn(&mut StoppedSession)| {
        let mut session = begun();
        change(&mut session);
        assert!(!session.is_awaited_by("hook 0"));
        session.standing
    };
    assert!(begun().is_awaited_by("hook 0"));
    assert!(!begun().is_awaited_by("hook 1"), "a newer failure's hook waits");
    assert_eq!(after(&|one| one.prompted(true, at(1))), Standing::Typed);
    assert_eq!(after(&|one| one.prompted(false, at(1))), Standing::GoingOn);
    assert_eq!(after(&|one| one.worked(at(1))), Standing::Works);
    assert_eq!(after(&|one| one.ended(Ending::Left, at(1))), Standing::Ended);
    assert_eq!(after(&|one| one.ended(Ending::Cleared, at(1))), Standing::Cleared);
    assert_eq!(after(&|one| one.ended(Ending::Lost, at(1))), Standing::ProcessGone);
    assert_eq!(after(&|one| one.wakes(at(1))), Standing::Woken);
    let later = newer(&begun(), stop(5, Heals::Time), &wish());
    assert!(!later.is_awaited_by("hook 0") && later.is_awaited_by("hook 5"));
}

#[test]
fn what_is_known_better_outlives_the_end() {
    for (standing, ending, expected) in [
        (Standing::Works, Ending::Left, Standing::Works),
        (Standing::Works, Ending::Lost, Standing::Works),
        (Standing::Headless, Ending::Lost, Standing::Headless),
        (Standing::NeedsYou, Ending::Lost, Standing::NeedsYou),
        (Standing::NeedsYou, Ending::Left, Standing::Ended),
        (Standing::Woken, Ending::Lost, Standing::ProcessGone),
        (Standing::Works, Ending::Cleared, Standing::Cleared),
    ] {
        let mut session = StoppedSession::stopped(None, stop(0, Heals::Time), &wish());
        session.standing = standing;
        session.ended(ending, at(1));
        assert_eq!(session.standing, expected, "{standing:?} {ending:?}");
    }
}

#[test]
fn who_was_there_or_worked_begins_to_count_anew() {
    let count = |change: &dyn Fn(&mut StoppedSession)| {
        let mut session = StoppedSession::stopped(None, stop(0, Heals::Time), &wish());
        session.wakes(at(70));
        change(&mut session);
        let again = newer(&session, stop(100, Heals::Time), &wish());
        (again.attempts, again.first_at)
    };
    assert_eq!(count(&|_| ()), (1, at(0)));
    assert_eq!(count(&|one| one.prompted(false, at(80))), (1, at(0)));
    assert_eq!(count(&|one| one.is_given_up(Standing::ProcessGone, at(80))), (1, at(0)));
    let own_prompt_misread = count(&|one| one.prompted(true, at(71)));
    assert_eq!(own_prompt_misread, (1, at(0)), "else it could be woken for ever");
    let then_the_user = count(&|one| {
        one.prompted(false, at(71));
        one.prompted(true, at(80));
    });
    assert_eq!(then_the_user, (0, at(100)));
    assert_eq!(count(&|one| one.worked(at(80))), (0, at(100)));
}

#[test]
fn what_the_user_did_is_not_shown_as_done_by_itself() {
    let utc = TimeZone::UTC;
    let next = |changes: &[Happened]| {
        let mut session = StoppedSession::stopped(None, stop(0, Heals::Time), &wish());
        session.wakes(at(60));
        let mut said = Vec::new();
        for (n, what) in changes.iter().enumerate() {
            session.hears(*what, at(61 + n as u64));
            said.push(text::sessions::next(&session, session.standing, at(100), &utc));
        }
        said
    };
    use Happened::{OwnPrompt, Typed, Worked};
    assert_eq!(next(&[Typed, Worked]), ["you went on at 10:01", "works again since 10:01"]);
    assert_eq!(
        next(&[OwnPrompt, Typed, Worked]),
        ["went on at 10:01", "you went on at 10:01", "works again since 10:01"]
    );
    assert_eq!(next(&[OwnPrompt, Worked]), ["went on at 10:01", "went on, and works since 10:01"]);
}

#[test]
fn all_that_was_heard_may_be_heard_again() {
    use Happened::{Ended, OwnPrompt, Typed, Woken, Worked};
    let stories: &[&[Happened]] = &[
        &[Typed],
        &[Typed, Worked, Typed],
        &[OwnPrompt, Worked, Typed],
        &[Worked, Ended(Ending::Left)],
        &[Ended(Ending::Lost)],
        &[Ended(Ending::Cleared), OwnPrompt],
        &[Woken],
        &[Woken, OwnPrompt, Ended(Ending::Lost)],
        &[Woken, Typed],
        &[Woken, Typed, Typed],
        &[Woken, Typed, Worked],
        &[Woken, OwnPrompt, Worked, Ended(Ending::Left)],
    ];
    for story in stories {
        let mut session = StoppedSession::stopped(None, stop(0, Heals::Time), &wish());
        session.attempts = 2;
        if story.first() == Some(&Woken) {
            session.wakes(at(1));
        }
        // Each is taken in once more with all that came before it, as a note is read.
        for heard in 1..=story.len() {
            let mut once = session.clone();
            once.hears(story[heard - 1], at(u64::try_from(heard).unwrap()));
            for (n, what) in (1..).zip(&story[..heard]) {
                session.hears(*what, at(n));
            }
            let all = |one: &StoppedSession| (one.standing, one.attempts, one.changed_at);
            assert_eq!(all(&session), all(&once), "{story:?} {heard}");
        }
    }
}

#[test]
fn what_is_read_of_a_session_says_what_happens_next() {
    let utc = TimeZone::UTC;
    let mut session = StoppedSession::stopped(None, stop(0, Heals::Time), &wish());
    let said = |session: &StoppedSession, alive: bool, seconds: u64| {
        let standing = session.standing_now(alive, at(seconds));
        text::sessions::next(session, standing, at(seconds), &utc)
    };
    session.awaits(Next { awaited: Awaited::Page, due: None });
    assert_eq!(said(&session, true, 10), "waits for the fix");
    session.awaits(Next { awaited: Awaited::Pause, due: Some(at(240)) });
    assert_eq!(said(&session, true, 10), "tries again in 4 min");
    assert_eq!(said(&session, true, 200), "tries again in less than a minute");
    assert_eq!(said(&session, false, 200), "yours: nothing waits for it any more");
    session.wakes(at(300));
    assert_eq!(said(&session, false, 310), "was told to go on at 10:05");
    let unheard = "yours: it was told to go on at 10:05, and nothing was heard of it";
    assert_eq!(said(&session, false, 1000), unheard);
    session.worked(at(360));
    assert_eq!(said(&session, false, 5000), "went on, and works since 10:06");
    assert_eq!(text::sessions::cause(&session), "529 overloaded_error: the API is out of capacity");
    for standing in Standing::ALL {
        assert!(!text::sessions::next(&session, standing, at(400), &utc).is_empty());
    }
}

#[test]
fn messages_count_them() {
    for (going_on, yours, expected) in [
        (0, 0, None),
        (1, 0, Some("1 session goes on by itself: ccwatch sessions")),
        (3, 1, Some("3 sessions go on by themselves, 1 waits for you: ccwatch sessions")),
        (1, 2, Some("1 session goes on by itself, 2 wait for you: ccwatch sessions")),
        (0, 1, Some("1 session waits for you: ccwatch sessions")),
        (0, 4, Some("4 sessions wait for you: ccwatch sessions")),
    ] {
        let said = text::sessions::counts(Counts { going_on, yours });
        assert_eq!(said.as_deref(), expected);
    }
    let counts = Counts::of([Group::GoesOn, Group::Yours, Group::Over, Group::WentOn]);
    assert_eq!(counts, Counts { going_on: 1, yours: 1 });
}

#[test]
fn the_sentence_for_claude_is_one_of_six() {
    for sign in
        [Sign::FixOut, Sign::Green, Sign::OtherWorks, Sign::Reached, Sign::Reset, Sign::Pause]
    {
        let said = text::sessions::for_claude(sign, at(0), at(60), &TimeZone::UTC);
        assert!(said.ends_with(
            " Go on where you stopped, if a turn of yours was cut off. Before you repeat its \
             last step, look at what that had already done."
        ));
        assert!(said.is_ascii() && said.len() < 250 && !said.contains('\n'), "{said}");
        assert_eq!(said.contains("10:00"), sign != Sign::Pause, "{said}");
    }
}

#[test]
fn fix_out_and_back_say_how_many_go_on() {
    use crate::monitor::Input;
    use crate::testing::{CODE, Harness};
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "partial_outage").incident("a", "identified", &[CODE]).polls();
    harness.give(Input::SessionsStopped(Counts { going_on: 3, yours: 1 }));
    harness.wait(60).incident("a", "monitoring", &[CODE]).polls();
    harness.give(Input::SessionsStopped(Counts { going_on: 0, yours: 1 }));
    harness.wait(60).status(CODE, "operational").incident("a", "resolved", &[]).polls();
    harness.wait(60).polls();
    let bodies: Vec<&str> = harness.told.iter().map(|notice| notice.body.as_str()).collect();
    let [outage, fix_out, back] = bodies.as_slice() else { panic!("{bodies:?}") };
    assert!(!outage.contains("ccwatch sessions"), "{outage}");
    let both = "3 sessions go on by themselves, 1 waits for you: ccwatch sessions";
    assert!(fix_out.ends_with(both), "{fix_out}");
    assert!(back.ends_with("1 session waits for you: ccwatch sessions"), "{back}");
}

#[test]
fn every_word_is_stored_as_it_is_printed() {
    use crate::persist::StoredWord;
    for standing in Standing::ALL {
        assert_eq!(standing.word(), standing.as_str());
        assert_eq!(Standing::from_stored(standing.as_str()), Some(standing));
    }
    for cause in crate::api_error::cause::ALL {
        assert_eq!(Cause::from_name(cause.name()), *cause);
    }
    assert_eq!(Cause::from_name("of a newer ccwatch"), Cause::Unknown);
}
