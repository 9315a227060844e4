//! Which authentication and endpoint Claude Code would use here, in its own order of precedence.

mod provider;
mod roads;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::place::{Env, Place};
use super::retries::{self, Retry};
use super::settings::{API_KEY, Approval, Held, Problem, Settings};
use ccwatch_core::api_error::{ApiError, Cause};
use ccwatch_core::route::{Path, RouteFacts};

pub use provider::{Detour, Provider, Unset, detour, provider};
pub use roads::{Roads, Way};

/// A credential that is there; never what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The variable, or what else it is.
    pub name: String,
    /// Where it is set.
    pub place: String,
    /// Where sessions that are typed in ask before they use it: what they were told.
    pub approval: Option<Approval>,
}

impl Credential {
    /// Whether a session that is typed in uses it; `claude -p` uses any.
    pub fn is_for_sessions(&self) -> bool {
        self.approval.is_none_or(|approval| approval == Approval::Approved)
    }
}

/// Something else that is set and matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The variable.
    pub name: String,
    /// Host and port, where it is an address.
    pub host: Option<String>,
    /// It should be an address and is none.
    pub no_address: bool,
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
    /// Whether there is something to refresh it with.
    pub refreshable: bool,
    /// When that ends, where the file says so.
    pub refresh_expires_at: Option<Timestamp>,
}

/// What a login is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginState {
    /// Good, as far as the file says.
    Good,
    /// Its access is over; Claude Code gets a new one by itself.
    Refreshable,
    /// Over: nothing but `/login` helps.
    Over,
}

impl Login {
    /// What it is worth at a time.
    pub fn state(&self, now: Timestamp) -> LoginState {
        let over = |end: Option<Timestamp>| end.is_some_and(|end| end <= now);
        match (over(self.expires_at), self.refreshable && !over(self.refresh_expires_at)) {
            (false, _) => LoginState::Good,
            (true, true) => LoginState::Refreshable,
            (true, false) => LoginState::Over,
        }
    }
}

/// The route in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The path of a session that is typed in.
    pub path: Path,
    /// The path of `claude -p`.
    pub headless_path: Path,
    /// Everything that could authenticate, in order of precedence: the first that is for sessions
    /// is in force there, the very first with `claude -p`.
    pub credentials: Vec<Credential>,
    /// Where requests go instead of Anthropic's address.
    pub endpoint: Option<Item>,
    /// The proxy in between.
    pub proxy: Option<Item>,
    /// A proxy that is set and not used, and the variable that says so.
    pub bypassed: Option<(Item, Item)>,
    /// Headers, certificates and the like.
    pub others: Vec<Item>,
    /// What Claude Code is told to do by itself when a request fails.
    pub retries: Vec<Retry>,
    /// The login, where one is kept.
    pub login: Option<Login>,
    /// Files, or parts of them, that could not be understood.
    pub problems: Vec<Problem>,
}

/// The switches of the cloud providers, with the path and the variable for another address.
const PROVIDERS: &[(&str, Path, &str)] = &[
    ("CLAUDE_CODE_USE_BEDROCK", Path::Bedrock, "ANTHROPIC_BEDROCK_BASE_URL"),
    ("CLAUDE_CODE_USE_MANTLE", Path::Bedrock, "ANTHROPIC_BEDROCK_MANTLE_BASE_URL"),
    ("CLAUDE_CODE_USE_ANTHROPIC_AWS", Path::AnthropicOnAws, "ANTHROPIC_AWS_BASE_URL"),
    (
        "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD",
        Path::AnthropicOnGoogleCloud,
        "ANTHROPIC_GOOGLE_CLOUD_BASE_URL",
    ),
    ("CLAUDE_CODE_USE_GATEWAY", Path::Gateway, "ANTHROPIC_BASE_URL"),
    ("CLAUDE_CODE_USE_VERTEX", Path::Vertex, "ANTHROPIC_VERTEX_BASE_URL"),
    ("CLAUDE_CODE_USE_FOUNDRY", Path::Foundry, "ANTHROPIC_FOUNDRY_BASE_URL"),
];
/// In this order: the first that is set counts.
const PROXIES: &[&str] = &["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"];
/// In the same way.
const NO_PROXIES: &[&str] = &["no_proxy", "NO_PROXY"];
const OTHERS: &[&str] = &[
    "ANTHROPIC_CUSTOM_HEADERS",
    "NODE_EXTRA_CA_CERTS",
    "CLAUDE_CODE_CERT_STORE",
    "CLAUDE_CODE_CLIENT_CERT",
];
/// How the login of a plan is called in the list.
const LOGIN: &str = "subscription login (/login)";

