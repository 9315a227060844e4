//! The plans and the files that they write.

use std::collections::HashMap;
use std::path::Path;

use plist::Value;

use super::files::{Found, Look, VERSION, whose};
use super::*;

/// A disk that is a map.
#[derive(Default, Clone)]
struct Fake(HashMap<PathBuf, String>);

impl Look for Fake {
    fn look(&self, path: &Path) -> Found {
        self.0.get(path).map_or(Found::Nothing, |text| whose(text.clone()))
    }
}

impl Fake {
    /// As it is once a plan was carried out.
    fn after(mut self, plan: &Plan) -> Self {
        for step in &plan.steps {
            match step {
                Step::Write { path, text } => {
                    self.0.insert(path.clone(), text.clone());
                }
                Step::Remove(path) => {
                    self.0.remove(path);
                }
                _ => {}
            }
        }
        self
    }

    fn with(mut self, path: &str, text: &str) -> Self {
        self.0.insert(path.into(), text.to_owned());
        self
    }

    fn at(&self, path: &str) -> &str {
        self.0.get(Path::new(path)).unwrap_or_else(|| panic!("no {path} in {:?}", self.0.keys()))
    }
}

fn site() -> Site {
    Site {
        program: "/home/u/.cargo/bin/ccwatch".to_owned(),
        options: Vec::new(),
        environment: Vec::new(),
        home: "/home/u".into(),
        config_home: "/home/u/.config".into(),
        manager_config_home: "/home/u/.config".into(),
        data_home: "/home/u/.local/share".into(),
        state_dir: "/home/u/.local/state/ccwatch".into(),
        uid: 1000,
    }
}

const PLAIN: Change = Change { force: false, dry_run: false };
const FORCE: Change = Change { force: true, dry_run: false };
const UNIT: &str = "/home/u/.config/systemd/user/ccwatch.service";
const STRICT: &str = "/home/u/.config/systemd/user/ccwatch.service.d/strict.conf";
const LISTING: &str = "/home/u/.local/share/applications/ccwatch.desktop";
/// Where the pictures of notices are, up to what sets one apart.
const PICTURES: &str = "/home/u/.local/share/icons/hicolor/scalable/apps/ccwatch";
const AUTOSTART: &str = "/home/u/.config/autostart/ccwatch.desktop";
const AGENT: &str = "/home/u/Library/LaunchAgents/io.github.ccwatch.plist";

fn install(disk: &Fake, change: Change, strict: bool) -> Result<Plan, ServiceError> {
    systemd::install(&site(), disk, change, strict)
}

/// What a plan does, a line a step.
fn steps(plan: &Plan) -> Vec<String> {
    let line = |step: &Step| match step {
        Step::Write { path, .. } => format!("write {}", path.display()),
        Step::Try(command) => format!("try {command}"),
        step => step.by_hand(),
    };
    plan.steps.iter().map(line).collect()
}

/// The values of a key in a unit, in order.
fn values<'a>(unit: &'a str, key: &str) -> Vec<&'a str> {
    unit.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('=')).collect()
}

#[test]
fn a_fresh_install_writes_and_starts() {
    let plan = install(&Fake::default(), PLAIN, false).unwrap();
    assert_eq!(
        steps(&plan),
        [
            &format!("write {UNIT}"),
            &format!("write {LISTING}"),
            &format!("write {PICTURES}.svg"),
            &format!("write {PICTURES}-outage.svg"),
            &format!("write {PICTURES}-fix.svg"),
            &format!("write {PICTURES}-back.svg"),
            "systemctl --user daemon-reload",
            "systemctl --user enable ccwatch.service",
            "try systemctl --user reset-failed ccwatch.service",
            "systemctl --user restart ccwatch.service",
        ]
    );
}

#[test]
fn a_second_install_writes_nothing_and_a_later_one_brings_it_up_to_date() {
    let first = install(&Fake::default(), PLAIN, true).unwrap();
    let disk = Fake::default().after(&first);
    let writes = |disk: &Fake| {
        let plan = install(disk, PLAIN, false).unwrap();
        steps(&plan).into_iter().filter(|step| step.starts_with("write")).collect::<Vec<_>>()
    };
    assert!(writes(&disk).is_empty());
    let older = disk.clone().with(UNIT, "# ccwatch-unit: 0\n[Service]\n");
    assert_eq!(writes(&older), [format!("write {UNIT}")]);
    let older = disk.with(STRICT, "# ccwatch-unit: 1\n[Service]\n");
    assert_eq!(writes(&older), [format!("write {STRICT}")], "the drop-in stays in force");
}

