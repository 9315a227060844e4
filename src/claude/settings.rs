//! The settings files of Claude Code, as far as they decide which way requests go.
//!
//! Of every variable only what may be shown is kept: the host of an address, whether a switch is
//! on, and of everything else that it is there.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::place::{Env, Place};

/// A settings file larger than this is not one, in bytes.
const LARGEST: u64 = 4 << 20;

/// What may be known of a variable's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// Set to nothing.
    Empty,
    /// Host and port of an address.
    Address(String),
    /// A switch that is on.
    On,
    /// A switch that is off.
    Off,
    /// It is set, and that is all that may be known.
    Present,
}

impl Held {
    /// Keeps of a value what may be kept, by the name of its variable.
    fn of(name: &str, value: &str) -> Self {
        let lower = name.to_ascii_lowercase();
        if value.is_empty() {
            Self::Empty
        } else if lower.ends_with("_base_url") || lower.ends_with("_proxy") {
            address(value).map_or(Self::Present, Self::Address)
        } else if name.starts_with("CLAUDE_CODE_USE_") || name == HOST_MANAGED {
            let off = matches!(value.to_ascii_lowercase().as_str(), "0" | "false" | "no" | "off");
            if off { Self::Off } else { Self::On }
        } else {
            Self::Present
        }
    }
}

/// Makes Claude Code leave the variables of providers in settings files alone.
const HOST_MANAGED: &str = "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST";

/// Host and port; never a user name, a password, a path or a query.
fn address(value: &str) -> Option<String> {
    let with_scheme =
        if value.contains("://") { value.to_owned() } else { format!("http://{value}") };
    let url = url::Url::parse(&with_scheme).ok()?;
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// One settings file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Layer {
    place: String,
    env: Vec<(String, Held)>,
    helper: bool,
}

/// The environment with all settings files over it, in Claude Code's order of precedence.
pub struct Settings<'a> {
    env: Env<'a>,
    layers: Vec<Layer>,
    /// Files that are there and could not be understood.
    pub unreadable: Vec<String>,
}

/// The place of a variable that no file sets.
pub const SHELL: &str = "the environment";

impl<'a> Settings<'a> {
    /// Reads the files that there are.
    pub fn read(env: Env<'a>, place: &Place) -> Self {
        let mut settings = Self { env, layers: Vec::new(), unreadable: Vec::new() };
        for path in files(place) {
            match layer(&path, place.shown(&path)) {
                Ok(Some(layer)) => settings.layers.push(layer),
                Ok(None) => {}
                Err(()) => settings.unreadable.push(place.shown(&path)),
            }
        }
        settings
    }

    /// What a variable is in force as, and where it is set; none where it is not, or set to
    /// nothing. A file goes before the environment, even where it sets a variable to nothing.
    pub fn get(&self, name: &str) -> Option<(Held, String)> {
        let by_host =
            (self.env)(HOST_MANAGED).is_some_and(|v| Held::of(HOST_MANAGED, &v) == Held::On);
        let layers = self.layers.iter().filter(|_| !by_host);
        let in_file = layers.filter_map(|layer| {
            let held = layer.env.iter().find(|(key, _)| key == name)?.1.clone();
            Some((held, layer.place.clone()))
        });
        let shell = || Some((Held::of(name, &(self.env)(name)?), SHELL.to_owned()));
        in_file.into_iter().next().or_else(shell).filter(|(held, _)| *held != Held::Empty)
    }

    /// Where a script that gives the key is named, if one is.
    pub fn helper(&self) -> Option<String> {
        self.layers.iter().find(|layer| layer.helper).map(|layer| layer.place.clone())
    }
}

/// The files in their order of precedence, the strongest first.
fn files(place: &Place) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let drop_ins = fs::read_dir(place.managed.join("managed-settings.d"));
    let mut drop_ins: Vec<PathBuf> =
        drop_ins.into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    drop_ins.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    // A later one goes over an earlier one, and all of them over the file.
    drop_ins.sort();
    files.extend(drop_ins.into_iter().rev());
    files.push(place.managed.join("managed-settings.json"));
    files.push(place.cwd.join(".claude/settings.local.json"));
    files.push(place.cwd.join(".claude/settings.json"));
    files.push(place.config.join("settings.json"));
    files.dedup();
    files
}

fn layer(path: &Path, place: String) -> Result<Option<Layer>, ()> {
    let Some(value) = json(path)? else { return Ok(None) };
    let variable = |(name, value): (&String, &Value)| {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        (name.clone(), Held::of(name, &text))
    };
    let env = value.get("env").and_then(Value::as_object);
    let env = env.into_iter().flatten().map(variable).collect();
    let helper = value.get("apiKeyHelper").and_then(Value::as_str).is_some_and(|s| !s.is_empty());
    Ok(Some(Layer { place, env, helper }))
}

/// A JSON file; none where there is none.
pub(super) fn json(path: &Path) -> Result<Option<Value>, ()> {
    let Ok(found) = fs::metadata(path) else { return Ok(None) };
    if !found.is_file() || found.len() > LARGEST {
        return Err(());
    }
    let mut text = String::new();
    let file = fs::File::open(path).map_err(|_| ())?;
    file.take(LARGEST).read_to_string(&mut text).map_err(|_| ())?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    serde_json::from_str(text.trim_start_matches('\u{feff}')).map(Some).map_err(|_| ())
}
