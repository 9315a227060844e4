//! What a look at the page gave, for people and as JSON.

use std::io::{self, Write};

use serde_json::{Value, json};
use url::Url;

use super::{Listed, Live, Seen};
use crate::commands::config::warn_of_missing;
use crate::page::engine::Format;
use crate::render::sanitize;
use ccwatch_core::model::{Failure, FailureKind, Incident};
use ccwatch_core::state::component::Component;
use ccwatch_core::text;

/// The longest name, and the longest list of them, in characters.
const NAME: usize = 100;
const LIST: usize = 1_000;

impl Live {
    /// What it is, for people.
    pub(in crate::commands::config) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        match &self.read {
            Ok(seen) => {
                writeln!(out, "{} is {}{}", shown(&self.url), self.format.title(), self.called())?;
                self.print_fallback(out)?;
                seen.print(self.format, out)
            }
            Err(failure) => {
                let (what, step) = text::failure(failure.kind);
                let detail = sanitize::line(&failure.detail, NAME * 2);
                let (url, engine) = (shown(&self.url), self.format.name());
                writeln!(
                    out,
                    "error: {url} can't be read with engine = {engine:?}: {what} ({detail})"
                )?;
                let step = self.suggestion(failure.kind).unwrap_or_else(|| step.to_owned());
                writeln!(out, "  hint: {step}")?;
                self.print_fallback(out)
            }
        }
    }

    /// Its name and id behind a comma, where it says them.
    fn called(&self) -> String {
        let name =
            self.name.name.as_ref().map(|name| format!(", {:?}", sanitize::line(name, NAME)));
        let id = self.name.id.as_ref().map(|id| format!(" (id {})", sanitize::line(id, NAME)));
        format!("{}{}", name.unwrap_or_default(), id.unwrap_or_default())
    }

    fn suggestion(&self, kind: FailureKind) -> Option<String> {
        if let Some((url, format)) = &self.instead {
            let url = shown(url);
            let regions = match format.has_regions() {
                true => ", and the regions that you use",
                false => "",
            };
            let (title, engine) = (format.title(), format.name());
            return Some(format!(
                "there is {title}: below [page] write url = {url:?} and engine = {engine:?}{regions}"
            ));
        }
        let id = self.name.id.as_ref().filter(|_| kind == FailureKind::OtherPage)?;
        let id = sanitize::line(id, NAME);
        Some(format!("if this is the page that you mean, write id = {id:?} below [page]"))
    }

    fn print_fallback(&self, out: &mut dyn Write) -> io::Result<()> {
        match &self.fallback {
            None => Ok(()),
            Some((url, None)) => writeln!(out, "{} (page.fallback) is the same page", shown(url)),
            Some((url, Some(failure))) => {
                let (what, step) = text::failure(failure.kind);
                let detail = sanitize::line(&failure.detail, NAME * 2);
                writeln!(out, "warning: page.fallback {}: {what} ({detail})", shown(url))?;
                writeln!(out, "  hint: {step}")
            }
        }
    }

    /// The same as JSON.
    pub(in crate::commands::config) fn json(&self) -> Value {
        let failed = self.read.as_ref().err();
        let seen = self.read.as_ref().ok();
        let error = |failure: &Failure| {
            let (what, step) = text::failure(failure.kind);
            let hint = self.suggestion(failure.kind).unwrap_or_else(|| step.to_owned());
            let message = format!("{what} ({})", failure.detail);
            json!({"kind": failure.kind.as_str(), "message": message, "hint": hint})
        };
        let instead =
            |(url, format): &(Url, Format)| json!({"url": shown(url), "engine": format.name()});
        let fallback = |(url, failure): &(Url, Option<Failure>)| {
            let kind = failure.as_ref().map(|failure| failure.kind.as_str());
            json!({"url": shown(url), "error_kind": kind})
        };
        json!({
            "url": shown(&self.url),
            "engine": self.format.name(),
            "id": self.name.id,
            "name": self.name.name,
            "readable": seen.is_some(),
            "error": failed.map(error),
            "instead": self.instead.as_ref().map(instead),
            "fallback": self.fallback.as_ref().map(fallback),
            "components": seen.map(Seen::components),
            "watch": seen.map(Seen::watch),
            "regions": seen.and_then(|seen| seen.regions.as_ref()).map(|regions| {
                json!({"named": regions.named, "not_named": regions.not_named})
            }),
            "incidents": seen.and_then(Seen::incidents),
            "not_understood": seen.map(|seen| &seen.oddities),
        })
    }
}

