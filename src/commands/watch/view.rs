//! What is on the screen, as a function of what is known: nothing is read or remembered here.
//!
//! Only the sixteen colours that every terminal has, so that its own theme decides.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::{Alignment, Constraint, Layout};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::fit::fitted;
use crate::client::picture::Picture;
use crate::commands::status::text::{
    concerning, is_shown, level_words, missing, note, sources, why_unknown, work_lines,
};
use crate::render::names::{Names, PastNames};
use crate::render::{columns, sanitize};
use ccwatch_core::history::uptime::Watch;
use ccwatch_core::history::watched::was_learnt_later;
use ccwatch_core::model::{ComponentId, Incident, Level};
use ccwatch_core::monitor::Transition;
use ccwatch_core::state::component::Component;
use ccwatch_core::state::maintenance::KnownMaintenance;
use ccwatch_core::state::verdict::Verdict;
use ccwatch_core::text;

/// The longest name of a component, in characters.
const NAME: usize = 24;
/// The longest text of an update, in characters.
const UPDATE: usize = 300;
/// The longest title, in characters.
const TITLE: usize = 160;

/// All that decides what is drawn.
pub(super) struct Scene<'a> {
    pub(super) picture: &'a Picture,
    /// Why the daemon's database can't be read, where that is so.
    pub(super) unreadable: Option<&'a str>,
    /// The newest first.
    pub(super) changes: &'a [Transition],
    /// The times in which the page could be seen, oldest first.
    pub(super) watches: &'a [Watch],
    /// Also what is not watched.
    pub(super) all: bool,
    /// By how many lines.
    pub(super) scrolled: u16,
    pub(super) colours: bool,
}

/// Draws all of it, on a screen of any size.
pub(super) fn draw(frame: &mut Frame<'_>, scene: &Scene<'_>) {
    let columns = usize::from(frame.area().width);
    let foot_lines = scene.foot(columns);
    let foot_height = u16::try_from(foot_lines.len()).unwrap_or(u16::MAX);
    let rows = [Constraint::Length(1), Constraint::Min(0), Constraint::Length(foot_height)];
    let [head, body, foot] = Layout::vertical(rows).areas(frame.area());
    let settings = scene.picture.page.settings();
    let host = || settings.page_url.split_once("://").map_or("", |(_, host)| host);
    let page = settings.label.as_ref().map_or_else(host, |label| label.name.as_str());
    let time =
        scene.picture.now.to_zoned_datetime(settings.zone.clone()).strftime("%H:%M:%S").to_string();
    let dim = Style::default().add_modifier(Modifier::DIM);
    frame.render_widget(Line::styled(format!("ccwatch  {}", sanitize::line(page, 60)), dim), head);
    frame.render_widget(Line::styled(time, dim).alignment(Alignment::Right), head);

    let lines = scene.lines();
    let lines: Vec<Line<'_>> = lines.iter().flat_map(|line| fitted(line, columns)).collect();
    frame.render_widget(Paragraph::new(lines).scroll((scene.scrolled, 0)), body);
    frame.render_widget(Paragraph::new(foot_lines), foot);
}

