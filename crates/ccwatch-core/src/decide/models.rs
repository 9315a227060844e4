//! Model names in incident titles: the page has no component per model, so 253 of 447 titles
//! name one ("Elevated errors on Claude Opus 4.6 and Sonnet 4.6").

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

/// The families that titles have named so far. A family that isn't listed here or in the user's
/// own list is simply not recognised, and its incidents are told.
const FAMILIES: &[&str] = &["opus", "sonnet", "haiku", "fable", "mythos", "instant"];

/// Words that widen an incident beyond the models it names.
const WIDER: &[&str] = &[
    "claude.ai",
    "code",
    "api",
    "console",
    "platform",
    "cowork",
    "desktop",
    "login",
    "auth",
    "surfaces",
    "models",
    "connectors",
    "mcp",
    "files",
    "usage",
    "government",
    "app",
    "apps",
];

/// A model family with the versions named beside it; no version means all of them.
#[derive(Debug, PartialEq, Eq)]
struct Model {
    family: String,
    versions: Vec<String>,
}

/// Whether a title names models, nothing wider, and none of those that the user uses.
/// Never true where the user named no models.
pub fn only_others(title: &str, used: &[String]) -> bool {
    if used.is_empty() {
        return false;
    }
    let used: Vec<Model> = used.iter().flat_map(|entry| configured(entry)).collect();
    let families: Vec<&str> = used.iter().map(|m| m.family.as_str()).collect();
    let in_title = named(title, &families);
    let wider = words(title).iter().any(|word| WIDER.contains(&word.as_str()));
    !used.is_empty()
        && !in_title.is_empty()
        && !wider
        && !in_title.iter().any(|m| used.iter().any(|u| overlap(m, u)))
}

/// Whether an entry of the configuration names a model: a family that is known, or a newer one by
/// its id or with its version. A single word that is no family is more likely a slip, or a setting
/// of Claude Code, and would silence what it was to let through.
pub fn is_model(entry: &str) -> bool {
    let words = words(entry);
    let by_id = words.first().is_some_and(|first| first == "claude") && words.len() > 1;
    let with_version = words.iter().any(|word| is_version(word));
    !named(entry, &[]).is_empty()
        || ((by_id || with_version) && configured(entry).iter().any(|m| !m.family.is_empty()))
}

/// What to write in place of an entry that names no model.
pub fn instead_of(entry: &str) -> String {
    match entry.trim().to_lowercase().as_str() {
        "opusplan" => "write \"opus\", \"sonnet\": it uses both".to_owned(),
        _ => format!(
            "write the models that you use, such as \"opus\" or \"sonnet 4.6\"; known are {}; a \
             newer one is written with its id, such as \"claude-{}-5\"",
            FAMILIES.join(", "),
            words(entry).first().map_or("name", String::as_str)
        ),
    }
}

/// The models that a title names, as they are shown: "Opus 4.6 and Sonnet".
pub fn shown(title: &str) -> String {
    let one = |model: &Model| {
        let mut name = model.family.clone();
        if let Some(first) = name.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        match model.versions.as_slice() {
            [] => name,
            versions => format!("{name} {}", versions.join(", ")),
        }
    };
    let names: Vec<String> = named(title, &[]).iter().map(one).collect();
    match names.as_slice() {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        few => few.concat(),
    }
}

/// What an entry of the configuration means; its first word may be a family we have not heard of.
fn configured(entry: &str) -> Vec<Model> {
    let known = named(entry, &[]);
    if !known.is_empty() {
        return known;
    }
    let is_name = |word: &String| word != "claude" && word.chars().any(char::is_alphabetic);
    words(entry)
        .iter()
        .find(|word| is_name(word))
        .map_or_else(Vec::new, |family| named(entry, &[family]))
}

fn overlap(a: &Model, b: &Model) -> bool {
    a.family == b.family
        && (a.versions.is_empty()
            || b.versions.is_empty()
            || a.versions.iter().any(|version| b.versions.contains(version)))
}

/// The models that a text names. "Opus and Sonnet 4.6" gives Opus without a version: it can't be
/// told whether the version means both, and telling is the safe side.
fn named(text: &str, more_families: &[&str]) -> Vec<Model> {
    let words = words(text);
    let mut models: Vec<Model> = Vec::new();
    let mut before: Option<String> = None;
    let mut counting = false;
    for word in words {
        let is_family = FAMILIES.contains(&word.as_str()) || more_families.contains(&word.as_str());
        if is_family {
            models.push(Model { family: word, versions: before.take().into_iter().collect() });
            counting = true;
        } else if is_version(&word) {
            match models.last_mut() {
                Some(model) if counting => model.versions.push(word),
                _ => before = Some(word),
            }
        } else if word != "and" && word != "claude" {
            counting = false;
            before = None;
        }
    }
    models
}