impl Seen {
    fn print(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        if let Some(what) = format.looks_for() {
            writeln!(out, "It is looked through for {what}.")?;
        }
        writeln!(out, "Components:")?;
        for component in self.listed() {
            let name = sanitize::line(component.shown_name(), NAME);
            let group = component.group.as_ref().map(|group| sanitize::line(&group.name, NAME));
            let group = group.map_or_else(String::new, |group| format!(" [{group}]"));
            let watched = match component.watched.as_deref() {
                None => "not watched".to_owned(),
                Some("") => "watched, as all are".to_owned(),
                Some(entry) => format!("watched as {:?}", sanitize::line(entry, NAME)),
            };
            writeln!(out, "  {name}{group}: {}, {watched}", text::level(component.level))?;
        }
        for entry in self.taken_entries() {
            let entry = sanitize::line(entry, NAME);
            writeln!(
                out,
                "note: watch.components: what {entry:?} means, another entry means, too"
            )?;
        }
        warn_of_missing("watch.components", &self.page, &[], out)?;
        self.print_regions(format, out)?;
        for line in &self.oddities {
            writeln!(out, "note: {}", sanitize::line(line, NAME * 2))?;
        }
        self.print_incidents(out)
    }

    fn print_regions(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        let Some(regions) = &self.regions else {
            return match format.has_regions() {
                true => writeln!(
                    out,
                    "(The feed names a region only while there is trouble: whether yours is spelt right \
                     can't be told from it.)"
                ),
                false => Ok(()),
            };
        };
        let named = sanitize::line(&regions.named.join(", "), LIST);
        for region in &regions.not_named {
            writeln!(
                out,
                "warning: nothing in the feed names the region {region:?}, now or in its past"
            )?;
            writeln!(out, "  hint: check its spelling; the feed names: {named}")?;
        }
        Ok(())
    }

    fn print_incidents(&self, out: &mut dyn Write) -> io::Result<()> {
        let open = &self.page.incidents().open;
        if open.is_empty() {
            let none = match self.lists {
                Some(Listed::All) => "No open incident.",
                Some(Listed::Some) => "No open incident that is understood.",
                None => "(It doesn't say here which incidents are open.)",
            };
            return writeln!(out, "{none}");
        }
        writeln!(out, "Open incidents:")?;
        for incident in open {
            let title = sanitize::line(&incident.name, NAME * 2);
            let phase = sanitize::line(text::phase(&incident.phase), NAME);
            let about = self.names(incident).join(", ");
            let about = if about.is_empty() { "names no component".to_owned() } else { about };
            writeln!(out, "  {title} ({phase}): {}", sanitize::line(&about, LIST))?;
        }
        Ok(())
    }

    fn listed(&self) -> impl Iterator<Item = &Component> {
        self.page.components().iter().filter(|component| component.is_listed())
    }

    /// What an incident names, as it is shown.
    fn names(&self, incident: &Incident) -> Vec<&str> {
        let named = self.listed().filter(|component| incident.names(&component.id));
        named.map(Component::shown_name).collect()
    }

    /// The components that answer to an entry.
    fn answering(&self, entry: &str) -> impl Iterator<Item = &Component> {
        self.listed().filter(move |component| component.watched.as_deref() == Some(entry))
    }

    /// Entries that mean nothing that an earlier one doesn't mean.
    fn taken_entries(&self) -> Vec<&str> {
        let missing = self.page.missing_entries();
        let entries = self.page.settings().watch.iter().map(String::as_str);
        let taken =
            |entry: &&str| !missing.contains(entry) && self.answering(entry).next().is_none();
        entries.filter(taken).collect()
    }

    fn components(&self) -> Vec<Value> {
        let row = |component: &Component| {
            json!({
                "id": component.id,
                "name": component.name,
                "group": component.group.as_ref().map(|group| &group.name),
                "level": component.level,
                "watched": component.watched.is_some(),
            })
        };
        self.listed().map(row).collect()
    }

    fn watch(&self) -> Vec<Value> {
        let entry = |entry: &String| {
            let ids: Vec<_> = self.answering(entry).map(|component| &component.id).collect();
            json!({"entry": entry, "components": ids})
        };
        self.page.settings().watch.iter().map(entry).collect()
    }

    /// The open ones; none where the page gives no list of them.
    fn incidents(&self) -> Option<Vec<Value>> {
        let row = |incident: &Incident| {
            json!({
                "id": incident.id,
                "name": incident.name,
                "phase": incident.phase,
                "impact": incident.impact,
                "components": incident.components,
            })
        };
        self.lists.map(|_| self.page.incidents().open.iter().map(row).collect())
    }
}

/// An address without a slash at its end.
fn shown(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}
