//! The page of the road in force: the one that speaks for where the user's requests go.

use std::path::PathBuf;

use crate::claude_code::place::Env;
use crate::claude_code::route::{Roads, Way};
use crate::config::Config;
use crate::config::pages::PageConfig;

/// The roads that have a page of their own.
pub(crate) fn roads(config: &Config) -> Roads {
    let way = |page: PageConfig| {
        let path = page.role.path()?;
        Some(Way { key: page.key, path, region: page.region })
    };
    let ways = config.all_pages().into_iter().filter_map(way).collect();
    Roads { given: config.providers.road.clone(), ways }
}

/// The key of the page of the road; the first page where the road has none of its own. None: that
/// can't be told now.
pub(crate) fn page(config: &Config, env: Env<'_>, cwd: PathBuf) -> Option<String> {
    roads(config).page(env, cwd)
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
