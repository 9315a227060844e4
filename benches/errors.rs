//! How long it takes to read a pasted error and to take what is private out of it: of errors as
//! they are, and of 16 KiB of what is hardest for it.
//!
//! `cargo bench --bench errors`; the longest line is what nobody should have to wait for.

use std::hint::black_box;
use std::io::{self, Write};
use std::path::Path;

use anyhow::Context;
use ccwatch::claude_code::pasted;
use ccwatch::platform::clock::now;
use ccwatch::redact;

const ROUNDS: usize = 5;
const LONG: usize = 16 << 10;

/// What each finder lives on, or nearly finds; repeated to the full length.
const PARTS: &[&str] = &[
    "a",
    "A",
    "1",
    " ",
    "=",
    "\"",
    "'",
    "`",
    "\\",
    ")",
    ">",
    "-",
    "_",
    "é",
    "\u{200b}a",
    "[[{{",
    "a b ",
    "aaaaaaa\n\n",
    "a\n\n",
    "● a\n",
    "> a\n",
    "{\"a\":",
    "{\"a\":[\n",
    "{\"type\":\"user\"}\n",
    "1:{\"a\":1}\n",
    "key=",
    "key: ",
    "code=x ",
    "a=b ",
    "a=\\\\",
    "key=&a&a",
    "?a=b&",
    "?a=b ",
    "a:b@",
    "a:b@c ",
    "a@b ",
    "@a",
    "://a:",
    "://a:b@c ",
    "http://a/b ",
    "sk-",
    "sk-ant- ",
    "eyjaaaaaaaa.",
    "ghp_aaaaaaaaa ",
    "akiaaaaaaaaaaaaaa ",
    "bearer abcdef1 ",
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN A",
    "cookie=",
    "cookie: a\n",
    "\"name\":\"token\",",
    "\"name\":\"",
    "\"password\":{\"a\":",
    "[\"token\",\"a\" ",
    "sshpass -p ",
    "-u a:b ",
    "--token a ",
    "token is a1b2 ",
    "password \"x\" ",
    "A a/a ",
    "a/a/",
    "/a b ",
    "a/b.c ",
    "C:\\Users\\A B ",
    "-home-a ",
    "arn:aws:",
    "organization_id:",
    "aB3dE5/",
    "aB3dE5fG7h",
    "8f14e45f-ceea-467f-a8d5-1b2c3d4e5f60 ",
    "\u{1b}[31m",
    "\u{1b}]0;",
    "529 overloaded ",
    "API Error",
    "API Error: 529 x\n\n",
    "apiエラー",
    "our API error: 500 ",
    "api error from http://a.b/http://a.b/ ",
    "get http://a.b/",
    "api error at a (b.js:1) ",
    "connection lost ",
    "\"fetch failed\": ",
    "CERT_A a.b ",
    "529 - `api_error`: ",
    "{\"error\":\"{}\",\"timestamp\":\"\"} ",
    "compaction failed: ",
    "If it persists, check ",
    "mcp error ",
    "req_01 ",
    "ECONNRESET CERT_X ",
    "⏺ Bash(x)\n  ⎿ a\n",
];

fn main() -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let errors = recorded()?;
    let (bytes, count) = (errors.iter().map(String::len).sum::<usize>(), errors.len());
    let took = best(|| errors.iter().for_each(|text| look(text)));
    let each = took * 1000.0 / f64::from(u32::try_from(count)?);
    writeln!(out, "{count} recorded errors, {} bytes each: {each:.0} µs each", bytes / count)?;
    let mut longest: Vec<(f64, &str)> = Vec::new();
    for part in PARTS {
        let text = part.repeat(LONG / part.len());
        longest.push((best(|| look(&text)), part));
    }
    longest.sort_by(|one, other| other.0.total_cmp(&one.0));
    writeln!(out, "16 KiB of one thing, {} things; the longest of them:", longest.len())?;
    for (took, part) in longest.iter().take(8) {
        writeln!(out, "{took:>7.2} ms  {part:?}")?;
    }
    Ok(())
}

/// Milliseconds, the best of some rounds: what else the machine does is not meant.
fn best(work: impl Fn()) -> f64 {
    let rounds = (0..ROUNDS).map(|_| {
        let begun = now();
        work();
        now().duration_since(begun).as_secs_f64() * 1000.0
    });
    rounds.fold(f64::INFINITY, f64::min)
}

/// All that `ccwatch evidence` does with a text; `ccwatch diagnose` does less.
fn look(text: &str) {
    let words = ["/srv/my acme/plan-b".to_owned(), "feature/secret-plan".to_owned()];
    black_box(pasted::read(text));
    black_box(redact::private(text, Some(Path::new("/home/me")), &words));
}

/// The errors of the table test.
fn recorded() -> anyhow::Result<Vec<String>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/pasted/errors.jsonl");
    let text = std::fs::read_to_string(path)?;
    let rows = text.lines().map(|line| {
        let row: serde_json::Value = serde_json::from_str(line)?;
        row.get("text").and_then(|text| text.as_str()).map(str::to_owned).context("no text")
    });
    rows.collect()
}