/// The first switch of a provider that is on: its path, and the variable for another address.
fn switched_on(settings: &Settings<'_>) -> Option<(Path, &'static str)> {
    PROVIDERS.iter().find_map(|(name, path, address)| {
        let (held, _) = settings.get(name)?;
        (held != Held::Off).then_some((*path, *address))
    })
}

/// Looks at the environment, the settings files and the credentials file.
pub fn look(env: Env<'_>, place: &Place) -> Route {
    let mut settings = Settings::read(env, place);
    let login = login(&mut settings, place);
    let provider = switched_on(&settings);
    let endpoint = endpoint(&settings, provider);
    let provider_path = provider.map(|(path, _)| path);
    let mut credentials = Vec::new();
    // The first switch that is on decides; others are outranked.
    credentials.extend(PROVIDERS.iter().filter_map(|(name, _, _)| {
        let (held, place) = settings.get(name)?;
        (held != Held::Off).then(|| Credential::plain(name, place))
    }));
    credentials.extend(keys(&settings, login.as_ref()));
    let path = |credential: Option<&Credential>| match (provider, &endpoint) {
        (Some((path, _)), _) => path,
        (None, Some(_)) => Path::Gateway,
        (None, None) => credential.map_or(Path::Unknown, |it| path_of(&it.name)),
    };
    let (proxy, bypassed) = proxy(&settings, target(endpoint.as_ref(), provider_path));
    Route {
        path: path(for_sessions(&credentials)),
        headless_path: path(credentials.first()),
        credentials,
        endpoint,
        proxy,
        bypassed,
        others: OTHERS.iter().filter_map(|name| item(&settings, name)).collect(),
        retries: retries::look(&settings),
        login,
        problems: settings.problems,
    }
}

/// Where requests go instead of the address of Anthropic, or of the provider: somebody else's.
fn endpoint(settings: &Settings<'_>, provider: Option<(Path, &str)>) -> Option<Item> {
    let address = provider.map_or("ANTHROPIC_BASE_URL", |(_, address)| address);
    let path = provider.map(|(path, _)| path);
    let named = || item(settings, address).filter(|item| !is_anthropics(item, path));
    // A socket goes before any address: somebody on this machine answers.
    item(settings, "ANTHROPIC_UNIX_SOCKET").or_else(named)
}

/// The credential of a session that is typed in. One that it would ask about counts only where
/// there is no other.
fn for_sessions(credentials: &[Credential]) -> Option<&Credential> {
    credentials.iter().find(|it| it.is_for_sessions()).or_else(|| credentials.first())
}

/// The host that requests are for, where it is known; of the clouds, one of their hosts.
fn target(endpoint: Option<&Item>, provider: Option<Path>) -> &str {
    let own = match provider {
        None => "api.anthropic.com",
        Some(Path::Bedrock | Path::AnthropicOnAws) => "bedrock-runtime.us-east-1.amazonaws.com",
        Some(Path::Vertex | Path::AnthropicOnGoogleCloud) => "aiplatform.googleapis.com",
        Some(_) => "services.ai.azure.com",
    };
    endpoint.map_or(own, |it| it.host.as_deref().unwrap_or_default())
}

/// The proxy in force for a host, or the one that would be and what lets the host past it.
fn proxy(settings: &Settings<'_>, host: &str) -> (Option<Item>, Option<(Item, Item)>) {
    let Some(proxy) = PROXIES.iter().find_map(|name| item(settings, name)) else {
        return (None, None);
    };
    let past =
        NO_PROXIES.iter().find_map(|name| Some((item(settings, name)?, settings.get(name)?)));
    match past {
        Some((by, (Held::Hosts(hosts), _))) if hosts.iter().any(|it| covers(it, host)) => {
            (None, Some((proxy, by)))
        }
        _ => (Some(proxy), None),
    }
}

/// Whether an entry of `NO_PROXY` covers a host: itself, its domain, or everything.
fn covers(entry: &str, host: &str) -> bool {
    let named = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let entry = entry.trim_start_matches("*.").trim_start_matches('.');
    // The port is the usual one: an address with another one carries it in its name.
    let entry = entry.strip_suffix(":443").unwrap_or(entry);
    let is = |host: &str| {
        host == entry || host.strip_suffix(entry).is_some_and(|rest| rest.ends_with('.'))
    };
    entry == "*" || (!entry.is_empty() && (is(host) || is(named)))
}

