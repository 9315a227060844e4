//! The path that the user's requests take, as far as the page and the diagnosis depend on it.
//!
//! How it is found out is not known here; see `claude_code` of the program.

use alloc::borrow::ToOwned;
use alloc::string::String;
use serde::Serialize;

/// The road from this machine to a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Path {
    /// A login with a subscription, straight to Anthropic.
    Subscription,
    /// An API key or token, straight to Anthropic.
    ApiKey,
    /// Somebody's gateway, at an address other than Anthropic's.
    Gateway,
    /// Amazon Bedrock.
    Bedrock,
    /// Google Vertex AI.
    Vertex,
    /// Microsoft Foundry.
    Foundry,
    /// Anthropic's own service, paid through AWS. Its status is on Anthropic's page.
    AnthropicOnAws,
    /// The same through Google Cloud.
    AnthropicOnGoogleCloud,
    /// Nothing says which.
    #[default]
    Unknown,
}

impl Path {
    /// The components of the page that matter for it, as the page names them up to a parenthesis;
    /// none where the page says nothing about this path.
    pub fn components(self) -> &'static [&'static str] {
        match self {
            Self::Subscription | Self::Unknown => &["Claude Code", "Claude API", "claude.ai"],
            Self::ApiKey | Self::AnthropicOnAws | Self::AnthropicOnGoogleCloud => {
                &["Claude Code", "Claude API"]
            }
            Self::Gateway | Self::Bedrock | Self::Vertex | Self::Foundry => &[],
        }
    }

    /// Whether it is Anthropic that answers, with nobody else in between.
    pub fn is_direct(self) -> bool {
        match self {
            Self::Subscription
            | Self::ApiKey
            | Self::AnthropicOnAws
            | Self::AnthropicOnGoogleCloud => true,
            Self::Gateway | Self::Bedrock | Self::Vertex | Self::Foundry | Self::Unknown => false,
        }
    }

    /// Whether somebody else answers the requests, so that the page can't speak for it.
    pub fn is_foreign(self) -> bool {
        matches!(self, Self::Gateway | Self::Bedrock | Self::Vertex | Self::Foundry)
    }

    /// The path in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Subscription => "subscription login, straight to Anthropic",
            Self::ApiKey => "API key or token, straight to Anthropic",
            Self::Gateway => "a gateway",
            Self::Bedrock => "Amazon Bedrock",
            Self::Vertex => "Google Vertex AI",
            Self::Foundry => "Microsoft Foundry",
            Self::AnthropicOnAws => "Anthropic's own service on AWS",
            Self::AnthropicOnGoogleCloud => "Anthropic's own service on Google Cloud",
            Self::Unknown => "not known",
        }
    }
}

/// What is known of the route in force. Holds names and places, never a secret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RouteFacts {
    /// The path.
    pub path: Path,
    /// What authenticates, such as `ANTHROPIC_API_KEY`; none: no credential was found.
    pub credential: Option<String>,
    /// Where that is set, such as `environment`.
    pub set_in: Option<String>,
    /// Host and port that requests go to instead of Anthropic's, and where that is set.
    pub endpoint: Option<(String, String)>,
    /// Host and port of a proxy in between, and where that is set.
    pub proxy: Option<(String, String)>,
    /// Whether a subscription login is there that the credential in force goes before.
    pub overrides_login: bool,
}

impl RouteFacts {
    /// Whether anything is in force beside a plain login, or beside a key where there is none.
    pub fn is_unusual(&self) -> bool {
        // Who pays Anthropic through a cloud doesn't go round a login.
        let paid_elsewhere =
            matches!(self.path, Path::AnthropicOnAws | Path::AnthropicOnGoogleCloud);
        self.path.is_foreign()
            || self.endpoint.is_some()
            || (self.overrides_login && !paid_elsewhere)
    }

    /// What is in force and where it is set, in one sentence without a full stop.
    pub fn in_words(&self) -> String {
        let mut parts = vec![self.path.words().to_owned()];
        if let Some((host, place)) = &self.endpoint {
            parts.push(format!("to {host} (set in {place})"));
        }
        if let Some(credential) = &self.credential {
            let place = self.set_in.as_deref().unwrap_or("an unknown place");
            parts.push(format!("with {credential} (set in {place})"));
        }
        if let Some((host, place)) = &self.proxy {
            parts.push(format!("through the proxy {host} (set in {place})"));
        }
        parts.join(", ")
    }
}
