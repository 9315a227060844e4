//! The rules on a thread of their own, which they hold for alone. What is tried there was possible
//! before: the same is tried outside.

use std::fs;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal};

use super::*;

/// Runs `tries` in the sandbox; none where the system can't, which is said.
fn inside<T: Send + 'static>(
    needs: Allowlist,
    tries: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let thread = std::thread::spawn(move || match linux::restrict(&needs) {
        Protection::On { .. } => Some(tries()),
        other => {
            eprintln!("SKIPPED: the sandbox is {other}");
            None
        }
    });
    thread.join().unwrap()
}

/// A user with secrets, and with all that ccwatch has.
struct User {
    dir: tempfile::TempDir,
}

impl User {
    fn new() -> Self {
        let user = Self { dir: tempfile::tempdir().unwrap() };
        for (file, text) in [
            (".ssh/id_ed25519", "secret"),
            (".claude/.credentials.json", "secret"),
            (".claude/projects/p/session.jsonl", "{}"),
            (".claude/settings.json", "{}"),
            (".config/browser/cookies", "secret"),
            (".config/ccwatch/config.toml", ""),
            (".local/state/ccwatch/ccwatch.db", ""),
            (".local/state/other/file", "secret"),
            ("notes/ccwatch.log", ""),
        ] {
            user.write(file, text);
        }
        user
    }

    fn at(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        fs::write(self.at(path), text).unwrap();
    }

    fn needs(&self) -> Allowlist {
        let mut needs =
            Allowlist { home: Some(self.dir.path().to_owned()), ..Allowlist::default() };
        needs.change.push(self.at(".local/state/ccwatch"));
        needs.change_file(&self.at("notes/ccwatch.log"), None);
        needs.read_file(&self.at(".config/ccwatch/config.toml"));
        needs.read_dir(&self.at(".claude/projects"));
        needs.read.push(self.at(".claude/settings.json"));
        needs
    }
}

/// A program outside the sandbox, of the same user.
struct Outsider(Child);

impl Outsider {
    fn start() -> Self {
        let child = Command::new("sleep").arg("1000").stdin(Stdio::null()).spawn();
        Self(child.unwrap())
    }
}

