//! The login, and who may not.

use super::Word;
use super::{About, Alone, Local, Own, Refusal};
use ccwatch_core::api_error::Cause;

pub(super) const WORDS: &[Word] = &[
    // What stands in the way of a login, before the login itself: they come together.
    ("can't save to the keychain", Cause::KeychainLocked, Own),
    ("keychain is", Cause::KeychainLocked, Local),
    ("keychain was", Cause::KeychainLocked, Local),
    ("keychain could not be", Cause::KeychainLocked, Local),
    ("keychain error", Cause::KeychainLocked, Local),
    ("login keychain", Cause::KeychainLocked, Local),
    ("cannot autolaunch d-bus", Cause::KeychainLocked, Local),
    ("keyring is locked", Cause::KeychainLocked, Local),
    ("unlock the keychain", Cause::KeychainLocked, Local),
    ("unlock the keyring", Cause::KeychainLocked, Local),
    ("security unlock-keychain", Cause::KeychainLocked, Local),
    ("unlock-keychain", Cause::KeychainLocked, About),
    ("seckeychainitem", Cause::KeychainLocked, Local),
    ("seckeychainunlock", Cause::KeychainLocked, Local),
    ("errsec", Cause::KeychainLocked, Local),
    ("user interaction is not allowed", Cause::KeychainLocked, Local),
    ("failed to save claude credentials", Cause::KeychainLocked, Local),
    ("credentials to keychain", Cause::KeychainLocked, About),
    ("credentials to the keychain", Cause::KeychainLocked, About),
    ("credentials in the keychain", Cause::KeychainLocked, About),
    ("write to the keychain", Cause::KeychainLocked, About),
    ("write to keychain", Cause::KeychainLocked, About),
    ("access the keychain", Cause::KeychainLocked, About),
    ("access keychain", Cause::KeychainLocked, About),
    ("org.freedesktop.secrets", Cause::KeychainLocked, Local),
    ("another claude code process is refreshing", Cause::LoginBusy, Own),
    ("login in progress", Cause::LoginBusy, Own),
    ("login is in progress", Cause::LoginBusy, Own),
    ("login already in progress", Cause::LoginBusy, Own),
    ("login is already in progress", Cause::LoginBusy, Own),
    ("is currently logging in", Cause::LoginBusy, About),
    ("is already logging in", Cause::LoginBusy, About),
    ("authentication already in progress", Cause::LoginBusy, About),
    ("authentication is already in progress", Cause::LoginBusy, About),
    ("another process is refreshing", Cause::LoginBusy, About),
    ("another process is logging in", Cause::LoginBusy, About),
    ("oauth error: listen eaddrinuse", Cause::LoginBusy, Own),
    ("disk that holds the claude code config", Cause::OwnFiles, Own),
    ("no space left on device", Cause::OwnFiles, Local),
    ("disk quota exceeded", Cause::OwnFiles, Local),
    // The code of a login.
    ("invalid code. please make sure", Cause::LoginCode, Own),
    ("oauth error: invalid", Cause::LoginCode, Own),
    ("oauth error: token exchange failed", Cause::LoginCode, Own),
    ("login failed: token exchange failed", Cause::LoginCode, Own),
    ("oauth error: missing state", Cause::LoginCode, Own),
    ("oauth error: state", Cause::LoginCode, Own),
    ("oauth error: oauth state", Cause::LoginCode, Own),
    ("oauth error: authorization code", Cause::LoginCode, Own),
    ("invalid oauth request", Cause::LoginCode, Own),
    ("state mismatch", Cause::LoginCode, About),
    ("state parameter", Cause::LoginCode, About),
    ("invalid state", Cause::LoginCode, About),
    ("state does not match", Cause::LoginCode, About),
    ("code_verifier", Cause::LoginCode, About),
    ("invalid authorization code", Cause::LoginCode, Own),
    ("authorization code", Cause::LoginCode, About),
    ("oauth error: timeout of", Cause::Dropped, Own),
    ("oauth error: network error", Cause::NoConnection, Own),
    // The login is over or was never there.
    ("tried your saved claude console api key instead", Cause::LoggedOut, Own),
    ("your claude.ai login expired", Cause::LoggedOut, Own),
    ("this session uses a cloud gateway", Cause::GatewayLogin, Own),
    ("not logged in · ", Cause::LoggedOut, Own),
    ("not logged in", Cause::LoggedOut, About),
    ("missing api key · run /login", Cause::LoggedOut, Own),
    ("missing api key", Cause::LoggedOut, About),
    ("could not refresh your login", Cause::LoggedOut, Own),
    ("login expired", Cause::LoggedOut, Alone),
    ("login has expired", Cause::LoggedOut, Alone),
    ("your session has expired. please run /login", Cause::LoggedOut, Own),
    ("login reached its time limit", Cause::LoggedOut, Own),
    ("this session has no login that it can use", Cause::LoggedOut, Own),
    ("session expired and could not be refreshed", Cause::LoggedOut, Own),
    // A token that no login server has to renew or to be asked about.
    ("oauth token revoked", Cause::TokenRefused, Own),
    ("session was revoked", Cause::TokenRefused, About),
    ("session has been revoked", Cause::TokenRefused, About),
    ("oauth token has been revoked", Cause::TokenRefused, Own),
    ("oauth token was revoked", Cause::TokenRefused, Own),
    ("oauth access token has been revoked", Cause::TokenRefused, Own),
    ("token has been revoked", Cause::TokenRefused, Refusal),
    ("token was revoked", Cause::TokenRefused, Refusal),
    ("token is revoked", Cause::TokenRefused, Refusal),
    ("scope requirement", Cause::TokenRefused, About),
    ("missing required scope", Cause::TokenRefused, About),
    ("required scope", Cause::TokenRefused, Refusal),
    ("insufficient scope", Cause::TokenRefused, Refusal),
    ("insufficient_scope", Cause::TokenRefused, Refusal),
    ("missing scope", Cause::TokenRefused, Refusal),
    ("lacks scope", Cause::TokenRefused, Refusal),
    ("lacks the scope", Cause::TokenRefused, Refusal),
    ("user:inference", Cause::TokenRefused, Refusal),
    ("user:profile", Cause::TokenRefused, Refusal),
    ("org:create_api_key", Cause::TokenRefused, Refusal),
    // The account, by its own name.
    ("payment is past due", Cause::PaymentDue, Alone),
    ("subscription payment", Cause::PaymentDue, About),
    ("your subscription has ended", Cause::PaymentDue, Alone),
    ("your subscription has expired", Cause::PaymentDue, Alone),
    ("claude subscription has ended", Cause::PaymentDue, Own),
    ("claude subscription has expired", Cause::PaymentDue, Own),
    ("your account is on hold. you can close this window", Cause::OnHold, Own),
    ("account is on hold", Cause::OnHold, Alone),
    ("claude design is on hold", Cause::OnHold, Own),
    ("verify your identity", Cause::Unverified, Alone),
    ("must be verified to", Cause::Unverified, About),
    ("verification required", Cause::Unverified, Alone),
    ("complete verification", Cause::Unverified, About),
    ("forceloginorguuid", Cause::NotAllowed, Own),
    ("disabled claude subscription access", Cause::NotAllowed, Own),
    ("anthropic console sign-in saved on this computer", Cause::NotAllowed, Own),
    ("does not have access to claude", Cause::NotAllowed, Own),
    ("doesn't have access to claude", Cause::NotAllowed, Own),
    ("not authorized to use claude", Cause::NotAllowed, Own),
    ("updated our consumer terms", Cause::NotAllowed, Own),
    ("oauth authentication is currently not allowed for this organization", Cause::NotAllowed, Own),
    ("oauth authentication is currently not supported", Cause::NotAllowed, Own),
    ("usage is paused for your organization", Cause::SpendLimit, Own),
    ("belongs to a disabled organization", Cause::ForeignCredential, Own),
    ("this organization has been disabled", Cause::OrgDisabled, Alone),
    ("your organization has been disabled", Cause::OrgDisabled, Alone),
    ("organization has been disabled", Cause::OrgDisabled, About),
    ("account has been disabled", Cause::OrgDisabled, About),
    // The login server takes the stored login no more.
    ("failed to refresh oauth token: invalid_grant", Cause::LoggedOut, Own),
    ("token refresh failed: 400 {\"error\": \"invalid_grant\"", Cause::LoggedOut, Local),
    ("refresh token not found or invalid", Cause::LoggedOut, Own),
    ("token refresh failed: 400", Cause::LoggedOut, About),
    ("token refresh failed: bad request", Cause::LoggedOut, About),
    ("claude auth login", Cause::LoggedOut, Local),
];

