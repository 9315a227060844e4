//! `ccwatch status --format`: one line for a bar, a prompt or Claude Code's status line.
//!
//! Reads the database and nothing else, takes milliseconds, and always has an answer: whatever
//! goes wrong stands in the line.

use std::env;
use std::io::Write;

use serde::Serialize;

use crate::app::App;
use crate::app::exit_code::ExitCode;
use crate::cli::{self, Global};
use crate::client::picture::Picture;
use crate::render::sanitize;
use crate::tty::Colours;
use ccwatch_core::decide::models;
use ccwatch_core::model::Level;
use ccwatch_core::state::component::Component;
use ccwatch_core::state::verdict::Verdict;
use ccwatch_core::text;

use super::{session, short, stand};

/// The longest line of a tooltip, in characters.
const LINE: usize = 120;

/// A form of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Line,
    Waybar,
    Tmux,
    I3blocks,
    Starship,
    ClaudeCode,
}

impl Form {
    /// None: it is no form of one line.
    pub(super) fn of(form: cli::Form) -> Option<Self> {
        match form {
            cli::Form::Line => Some(Self::Line),
            cli::Form::Waybar => Some(Self::Waybar),
            cli::Form::Tmux => Some(Self::Tmux),
            cli::Form::I3blocks => Some(Self::I3blocks),
            cli::Form::Starship => Some(Self::Starship),
            cli::Form::ClaudeCode => Some(Self::ClaudeCode),
            cli::Form::Json => None,
        }
    }
}

/// Answers in one line; exit code 0, unless `-q` asks for the verdict's.
pub(super) fn run(
    global: &Global,
    args: &cli::Status,
    form: Form,
    colours: Colours,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let model = (form == Form::ClaudeCode).then(session::model).flatten();
    let (answer, code) = match load(global, args).and_then(|app| Picture::glance(&app)) {
        Ok(picture) => (Answer::of(&picture, model.as_slice()), picture.exit_code()),
        Err(error) => (Answer::failed(&error), ExitCode::Unknown),
    };
    if args.quiet {
        return Ok(code);
    }
    let silent = matches!(form, Form::Starship | Form::ClaudeCode) && !args.always;
    if !(silent && answer.is_calm()) {
        let colours = match form {
            // tmux colours by words of its own, and whoever set it up wants them.
            Form::Tmux => colours != Colours::Never,
            _ => colours.are_on(|name| env::var_os(name), true),
        };
        writeln!(out, "{}", answer.render(form, colours))?;
    }
    Ok(ExitCode::Success)
}

fn load(global: &Global, args: &cli::Status) -> anyhow::Result<App> {
    Ok(App::load(global)?.on_page(args.page.as_deref())?.watching(&args.components))
}

/// What every form says in its own way.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    verdict: Verdict,
    level: Level,
    urgent: bool,
    /// Nobody reads the page any more: this is what it said last.
    old: bool,
    /// Announced work goes on, whatever the light.
    works: bool,
    /// An incident is open that names nobody.
    nameless: bool,
    text: String,
    /// The same where there is little room.
    short: String,
    /// For those who look closer: line by line.
    more: Vec<String>,
}

impl Answer {
    fn of(picture: &Picture, models: &[String]) -> Self {
        let verdict = picture.verdict();
        let level = level(picture);
        let critical = picture.page.settings().critical_from;
        let mut text = stand::headline(picture);
        if verdict == Verdict::Wait && is_about_others(picture, models) {
            text.push_str(", not your model");
        }
        let works = works(picture);
        works.iter().for_each(|work| text.push_str(&format!("; maintenance: {work}")));
        let old = old(picture).filter(|_| verdict != Verdict::Unknown);
        if let Some(old) = &old {
            text.push_str(&format!(", {old}"));
        }
        if let Some(going) = text::sessions::going_on(picture.page.sessions()) {
            text.push_str(&format!("; {going}"));
        }
        let critical = critical.is_some_and(|from| level.is_at_least(from));
        Self {
            verdict,
            level,
            urgent: verdict == Verdict::Wait && critical && old.is_none(),
            old: old.is_some(),
            works: !works.is_empty(),
            nameless: picture.page.nameless().next().is_some(),
            text,
            short: short::line(picture, old.is_some()),
            more: more(picture),
        }
    }

    /// There is nothing to read an answer from.
    fn failed(error: &anyhow::Error) -> Self {
        let hint = crate::commands::hint(error);
        let more = [Some(format!("{error:#}")), hint].into_iter().flatten();
        Self {
            verdict: Verdict::Unknown,
            level: Level::Unknown,
            urgent: false,
            old: false,
            works: false,
            nameless: false,
            text: "Claude: not known, run: ccwatch status".to_owned(),
            short: "Claude: not known, run: ccwatch status".to_owned(),
            more: more.map(|text| sanitize::line(&text, LINE)).collect(),
        }
    }

