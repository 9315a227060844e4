//! The settings files of Claude Code, as far as they decide which way requests go.
//!
//! Of every variable only what may be shown is kept: the host of an address, whether a switch is
//! on, and of everything else that it is there.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use super::place::{Env, Place};
use crate::platform::reach::Mounts;
use crate::redact;

/// A settings file larger than this is not one, in bytes.
const LARGEST: u64 = 16 << 20;

/// What may be known of a variable's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// Set to nothing.
    Empty,
    /// Host and port of an address.
    Address(String),
    /// Meant to be an address, and none: never shown, it may be a key in the wrong place.
    NoAddress,
    /// Hosts that go past the proxy.
    Hosts(Vec<String>),
    /// An API key, and what the user said when Claude Code asked about it.
    Key(Approval),
    /// A switch that is on.
    On,
    /// A switch that is off.
    Off,
    /// A number.
    Count(u32),
    /// A region of a cloud.
    Region(String),
    /// It is set, and that is all that may be known.
    Present,
}

/// Sessions that are typed in use `ANTHROPIC_API_KEY` only once the user agreed to it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// The user agreed.
    Approved,
    /// The user declined.
    Rejected,
    /// It was never asked.
    NotAsked,
}

/// What the user said about API keys: the ends of keys, as Claude Code keeps them.
#[derive(Debug, Default)]
struct Answers {
    approved: Vec<String>,
    rejected: Vec<String>,
}

/// So much of a key's end is kept there, in characters.
const KEY_END: usize = 20;

impl Answers {
    fn of(state: &Value) -> Self {
        let list = |name: &str| {
            let list = state.pointer("/customApiKeyResponses")?.get(name)?.as_array()?;
            Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        };
        Self {
            approved: list("approved").unwrap_or_default(),
            rejected: list("rejected").unwrap_or_default(),
        }
    }

    fn about(&self, key: &str) -> Approval {
        let start = key.char_indices().rev().nth(KEY_END - 1).map_or(0, |(at, _)| at);
        let end = key.get(start..).unwrap_or_default();
        let names = |list: &[String]| list.iter().any(|known| known == end);
        match (names(&self.approved), names(&self.rejected)) {
            (true, _) => Approval::Approved,
            (_, true) => Approval::Rejected,
            _ => Approval::NotAsked,
        }
    }
}

impl Held {
    /// Keeps of a value what may be kept, by the name of its variable.
    fn of(name: &str, value: &str, answers: &Answers) -> Self {
        let lower = name.to_ascii_lowercase();
        if value.is_empty() {
            Self::Empty
        } else if lower == "no_proxy" {
            let hosts = value.split([',', ' ']).map(|host| host.trim().to_ascii_lowercase());
            Self::Hosts(hosts.filter(|host| !host.is_empty()).collect())
        } else if lower.ends_with("_base_url") {
            url(value).map_or(Self::NoAddress, Self::Address)
        } else if lower.ends_with("_proxy") {
            // Here the scheme may be left out.
            let whole = value.contains("://").then(|| url(value));
            let found = whole.unwrap_or_else(|| url(&format!("http://{value}")));
            found.map_or(Self::NoAddress, Self::Address)
        } else if name == API_KEY {
            Self::Key(answers.about(value.trim()))
        } else if let Some(count) =
            (name == MAX_RETRIES).then(|| value.trim().parse().ok()).flatten()
        {
            Self::Count(count)
        } else if REGIONS.contains(&name) && is_region(value.trim()) {
            Self::Region(value.trim().to_owned())
        } else if name.starts_with("CLAUDE_CODE_USE_") || SWITCHES.contains(&name) {
            let off = matches!(value.to_ascii_lowercase().as_str(), "0" | "false" | "no" | "off");
            if off { Self::Off } else { Self::On }
        } else {
            Self::Present
        }
    }
}

/// Makes Claude Code leave the variables of providers in settings files alone.
const HOST_MANAGED: &str = "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST";

/// Other variables that are on or off.
const SWITCHES: [&str; 2] = [HOST_MANAGED, "CLAUDE_CODE_RETRY_WATCHDOG"];
/// A number that may be shown.
const MAX_RETRIES: &str = "CLAUDE_CODE_MAX_RETRIES";

/// Regions that may be shown.
const REGIONS: [&str; 3] = ["AWS_REGION", "AWS_DEFAULT_REGION", "CLOUD_ML_REGION"];

/// Whether it is a word as clouds call their regions, and nothing secret.
fn is_region(value: &str) -> bool {
    let letters = value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    !value.is_empty() && value.len() <= 40 && letters && redact::is_clean(value)
}

/// The variable that needs the user's agreement.
pub const API_KEY: &str = "ANTHROPIC_API_KEY";

/// Host and port of an address; never a user name, a password, a path or a query, and no host
/// that looks like a secret: who puts a key where an address belongs must not find it shown.
fn url(value: &str) -> Option<String> {
    let url = url::Url::parse(value.trim()).ok()?;
    let is_host = value.contains("://") && redact::is_clean(url.host_str()?);
    super::host_and_port(&url).filter(|_| is_host)
}

/// One settings file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Layer {
    place: String,
    env: Vec<(String, Held)>,
    helper: bool,
    /// The models that take over, by their names.
    fallback: Option<String>,
}

