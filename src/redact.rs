//! Takes secrets and private things out of text before it leaves the machine or reaches a screen.
//!
//! Meant to err on the safe side: a word that looks like a key goes, even if it was none.

use std::path::Path;

/// What stands in place of a secret.
const SECRET: &str = "[secret]";
/// What stands in place of a path.
const PATH: &str = "[path]";
/// Beginnings of well-known keys and tokens.
const PREFIXES: &[&str] = &[
    "sk-",
    "sk_",
    "rk_",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "AKIA",
    "ASIA",
    "AIza",
    "ya29.",
    "eyJ",
    "npm_",
    "hf_",
    "pk-",
];
/// Words that announce a secret.
const ANNOUNCE: &[&str] = &[
    "bearer",
    "authorization",
    "x-api-key",
    "api-key",
    "apikey",
    "api_key",
    "token",
    "password",
    "secret",
    "cookie",
    "basic",
];
/// Identifiers that are long and no secret; support needs them.
const HARMLESS: &[&str] = &["req_", "msg_", "toolu_"];

/// Takes out what looks like a secret; everything else stays as it was.
pub fn secrets(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // For this many words more, something that is not plain prose is taken for the secret.
    let mut announced = 0_u8;
    for piece in pieces(text) {
        let Piece::Word(word) = piece else {
            if let Piece::Between(between) = piece {
                out.push_str(between);
            }
            continue;
        };
        let lower = word.to_ascii_lowercase();
        let announces = ANNOUNCE.iter().any(|name| lower.ends_with(name));
        let odd = word.len() >= 20 || word.chars().any(|c| c.is_ascii_digit());
        let meant = announced > 0 && word.len() >= 6 && odd;
        let goes = is_secret(word) || (meant && !announces && !is_harmless(word));
        out.push_str(if goes { SECRET } else { word });
        announced = if announces { 2 } else { announced.saturating_sub(1) };
    }
    logins(&out)
}

/// User names and passwords in addresses.
fn logins(text: &str) -> String {
    let mut parts = text.split("://");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| c == '/' || c.is_whitespace() || c == '"');
        let (host, rest) = part.split_at(end.unwrap_or(part.len()));
        let host = match host.rsplit_once('@') {
            Some((_, host)) => format!("{SECRET}@{host}"),
            None => host.to_owned(),
        };
        out.push_str("://");
        out.push_str(&host);
        out.push_str(rest);
    }
    out
}

/// Takes out secrets, paths, the home directory and `words`, such as the name of a branch.
pub fn private(text: &str, home: Option<&Path>, words: &[String]) -> String {
    let mut text = text.to_owned();
    let mut words: Vec<&String> = words.iter().filter(|word| is_telling(word)).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for word in words {
        text = text.replace(word.as_str(), "[private]");
    }
    if let Some(home) = home.and_then(Path::to_str).filter(|home| home.len() > 1) {
        text = text.replace(home, "~");
    }
    paths(&secrets(&text))
}

/// Names that everybody has tell nothing, and would blot out ordinary words.
fn is_telling(word: &str) -> bool {
    word.len() > 3 && !matches!(word, "HEAD" | "main" | "master" | "develop")
}

enum Piece<'a> {
    Word(&'a str),
    Between(&'a str),
}

/// Words of the characters that keys are made of, and what stands between them.
fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let in_word =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '+' | '/' | '~');
    let mut rest = text;
    std::iter::from_fn(move || {
        let word = in_word(rest.chars().next()?);
        let end = rest.find(|c| in_word(c) != word).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(if word { Piece::Word(piece) } else { Piece::Between(piece) })
    })
}

fn is_secret(word: &str) -> bool {
    let word = word.trim_matches(['.', '/', '-']);
    if is_harmless(word) {
        return false;
    }
    let prefixed = |part: &str| {
        PREFIXES.iter().any(|start| part.starts_with(start) && part.len() >= start.len() + 6)
    };
    if word.split('/').any(prefixed) {
        return true;
    }
    // Long, without a word in it: a path has slashes between short parts.
    word.split('/').any(|part| {
        let digits = part.chars().filter(char::is_ascii_digit).count();
        part.len() >= 32 && digits >= 4 && !part.contains('.')
    })
}

fn is_harmless(word: &str) -> bool {
    HARMLESS.iter().any(|start| word.starts_with(start)) || is_uuid(word)
}

fn is_uuid(word: &str) -> bool {
    let parts: Vec<usize> = word.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && word.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

/// Takes out paths of files; the path of an address on the web is none.
fn paths(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = next_path(rest) {
        let (before, found) = rest.split_at(start);
        let end = found
            .find(|c: char| {
                c.is_whitespace() || matches!(c, '"' | '\'' | ')' | ',' | ';' | '>' | '`')
            })
            .unwrap_or(found.len());
        out.push_str(before);
        out.push_str(PATH);
        rest = found.get(end..).unwrap_or_default();
    }
    out + rest
}

/// Where a path begins: `/a/b`, `~/a`, `C:\a`, not behind a letter, a slash or a colon.
fn next_path(text: &str) -> Option<usize> {
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let rest = text.get(at..).unwrap_or_default();
        let free = !(before.is_alphanumeric()
            || matches!(before, '/' | ':' | '.' | '_' | '-' | '\\' | '~'));
        let after = |n: usize| rest.chars().nth(n).unwrap_or(' ');
        let deep = || rest.chars().skip(1).take_while(|c| !c.is_whitespace()).any(|c| c == '/');
        let unix = c == '/' && (after(1).is_alphanumeric() || after(1) == '.') && deep();
        let home = c == '~' && after(1) == '/';
        let windows = c.is_ascii_alphabetic() && after(1) == ':' && after(2) == '\\';
        if free && (unix || home || windows) {
            return Some(at);
        }
        before = c;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_and_everything_else_stays() {
        for (text, expected) in [
            ("key sk-ant-api03-abcdefgh bad", "key [secret] bad"),
            ("Authorization: Bearer abc123xyz789", "Authorization: Bearer [secret]"),
            ("sk-ant-api03-abcdefghijklmtoken it", "[secret] it"),
            ("{\"x-api-key\":\"hunter2hunter2\"}", "{\"x-api-key\":\"[secret]\"}"),
            ("http://user:pa55word@proxy:8080/x", "http://[secret]@proxy:8080/x"),
            ("id 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", "id [secret]"),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig", "[secret]"),
            ("req_011CeM2FL1UdMH6NL1JxmXrT", "req_011CeM2FL1UdMH6NL1JxmXrT"),
            ("01313446-ae34-4e0c-9f91-4ef0bd66593c", "01313446-ae34-4e0c-9f91-4ef0bd66593c"),
            ("API Error: 529 Overloaded.", "API Error: 529 Overloaded."),
            ("https://status.claude.com/history", "https://status.claude.com/history"),
            ("OAuth token has expired", "OAuth token has expired"),
        ] {
            assert_eq!(secrets(text), expected);
        }
    }

    #[test]
    fn paths_branches_and_the_home_directory_go() {
        let words = ["feature/secret-plan".to_owned(), "main".to_owned()];
        for (text, expected) in [
            ("in /srv/repo/x.rs, line 3", "in [path], line 3"),
            ("at /home/me/work/a now", "at [path] now"),
            ("C:\\Users\\me\\p", "[path]"),
            ("on feature/secret-plan or main", "on [private] or main"),
            ("https://status.claude.com/history", "https://status.claude.com/history"),
            ("429 / 500", "429 / 500"),
        ] {
            assert_eq!(private(text, Some(Path::new("/home/me")), &words), expected);
        }
    }
}