#[test]
fn what_ccwatch_did_not_write_is_left_alone_unless_forced() {
    let theirs = Fake::default().with(UNIT, "[Service]\nExecStart=/bin/mine\n");
    let newer = Fake::default().with(UNIT, &format!("# ccwatch-unit: {}\n", VERSION + 1));
    let agent = Fake::default().with(AGENT, "<plist/>");
    for (disk, expected) in [
        (&theirs, "was not written by ccwatch: it is not replaced"),
        (&newer, "was written by a newer ccwatch"),
    ] {
        let error = install(disk, PLAIN, false).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert!(error.hint().contains("--force"));
        assert!(install(disk, FORCE, false).unwrap().steps.len() > 4);
    }
    let error = systemd::uninstall(&site(), &theirs, PLAIN).unwrap_err();
    assert!(error.to_string().contains("it is not removed"), "{error}");
    let forced = systemd::uninstall(&site(), &theirs, FORCE).unwrap();
    assert!(steps(&forced).contains(&format!("rm {UNIT}")));
    assert!(launchd::install(&site(), &agent, PLAIN).is_err());
    assert!(launchd::uninstall(&site(), &agent, PLAIN).is_err());
    // Somebody else's desktop entries are neither replaced nor removed, and no reason to fail.
    let entries = Fake::default().with(LISTING, "[Desktop Entry]").with(AUTOSTART, "mine");
    let plan = install(&entries, FORCE, false).unwrap();
    assert!(!steps(&plan).iter().any(|step| step.contains(".desktop")));
}

#[test]
fn uninstall_leaves_nothing() {
    let disk = Fake::default();
    let plan = install(&disk, PLAIN, true).unwrap();
    let disk = disk.after(&plan);
    let plan = systemd::uninstall(&site(), &disk, PLAIN).unwrap();
    assert_eq!(
        steps(&plan),
        [
            "try systemctl --user stop ccwatch.service",
            "systemctl --user disable ccwatch.service",
            &format!("rm {UNIT}"),
            &format!("rm {STRICT}"),
            "rmdir /home/u/.config/systemd/user/ccwatch.service.d",
            &format!("rm {LISTING}"),
            &format!("rm {PICTURES}.svg"),
            &format!("rm {PICTURES}-outage.svg"),
            &format!("rm {PICTURES}-fix.svg"),
            &format!("rm {PICTURES}-back.svg"),
            "systemctl --user daemon-reload",
            "try systemctl --user reset-failed ccwatch.service",
        ]
    );
    let disk = disk.after(&plan);
    assert!(disk.0.is_empty(), "{:?}", disk.0.keys());
    assert_eq!(systemd::uninstall(&site(), &disk, PLAIN).unwrap(), Plan::default());
}

#[test]
fn a_unit_that_a_package_brought_is_used_as_it_is() {
    const PACKAGED: &str = "/usr/lib/systemd/user/ccwatch.service";
    let shipped = include_str!("../../../systemd/ccwatch.service");
    let disk = Fake::default().with(PACKAGED, shipped);
    let packaged = Site { program: "/usr/bin/ccwatch".to_owned(), ..site() };
    let plan = systemd::install(&packaged, &disk, PLAIN, false).unwrap();
    assert!(!steps(&plan).iter().any(|step| step.contains("systemd/user/")), "{plan:?}");
    // Another program than the package's needs a unit of its own.
    assert!(steps(&install(&disk, PLAIN, false).unwrap()).contains(&format!("write {UNIT}")));
    let plan = systemd::uninstall(&packaged, &disk, PLAIN).unwrap();
    let stopped = "try systemctl --user stop ccwatch.service";
    assert_eq!(steps(&plan), [stopped, "systemctl --user disable ccwatch.service"]);
}

#[test]
fn the_unit_is_the_shipped_one_with_the_real_path() {
    let shipped = include_str!("../../../systemd/ccwatch.service");
    let disk = Fake::default().after(&install(&Fake::default(), PLAIN, false).unwrap());
    let ours = shipped.replace("/usr/bin/ccwatch", "/home/u/.cargo/bin/ccwatch");
    assert_eq!(disk.at(UNIT), ours);
    for (key, expected) in [
        ("Type", vec!["notify"]),
        ("ExecStart", vec!["/home/u/.cargo/bin/ccwatch run"]),
        ("Restart", vec!["on-failure"]),
        ("WatchdogSec", vec!["5min"]),
        ("StateDirectory", vec![]),
        ("WantedBy", vec!["default.target"]),
        ("NoNewPrivileges", vec!["yes"]),
        ("SystemCallErrorNumber", vec!["EPERM"]),
        // These keep a unit of a user from starting, or need what it may not have.
        ("User", vec![]),
        ("PrivateDevices", vec![]),
        ("CapabilityBoundingSet", vec![]),
        ("PrivateUsers", vec![]),
    ] {
        assert_eq!(values(disk.at(UNIT), key), expected, "{key}");
    }
    let hopeless = [ExitCode::Usage, ExitCode::Config].map(|code| code.code().to_string());
    assert_eq!(values(shipped, "RestartPreventExitStatus"), [hopeless.join(" ")]);
}

