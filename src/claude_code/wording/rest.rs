//! What is left of a refusal: who else refuses so, before the login's own words; and what says
//! no more than that a server is overloaded.

use super::Word;
use super::{About, Alone, Own, Refusal};
use ccwatch_core::api_error::Cause;

pub(super) const WORDS: &[Word] = &[
    ("is blocked by your", Cause::ForeignAnswer, About),
    ("quota", Cause::ForeignAnswer, Refusal),
    ("administrator", Cause::ForeignAnswer, Refusal),
    ("gateway", Cause::ForeignAnswer, Refusal),
    ("proxy", Cause::ForeignAnswer, Refusal),
    ("<html", Cause::ForeignAnswer, Refusal),
    ("firewall", Cause::ForeignAnswer, Refusal),
    ("forbidden by", Cause::ForeignAnswer, Refusal),
    ("oauth token has expired", Cause::Refused, Own),
    ("claude login not accepted", Cause::Refused, Own),
    ("· please run /login", Cause::Refused, Own),
    ("please run /login ·", Cause::Refused, Own),
    ("authentication error · this may be a temporary network issue", Cause::Refused, Own),
    ("oauth token", Cause::Refused, About),
    ("oauth error: ", Cause::Refused, Own),
    ("login failed: ", Cause::Refused, Alone),
    ("oauth error", Cause::Refused, About),
    // Whatever it needs a login for.
    ("run /login", Cause::LoggedOut, About),
    ("run `/login`", Cause::LoggedOut, About),
    ("use `/login`", Cause::LoggedOut, About),
    ("run `claude /login`", Cause::LoggedOut, About),
    ("sign in with /login", Cause::LoggedOut, About),
    ("sign in again with /login", Cause::LoggedOut, About),
    ("to restore remote control", Cause::LoggedOut, Own),
    ("then /remote-control", Cause::LoggedOut, Own),
    ("couldn't finish signing in", Cause::LoggedOut, Own),
    ("failed to authenticate", Cause::Refused, About),
    ("oauth", Cause::Refused, About),
    ("/login", Cause::Refused, About),
    ("invalid authentication credentials", Cause::Refused, About),
    ("overloaded_error", Cause::Overloaded, Own),
    ("server overload", Cause::Overloaded, About),
    ("overloaded", Cause::Overloaded, About),
    ("internal server error", Cause::Internal, About),
    ("this is a server-side issue", Cause::Unavailable, Own),
];

#[cfg(test)]
mod tests {
    use super::super::tests::assert_causes;
    use ccwatch_core::api_error::Cause;

    #[test]
    fn what_says_little_is_understood_last() {
        assert_causes(
            Cause::Refused,
            &[
                "OAuth token has expired · Please run /login",
                "Claude login not accepted · Run /login, then try again",
            ],
        );
        assert_causes(Cause::Overloaded, &["API Error: Overloaded"]);
        assert_causes(Cause::ForeignAnswer, &["API Error: 403 Blocked by the firewall of Acme"]);
    }
}
