//! What is private without being secret: where files are, who somebody is, what they work on.

use std::ops::Range;

use super::pattern::{Pattern, Text};
use super::{Span, next_char, part, trimmed};

const PATH: &str = "[path]";
const EMAIL: &str = "[email]";
const PRIVATE: &str = "[private]";

/// Where a path may begin: of Unix, of a home, of Windows with and without a drive, relative.
static BEGINNING: Pattern = Pattern::new(
    &["/", "\\"],
    r"(?:^|[^A-Za-z0-9_./~\\\]\-])(~[A-Za-z0-9_.\-]*[/\\]|/[^\s/\\]|[A-Za-z]:(?:\\+|/)[^\s/\\]|\\\\+[A-Za-z0-9?.]|\$\{?[A-Z_]+\}?[/\\]|%[A-Za-z_]+%[/\\]|\.\.?[/\\][A-Za-z0-9._])",
);
/// Addresses, of the web and of other things.
static ADDRESS: Pattern = Pattern::new(&["://"], r#"([A-Za-z][A-Za-z0-9+.\-]*://[^\s"'<>`]+)"#);
static WEB: Pattern = Pattern::new(&["://"], r"^(?i:https?|wss?|grpcs?|socks[45h]*)://");
/// A file with an ending, below some directory.
static RELATIVE: Pattern = Pattern::new(
    &["/", "\\"],
    r#"(?:^|[\s"'<>|:()`,;=\[\]{}])([^\s"'<>|:()`,;=\[\]{}/\\]+[/\\](?:[^\s"'<>|:()`]+[/\\])*[^\s"'<>|:()`/\\]+\.[A-Za-z][A-Za-z0-9]{0,9})"#,
);
/// Claude Code's name for a project: its path, with dashes.
static DASHED: Pattern = Pattern::new(
    &["-"],
    r"(?:^|[^A-Za-z0-9_\-])(-(?:home|Users|root|srv|mnt|var|opt|tmp|private|Volumes|work|workspaces?|data)-[A-Za-z0-9\-]+)",
);
static MAIL: Pattern = Pattern::new(
    &["@", "%40", "＠", "&#64;", "&commat;", "(at)", "[at]"],
    r#"([^\s@"'<>`(){}\[\],;:/\\=]+(?:@|%40|＠|&#64;|&commat;| ?[(\[]at[)\]] ?)[A-Za-z0-9\x80-\xff](?:[A-Za-z0-9.\-\x80-\xff]*[A-Za-z0-9\x80-\xff])?(?::[A-Za-z~/][^\s"'<>`]*)?)"#,
);
static VERSION: Pattern = Pattern::new(&["@"], r"@\d+(?:\.\d+)*(?:-[a-z0-9.]+)?$");
/// Addresses on Anthropic's own hosts, written without a scheme.
static ANTHROPICS: Pattern =
    Pattern::new(&[], r"^(?:[a-z0-9\-]+\.)*(?:claude\.com|claude\.ai|anthropic\.com)[/\\]");
/// Bedrock's names of models, which have a slash in them.
static MODEL: Pattern =
    Pattern::new(&[], r"^(?:inference-profile|foundation-model)/(?:[a-z\-]+\.)?anthropic\.");
/// The API's own paths, and those of gateways in the same form.
static ENDPOINT: Pattern =
    Pattern::new(&[], r"^/(?:[a-z]+/)?v\d+(?:beta\d*)?(?:/[a-z_]+)*(?:\?.*)?$");
/// Files of Claude Code that everybody has at the same place.
static KNOWN: Pattern = Pattern::new(
    &[],
    r"/(?:\.claude/(?:settings(?:\.local)?\.json|\.credentials\.json)|\.claude\.json|(?:claude-code|ClaudeCode)/managed-settings\.json)$",
);

/// Directories at the top, which alone make a path of one part.
const TOPS: &[&str] = &[
    "home",
    "root",
    "Users",
    "srv",
    "tmp",
    "var",
    "opt",
    "mnt",
    "media",
    "etc",
    "private",
    "Volumes",
    "usr",
    "data",
    "workspace",
    "workspaces",
    "proc",
    "dev",
    "run",
    "Library",
];
/// Slashes between words that make no path.
const NO_PATHS: &[&str] = &["and/or", "application/json", "text/html", "text/event-stream"];
/// Names of branches that tell nothing.
const COMMON: &[&str] = &["HEAD", "main", "master", "develop"];
/// What stands before the name of a branch, a user or a project.
const BEFORE_NAME: &[&str] = &[
    "branch",
    "refs/heads/",
    "origin/",
    "upstream/",
    "ref",
    "checkout",
    "switch",
    "merge",
    "rebase",
    "head ->",
    "worktree",
    "user",
    "username",
    "repo",
    "repository",
    "project",
];

/// No word of these has more characters.
const LONGEST_BEFORE: usize = 16;

/// All of it, with `secrets` already found.
pub(super) fn find(
    text: &Text<'_>,
    secrets: &[Span],
    home: Option<&str>,
    words: &[String],
) -> Vec<Span> {
    let whole = text.whole;
    let (web, other): (Vec<_>, Vec<_>) =
        ADDRESS.groups(text).partition(|range| WEB.fits(part(whole, range)));
    let mut found: Vec<(Range<usize>, String)> =
        other.into_iter().map(|range| (trimmed(whole, range), PATH.to_owned())).collect();
    found.extend(web.iter().filter_map(|range| web_path(whole, range)));
    let web = Places::of(web);
    found.extend(directories(whole, home, words));
    found.extend(paths(text, &web));
    found.extend(DASHED.groups(text).map(|range| (range, PATH.to_owned())));
    // The host behind a password is none of a mail.
    let secrets = Places::of(secrets.iter().map(|span| span.range.clone()).collect());
    let mails = MAIL.groups(text).filter(|range| !secrets.meet(range));
    let mails = mails.filter(|range| !VERSION.fits(part(whole, range)));
    found.extend(mails.map(|range| (trimmed(whole, range), EMAIL.to_owned())));
    for name in home.into_iter().chain(words.iter().map(String::as_str)) {
        found.extend(names(whole, name, &web).map(|range| (range, PRIVATE.to_owned())));
    }
    found.into_iter().map(|(range, label)| Span { range, label }).collect()
}

/// The home directory and those of `words`, as they are and as Claude Code names projects.
fn directories(text: &str, home: Option<&str>, words: &[String]) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let literal = home.into_iter().filter(|home| home.len() > 1);
    for directory in literal.chain(words.iter().map(String::as_str).filter(|w| is_path(w))) {
        let directory = directory.trim_end_matches(['/', '\\']);
        let whole = whole(text, directory, |c| c.is_alphanumeric() || matches!(c, '_' | '-'));
        found.extend(whole.map(|range| path(text, range.start, range.end)));
        let dashed: String =
            directory.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        if dashed.len() > 4 {
            let places = text.match_indices(&dashed);
            found.extend(
                places.map(|(at, it)| (dash_end(text, at, at + it.len()), PATH.to_owned())),
            );
        }
    }
    found
}

