//! Which authentication and endpoint Claude Code would use here, in its own order of precedence.

use jiff::Timestamp;
use serde_json::Value;

use super::place::{Env, Place};
use super::settings::{self, Held, Settings};
use crate::core::route::{Path, RouteFacts};

/// A credential that is there; never what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The variable, or what else it is.
    pub name: String,
    /// Where it is set.
    pub place: String,
}

/// Something else that is set and matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The variable.
    pub name: String,
    /// Host and port, where it is an address.
    pub host: Option<String>,
    /// Where it is set.
    pub place: String,
}

/// The login of a plan, as far as the file shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The file.
    pub place: String,
    /// When the access token ends. That it is over is normal while it can be refreshed.
    pub expires_at: Option<Timestamp>,
    /// Whether it can be refreshed.
    pub refreshable: bool,
}

/// The route in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The path.
    pub path: Path,
    /// Everything that could authenticate, in order of precedence: the first is in force.
    pub credentials: Vec<Credential>,
    /// Where requests go instead of Anthropic's address.
    pub endpoint: Option<Item>,
    /// The proxy in between.
    pub proxy: Option<Item>,
    /// Headers, certificates and the like.
    pub others: Vec<Item>,
    /// The login, where one is kept.
    pub login: Option<Login>,
    /// Settings files that could not be understood.
    pub unreadable: Vec<String>,
}

/// The switches of the cloud providers, with the path and the variable for another address.
const PROVIDERS: &[(&str, Path, &str)] = &[
    ("CLAUDE_CODE_USE_BEDROCK", Path::Bedrock, "ANTHROPIC_BEDROCK_BASE_URL"),
    ("CLAUDE_CODE_USE_MANTLE", Path::Bedrock, "ANTHROPIC_BEDROCK_MANTLE_BASE_URL"),
    ("CLAUDE_CODE_USE_ANTHROPIC_AWS", Path::Bedrock, "ANTHROPIC_AWS_BASE_URL"),
    ("CLAUDE_CODE_USE_VERTEX", Path::Vertex, "ANTHROPIC_VERTEX_BASE_URL"),
    ("CLAUDE_CODE_USE_FOUNDRY", Path::Foundry, "ANTHROPIC_FOUNDRY_BASE_URL"),
];
/// In this order: the first that is set counts.
const PROXIES: &[&str] = &["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"];
const OTHERS: &[&str] = &[
    "ANTHROPIC_CUSTOM_HEADERS",
    "NODE_EXTRA_CA_CERTS",
    "CLAUDE_CODE_CERT_STORE",
    "CLAUDE_CODE_CLIENT_CERT",
];
/// How the login of a plan is called in the list.
const LOGIN: &str = "subscription login (/login)";

/// Looks at the environment, the settings files and the credentials file.
pub fn look(env: Env<'_>, place: &Place) -> Route {
    let settings = Settings::read(env, place);
    let login = login(place);
    let provider = PROVIDERS.iter().find_map(|(name, path, address)| {
        let (held, place) = settings.get(name)?;
        (held != Held::Off).then_some((*name, *path, *address, place))
    });
    let address = provider.as_ref().map_or("ANTHROPIC_BASE_URL", |(_, _, address, _)| address);
    let endpoint = item(&settings, address).filter(|item| !is_anthropics(item));
    let mut credentials = Vec::new();
    if let Some((name, _, _, place)) = &provider {
        credentials.push(Credential { name: (*name).to_owned(), place: place.clone() });
    }
    credentials.extend(keys(&settings, login.as_ref()));
    let path = match (&provider, &endpoint) {
        (Some((_, path, _, _)), _) => *path,
        (None, Some(_)) => Path::Gateway,
        (None, None) => credentials.first().map_or(Path::Unknown, |first| path_of(&first.name)),
    };
    Route {
        path,
        credentials,
        endpoint,
        proxy: PROXIES.iter().find_map(|name| item(&settings, name)),
        others: OTHERS.iter().filter_map(|name| item(&settings, name)).collect(),
        login,
        unreadable: settings.unreadable,
    }
}

/// What could authenticate with Anthropic, the strongest first.
fn keys(settings: &Settings<'_>, login: Option<&Login>) -> Vec<Credential> {
    let variable = |name: &str| {
        let (_, place) = settings.get(name)?;
        Some(Credential { name: name.to_owned(), place })
    };
    let helper = || {
        let place = settings.helper()?;
        Some(Credential { name: "apiKeyHelper".to_owned(), place })
    };
    let federation = || {
        variable("ANTHROPIC_ORGANIZATION_ID")?;
        variable("ANTHROPIC_FEDERATION_RULE_ID")
    };
    let login =
        login.map(|login| Credential { name: LOGIN.to_owned(), place: login.place.clone() });
    [
        variable("ANTHROPIC_AUTH_TOKEN"),
        variable("ANTHROPIC_API_KEY"),
        helper(),
        variable("CLAUDE_CODE_OAUTH_TOKEN"),
        variable("ANTHROPIC_PROFILE"),
        federation(),
        login,
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn path_of(credential: &str) -> Path {
    match credential {
        "ANTHROPIC_AUTH_TOKEN" | "ANTHROPIC_API_KEY" | "apiKeyHelper" => Path::ApiKey,
        _ => Path::Subscription,
    }
}

fn item(settings: &Settings<'_>, name: &str) -> Option<Item> {
    let (held, place) = settings.get(name)?;
    let host = match held {
        Held::Address(host) => Some(host),
        _ => None,
    };
    Some(Item { name: name.to_owned(), host, place })
}

fn is_anthropics(item: &Item) -> bool {
    let host = item.host.as_deref().map(|host| host.split(':').next().unwrap_or(host));
    host.is_some_and(|host| host == "anthropic.com" || host.ends_with(".anthropic.com"))
}

/// The login, by its file: presence and expiry, nothing else is kept.
fn login(place: &Place) -> Option<Login> {
    let path = place.credentials();
    let file = settings::json(&path).ok()??;
    let oauth = file.get("claudeAiOauth")?;
    let there = |key: &str| oauth.get(key).and_then(Value::as_str).is_some_and(|s| !s.is_empty());
    let time = |key: &str| oauth.get(key).and_then(Value::as_i64).filter(|at| *at > 0);
    let refreshable = there("refreshToken");
    if !refreshable && !there("accessToken") {
        return None;
    }
    let expires_at = time("expiresAt").and_then(|at| Timestamp::from_millisecond(at).ok());
    Some(Login { place: place.shown(&path), expires_at, refreshable })
}

impl Route {
    /// The credential in force.
    pub fn in_force(&self) -> Option<&Credential> {
        self.credentials.first()
    }

    /// What the diagnosis needs of it.
    pub fn facts(&self) -> RouteFacts {
        let first = self.in_force();
        let named = |item: &Item| {
            let host = item.host.clone().unwrap_or_else(|| format!("what {} says", item.name));
            (host, item.place.clone())
        };
        RouteFacts {
            path: self.path,
            credential: first.map(|credential| credential.name.clone()),
            set_in: first.map(|credential| credential.place.clone()),
            endpoint: self.endpoint.as_ref().map(named),
            proxy: self.proxy.as_ref().map(named),
            overrides_login: self.login.is_some() && first.is_some_and(|c| c.name != LOGIN),
        }
    }
}
