//! Opens a link in the user's browser.
use std::collections::HashMap;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use zbus::{Connection, Variant};

use super::session::phrase;

/// Whether the link may be opened at all: `https`, and no character that isn't plain in an
/// address, because `xdg-open` is a shell script.
pub(super) fn is_openable(link: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@&=+,%".contains(c);
    link.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && rest.chars().all(plain))
}

/// Opens an openable link: through the desktop portal, which finds the right browser from within
/// a service too, or else with `xdg-open`.
pub(super) async fn open(connection: Connection, link: String, limit: Duration) {
    let nothing: HashMap<&str, Variant<'_>> = HashMap::new();
    let arguments = ("", link.as_str(), nothing);
    let call = connection.call_method(
        Some("org.freedesktop.portal.Desktop"),
        "/org/freedesktop/portal/desktop",
        Some("org.freedesktop.portal.OpenURI"),
        "OpenURI",
        &arguments,
    );
    match tokio::time::timeout(limit, call).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => {
            tracing::debug!(error = phrase(&error), "no portal to open a link with");
            run_xdg_open(&link);
        }
        // It may still open it, and twice would be worse than late.
        Err(_) => tracing::warn!("the desktop portal did not answer"),
    }
}

/// In a process group of its own, with no terminal of ours.
fn run_xdg_open(link: &str) {
    let started = Command::new("xdg-open")
        .arg(link)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn();
    match started {
        // It may run as long as the browser: a thread of its own waits for it, so that no zombie
        // is left and the end of the program isn't held up.
        Ok(mut child) => {
            let waiter = std::thread::Builder::new().name("xdg-open".to_owned());
            if let Err(error) = waiter.spawn(move || child.wait()) {
                tracing::debug!(%error, "nobody waits for xdg-open");
            }
        }
        Err(error) => tracing::warn!(%error, "can't run xdg-open"),
    }
}

#[cfg(test)]
mod tests {
    use super::is_openable;

    #[test]
    fn only_plain_https_links_are_opened() {
        let cases = [
            ("https://status.claude.com/incidents/tmyn1ydxm0n6", true),
            ("https://stspg.io/a?b=c&d=%20#e", true),
            ("http://status.claude.com", false),
            ("HTTPS://status.claude.com", false),
            ("https://", false),
            ("", false),
            ("file:///etc/passwd", false),
            ("javascript:alert(1)", false),
            (" https://status.claude.com", false),
            ("--help", false),
            ("https://a/$(id)", false),
            ("https://a/`id`", false),
            ("https://a/;id", false),
            ("https://a/'b", false),
            ("https://a/\"b", false),
            ("https://a/ b", false),
            ("https://a/\nb", false),
            ("https://a/\u{202e}b", false),
            ("https://pаypal.com", false),
        ];
        for (link, openable) in cases {
            assert_eq!(is_openable(link), openable, "{link:?}");
        }
    }
}