/// Paths by how they begin, and files below a directory; none of them in an address of the web.
fn paths(text: &Text<'_>, web: &Places) -> Vec<(Range<usize>, String)> {
    let whole = text.whole;
    let (mut found, mut end) = (Vec::new(), 0);
    for range in BEGINNING.groups(text).filter(|range| !web.hold(range.start)) {
        if range.start < end {
            continue;
        }
        let (range, label) = path(whole, range.start, range.end);
        end = range.end;
        let path = part(whole, &range);
        if is_deep(path) && !ENDPOINT.fits(path) {
            found.push((range, label));
        }
    }
    let relative = RELATIVE.groups(text).filter(|range| !web.hold(range.start));
    let relative = relative.filter(|range| {
        let path = part(whole, range);
        !ANTHROPICS.fits(path) && !MODEL.fits(path)
    });
    found.extend(relative.map(|range| (range, PATH.to_owned())));
    found
}

/// Parts of a text, in order and apart from each other.
struct Places(Vec<Range<usize>>);

impl Places {
    fn of(mut parts: Vec<Range<usize>>) -> Self {
        parts.sort_by_key(|part| part.start);
        let mut places: Vec<Range<usize>> = Vec::with_capacity(parts.len());
        for part in parts {
            match places.last_mut().filter(|last| part.start < last.end) {
                Some(last) => last.end = last.end.max(part.end),
                None => places.push(part),
            }
        }
        Self(places)
    }