#[test]
fn the_watchdog_wakes_nobody_at_the_default_interval() {
    let shipped = include_str!("../../../systemd/ccwatch.service");
    let limit = values(shipped, "WatchdogSec")[0].strip_suffix("min").unwrap();
    let limit = std::time::Duration::from_secs(limit.parse::<u64>().unwrap() * 60);
    let longest_pause = Config::default().poll.interval.mul_f64(1.1);
    assert!(limit >= 3 * longest_pause && limit / 2 > longest_pause + limit / 4);
}

#[test]
fn paths_and_options_stand_for_themselves_in_the_unit() {
    for (program, options, expected) in [
        ("/usr/bin/ccwatch", &[][..], "/usr/bin/ccwatch run"),
        ("/opt/a b/ccwatch", &[], r#""/opt/a b/ccwatch" run"#),
        ("/opt/100%/ccwatch", &[], r#""/opt/100%%/ccwatch" run"#),
        ("/opt/b;c/ccwatch", &[r#"/"q"\'"#], r#""/opt/b;c/ccwatch" run "/\"q\"\\'""#),
        ("/opt/ccwatch", &["a\nb"], r#"/opt/ccwatch run "a\x0ab""#),
        // systemd expands variables in arguments, not in the path of the program.
        ("/opt/$x/ccwatch", &["--config", "/c/$x"], "/opt/$x/ccwatch run --config /c/$$x"),
        ("/opt/${x}/ccwatch", &["/${x}"], r#""/opt/${x}/ccwatch" run "/$${x}""#),
        ("/opt/ü/ccwatch", &["", "%h"], r#""/opt/ü/ccwatch" run "" "%%h""#),
    ] {
        let options = options.iter().map(ToString::to_string).collect();
        let site = Site { program: program.to_owned(), options, ..site() };
        let plan = systemd::install(&site, &Fake::default(), PLAIN, false).unwrap();
        let disk = Fake::default().after(&plan);
        assert_eq!(values(disk.at(UNIT), "ExecStart"), [expected]);
    }
}

#[test]
fn a_path_that_systemd_refuses_is_refused_before() {
    for program in ["/a\"b/ccwatch", "/a'b/ccwatch", "/a\\b/ccwatch", "/a\nb/ccwatch"] {
        let site = Site { program: program.to_owned(), ..site() };
        let error = systemd::install(&site, &Fake::default(), PLAIN, false).unwrap_err();
        assert!(matches!(error, ServiceError::Program { .. }), "{error}");
    }
}

#[test]
fn the_drop_in_opens_the_state_directory_in_force() {
    for (state_dir, expected) in [
        ("/home/u/.local/state/ccwatch", "/home/u/.local/state/ccwatch"),
        ("/data/my state", "\"/data/my state\""),
    ] {
        let site = Site { state_dir: state_dir.into(), ..site() };
        let plan = systemd::install(&site, &Fake::default(), PLAIN, true).unwrap();
        assert!(plan.steps.contains(&Step::MakeDir(state_dir.into())));
        let disk = Fake::default().after(&plan);
        assert_eq!(values(disk.at(STRICT), "ReadWritePaths"), [expected]);
        assert_eq!(values(disk.at(STRICT), "PrivateUsers"), ["yes"]);
    }
}

#[test]
fn places_that_only_the_shell_knows_are_told_to_the_service() {
    let environment = vec![("XDG_STATE_HOME".to_owned(), "/s t/100%".to_owned())];
    let site = Site { environment, manager_config_home: "/m".into(), ..site() };
    let plan = systemd::install(&site, &Fake::default(), PLAIN, false).unwrap();
    let disk = Fake::default().after(&plan);
    let unit = disk.at("/m/systemd/user/ccwatch.service");
    assert_eq!(values(unit, "Environment"), [r#""XDG_STATE_HOME=/s t/100%%""#]);
}

#[test]
fn autostart_and_the_service_take_turns() {
    let plan = desktop::autostart(&site(), &Fake::default(), PLAIN).unwrap();
    let disk = Fake::default().after(&plan);
    let entry = disk.at(AUTOSTART);
    assert_eq!(values(entry, "Exec"), ["/home/u/.cargo/bin/ccwatch run"]);
    assert!(steps(&plan).iter().all(|step| step.starts_with("write")), "no service manager");
    // The service takes its place, and uninstall removes both.
    let removed = format!("rm {AUTOSTART}");
    assert!(steps(&install(&disk, PLAIN, false).unwrap()).contains(&removed));
    let gone = systemd::uninstall(&site(), &disk, PLAIN).unwrap();
    assert!(disk.after(&gone).0.is_empty());
}

#[test]
fn the_agent_is_loaded_anew() {
    let plan = launchd::install(&site(), &Fake::default(), PLAIN).unwrap();
    let target = "gui/1000/io.github.ccwatch";
    assert_eq!(
        steps(&plan),
        [
            format!("write {AGENT}"),
            format!("try launchctl bootout {target}"),
            format!("wait until this fails: launchctl print {target}"),
            format!("launchctl enable {target}"),
            format!("launchctl bootstrap gui/1000 {AGENT}"),
        ]
    );
    let disk = Fake::default().after(&plan);
    let again = launchd::install(&site(), &disk, PLAIN).unwrap();
    assert!(!steps(&again).iter().any(|step| step.starts_with("write")));
    let gone = launchd::uninstall(&site(), &disk, PLAIN).unwrap();
    let logs = "/home/u/Library/Logs/ccwatch";
    assert_eq!(
        steps(&gone),
        [
            format!("try launchctl bootout {target}"),
            format!("rm {AGENT}"),
            format!("rm {logs}/ccwatch.log"),
            format!("rm {logs}/ccwatch.log.1"),
            format!("rmdir {logs}"),
        ]
    );
    assert_eq!(launchd::uninstall(&site(), &disk.after(&gone), PLAIN).unwrap(), Plan::default());
}

#[test]
fn the_agent_holds_what_launchd_needs() {
    let strange = Site {
        program: "/Users/u/R&D <x> \"y\"/ccwatch".to_owned(),
        options: vec!["--config".to_owned(), "/a & b".to_owned()],
        ..site()
    };
    let log = "~/Library/Logs/ccwatch/ccwatch.log";
    let ours = vec!["/Users/u/R&D <x> \"y\"/ccwatch", "run", "--config", "/a & b"];
    let installed = launchd::install(&strange, &Fake::default(), PLAIN).unwrap();
    let installed = Fake::default().after(&installed);
    let shipped = include_str!("../../../launchd/io.github.ccwatch.plist");
    for (text, program) in
        [(shipped, vec!["/usr/local/bin/ccwatch", "run"]), (installed.at(AGENT), ours)]
    {
        let parsed = Value::from_reader_xml(text.as_bytes()).unwrap();
        let agent = parsed.as_dictionary().unwrap();
        let words = agent["ProgramArguments"].as_array().unwrap();
        let words: Vec<&str> = words.iter().map(|word| word.as_string().unwrap()).collect();
        assert_eq!(words, [program, vec!["--log-file", log]].concat());
        let keys: Vec<&String> = agent.keys().collect();
        assert_eq!(
            keys,
            [
                "Label",
                "ProgramArguments",
                "RunAtLoad",
                "KeepAlive",
                "ThrottleInterval",
                "ExitTimeOut",
                "ProcessType",
                "LimitLoadToSessionType",
                "Umask"
            ]
        );
        assert_eq!(agent["Label"].as_string(), Some("io.github.ccwatch"));
        assert_eq!(agent["RunAtLoad"].as_boolean(), Some(true));
        let keep = agent["KeepAlive"].as_dictionary().unwrap();
        assert_eq!(keep["SuccessfulExit"].as_boolean(), Some(false));
        assert_eq!(keep.len(), 1);
        assert_eq!(agent["ProcessType"].as_string(), Some("Background"));
        assert_eq!(agent["Umask"].as_signed_integer(), Some(0o077));
        assert!(agent["ThrottleInterval"].as_signed_integer() >= Some(10));
    }
}

#[test]
fn every_error_says_what_to_do() {
    let path = || PathBuf::from("/u");
    for error in [
        ServiceError::Foreign { path: path(), done: "replaced" },
        ServiceError::Newer { path: path(), version: 2 },
        ServiceError::NoManager { why: "x".to_owned() },
        ServiceError::NotInstalled,
        ServiceError::Program { why: "x".to_owned() },
        ServiceError::Step {
            what: "rm /u".to_owned(),
            why: "x".to_owned(),
            service_may_tell: false,
        },
    ] {
        assert!(!error.hint().is_empty() && !error.to_string().ends_with('.'), "{error}");
    }
}
