//! What structure says of an error: Claude Code's own findings and classes, the API's types,
//! statuses, and codes of the operating system. Each is exact, and a value that isn't here says
//! nothing.

use ccwatch_core::api_error::Cause;

use super::marks::is_certificate;

/// How far a finding of Claude Code's own goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finding {
    /// It leaves no question.
    Certain(Cause),
    /// It leaves open which of its kind; where neither a code nor the words say, it is this one.
    OneOf(Cause, &'static [Cause]),
}

const CONNECTIONS: &[Cause] =
    &[Cause::NoConnection, Cause::Dropped, Cause::Intercepted, Cause::Slept];
const LIMITS: &[Cause] = &[
    Cause::UsageLimit,
    Cause::SpendLimit,
    Cause::SpendWindow,
    Cause::UsageCredits,
    Cause::NoCredit,
];
const KEYS: &[Cause] = &[Cause::ForeignCredential, Cause::Headers, Cause::Helper, Cause::LoggedOut];

/// A limit of the plan that was given with an error.
pub(super) const LIMIT: Finding = Finding::OneOf(Cause::UsageLimit, LIMITS);

/// What `apiError` of a row that ends a turn means.
pub(super) fn of_finding(word: &str) -> Option<Finding> {
    use Finding::{Certain, OneOf};
    Some(match word {
        "connection_failed" => OneOf(Cause::NoConnection, CONNECTIONS),
        "usage_limit_reached" => LIMIT,
        "invalid_credential_header" => OneOf(Cause::ForeignCredential, KEYS),
        "tls_untrusted_ca" | "tls_cert_signature_failure" => Certain(Cause::Certificate),
        "no_response" | "stream_idle_timeout" => Certain(Cause::NoAnswer),
        "empty_completion" | "malformed_tool_use_exhausted" => Certain(Cause::NoAnswer),
        "computer_slept" => Certain(Cause::Slept),
        "network_edge_blocked" => Certain(Cause::EdgeBlocked),
        "gateway_content_type" => Certain(Cause::Intercepted),
        "gateway_signin_required" | "gateway_session_expired" => Certain(Cause::GatewayLogin),
        "provider_credentials" => Certain(Cause::CloudCredential),
        "named_profile_unusable" => Certain(Cause::Profile),
        "org_disabled_credential" | "api_key_auth_disabled" => Certain(Cause::ForeignCredential),
        "oauth_refresh_store_refused" => Certain(Cause::KeychainLocked),
        "stored_login_refused" => Certain(Cause::LoggedOut),
        "field_not_granted" => Certain(Cause::NotAllowed),
        "hook_denied" => Certain(Cause::OwnHook),
        "dlp_request_denied" | "safety_monitor_blocked" => Certain(Cause::Declined),
        "tool_history_mismatch" => Certain(Cause::BrokenHistory),
        "autocompact_thrashing" | "message_over_context_limit" => Certain(Cause::TooLong),
        "pdf_too_large" | "pdf_password_protected" | "media_removed" => Certain(Cause::Media),
        "max_output_tokens" => OneOf(Cause::LongAnswer, &[Cause::TooLong]),
        "model_requires_usage_credits" | "consent_unanswered" => Certain(Cause::UsageCredits),
        "long_context_credits_required" => Certain(Cause::LongContext),
        "no_allowed_fallback" | "model_substitution_disabled" => Certain(Cause::NoModel),
        "effort_requires_thinking" | "advisor_incompatible" => Certain(Cause::Setting),
        "claude_code_version_too_old" => Certain(Cause::OldVersion),
        _ => return None,
    })
}

/// Classes that leave no question. The API's type never outranks them: an organisation that may
/// not, an account on hold and a cloud's credentials all come with `permission_error`.
pub(super) fn of_precise_class(class: &str) -> Option<Finding> {
    use Finding::{Certain, OneOf};
    Some(match class {
        "oauth_org_not_allowed" => {
            OneOf(Cause::NotAllowed, &[Cause::NotAllowed, Cause::PaymentDue])
        }
        "account_on_hold" => Certain(Cause::OnHold),
        "verification_required" => Certain(Cause::Unverified),
        "cloud_credential_error" => Certain(Cause::CloudCredential),
        "max_output_tokens" => OneOf(Cause::LongAnswer, &[Cause::TooLong]),
        _ => return None,
    })
}

