use super::cause::ALL;
use super::*;

#[test]
fn a_limit_heals_only_at_a_time_that_is_known() {
    let mut limit =
        ApiError { cause: Cause::UsageLimit, ..ApiError::new("x", ErrorSource::Pasted) };
    assert_eq!(limit.time_heals(), TimeHeals::No);
    limit.resets_at = Timestamp::from_second(1_790_155_800).ok();
    assert_eq!(limit.time_heals(), TimeHeals::AtReset);
}

/// A session that stopped is let go on by this: what the user must do something about may never
/// be among it.
#[test]
fn time_heals_only_servers_edges_and_connections() {
    let heals = |wanted| -> Vec<Cause> {
        ALL.iter().copied().filter(|cause| cause.row().heals == wanted).collect()
    };
    let by_itself = [
        Cause::Internal,
        Cause::Overloaded,
        Cause::HighLoad,
        Cause::Unavailable,
        Cause::TimedOut,
        Cause::BadGateway,
        Cause::LoginServer,
        Cause::NoAnswer,
        Cause::Dropped,
        Cause::NoConnection,
        Cause::Slept,
        Cause::LoginBusy,
        Cause::TooManyRequests,
    ];
    assert_eq!(heals(TimeHeals::Yes), by_itself);
    assert_eq!(heals(TimeHeals::AtReset), [Cause::UsageLimit, Cause::SpendWindow]);
}

#[test]
fn every_row_of_the_table_says_something() {
    for cause in ALL {
        let row = cause.row();
        let plain = |c: char| c.is_ascii_lowercase() || c == '_';
        assert!(row.word.len() > 4 && row.word.len() <= 40 && row.word.chars().all(plain));
        assert!(row.words.len() > 10 && !row.words.ends_with('.'), "{cause:?}");
        let sentence = |text: &str| text.len() > 10 && text.len() < 300 && text.ends_with('.');
        assert!(sentence(row.first_move), "{cause:?}: {}", row.first_move);
        let why = match row.rule {
            Rule::Alone(_, why) => why,
            _ => "It is weighed.",
        };
        assert!(sentence(why), "{cause:?}");
        // Waiting is the advice exactly where it is the whole of it.
        let waits = row.first_move.starts_with("Change nothing and wait");
        assert!(!waits || row.heals == TimeHeals::Yes, "{cause:?}");
    }
    let words: alloc::collections::BTreeSet<&str> = ALL.iter().map(|c| c.row().words).collect();
    assert_eq!(words.len(), ALL.len(), "two causes in the same words");
}
