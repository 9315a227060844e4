//! The words of Claude Code, of the API and of the systems in between, in many versions: one
//! table. A new wording is a row here and nothing else.
//!
//! Text is the last witness. Where a row or a body gives a finding, a status, a type or a code,
//! those decide, and the words only refine what they leave open.

use std::sync::LazyLock;

use super::scan::Index;
use ccwatch_core::api_error::Cause;

/// In which texts words count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Claude Code's own, or of who serves its models: a text that has them is about Claude.
    Own,
    /// Anybody says so: they count in a text that is about Claude for another reason.
    About,
    /// The same, and only where a credential was refused.
    Refusal,
    /// About this machine, its files and its network: they count in every text.
    Local,
}

use Scope::{About, Local, Own, Refusal};

/// Wordings in lower case, the first that is found counts: the particular before the general. What
/// names a limit or a broken session stands before what only names a connection.
pub(super) const WORDS: &[(&str, Cause, Scope)] = &[
    // The login, and who may not.
    ("tried your saved claude console api key instead", Cause::LoggedOut, Own),
    ("your claude.ai login expired", Cause::LoggedOut, Own),
    ("not logged in · ", Cause::LoggedOut, Own),
    ("not logged in", Cause::LoggedOut, About),
    ("missing api key · run /login", Cause::LoggedOut, Own),
    ("missing api key", Cause::LoggedOut, About),
    ("login expired", Cause::LoggedOut, Own),
    ("login has expired", Cause::LoggedOut, Own),
    ("login reached its time limit", Cause::LoggedOut, Own),
    ("this session has no login that it can use", Cause::LoggedOut, Own),
    ("session expired and could not be refreshed", Cause::LoggedOut, Own),
    ("another claude code process is refreshing", Cause::LoginBusy, Own),
    ("can't save to the keychain", Cause::KeychainLocked, Own),
    ("keychain is locked", Cause::KeychainLocked, Local),
    ("security unlock-keychain", Cause::KeychainLocked, Local),
    ("disk that holds the claude code config", Cause::OwnFiles, Own),
    ("no space left on device", Cause::OwnFiles, Local),
    ("disk quota exceeded", Cause::OwnFiles, Local),
    ("payment is past due", Cause::PaymentDue, Own),
    ("subscription payment", Cause::PaymentDue, About),
    ("account is on hold", Cause::OnHold, Own),
    ("claude design is on hold", Cause::OnHold, Own),
    ("verify your identity", Cause::Unverified, Own),
    ("must be verified to", Cause::Unverified, About),
    ("verification required", Cause::Unverified, Own),
    ("complete verification", Cause::Unverified, About),
    ("disabled claude subscription access", Cause::NotAllowed, Own),
    ("anthropic console sign-in saved on this computer", Cause::NotAllowed, Own),
    ("does not have access to claude", Cause::NotAllowed, Own),
    ("doesn't have access to claude", Cause::NotAllowed, Own),
    ("not authorized to use claude", Cause::NotAllowed, Own),
    ("updated our consumer terms", Cause::NotAllowed, Own),
    ("oauth authentication is currently not allowed for this organization", Cause::NotAllowed, Own),
    ("oauth authentication is currently not supported", Cause::NotAllowed, Own),
    ("invalid code. please make sure", Cause::LoginCode, Own),
    ("usage is paused for your organization", Cause::SpendLimit, Own),
    // The road: who authenticates, and who is in between.
    ("belongs to a disabled organization", Cause::ForeignCredential, Own),
    ("this organization has been disabled", Cause::OrgDisabled, Own),
    ("organization has been disabled", Cause::OrgDisabled, About),
    ("account has been disabled", Cause::OrgDisabled, About),
    ("disabled api key authentication", Cause::ForeignCredential, Own),
    ("api key authentication is disabled", Cause::ForeignCredential, Own),
    ("invalid api key · please run /login", Cause::LoggedOut, Own),
    ("invalid api key · fix", Cause::ForeignCredential, Own),
    ("invalid x-api-key", Cause::ForeignCredential, About),
    ("invalid auth token · fix", Cause::ForeignCredential, Own),
    ("fix external", Cause::ForeignCredential, Own),
    ("not a valid api key for this workspace", Cause::ForeignCredential, Own),
    ("invalid api key", Cause::ForeignCredential, About),
    ("invalid auth token", Cause::ForeignCredential, About),
    ("apikeyhelper", Cause::Helper, Own),
    ("http.fetch hook stopped this request", Cause::OwnHook, Own),
    ("blocked by hook", Cause::OwnHook, About),
    ("aws authentication failed", Cause::CloudCredential, Own),
    ("aws credentials", Cause::CloudCredential, Own),
    ("could not load credentials from any providers", Cause::CloudCredential, About),
    ("could not resolve credentials", Cause::CloudCredential, About),
    ("credentialsprovidererror", Cause::CloudCredential, About),
    ("sso session associated with this profile", Cause::CloudCredential, About),
    ("refresh this sso session", Cause::CloudCredential, About),
    ("sso token", Cause::CloudCredential, About),
    ("session token not found or invalid", Cause::CloudCredential, About),
    ("not authorized to perform: bedrock", Cause::CloudCredential, About),
    ("you don't have access to the model with the specified model id", Cause::NoModel, Own),
    ("aws-marketplace:", Cause::CloudCredential, About),
    ("security token included in the request", Cause::CloudCredential, About),
    ("expiredtoken", Cause::CloudCredential, About),
    ("unrecognizedclientexception", Cause::CloudCredential, About),
    ("invalidsignatureexception", Cause::CloudCredential, About),
    ("could not load the default credentials", Cause::CloudCredential, About),
    ("could not load azure credentials", Cause::CloudCredential, Own),
    ("google cloud credentials", Cause::CloudCredential, Own),
    ("google cloud authentication", Cause::CloudCredential, Own),
    ("application default credentials", Cause::CloudCredential, About),
    ("application-default login", Cause::CloudCredential, About),
    ("invalid_grant", Cause::CloudCredential, About),
    ("reauth related error", Cause::CloudCredential, About),
    ("permission 'aiplatform", Cause::CloudCredential, About),
    ("microsoft foundry authentication", Cause::CloudCredential, Own),
    ("defaultazurecredential", Cause::CloudCredential, About),
    ("aadsts", Cause::CloudCredential, About),
    ("anthropic_custom_headers", Cause::Headers, Own),
    ("' has invalid value: '", Cause::Headers, About),
    ("anthropic_profile", Cause::Profile, Own),
    ("gateway could not authenticate with its upstream", Cause::ForeignAnswer, Own),
    ("gateway refused the request", Cause::ForeignAnswer, Own),
    ("gateway session expired", Cause::GatewayLogin, Own),
    ("gateway session has expired", Cause::GatewayLogin, Own),
    ("not signed in to the gateway", Cause::GatewayLogin, Own),
    ("sign in to your gateway", Cause::GatewayLogin, Own),
    ("bedrock streaming response", Cause::ForeignAnswer, Own),
    ("error from provider", Cause::ForeignAnswer, About),
    ("no endpoints found", Cause::ForeignAnswer, About),
    ("empty or malformed response", Cause::Intercepted, Own),
    ("the request was redirected", Cause::Intercepted, Own),
    ("zscaler", Cause::ForeignAnswer, About),
    ("netskope", Cause::ForeignAnswer, About),
    ("fortiguard", Cause::ForeignAnswer, About),
    ("forcepoint", Cause::ForeignAnswer, About),
    ("is blocked by your", Cause::ForeignAnswer, About),
    ("status code (no body)", Cause::ForeignAnswer, Refusal),
    ("certificate", Cause::Certificate, Local),
    ("unable to connect to api: ssl error", Cause::Certificate, Own),
    // The edge before the API.
    ("request blocked before it reached anthropic", Cause::EdgeBlocked, Own),
    ("might not be available in your country", Cause::EdgeBlocked, Own),
    ("not available in your country", Cause::EdgeBlocked, About),
    ("only available in certain regions", Cause::EdgeBlocked, About),
    ("supported countries", Cause::EdgeBlocked, About),
    ("unsupported region", Cause::EdgeBlocked, About),
    ("app unavailable in region", Cause::EdgeBlocked, Own),
    ("request not allowed", Cause::EdgeBlocked, Refusal),
    ("just a moment...", Cause::EdgeBlocked, About),
    ("attention required! | cloudflare", Cause::EdgeBlocked, About),
    ("sorry, you have been blocked", Cause::EdgeBlocked, About),
    ("failed to connect to api.anthropic.com: err_bad_request", Cause::EdgeBlocked, Own),
    // The model.
    ("issue with the selected model", Cause::NoModel, Own),
    ("is not available with the claude pro plan", Cause::NoModel, Own),
    ("is not available on your", Cause::NoModel, About),
    ("model identifier is invalid", Cause::NoModel, About),
    ("model access is denied", Cause::CloudCredential, About),
    ("on-demand throughput isn't supported", Cause::NoModel, About),
    ("model not found", Cause::NoModel, About),
    ("isn't available with thinking turned off", Cause::Setting, Own),
    ("thinking.budget_tokens", Cause::Setting, About),
    ("does not support the effort", Cause::Setting, About),
    ("strategy requires `thinking`", Cause::Setting, About),
    ("advisor model", Cause::Setting, Own),
    ("claude_code_max_output_tokens", Cause::LongAnswer, Own),
    ("needs an update", Cause::OldVersion, About),
    ("below the minimum version", Cause::OldVersion, About),
    ("please update claude code", Cause::OldVersion, Own),
    // The session.
    ("size exceeds model context window", Cause::TooLong, About),
    ("prompt is too long", Cause::TooLong, Own),
    ("context limit reached", Cause::TooLong, Own),
    ("context window limit", Cause::TooLong, Own),
    ("exceeds the context window", Cause::TooLong, About),
    ("exceeds the maximum context", Cause::TooLong, About),
    ("maximum context length", Cause::TooLong, About),
    ("context_length_exceeded", Cause::TooLong, About),
    ("input is too long for requested model", Cause::TooLong, Own),
    ("input is too long", Cause::TooLong, About),
    ("input token count", Cause::TooLong, About),
    ("conversation too long", Cause::TooLong, Own),
    ("conversation is too long", Cause::TooLong, Own),
    ("exceed context limit", Cause::TooLong, About),
    ("autocompact is thrashing", Cause::TooLong, Own),
    ("image exceeds", Cause::Media, About),
    ("image dimensions exceed", Cause::Media, About),
    ("many-image requests", Cause::Media, Own),
    ("too many images", Cause::Media, About),
    ("image was too large", Cause::Media, Own),
    ("could not process image", Cause::Media, About),
    ("could not process pdf", Cause::Media, Own),
    ("does not match the provided media type", Cause::Media, About),
    ("an image in the conversation", Cause::Media, Own),
    ("unable to resize image", Cause::Media, Own),
    ("pdf too large", Cause::Media, Own),
    ("pdf pages", Cause::Media, About),
    ("pdf is password protected", Cause::Media, Own),
    ("pdf specified", Cause::Media, About),
    ("pdf file was not valid", Cause::Media, Own),
    ("does not accept pdf documents", Cause::Media, Own),
    ("document source", Cause::Media, About),
    ("request too large (max", Cause::TooLong, Own),
    ("request too large", Cause::TooLong, About),
    ("request exceeds the maximum size", Cause::TooLong, About),
    ("text content blocks must", Cause::BrokenText, About),
    ("text fields must be non-empty", Cause::BrokenText, About),
    ("final assistant content cannot end with trailing whitespace", Cause::BrokenText, About),
    ("content must be non-empty", Cause::BrokenText, About),
    ("must have non-empty content", Cause::BrokenText, About),
    ("surrogate", Cause::BrokenText, About),
    ("request body is not valid json", Cause::BrokenText, About),
    ("cache_control cannot be set for empty text", Cause::BrokenText, About),
    ("assistant message prefill", Cause::BrokenHistory, About),
    ("conversation must end with a user message", Cause::BrokenHistory, About),
    ("tool use concurrency", Cause::BrokenHistory, Own),
    ("tool_result in conversation", Cause::BrokenHistory, About),
    ("tool_result block", Cause::BrokenHistory, About),
    ("`tool_result`", Cause::BrokenHistory, About),
    ("`tool_use`", Cause::BrokenHistory, About),
    ("duplicate tool_use", Cause::BrokenHistory, About),
    ("tool_use id", Cause::BrokenHistory, About),
    ("tool_use_id", Cause::BrokenHistory, About),
    ("invalid `signature`", Cause::BrokenHistory, About),
    ("thinking blocks", Cause::BrokenHistory, About),
    ("`thinking`", Cause::BrokenHistory, About),
    ("must precede an 'assistant'", Cause::BrokenHistory, About),
    ("roles must alternate", Cause::BrokenHistory, About),
    ("invalid encrypted_content", Cause::BrokenHistory, About),
    ("output blocked by content filtering", Cause::Filtered, Own),
    ("content filter", Cause::Filtered, About),
    ("appears to violate our usage policy", Cause::Declined, Own),
    ("usage policy (https://www.anthropic.com", Cause::Declined, Own),
    ("safeguards flagged this message", Cause::Declined, Own),
    ("start a new session to continue", Cause::Declined, Own),
    ("failed to resume the conversation", Cause::NoSession, Own),
    ("failed to resume", Cause::NoSession, About),
    ("no conversation found", Cause::NoSession, Own),
    ("output token maximum", Cause::LongAnswer, Own),
    // Limits.
    ("not your usage limit", Cause::TooManyRequests, Own),
    ("request rejected (429)", Cause::TooManyRequests, Own),
    ("credit balance is too low", Cause::NoCredit, Own),
    ("credit balance", Cause::NoCredit, About),
    ("enough credit", Cause::NoCredit, About),
    ("usage credits required for 1m", Cause::LongContext, Own),
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
    ("out of usage credits", Cause::UsageCredits, Own),
    ("usage credits ran out", Cause::UsageCredits, Own),
    ("requires usage credits", Cause::UsageCredits, Own),
    ("usage limit reached", Cause::UsageLimit, Own),
    ("out of extra usage", Cause::UsageLimit, Own),
    ("hour limit reached", Cause::UsageLimit, Own),
    ("weekly limit reached", Cause::UsageLimit, Own),
    ("session limit reached", Cause::UsageLimit, Own),
    ("opus limit reached", Cause::UsageLimit, Own),
    ("sonnet limit reached", Cause::UsageLimit, Own),
    ("fable limit reached", Cause::UsageLimit, Own),
    ("exceed your organization's rate limit", Cause::TooManyRequests, Own),
    ("exceed your account's rate limit", Cause::TooManyRequests, Own),
    ("rate limit", Cause::TooManyRequests, About),
    ("rate_limit_error", Cause::TooManyRequests, Own),
    ("throttlingexception", Cause::TooManyRequests, About),
    ("too many tokens, please wait", Cause::TooManyRequests, About),
    ("resource_exhausted", Cause::TooManyRequests, About),
    ("resource exhausted", Cause::TooManyRequests, About),
    ("quota exceeded for", Cause::TooManyRequests, About),
    ("too many requests", Cause::TooManyRequests, About),
    // Servers, streams and the network.
    ("experiencing high load", Cause::HighLoad, Own),
    ("claude is at capacity", Cause::HighLoad, Own),
    ("capacity constraints", Cause::HighLoad, Own),
    ("oauth error: request failed with status code 5", Cause::LoginServer, Own),
    ("oauth error: request failed", Cause::Refused, Own),
    ("oauth request failed internal server error", Cause::LoginServer, Own),
    ("claude will return soon", Cause::Unavailable, Own),
    ("temporary service disruption", Cause::Unavailable, About),
    ("api is temporarily unavailable", Cause::Unavailable, About),
    ("service is temporarily unavailable", Cause::Unavailable, About),
    ("asleep", Cause::Slept, About),
    ("went to sleep", Cause::Slept, Own),
    ("connection dropped", Cause::Dropped, Own),
    ("connection lost", Cause::Dropped, Local),
    ("connection closed mid-response", Cause::Dropped, Own),
    ("connection to the api was lost", Cause::Dropped, Own),
    ("socket connection was closed unexpectedly", Cause::Dropped, Own),
    ("connection closed", Cause::Dropped, About),
    ("socket hang up", Cause::Dropped, Local),
    ("premature close", Cause::Dropped, About),
    ("terminated: other side closed", Cause::Dropped, About),
    ("unable to connect to api", Cause::NoConnection, Own),
    ("unable to connect to anthropic", Cause::NoConnection, Own),
    ("failed to connect to api.anthropic.com", Cause::NoConnection, Own),
    ("could not reach api.anthropic.com", Cause::NoConnection, Own),
    ("couldn't connect to claude", Cause::NoConnection, Own),
    ("unable to start session. check your internet", Cause::NoConnection, Own),
    ("check your internet", Cause::NoConnection, About),
    ("unable to connect", Cause::NoConnection, About),
    ("connection refused", Cause::NoConnection, Local),
    ("can't reach the api server", Cause::NoConnection, Own),
    ("no internet route", Cause::NoConnection, Own),
    ("couldn't connect through your proxy", Cause::NoConnection, Own),
    ("fetch failed", Cause::NoConnection, Local),
    ("typeerror: failed to fetch", Cause::NoConnection, About),
    ("connection error", Cause::Dropped, Local),
    ("server error mid-response", Cause::NoAnswer, Own),
    ("mid-response", Cause::NoAnswer, About),
    ("stream idle timeout", Cause::NoAnswer, Own),
    ("partial response received", Cause::NoAnswer, Own),
    ("stream ended without", Cause::NoAnswer, About),
    ("content block not found", Cause::NoAnswer, About),
    ("content block is not", Cause::NoAnswer, About),
    ("response could not be read", Cause::NoAnswer, Own),
    ("request timed out", Cause::NoAnswer, Own),
    ("no response from api", Cause::NoAnswer, Own),
    ("response stalled", Cause::NoAnswer, Own),
    ("response stopped arriving", Cause::NoAnswer, Own),
    ("no data arrived for more than", Cause::NoAnswer, Own),
    ("oauth token revoked", Cause::Refused, Own),
    ("oauth token has been revoked", Cause::Refused, Own),
    ("oauth token has expired", Cause::Refused, Own),
    // What is left of a refusal: who else refuses so, before the login's own words.
    ("quota", Cause::ForeignAnswer, Refusal),
    ("administrator", Cause::ForeignAnswer, Refusal),
    ("gateway", Cause::ForeignAnswer, Refusal),
    ("proxy", Cause::ForeignAnswer, Refusal),
    ("<html", Cause::ForeignAnswer, Refusal),
    ("firewall", Cause::ForeignAnswer, Refusal),
    ("forbidden by", Cause::ForeignAnswer, Refusal),
    ("claude login not accepted", Cause::Refused, Own),
    ("· please run /login", Cause::Refused, Own),
    ("please run /login ·", Cause::Refused, Own),
    ("authentication error · this may be a temporary network issue", Cause::Refused, Own),
    ("oauth token", Cause::Refused, About),
    ("oauth error", Cause::Refused, About),
    ("failed to authenticate", Cause::Refused, About),
    ("oauth", Cause::Refused, About),
    ("/login", Cause::Refused, About),
    ("invalid authentication credentials", Cause::Refused, About),
    ("overloaded_error", Cause::Overloaded, Own),
    ("529 overloaded", Cause::Overloaded, Own),
    ("server overload", Cause::Overloaded, Own),
    ("overloaded", Cause::Overloaded, About),
    ("internal server error", Cause::Internal, About),
    ("this is a server-side issue", Cause::Unavailable, Own),
];

