//! Where ccwatch keeps its files, and that nobody else can look into them.
//!
//! Linux follows the XDG base directories: `$XDG_CONFIG_HOME/ccwatch/config.toml` and
//! `$XDG_STATE_HOME/ccwatch`. On macOS both are in `~/Library/Application Support/ccwatch`.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use directories::BaseDirs;
use rustix::fs::{Mode, OFlags};

use super::reach::{self, Mounts};

/// The name of our directory in the user's directories.
const OWN: &str = "ccwatch";

/// Why there is no place for our files.
#[derive(Debug, thiserror::Error)]
pub enum PathError {
    /// The user has none.
    #[error("there is no home directory")]
    NoHome {
        /// The option that does without.
        instead: &'static str,
    },
    /// A state directory that depends on where ccwatch was started.
    #[error("the state directory {} is not an absolute path", path.display())]
    Relative {
        /// As it was given.
        path: PathBuf,
    },
    /// The state directory could not be made, looked at or closed to others.
    #[error("can't use the state directory {}: {why}", path.display())]
    Unusable {
        /// The directory.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// The state directory is something else, or somebody else's.
    #[error("won't use the state directory {}: it is {why}", path.display())]
    Refused {
        /// The directory.
        path: PathBuf,
        /// What it is.
        why: String,
    },
    /// The state directory of a running daemon was deleted, moved or replaced.
    #[error("the state directory {} was deleted or replaced, so ccwatch stopped", path.display())]
    Lost {
        /// The directory.
        path: PathBuf,
    },
}

impl PathError {
    /// The next step.
    pub fn hint(&self) -> String {
        match self {
            Self::NoHome { instead } => format!("set HOME, or name the place with {instead}"),
            Self::Relative { .. } => "begin it with / or ~/".to_owned(),
            Self::Unusable { .. } | Self::Refused { .. } => {
                "name another directory with --state-dir, one that only you use".to_owned()
            }
            Self::Lost { .. } => "start it again; as a service, that happens by itself".to_owned(),
        }
    }
}

/// The configuration file that is read when none is named.
pub fn config_file() -> Result<PathBuf, PathError> {
    let base = BaseDirs::new().ok_or(PathError::NoHome { instead: "--config" })?;
    Ok(base.config_dir().join(OWN).join("config.toml"))
}

/// Where data of this program lies that it can write anew at any time.
///
/// # Errors
/// There is no home directory.
pub fn data_dir() -> Result<PathBuf, PathError> {
    let base = BaseDirs::new().ok_or(PathError::NoHome { instead: "XDG_DATA_HOME" })?;
    Ok(base.data_dir().join(OWN))
}

/// The state directory: the command line's, or else the configuration's, or else the platform's. One
/// on a mount that no longer answers is an error, and not waited for.
pub fn state_dir(flag: Option<&Path>, configured: Option<&Path>) -> Result<PathBuf, PathError> {
    let path = place_of_state(flag, configured)?;
    match reach::answers(&path) {
        true => Ok(path),
        false => Err(PathError::Unusable { path, why: reach::silent() }),
    }
}

/// Where the state directory is, for who only names it.
pub fn place_of_state(
    flag: Option<&Path>,
    configured: Option<&Path>,
) -> Result<PathBuf, PathError> {
    choose_state_dir(flag, configured, BaseDirs::new().as_ref().map(Base::from))
}

/// A path that may begin with `~/`, for those that no shell has seen. Without a home directory it
/// is left as it is.
pub fn below_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), BaseDirs::new()) {
        (Ok(rest), Some(base)) => base.home_dir().join(rest),
        _ => path.to_owned(),
    }
}

/// The user's directories, as far as the state directory depends on them.
struct Base<'d> {
    home: &'d Path,
    state: &'d Path,
}

impl<'d> From<&'d BaseDirs> for Base<'d> {
    fn from(dirs: &'d BaseDirs) -> Self {
        // Only Linux has a directory for state; on macOS it is the one for data.
        let state = dirs.state_dir().unwrap_or(dirs.data_local_dir());
        Self { home: dirs.home_dir(), state }
    }
}

