//! `ccwatch notify-test`: one real pop-up, and a plain account of what the server can do; the user's
//! hook, and how it went.

use std::io::Write;
use std::time::Duration;

use tokio::sync::mpsc::unbounded_channel;
use tokio::time::timeout;

use crate::app::App;
use crate::app::exit_code::ExitCode;
use crate::platform::clock;
use crate::render::sanitize;
use crate::sinks::desktop::{self, Delivery, Notifier, Popup, Report, ServerInfo};
use crate::sinks::hook::{self, Limits, Payload};
use ccwatch_core::decide::notice::Urgency;

/// The notifier gives up on its own before this.
const PATIENCE: Duration = Duration::from_secs(15);
/// The longest text of a server, in characters.
const LONGEST: usize = 80;

/// Shows one pop-up and runs the hook, where there is one. Exit code 0 if the server took it and
/// the hook did not fail, else 1.
pub fn run(app: &App, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let config = &app.config;
    let runtime = crate::app::runtime()?;
    let (server, delivery, hooked) = runtime.block_on(async {
        let hooked = run_hook(&config.notify.hook.0).await;
        // The server may be one that is only started by the pop-up: show first, ask then.
        let delivery = show().await;
        (desktop::describe().await, delivery, hooked)
    });
    runtime.shutdown_timeout(Duration::from_millis(300));
    if let Ok(server) = &server {
        describe(server, out)?;
    }
    let code = account(&delivery, out)?;
    match hooked {
        None => Ok(code),
        Some(Ok(())) => {
            writeln!(out, "The hook ran, and said that all is well (exit code 0).")?;
            Ok(code)
        }
        Some(Err(why)) => {
            writeln!(out, "The hook failed: {why}.")?;
            Ok(ExitCode::Warning)
        }
    }
}

/// None: there is no hook.
async fn run_hook(command: &[String]) -> Option<Result<(), String>> {
    if command.is_empty() {
        return None;
    }
    let payload = Payload::test(clock::now());
    Some(hook::call(command, &payload, Limits::default(), std::future::pending()).await)
}

async fn show() -> Delivery {
    let (sender, mut reports) = unbounded_channel();
    // Somebody wants to see one now: a server that has to be started first is started at once.
    let limits = desktop::Limits { start_after: Duration::ZERO, ..desktop::Limits::default() };
    let notifier = Notifier::with_limits(limits, sender);
    notifier.show(Popup {
        key: "test".to_owned(),
        title: "ccwatch: this is a test".to_owned(),
        body: "Like this, ccwatch tells you when Claude goes down and when a retry makes sense."
            .to_owned(),
        urgency: Urgency::Normal,
        link: None,
        replaces: None,
    });
    let delivered = async {
        loop {
            match reports.recv().await {
                Some(Report::Delivered { delivery, .. }) => return delivery,
                Some(_) => {}
                None => return Delivery::Failed("the notifier stopped".to_owned()),
            }
        }
    };
    timeout(PATIENCE, delivered).await.unwrap_or(Delivery::Uncertain)
}

fn describe(server: &ServerInfo, out: &mut dyn Write) -> std::io::Result<()> {
    let text = |text: &str| sanitize::line(text, LONGEST);
    let (name, version, spec) = (text(&server.name), text(&server.version), text(&server.spec));
    writeln!(out, "Notification server: {name} {version} (specification {spec})")?;
    let can = |word: &str| server.capabilities.iter().any(|capability| capability == word);
    for (word, yes, no) in [
        ("actions", "a click opens the incident's page", "a click opens nothing"),
        ("persistence", "missed pop-ups are kept", "missed pop-ups are not kept"),
        ("body-markup", "text is escaped as markup", "text is plain"),
    ] {
        writeln!(out, "  {}", if can(word) { yes } else { no })?;
    }
    Ok(())
}

fn account(delivery: &Delivery, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let (line, code) = match delivery {
        Delivery::Shown(_) if cfg!(target_os = "macos") => (
            "A pop-up was handed over. If you didn't see it, look at System Settings > \
             Notifications, and at Focus."
                .to_owned(),
            ExitCode::Success,
        ),
        Delivery::Shown(_) => (
            "The server took the pop-up. If you didn't see it, look for do-not-disturb.".to_owned(),
            ExitCode::Success,
        ),
        Delivery::Uncertain => (
            "No pop-up: the notification server does not answer. Restart it, or log in again."
                .to_owned(),
            ExitCode::Warning,
        ),
        Delivery::NoServer(why) | Delivery::Failed(why) => {
            let why = sanitize::line(why, 200);
            (format!("No pop-up: {why}. Notices go to the log instead."), ExitCode::Warning)
        }
    };
    writeln!(out, "{line}")?;
    Ok(code)
}
