//! The road: who authenticates, and who is in between.

use super::Word;
use super::{About, Alone, Local, Own, Refusal};
use ccwatch_core::api_error::Cause;

pub(super) const WORDS: &[Word] = &[
    // A feature that is asked for in a header, and that who answers doesn't know.
    ("for the `anthropic-beta` header", Cause::BetaHeader, About),
    ("for the 'anthropic-beta' header", Cause::BetaHeader, About),
    ("for the anthropic-beta header", Cause::BetaHeader, About),
    ("invalid beta flag", Cause::BetaHeader, About),
    ("invalid anthropic-beta", Cause::BetaHeader, About),
    ("invalid value for anthropic-beta", Cause::BetaHeader, About),
    ("unknown beta", Cause::BetaHeader, About),
    ("unsupported beta", Cause::BetaHeader, About),
    ("anthropic-beta: ", Cause::BetaHeader, About),
    ("context_management: extra inputs", Cause::BetaHeader, About),
    ("defer_loading: extra inputs", Cause::BetaHeader, About),
    ("output_config: extra inputs", Cause::BetaHeader, About),
    // Keys and headers.
    ("disabled api key authentication", Cause::ForeignCredential, Alone),
    ("api key authentication is disabled", Cause::ForeignCredential, Alone),
    ("invalid api key · please run /login", Cause::LoggedOut, Own),
    ("invalid api key · fix", Cause::ForeignCredential, Alone),
    ("invalid x-api-key", Cause::ForeignCredential, About),
    ("invalid auth token · fix", Cause::ForeignCredential, Alone),
    ("fix external", Cause::ForeignCredential, Own),
    ("not a valid api key for this workspace", Cause::ForeignCredential, Own),
    ("invalid api key", Cause::ForeignCredential, About),
    ("invalid auth token", Cause::ForeignCredential, About),
    ("apikeyhelper", Cause::Helper, Own),
    ("http.fetch hook stopped this request", Cause::OwnHook, Own),
    ("blocked by hook", Cause::OwnHook, About),
    ("anthropic_custom_headers", Cause::Headers, Own),
    ("' has invalid value: '", Cause::Headers, About),
    ("anthropic_profile", Cause::Profile, Own),
    // Gateways that say who they are, or refuse in words that only gateways have.
    ("gateway could not authenticate with its upstream", Cause::ForeignAnswer, Own),
    ("gateway refused the request", Cause::ForeignAnswer, Own),
    ("gateway session expired", Cause::GatewayLogin, Own),
    ("gateway session has expired", Cause::GatewayLogin, Own),
    ("not signed in to the gateway", Cause::GatewayLogin, Own),
    ("sign in to your gateway", Cause::GatewayLogin, Own),
    ("bedrock streaming response", Cause::ForeignAnswer, Local),
    ("error from provider", Cause::ForeignAnswer, About),
    ("no endpoints found", Cause::ForeignAnswer, About),
    ("missing authentication token", Cause::ForeignAnswer, Refusal),
    ("to access this resource", Cause::ForeignAnswer, Refusal),
    ("rbac: ", Cause::ForeignAnswer, Refusal),
    ("jwt", Cause::ForeignAnswer, Refusal),
    ("no api key found", Cause::ForeignAnswer, Refusal),
    ("no auth credentials found", Cause::ForeignAnswer, Refusal),
    ("consume this service", Cause::ForeignAnswer, Refusal),
    ("subscription key", Cause::ForeignAnswer, Refusal),
    ("virtual key", Cause::ForeignAnswer, About),
    ("virtual_key", Cause::ForeignAnswer, About),
    ("access to this api", Cause::ForeignAnswer, Refusal),
    ("iap credentials", Cause::ForeignAnswer, Refusal),
    ("authorization required", Cause::ForeignAnswer, Refusal),
    ("authorization header", Cause::ForeignAnswer, Refusal),
    ("authorization field", Cause::ForeignAnswer, Refusal),
    ("missing credentials", Cause::ForeignAnswer, Refusal),
    ("permission_denied", Cause::ForeignAnswer, Refusal),
    ("http token", Cause::ForeignAnswer, Refusal),
    ("application key", Cause::ForeignAnswer, Refusal),
    ("hmac", Cause::ForeignAnswer, Refusal),
    ("basic auth", Cause::ForeignAnswer, Refusal),
    ("mtls", Cause::ForeignAnswer, Refusal),
    ("client certificate", Cause::ForeignAnswer, Refusal),
    ("ext_authz", Cause::ForeignAnswer, Refusal),
    ("upstream", Cause::ForeignAnswer, Refusal),
    ("envoy", Cause::ForeignAnswer, Refusal),
    ("istio", Cause::ForeignAnswer, Refusal),
    ("nginx", Cause::ForeignAnswer, Refusal),
    ("openresty", Cause::ForeignAnswer, Refusal),
    ("traefik", Cause::ForeignAnswer, Refusal),
    ("apisix", Cause::ForeignAnswer, Refusal),
    ("kong", Cause::ForeignAnswer, Refusal),
    ("tyk", Cause::ForeignAnswer, Refusal),
    ("apigee", Cause::ForeignAnswer, Refusal),
    ("akamai", Cause::ForeignAnswer, Refusal),
    ("squid", Cause::ForeignAnswer, Refusal),
    ("litellm", Cause::ForeignAnswer, About),
    ("portkey", Cause::ForeignAnswer, About),
    ("openrouter", Cause::ForeignAnswer, About),
    ("helicone", Cause::ForeignAnswer, About),
    ("copilot", Cause::ForeignAnswer, Refusal),
    ("empty or malformed response", Cause::Intercepted, Own),
    ("the request was redirected", Cause::Intercepted, Own),
    ("!== 200 when http tunneling", Cause::NoConnection, Own),
    ("tunneling socket could not be established", Cause::NoConnection, Local),
    ("zscaler", Cause::ForeignAnswer, About),
    ("netskope", Cause::ForeignAnswer, About),
    ("fortiguard", Cause::ForeignAnswer, About),
    ("forcepoint", Cause::ForeignAnswer, About),
    ("palo alto", Cause::ForeignAnswer, Refusal),
    ("cisco umbrella", Cause::ForeignAnswer, About),
    ("blue coat", Cause::ForeignAnswer, About),
    ("mcafee web gateway", Cause::ForeignAnswer, About),
    ("data loss prevention", Cause::ForeignAnswer, Refusal),
    ("status code (no body)", Cause::ForeignAnswer, Refusal),
    ("tls connect error", Cause::Certificate, About),
    ("unexpected token '<'", Cause::Intercepted, About),
    ("connect tunnel failed", Cause::Intercepted, About),
    ("certificate", Cause::Certificate, Local),
    ("unable to connect to api: ssl error", Cause::Certificate, Own),
];

#[cfg(test)]
mod tests {
    use super::super::tests::assert_causes;
    use ccwatch_core::api_error::Cause;

    #[test]
    fn gateways_refuse_in_words_of_their_own() {
        assert_causes(
            Cause::ForeignAnswer,
            &[
                "API Error: 401 Jwt is missing",
                "API Error: 403 RBAC: access denied",
                r#"API Error: 401 {"message":"No API key found in request"}"#,
                r#"API Error: 403 {"Message":"User is not authorized to access this resource with an explicit deny"}"#,
                r#"API Error: 403 {"message":"Missing Authentication Token"}"#,
                "API Error: 403 You cannot consume this service",
                "API Error: 401 <html><head><title>401 Authorization Required</title></head><center>nginx</center></html>",
            ],
        );
        assert_causes(
            Cause::BetaHeader,
            &[
                r#"API Error: 400 {"type":"error","error":{"type":"invalid_request_error","message":"invalid beta flag"}}"#,
                r#"API Error: 400 {"error":{"message":"Unexpected value(s) `effort-2025-11-24` for the `anthropic-beta` header. Please consult our documentation at docs.anthropic.com or try again without the header."}}"#,
            ],
        );
    }
}
