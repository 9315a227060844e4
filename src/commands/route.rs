//! `ccwatch route`: which way the requests of Claude Code go from here, and where that is set.

use std::io::{self, Write};

use anyhow::anyhow;
use jiff::Timestamp;
use serde::Serialize;

use super::diagnose::{environment, place};
use super::print_json;
use crate::claude::route::{self, Credential, Item, Login, Route};
use crate::cli;
use crate::clock;
use crate::core::route::Path;
use crate::exit_code::ExitCode;
use crate::inert;

/// The longest name or place, in characters.
const LONGEST: usize = 200;

/// Answers.
pub fn run(args: &cli::RouteArgs, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let place = place().ok_or_else(|| anyhow!("there is no home directory (HOME is not set)"))?;
    let route = route::look(&environment, &place);
    if args.json {
        json(&route, out)?;
    } else {
        text(&route, clock::now(), out)?;
    }
    Ok(ExitCode::Success)
}

fn text(route: &Route, now: Timestamp, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "Path:         {}", route.path.words())?;
    match route.in_force() {
        Some(credential) => writeln!(out, "Credential:   {}", set(credential))?,
        None => writeln!(out, "Credential:   {}", no_credential())?,
    }
    for credential in route.credentials.iter().skip(1) {
        writeln!(out, "  outranked:  {}", set(credential))?;
    }
    let endpoint = route.endpoint.as_ref().map(address);
    writeln!(out, "Endpoint:     {}", endpoint.as_deref().unwrap_or("the path's own"))?;
    let proxy = route.proxy.as_ref().map(address);
    writeln!(out, "Proxy:        {}", proxy.as_deref().unwrap_or("none"))?;
    for item in &route.others {
        writeln!(out, "Also set:     {}", address(item))?;
    }
    if let Some(login) = &route.login {
        writeln!(out, "Login:        {}", login_words(login, now))?;
    }
    writeln!(out, "On the page:  {}", on_the_page(route.path))?;
    for place in &route.unreadable {
        writeln!(out, "Not understood, so left out: {}", inert::line(place, LONGEST))?;
    }
    if route.credentials.iter().any(|c| c.name == "ANTHROPIC_API_KEY") {
        writeln!(out, "Note: a session that you type in uses ANTHROPIC_API_KEY only once you")?;
        writeln!(out, "approved it there; claude -p always does.")?;
    }
    writeln!(
        out,
        "Note: background sessions have the environment of the process that started them."
    )
}

fn no_credential() -> &'static str {
    if cfg!(target_os = "macos") {
        "none outside the keychain, which is not looked into"
    } else {
        "none was found"
    }
}

fn set(credential: &Credential) -> String {
    let (name, place) = (&credential.name, inert::line(&credential.place, LONGEST));
    format!("{name}, set in {place}")
}

fn address(item: &Item) -> String {
    let place = inert::line(&item.place, LONGEST);
    match &item.host {
        Some(host) => format!("{} ({}, set in {place})", inert::line(host, LONGEST), item.name),
        None => format!("{}, set in {place}", item.name),
    }
}

fn login_words(login: &Login, now: Timestamp) -> String {
    let place = inert::line(&login.place, LONGEST);
    let state = match login.expires_at {
        Some(at) if at <= now && login.refreshable => "access over, can be refreshed".to_owned(),
        Some(at) if at <= now => "over: run /login".to_owned(),
        Some(at) => format!("good until {}", at.strftime("%Y-%m-%d %H:%M UTC")),
        None => "without an expiry".to_owned(),
    };
    format!("{place}, {state}")
}

fn on_the_page(path: Path) -> String {
    match path.components() {
        [] => "nothing: the status page says nothing about this path".to_owned(),
        names => names.join(", "),
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    version: u8,
    path: Path,
    credentials: Vec<Set<'a>>,
    endpoint: Option<Set<'a>>,
    proxy: Option<Set<'a>>,
    others: Vec<Set<'a>>,
    login: Option<LoginRow<'a>>,
    components: &'a [&'a str],
    unreadable: &'a [String],
}

#[derive(Serialize)]
struct Set<'a> {
    name: &'a str,
    set_in: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_force: Option<bool>,
}

#[derive(Serialize)]
struct LoginRow<'a> {
    set_in: &'a str,
    expires_at: Option<Timestamp>,
    refreshable: bool,
}

fn json(route: &Route, out: &mut dyn Write) -> io::Result<()> {
    fn item(item: &Item) -> Set<'_> {
        Set { name: &item.name, set_in: &item.place, host: item.host.as_deref(), in_force: None }
    }
    let credential = |(at, c): (usize, &'_ Credential)| (at == 0, c.name.clone(), c.place.clone());
    let credentials: Vec<_> = route.credentials.iter().enumerate().map(credential).collect();
    let answer = Answer {
        version: 1,
        path: route.path,
        credentials: credentials
            .iter()
            .map(|(first, name, place)| Set {
                name,
                set_in: place,
                host: None,
                in_force: Some(*first),
            })
            .collect(),
        endpoint: route.endpoint.as_ref().map(item),
        proxy: route.proxy.as_ref().map(item),
        others: route.others.iter().map(item).collect(),
        login: route.login.as_ref().map(|login| LoginRow {
            set_in: &login.place,
            expires_at: login.expires_at,
            refreshable: login.refreshable,
        }),
        components: route.path.components(),
        unreadable: &route.unreadable,
    };
    print_json(&answer, out)
}
