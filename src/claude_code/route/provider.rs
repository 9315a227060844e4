//! The provider that requests go to, and how to go to one.

use super::switched_on;
use crate::claude_code::place::{Env, Place, set};
use crate::claude_code::settings::{Held, Problem, Settings};
use ccwatch_core::route::Path;

/// The variables that name the region of a provider, the first that is set.
const REGIONS: &[(Path, &[&str])] =
    &[(Path::Bedrock, &["AWS_REGION", "AWS_DEFAULT_REGION"]), (Path::Vertex, &["CLOUD_ML_REGION"])];

/// A provider that requests go to, with the region where one is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Which.
    pub path: Path,
    /// In which region.
    pub region: Option<String>,
}

/// The provider that a switch names, by the environment and the settings files; none: none does.
///
/// # Errors
/// The user's own settings are there, and can't be read: then nobody knows.
pub fn provider(env: Env<'_>, place: &Place) -> Result<Option<Provider>, Problem> {
    let settings = Settings::read(env, place);
    let own = place.shown(&place.config.join("settings.json"));
    if let Some(problem) = settings.problems.iter().find(|problem| problem.set_in == own) {
        return Err(problem.clone());
    }
    let Some((path, _)) = switched_on(&settings) else { return Ok(None) };
    let names = REGIONS.iter().find(|(of, _)| *of == path).map_or(&[][..], |(_, names)| names);
    let region = names.iter().find_map(|name| match settings.get(name)?.0 {
        Held::Region(region) => Some(region),
        _ => None,
    });
    Ok(Some(Provider { path, region }))
}

/// The command that starts a session of Claude Code that goes a way, in any shell; what the
/// environment lacks stands in capital letters. None: it is no way of its own.
pub fn command(path: Path, region: Option<&str>, env: Env<'_>) -> Option<String> {
    let (switch, of_region, account) = match path {
        Path::Bedrock => ("CLAUDE_CODE_USE_BEDROCK", Some("AWS_REGION"), None),
        Path::Vertex => (
            "CLAUDE_CODE_USE_VERTEX",
            Some("CLOUD_ML_REGION"),
            Some(("ANTHROPIC_VERTEX_PROJECT_ID", "YOUR-PROJECT")),
        ),
        Path::Foundry => {
            ("CLAUDE_CODE_USE_FOUNDRY", None, Some(("ANTHROPIC_FOUNDRY_RESOURCE", "YOUR-RESOURCE")))
        }
        Path::Subscription
        | Path::ApiKey
        | Path::Gateway
        | Path::AnthropicOnAws
        | Path::AnthropicOnGoogleCloud
        | Path::Unknown => return None,
    };
    let region = of_region.zip(region).map(|(name, region)| format!("{name}={region}"));
    let account = account.filter(|(name, _)| set(env, name).is_none());
    let account = account.map(|(name, yours)| format!("{name}={yours}"));
    let words = [Some("env".to_owned()), Some(format!("{switch}=1")), region, account];
    let words: Vec<String> = words.into_iter().flatten().collect();
    Some(format!("{} claude", words.join(" ")))
}