/// The environment with all settings files over it, in Claude Code's order of precedence.
pub struct Settings<'a> {
    env: Env<'a>,
    /// Those of the moment at which the files are read.
    mounts: Mounts,
    layers: Vec<Layer>,
    answers: Answers,
    /// Files that are there and could not be understood, or not all of them.
    pub problems: Vec<Problem>,
}

/// A file, or a part of one, that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file.
    pub set_in: String,
    /// What is wrong with it.
    pub what: &'static str,
}

/// The place of a variable that no file sets.
pub const SHELL: &str = "the environment";

impl<'a> Settings<'a> {
    /// Reads the files that there are.
    pub fn read(env: Env<'a>, place: &Place) -> Self {
        let (layers, answers, problems) = (Vec::new(), Answers::default(), Vec::new());
        let mut settings = Self { env, mounts: Mounts::now(), layers, answers, problems };
        let state = settings.object(&place.state(), place);
        settings.answers = state.as_ref().map(Answers::of).unwrap_or_default();
        for path in files(place) {
            if let Some(value) = settings.object(&path, place) {
                let layer = settings.layer(&value, place.shown(&path));
                settings.layers.push(layer);
            }
        }
        settings
    }

    /// The object in a file; what is none is noted.
    pub(super) fn object(&mut self, path: &Path, place: &Place) -> Option<Value> {
        match json(path, &self.mounts) {
            Ok(None) => None,
            Ok(Some(value)) if value.is_object() => Some(value),
            Ok(Some(_)) => self.note(place.shown(path), "it is no JSON object"),
            Err(what) => self.note(place.shown(path), what),
        }
    }

    /// Notes a problem; there is nothing to go on with.
    pub(super) fn note<T>(&mut self, set_in: String, what: &'static str) -> Option<T> {
        self.problems.push(Problem { set_in, what });
        None
    }

    /// What a settings file says. Parts that are not understood are noted and left out.
    fn layer(&mut self, value: &Value, place: String) -> Layer {
        let empty = serde_json::Map::new();
        let env = match value.get("env") {
            None | Some(Value::Null) => &empty,
            Some(Value::Object(env)) => env,
            Some(_) => self.note(place.clone(), "its env is no object").unwrap_or(&empty),
        };
        let mut held = Vec::new();
        for (name, value) in env {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Null => String::new(),
                Value::Bool(_) | Value::Number(_) => value.to_string(),
                Value::Array(_) | Value::Object(_) => {
                    self.note::<()>(place.clone(), "a variable in its env is no text");
                    continue;
                }
            };
            held.push((name.clone(), Held::of(name, &text, &self.answers)));
        }
        let helper = match value.get("apiKeyHelper") {
            None | Some(Value::Null) => false,
            Some(Value::String(script)) => !script.is_empty(),
            Some(_) => self.note(place.clone(), "its apiKeyHelper is no text").unwrap_or(false),
        };
        let fallback = value.get("fallbackModel").and_then(models);
        Layer { place, env: held, helper, fallback }
    }

    /// What a variable is in force as, and where it is set; none where it is not, or set to
    /// nothing. A file goes before the environment, even where it sets a variable to nothing.
    pub fn get(&self, name: &str) -> Option<(Held, String)> {
        let shell = || Some((self.in_shell(name)?, SHELL.to_owned()));
        self.in_files(name).or_else(shell).filter(|(held, _)| *held != Held::Empty)
    }

    /// The same of the files alone, also where it is set to nothing.
    pub(super) fn in_files(&self, name: &str) -> Option<(Held, String)> {
        let by_host = self.in_shell(HOST_MANAGED) == Some(Held::On);
        let mut layers = self.layers.iter().filter(|_| !by_host);
        layers.find_map(|layer| {
            let held = layer.env.iter().find(|(key, _)| key == name)?.1.clone();
            Some((held, layer.place.clone()))
        })
    }

    fn in_shell(&self, name: &str) -> Option<Held> {
        Some(Held::of(name, &(self.env)(name)?, &self.answers))
    }

    /// The models that take over from an overloaded one, and where they are named.
    pub fn fallback(&self) -> Option<(String, String)> {
        self.layers.iter().find_map(|layer| Some((layer.fallback.clone()?, layer.place.clone())))
    }

    /// Where a script that gives the key is named, if one is.
    pub fn helper(&self) -> Option<String> {
        self.layers.iter().find(|layer| layer.helper).map(|layer| layer.place.clone())
    }
}

/// Names of models: one, or a list. A name that looks like a secret is not shown.
fn models(value: &Value) -> Option<String> {
    let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    let names: Vec<&str> =
        list.iter().filter_map(Value::as_str).filter(|it| !it.is_empty()).collect();
    (!names.is_empty()).then(|| redact::secrets(&names.join(", ")))
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

/// A JSON file; none where there is none, or nothing in it.
fn json(path: &Path, mounts: &Mounts) -> Result<Option<Value>, &'static str> {
    const UNREADABLE: &str = "it can't be read";
    if !mounts.answer(path) {
        return Err("it does not answer");
    }
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(_) => return Err(UNREADABLE),
    };
    if !found.is_file() {
        return Err("it is no file");
    }
    if found.len() > LARGEST {
        return Err("it is too large");
    }
    let mut text = String::new();
    let file = fs::File::open(path).map_err(|_| UNREADABLE)?;
    file.take(LARGEST).read_to_string(&mut text).map_err(|_| UNREADABLE)?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    let text = text.trim_start_matches('\u{feff}');
    serde_json::from_str(text).map(Some).map_err(|_| "it is no JSON")
}
