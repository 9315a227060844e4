//! The page of the road in force: the one that speaks for where the user's requests go.

use std::path::PathBuf;

use crate::claude_code::place::{Env, Place};
use crate::claude_code::route::{Provider, provider};
use crate::config::Config;
use crate::config::pages::{FIRST, PageConfig};

/// The key of the page of the road; the first page where the road has none of its own. None: that
/// can't be told now.
pub(crate) fn page(config: &Config, env: Env<'_>, cwd: PathBuf) -> Option<String> {
    if !config.watches_ways() {
        return Some(FIRST.to_owned());
    }
    if !config.providers.road.is_empty() {
        return Some(config.providers.road.clone());
    }
    let found = Place::find(env, cwd).map(|place| provider(env, &place));
    match found {
        Some(Err(problem)) => {
            tracing::debug!(
                "{}: {}: the way of requests isn't known",
                problem.set_in,
                problem.what
            );
            None
        }
        Some(Ok(Some(provider))) => Some(page_of(config, &provider)),
        Some(Ok(None)) | None => Some(FIRST.to_owned()),
    }
}

/// A provider whose region isn't named goes by its first page.
fn page_of(config: &Config, provider: &Provider) -> String {
    let is_of = |page: &PageConfig| page.role.path() == Some(provider.path);
    let mut pages = config.all_pages().into_iter().filter(is_of);
    let found = match &provider.region {
        Some(region) => pages.find(|page| page.region.as_ref().is_none_or(|of| of == region)),
        None => pages.next(),
    };
    found.map_or_else(|| FIRST.to_owned(), |page| page.key)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn road(config: &str, variables: &[(&str, &str)], settings: &str) -> Option<String> {
        let config = Config::parse(config, std::path::Path::new("test")).unwrap();
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join(".claude")).unwrap();
        fs::write(home.path().join(".claude/settings.json"), settings).unwrap();
        let env = |name: &str| match name {
            "HOME" => Some(home.path().display().to_string()),
            _ => variables.iter().find(|(key, _)| *key == name).map(|(_, it)| (*it).to_owned()),
        };
        page(&config, &env, home.path().to_owned())
    }

    #[test]
    fn the_road_is_that_of_the_provider_in_its_region() {
        let all = "[providers]\nbedrock = [\"us-east-1\", \"eu-west-1\"]\nvertex = [\"us-east5\"]\nfoundry = true";
        let bedrock = ("CLAUDE_CODE_USE_BEDROCK", "1");
        let in_file = r#"{"env": {"CLAUDE_CODE_USE_VERTEX": 1, "CLOUD_ML_REGION": "us-east5"}}"#;
        for (config, variables, settings, expected) in [
            ("", &[bedrock][..], "{}", Some("claude")),
            (all, &[], "{}", Some("claude")),
            (all, &[bedrock], "{}", Some("bedrock-us-east-1")),
            (all, &[bedrock, ("AWS_REGION", "eu-west-1")], "{}", Some("bedrock-eu-west-1")),
            // Nobody watches that region: only Anthropic's page is left.
            (all, &[bedrock, ("AWS_REGION", "us-west-2")], "{}", Some("claude")),
            (all, &[("CLAUDE_CODE_USE_BEDROCK", "0")], "{}", Some("claude")),
            (all, &[("CLAUDE_CODE_USE_FOUNDRY", "1")], "{}", Some("foundry")),
            (all, &[], in_file, Some("vertex-us-east5")),
            (all, &[("ANTHROPIC_BASE_URL", "https://gateway.example.org")], "{}", Some("claude")),
            (all, &[bedrock], "no JSON", None),
            ("[providers]\nfoundry = true\nroad = \"foundry\"", &[], "{}", Some("foundry")),
        ] {
            let found = road(config, variables, settings);
            assert_eq!(found.as_deref(), expected, "{config} {variables:?} {settings}");
        }
    }
}