    /// Whether there is nothing to say.
    fn is_calm(&self) -> bool {
        self.verdict == Verdict::Clear && !self.old && !self.works && !self.nameless
    }

    fn render(&self, form: Form, colours: bool) -> String {
        match form {
            Form::Line | Form::Starship => self.text.clone(),
            Form::ClaudeCode if colours => {
                format!("\x1b[{}m●\x1b[0m {}", self.colour().ansi, self.text)
            }
            Form::ClaudeCode => format!("● {}", self.text),
            Form::Tmux => {
                // tmux reads what a command printed as a format: # stands for itself as ##.
                let text = self.short.replace('#', "##");
                match colours {
                    true => format!("#[fg={}]{text}#[fg=default]", self.colour().name),
                    false => text,
                }
            }
            Form::Waybar => json(&Waybar {
                text: markup(&self.text),
                alt: self.verdict.as_str(),
                tooltip: markup(&self.more.join("\n")),
                class: self.classes(),
            }),
            Form::I3blocks => json(&I3Block {
                full_text: &self.text,
                short_text: self.verdict.as_str(),
                color: self.colour().hex,
                urgent: self.urgent,
                markup: "none",
            }),
        }
    }

    fn classes(&self) -> Vec<&'static str> {
        let own = [self.verdict.as_str(), self.level.as_str()];
        own.into_iter().chain(self.old.then_some("old")).collect()
    }

    fn colour(&self) -> Colour {
        let (name, ansi, hex) = match (self.verdict, self.level) {
            _ if self.old => ("yellow", 33, "#FFCC33"),
            (Verdict::Wait, Level::Maintenance) => ("blue", 34, "#5599FF"),
            (Verdict::Wait, Level::Partial | Level::Major) => ("red", 31, "#FF5555"),
            (Verdict::Clear, _) if self.nameless => ("yellow", 33, "#FFCC33"),
            (Verdict::Retry | Verdict::Clear, _) => ("green", 32, "#55CC55"),
            _ => ("yellow", 33, "#FFCC33"),
        };
        Colour { name, ansi, hex }
    }
}

/// The worst level that is waited for: a name stands beside it, and a fix may be out for what is worse.
fn level(picture: &Picture) -> Level {
    let waited = picture.page.grounds(picture.now).into_iter().map(Component::level_away);
    match picture.verdict() {
        Verdict::Wait => waited.max_by_key(|level| level.severity()).unwrap_or(Level::Unknown),
        Verdict::Retry | Verdict::Clear | Verdict::Suspect | Verdict::Unknown => {
            picture.page.worst_level()
        }
    }
}

/// One colour as everybody calls it.
struct Colour {
    name: &'static str,
    ansi: u8,
    hex: &'static str,
}

/// waybar-custom(5), with `"return-type": "json"`: text and tooltip are Pango markup.
#[derive(Serialize)]
struct Waybar {
    text: String,
    alt: &'static str,
    tooltip: String,
    class: Vec<&'static str>,
}

/// i3blocks(1), with `format=json`: what the i3bar protocol calls a block.
#[derive(Serialize)]
struct I3Block<'a> {
    full_text: &'a str,
    short_text: &'a str,
    color: &'a str,
    urgent: bool,
    markup: &'a str,
}

/// One line of JSON.
fn json(value: &impl Serialize) -> String {
    // Strings and a switch can always be written; a bar takes nothing for an empty block.
    serde_json::to_string(value).unwrap_or_default()
}

