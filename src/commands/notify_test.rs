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
use ccwatch_core::notice::Urgency;
use ccwatch_core::text;

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
    let server = server.ok().flatten();
    if let Some(server) = &server {
        describe(server, out)?;
    }
    let code = account(&delivery, server.as_ref(), out)?;
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
    // A file on a mount that no longer answers is not for us to look at.
    if let Err(why) = hook::find_apart(command.first()?).await {
        return Some(Err(why));
    }
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
        icon: None,
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

/// What became of the pop-up, as far as anybody can know, and what to look for.
fn account(
    delivery: &Delivery,
    server: Option<&ServerInfo>,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let said = |text: &str| sanitize::line(text, 200);
    let (line, code) = match delivery {
        Delivery::Shown(_) => (
            format!("Accepted: whether it was shown, the server does not say. {}", unseen(server)),
            ExitCode::Success,
        ),
        Delivery::Uncertain => (
            "No answer: the notification server took the pop-up or did not. Restart it, or log in \
             again."
                .to_owned(),
            ExitCode::Warning,
        ),
        Delivery::Failed(why) => {
            (format!("Refused: {}. {}", said(why), elsewhere()), ExitCode::Warning)
        }
        Delivery::NoServer(why) => {
            (format!("No pop-up: {}. {}", said(why), elsewhere()), ExitCode::Warning)
        }
    };
    writeln!(out, "{line}")?;
    Ok(code)
}

fn elsewhere() -> String {
    text::sentence(desktop::instead())
}

/// Why a pop-up that was accepted may not be seen, by what is known of the server.
fn unseen(server: Option<&ServerInfo>) -> &'static str {
    match server.map(|server| server.name.to_lowercase()).as_deref() {
        Some("notification center") => {
            "If you didn't see it, look at System Settings > Notifications, and at Focus."
        }
        Some("gnome-shell") => {
            "If you didn't see it: it is in the list behind the clock; GNOME shows no banner in Do \
             Not Disturb, over a full-screen window, or while another critical one stands."
        }
        Some("plasma") => {
            "If you didn't see it: Plasma keeps it in the history in Do Not Disturb, and shows \
             three at a time."
        }
        Some("dunst") => "If you didn't see it: dunst may be paused; run: dunstctl is-paused",
        Some("mako") => "If you didn't see it: a mode of mako may hide it; run: makoctl mode",
        Some("xfce notify daemon") => {
            "If you didn't see it: look for Do Not Disturb in Xfce's notification settings."
        }
        Some("swaynotificationcenter") => {
            "If you didn't see it: it is in the panel; look for Do Not Disturb: swaync-client -D"
        }
        _ => "If you didn't see it, look for do-not-disturb in the desktop's settings.",
    }
}