    /// The first that doesn't end before a place.
    fn first_from(&self, at: usize) -> Option<&Range<usize>> {
        self.0.get(self.0.partition_point(|part| part.end <= at))
    }

    /// Whether one of them has a place in it.
    fn hold(&self, at: usize) -> bool {
        self.first_from(at).is_some_and(|part| part.contains(&at))
    }

    /// Whether one of them and a part of the text overlap.
    fn meet(&self, range: &Range<usize>) -> bool {
        self.first_from(range.start).is_some_and(|part| part.start < range.end)
    }
}

/// What is behind a host other than Anthropic's: whose project it is, and which. The API's own
/// paths stay, whoever offers them.
fn web_path(text: &str, address: &Range<usize>) -> Option<(Range<usize>, String)> {
    let range = trimmed(text, address.clone());
    let whole = part(text, &range);
    let (_, behind) = whole.split_once("://")?;
    let (host, _) = behind.split_once(['/', '?', '#'])?;
    let path = behind.get(host.len()..).filter(|path| path.starts_with('/') && path.len() > 1)?;
    let path = Some(path).filter(|path| !host.is_empty() && !ENDPOINT.fits(path))?;
    let host = host.rsplit('@').next()?;
    let own = ANTHROPICS.fits(&format!("{host}/"))
        || host == "github.com" && path.starts_with("/anthropics/");
    (!own).then(|| (range.end - path.len()..range.end, format!("/{PATH}")))
}

fn is_path(word: &str) -> bool {
    word.len() > 1 && (word.starts_with(['/', '\\', '~']) || word.get(1..2) == Some(":"))
}

/// A path of one part is a command of Claude Code, unless everybody knows the directory.
fn is_deep(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else { return true };
    let (first, deeper) =
        rest.split_once(['/', '\\']).map_or((rest, false), |(first, _)| (first, true));
    deeper || TOPS.contains(&first)
}

/// The path whose first part is known, to its end, and what is to stand there.
fn path(text: &str, start: usize, known: usize) -> (Range<usize>, String) {
    let before = text.get(..start).and_then(|text| text.chars().next_back());
    let quote = before.filter(|c| matches!(c, '"' | '\'' | '`'));
    let rest = text.get(known..).unwrap_or_default();
    let closing = quote.and_then(|quote| rest.find([quote, '\n']));
    let closed = closing.filter(|at| rest.get(*at..).is_some_and(|rest| !rest.starts_with('\n')));
    let range = match closed {
        Some(at) => trimmed(text, start..known + at),
        None => unquoted(text, start, known),
    };
    let shown = part(text, &range).replace('\\', "/");
    let label = KNOWN.find(&shown).map_or_else(
        || PATH.to_owned(),
        |tail| match &shown {
            all if all.starts_with("~/.claude/") || all.starts_with("/etc/claude-code/") => {
                all.clone()
            }
            _ => format!("{PATH}{tail}"),
        },
    );
    (range, label)
}

/// To the next space, and on where what follows can only be more of it.
fn unquoted(text: &str, start: usize, known: usize) -> Range<usize> {
    let token = |at: usize| {
        let rest = text.get(at..).unwrap_or_default();
        let end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '|');
        at + rest.find(end).unwrap_or(rest.len())
    };
    let mut range = start..token(known);
    loop {
        let short = trimmed(text, range.clone());
        if short.end < range.end || !text.get(range.end..).is_some_and(|rest| rest.starts_with(' '))
        {
            return short;
        }
        // Names of directories have spaces in them, mostly before a capital letter.
        let users = part(text, &range).rsplit(['/', '\\']).nth(1) == Some("Users");
        let mut at = range.end;
        let more = (0..4).find_map(|_| {
            let next = at + 1;
            let end = token(next);
            let word = part(text, &(next..end)).to_owned();
            let capital = word.starts_with(|c: char| c.is_uppercase());
            at = end;
            if continues(&word) || capital && is_file(&word) {
                return Some(Some(end));
            }
            let goes_on = text.get(end..).is_some_and(|rest| rest.starts_with(' '));
            match (capital, users) {
                (true, true) => Some(Some(end)),
                (true, false) if goes_on => None,
                _ => Some(None),
            }
        });
        match more.flatten() {
            Some(end) => range.end = end,
            None => return short,
        }
    }
}

