//! What the daemon needs of the user's files and of the desktop.

use std::ffi::OsStr;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use directories::BaseDirs;

/// What stays open to the daemon beside the system itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// The user's home: closed, whatever it is below.
    pub home: Option<PathBuf>,
    /// Files, and directories with all that is or will be in them, to read.
    pub read: Vec<PathBuf>,
    /// Directories to read and to change.
    pub change: Vec<PathBuf>,
    /// Whether the desktop or the service manager listens at an abstract socket.
    pub abstract_sockets: bool,
}

impl Needs {
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
        if let Some(file) = var("SSL_CERT_FILE") {
            needs.read_file(Path::new(&file));
        }
        if let Some(dirs) = var("SSL_CERT_DIR") {
            needs.read.extend(std::env::split_paths(&dirs));
        }
        needs
    }

    /// A file to read, also after it was replaced: its directory is opened, and that of the file
    /// that it leads to if it is a link. A directory that holds much else is not: of that, only
    /// the file as it is now.
    pub fn read_file(&mut self, file: &Path) {
        let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        self.read.extend(file.canonicalize().ok().as_deref().map(narrow));
        self.read.push(narrow(&file));
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
    /// not opened.
    pub fn change_file(&mut self, file: &Path) {
        let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        let file = file.canonicalize().unwrap_or(file);
        self.change.push(narrow(&file));
    }
}

/// The directory of a file, or the file itself where the directory is one that others use.
fn narrow(file: &Path) -> PathBuf {
    let dir = file.parent().unwrap_or(Path::new("/"));
    let shared = shared_dirs().iter().any(|shared| shared.starts_with(dir));
    if shared { file.to_owned() } else { dir.to_owned() }
}

/// The directories in which every program has its own.
fn shared_dirs() -> Vec<PathBuf> {
    let mut dirs = vec![std::env::temp_dir(), PathBuf::from("/tmp"), PathBuf::from("/var/tmp")];
    if let Some(base) = BaseDirs::new() {
        let own = [base.config_dir(), base.data_dir(), base.cache_dir(), base.home_dir()];
        dirs.extend(own.map(Path::to_owned));
        dirs.extend(base.state_dir().map(Path::to_owned));
        dirs.push(base.home_dir().join(".claude"));
    }
    let real = dirs.iter().filter_map(|dir| dir.canonicalize().ok()).collect::<Vec<_>>();
    dirs.extend(real);
    dirs
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
        ] {
            assert_eq!(narrow(&file), expected, "{}", file.display());
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
