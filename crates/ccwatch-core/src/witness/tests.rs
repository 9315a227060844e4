use crate::api_error::ErrorSource;

use super::*;

const ID: &str = "req_011CTzX4kPqWn7vYbLd2MsRa";

#[test]
fn what_counts_as_an_error_of_anthropics_servers() {
    type Case = (Option<u16>, bool, Option<&'static str>, Option<&'static str>, Road, bool);
    let (unknown, login, gateway) = (Road::Open, Road::Straight, Road::Elsewhere);
    let cases: &[(&str, Case)] = &[
        ("the API's own", (Some(500), false, None, None, unknown, true)),
        ("a timeout of the API", (Some(504), false, None, None, unknown, true)),
        ("overloaded", (Some(529), false, None, None, unknown, true)),
        ("by whom?", (Some(503), false, None, None, unknown, false)),
        ("an edge, said so by its text", (Some(503), true, None, None, unknown, true)),
        ("with an id of the API", (Some(502), false, Some(ID), None, unknown, true)),
        ("with an id of somebody's", (Some(502), false, Some("20261127abc"), None, unknown, false)),
        ("straight there", (Some(520), false, None, None, login, true)),
        ("a gateway's", (Some(500), false, Some(ID), None, gateway, false)),
        ("whose, can't be known", (Some(500), false, Some(ID), None, Road::Hidden, false)),
        ("it says so itself", (Some(503), true, None, None, Road::Hidden, true)),
        ("a foreign server's", (Some(529), false, None, Some("Caddy"), login, false)),
        ("a limit", (Some(429), true, Some(ID), None, login, false)),
        ("a connection", (None, true, None, None, login, false)),
    ];
    for (name, (status, direct, id, foreign, road, counts)) in cases {
        let mut error = ApiError::new("", ErrorSource::RetryRow);
        error.status = *status;
        error.direct = *direct;
        error.request_id = id.map(str::to_owned);
        error.foreign = foreign.map(str::to_owned);
        let local = LocalError::of(&error, Timestamp::UNIX_EPOCH, "s", *road);
        assert_eq!(local.server, *counts, "{name}");
        assert_eq!(local.foreign, *road == Road::Elsewhere || foreign.is_some(), "{name}");
    }
}

/// Whose an error is may be learnt later, and then it counts as what it is.
#[test]
fn errors_are_counted_by_whose_they_are() {
    let at = |minute: i64| Timestamp::from_second(1_800_000_000 + minute * 60).unwrap();
    let error = |minute, session, status| {
        let mut error = ApiError::new("", ErrorSource::RetryRow);
        error.status = Some(status);
        LocalError::of(&error, at(minute), session, Road::Open)
    };
    let mut local = Local::default();
    for (minute, session, status) in [(0, "a", 500), (10, "a", 529), (20, "b", 529), (30, "b", 429)]
    {
        assert!(local.take(at(30), error(minute, session, status)).is_some());
    }
    assert_eq!(local.counts(at(0)), (3, 1));
    assert_eq!(local.counts(at(10)), (2, 1));
    local.goes(&hash("b"), false);
    assert_eq!(local.counts(at(0)), (2, 2));
}
