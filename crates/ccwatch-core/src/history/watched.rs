//! The times in which the page could be seen, and what was only learnt after they began.

use jiff::Timestamp;

use super::uptime::Watch;

/// Whether something that is dated `at` was not seen when it happened, but found by the first look
/// after a time in which nobody looked: before the first start, or after a night asleep.
pub fn was_learnt_later(at: Timestamp, seen_at: Timestamp, watches: &[Watch]) -> bool {
    watches.iter().any(|(since, until)| at <= *since && *since <= seen_at && seen_at <= *until)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::start;
    use crate::time::after;
    use std::time::Duration;

    #[test]
    fn what_the_first_look_after_a_gap_finds_was_learnt_later() {
        let at = |minutes: u64| after(start(), Duration::from_secs(minutes * 60));
        let watches = [(at(0), at(60)), (at(600), at(700))];
        for (happened, seen, expected) in [
            (at(0), at(0), true),
            (at(10), at(11), false),
            (at(300), at(600), true),
            (at(600), at(600), true),
            (at(601), at(602), false),
            // A reading that no watch holds says nothing.
            (at(800), at(801), false),
        ] {
            assert_eq!(was_learnt_later(happened, seen, &watches), expected, "{happened} {seen}");
        }
    }
}