fn choose_state_dir(
    flag: Option<&Path>,
    configured: Option<&Path>,
    base: Option<Base<'_>>,
) -> Result<PathBuf, PathError> {
    if let Some(path) = flag {
        let absolute = std::path::absolute(path);
        return absolute.map_err(|why| PathError::Unusable { path: path.to_owned(), why });
    }
    if let Some(path) = configured.filter(|path| path.is_absolute()) {
        return Ok(path.to_owned());
    }
    let no_home = PathError::NoHome { instead: "--state-dir" };
    match configured {
        None => Ok(base.ok_or(no_home)?.state.join(OWN)),
        Some(path) => match path.strip_prefix("~") {
            Ok(rest) => Ok(base.ok_or(no_home)?.home.join(rest)),
            Err(_) => Err(PathError::Relative { path: path.to_owned() }),
        },
    }
}

/// Makes sure that `path` is a directory of ours that nobody else can enter (mode 0700).
///
/// Creates it, with the missing ones above it, where there is none. An existing one that is ours by
/// its name or by what is in it, or is empty, is closed to others. A symbolic link, anything else
/// that is no directory, a directory of another user, one that others may enter and one that other
/// programs use (the home, /tmp) are refused.
pub fn prepare_state_dir(path: &Path) -> Result<(), PathError> {
    // Without its trailing slash, which would make a link be followed.
    let path: PathBuf = path.components().collect();
    let unusable = |why: io::Error| PathError::Unusable { path: path.clone(), why };
    create(&path).map_err(unusable)?;

    let found = fs::symlink_metadata(&path).map_err(unusable)?;
    let refused = |why: &str| PathError::Refused { path: path.clone(), why: why.to_owned() };
    if found.is_symlink() {
        return Err(refused("a symbolic link"));
    }
    if !found.is_dir() {
        return Err(refused("not a directory"));
    }
    if is_shared(&path) {
        return Err(refused("used by other programs, too"));
    }
    close_to_others(&path, rustix::process::geteuid().as_raw())
}

/// Whether a directory is one in which every program has its own, or above one.
pub fn is_shared(dir: &Path) -> bool {
    let real = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    shared_dirs().iter().any(|shared| shared.starts_with(dir) || shared.starts_with(&real))
}

/// The user's home, if it is on a mount that doesn't answer. That is found out once.
pub fn silent_home() -> Option<&'static Path> {
    static SILENT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let find = || BaseDirs::new().map(|base| base.home_dir().to_owned());
    SILENT.get_or_init(|| find().filter(|home| !reach::answers(home))).as_deref()
}

/// The directories in which every program has its own. Of those on a mount that no longer answers
/// only the names are known.
fn shared_dirs() -> Vec<PathBuf> {
    let mut dirs = ["/tmp", "/var/tmp", "/mnt", "/media", "/srv"].map(PathBuf::from).to_vec();
    dirs.push(std::env::temp_dir());
    if let Some(base) = BaseDirs::new() {
        let own = [base.config_dir(), base.data_dir(), base.cache_dir(), base.home_dir()];
        dirs.extend(own.map(Path::to_owned));
        dirs.extend(base.state_dir().map(Path::to_owned));
        dirs.push(base.home_dir().join(".claude"));
    }
    let mounts = Mounts::now();
    let answers = |dir: &&PathBuf| match silent_home() {
        Some(home) if dir.starts_with(home) => false,
        Some(_) | None => mounts.answer(dir),
    };
    let real = dirs.iter().filter(answers).filter_map(|dir| dir.canonicalize().ok());
    let real = real.collect::<Vec<_>>();
    dirs.extend(real);
    dirs
}

/// Whether a directory was made for ccwatch: by its name, or by what is in it. In an empty one
/// nobody is shut out of anything.
pub fn is_ours(dir: &Path) -> bool {
    let empty = || fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_none());
    let holds = |name: &str| dir.join(name).symlink_metadata().is_ok();
    dir.ends_with(OWN) || holds("ccwatch.lock") || holds("ccwatch.db") || empty()
}

/// A state directory in use, held open to see whether it is still the one at its path.
#[derive(Debug)]
pub struct Held {
    path: PathBuf,
    dir: File,
}

