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
    let edited = match there.and_then(|found| found.get_ref().as_table()?.get(key)) {
        Some(found) => {
            let span = found.span();
            format!("{}{value}{}", text.get(..span.start)?, text.get(span.end..)?)
        }
        None => with_line(text, table, &format!("{key} = {value}"), there.is_some())?,
    };
    let is_right = switch(&edited, table, key) == Some(value);
    (is_right && Config::parse(&edited, Path::new("")).is_ok()).then_some(edited)
}

/// The text with one more line in a table, right behind its head; a table that isn't there comes
/// at the end.
fn with_line(text: &str, table: &str, line: &str, is_there: bool) -> Option<String> {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    if !is_there {
        let gap = if text.is_empty() || text.ends_with('\n') { "" } else { end };
        let apart = if text.is_empty() { "" } else { end };
        return Some(format!("{text}{gap}{apart}[{table}]{end}{line}{end}"));
    }
    let mut at = 0;
    for written in text.split_inclusive('\n') {
        at += written.len();
        let head = written.split('#').next().unwrap_or_default().trim();
        if head.strip_prefix('[').and_then(|head| head.strip_suffix(']')).map(str::trim)
            == Some(table)
        {
            let (before, after) = text.split_at_checked(at)?;
            let gap = if before.ends_with('\n') { "" } else { end };
            return Some(format!("{before}{gap}{line}{end}{after}"));
        }
    }
    None
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
        ] {
            assert_eq!(with(text, true).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(
            with("[local]\ntranscripts = true\n", false).as_deref(),
            Some("[local]\ntranscripts = false\n")
        );
    }

    #[test]
    fn what_cant_be_done_for_certain_isnt() {
        for text in ["[local", "local = {}\n", "of_tomorrow = 1\n", "[[local]]\n"] {
            assert_eq!(with(text, true), None, "{text}");
        }
        assert_eq!(switch("[local]\ntranscripts = 1\n", "local", "transcripts"), None);
        assert_eq!(switch("[local]\ntranscripts = false\n", "local", "transcripts"), Some(false));
    }
}
