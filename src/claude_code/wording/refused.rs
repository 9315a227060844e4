//! Refused for a reason of its own: the words count only beside a 401, a 402 or a 403, so that
//! they may be as plain as people write them. What to do stands in the error.

use super::Refusal;
use super::Word;
use ccwatch_core::api_error::Cause;

pub(super) const WORDS: &[Word] = &[
    // Where it came from, in any words.
    ("region", Cause::EdgeBlocked, Refusal),
    ("territor", Cause::EdgeBlocked, Refusal),
    ("unsupported_country", Cause::EdgeBlocked, Refusal),
    ("country", Cause::EdgeBlocked, Refusal),
    ("countries", Cause::EdgeBlocked, Refusal),
    ("location", Cause::EdgeBlocked, Refusal),
    ("jurisdiction", Cause::EdgeBlocked, Refusal),
    ("waf", Cause::EdgeBlocked, Refusal),
    ("your ip", Cause::NetworkRule, Refusal),
    ("ip range", Cause::NetworkRule, Refusal),
    ("cidr", Cause::NetworkRule, Refusal),
    ("network", Cause::NetworkRule, Refusal),
    // What is to be paid.
    ("payment", Cause::PaymentDue, Refusal),
    ("billing", Cause::PaymentDue, Refusal),
    ("invoice", Cause::PaymentDue, Refusal),
    ("past due", Cause::PaymentDue, Refusal),
    ("past-due", Cause::PaymentDue, Refusal),
    ("overdue", Cause::PaymentDue, Refusal),
    ("unpaid", Cause::PaymentDue, Refusal),
    ("paid plan", Cause::PaymentDue, Refusal),
    ("card was declined", Cause::PaymentDue, Refusal),
    ("card has expired", Cause::PaymentDue, Refusal),
    ("credit card", Cause::PaymentDue, Refusal),
    ("chargeback", Cause::PaymentDue, Refusal),
    ("trial", Cause::PaymentDue, Refusal),
    ("subscription has", Cause::PaymentDue, Refusal),
    ("subscription is", Cause::PaymentDue, Refusal),
    ("subscription was", Cause::PaymentDue, Refusal),
    ("subscription expired", Cause::PaymentDue, Refusal),
    ("subscription ended", Cause::PaymentDue, Refusal),
    ("active subscription", Cause::PaymentDue, Refusal),
    ("renew your", Cause::PaymentDue, Refusal),
    // What is to be shown.
    ("verify your credential", Cause::Refused, Refusal),
    ("verif", Cause::Unverified, Refusal),
    ("phone number", Cause::Unverified, Refusal),
    ("your identity", Cause::Unverified, Refusal),
    ("identity check", Cause::Unverified, Refusal),
    ("your age", Cause::Unverified, Refusal),
    ("confirm your email", Cause::Unverified, Refusal),
    ("know your customer", Cause::Unverified, Refusal),
    // What was closed.
    ("on hold", Cause::OnHold, Refusal),
    ("on a hold", Cause::OnHold, Refusal),
    ("suspended", Cause::OnHold, Refusal),
    ("suspension", Cause::OnHold, Refusal),
    ("banned", Cause::OnHold, Refusal),
    ("terminated", Cause::OnHold, Refusal),
    ("deactivated", Cause::OnHold, Refusal),
    ("under review", Cause::OnHold, Refusal),
    ("pending review", Cause::OnHold, Refusal),
    ("flagged", Cause::OnHold, Refusal),
    ("fraud", Cause::OnHold, Refusal),
    ("unusual activity", Cause::OnHold, Refusal),
    ("suspicious", Cause::OnHold, Refusal),
    ("terms of service", Cause::OnHold, Refusal),
    ("usage policy", Cause::OnHold, Refusal),
    ("usage policies", Cause::OnHold, Refusal),
    ("acceptable use", Cause::OnHold, Refusal),
    ("violat", Cause::OnHold, Refusal),
    ("account is locked", Cause::OnHold, Refusal),
    ("account has been locked", Cause::OnHold, Refusal),
    ("account is restricted", Cause::OnHold, Refusal),
    ("account has been restricted", Cause::OnHold, Refusal),
    ("account is blocked", Cause::OnHold, Refusal),
    ("account has been blocked", Cause::OnHold, Refusal),
    ("account has been closed", Cause::OnHold, Refusal),
    ("account is closed", Cause::OnHold, Refusal),
    ("account has been paused", Cause::OnHold, Refusal),
    ("appeal", Cause::OnHold, Refusal),
    // Who may not.
    ("seat", Cause::NotAllowed, Refusal),
    ("license", Cause::NotAllowed, Refusal),
    ("licence", Cause::NotAllowed, Refusal),
    ("entitle", Cause::NotAllowed, Refusal),
    ("not been assigned", Cause::NotAllowed, Refusal),
    ("a member of", Cause::NotAllowed, Refusal),
    ("not enabled for", Cause::NotAllowed, Refusal),
    ("isn't enabled for", Cause::NotAllowed, Refusal),
    ("disabled for", Cause::NotAllowed, Refusal),
    ("turned off for", Cause::NotAllowed, Refusal),
    ("does not allow", Cause::NotAllowed, Refusal),
    ("doesn't allow", Cause::NotAllowed, Refusal),
    ("not include", Cause::NotAllowed, Refusal),
    ("doesn't include", Cause::NotAllowed, Refusal),
    ("your role", Cause::NotAllowed, Refusal),
    ("your plan", Cause::NotAllowed, Refusal),
    ("access was revoked", Cause::NotAllowed, Refusal),
    ("access has been revoked", Cause::NotAllowed, Refusal),
    ("has been removed", Cause::NotAllowed, Refusal),
    ("was removed", Cause::NotAllowed, Refusal),
    ("provisioned", Cause::NotAllowed, Refusal),
    ("single sign-on", Cause::NotAllowed, Refusal),
    ("sso is required", Cause::NotAllowed, Refusal),
    ("accept the", Cause::NotAllowed, Refusal),
    ("updated terms", Cause::NotAllowed, Refusal),
    ("workspace", Cause::NotAllowed, Refusal),
    ("your account", Cause::NotAllowed, Refusal),
    ("this account", Cause::NotAllowed, Refusal),
    ("your organization", Cause::NotAllowed, Refusal),
    ("this organization", Cause::NotAllowed, Refusal),
];

