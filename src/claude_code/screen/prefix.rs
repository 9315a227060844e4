//! What collectors of logs put before a line: a time, a level, the name of a container or process.

/// Levels, as logs write them.
const LEVELS: &[&str] = &[
    "TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERR", "ERROR", "FATAL", "CRITICAL",
    "info", "warn", "debug", "stderr", "stdout",
];
const MONTHS: &[&str] =
    &["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// What workflows of GitHub mark a line with.
const MARKS: &[&str] = &["##[error]", "##[warning]", "##[group]", "::error::", "::warning::"];

/// A line without that. A name stays, unless it is Claude's: it tells whose line it is.
pub(super) fn without(line: &str) -> &str {
    let mut rest = line.trim_start();
    while let Some(shorter) = shortened(rest) {
        rest = shorter.trim_start();
    }
    rest
}

fn shortened(line: &str) -> Option<&str> {
    let marked = MARKS.iter().find_map(|mark| line.strip_prefix(mark));
    marked.or_else(|| bracketed(line)).or_else(|| syslog(line)).or_else(|| word(line))
}

/// A time, a level, or a name of Claude's in brackets.
fn bracketed(line: &str) -> Option<&str> {
    const LONGEST: usize = 60;
    let (inside, rest) = line.strip_prefix('[')?.split_once(']')?;
    let known = is_level(inside) || is_claudes(inside) || inside.split(' ').all(is_time);
    (inside.len() <= LONGEST && known).then_some(rest)
}

/// A time as syslog writes it, with the host, and the process where it is Claude Code.
fn syslog(line: &str) -> Option<&str> {
    let mut words = line.splitn(5, ' ').filter(|word| !word.is_empty());
    let (month, day, time, host) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let rest = words.next()?;
    let day = day.len() <= 2 && day.chars().all(|c| c.is_ascii_digit());
    let dated = MONTHS.contains(&month) && day && is_time(time) && !host.ends_with(':');
    let (process, behind) = rest.split_once(": ").unwrap_or(("", rest));
    dated.then_some(if is_claudes(process) && !process.contains(' ') { behind } else { rest })
}

/// A time, a level, or Claude's name before a bar.
fn word(line: &str) -> Option<&str> {
    let (word, rest) = line.split_once(char::is_whitespace)?;
    let bare = word.trim_end_matches([':', ',', '|']);
    let barred = || is_claudes(word).then(|| rest.trim_start().strip_prefix('|')).flatten();
    if is_time(bare) || is_level(bare) { Some(rest) } else { barred() }
}

fn is_level(word: &str) -> bool {
    LEVELS.contains(&word)
}

/// Whether a name is that of Claude Code, of a container or process that runs it.
fn is_claudes(name: &str) -> bool {
    let lower = name.to_lowercase();
    let mut parts = lower.split(|c: char| !c.is_alphanumeric());
    !lower.contains(char::is_whitespace) && parts.any(|part| part == "claude")
}

/// A date, a time of the day, or both, in digits.
fn is_time(word: &str) -> bool {
    let (date, time) = word.split_once('T').unwrap_or(("", word));
    let numeric =
        |text: &str, signs: &[char]| text.chars().all(|c| c.is_ascii_digit() || signs.contains(&c));
    let dated = numeric(word, &['-', '/']) && word.len() >= 8 && word.contains(['-', '/']);
    let zone = time.find(['Z', '+']).unwrap_or(time.len());
    let clock = time.get(..zone).unwrap_or_default();
    let timed = clock.matches(':').count() == 2 && numeric(clock, &[':', '.', ',']);
    dated || timed && numeric(date, &['-'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_levels_go_and_names_of_others_stay() {
        let cases = [
            ("2026-11-27T10:00:00.123Z API Error: 1", "API Error: 1"),
            ("[2026-11-27 10:00:00] [ERROR] x y", "x y"),
            ("2026-11-27T10:00:00.1234567Z ##[error]x y", "x y"),
            ("2026-11-27 10:00:00,123 WARN x y", "x y"),
            ("10:00:00 x y", "x y"),
            ("INFO x y", "x y"),
            ("Nov 27 10:00:00 build1 claude[4242]: x y", "x y"),
            ("Nov 27 10:00:00 web1 gunicorn[991]: x y", "gunicorn[991]: x y"),
            ("[pod/agent-5f77/claude] x y", "x y"),
            ("claude-1  | x y", "x y"),
            ("weather-api  | x y", "weather-api  | x y"),
            ("[payments] x y", "[payments] x y"),
            ("529 Overloaded", "529 Overloaded"),
            ("Error: x", "Error: x"),
            ("May I ask x", "May I ask x"),
            ("", ""),
        ];
        for (line, expected) in cases {
            assert_eq!(without(line), expected, "{line}");
        }
    }
}
