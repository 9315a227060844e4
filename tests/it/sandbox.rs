//! The daemon in its sandbox. Every other test of the daemon runs in it, too.
#![cfg(target_os = "linux")]
use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use landlock::{AccessFs, LandlockStatus, Ruleset, RulesetAttr};

use crate::doctor::line;
use crate::page::FakePage;
use crate::program::{Daemon, Home};

/// A user who named nothing: everything is where it is by default.
struct Resident {
    home: Home,
    page: FakePage,
}

impl Resident {
    fn new(top: &str) -> Self {
        let page = FakePage::start();
        let home = Home::new(&page);
        home.configure(&page.url(), top, "[poll]\ninterval = \"40ms\"\n");
        let resident = Self { home, page };
        fs::create_dir_all(resident.home.path().join(".config/ccwatch")).unwrap();
        resident.save("config.toml");
        resident
    }

    /// A copy of the configuration in its directory.
    fn save(&self, name: &str) {
        let dir = self.home.path().join(".config/ccwatch");
        fs::copy(self.home.config(), dir.join(name)).unwrap();
    }

    /// Saves as editors do: a new file in the place of the old one.
    fn replace(&self) {
        let dir = self.home.path().join(".config/ccwatch");
        self.save("new");
        fs::rename(dir.join("new"), dir.join("config.toml")).unwrap();
    }

    /// Puts a link in the place of the configuration, to a file elsewhere in the home.
    fn link(&self) {
        let dir = self.home.path().join(".config/ccwatch");
        fs::remove_file(dir.join("config.toml")).unwrap();
        symlink(self.home.config(), dir.join("config.toml")).unwrap();
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ccwatch"));
        let home = self.home.path();
        command.env_clear().env("HOME", home).env("XDG_RUNTIME_DIR", home).args(args);
        command.stdin(Stdio::null());
        command
    }

    fn daemon(&self, args: &[&str]) -> Daemon {
        let mut daemon = Daemon::start(self.command(args));
        daemon.says("watching");
        self.page.wait_for_requests(1, crate::page::SOON);
        daemon
    }

    /// What doctor says of the sandbox.
    fn doctor(&self) -> String {
        line(&self.command(&["doctor"]).output().unwrap(), "sandbox")
    }
}

/// Whether the kernel has Landlock at all; asked on a thread of its own, which is lost by that.
fn kernel_has_it() -> bool {
    let ask = || {
        let rules = Ruleset::default().handle_access(AccessFs::Execute).unwrap();
        rules.create().unwrap().restrict_self().unwrap().landlock
    };
    matches!(std::thread::spawn(ask).join().unwrap(), LandlockStatus::Available { .. })
}

#[test]
fn ways_that_are_new_at_a_reload_say_that_their_road_is_not_seen() {
    if !kernel_has_it() {
        crate::fault::skipped("a road that the sandbox hides: this kernel has no Landlock");
        return;
    }
    let resident = Resident::new("");
    let mut daemon = resident.daemon(&["run"]);
    let (config, url) = (resident.home.config(), resident.page.url());
    let more = format!("[providers]\nbedrock = [\"us-east-1\"]\nbedrock_url = \"{url}\"\n");
    let text = fs::read_to_string(&config).unwrap() + &more;
    fs::write(&config, text).unwrap();
    resident.save("config.toml");
    daemon.signal("-HUP");
    daemon.says("[providers] is new: which way your requests go is seen after a restart");
    daemon.says("the configuration was read again");
    daemon.stop();
}

#[test]
fn it_reads_its_own_files_and_no_others_and_doctor_says_so() {
    let resident = Resident::new("");
    assert_eq!(resident.doctor(), "-    sandbox   known once the daemon runs");
    let mut daemon = resident.daemon(&["run"]);
    if !kernel_has_it() {
        assert!(resident.doctor().starts_with("-    sandbox   off: this kernel has no Landlock"));
        crate::fault::skipped("what the sandbox keeps shut: this kernel has no Landlock");
        return;
    }
    let said = resident.doctor();
    assert!(said.starts_with("ok   sandbox   on"), "{said}");
    resident.replace();
    daemon.signal("-HUP");
    daemon.says("the configuration was read again");
    resident.link();
    daemon.signal("-HUP");
    let said = daemon.says("the old configuration stays in force");
    assert!(said.contains("only what was there at the start, so start ccwatch again"), "{said}");
    assert!(daemon.stop().0.success());
    // It is there at the next start.
    let mut daemon = resident.daemon(&["run"]);
    resident.link();
    daemon.signal("-HUP");
    daemon.says("the configuration was read again");
}

#[test]
fn switched_off_it_reads_what_the_user_can_and_doctor_says_so() {
    let resident = Resident::new("sandbox = false");
    let mut daemon = resident.daemon(&["run"]);
    assert_eq!(resident.doctor(), "-    sandbox   off: switched off (sandbox = false)");
    resident.link();
    daemon.signal("-HUP");
    daemon.says("the configuration was read again");
}

/// The sandbox knows the directory that was there at the start: a new start heals it.
#[test]
fn a_state_directory_that_is_deleted_or_made_again_ends_the_daemon_and_a_new_one_uses_it() {
    for made_again in [false, true] {
        let resident = Resident::new("");
        let state = resident.home.path().join(".local/state/ccwatch");
        let daemon = resident.daemon(&["run"]);
        fs::rename(&state, resident.home.path().join("old")).unwrap();
        if made_again {
            fs::create_dir(&state).unwrap();
        }
        let (status, said) = daemon.ends();
        assert_eq!(status.code(), Some(74), "{said}");
        assert!(said.contains("was deleted or replaced, so ccwatch stopped"), "{said}");
        assert!(said.contains("start it again"), "{said}");
        let daemon = resident.daemon(&["run"]);
        assert!(daemon.stop().0.success());
        assert!(state.join("ccwatch.db").exists());
    }
}

/// Who may write the state directory could name a hook.
#[test]
fn a_configuration_in_the_state_directory_is_warned_of() {
    let resident = Resident::new("");
    let state = resident.home.path().join(".config/ccwatch");
    let state = ["--state-dir", state.to_str().unwrap()];
    let mut daemon = Daemon::start(resident.command(&["--state-dir", state[1], "run"]));
    daemon.says("is in the state directory, where the sandbox can't protect it");
    daemon.says("watching");
    if kernel_has_it() {
        let output = resident.command(&["--state-dir", state[1], "doctor"]).output().unwrap();
        let said = line(&output, "sandbox");
        assert!(said.starts_with("FIX  sandbox   on"), "{said}");
        assert!(said.ends_with("protect it"), "{said}");
    }
}

/// A configuration that is made after the start is read: its directory is there.
#[test]
fn a_first_configuration_may_come_later() {
    let resident = Resident::new("");
    let config = resident.home.path().join(".config");
    fs::remove_dir_all(&config).unwrap();
    // Of a page that is not asked: there is no configuration that names ours.
    let mut command = resident.command(&["run"]);
    command.env("HTTPS_PROXY", "http://127.0.0.1:9");
    let mut daemon = Daemon::start(command);
    daemon.says("watching https://status.claude.com");
    resident.save("config.toml");
    daemon.signal("-HUP");
    daemon.says("the configuration was read again");
    resident.page.wait_for_requests(1, crate::page::SOON);
}