impl Scene<'_> {
    /// Where it is from, and what the keys do.
    fn foot(&self, columns: usize) -> Vec<Line<'static>> {
        let source = match self.unreadable {
            Some(why) => sanitize::line(why, UPDATE),
            None => sources(self.picture),
        };
        let keys = "q leaves   a all components   up and down scroll";
        let dim = Style::default().add_modifier(Modifier::DIM);
        [Line::raw(source), Line::styled(keys, dim)]
            .iter()
            .flat_map(|line| fitted(line, columns))
            .collect()
    }

    fn lines(&self) -> Vec<Line<'static>> {
        let mut lines = vec![Line::default()];
        lines.extend(self.verdict());
        lines.push(Line::default());
        lines.extend(self.components());
        for incident in concerning(self.picture, self.all) {
            lines.push(Line::default());
            lines.extend(self.incident(incident));
        }
        for known in self.picture.page.announced(self.picture.now, self.all) {
            lines.push(Line::default());
            lines.extend(self.work(known));
        }
        lines.extend(self.history());
        lines
    }

    fn verdict(&self) -> Vec<Line<'static>> {
        let verdict = self.picture.verdict();
        let colour = match verdict {
            Verdict::Wait => Color::Red,
            Verdict::Retry | Verdict::Clear => Color::Green,
            Verdict::Suspect | Verdict::Unknown => Color::Yellow,
        };
        let bold = self.style(colour).add_modifier(Modifier::BOLD);
        let mut lines = vec![
            Line::styled(verdict.as_str().to_uppercase(), bold),
            Line::raw(self.picture.advice()),
        ];
        lines.extend(why_unknown(self.picture).map(Line::raw));
        let expected = self.picture.page.expectation(self.picture.now);
        lines.extend(expected.map(|expected| Line::raw(text::expectation(&expected))));
        lines.extend(text::sessions::counts(self.picture.page.sessions()).map(Line::raw));
        lines
    }

    fn components(&self) -> Vec<Line<'static>> {
        let page = &self.picture.page;
        let shown = page.components().iter().filter(|c| self.all || is_shown(self.picture, c));
        let names = Names::of(page.components(), NAME);
        let shown: Vec<(&str, &Component)> = shown.map(|c| (names.get(&c.id), c)).collect();
        let width = shown.iter().map(|(name, _)| columns::width(name)).max().unwrap_or(0);
        let line = |(name, component): &(&str, &Component)| {
            let words = columns::padded(&level_words(component), 20);
            Line::from(vec![
                Span::raw(format!("  {}  ", columns::padded(name, width))),
                Span::styled(words, self.level(component.level)),
                Span::raw(format!("  {}", note(self.picture, component))),
            ])
        };
        let line_of_missing = |entry: &str| {
            let entry = sanitize::line(entry, NAME);
            let entry = columns::padded(&entry, width);
            Line::raw(format!("  {entry}  not on the page; check watch.components"))
        };
        let missing = missing(self.picture).into_iter().map(line_of_missing);
        shown.iter().map(line).chain(missing).collect()
    }

    fn incident(&self, incident: &Incident) -> Vec<Line<'static>> {
        let zone = &self.picture.page.settings().zone;
        let phase = sanitize::line(text::phase(&incident.phase), NAME);
        let at = text::said_at(incident, self.picture.now)
            .map(|at| text::clock(at, self.picture.now, zone));
        let at = at.map_or_else(String::new, |at| format!(", {at}"));
        let title = format!("{} ({phase}{at})", sanitize::line(&incident.name, TITLE));
        let mut lines = vec![Line::styled(title, Style::default().add_modifier(Modifier::BOLD))];
        if let Some(update) = incident.updates.first().filter(|update| !update.body.is_empty()) {
            lines.push(Line::raw(sanitize::line(&update.body, UPDATE)));
        }
        lines
    }

    /// Announced work.
    fn work(&self, known: &KnownMaintenance) -> Vec<Line<'static>> {
        let bold = Style::default().add_modifier(Modifier::BOLD);
        let [head, more @ ..] = work_lines(self.picture, known);
        let more = more.into_iter().filter(|line| !line.is_empty());
        std::iter::once(Line::styled(head, bold)).chain(more.map(Line::raw)).collect()
    }

    /// What changed in the last days, of what is shown.
    fn history(&self) -> Vec<Line<'static>> {
        let page = &self.picture.page;
        let watched = |id: &ComponentId| page.watched().any(|component| component.id == *id);
        let zone = &page.settings().zone;
        let stamp = |at: Timestamp| {
            at.to_zoned_datetime(zone.clone()).strftime("%a %e %b %H:%M").to_string()
        };
        let pairs = self.changes.iter().map(|it| (&it.component, it.name.as_str()));
        let names = PastNames::of(page.components(), pairs, NAME);
        let name = |change: &Transition| names.get(&change.component, &change.name).to_owned();
        let line = |change: &Transition| {
            let later = match was_learnt_later(change.at, change.seen_at, self.watches) {
                true => format!(" (seen {})", stamp(change.seen_at)),
                false => String::new(),
            };
            Line::from(vec![
                Span::raw(format!("  {}  {}: ", stamp(change.at), name(change))),
                Span::styled(text::level(change.to), self.level(change.to)),
                Span::raw(later),
            ])
        };
        // That a component is well when it is seen for the first time is no change.
        let news = |c: &&Transition| c.from != Level::Unknown || c.to != Level::Operational;
        let shown = self.changes.iter().filter(news);
        let shown = shown.filter(|change| self.all || watched(&change.component));
        let mut lines: Vec<Line<'static>> = shown.map(line).collect();
        if lines.is_empty() {
            lines.push(Line::raw("  no change"));
        }
        let title = Style::default().add_modifier(Modifier::BOLD);
        let watched = self
            .watches
            .first()
            .map_or_else(String::new, |(since, _)| format!(", watched since {}", stamp(*since)));
        let head = Line::styled(format!("The last 7 days{watched}"), title);
        lines.splice(0..0, [Line::default(), head]);
        lines
    }

    fn level(&self, level: Level) -> Style {
        self.style(match level {
            Level::Operational => Color::Green,
            Level::Maintenance => Color::Blue,
            Level::Unknown | Level::Reported | Level::Degraded => Color::Yellow,
            Level::Partial | Level::Major => Color::Red,
        })
    }

    fn style(&self, colour: Color) -> Style {
        if self.colours { Style::default().fg(colour) } else { Style::default() }
    }
}

#[cfg(test)]
mod tests;