/// What could authenticate with Anthropic, the strongest first.
fn keys(settings: &Settings<'_>, login: Option<&Login>) -> Vec<Credential> {
    let variable = |name: &str| {
        let (held, place) = settings.get(name)?;
        let approval = match held {
            Held::Key(approval) => Some(approval),
            _ => None,
        };
        Some(Credential { approval, ..Credential::plain(name, place) })
    };
    let helper = || Some(Credential::plain("apiKeyHelper", settings.helper()?));
    let federation = || {
        variable("ANTHROPIC_ORGANIZATION_ID")?;
        variable("ANTHROPIC_FEDERATION_RULE_ID")
    };
    let login = login.map(|login| Credential::plain(LOGIN, login.place.clone()));
    [
        variable("ANTHROPIC_AUTH_TOKEN"),
        variable(API_KEY),
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

impl Credential {
    fn plain(name: &str, place: String) -> Self {
        Self { name: name.to_owned(), place, approval: None }
    }
}

fn path_of(credential: &str) -> Path {
    match credential {
        "ANTHROPIC_AUTH_TOKEN" | "ANTHROPIC_API_KEY" | "apiKeyHelper" => Path::ApiKey,
        _ => Path::Subscription,
    }
}

fn item(settings: &Settings<'_>, name: &str) -> Option<Item> {
    let (held, place) = settings.get(name)?;
    let no_address = held == Held::NoAddress;
    let host = match held {
        Held::Address(host) => Some(host),
        _ => None,
    };
    Some(Item { name: name.to_owned(), host, no_address, place })
}

/// Whether an address is one of Anthropic's own: where it is paid through a cloud, one there.
fn is_anthropics(item: &Item, provider: Option<Path>) -> bool {
    let clouds: &[&str] = match provider {
        Some(Path::AnthropicOnAws) => &[".api.aws", ".amazonaws.com"],
        Some(Path::AnthropicOnGoogleCloud) => &[".googleapis.com"],
        _ => &[],
    };
    let host = item.host.as_deref().map(|host| host.split(':').next().unwrap_or(host));
    host.is_some_and(|host| {
        host == "anthropic.com"
            || host.ends_with(".anthropic.com")
            || clouds.iter().any(|cloud| host.ends_with(cloud))
    })
}

/// The login, by its file: presence and expiry, nothing else is kept.
fn login(settings: &mut Settings<'_>, place: &Place) -> Option<Login> {
    let path = place.credentials();
    let file = settings.object(&path, place)?;
    let oauth = match file.get("claudeAiOauth") {
        None | Some(Value::Null) => return None,
        Some(Value::Object(oauth)) => oauth,
        Some(_) => return settings.note(place.shown(&path), "its login is no object"),
    };
    let odd = |key: &str| oauth.get(key).is_some_and(|it| !it.is_string() && !it.is_null());
    if odd("refreshToken") || odd("accessToken") {
        return settings.note(place.shown(&path), "a token in it is no text");
    }
    let there = |key: &str| oauth.get(key).and_then(Value::as_str).is_some_and(|s| !s.is_empty());
    let time = |key: &str| {
        let at = oauth.get(key).and_then(Value::as_i64).filter(|at| *at > 0)?;
        Timestamp::from_millisecond(at).ok()
    };
    let refreshable = there("refreshToken");
    if !refreshable && !there("accessToken") {
        return None;
    }
    Some(Login {
        place: place.shown(&path),
        expires_at: time("expiresAt"),
        refreshable,
        refresh_expires_at: time("refreshTokenExpiresAt"),
    })
}

impl Route {
    /// The credential of a session that is typed in.
    pub fn in_force(&self) -> Option<&Credential> {
        for_sessions(&self.credentials)
    }

    /// The credential of `claude -p`.
    pub fn headless(&self) -> Option<&Credential> {
        self.credentials.first()
    }

    /// What the diagnosis needs of it, for a session that is typed in.
    pub fn facts(&self) -> RouteFacts {
        self.facts_with(self.path, self.in_force())
    }

    /// The same for one error. A session that is typed in says `/login` when its login is refused:
    /// without that, what was refused is a key that is in force at least for `claude -p`.
    pub fn facts_of(&self, error: &ApiError) -> RouteFacts {
        let turned_away = matches!(error.cause, Cause::Refused | Cause::TokenRefused);
        let refused = turned_away && !error.login;
        let of_keys = [Cause::ForeignCredential, Cause::NoCredit, Cause::OrgDisabled];
        if refused || of_keys.contains(&error.cause) {
            return self.facts_with(self.headless_path, self.headless());
        }
        self.facts()
    }

    fn facts_with(&self, path: Path, credential: Option<&Credential>) -> RouteFacts {
        let named = |item: &Item| {
            let host = item.host.clone().unwrap_or_else(|| match item.no_address {
                true => format!("what {} says, which is not a URL", item.name),
                false => format!("what {} says", item.name),
            });
            (host, item.place.clone())
        };
        RouteFacts {
            path,
            credential: credential.map(|credential| credential.name.clone()),
            set_in: credential.map(|credential| credential.place.clone()),
            endpoint: self.endpoint.as_ref().map(named),
            proxy: self.proxy.as_ref().map(named),
            overrides_login: self.login.is_some() && credential.is_some_and(|c| c.name != LOGIN),
        }
    }
}
