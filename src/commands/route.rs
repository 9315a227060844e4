//! `ccwatch route`: which way the requests of Claude Code go from here, and where that is set.

use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use crate::app::App;
use crate::app::exit_code::ExitCode;
use crate::app::usage::UsageError;
use crate::claude_code::place::{Place, environment};
use crate::claude_code::retries::Retry;
use crate::claude_code::route::{self, Credential, Item, Login, LoginState, Route};
use crate::claude_code::settings::{Approval, Problem};
use crate::cli::{self, Global};
use crate::config::pages::{FIRST, PageConfig};
use crate::platform::clock;
use crate::render::json::print_json;
use crate::render::sanitize;
use ccwatch_core::route::Path;

/// The longest name or place, in characters.
const LONGEST: usize = 200;

/// Answers.
pub fn run(
    global: &Global,
    args: &cli::RouteArgs,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let place = Place::of_process().ok_or_else(|| UsageError {
        what: "there is no home directory to look for settings in".to_owned(),
        hint: "set HOME, and run ccwatch route again".to_owned(),
    })?;
    let route = route::look(&environment, &place);
    // A mistake in the configuration has its own place to be told.
    let app = App::load(global).ok().map(App::on_road);
    let page = app.as_ref().and_then(|app| app.page.as_ref());
    let is_claudes = app.as_ref().is_none_or(|app| app.config.page.is_of_claude());
    if args.json {
        json(&route, page, clock::now(), out)?;
    } else {
        text(&route, (page, is_claudes), clock::now(), out)?;
    }
    Ok(ExitCode::Success)
}

fn text(
    route: &Route,
    page: (Option<&PageConfig>, bool),
    now: Timestamp,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "Path:         {}", route.path.words())?;
    match route.in_force() {
        Some(credential) => writeln!(out, "Credential:   {}", set(credential))?,
        None => writeln!(out, "Credential:   {}", no_credential())?,
    }
    if let Some(credential) = headless(route) {
        let (path, set) = (route.headless_path.words(), set(credential));
        writeln!(out, "With -p:      {path}; {set}")?;
    }
    let others = route.credentials.iter();
    for credential in
        others.filter(|it| Some(*it) != route.in_force() && Some(*it) != headless(route))
    {
        let why = if credential.is_for_sessions() { "outranked: " } else { "not used:  " };
        writeln!(out, "  {why} {}", set(credential))?;
    }
    let endpoint = route.endpoint.as_ref().map(address);
    writeln!(out, "Endpoint:     {}", endpoint.as_deref().unwrap_or("the path's own"))?;
    match (&route.proxy, &route.bypassed) {
        (None, Some((proxy, by))) => {
            let by = address(by);
            writeln!(out, "Proxy:        none: {by}, lets requests past {}", address(proxy))?;
        }
        (proxy, _) => {
            let proxy = proxy.as_ref().map(address);
            writeln!(out, "Proxy:        {}", proxy.as_deref().unwrap_or("none"))?;
        }
    }
    for item in &route.others {
        writeln!(out, "Also set:     {}", address(item))?;
    }
    for retry in &route.retries {
        writeln!(out, "Retries:      {}", retry_words(retry))?;
    }
    if let Some(login) = &route.login {
        writeln!(out, "Login:        {}", login_words(login, now))?;
    }
    writeln!(out, "On the page:  {}", on_the_page(route.path, page))?;
    for problem in &route.problems {
        let file = sanitize::line(&problem.set_in, LONGEST);
        writeln!(out, "Not understood, so left out: {file} ({})", problem.what)?;
    }
    if route.credentials.iter().any(|it| it.approval == Some(Approval::NotAsked)) {
        writeln!(out, "Note: a session that you type in uses ANTHROPIC_API_KEY only once you")?;
        writeln!(out, "approved it there; claude -p always does.")?;
    }
    if route.login.is_some() {
        writeln!(
            out,
            "Note: claude auth status tells what Claude Code itself takes for its login;"
        )?;
        writeln!(out, "whether the server still accepts it, only a request tells.")?;
    }
    writeln!(
        out,
        "Note: background sessions have the environment of the process that started them."
    )
}

/// The credential of `claude -p`, where it is another one.
fn headless(route: &Route) -> Option<&Credential> {
    route.headless().filter(|credential| Some(*credential) != route.in_force())
}

fn no_credential() -> &'static str {
    if cfg!(target_os = "macos") {
        "none outside the keychain, which is not looked into"
    } else {
        "none was found"
    }
}

fn set(credential: &Credential) -> String {
    let (name, place) = (&credential.name, sanitize::line(&credential.place, LONGEST));
    let asked = match credential.approval {
        Some(Approval::Approved) => " (you approved it)",
        Some(Approval::Rejected) => " (you rejected it for sessions)",
        Some(Approval::NotAsked) => " (not approved yet)",
        None => "",
    };
    format!("{name}, set in {place}{asked}")
}

fn address(item: &Item) -> String {
    let place = sanitize::line(&item.place, LONGEST);
    match &item.host {
        Some(host) => format!("{} ({}, set in {place})", sanitize::line(host, LONGEST), item.name),
        None if item.no_address => format!("{} is not a URL, set in {place}", item.name),
        None => format!("{}, set in {place}", item.name),
    }
}

