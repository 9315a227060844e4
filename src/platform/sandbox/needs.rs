//! What the daemon needs of the user's files and of the desktop.

use std::ffi::OsStr;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use directories::BaseDirs;

use crate::platform::paths;
use crate::platform::reach::Mounts;

/// What the resolver reads. Each may be a link to a place that the system's list doesn't have, as
/// `/etc/resolv.conf` is to `/mnt/wsl`.
const RESOLVER: [&str; 3] = ["/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf"];

/// What stays open to the daemon beside the system itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowlist {
    /// The user's home: closed, whatever it is below.
    pub home: Option<PathBuf>,
    /// Files, and directories with all that is or will be in them, to read.
    pub read: Vec<PathBuf>,
    /// Directories to read and to change.
    pub change: Vec<PathBuf>,
    /// Whether the desktop or the service manager listens at an abstract socket.
    pub abstract_sockets: bool,
}

impl Allowlist {
    /// What the environment and the program itself bring with them: authorities, the bus, and
    /// the program's file, which a panic looks into.
    pub fn of_environment() -> Self {
        let var = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let mut needs = Self {
            home: BaseDirs::new().map(|base| base.home_dir().to_owned()),
            abstract_sockets: ["DBUS_SESSION_BUS_ADDRESS", "NOTIFY_SOCKET"]
                .iter()
                .any(|name| var(name).is_some_and(|address| is_abstract(&address))),
            ..Self::default()
        };
        needs.read.extend(std::env::current_exe());
        RESOLVER.iter().for_each(|file| needs.read_behind(Path::new(file)));
        // One that doesn't answer is said when the page is asked.
        let mounts = Mounts::now();
        if let Some(file) = var("SSL_CERT_FILE").filter(|file| mounts.answer(Path::new(file))) {
            needs.read_file(Path::new(&file));
        }
        if let Some(dirs) = var("SSL_CERT_DIR") {
            needs.read.extend(std::env::split_paths(&dirs).filter(|dir| mounts.answer(dir)));
        }
        needs
    }

    /// A file to read, and what it leads to if it is a link: also after it was replaced if it is in
    /// a directory named `ccwatch`, which is opened; else the file as it is now.
    pub fn read_file(&mut self, file: &Path) {
        let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        self.read.extend(file.canonicalize().ok().as_deref().map(own_dir));
        self.read.push(own_dir(&file));
    }

    /// What a link of the system leads to, also where it comes or is replaced later: its directory,
    /// if it isn't one that others use.
    pub(super) fn read_behind(&mut self, link: &Path) {
        let real = link.canonicalize().ok();
        let named = || Some(link.parent()?.join(std::fs::read_link(link).ok()?));
        self.read.extend(real.or_else(named).as_deref().map(narrow));
    }

    /// A directory to read, made where it is missing: what isn't there can't be opened, and never
    /// again.
    pub fn read_dir(&mut self, dir: &Path) {
        if let Err(error) = DirBuilder::new().recursive(true).mode(0o700).create(dir) {
            tracing::debug!("{} can't be made: {error}", dir.display());
        }
        self.read.push(dir.to_owned());
    }

    /// The directory of a file that is written, moved and made anew. One that holds much else is
    /// not opened, nor one that holds `kept`, which stays as it is.
    pub fn change_file(&mut self, file: &Path, kept: Option<&Path>) {
        let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        let file = file.canonicalize().unwrap_or(file);
        let dir = narrow(&file);
        let holds = kept.is_some_and(|kept| is_below(kept, &dir));
        self.change.push(if holds { file } else { dir });
    }
}

/// Whether a file, or what it leads to, is in a directory or below it.
pub fn is_below(file: &Path, dir: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path)).ok();
    let Some(dir) = real(dir) else { return false };
    // A file that is still to come: where it will be.
    let place = file.parent().and_then(real);
    [real(file), place].into_iter().flatten().any(|file| file.starts_with(&dir))
}

/// The directory of a file if it was made for ccwatch, or the file itself: beside it may be what is
/// nobody's business, as in a directory of dotfiles.
fn own_dir(file: &Path) -> PathBuf {
    let dir = file.parent().unwrap_or(Path::new("/"));
    if dir.ends_with("ccwatch") { dir.to_owned() } else { file.to_owned() }
}

/// The directory of a file, or the file itself where the directory is one that others use.
fn narrow(file: &Path) -> PathBuf {
    let dir = file.parent().unwrap_or(Path::new("/"));
    if paths::is_shared(dir) { file.to_owned() } else { dir.to_owned() }
}

/// Whether one of the addresses is a socket without a path, as D-Bus or as systemd writes it.
fn is_abstract(address: &OsStr) -> bool {
    let address = address.to_string_lossy();
    address.contains("unix:abstract=") || address.starts_with('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_others_use_is_not_opened_for_one_file_of_it() {
        let home = BaseDirs::new().unwrap();
        let home = home.home_dir();
        for (file, expected) in [
            ("/etc/ccwatch/config.toml".into(), "/etc/ccwatch".into()),
            ("/tmp/config.toml".into(), "/tmp/config.toml".into()),
            ("/config.toml".into(), "/config.toml".into()),
            (home.join("config.toml"), home.join("config.toml")),
            (home.join("dotfiles/ccwatch.toml"), home.join("dotfiles")),
            (home.join(".claude/ccwatch.toml"), home.join(".claude/ccwatch.toml")),
            ("/mnt/wsl/resolv.conf".into(), "/mnt/wsl".into()),
            ("/mnt/resolv.conf".into(), "/mnt/resolv.conf".into()),
        ] {
            assert_eq!(narrow(&file), expected, "{}", file.display());
        }
        for (file, expected) in [
            (home.join("dotfiles/ccwatch.toml"), home.join("dotfiles/ccwatch.toml")),
            (home.join("dotfiles/ccwatch/config.toml"), home.join("dotfiles/ccwatch")),
        ] {
            assert_eq!(own_dir(&file), expected, "{}", file.display());
        }
    }

    #[test]
    fn the_configuration_is_not_opened_for_change_by_a_log_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let (config, log) = (dir.path().join("ccwatch/config.toml"), "ccwatch/ccwatch.log");
        std::fs::create_dir(dir.path().join("ccwatch")).unwrap();
        let (dir, log) = (dir.path().canonicalize().unwrap(), dir.path().join(log));
        std::fs::write(&log, "").unwrap();
        let log = log.canonicalize().unwrap();
        for there in [false, true] {
            if there {
                std::fs::write(&config, "").unwrap();
            }
            let mut needs = Allowlist::default();
            needs.change_file(&log, Some(&config));
            needs.change_file(&log, Some(&dir.join("elsewhere.toml")));
            assert_eq!(needs.change, [log.clone(), dir.join("ccwatch")], "{there}");
        }
    }

    #[test]
    fn sockets_without_a_path() {
        for (address, expected) in [
            ("unix:path=/run/user/1000/bus", false),
            ("unix:abstract=/tmp/dbus-abc,guid=1", true),
            ("unix:path=/x;unix:abstract=y", true),
            ("@/org/freedesktop/systemd1/notify", true),
            ("/run/user/1000/systemd/notify", false),
        ] {
            assert_eq!(is_abstract(OsStr::new(address)), expected, "{address}");
        }
    }
}