impl Held {
    /// Holds the directory that is at `path` now.
    ///
    /// # Errors
    /// It can't be opened.
    pub fn open(path: &Path) -> Result<Self, PathError> {
        let unusable = |why| PathError::Unusable { path: path.to_owned(), why };
        Ok(Self { path: path.to_owned(), dir: File::open(path).map_err(unusable)? })
    }

    /// Whether it was deleted, moved or replaced. One that another file system is mounted over is
    /// not lost: it comes back.
    pub fn is_lost(&self) -> bool {
        let Ok(held) = self.dir.metadata() else { return false };
        match fs::symlink_metadata(&self.path) {
            Ok(there) => there.dev() == held.dev() && there.ino() != held.ino(),
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        }
    }

    /// What to say when it is lost.
    pub fn lost(&self) -> PathError {
        PathError::Lost { path: self.path.clone() }
    }
}

fn create(path: &Path) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        result => result,
    }
}

/// Looks at and changes one and the same directory, held open: a link put in its place in between
/// is not followed.
fn close_to_others(path: &Path, me: u32) -> Result<(), PathError> {
    let unusable =
        |error: rustix::io::Errno| PathError::Unusable { path: path.to_owned(), why: error.into() };
    let refused = |why: String| PathError::Refused { path: path.to_owned(), why };
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let dir = rustix::fs::open(path, flags, Mode::empty()).map_err(unusable)?;
    let stat = rustix::fs::fstat(&dir).map_err(unusable)?;
    if stat.st_uid != me {
        return Err(refused(format!("owned by user {}, and you are user {me}", stat.st_uid)));
    }
    let mode = Mode::from_raw_mode(stat.st_mode);
    if mode.contains(Mode::SVTX) || path.parent().is_none() {
        return Err(refused("shared with others".to_owned()));
    }
    let others = Mode::RWXG | Mode::RWXO;
    if mode.intersects(others) {
        if !is_ours(path) {
            return Err(refused("open to others, and holds what is not ccwatch's".to_owned()));
        }
        rustix::fs::fchmod(&dir, mode - others).map_err(unusable)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, chown, symlink};

    use super::*;

    fn base() -> Option<Base<'static>> {
        Some(Base { home: Path::new("/home/me"), state: Path::new("/home/me/.local/state") })
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn the_command_line_goes_before_the_configuration_before_the_platform() {
        let cases = [
            (Some("/flag"), Some("/configured"), "/flag"),
            (None, Some("/configured"), "/configured"),
            (None, Some("~/state/cc"), "/home/me/state/cc"),
            (None, None, "/home/me/.local/state/ccwatch"),
        ];
        for (flag, configured, expected) in cases {
            let chosen = choose_state_dir(flag.map(Path::new), configured.map(Path::new), base());
            assert_eq!(chosen.unwrap(), Path::new(expected), "{flag:?} {configured:?}");
        }
        let relative = choose_state_dir(Some(Path::new("here")), None, None).unwrap();
        assert!(relative.is_absolute() && relative.ends_with("here"));
    }

    #[test]
    fn without_a_home_only_an_absolute_path_will_do() {
        assert!(choose_state_dir(None, Some(Path::new("/x")), None).is_ok());
        for configured in [None, Some(Path::new("~/x"))] {
            let error = choose_state_dir(None, configured, None).unwrap_err();
            assert_eq!(error.to_string(), "there is no home directory");
            assert!(error.hint().contains("--state-dir"));
        }
        let error = choose_state_dir(None, Some(Path::new("x/y")), base()).unwrap_err();
        assert_eq!(error.to_string(), "the state directory x/y is not an absolute path");
    }

    #[test]
    fn created_for_us_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("share/state/ccwatch");
        prepare_state_dir(&path).unwrap();
        assert_eq!(mode(&path), 0o700);
        prepare_state_dir(&path.join("")).unwrap();
    }

    #[test]
    fn others_are_shut_out_and_we_are_not_let_in() {
        let dir = tempfile::tempdir().unwrap();
        for (before, after) in [(0o755, 0o700), (0o777, 0o700), (0o500, 0o500), (0o2770, 0o2700)] {
            set_mode(dir.path(), before);
            prepare_state_dir(dir.path()).unwrap();
            assert_eq!(mode(dir.path()), after, "{before:o}");
        }
        set_mode(dir.path(), 0o700);
    }

    #[test]
    fn what_others_use_is_neither_taken_nor_closed() {
        let dir = tempfile::tempdir().unwrap();
        for (name, file, closed) in [
            ("shared", "letter", false),
            ("ccwatch", "letter", true),
            ("other", "ccwatch.lock", true),
            ("old", "ccwatch.db", true),
        ] {
            let path = dir.path().join(name);
            fs::create_dir(&path).unwrap();
            fs::write(path.join(file), "").unwrap();
            set_mode(&path, 0o755);
            let done = prepare_state_dir(&path);
            assert_eq!(done.is_ok(), closed, "{name}: {done:?}");
            assert_eq!(mode(&path), if closed { 0o700 } else { 0o755 }, "{name}");
        }
        let base = BaseDirs::new().unwrap();
        for shared in [base.home_dir(), base.config_dir(), Path::new("/usr"), Path::new("/var")] {
            assert_eq!(is_shared(shared), shared != Path::new("/usr"), "{}", shared.display());
        }
        assert!(!is_shared(&base.config_dir().join(OWN)));
        let error = prepare_state_dir(base.home_dir()).unwrap_err();
        assert!(error.to_string().ends_with("it is used by other programs, too"), "{error}");
    }

    #[test]
    fn a_directory_that_is_deleted_moved_or_made_again_is_lost() {
        let dir = tempfile::tempdir().unwrap();
        let (path, other) = (dir.path().join("state"), dir.path().join("other"));
        let hold = || {
            fs::create_dir(&path).unwrap();
            let held = Held::open(&path).unwrap();
            assert!(!held.is_lost());
            held
        };
        let held = hold();
        fs::remove_dir(&path).unwrap();
        assert!(held.is_lost());
        fs::create_dir(&path).unwrap();
        assert!(held.is_lost());
        fs::remove_dir(&path).unwrap();

        let held = hold();
        fs::rename(&path, &other).unwrap();
        assert!(held.is_lost());
        fs::rename(&other, &path).unwrap();
        assert!(!held.is_lost());
        // Mounts over it have another device.
        let covered = Held { path: "/proc".into(), ..held };
        assert!(!covered.is_lost());
    }

    #[test]
    fn what_is_not_a_directory_of_ours_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::create_dir(at("real")).unwrap();
        set_mode(&at("real"), 0o755);
        symlink("real", at("link")).unwrap();
        symlink("nowhere", at("dangling")).unwrap();
        fs::write(at("file"), "").unwrap();
        fs::create_dir(at("sticky")).unwrap();
        set_mode(&at("sticky"), 0o1777);
        let cases = [
            ("link", "a symbolic link"),
            ("link/", "a symbolic link"),
            ("dangling", "a symbolic link"),
            ("file", "not a directory"),
            ("sticky", "shared with others"),
        ];
        for (name, why) in cases {
            let error = prepare_state_dir(&at(name)).unwrap_err();
            assert!(error.to_string().ends_with(&format!(": it is {why}")), "{name}: {error}");
        }
        assert_eq!((mode(&at("real")), mode(&at("sticky"))), (0o755, 0o1777));

        let below_file = prepare_state_dir(&at("file/state")).unwrap_err();
        assert!(matches!(below_file, PathError::Unusable { .. }), "{below_file}");
        assert!(prepare_state_dir(Path::new("/")).is_err());
    }

    #[test]
    fn a_directory_of_another_user_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        set_mode(dir.path(), 0o755);
        // Only root can give a directory away; for others it is we who are somebody else.
        let me = rustix::process::geteuid();
        if me.is_root() {
            chown(dir.path(), Some(12345), None).unwrap();
        }
        let me = if me.is_root() { 0 } else { me.as_raw() + 1 };
        let error = close_to_others(dir.path(), me).unwrap_err();
        assert!(error.to_string().contains("owned by user "), "{error}");
        assert_eq!(mode(dir.path()), 0o755);
    }
}