fn retry_words(retry: &Retry) -> String {
    let place = sanitize::line(&retry.place, LONGEST);
    let value = retry.value.as_ref().map(|value| format!(" {}", sanitize::line(value, LONGEST)));
    let value = value.unwrap_or_default();
    format!("{}{value}, set in {place} ({})", retry.name, retry.words())
}

fn login_words(login: &Login, now: Timestamp) -> String {
    let place = sanitize::line(&login.place, LONGEST);
    let state = match (login.state(now), login.expires_at) {
        (LoginState::Refreshable, _) => "access over, can be refreshed".to_owned(),
        (LoginState::Over, _) => "over: run /login".to_owned(),
        (LoginState::Good, Some(at)) => {
            let at = at.to_zoned_datetime(clock::zone());
            format!("good until {}", at.strftime("%Y-%m-%d %H:%M"))
        }
        (LoginState::Good, None) => "without an expiry".to_owned(),
    };
    format!("{place}, {state}")
}

/// What the page of the road says of it; `is_claudes`: without a page of its own that is Claude's.
fn on_the_page(path: Path, (page, is_claudes): (Option<&PageConfig>, bool)) -> String {
    let could_be = matches!(path, Path::Bedrock | Path::Vertex | Path::Foundry);
    match (page, path.components()) {
        (Some(page), _) => {
            let name = sanitize::line(&page.name, LONGEST);
            format!("{name}, which has a page of its own here (--page {})", page.key)
        }
        (None, _) if !is_claudes => "not known: [page] is another one than Claude's".to_owned(),
        (None, []) if could_be => {
            "nothing: status.claude.com says nothing about this path; to watch \
                                   it, name it in [providers]"
                .to_owned()
        }
        (None, []) => "nothing: the status page says nothing about this path".to_owned(),
        (None, names) => names.join(", "),
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    version: u8,
    path: Path,
    headless: Headless<'a>,
    credentials: Vec<Set<'a>>,
    endpoint: Option<Set<'a>>,
    proxy: Option<Set<'a>>,
    proxy_bypassed: Option<Bypassed<'a>>,
    others: Vec<Set<'a>>,
    retries: Vec<RetryRow<'a>>,
    login: Option<LoginRow<'a>>,
    components: &'a [&'a str],
    page: &'a str,
    unreadable: Vec<&'a str>,
    problems: &'a [Problem],
}

/// The same for `claude -p`.
#[derive(Serialize)]
struct Headless<'a> {
    path: Path,
    credential: Option<&'a str>,
    components: &'a [&'a str],
}

#[derive(Serialize, Default)]
struct Set<'a> {
    name: &'a str,
    set_in: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_force: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approval: Option<Approval>,
}

#[derive(Serialize)]
struct RetryRow<'a> {
    name: &'a str,
    value: Option<&'a str>,
    set_in: &'a str,
}

#[derive(Serialize)]
struct Bypassed<'a> {
    #[serde(flatten)]
    proxy: Set<'a>,
    by: &'a str,
    by_set_in: &'a str,
}

#[derive(Serialize)]
struct LoginRow<'a> {
    set_in: &'a str,
    state: LoginState,
    expires_at: Option<Timestamp>,
    refreshable: bool,
    refresh_expires_at: Option<Timestamp>,
}

fn json(
    route: &Route,
    page: Option<&PageConfig>,
    now: Timestamp,
    out: &mut dyn Write,
) -> io::Result<()> {
    fn item(item: &Item) -> Set<'_> {
        Set {
            name: &item.name,
            set_in: &item.place,
            host: item.host.as_deref(),
            problem: item.no_address.then_some("not a URL"),
            ..Set::default()
        }
    }
    let credential = |it: &'_ Credential| Some(it) == route.in_force();
    let answer = Answer {
        version: 1,
        path: route.path,
        headless: Headless {
            path: route.headless_path,
            credential: route.headless().map(|credential| credential.name.as_str()),
            components: route.headless_path.components(),
        },
        credentials: route
            .credentials
            .iter()
            .map(|it| Set {
                name: &it.name,
                set_in: &it.place,
                in_force: Some(credential(it)),
                approval: it.approval,
                ..Set::default()
            })
            .collect(),
        endpoint: route.endpoint.as_ref().map(item),
        proxy: route.proxy.as_ref().map(item),
        proxy_bypassed: route.bypassed.as_ref().map(|(proxy, by)| Bypassed {
            proxy: item(proxy),
            by: &by.name,
            by_set_in: &by.place,
        }),
        others: route.others.iter().map(item).collect(),
        retries: route
            .retries
            .iter()
            .map(|it| RetryRow { name: it.name, value: it.value.as_deref(), set_in: &it.place })
            .collect(),
        login: route.login.as_ref().map(|login| LoginRow {
            set_in: &login.place,
            state: login.state(now),
            expires_at: login.expires_at,
            refreshable: login.refreshable,
            refresh_expires_at: login.refresh_expires_at,
        }),
        components: route.path.components(),
        page: page.map_or(FIRST, |page| page.key.as_str()),
        unreadable: route.problems.iter().map(|problem| problem.set_in.as_str()).collect(),
        problems: &route.problems,
    };
    print_json(&answer, out)
}