#[cfg(test)]
mod tests {
    use super::super::tests::assert_causes;
    use ccwatch_core::api_error::Cause;

    #[test]
    fn what_the_error_asks_for_is_understood_in_other_words() {
        assert_causes(
            Cause::PaymentDue,
            &[
                "API Error: 403 Your free trial has ended. Subscribe to keep using Claude Code.",
                "API Error: 403 Your last invoice is overdue.",
                "API Error: 403 Your subscription has expired",
            ],
        );
        assert_causes(
            Cause::Unverified,
            &[
                "API Error: 403 Please verify your phone number to continue.",
                "API Error: 403 We need to confirm your identity before you can go on.",
            ],
        );
        assert_causes(
            Cause::OnHold,
            &[
                "API Error: 403 This account was banned for violating our Usage Policy.",
                "API Error: 403 Access is on hold while we look into unusual activity.",
            ],
        );
        assert_causes(
            Cause::NotAllowed,
            &[
                "API Error: 403 Your organization has no Claude Code seats available. Contact your admin to be assigned a premium seat.",
                "API Error: 403 You are no longer a member of this organization.",
            ],
        );
    }

    #[test]
    fn a_reason_in_words_nobody_knows_is_still_the_reason() {
        assert_causes(
            Cause::Denied,
            &[
                r#"API Error: 403 {"type":"error","error":{"type":"permission_error","message":"The moon is in the wrong place for this operation."}}"#,
                "API Error: 403 Claude Code cannot be used here on Sundays.",
            ],
        );
        assert_causes(
            Cause::Refused,
            &[
                "API Error: 403 Forbidden",
                "API Error: 403 Permission denied",
                r#"API Error: 403 {"type":"error","error":{"type":"permission_error","message":"Permission denied"}}"#,
                "API Error: 401 The token could not be understood by anybody here.",
            ],
        );
    }
}
