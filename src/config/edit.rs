//! One switch of the configuration file set to another value, with everything else left as it
//! stands: comments, order, line ends.

use std::path::Path;

use toml::de::DeTable;

use super::Config;

/// What a key is set to in the text; none: it isn't there, or isn't a switch.
pub fn switch(text: &str, table: &str, key: &str) -> Option<bool> {
    let parsed = DeTable::parse(text).ok()?;
    let found = parsed.get_ref().get(table)?.get_ref().as_table()?.get(key)?;
    found.get_ref().as_bool()
}

/// The text with `key` in `[table]` set to `value`; none where that can't be done for certain.
pub fn with_switch(text: &str, table: &str, key: &str, value: bool) -> Option<String> {
    let parsed = DeTable::parse(text).ok()?;
    let there = parsed.get_ref().get(table);
    let set = there.and_then(|found| found.get_ref().as_table()?.get(key));
    let edited = match (set, there) {
        (Some(found), _) => {
            let span = found.span();
            vec![format!("{}{value}{}", text.get(..span.start)?, text.get(span.end..)?)]
        }
        (None, None) => vec![with_table(text, table, &format!("{key} = {value}"))],
        (None, Some(_)) => with_entry(text, table, key, value),
    };
    let is_right = |edited: &String| {
        switch(edited, table, key) == Some(value) && Config::parse(edited, Path::new("")).is_ok()
    };
    edited.into_iter().find(is_right)
}

/// The text with a new table at its end.
fn with_table(text: &str, table: &str, line: &str) -> String {
    let end = line_end(text);
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { end };
    let apart = if text.is_empty() { "" } else { end };
    format!("{text}{gap}{apart}[{table}]{end}{line}{end}")
}

/// The text with one more entry in a table that is there: below its head, beside its other keys
/// where each has its name before it, or between its braces. Which of them is right shows when it
/// is read again.
fn with_entry(text: &str, table: &str, key: &str, value: bool) -> Vec<String> {
    let end = line_end(text);
    let (mut at, mut found) = (0, Vec::new());
    for written in text.split_inclusive('\n') {
        at += written.len();
        let Some((before, after)) = text.split_at_checked(at) else { continue };
        let gap = if before.ends_with('\n') { "" } else { end };
        let bare = written.split('#').next().unwrap_or_default().trim();
        let head = bare.strip_prefix('[').and_then(|head| head.strip_suffix(']'));
        let name = |word: &str| word.trim().trim_matches(['"', '\'']) == table;
        if head.is_some_and(name) {
            found.push(format!("{before}{gap}{key} = {value}{end}{after}"));
        }
        let Some((words, rest)) = bare.split_once('=') else { continue };
        if words.split_once('.').is_some_and(|(word, _)| name(word)) {
            found.push(format!("{before}{gap}{table}.{key} = {value}{end}{after}"));
        }
        if name(words) && rest.trim_start().starts_with('{') {
            let line = at - written.len();
            let Some(brace) = written.find('{').map(|brace| line + brace + 1) else { continue };
            let Some((before, after)) = text.split_at_checked(brace) else { continue };
            let comma = if after.trim_start().starts_with('}') { " " } else { "," };
            found.push(format!("{before} {key} = {value}{comma}{after}"));
        }
    }
    found
}

fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str, value: bool) -> Option<String> {
        with_switch(text, "local", "transcripts", value)
    }

    #[test]
    fn a_switch_is_set_and_all_else_stays_as_it_stands() {
        for (text, expected) in [
            ("", "[local]\ntranscripts = true\n"),
            (
                "# mine\nstale_after = \"10m\"  # why",
                "# mine\nstale_after = \"10m\"  # why\n\n[local]\ntranscripts = true\n",
            ),
            (
                "[local]  # of mine\n# transcripts = false\n\n[watch]\n",
                "[local]  # of mine\ntranscripts = true\n# transcripts = false\n\n[watch]\n",
            ),
            (
                "[local]\ntranscripts   =   false # no\n[watch]\n",
                "[local]\ntranscripts   =   true # no\n[watch]\n",
            ),
            ("local = { transcripts = false }\n", "local = { transcripts = true }\n"),
            ("local.transcripts = false\n", "local.transcripts = true\n"),
            ("[ local ]", "[ local ]\ntranscripts = true\n"),
            ("[watch]\r\n", "[watch]\r\n\r\n[local]\r\ntranscripts = true\r\n"),
            ("[watch]\n# [local]\n", "[watch]\n# [local]\n\n[local]\ntranscripts = true\n"),
            ("[local]\ntranscripts = true\n", "[local]\ntranscripts = true\n"),
            ("local = {}\n", "local = { transcripts = true }\n"),
            ("\"local\" = { } # none\n", "\"local\" = { transcripts = true  } # none\n"),
            ("[\"local\"]\n", "[\"local\"]\ntranscripts = true\n"),
        ] {
            assert_eq!(with(text, true).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(
            with("[local]\ntranscripts = true\n", false).as_deref(),
            Some("[local]\ntranscripts = false\n")
        );
    }

    #[test]
    fn a_table_that_is_written_in_another_way_gets_no_second_head() {
        for (text, expected) in [
            ("sessions.limits = true\n", "sessions.limits = true\nsessions.resume = true\n"),
            (
                "sessions . limits = true # mine\nsandbox = false",
                "sessions . limits = true # mine\nsessions.resume = true\nsandbox = false",
            ),
            ("sessions.limits = true", "sessions.limits = true\nsessions.resume = true\n"),
            ("sessions = { limits = true }\n", "sessions = { resume = true, limits = true }\n"),
            ("x.y = \"\"\"\n[sessions]\n\"\"\"\n[sessions]\nlimits = true\n", ""),
        ] {
            let edited = with_switch(text, "sessions", "resume", true);
            assert_eq!(edited.unwrap_or_default(), expected, "{text}");
        }
    }

    #[test]
    fn what_cant_be_done_for_certain_isnt() {
        for text in ["[local", "of_tomorrow = 1\n", "[[local]]\n"] {
            assert_eq!(with(text, true), None, "{text}");
        }
        assert_eq!(switch("[local]\ntranscripts = 1\n", "local", "transcripts"), None);
        assert_eq!(switch("[local]\ntranscripts = false\n", "local", "transcripts"), Some(false));
    }
}