/// Text in Pango markup.
fn markup(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Whether all that is affected is explained by incidents of models other than these.
fn is_about_others(picture: &Picture, models: &[String]) -> bool {
    picture.page.grounds(picture.now).iter().all(|component| {
        let incident = component.episode().and_then(|episode| episode.incident.as_ref());
        let incident = incident.and_then(|id| picture.page.incidents().get(id));
        incident.is_some_and(|incident| models::only_others(&incident.name, models))
    })
}

/// Announced work that goes on, in red or in green.
fn works(picture: &Picture) -> Vec<String> {
    if picture.verdict() == Verdict::Unknown {
        return Vec::new();
    }
    let zone = &picture.page.settings().zone;
    let going = picture.page.announced(picture.now, false);
    let going = going.filter(|known| known.stage(picture.now).is_under_way());
    let plan = |known| text::maintenance::plan(known, picture.now, zone);
    going.map(|known| sanitize::line(&plan(known), LINE)).collect()
}

/// When the page was read, and why nobody reads it now, where that is so: what was read before is
/// old from then on, however young it is.
fn old(picture: &Picture) -> Option<String> {
    let why = picture.daemon.why_old()?;
    let read_at = picture.page.page_health().last_good?;
    let at = text::clock(read_at, picture.now, &picture.page.settings().zone);
    Some(format!("as of {at}, {why}"))
}

/// The advice, the watched components, the incidents, and how old all this is.
fn more(picture: &Picture) -> Vec<String> {
    let page = &picture.page;
    let mut lines = vec![picture.advice().to_owned()];
    lines.extend(page.expectation(picture.now).map(|e| text::expectation(&e)));
    lines.extend(text::sessions::counts(page.sessions()));
    for component in page.watched().filter(|component| component.is_listed()) {
        let name = component.shown_name();
        let filtered = page
            .filtered(component)
            .map_or_else(String::new, |(why, of)| format!(" ({})", text::filtered(why, &of)));
        lines.push(format!("{name}: {}{filtered}", text::level(component.level)));
    }
    lines.extend(page.missing_entries().iter().map(|entry| format!("{entry}: not on the page")));
    let watched = |id| page.watched().any(|component| component.id == id);
    for incident in &page.incidents().open {
        if incident.components.is_empty() || incident.components.iter().cloned().any(watched) {
            let phase = text::phase(&incident.phase);
            lines.push(format!("Incident: {} ({phase})", incident.name));
        }
    }
    for known in page.announced(picture.now, false) {
        let plan = text::maintenance::plan(known, picture.known_at(), &page.settings().zone);
        lines.push(format!("Maintenance: {plan}"));
        lines.extend(page.link(known.id()));
    }
    if let Some(at) = page.page_health().last_good {
        let at = text::clock(at, picture.now, &page.settings().zone);
        lines.push(old(picture).map_or_else(|| format!("As of {at}"), |old| text::sentence(&old)));
    }
    lines.into_iter().map(|line| sanitize::line(&line, LINE)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Answer {
        Answer {
            verdict: Verdict::Wait,
            level: Level::Partial,
            urgent: false,
            old: false,
            works: false,
            nameless: false,
            text: "A & <b> #[x] \"q\" %H: partial outage (12 min)".to_owned(),
            short: "partial outage: A #[x] %H (12 min)".to_owned(),
            more: vec!["Wait. <i>".to_owned(), "A & B".to_owned()],
        }
    }

    #[test]
    fn every_form_byte_by_byte() {
        for (form, colours, expected) in [
            (Form::Line, true, r#"A & <b> #[x] "q" %H: partial outage (12 min)"#),
            (Form::Starship, true, r#"A & <b> #[x] "q" %H: partial outage (12 min)"#),
            (
                Form::ClaudeCode,
                true,
                "\x1b[31m●\x1b[0m A & <b> #[x] \"q\" %H: partial outage (12 min)",
            ),
            (Form::ClaudeCode, false, r#"● A & <b> #[x] "q" %H: partial outage (12 min)"#),
            (Form::Tmux, true, "#[fg=red]partial outage: A ##[x] %H (12 min)#[fg=default]"),
            (Form::Tmux, false, "partial outage: A ##[x] %H (12 min)"),
            (
                Form::Waybar,
                true,
                r#"{"text":"A &amp; &lt;b&gt; #[x] \"q\" %H: partial outage (12 min)","alt":"wait","tooltip":"Wait. &lt;i&gt;\nA &amp; B","class":["wait","partial"]}"#,
            ),
            (
                Form::I3blocks,
                true,
                r##"{"full_text":"A & <b> #[x] \"q\" %H: partial outage (12 min)","short_text":"wait","color":"#FF5555","urgent":false,"markup":"none"}"##,
            ),
        ] {
            assert_eq!(answer().render(form, colours), expected, "{form:?}");
        }
    }

    #[test]
    fn colours_follow_the_verdict_then_the_level() {
        for (verdict, level, expected) in [
            (Verdict::Wait, Level::Major, "red"),
            (Verdict::Wait, Level::Degraded, "yellow"),
            (Verdict::Wait, Level::Reported, "yellow"),
            (Verdict::Wait, Level::Maintenance, "blue"),
            (Verdict::Retry, Level::Major, "green"),
            (Verdict::Clear, Level::Operational, "green"),
            (Verdict::Suspect, Level::Operational, "yellow"),
            (Verdict::Unknown, Level::Major, "yellow"),
        ] {
            let answer = Answer { verdict, level, ..answer() };
            assert_eq!(answer.colour().name, expected, "{verdict:?} {level}");
        }
    }
}
