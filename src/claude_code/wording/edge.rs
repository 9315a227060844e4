//! The edge before the API, and rules about where a request may come from. They stand first: the
//! API's own types come with them, and logging in changes none of it.

use super::Word;
use super::{About, Own, Refusal};
use ccwatch_core::api_error::Cause;

pub(super) const WORDS: &[Word] = &[
    // The rules of an organisation or of a network.
    ("ip address not allowed", Cause::NetworkRule, Own),
    ("ip address is not allowed", Cause::NetworkRule, About),
    ("ip is not allowed", Cause::NetworkRule, About),
    ("ip not allowed", Cause::NetworkRule, About),
    ("ip allowlist", Cause::NetworkRule, About),
    ("ip allow list", Cause::NetworkRule, About),
    ("ip allow-list", Cause::NetworkRule, About),
    ("ip whitelist", Cause::NetworkRule, About),
    ("ip restriction", Cause::NetworkRule, About),
    ("ip address", Cause::NetworkRule, Refusal),
    ("allowed ip", Cause::NetworkRule, Refusal),
    ("source ip", Cause::NetworkRule, Refusal),
    ("from this ip", Cause::NetworkRule, Refusal),
    ("in allowlist", Cause::NetworkRule, Refusal),
    ("allowlist", Cause::NetworkRule, Refusal),
    ("allow list", Cause::NetworkRule, Refusal),
    ("allow-list", Cause::NetworkRule, Refusal),
    ("whitelist", Cause::NetworkRule, Refusal),
    ("host_not_allowed", Cause::NetworkRule, Refusal),
    ("host not allowed", Cause::NetworkRule, Refusal),
    ("egress", Cause::NetworkRule, Refusal),
    ("network policy", Cause::NetworkRule, About),
    ("network access policy", Cause::NetworkRule, About),
    ("tenant restriction", Cause::NetworkRule, About),
    ("tenant_restriction", Cause::NetworkRule, About),
    ("anthropic-allowed-org-ids", Cause::NetworkRule, Own),
    ("trusted network", Cause::NetworkRule, Refusal),
    ("corporate network", Cause::NetworkRule, Refusal),
    ("from this network", Cause::NetworkRule, Refusal),
    // The edge.
    ("request blocked before it reached anthropic", Cause::EdgeBlocked, Own),
    ("might not be available in your country", Cause::EdgeBlocked, Own),
    ("not available in your country", Cause::EdgeBlocked, About),
    ("not available in your region", Cause::EdgeBlocked, About),
    ("unavailable in your region", Cause::EdgeBlocked, About),
    ("unavailable in your country", Cause::EdgeBlocked, About),
    ("only available in certain regions", Cause::EdgeBlocked, About),
    ("supported countries", Cause::EdgeBlocked, About),
    ("supported-countries", Cause::EdgeBlocked, About),
    ("unsupported region", Cause::EdgeBlocked, About),
    ("unsupported country", Cause::EdgeBlocked, About),
    ("app unavailable in region", Cause::EdgeBlocked, Own),
    ("app-unavailable-in-region", Cause::EdgeBlocked, Own),
    ("request not allowed", Cause::EdgeBlocked, Refusal),
    ("error code: 10", Cause::EdgeBlocked, Refusal),
    ("error code 10", Cause::EdgeBlocked, Refusal),
    ("error 100", Cause::EdgeBlocked, Refusal),
    ("error 101", Cause::EdgeBlocked, Refusal),
    ("error 1020", Cause::EdgeBlocked, Refusal),
    ("to restrict access", Cause::EdgeBlocked, About),
    ("just a moment...", Cause::EdgeBlocked, About),
    ("attention required! | cloudflare", Cause::EdgeBlocked, About),
    ("you have been blocked", Cause::EdgeBlocked, About),
    ("enable javascript and cookies", Cause::EdgeBlocked, About),
    ("checking your browser", Cause::EdgeBlocked, About),
    ("checking if the site connection is secure", Cause::EdgeBlocked, About),
    ("you are human", Cause::EdgeBlocked, About),
    ("cloudflare", Cause::EdgeBlocked, Refusal),
    ("cf-ray", Cause::EdgeBlocked, Refusal),
    ("cf-mitigated", Cause::EdgeBlocked, Refusal),
    ("ray id", Cause::EdgeBlocked, Refusal),
    ("failed to connect to api.anthropic.com: err_bad_request", Cause::EdgeBlocked, Own),
    ("vpn", Cause::EdgeBlocked, Refusal),
    ("tor exit", Cause::EdgeBlocked, Refusal),
    ("proxy detected", Cause::EdgeBlocked, Refusal),
    ("anonymous proxy", Cause::EdgeBlocked, Refusal),
    ("anonymizing", Cause::EdgeBlocked, Refusal),
    ("hosting provider", Cause::EdgeBlocked, Refusal),
    ("data center", Cause::EdgeBlocked, Refusal),
    ("datacenter", Cause::EdgeBlocked, Refusal),
    ("geoblock", Cause::EdgeBlocked, Refusal),
    ("geo-", Cause::EdgeBlocked, Refusal),
    ("geograph", Cause::EdgeBlocked, Refusal),
    ("sanction", Cause::EdgeBlocked, Refusal),
    ("embargo", Cause::EdgeBlocked, Refusal),
];

#[cfg(test)]
mod tests {
    use super::super::tests::assert_causes;
    use ccwatch_core::api_error::Cause;

    #[test]
    fn where_it_came_from_is_refused() {
        assert_causes(
            Cause::EdgeBlocked,
            &[
                r#"API Error: 403 {"type":"error","error":{"type":"permission_error","message":"Request not allowed"}}"#,
                "API Error: 403 <title>Access denied | api.anthropic.com used Cloudflare to restrict access</title>",
                "API Error: 403 Forbidden <hr><center>cloudflare</center>",
                "API Error: 403 error code: 1020",
                "API Error: 403 Access from your country is not supported.",
                "Please run /login · API Error: 403 Connections from a VPN are not permitted",
            ],
        );
    }

    #[test]
    fn a_rule_of_an_administrator_refuses_it() {
        assert_causes(
            Cause::NetworkRule,
            &[
                r#"API Error: 403 {"type":"error","error":{"type":"permission_error","message":"IP address not allowed for this organization"}}"#,
                "API Error: 403 Host not in allowlist",
                "API Error: 403 Blocked by tenant restrictions",
                r#"API Error: 403 {"type":"error","error":{"type":"permission_error","message":"Access restricted by network policy. Contact IT Administrator.","error_code":"tenant_restriction_violation"}}"#,
                "Failed to authenticate. API Error: 403 Blocked by egress policy",
            ],
        );
    }
}