/// Claude Code's coarse classes. `server_error` without a status is a matter of the connection.
pub(super) fn of_class(class: &str) -> Option<Cause> {
    Some(match class {
        "rate_limit" => Cause::TooManyRequests,
        "overloaded" => Cause::Overloaded,
        "authentication_failed" => Cause::Refused,
        "billing_error" => Cause::NoCredit,
        "invalid_request" => Cause::BadRequest,
        "model_not_found" => Cause::NoModel,
        "server_error" => Cause::NoAnswer,
        _ => return None,
    })
}

/// The API's types.
pub(super) fn of_kind(kind: &str, lower: &str) -> Option<Cause> {
    Some(match kind {
        "not_found_error" if lower.contains("model") => Cause::NoModel,
        "api_error" => Cause::Internal,
        "overloaded_error" => Cause::Overloaded,
        "timeout_error" => Cause::TimedOut,
        "authentication_error" | "permission_error" => Cause::Refused,
        "forbidden" => Cause::EdgeBlocked,
        "rate_limit_error" => Cause::TooManyRequests,
        "billing_error" => Cause::NoCredit,
        "not_found_error" => Cause::NotFound,
        "request_too_large" => Cause::TooLong,
        "invalid_request_error" => Cause::BadRequest,
        _ => return None,
    })
}

/// Whether the API gives a type with a status: routers put the API's types on answers of their own.
pub(super) fn fits(kind: &str, status: u16) -> bool {
    match kind {
        "api_error" | "overloaded_error" => status >= 500,
        "timeout_error" => status >= 500 || status == 408,
        _ => true,
    }
}

/// What a status says where nothing says more.
pub(super) fn of_status(status: u16) -> Cause {
    match status {
        500 => Cause::Internal,
        529 => Cause::Overloaded,
        504 => Cause::TimedOut,
        501.. => Cause::BadGateway,
        401 | 403 => Cause::Refused,
        402 => Cause::NoCredit,
        404 => Cause::NotFound,
        407 => Cause::Intercepted,
        408 => Cause::NoAnswer,
        413 => Cause::TooLong,
        429 => Cause::TooManyRequests,
        451 => Cause::EdgeBlocked,
        400..=499 => Cause::BadRequest,
        0..=399 => Cause::Unknown,
    }
}

/// Codes of the connection, and of this machine's own files; others say nothing by themselves.
pub(super) fn of_code(code: &str) -> Option<Cause> {
    Some(match code {
        // A handshake that was cut: nobody showed a certificate.
        "SSL_ERROR_SYSCALL" | "SSL_ERROR_EOF" => Cause::NoConnection,
        code if is_certificate(code) => Cause::Certificate,
        "ECONNRESET"
        | "EPIPE"
        | "ECONNABORTED"
        | "ERR_STREAM_PREMATURE_CLOSE"
        | "ERR_SOCKET_CLOSED"
        | "ConnectionClosed"
        | "StreamTruncated"
        | "UND_ERR_SOCKET" => Cause::Dropped,
        "ENOTFOUND" | "EAI_AGAIN" | "EAI_FAIL" | "EAI_NODATA" | "EAI_NONAME" | "ECONNREFUSED"
        | "EHOSTUNREACH" | "EHOSTDOWN" | "ENETUNREACH" | "ENETDOWN" | "ENONET"
        | "EADDRNOTAVAIL" | "ETIMEDOUT" | "ERR_PROXY_TUNNEL" | "ERR_NETWORK"
        | "FailedToOpenSocket" => Cause::NoConnection,
        "RedirectRefused" => Cause::Intercepted,
        "StreamSuspended" => Cause::Slept,
        "StreamNoResponse" | "ConnectionIdle" => Cause::NoAnswer,
        "UND_ERR_HEADERS_TIMEOUT" | "UND_ERR_BODY_TIMEOUT" => Cause::NoAnswer,
        code if code.starts_with("UND_ERR") => Cause::NoConnection,
        "ENOSPC" | "EDQUOT" | "EACCES" | "EPERM" | "EROFS" | "ENOENT" | "EEXIST" | "ENOTDIR"
        | "EISDIR" | "EMFILE" | "ENFILE" | "ENOMEM" | "EFBIG" | "EBUSY" | "ENAMETOOLONG"
        | "ELOOP" => Cause::OwnFiles,
        "ERR_BAD_REQUEST" => Cause::BadRequest,
        _ => return None,
    })
}
