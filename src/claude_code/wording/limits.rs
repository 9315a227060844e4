//! Limits: of the plan, of spending, of a moment.

use super::Word;
use super::{About, Own};
use ccwatch_core::api_error::Cause;

pub(super) const WORDS: &[Word] = &[
    ("not your usage limit", Cause::TooManyRequests, Own),
    ("request rejected (429)", Cause::TooManyRequests, Own),
    ("credit balance is too low", Cause::NoCredit, Own),
    ("credit balance too low", Cause::NoCredit, Own),
    ("credit balance", Cause::NoCredit, About),
    ("enough credit", Cause::NoCredit, About),
    ("usage credits required for 1m", Cause::LongContext, Own),
    ("extra usage is required", Cause::LongContext, Own),
    ("required for long context", Cause::LongContext, Own),
    ("long context beta", Cause::LongContext, About),
    ("reached your specified", Cause::SpendLimit, Own),
    ("spend limit", Cause::SpendLimit, Own),
    ("spending limit", Cause::SpendLimit, About),
    ("shared budget", Cause::SpendLimit, Own),
    ("pooled group budget", Cause::SpendLimit, Own),
    ("usage allocation has been disabled", Cause::SpendLimit, Own),
    ("usage limit is set to $0", Cause::SpendLimit, Own),
    ("seat type doesn't include", Cause::SpendLimit, Own),
    ("service is disabled for your org", Cause::SpendLimit, Own),
    ("org is out of usage", Cause::SpendLimit, Own),
    ("monthly usage limit", Cause::SpendLimit, Own),
    ("individual usage limit", Cause::SpendLimit, Own),
    ("you've hit your", Cause::UsageLimit, Own),
    ("you've reached your", Cause::UsageLimit, Own),
    ("used all your usage credits", Cause::UsageCredits, Own),
    ("out of usage credits", Cause::UsageCredits, Own),
    ("usage credits ran out", Cause::UsageCredits, Own),
    ("requires usage credits", Cause::UsageCredits, Own),
    ("you have hit your limit", Cause::UsageLimit, Own),
    ("usage limit reached", Cause::UsageLimit, Own),
    ("out of extra usage", Cause::UsageLimit, Own),
    ("hour limit reached", Cause::UsageLimit, Own),
    ("weekly limit reached", Cause::UsageLimit, Own),
    ("session limit reached", Cause::UsageLimit, Own),
    ("opus limit reached", Cause::UsageLimit, Own),
    ("sonnet limit reached", Cause::UsageLimit, Own),
    ("fable limit reached", Cause::UsageLimit, Own),
    ("limit reached, now using", Cause::UsageLimit, Own),
    ("exceed your organization's rate limit", Cause::TooManyRequests, Own),
    ("exceed your account's rate limit", Cause::TooManyRequests, Own),
    ("rate limit", Cause::TooManyRequests, About),
    ("rate_limit_error", Cause::TooManyRequests, Own),
    ("throttlingexception", Cause::TooManyRequests, About),
    // Bedrock's, with a 429.
    ("modelnotreadyexception", Cause::TooManyRequests, About),
    ("not ready to serve inference", Cause::TooManyRequests, About),
    ("servicequotaexceeded", Cause::TooManyRequests, About),
    ("too many tokens, please wait", Cause::TooManyRequests, Own),
    ("resource_exhausted", Cause::TooManyRequests, About),
    ("resource exhausted", Cause::TooManyRequests, About),
    ("quota exceeded for", Cause::TooManyRequests, About),
    ("too many requests, please wait before trying again", Cause::TooManyRequests, Own),
    ("too many requests", Cause::TooManyRequests, About),
    ("acceleration limit", Cause::TooManyRequests, About),
    ("concurrent connections", Cause::TooManyRequests, About),
    ("concurrency limit", Cause::TooManyRequests, About),
    ("throttled", Cause::TooManyRequests, About),
    ("budget has been exceeded", Cause::SpendLimit, About),
    ("budget exceeded", Cause::SpendLimit, About),
    ("over budget", Cause::SpendLimit, About),
    ("spend cap", Cause::SpendLimit, About),
    ("spending cap", Cause::SpendLimit, About),
    ("insufficient credit", Cause::NoCredit, About),
    ("insufficient balance", Cause::NoCredit, About),
    ("of your weekly limit", Cause::UsageLimit, Own),
    ("of your session limit", Cause::UsageLimit, Own),
    ("reached its usage limit", Cause::UsageLimit, Own),
    ("limit reached · resets", Cause::UsageLimit, Own),
    ("out of credits", Cause::NoCredit, Own),
    ("you have hit your", Cause::UsageLimit, About),
    ("you have reached your", Cause::UsageLimit, About),
    ("you've used all", Cause::UsageLimit, About),
    ("hour usage quota", Cause::UsageLimit, Own),
    ("weekly usage quota", Cause::UsageLimit, Own),
    ("usage quota", Cause::UsageLimit, About),
    ("hour usage limit", Cause::UsageLimit, Own),
    ("weekly usage limit", Cause::UsageLimit, Own),
    ("usage limit", Cause::UsageLimit, About),
    ("hour limit", Cause::UsageLimit, About),
    ("weekly limit", Cause::UsageLimit, About),
    ("session limit", Cause::UsageLimit, About),
    ("seat limit", Cause::UsageLimit, About),
];

#[cfg(test)]
mod tests {
    use super::super::tests::assert_causes;
    use ccwatch_core::api_error::Cause;

    #[test]
    fn a_limit_is_told_from_a_moment() {
        assert_causes(
            Cause::UsageLimit,
            &[
                "You've hit your session limit · resets 3:45pm",
                "You have exceeded your 5-hour usage quota. Your quota will reset at 2026-11-27T15:00:00Z.",
                "Claude AI usage limit reached|1795777200",
                "You've hit your seat limit. Resets at 6:00 PM PST",
            ],
        );
        assert_causes(
            Cause::TooManyRequests,
            &[
                "API Error: Request rejected (429) · this may be a temporary capacity issue.",
                "API Error: 429 Too many tokens, please wait before trying again.",
            ],
        );
        assert_causes(Cause::SpendWindow, &["spend limit reached (daily; resets 00:00 UTC)"]);
    }
}