#[cfg(test)]
mod tests {
    use super::super::tests::assert_causes;
    use ccwatch_core::api_error::Cause;

    #[test]
    fn what_stands_in_the_way_of_a_login_comes_before_it() {
        assert_causes(
            Cause::KeychainLocked,
            &[
                "Error: Keychain is locked. Run `security unlock-keychain` and try again · Not logged in · Please run /login",
                "security: SecKeychainItemCopyContent: The user name or passphrase you entered is not correct. Failed to save Claude credentials to keychain",
            ],
        );
        assert_causes(
            Cause::LoginBusy,
            &[
                "Login in progress in another Claude Code session. Finish there or wait.",
                "OAuth error: listen EADDRINUSE: address already in use 127.0.0.1:54545",
            ],
        );
        assert_causes(
            Cause::LoginCode,
            &[
                "OAuth error: Invalid state parameter",
                "OAuth error: Invalid code. Please make sure the full code was copied",
                "Invalid OAuth Request\nMissing state parameter",
            ],
        );
    }

    #[test]
    fn a_token_that_is_over_for_good_is_told_from_one_that_is_refused() {
        assert_causes(
            Cause::TokenRefused,
            &[
                r#"API Error: 401 {"type":"error","error":{"type":"authentication_error","message":"OAuth token has been revoked."}}"#,
                r#"API Error: 403 {"type":"error","error":{"type":"permission_error","message":"OAuth token does not meet scope requirement user:inference"}}"#,
                "OAuth token revoked · Please run /login",
            ],
        );
        assert_causes(
            Cause::Refused,
            &["Please run /login · API Error: 401 Invalid authentication credentials"],
        );
    }
}
