//! Opens a link in the user's browser.
use std::collections::HashMap;
use std::env;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use zbus::fdo::DBusProxy;
use zbus::names::WellKnownName;
use zbus::{Connection, Variant};

use super::super::Limits;
use super::session::phrase;
use crate::platform::reach::Mounts;

const PORTAL: &str = "org.freedesktop.portal.Desktop";
const SYSTEMD: &str = "org.freedesktop.systemd1";

/// The program that opens links where there is no portal.
const XDG_OPEN: &str = "xdg-open";
/// What a program has to know to find the screen and the right browser.
const SCREEN: [&str; 6] =
    ["PATH", "DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY", "XDG_CURRENT_DESKTOP", "BROWSER"];

/// Whether the link may be opened at all: `https`, and no character that isn't plain in an
/// address, because `xdg-open` is a shell script.
pub(super) fn is_openable(link: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@&=+,%".contains(c);
    link.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && rest.chars().all(plain))
}

/// Whether a click has anything to open a link with: see [`open`].
pub(super) async fn can_open(connection: Connection, limits: Limits) -> bool {
    if is_there(&connection, PORTAL, limits).await {
        return true;
    }
    let can_run = xdg_open(limits).await.is_some();
    can_run && (limits.may_run || is_there(&connection, SYSTEMD, limits).await)
}

/// Opens an openable link: through the desktop portal, which finds the right browser from within
/// a service too, or else with `xdg-open`. If the sandbox doesn't let us run that, the user's
/// service manager does.
pub(super) async fn open(connection: Connection, link: String, limits: Limits) {
    if is_there(&connection, PORTAL, limits).await {
        match ask_portal(&connection, &link, limits).await {
            Ok(()) => return,
            Err(error) => tracing::debug!(error, "the desktop portal opens no link"),
        }
    }
    let Some(program) = xdg_open(limits).await else {
        return tracing::warn!(
            "there is neither a desktop portal nor xdg-open to open a link with"
        );
    };
    if limits.may_run {
        match run(&program, &link) {
            Ok(()) => return,
            Err(error) => tracing::debug!(%error, "can't run xdg-open"),
        }
    }
    have_it_run(&connection, &program, &link, limits.call).await;
}

/// Whether the name has an owner, or the bus can start one.
async fn is_there(connection: &Connection, name: &'static str, limits: Limits) -> bool {
    let ask = async {
        let bus = DBusProxy::new(connection).await?;
        let name = WellKnownName::from_static_str_unchecked(name);
        if bus.name_has_owner(name.clone().into()).await? {
            return Ok(true);
        }
        let names = bus.list_activatable_names().await?;
        zbus::Result::Ok(names.iter().any(|other| other.as_str() == name.as_str()))
    };
    matches!(tokio::time::timeout(limits.ask, ask).await, Ok(Ok(true)))
}

async fn ask_portal(connection: &Connection, link: &str, limits: Limits) -> Result<(), String> {
    let nothing: HashMap<&str, Variant<'_>> = HashMap::new();
    let arguments = ("", link, nothing);
    let call = connection.call_method(
        Some(PORTAL),
        "/org/freedesktop/portal/desktop",
        Some("org.freedesktop.portal.OpenURI"),
        "OpenURI",
        &arguments,
    );
    match tokio::time::timeout(limits.call, call).await {
        Ok(answer) => answer.map(drop).map_err(|error| phrase(&error)),
        // It may still open it, and twice would be worse than late.
        Err(_) => {
            tracing::warn!("the desktop portal did not answer");
            Ok(())
        }
    }
}

/// Where `xdg-open` is. A place of PATH may be on a mount that no longer answers: places on this
/// machine's own disks are looked at first, the others apart and not for long.
async fn xdg_open(limits: Limits) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let files = env::split_paths(&path).map(|dir| dir.join(XDG_OPEN));
    let mounts = Mounts::now();
    let (foreign, own): (Vec<_>, Vec<_>) = files.partition(|file| mounts.may_be_silent(file));
    if let Some(found) = own.into_iter().find(|file| file.is_file()) {
        return Some(found);
    }
    if foreign.is_empty() {
        return None;
    }
    let look = tokio::task::spawn_blocking(|| foreign.into_iter().find(|file| file.is_file()));
    tokio::time::timeout(limits.ask, look).await.ok()?.ok()?
}

/// In a process group of its own, with no terminal of ours.
fn run(program: &Path, link: &str) -> io::Result<()> {
    let mut child = Command::new(program)
        .arg(link)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()?;
    // It may run as long as the browser: a thread of its own waits for it, so that no zombie is
    // left and the end of the program isn't held up.
    let waiter = std::thread::Builder::new().name("xdg-open".to_owned());
    if let Err(error) = waiter.spawn(move || child.wait()) {
        tracing::debug!(%error, "nobody waits for xdg-open");
    }
    Ok(())
}

/// Has systemd's user manager run `xdg-open`, with what we know of the screen.
async fn have_it_run(connection: &Connection, program: &Path, link: &str, limit: Duration) {
    let Some(program) = program.to_str() else {
        return tracing::warn!("the path of xdg-open is not UTF-8: no link is opened");
    };
    let screen = |name: &&str| env::var(name).ok().map(|value| format!("{name}={value}"));
    let environment: Vec<String> = SCREEN.iter().filter_map(screen).collect();
    let properties = vec![
        ("ExecStart", Variant::new(vec![(program, vec![XDG_OPEN, link], false)])),
        ("Environment", Variant::new(environment)),
        ("CollectMode", Variant::new("inactive-or-failed")),
    ];
    let others: Vec<(&str, Vec<(&str, Variant<'_>)>)> = Vec::new();
    let name = format!("ccwatch-open-{:016x}.service", fastrand::u64(..));
    let arguments = (name, "fail", properties, others);
    let call = connection.call_method(
        Some(SYSTEMD),
        "/org/freedesktop/systemd1",
        Some("org.freedesktop.systemd1.Manager"),
        "StartTransientUnit",
        &arguments,
    );
    match tokio::time::timeout(limit, call).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => {
            let error = phrase(&error);
            tracing::warn!(error, "nobody to open a link: it takes a desktop portal or systemd");
        }
        Err(_) => tracing::warn!("systemd did not answer"),
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
