//! Servers, streams and the network.

use super::Word;
use super::{About, Alone, Own};
use ccwatch_core::api_error::Cause;

pub(super) const WORDS: &[Word] = &[
    ("oauth request failed", Cause::LoginServer, Own),
    ("experiencing high load", Cause::HighLoad, Own),
    ("claude is at capacity", Cause::HighLoad, Own),
    ("capacity constraints", Cause::HighLoad, Own),
    ("oauth error: request failed with status code 5", Cause::LoginServer, Own),
    ("oauth error: request failed", Cause::Refused, Own),
    ("login failed: request failed with status code 5", Cause::LoginServer, Own),
    ("login failed: request failed", Cause::Refused, Own),
    ("claude will return soon", Cause::Unavailable, Own),
    ("temporary service disruption", Cause::Unavailable, About),
    ("api is temporarily unavailable", Cause::Unavailable, About),
    ("service is temporarily unavailable", Cause::Unavailable, About),
    ("connection lost while your computer was asleep", Cause::Slept, Own),
    ("asleep", Cause::Slept, About),
    ("went to sleep", Cause::Slept, Own),
    ("connection dropped — reconnecting", Cause::Dropped, Own),
    ("connection dropped. reconnecting", Cause::Dropped, Own),
    ("remote control connection lost", Cause::Dropped, Own),
    ("connection dropped", Cause::Dropped, Alone),
    ("connection lost", Cause::Dropped, Alone),
    ("connection closed mid-response", Cause::Dropped, Own),
    ("connection to the api was lost", Cause::Dropped, Own),
    ("socket connection was closed unexpectedly", Cause::Dropped, Own),
    ("connection closed", Cause::Dropped, About),
    ("socket hang up", Cause::Dropped, Alone),
    ("premature close", Cause::Dropped, About),
    ("terminated: other side closed", Cause::Dropped, About),
    // Claude Code's whole sentences: others say only what they begin with.
    ("unable to connect to api (connectionrefused", Cause::NoConnection, Own),
    ("unable to connect to api (failedtoopensocket", Cause::NoConnection, Own),
    ("connection refused — a firewall or proxy may be blocking it", Cause::NoConnection, Own),
    ("unable to connect to api", Cause::NoConnection, Alone),
    ("unable to connect to anthropic services", Cause::NoConnection, Own),
    ("unable to connect to anthropic", Cause::NoConnection, Own),
    ("failed to connect to api.anthropic.com", Cause::NoConnection, Own),
    ("could not reach api.anthropic.com", Cause::NoConnection, Own),
    ("couldn't connect to claude", Cause::NoConnection, Own),
    ("unable to start session. check your internet", Cause::NoConnection, Alone),
    ("check your internet", Cause::NoConnection, About),
    ("could not resolve host", Cause::NoConnection, About),
    ("unable to resolve host", Cause::NoConnection, About),
    ("failed to resolve 'api", Cause::NoConnection, About),
    ("unknownhostexception", Cause::NoConnection, About),
    ("no such host", Cause::NoConnection, About),
    ("name resolution", Cause::NoConnection, About),
    ("nodename nor servname", Cause::NoConnection, About),
    ("name or service not known", Cause::NoConnection, About),
    ("network is unreachable", Cause::NoConnection, About),
    ("no route to host", Cause::NoConnection, About),
    ("connection timed out", Cause::NoConnection, About),
    ("connecttimeout", Cause::NoConnection, About),
    ("socket timed out", Cause::NoConnection, About),
    ("unable to connect", Cause::NoConnection, About),
    ("connection refused", Cause::NoConnection, Alone),
    ("can't reach the api server", Cause::NoConnection, Own),
    ("no internet route", Cause::NoConnection, Own),
    ("couldn't connect through your proxy", Cause::NoConnection, Own),
    ("fetch failed", Cause::NoConnection, Alone),
    ("typeerror: failed to fetch", Cause::NoConnection, About),
    ("connection error", Cause::Dropped, Alone),
    ("server error mid-response", Cause::NoAnswer, Own),
    ("mid-response", Cause::NoAnswer, About),
    ("stream idle timeout - no chunks received", Cause::NoAnswer, Own),
    ("stream idle timeout", Cause::NoAnswer, Alone),
    ("partial response received", Cause::NoAnswer, Own),
    ("stream ended without", Cause::NoAnswer, About),
    ("content block not found", Cause::NoAnswer, About),
    ("content block is not", Cause::NoAnswer, About),
    ("response could not be read", Cause::NoAnswer, Own),
    ("request timed out. if the api is slow to answer", Cause::NoAnswer, Own),
    ("request timed out (api_timeout_ms=", Cause::NoAnswer, Own),
    ("request timed out", Cause::NoAnswer, Alone),
    ("no response from api within the first-byte window", Cause::NoAnswer, Own),
    ("no response from api", Cause::NoAnswer, Own),
    ("no response from the api", Cause::NoAnswer, Own),
    ("response stalled", Cause::NoAnswer, Own),
    ("response stopped arriving", Cause::NoAnswer, Own),
    ("no data arrived for more than", Cause::NoAnswer, Own),
];

#[cfg(test)]
mod tests {
    use super::super::tests::assert_causes;
    use ccwatch_core::api_error::Cause;

    #[test]
    fn a_stream_that_ends_is_told_from_a_connection_that_is_lost() {
        assert_causes(
            Cause::NoAnswer,
            &["API Error: Stream idle timeout - no chunks received", "Request timed out"],
        );
        assert_causes(Cause::Dropped, &["API Error: socket hang up", "API Error: Premature close"]);
        assert_causes(
            Cause::NoConnection,
            &["Unable to connect to API. Check your internet connection"],
        );
        assert_causes(Cause::LoginServer, &["OAuth error: Request failed with status code 500"]);
    }
}