/// What is known of a text whose words are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Text<'a> {
    /// The text in lower case, in one line.
    pub(super) lower: &'a str,
    /// Whether it is about Claude, whatever its words.
    pub(super) about_claude: bool,
    /// Whether a credential was refused.
    pub(super) refusal: bool,
}

static INDEX: LazyLock<Index> =
    LazyLock::new(|| Index::new(WORDS.iter().map(|(words, _, _)| *words)));

/// The cause that the words of a text tell.
pub(super) fn cause(text: Text<'_>) -> Option<Cause> {
    let counts = |scope: Scope| match scope {
        Own | Local => true,
        About => text.about_claude,
        Refusal => text.about_claude && text.refusal,
    };
    let places = INDEX.first_places(text.lower, |_, _| true);
    let mut found = WORDS.iter().zip(places).filter(|(_, place)| place.is_some());
    found.find(|((_, _, scope), _)| counts(*scope)).map(|((_, cause, _), _)| *cause)
}

/// Where the words that are in a text stand first, with their scope.
pub(super) fn places(lower: &str) -> impl Iterator<Item = (usize, Scope)> + use<> {
    let places = INDEX.first_places(lower, |_, _| true).into_iter();
    WORDS.iter().zip(places).filter_map(|((_, _, scope), at)| Some((at?, *scope)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the texts in which `one` counts include those in which `other` does.
    fn covers(one: Scope, other: Scope) -> bool {
        match (one, other) {
            (Own | Local, _) => true,
            (About, About | Refusal) => true,
            (Refusal, Refusal) => true,
            (About | Refusal, _) => false,
        }
    }

    #[test]
    fn no_word_is_shadowed_by_an_earlier_one() {
        for (at, (words, cause, scope)) in WORDS.iter().enumerate() {
            assert!(!words.chars().any(char::is_uppercase), "{words}");
            for (earlier, other, wide) in &WORDS[..at] {
                let hidden = words.contains(earlier) && covers(*wide, *scope);
                assert!(!hidden, "{words:?} ({cause:?}) never counts: {earlier:?} ({other:?})");
            }
            let text = Text {
                lower: words,
                about_claude: matches!(scope, About | Refusal),
                refusal: *scope == Refusal,
            };
            assert_eq!(super::cause(text), Some(*cause), "{words}");
        }
    }
}
