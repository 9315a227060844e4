//! Backtest of "how long will it take?": how often the truth lay within what would have been said.
//!
//! `CCWATCH_CAPTURES=incidents.jsonl cargo bench --bench expectation` takes one incident of the
//! page a line, as `incidents.json` has them; a file that ends in `.xz` is unpacked with xz. Each
//! incident is judged by those alone that had ended before the question was asked. Each table is of
//! six months; they roll back by three.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};
use ccwatch_core::model::Incident;
use ccwatch_core::state::expectation::{Past, expect, remember};
use ccwatch_core::time::{after, shifted};
use jiff::{SignedDuration, Timestamp};

/// Hours in a month, near enough.
const MONTH: i64 = 730;

fn main() -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let Some(path) = env::var_os("CCWATCH_CAPTURES") else {
        writeln!(out, "SKIPPED: CCWATCH_CAPTURES names no file with incidents")?;
        return Ok(());
    };
    let path = path.to_str().context("the path is not text")?;
    let text = if path.ends_with(".xz") {
        let xz = Command::new("xz").args(["-dc", path]).output().context("xz is needed")?;
        ensure!(xz.status.success(), "{}", String::from_utf8_lossy(&xz.stderr));
        String::from_utf8(xz.stdout)?
    } else {
        fs::read_to_string(path).context("the captures can't be read")?
    };
    let cases = cases(&text)?;
    writeln!(out, "{} incidents with a beginning and a fix", cases.len())?;
    let newest = cases.iter().map(|(_, past)| past.began()).max().unwrap_or_default();
    for months in (0..=18).step_by(3) {
        let until = shifted(newest, SignedDuration::from_hours(-months * MONTH));
        let from = shifted(until, SignedDuration::from_hours(-6 * MONTH));
        writeln!(out, "\nfrom {from:.0} to {until:.0}")?;
        rows(&mut out, &cases, from, until)?;
    }
    Ok(())
}

fn rows(
    out: &mut dyn Write,
    cases: &[(Incident, Past)],
    from: Timestamp,
    until: Timestamp,
) -> anyhow::Result<()> {
    writeln!(out, "open for    asked   answered   within \"half\"   within \"80 %\"")?;
    for minutes in [0, 10, 30, 60, 120] {
        let found = judge(cases, Duration::from_secs(minutes * 60), from, until);
        let percent = |n: usize| 100 * n / found.answered.max(1);
        writeln!(
            out,
            "{minutes:>4} min  {:>8}  {:>9}  {:>13} %  {:>13} %",
            found.asked,
            found.answered,
            percent(found.half),
            percent(found.most)
        )?;
    }
    Ok(())
}

/// Every incident with what it has to teach, in the order in which they ended.
fn cases(lines: &str) -> anyhow::Result<Vec<(Incident, Past)>> {
    let list: Vec<&str> = lines.lines().filter(|line| !line.trim().is_empty()).collect();
    let body = format!("{{\"page\":{{\"id\":\"x\"}},\"incidents\":[{}]}}", list.join(","));
    let read = ccwatch::page::engine::Engine::statuspage("x").incidents(body.as_bytes());
    let incidents =
        read.map_err(|failure| anyhow::anyhow!("not understood: {}", failure.detail))?;
    ensure!(!incidents.is_empty(), "there is no incident in it");
    let mut cases: Vec<(Incident, Past)> =
        incidents.into_iter().filter_map(|i| Past::of(&i).map(|past| (i, past))).collect();
    cases.sort_by_key(|(_, past)| past.fixed_at());
    Ok(cases)
}

#[derive(Default)]
struct Found {
    asked: usize,
    answered: usize,
    half: usize,
    most: usize,
}

/// Asks about each incident when it had been open for `so_far`.
fn judge(cases: &[(Incident, Past)], so_far: Duration, from: Timestamp, until: Timestamp) -> Found {
    let mut found = Found::default();
    let asked = |truth: &Past| from < truth.began() && truth.began() <= until;
    let longer = cases.iter().filter(|(_, truth)| truth.lasted() > so_far);
    for (incident, truth) in longer.filter(|(_, truth)| asked(truth)) {
        found.asked += 1;
        let asked_at = after(truth.began(), so_far);
        // All that had ended by then, as the daemon would have remembered it.
        let mut past = Vec::new();
        for (_, other) in cases.iter().filter(|(_, other)| other.fixed_at() < asked_at) {
            remember(&mut past, other.clone());
        }
        let Some(said) = expect(&past, &incident.impact, so_far, asked_at) else { continue };
        found.answered += 1;
        let left = truth.lasted().saturating_sub(so_far);
        found.half += usize::from(left <= said.half);
        found.most += usize::from(left <= said.most);
    }
    found
}
