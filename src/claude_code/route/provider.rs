//! The provider that requests go to, and how to go to one.

use serde::Serialize;

use super::{PROVIDERS, endpoint, switched_on};
use crate::claude_code::place::{Env, Place};
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

/// How a new session of Claude Code goes another way than those of this shell.
#[derive(Debug, PartialEq, Eq)]
pub struct Detour {
    /// What starts it, in any shell; what isn't known stands in capital letters.
    pub command: String,
    /// What has to be taken out of settings files first: they go before what a shell says.
    pub first_unset: Vec<Unset>,
}

/// A variable in a settings file that leads elsewhere.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Unset {
    /// The variable.
    pub name: &'static str,
    /// The file.
    pub set_in: String,
}

/// A variable of a way: its value, and as what a settings file may hold it.
type Variable = (&'static str, String, Held);

/// How a session goes a way, or straight to Anthropic where none is named. None: it is no way of its
/// own; or nothing here leads away from Anthropic, or a gateway stands before it.
pub fn detour(
    way: Option<Path>,
    region: Option<&str>,
    env: Env<'_>,
    place: &Place,
) -> Option<Detour> {
    let settings = Settings::read(env, place);
    let wanted = way.map_or(Some(Vec::new()), |path| variables(path, region, &settings))?;
    let leads_elsewhere = |name: &&str| {
        let is_on = settings.get(name).is_some_and(|(held, _)| held != Held::Off);
        is_on && wanted.iter().all(|(other, _, _)| other != name)
    };
    // The first switch that is on decides: no other may be.
    let others: Vec<&str> =
        PROVIDERS.iter().map(|(name, _, _)| *name).filter(leads_elsewhere).collect();
    if way.is_none() && (others.is_empty() || endpoint(&settings, None).is_some()) {
        return None;
    }
    let first_unset = |name: &'static str, wanted: Option<&Held>| {
        let (held, set_in) = settings.in_files(name)?;
        (wanted != Some(&held)).then_some(Unset { name, set_in })
    };
    let of_others = others.iter().filter_map(|name| first_unset(name, None));
    let of_way = wanted.iter().filter_map(|(name, _, held)| first_unset(name, Some(held)));
    let first_unset = of_others.chain(of_way).collect();
    let unset = others.iter().map(|name| format!("-u {name}"));
    let set = wanted.iter().map(|(name, value, _)| format!("{name}={value}"));
    let words: Vec<String> = unset.chain(set).collect();
    Some(Detour { command: format!("env {} claude", words.join(" ")), first_unset })
}

/// What a session of a way has in its environment. None: it is no way of its own.
fn variables(path: Path, region: Option<&str>, settings: &Settings<'_>) -> Option<Vec<Variable>> {
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
    let switch = (switch, "1".to_owned(), Held::On);
    let region = of_region.zip(region);
    let region = region.map(|(name, it)| (name, it.to_owned(), Held::Region(it.to_owned())));
    let account = account.filter(|(name, _)| settings.get(name).is_none());
    let account = account.map(|(name, yours)| (name, yours.to_owned(), Held::Present));
    Some([Some(switch), region, account].into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// The command of a way, and what is to be unset before, with these variables in the shell and this
    /// file of settings.
    fn found(
        way: Option<(Path, Option<&str>)>,
        shell: &[(&str, &str)],
        settings: &str,
    ) -> Option<(String, Vec<&'static str>)> {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join(".claude")).unwrap();
        fs::write(home.path().join(".claude/settings.json"), settings).unwrap();
        let env = |name: &str| match name {
            "HOME" => Some(home.path().display().to_string()),
            _ => shell.iter().find(|(key, _)| *key == name).map(|(_, it)| (*it).to_owned()),
        };
        let place = Place::find(&env, home.path().to_owned()).unwrap();
        let (path, region) = way.unzip();
        let detour = detour(path, region.flatten(), &env, &place)?;
        assert!(detour.first_unset.iter().all(|it| it.set_in == "~/.claude/settings.json"));
        Some((detour.command, detour.first_unset.iter().map(|it| it.name).collect()))
    }

    const ON_BEDROCK: (&str, &str) = ("CLAUDE_CODE_USE_BEDROCK", "1");

    #[test]
    fn a_detour_leads_there_wherever_the_shell_leads() {
        let vertex = Some((Path::Vertex, Some("us-east5")));
        let bedrock = Some((Path::Bedrock, Some("eu-west-1")));
        let mine = ("ANTHROPIC_VERTEX_PROJECT_ID", "mine");
        for (way, shell, command) in [
            (bedrock, &[][..], "env CLAUDE_CODE_USE_BEDROCK=1 AWS_REGION=eu-west-1 claude"),
            (
                bedrock,
                &[ON_BEDROCK, ("AWS_REGION", "us-east-1")],
                "env CLAUDE_CODE_USE_BEDROCK=1 AWS_REGION=eu-west-1 claude",
            ),
            (
                vertex,
                &[ON_BEDROCK, mine],
                "env -u CLAUDE_CODE_USE_BEDROCK CLAUDE_CODE_USE_VERTEX=1 CLOUD_ML_REGION=us-east5 claude",
            ),
            (
                Some((Path::Foundry, None)),
                &[("CLAUDE_CODE_USE_MANTLE", "1"), ("CLAUDE_CODE_USE_VERTEX", "0")],
                "env -u CLAUDE_CODE_USE_MANTLE CLAUDE_CODE_USE_FOUNDRY=1 \
                 ANTHROPIC_FOUNDRY_RESOURCE=YOUR-RESOURCE claude",
            ),
            (None, &[ON_BEDROCK], "env -u CLAUDE_CODE_USE_BEDROCK claude"),
        ] {
            assert_eq!(found(way, shell, "{}"), Some((command.to_owned(), Vec::new())), "{way:?}");
        }
    }

    #[test]
    fn a_detour_says_which_settings_go_before_the_shell() {
        let vertex = Some((Path::Vertex, Some("us-east5")));
        for (way, settings, first) in [
            (vertex, r#"{"CLAUDE_CODE_USE_BEDROCK": "1"}"#, &["CLAUDE_CODE_USE_BEDROCK"][..]),
            (None, r#"{"CLAUDE_CODE_USE_BEDROCK": 1}"#, &["CLAUDE_CODE_USE_BEDROCK"]),
            (
                vertex,
                r#"{"CLAUDE_CODE_USE_VERTEX": "1", "CLOUD_ML_REGION": "us-east5",
                    "ANTHROPIC_VERTEX_PROJECT_ID": "mine"}"#,
                &[],
            ),
            (
                vertex,
                r#"{"CLAUDE_CODE_USE_VERTEX": "", "CLOUD_ML_REGION": "eu"}"#,
                &["CLAUDE_CODE_USE_VERTEX", "CLOUD_ML_REGION"],
            ),
        ] {
            let (_, unset) = found(way, &[], &format!("{{\"env\": {settings}}}")).unwrap();
            assert_eq!(unset, first, "{settings}");
        }
    }

    #[test]
    fn straight_to_anthropic_is_no_detour_from_there_nor_past_a_gateway() {
        assert_eq!(found(None, &[], "{}"), None);
        let gateway = ("ANTHROPIC_BASE_URL", "https://gateway.example.org");
        assert_eq!(found(None, &[ON_BEDROCK, gateway], "{}"), None);
        assert_eq!(found(Some((Path::Gateway, None)), &[], "{}"), None);
    }
}
