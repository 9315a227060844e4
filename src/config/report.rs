//! Collects what is wrong with one configuration file, with the place and the next step.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::error::Problem;

/// How alike (0 to 1) two words must be for one to be suggested for the other.
const ALIKE: f64 = 0.6;

/// The most characters of a value that a message repeats.
const EXCERPT: usize = 60;

/// What is known while a file is read.
pub(super) struct Report<'t> {
    text: &'t str,
    /// Every key that there is, with its default.
    defaults: Vec<(String, toml::Value)>,
    /// Where the file sets which key.
    places: BTreeMap<String, Range<usize>>,
    /// The keys whose values were refused.
    refused: BTreeSet<String>,
    problems: Vec<Problem>,
}

impl<'t> Report<'t> {
    /// An empty report about `text`.
    pub(super) fn new(text: &'t str, defaults: Vec<(String, toml::Value)>) -> Self {
        let (places, refused, problems) = Default::default();
        Self { text, defaults, places, refused, problems }
    }

    /// All that was found, in the order of the file.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|problem| problem.at);
        self.problems
    }

    /// These keys are known, too: a table of a list has them once it is there.
    pub(super) fn knows(&mut self, keys: Vec<(String, toml::Value)>) {
        self.defaults.extend(keys);
    }

    /// Notes that the file sets `path` at `place`.
    pub(super) fn found(&mut self, path: &str, place: Range<usize>) {
        self.places.insert(path.to_owned(), place);
    }

    /// The file is not TOML.
    pub(super) fn syntax(&mut self, error: &toml::de::Error) {
        let mut message = printable(&error.message().replace('\n', ", "));
        let place = error.span().unwrap_or(0..0);
        if let Some(source) = self.text.get(place.clone()).map(str::trim).filter(|s| !s.is_empty())
        {
            message.push_str(&format!(", near {}", excerpt(source)));
        }
        let hint = "a line is a [table] or a key = \"value\", and there is each of them once";
        self.add(place, message, hint.to_owned());
    }

    /// The value of `path` can't be taken; `why` says what is expected.
    pub(super) fn refuse(&mut self, path: &str, why: &str) {
        self.conflict(&[path], why);
    }

    /// The value of the first of `paths` can't be taken together with those of the others.
    ///
    /// Says nothing if one of the values was refused before: what it was meant to be is not
    /// known, and its default is not what the user reads in the file.
    pub(super) fn conflict(&mut self, paths: &[&str], why: &str) {
        let Some(path) = paths.first() else { return };
        if paths.iter().any(|path| self.refused.contains(*path)) {
            return;
        }
        // At least one of them is in the file, because the defaults agree with each other.
        let table = path.rsplit_once('.').map_or("", |(table, _)| table);
        let places = paths.iter().copied().chain([table]);
        let place = places.filter_map(|path| self.places.get(path)).next().cloned();
        let place = place.unwrap_or(0..0);
        let message = format!("`{path}` is {}; {why}", self.value(path));
        let hint = match self.defaults.iter().find(|(key, _)| key == path) {
            Some((_, value)) if path.starts_with("pages.") && value.as_str() == Some("") => {
                "each of [[pages]] has a name and an address of its own".to_owned()
            }
            Some((_, value)) => {
                let key = path.rsplit('.').next().unwrap_or(path);
                format!("the default: {key} = {value}")
            }
            None => format!("write [{path}] on a line of its own, and its keys below it"),
        };
        self.refused.insert((*path).to_owned());
        self.add(place, message, hint);
    }

    /// A key that there isn't, or a table.
    pub(super) fn unknown(&mut self, path: &str, place: Range<usize>) {
        let message = format!("unknown key `{}`", excerpt(path));
        let (message, hint) = match self.suggestion(path) {
            Some(known) => {
                let (table, key) = known.rsplit_once('.').unwrap_or(("", &known));
                let hint = match path.rsplit_once('.').map_or("", |(table, _)| table) {
                    same if same == table => format!("write {key} instead"),
                    _ if table.is_empty() => format!("move {key} above the first [table]"),
                    _ => format!("write {key} below [{table}]"),
                };
                (format!("{message}; did you mean `{known}`?"), hint)
            }
            None => (message, self.known_beside(path)),
        };
        self.add(place, message, hint);
    }

    /// The known key, or at the top also the table, that `path` most likely stands for: the most
    /// similar name, between equals the one in the same table.
    fn suggestion(&self, path: &str) -> Option<String> {
        let (table, key) = path.rsplit_once('.').unwrap_or(("", path));
        let known = || self.defaults.iter().map(|(known, _)| known.as_str());
        let tables = known().filter_map(|known| known.split_once('.')).map(|(table, _)| table);
        let tables = tables.filter(|_| table.is_empty());
        let candidates: BTreeSet<&str> = known().chain(tables).collect();
        let score = |known: &str| {
            let (its_table, its_key) = known.rsplit_once('.').unwrap_or(("", known));
            let alike = strsim::normalized_damerau_levenshtein(&key.to_lowercase(), its_key);
            // A slight preference, so that it only decides between equals.
            if its_table == table { alike + 0.05 } else { alike }
        };
        let best = candidates.into_iter().max_by(|a, b| score(a).total_cmp(&score(b)))?;
        (score(best) >= ALIKE).then(|| best.to_owned())
    }

    /// A hint at what there is where `path` is.
    fn known_beside(&self, path: &str) -> String {
        let table = path.rsplit_once('.').map_or("", |(table, _)| table);
        let prefix = if table.is_empty() { String::new() } else { format!("{table}.") };
        let beside =
            |known: &'_ str| known.strip_prefix(&prefix)?.split('.').next().map(str::to_owned);
        let mut names: Vec<_> =
            self.defaults.iter().filter_map(|(known, _)| beside(known)).collect();
        names.dedup();
        format!("known here: {}", names.join(", "))
    }

    /// The value of `path` as the file writes it, or its default.
    fn value(&self, path: &str) -> String {
        match self.places.get(path).and_then(|place| self.text.get(place.clone())) {
            Some(source) => excerpt(source),
            None => match self.defaults.iter().find(|(key, _)| key == path) {
                Some((_, value)) => format!("{value} by default"),
                None => "missing".to_owned(),
            },
        }
    }

    fn add(&mut self, place: Range<usize>, message: String, hint: String) {
        let before = self.text.get(..place.start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.matches('\n').count() + 1;
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        self.problems.push(Problem { at: (line, column), message, hint });
    }
}