/// Whether a word can be the middle of a path that began before it.
fn continues(word: &str) -> bool {
    let inner = word.trim_matches(|c: char| !c.is_alphanumeric());
    let own = word.starts_with(['/', '~', '.', '(', '[', '$', '%']) || word.contains("://");
    inner.contains(['/', '\\']) && !own && !NO_PATHS.contains(&inner)
}

/// Whether a word ends as the name of a file does.
fn is_file(word: &str) -> bool {
    let word = word.trim_end_matches(|c: char| !c.is_alphanumeric());
    let ending = word.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|it| it.len() <= 5 && it.starts_with(|c: char| c.is_ascii_lowercase()))
}

/// The end of a project's dashed name.
fn dash_end(text: &str, start: usize, known: usize) -> Range<usize> {
    let rest = text.get(known..).unwrap_or_default();
    let more = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    start..known + more.unwrap_or(rest.len())
}

/// Where `word` stands with nothing that belongs to a longer one on either side.
fn whole<'a>(
    text: &'a str,
    word: &'a str,
    joins: impl Fn(char) -> bool + 'a,
) -> impl Iterator<Item = Range<usize>> + 'a {
    let mut from = 0;
    let places = std::iter::from_fn(move || {
        let at = from + text.get(from..)?.find(word).filter(|_| !word.is_empty())?;
        from = next_char(text, at);
        Some(at..at + word.len())
    });
    places.filter(move |range| {
        let before = text.get(..range.start).and_then(|text| text.chars().next_back());
        let after = text.get(range.end..).and_then(|text| text.chars().next());
        !before.is_some_and(&joins) && !after.is_some_and(&joins)
    })
}

/// The name of a branch, or the last part of a directory. One that could be a plain word counts
/// only where such a name stands: it must not blot out the words of an error.
fn names<'a>(
    text: &'a str,
    word: &'a str,
    web: &'a Places,
) -> impl Iterator<Item = Range<usize>> + 'a {
    let name =
        if is_path(word) { word.rsplit(['/', '\\']).next().unwrap_or_default() } else { word };
    let plain = name.chars().all(char::is_alphabetic) || name.len() <= 3;
    let telling = !name.is_empty() && !COMMON.contains(&name);
    let places = whole(text, name, |c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    let off_web = |range: &Range<usize>| !web.hold(range.start);
    places
        .filter(move |range| telling && (!plain || (off_web(range) && is_name_there(text, range))))
}

fn is_name_there(text: &str, range: &Range<usize>) -> bool {
    let before = text.get(..range.start).unwrap_or_default();
    let after = text.get(range.end..).unwrap_or_default();
    let slash = ['/', '\\'];
    // Behind a slash that nothing is before stands a command of Claude Code.
    let above =
        before.strip_suffix(slash).is_some_and(|it| it.ends_with(|c: char| !c.is_whitespace()));
    let in_path = above || after.starts_with(slash);
    let before = before.trim_end_matches([' ', '"', '\'', '`', '=', ':', '(']);
    let last = before.char_indices().rev().nth(LONGEST_BEFORE).map_or(0, |(at, _)| at);
    let before = before.get(last..).unwrap_or_default().to_lowercase();
    in_path || BEFORE_NAME.iter().any(|word| before.ends_with(word))
}

/// Every pattern that is looked for in whole texts.
#[cfg(test)]
pub(super) const PATTERNS: [&Pattern; 5] = [&BEGINNING, &ADDRESS, &RELATIVE, &DASHED, &MAIL];
