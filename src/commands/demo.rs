//! `ccwatch demo`: a short outage from start to recovery, with real pop-ups.
//!
//! The real daemon, against a page that the demo serves itself on loopback, in a state of its own
//! that is gone afterwards. Nothing leaves the machine.

mod page;

use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use ccwatch_core::notice::DeliveryState;
use ccwatch_core::notice::sink::Sink;
use jiff::Timestamp;
use tokio::sync::watch;
use url::Url;

use crate::app::exit_code::ExitCode;
use crate::app::start::{Base, RunOptions, start};
use crate::config::Config;
use crate::render::sanitize;
use crate::store::Reader;

use page::Act;

/// What happens, after how many seconds.
const SCRIPT: &[(u64, Act, &str)] = &[
    (0, Act::Green, "All is well: ccwatch is silent."),
    (3, Act::Outage, "The page turns red: Claude Code, partial outage. Now you are told, once."),
    (8, Act::Worse, "It gets worse: major outage. The same bubble changes."),
    (
        13,
        Act::FixOut,
        "The incident goes to monitoring, the page is still red: a retry makes sense.",
    ),
    (18, Act::Green, "The page is green again. One more reading must agree, then you are told."),
    (24, Act::Green, "That was all. Next: ccwatch run"),
];

/// Plays the outage.
pub fn run(out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let dir = tempfile::tempdir().context("can't make a directory for the demo")?;
    let page = TcpListener::bind("127.0.0.1:0").context("can't serve a page on loopback")?;
    let config = config(&page)?;
    let mut told = Ok(());
    // In no sandbox: its directory goes away at the end.
    let options = RunOptions { made_up: true, ..RunOptions::default() };
    start(Base::begin()?, config, None, dir.path(), options, async {
        told = play(page, out).await;
    })?;
    told.context("the demo broke off")?;
    account(dir.path(), out)?;
    Ok(ExitCode::Success)
}

/// What became of each notice, as far as the notification server tells.
fn account(dir: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    let Some(reader) = Reader::open(dir)? else { return Ok(()) };
    let mut accepted = true;
    for stored in reader.notices(Timestamp::MIN)? {
        let delivery = stored.deliveries.get(&Sink::Desktop);
        let state = delivery.map_or(DeliveryState::Logged, |delivery| delivery.state);
        let became = match state {
            DeliveryState::Shown => "accepted",
            other => Sink::Desktop.became(other),
        };
        accepted &= state == DeliveryState::Shown;
        writeln!(out, "  {}: {became}", sanitize::line(&stored.notice.title, 80))?;
    }
    match accepted {
        true => {
            writeln!(out, "Accepted is not seen: if you saw none of it, run: ccwatch notify-test")?
        }
        false => writeln!(out, "Not all of it could be shown; to see why, run: ccwatch doctor")?,
    }
    Ok(())
}

/// Everything as it is by default, but faster.
fn config(page: &TcpListener) -> anyhow::Result<Config> {
    let mut config = Config::default();
    config.page.url = Url::parse(&format!("http://{}", page.local_addr()?))?;
    config.page.fallback = None;
    config.poll.interval = Duration::from_secs(1);
    config.poll.during_outage = Duration::from_secs(1);
    config.notify.settle = Duration::from_secs(2);
    Ok(config)
}

async fn play(page: TcpListener, out: &mut dyn Write) -> std::io::Result<()> {
    let (act, acting) = watch::channel(Act::Green);
    page.set_nonblocking(true)?;
    let serving = tokio::spawn(page::serve(tokio::net::TcpListener::from_std(page)?, acting));
    let mut before = 0;
    for (at, next, story) in SCRIPT {
        tokio::time::sleep(Duration::from_secs(at - before)).await;
        before = *at;
        act.send_replace(*next);
        writeln!(out, "[{at:2} s] {story}")?;
        out.flush()?;
    }
    serving.abort();
    Ok(())
}