/// Which of `known` was most likely meant by `word`.
pub(super) fn closest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let score = |known: &str| strsim::normalized_damerau_levenshtein(&word.to_lowercase(), known);
    let best = known.iter().copied().max_by(|a, b| score(a).total_cmp(&score(b)))?;
    (score(best) >= ALIKE).then_some(best)
}

/// The beginning of what the file writes, without a password, without what stands behind an address
/// (it may be a token), and without anything that a terminal would act on.
fn excerpt(source: &str) -> String {
    let without = |start: usize, rest: usize| {
        let (start, rest) = (source.get(..=start), source.get(rest..));
        format!("{}...{}", start.unwrap_or_default(), rest.unwrap_or_default())
    };
    let behind = source.find("://").and_then(|at| {
        let mark = source.get(at..)?.find(['?', '#'])?;
        Some(at + mark)
    });
    let end = source.trim_end_matches(['"', '\'']).len();
    let shown = match (source.find(':'), source.rfind('@'), behind) {
        (_, None, Some(mark)) => without(mark, end.max(mark + 1)),
        // Either may hold the other.
        (Some(colon), Some(_), Some(_)) => without(colon, end),
        (Some(colon), Some(at), None) if colon < at => without(colon, at),
        _ => source.to_owned(),
    };
    let mut start: String = shown.chars().take(EXCERPT).collect();
    if start.len() < shown.len() {
        start.push_str("...");
    }
    printable(&start)
}

/// `text` with everything escaped that does not show as itself.
fn printable(text: &str) -> String {
    let escape = |c: char| match c {
        '"' | '\'' | '\\' => vec![c],
        _ => c.escape_debug().collect(),
    };
    text.chars().flat_map(escape).collect()
}
