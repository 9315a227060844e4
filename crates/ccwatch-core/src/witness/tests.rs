use crate::api_error::ErrorSource;

use super::*;

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
        ("with an id of the API", (Some(502), false, Some("req_1"), None, unknown, true)),
        ("straight there", (Some(520), false, None, None, login, true)),
        ("a gateway's", (Some(500), false, Some("req_1"), None, gateway, false)),
        ("whose, can't be known", (Some(500), false, Some("req_1"), None, Road::Hidden, false)),
        ("it says so itself", (Some(503), true, None, None, Road::Hidden, true)),
        ("a foreign server's", (Some(529), false, None, Some("Caddy"), login, false)),
        ("a limit", (Some(429), true, Some("req_1"), None, login, false)),
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
