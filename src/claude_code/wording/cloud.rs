//! The clouds that serve the models: their credentials, their rights, and what they have switched
//! on.

use super::Word;
use super::{About, Local, Own, Refusal};
use ccwatch_core::api_error::Cause;

pub(super) const WORDS: &[Word] = &[
    ("aws authentication failed", Cause::CloudCredential, Own),
    // A key that a gateway gave has an end, too.
    ("expired key", Cause::ForeignAnswer, About),
    ("invalid_payment_instrument", Cause::CloudRight, About),
    // Models that have to be switched on first.
    ("access to the model with the specified model id", Cause::ModelNotEnabled, Local),
    ("model access is denied", Cause::ModelNotEnabled, About),
    ("model use case details have not been submitted", Cause::ModelNotEnabled, Local),
    ("publisher model", Cause::ModelNotEnabled, About),
    ("is not servable in region", Cause::ModelNotEnabled, About),
    ("is not available in region", Cause::ModelNotEnabled, About),
    ("is not supported in region", Cause::ModelNotEnabled, About),
    ("is not supported in this region", Cause::ModelNotEnabled, About),
    ("api deployment for this resource does not exist", Cause::ModelNotEnabled, About),
    ("deploymentnotfound", Cause::ModelNotEnabled, About),
    // Rights.
    ("not authorized to perform", Cause::CloudRight, About),
    ("aws-marketplace:", Cause::CloudRight, About),
    ("no identity-based policy", Cause::CloudRight, About),
    ("explicit deny in", Cause::CloudRight, About),
    ("accessdeniedexception", Cause::CloudRight, About),
    ("permission 'iam.", Cause::CloudRight, About),
    ("permission 'aiplatform", Cause::CloudRight, About),
    ("permission `aiplatform", Cause::CloudRight, About),
    ("permission \"aiplatform", Cause::CloudRight, About),
    ("aiplatform.endpoints.predict", Cause::CloudRight, About),
    ("iam_permission_denied", Cause::CloudRight, About),
    ("service_disabled", Cause::CloudRight, About),
    ("has not been used in project", Cause::CloudRight, About),
    ("lacks the required data action", Cause::CloudRight, About),
    ("microsoft.cognitiveservices", Cause::CloudRight, About),
    ("does not have authorization to perform", Cause::CloudRight, About),
    // Credentials.
    ("aws credentials", Cause::CloudCredential, Own),
    ("could not load credentials from any providers", Cause::CloudCredential, About),
    ("could not resolve credentials", Cause::CloudCredential, About),
    ("credentialsprovidererror", Cause::CloudCredential, About),
    ("tokenprovidererror", Cause::CloudCredential, About),
    ("sso session associated with this profile", Cause::CloudCredential, About),
    ("refresh this sso session", Cause::CloudCredential, Local),
    ("expected oauth 2 access token", Cause::CloudCredential, Refusal),
    ("sso token", Cause::CloudCredential, About),
    ("aws sso login", Cause::CloudCredential, About),
    ("session token not found or invalid", Cause::CloudCredential, About),
    ("security token included in the request", Cause::CloudCredential, About),
    ("expiredtoken", Cause::CloudCredential, About),
    ("unrecognizedclientexception", Cause::CloudCredential, About),
    ("invalidsignatureexception", Cause::CloudCredential, About),
    ("signature expired", Cause::CloudCredential, Refusal),
    ("aws_bearer_token_bedrock", Cause::CloudCredential, Local),
    ("bearer token has expired", Cause::CloudCredential, Refusal),
    ("could not load the default credentials", Cause::CloudCredential, Local),
    ("could not load azure credentials", Cause::CloudCredential, Local),
    ("google cloud credentials", Cause::CloudCredential, Own),
    ("google cloud authentication", Cause::CloudCredential, Own),
    ("application default credentials", Cause::CloudCredential, About),
    ("application-default login", Cause::CloudCredential, Local),
    ("invalid_grant", Cause::CloudCredential, About),
    ("reauth related error", Cause::CloudCredential, About),
    ("access_token_expired", Cause::CloudCredential, About),
    ("microsoft foundry authentication", Cause::CloudCredential, Own),
    ("defaultazurecredential", Cause::CloudCredential, Local),
    ("aadsts", Cause::CloudCredential, About),
    ("chainedtokencredential", Cause::CloudCredential, About),
    ("reauthentication is needed", Cause::CloudCredential, Local),
    ("default credentials were not found", Cause::CloudCredential, Local),
    ("the config profile (", Cause::CloudCredential, About),
    ("api error: profile ", Cause::CloudCredential, Own),
    ("shared credentials file", Cause::CloudCredential, Local),
    ("not configured with sso credentials", Cause::CloudCredential, Local),
    ("region is missing", Cause::CloudCredential, About),
    ("region is not set", Cause::CloudCredential, About),
    ("retrieving token from sso", Cause::CloudCredential, About),
    ("unable to locate credentials", Cause::CloudCredential, About),
    ("credential_process", Cause::CloudCredential, About),
    ("credentialunavailableerror", Cause::CloudCredential, About),
    ("azureclicredential", Cause::CloudCredential, About),
    ("managedidentitycredential", Cause::CloudCredential, About),
    // Files that hold them.
    ("application_default_credentials", Cause::CloudCredential, About),
    ("aws/sso/cache", Cause::CloudCredential, About),
    ("does not exist, or it is not a file", Cause::CloudCredential, About),
];

#[cfg(test)]
mod tests {
    use super::super::tests::assert_causes;
    use ccwatch_core::api_error::Cause;

    #[test]
    fn what_is_over_is_told_from_what_was_never_given() {
        assert_causes(
            Cause::CloudCredential,
            &[
                "API Error: 403 The security token included in the request is expired",
                "API Error: invalid_grant: reauth related error (invalid_rapt)",
                "API Error: AADSTS700082: The refresh token has expired due to inactivity.",
            ],
        );
        assert_causes(
            Cause::CloudRight,
            &[
                "API Error: 403 User: arn:aws:sts::123456789012:assumed-role/dev/x is not authorized to perform: bedrock:InvokeModel",
                "API Error: 403 Permission 'aiplatform.endpoints.predict' denied on resource",
            ],
        );
        assert_causes(
            Cause::ModelNotEnabled,
            &[
                "API Error: 403 You don't have access to the model with the specified model ID.",
                "API Error: 404 Publisher Model `projects/p/locations/us-east5/publishers/anthropic/models/claude-opus-4-5` was not found or your project does not have access to it.",
            ],
        );
    }
}