/// "4.6" is one; "1m" (a million tokens) is not.
fn is_version(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
        && word.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// Lower-case words and version numbers; `claude-opus-4-6` reads as `claude opus 4.6`.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for chunk in text.to_lowercase().split(|c: char| !(c.is_alphanumeric() || c == '.' || c == '-'))
    {
        let mut dashed = false;
        for word in chunk.trim_matches('.').split('-').filter(|word| !word.is_empty()) {
            let numeric = word.bytes().all(|b| b.is_ascii_digit()) && word.len() < 3;
            match words.last_mut() {
                Some(last) if dashed && numeric && last.bytes().all(|b| b.is_ascii_digit()) => {
                    last.push('.');
                    last.push_str(word);
                }
                _ => words.push(word.trim_matches('.').to_owned()),
            }
            dashed = true;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_quiet_only_if_it_names_nothing_that_the_user_uses() {
        let opus = ["opus"].map(str::to_owned).to_vec();
        let opus_46 = ["claude-opus-4-6"].map(str::to_owned).to_vec();
        let sonnet = ["Sonnet 4.6", "Haiku"].map(str::to_owned).to_vec();
        let future = ["Opus"].map(str::to_owned).to_vec();
        for (title, used, quiet) in [
            ("Elevated errors on Claude Opus 4.6", &opus, false),
            ("Elevated errors on Claude Sonnet 4.6", &opus, true),
            ("elevated errors on sonnet 4.6", &opus, true),
            ("Elevated errors on Claude Opus 4.6 and Sonnet 4.6", &opus, false),
            ("Elevated error rates on Claude Opus and Sonnet 4.6", &opus_46, false),
            ("Elevated errors on Opus 4.5", &opus_46, true),
            ("Elevated errors on Opus 4.5, 4.6", &opus_46, false),
            ("Elevated errors on Opus 4.5/4.6", &opus_46, false),
            ("Opus 4.6 and Sonnet 4.6 error rate elevated", &sonnet, false),
            ("Elevated errors on Claude 3.5 Sonnet", &sonnet, true),
            ("Elevated errors on Claude 3 Haiku", &sonnet, false),
            ("Elevated errors on Claude Sonnet 4.6 and on Claude.ai", &opus, false),
            ("Elevated errors across all models, worst on Sonnet", &opus, false),
            ("Elevated errors on claude.ai", &opus, false),
            ("Elevated errors", &opus, false),
            ("", &opus, false),
            ("Elevated errors on Zephyr 1", &future, false),
            ("Elevated errors on Opus 4.6 Fast Mode", &sonnet, true),
            ("Elevated errors on Opus 4.6 Fast Mode", &Vec::new(), false),
        ] {
            assert_eq!(only_others(title, used), quiet, "{title:?} for {used:?}");
        }
    }

    #[test]
    fn an_entry_names_a_model_or_is_refused() {
        for good in [
            "opus",
            "Opus",
            "sonnet[1m]",
            "claude-sonnet-4-5-20250929",
            "us.anthropic.claude-opus-4-6-v1:0",
            "Haiku 4.5",
            "claude-zephyr-5",
            "Zephyr 5",
        ] {
            assert!(is_model(good), "{good}");
        }
        for bad in ["default", "best", "opusplan", "opsu", "all", "claude", "5", "", "inherit"] {
            assert!(!is_model(bad), "{bad}");
        }
        assert!(instead_of("opusplan").contains("\"opus\", \"sonnet\""));
        assert!(instead_of("best").contains("opus, sonnet, haiku"));
        // A million tokens is no version: the entry means the family.
        assert!(!only_others("Elevated errors on Sonnet 4.6", &["sonnet[1m]".to_owned()]));
    }

    #[test]
    fn the_models_of_a_title_are_shown_as_names() {
        for (title, expected) in [
            ("Elevated errors on Claude Opus 4.6", "Opus 4.6"),
            ("elevated errors on sonnet", "Sonnet"),
            ("Opus 4.5, 4.6 and Haiku", "Opus 4.5, 4.6 and Haiku"),
            ("Elevated errors", ""),
        ] {
            assert_eq!(shown(title), expected);
        }
    }

    #[test]
    fn a_family_that_nobody_has_heard_of_yet_can_be_configured() {
        let zephyr = ["claude-zephyr-5".to_owned()];
        assert!(only_others("Elevated errors on Opus 4.6", &zephyr));
        assert!(!only_others("Elevated errors on Zephyr 5", &zephyr));
        assert!(only_others("Elevated errors on Zephyr 6", &zephyr));
        assert!(!only_others("Elevated errors on Opus 4.6", &["5".to_owned()]));
    }
}
