//! `ccwatch config --json`: version 1 of documented shapes. Keys may be added, never renamed.

use std::io::Write;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::{live, live_code, other_pages, page_of, path_of};
use crate::app::App;
use crate::app::exit_code::ExitCode;
use crate::app::wiring::proxy_problem;
use crate::cli::Global;
use crate::config::{Config, ConfigError, Problem};
use crate::platform::reach;
use crate::render::json::print_json;
use ccwatch_core::state::PageState;

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
    let (mut page, mut proxy, mut looked, mut others) = (None, None, None, Vec::new());
    let mut known = Vec::new();
    let (read, problems) = match Config::load(file) {
        Ok((config, read)) => {
            let app = App { global: global.clone(), config, file: read.clone(), page: None };
            proxy = proxy_problem(&app.config.page.url).map(|(what, _)| what);
            looked = if live { Some(live::look(&app.config)?) } else { None };
            for other in app.config.all_pages().into_iter().skip(1).filter(|_| live) {
                others.push((other.key, live::look(&other.config)?));
            }
            page = match &looked {
                Some(live) => live.read.as_ref().ok().map(|seen| seen.page.clone()),
                None => {
                    known = other_pages(&app);
                    page_of(&app, named.is_none())?
                }
            };
            page = page.filter(|page| !page.components().is_empty());
            (read, Vec::new())
        }
        Err(error) => (file.map(Path::to_owned).or_else(|| path_of(None).ok()), problems(&error)),
    };
    let missing = page.as_ref().map(PageState::missing_entries);
    let code = match &looked {
        _ if !problems.is_empty() => ExitCode::Config,
        Some(live) => {
            let codes = others.iter().map(|(_, live)| live_code(live));
            codes
                .chain([live_code(live)])
                .find(|it| *it != ExitCode::Success)
                .unwrap_or(ExitCode::Success)
        }
        None => ExitCode::Success,
    };
    let looked_at = others.iter().map(|(key, live)| {
        let missing = live.read.as_ref().ok().map(|seen| seen.page.missing_entries());
        json!({"page": key, "not_on_page": missing, "live": live.json()})
    });
    let remembered = known.iter().map(|(other, page)| {
        json!({"page": other.key, "not_on_page": page.missing_entries(), "live": null})
    });
    let others: Vec<Value> = looked_at.chain(remembered).collect();
    let answer = json!({
        "version": 1,
        "file": read.map(|file| file.display().to_string()),
        "right": problems.is_empty(),
        "problems": problems,
        "not_on_page": missing,
        "proxy": proxy,
        "live": looked.as_ref().map(live::Live::json),
        "pages": others,
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
    let mut pages: Vec<Value> = Vec::new();
    for (path, value) in config.entries() {
        let value = serde_json::to_value(value).unwrap_or_default();
        match path.split_once('.') {
            // A table of a list: its keys follow each other.
            Some(("pages", rest)) => {
                let (number, key) = rest.split_once('.').unwrap_or((rest, ""));
                if number.parse() == Ok(pages.len()) {
                    pages.push(Value::Object(Map::new()));
                }
                let table = pages.last_mut().and_then(Value::as_object_mut);
                table.and_then(|table| table.insert(key.to_owned(), value))
            }
            None => settings.insert(path, value),
            Some((table, key)) => {
                let table = settings.entry(table).or_insert_with(|| Value::Object(Map::new()));
                table.as_object_mut().and_then(|table| table.insert(key.to_owned(), value))
            }
        };
    }
    if !pages.is_empty() {
        settings.insert("pages".to_owned(), Value::Array(pages));
    }
    Value::Object(settings)
}
