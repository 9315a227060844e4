//! Desktop entries: the one that lists ccwatch in the desktop's notification settings, and the
//! one that starts it at login where no service manager does.

use std::path::PathBuf;

use super::files::{Found, Look, VERSION};
use super::plan::Plan;
use super::site::Site;
use super::{Change, ServiceError};
use crate::sinks::desktop::icons::{ICONS, Icon};

/// Starts ccwatch with the desktop, without a service manager.
pub(super) fn autostart(
    site: &Site,
    disk: &dyn Look,
    change: Change,
) -> Result<Plan, ServiceError> {
    let mut plan = Plan::default();
    let words = [site.program.as_str(), "run"].into_iter();
    let words = words.chain(site.options.iter().map(String::as_str));
    let command: Vec<String> = words.map(word).collect();
    let text = format!(
        "# ccwatch-unit: {VERSION}\n\
         [Desktop Entry]\n\
         Type=Application\n\
         Name=ccwatch\n\
         Comment=Watch the Claude status page\n\
         Exec={}\n\
         Icon=ccwatch\n\
         Terminal=false\n\
         NoDisplay=true\n\
         X-GNOME-Autostart-enabled=true\n",
        command.join(" ")
    );
    plan.write(disk, change.force, &autostart_file(site), text)?;
    list(&mut plan, site, disk)?;
    plan.note("ccwatch starts when you log in to your desktop. Until then: ccwatch run");
    plan.note("Nothing restarts it if it fails, and its log goes where your desktop puts it.");
    Ok(plan)
}

/// Takes the autostart entry away; somebody else's stays.
pub(super) fn stop_autostart(
    plan: &mut Plan,
    site: &Site,
    disk: &dyn Look,
) -> Result<(), ServiceError> {
    remove_ours(plan, disk, autostart_file(site))
}

/// Lists ccwatch in the desktop's notification settings.
pub(super) fn list(plan: &mut Plan, site: &Site, disk: &dyn Look) -> Result<(), ServiceError> {
    let path = listing(site);
    if disk.look(&path) == Found::Foreign {
        return Ok(());
    }
    let text = format!(
        "# ccwatch-unit: {VERSION}\n\
         [Desktop Entry]\n\
         Type=Application\n\
         Name=ccwatch\n\
         Comment=Watch the Claude status page\n\
         Exec={} notify-test\n\
         Icon=ccwatch\n\
         NoDisplay=true\n\
         X-GNOME-UsesNotifications=true\n",
        word(&site.program)
    );
    plan.write(disk, false, &path, text)?;
    draw(plan, site, disk)
}

/// Puts the pictures where icon themes are looked for; somebody else's stay.
fn draw(plan: &mut Plan, site: &Site, disk: &dyn Look) -> Result<(), ServiceError> {
    for icon in &ICONS {
        let path = picture(site, icon);
        if disk.look(&path) != Found::Foreign {
            let mark = format!(">\n  <!-- ccwatch-unit: {VERSION} -->\n");
            plan.write(disk, false, &path, icon.svg.replacen(">\n", &mark, 1))?;
        }
    }
    Ok(())
}

/// Takes it off the list; somebody else's entry stays.
pub(super) fn unlist(plan: &mut Plan, site: &Site, disk: &dyn Look) -> Result<(), ServiceError> {
    remove_ours(plan, disk, listing(site))?;
    ICONS.iter().try_for_each(|icon| remove_ours(plan, disk, picture(site, icon)))
}

fn remove_ours(plan: &mut Plan, disk: &dyn Look, path: PathBuf) -> Result<(), ServiceError> {
    match disk.look(&path) {
        Found::Foreign | Found::Nothing => Ok(()),
        Found::Ours { .. } => plan.remove(disk, false, &path),
    }
}

fn autostart_file(site: &Site) -> PathBuf {
    site.config_home.join("autostart/ccwatch.desktop")
}

/// The name is the one that the pop-ups carry as their `desktop-entry`.
fn listing(site: &Site) -> PathBuf {
    site.data_home.join("applications/ccwatch.desktop")
}

fn picture(site: &Site, icon: &Icon) -> PathBuf {
    let file = format!("icons/hicolor/scalable/apps/{}.svg", icon.name);
    site.data_home.join(file)
}

/// A word of `Exec`: escaped for the command line, and that again for a value of the file.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '`' | '$' | '\\' => quoted.extend(['\\', c]),
            '%' => quoted.push_str("%%"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_exec_are_escaped_twice() {
        for (text, expected) in [
            ("/usr/bin/ccwatch", "/usr/bin/ccwatch"),
            ("/a b", r#""/a b""#),
            ("/100%", r#""/100%%""#),
            ("/$x", r#""/\\$x""#),
            (r#"/a"b"#, r#""/a\\"b""#),
            (r"/a\b", r#""/a\\\\b""#),
            ("", r#""""#),
        ] {
            assert_eq!(word(text), expected, "{text}");
        }
    }
}