impl Drop for Outsider {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// The same file, through this process's own entry in /proc.
fn roundabout(path: &Path) -> PathBuf {
    Path::new("/proc/self/root").join(path.strip_prefix("/").unwrap())
}

/// What can be tried, and whether it works in the sandbox.
type Try = (&'static str, bool, Box<dyn Fn() -> io::Result<()> + Send>);

fn read(name: &'static str, works: bool, path: PathBuf) -> Try {
    (name, works, Box::new(move || fs::read(&path).map(drop)))
}

fn list(name: &'static str, works: bool, path: PathBuf) -> Try {
    (name, works, Box::new(move || fs::read_dir(&path)?.next().transpose().map(drop)))
}

/// Makes a file and a directory, changes, moves and removes them.
fn change(name: &'static str, works: bool, dir: PathBuf) -> Try {
    let all = move || {
        let (one, two, sub) = (dir.join("one"), dir.join("two"), dir.join("sub"));
        fs::write(&one, "1")?;
        fs::write(&one, "")?;
        fs::rename(&one, &two)?;
        fs::remove_file(&two)?;
        fs::create_dir(&sub)?;
        fs::remove_dir(&sub)
    };
    (name, works, Box::new(all))
}

fn files(user: &User) -> Vec<Try> {
    vec![
        read("a key", false, user.at(".ssh/id_ed25519")),
        read("the login", false, user.at(".claude/.credentials.json")),
        read("a cookie", false, user.at(".config/browser/cookies")),
        read("another's state", false, user.at(".local/state/other/file")),
        read("a key by another road", false, roundabout(&user.at(".ssh/id_ed25519"))),
        list("the home", false, user.at("")),
        list("/tmp", false, "/tmp".into()),
        read("a transcript", true, user.at(".claude/projects/p/session.jsonl")),
        read("one file of a closed directory", true, user.at(".claude/settings.json")),
        read("the configuration", true, user.at(".config/ccwatch/config.toml")),
        read("the database", true, user.at(".local/state/ccwatch/ccwatch.db")),
        read("the users", true, "/etc/passwd".into()),
        read("nothing", true, "/dev/null".into()),
        list("programs", true, "/usr/bin".into()),
        change("in the state", true, user.at(".local/state/ccwatch")),
        change("where the log is", true, user.at("notes")),
        change("in the home", false, user.at("")),
        change("in the configuration", false, user.at(".config/ccwatch")),
        change("in transcripts", false, user.at(".claude/projects")),
        change("in /tmp", false, "/tmp".into()),
    ]
}

/// Tries all of it here and in the sandbox.
fn compare(needs: Allowlist, tries: Vec<Try>) {
    for (name, _, attempt) in &tries {
        attempt().unwrap_or_else(|error| panic!("{name}, outside: {error}"));
    }
    inside(needs, move || {
        for (name, works, attempt) in tries {
            let done = attempt();
            assert_eq!(done.is_ok(), works, "{name}: {done:?}");
            if let Err(error) = done {
                assert_eq!(error.kind(), io::ErrorKind::PermissionDenied, "{name}");
            }
        }
    });
}

#[test]
fn of_the_users_files_only_ours() {
    let user = User::new();
    let tries = files(&user);
    compare(user.needs(), tries);
}

/// As editors save, as Claude Code begins a session, and as a log is rotated.
#[test]
fn what_comes_later_into_an_open_place_is_open() {
    let user = User::new();
    let (send, inside_now) = std::sync::mpsc::channel();
    let (go_on, written) = std::sync::mpsc::channel::<()>();
    let paths = [
        user.at(".config/ccwatch/config.toml"),
        user.at(".claude/projects/new/session.jsonl"),
        user.at("linked/config.toml"),
    ];
    user.write("dotfiles/ccwatch/config.toml", "");
    fs::create_dir(user.at("linked")).unwrap();
    symlink(user.at("dotfiles/ccwatch/config.toml"), user.at("linked/config.toml")).unwrap();
    let mut needs = user.needs();
    needs.read_file(&user.at("linked/config.toml"));
    let reading = std::thread::spawn(move || {
        inside(needs, move || {
            send.send(()).unwrap();
            written.recv().unwrap();
            paths.map(fs::read)
        })
    });
    // Nobody there: the sandbox can't be had.
    if inside_now.recv().is_ok() {
        for (path, text) in [
            (".config/ccwatch/new", "replaced"),
            (".claude/projects/new/session.jsonl", "begun"),
            ("dotfiles/ccwatch/new", "replaced behind a link"),
        ] {
            user.write(path, text);
        }
        for dir in [".config/ccwatch", "dotfiles/ccwatch"] {
            fs::rename(user.at(dir).join("new"), user.at(dir).join("config.toml")).unwrap();
        }
        go_on.send(()).unwrap();
    }
    if let Some(found) = reading.join().unwrap() {
        let found = found.map(|text| String::from_utf8(text.unwrap()).unwrap());
        assert_eq!(found, ["replaced", "begun", "replaced behind a link"]);
    }
}

/// As WSL does: the resolver's file is a link to a place that isn't the system's.
#[test]
fn what_the_resolver_reads_is_open_wherever_it_leads() {
    let user = User::new();
    user.write("wsl/resolv.conf", "nameserver 127.0.0.1");
    user.write("beside/secret", "");
    fs::create_dir(user.at("etc")).unwrap();
    fs::create_dir(user.at("later")).unwrap();
    symlink("../wsl/resolv.conf", user.at("etc/resolv.conf")).unwrap();
    symlink(user.at("later/hosts"), user.at("etc/hosts")).unwrap();
    let link = user.at("etc/resolv.conf");
    let closed = read("the same, not needed", false, link.clone());
    compare(user.needs(), vec![closed]);
    let mut needs = user.needs();
    needs.read_behind(&link);
    needs.read_behind(&user.at("etc/hosts"));
    user.write("later/hosts", "");
    let tries = vec![
        read("the resolver's", true, link),
        read("one that came later", true, user.at("etc/hosts")),
        read("beside it", false, user.at("beside/secret")),
    ];
    compare(needs, tries);
}

#[test]
fn a_home_below_an_open_place_is_closed_all_the_same() {
    let user = User::new();
    let (home, beside) = (user.at("srv/me"), user.at("srv/lib"));
    user.write("srv/me/secret", "");
    user.write("srv/lib/libnss.so", "");
    symlink(&home, user.at("srv/link")).unwrap();
    let found = linux::without(&user.at("srv"), Some(&home));
    assert_eq!(found, [beside]);
    assert!(linux::without(&home, Some(&home)).is_empty());
    assert_eq!(linux::without(&user.at("srv"), Some(Path::new("/else"))), [user.at("srv")]);
}

#[test]
fn other_programs_are_out_of_reach() {
    let outsider = Outsider::start();
    let pid = Pid::from_child(&outsider.0);
    let signal = move || Ok(rustix::process::kill_process(pid, Signal::CONT)?);
    // Not its environment, which root may read in any case.
    let files = PathBuf::from(format!("/proc/{}/root/etc/passwd", outsider.0.id()));
    compare(
        User::new().needs(),
        vec![
            ("running one", false, Box::new(|| Command::new("true").status().map(drop))),
            ("signalling one", false, Box::new(signal)),
            read("looking into one", false, files),
        ],
    );
}

#[test]
fn it_can_call_but_not_be_called() {
    let user = User::new();
    let page = TcpListener::bind("127.0.0.1:0").unwrap();
    let listening = UnixListener::bind(user.at("bus")).unwrap();
    let name = user.dir.path().display().to_string();
    let address = SocketAddr::from_abstract_name(name).unwrap();
    let nameless = UnixListener::bind_addr(&address).unwrap();
    let tries = |reachable| -> Vec<Try> {
        let (page, bus) = (page.local_addr().unwrap(), user.at("bus"));
        let address = address.clone();
        vec![
            ("the page", true, Box::new(move || TcpStream::connect(page).map(drop))),
            ("the bus", true, Box::new(move || UnixStream::connect(&bus).map(drop))),
            (
                "an abstract socket",
                reachable,
                Box::new(move || UnixStream::connect_addr(&address).map(drop)),
            ),
            ("listening", false, Box::new(|| TcpListener::bind("127.0.0.1:0").map(drop))),
        ]
    };
    compare(user.needs(), tries(false));
    compare(Allowlist { abstract_sockets: true, ..user.needs() }, tries(true));
    drop((listening, nameless));
}

/// The rules hold for one thread and its children, so that it would look shut in and not be.
#[test]
fn beside_other_threads_nothing_is_claimed() {
    let waiting = std::thread::spawn(std::thread::park);
    let protection = enter(&User::new().needs());
    assert_eq!(protection, Protection::off("other threads run already"));
    waiting.thread().unpark();
    waiting.join().unwrap();
}

#[test]
fn it_is_kept_as_it_is_said() {
    for (protection, said) in [
        (Protection::On { abi: 7 }, "on (Landlock ABI 7)"),
        (Protection::Partly { abi: 1 }, "on as far as this kernel can (Landlock ABI 1)"),
        (Protection::off("x"), "off: x"),
    ] {
        assert_eq!(protection.to_string(), said);
        let kept = serde_json::to_string(&protection).unwrap();
        assert_eq!(serde_json::from_str::<Protection>(&kept).unwrap(), protection);
    }
}
