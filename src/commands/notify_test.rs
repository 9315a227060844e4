//! `ccwatch notify-test`: one real pop-up, and a plain account of what the server can do; the user's
//! hook, and how it went.

use std::io::Write;
use std::time::Duration;

use serde_json::json;
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::timeout;

use crate::app::App;
use crate::app::exit_code::ExitCode;
use crate::cli;
use crate::platform::clock;
use crate::render::json::print_json;
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
pub fn run(app: &App, args: &cli::NotifyTest, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
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
    if args.json {
        return json(&delivery, server.as_ref(), hooked.as_ref(), out);
    }
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

/// Version 1 of a documented shape.
fn json(
    delivery: &Delivery,
    server: Option<&ServerInfo>,
    hooked: Option<&Result<(), String>>,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let (outcome, why) = match delivery {
        Delivery::Shown(_) => ("accepted", None),
        Delivery::Uncertain => ("no_answer", None),
        Delivery::Failed(why) => ("refused", Some(why)),
        Delivery::NoServer(why) => ("no_server", Some(why)),
    };
    let server = server.map(|server| {
        let ServerInfo { name, version, spec, capabilities, .. } = server;
        json!({"name": name, "version": version, "specification": spec, "capabilities": capabilities})
    });
    let hook = hooked.map(|ran| json!({"ran": ran.is_ok(), "why": ran.as_ref().err()}));
    let answer = json!({
        "version": 1,
        "popup": {"outcome": outcome, "why": why},
        "server": server,
        "hook": hook,
    });
    print_json(&answer, out)?;
    let well = outcome == "accepted" && hooked.is_none_or(Result::is_ok);
    Ok(if well { ExitCode::Success } else { ExitCode::Warning })
}

/// None: there is no hook.
async fn run_hook(command: &[String]) -> Option<Result<(), String>> {
    // A file on a mount that no longer answers is not for us to look at.
    if let Err(why) = hook::find_apart(command.first()?).await {
        return Some(Err(why));
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
        thread: "test".to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn said(delivery: &Delivery, server: Option<&str>) -> (String, ExitCode) {
        let text = |text: &str| text.to_owned();
        let server = server.map(|name| ServerInfo {
            name: text(name),
            vendor: text("v"),
            version: text("1"),
            spec: text("1.2"),
            capabilities: Vec::new(),
        });
        let mut out = Vec::new();
        let code = account(delivery, server.as_ref(), &mut out).unwrap();
        (String::from_utf8(out).unwrap(), code)
    }

    #[test]
    fn what_was_accepted_is_not_called_seen() {
        for (server, why) in [
            (Some("gnome-shell"), "it is in the list behind the clock"),
            (Some("Plasma"), "Plasma keeps it in the history in Do Not Disturb"),
            (Some("dunst"), "dunstctl is-paused"),
            (Some("mako"), "makoctl mode"),
            (Some("Xfce Notify Daemon"), "Do Not Disturb in Xfce's notification settings"),
            (Some("something new"), "look for do-not-disturb in the desktop's settings"),
            (None, "look for do-not-disturb in the desktop's settings"),
        ] {
            let (said, code) = said(&Delivery::Shown(None), server);
            assert!(said.starts_with("Accepted: whether it was shown, the server does not say. "));
            assert!(said.contains("If you didn't see it") && said.contains(why), "{said}");
            assert_eq!(code, ExitCode::Success);
        }
    }

    #[test]
    fn what_was_not_shown_is_named_with_the_ways_that_are_left() {
        for (delivery, begins) in [
            (Delivery::Failed("\u{1b}[31mno".to_owned()), "Refused: no. "),
            (Delivery::NoServer("no session bus".to_owned()), "No pop-up: no session bus. "),
        ] {
            let (said, code) = said(&delivery, None);
            assert!(said.starts_with(begins) && said.contains("notify.hook"), "{said}");
            assert_eq!(code, ExitCode::Warning);
        }
        let (said, code) = said(&Delivery::Uncertain, None);
        assert!(said.starts_with("No answer: the notification server took the pop-up or did not."));
        assert_eq!(code, ExitCode::Warning);
    }
}
