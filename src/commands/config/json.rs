//! `ccwatch config --json`: version 1 of documented shapes. Keys may be added, never renamed.

use std::io::Write;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::{live, live_code, page_of, path_of};
use crate::app::App;
use crate::app::exit_code::ExitCode;
use crate::app::wiring::proxy_problem;
use crate::cli::Global;
use crate::config::{Config, ConfigError, Problem};
use crate::platform::reach;
use crate::render::json::print_json;

/// Where the configuration is.
pub(super) fn path(file: Option<&Path>, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let path = path_of(file)?;
    let exists = reach::answers(&path) && path.exists();
    print_json(&json!({"version": 1, "path": path.display().to_string(), "exists": exists}), out)?;
    Ok(ExitCode::Success)
}

/// Whether it is right, and which of its names the page doesn't have.
pub(super) fn check(
    global: &Global,
    named: Option<&Path>,
    live: bool,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let file = named.or(global.config.as_deref());
    let (mut page, mut proxy, mut looked) = (None, None, None);
    let (read, problems) = match Config::load(file) {
        Ok((config, read)) => {
            let app = App { global: global.clone(), config, file: read.clone(), page: None };
            proxy = proxy_problem(&app.config.page.url).map(|(what, _)| what);
            looked = if live { Some(live::look(&app.config)?) } else { None };
            page = match &looked {
                Some(live) => live.read.as_ref().ok().map(|seen| seen.page.clone()),
                None => page_of(&app, named.is_none())?,
            };
            page = page.filter(|page| !page.components().is_empty());
            (read, Vec::new())
        }
        Err(error) => (file.map(Path::to_owned).or_else(|| path_of(None).ok()), problems(&error)),
    };
    let missing = page
        .map(|page| page.missing_entries().into_iter().map(str::to_owned).collect::<Vec<String>>());
    let code = match &looked {
        _ if !problems.is_empty() => ExitCode::Config,
        Some(live) => live_code(live),
        None => ExitCode::Success,
    };
    let answer = json!({
        "version": 1,
        "file": read.map(|file| file.display().to_string()),
        "right": problems.is_empty(),
        "problems": problems,
        "not_on_page": missing,
        "proxy": proxy,
        "live": looked.as_ref().map(live::Live::json),
    });
    print_json(&answer, out)?;
    Ok(code)
}

fn problems(error: &ConfigError) -> Vec<Value> {
    let ConfigError::Invalid { problems, .. } = error else {
        let (what, hint) = (error.to_string(), error.hint());
        return vec![json!({"line": null, "column": null, "message": what, "hint": hint})];
    };
    let problem = |Problem { at: (line, column), message, hint }: &Problem| json!({"line": line, "column": column, "message": message, "hint": hint});
    problems.iter().map(problem).collect()
}

/// What is in force.
pub(super) fn show(file: Option<&Path>, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let (config, file) = Config::load(file)?;
    let answer = json!({
        "version": 1,
        "file": file.map(|file| file.display().to_string()),
        "settings": settings(&config),
    });
    print_json(&answer, out)?;
    Ok(ExitCode::Success)
}

/// Every key in its table, as in the file.
fn settings(config: &Config) -> Value {
    let mut settings = Map::new();
    for (path, value) in config.entries() {
        let value = serde_json::to_value(value).unwrap_or_default();
        match path.split_once('.') {
            None => settings.insert(path, value),
            Some((table, key)) => {
                let table = settings.entry(table).or_insert_with(|| Value::Object(Map::new()));
                table.as_object_mut().and_then(|table| table.insert(key.to_owned(), value))
            }
        };
    }
    Value::Object(settings)
}
