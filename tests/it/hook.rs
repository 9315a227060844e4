//! The user's hook: one run of it with every limit, and the whole program with a hook that writes
//! down what it is told.
#![cfg(target_os = "linux")]
use ccwatch_core::notice::sink::Sink;
use std::fs;
use std::future::pending;
use std::path::Path;
use std::time::Duration;

use ccwatch::render::sanitize::HOOK_BODY_MAX;
use ccwatch::sinks::hook::{Limits, Payload, call, find};
use ccwatch::store::{Reader, StoredDelivery};
use ccwatch_core::notice::DeliveryState;
use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::daemon::OUTAGE;
use crate::desktop::runtime;
use crate::page::{FakePage, SOON};
use crate::program::{Daemon, Home};

const QUICK: Limits = Limits {
    run: Duration::from_millis(300),
    grace: Duration::from_millis(100),
    last_grace: Duration::from_millis(100),
};
const PATIENT: Limits = Limits { run: Duration::from_secs(60), ..QUICK };

/// A hook that is a shell script, run in a directory of its own.
struct Script {
    dir: tempfile::TempDir,
    command: Vec<String>,
}

impl Script {
    fn new(text: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("hook");
        fs::write(&file, format!("cd '{}'\n{text}", dir.path().display())).unwrap();
        // Not executed itself: another test may just be starting a program, with this file open.
        let command = vec!["/bin/sh".to_owned(), file.to_str().unwrap().to_owned()];
        Self { dir, command }
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.dir.path().join(name)).unwrap()
    }

    fn run(&self, payload: &Payload, limits: Limits) -> Result<(), String> {
        self.run_until(payload, limits, pending())
    }

    fn run_until(
        &self,
        payload: &Payload,
        limits: Limits,
        stop: impl Future<Output = ()>,
    ) -> Result<(), String> {
        runtime().block_on(call(&self.command, payload, limits, stop))
    }
}

fn payload() -> Payload {
    Payload::test("2026-11-01T10:00:00Z".parse().unwrap())
}

/// Whether a process does nothing any more; nobody need have reaped it.
pub(crate) fn is_gone(pid: &str) -> bool {
    fs::read_to_string(format!("/proc/{}/stat", pid.trim()))
        .map_or(true, |stat| stat.rsplit(')').next().unwrap().trim_start().starts_with(['Z', 'X']))
}

async fn exists(file: &Path) {
    while fs::read(file).unwrap_or_default().is_empty() {
        tokio::task::yield_now().await;
    }
}

#[test]
fn a_hook_is_told_the_notice_as_json_and_in_its_environment() {
    let mut script = Script::new("cat >in; env >env; printf '%s|' \"$#\" \"$@\" >args");
    script.command.extend(["$(touch bad)".to_owned(), "`touch bad`; touch bad".to_owned()]);
    let told = Payload {
        title: "Claude API: \u{1b}[31mmajor\u{202e} outage\0\n$(touch bad)".to_owned(),
        body: "$(touch bad)`touch bad`; touch bad & \"x\"".repeat(4000),
        key: "outage/k8w3\u{7}/2026".to_owned(),
        components: vec!["k8w3r06qmzrp".to_owned(); 300],
        incident: Some("a\u{200b}bc".to_owned()),
        lasted_seconds: Some(2880),
        ..payload()
    };
    assert!(told.body.len() > 128 << 10);
    script.run(&told, PATIENT).unwrap();
    let json: Value = serde_json::from_str(&script.file("in")).unwrap();
    assert_eq!(json["version"], 1);
    assert_eq!(json["title"], "Claude API: major outage $(touch bad)");
    assert_eq!(json["key"], "outage/k8w3/2026");
    assert_eq!((&json["incident"], &json["lasted_seconds"]), (&"abc".into(), &2880.into()));
    assert_eq!(json["components"].as_array().unwrap().len(), 100);
    assert!(json["body"].as_str().unwrap().len() <= HOOK_BODY_MAX);
    let keys: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    for key in ["at", "page", "kind", "body", "urgency", "reason", "link"] {
        assert!(keys.contains(&key), "{key} is missing from {keys:?}");
    }
    let env = script.file("env");
    let value = |name: &str| {
        let line = env.lines().find_map(|line| line.strip_prefix(&format!("{name}=")));
        line.map(str::to_owned)
    };
    assert_eq!(value("CCWATCH_TITLE").as_deref(), Some("Claude API: major outage $(touch bad)"));
    assert_eq!(value("CCWATCH_BODY").as_deref(), json["body"].as_str());
    assert_eq!(value("CCWATCH_KEY").as_deref(), Some("outage/k8w3/2026"));
    assert_eq!(value("CCWATCH_LASTED_SECONDS").as_deref(), Some("2880"));
    assert_eq!(value("CCWATCH_LINK"), None);
    assert_eq!(script.file("args"), "2|$(touch bad)|`touch bad`; touch bad|");
    assert!(!script.dir.path().join("bad").exists(), "there is no shell between");
}

#[test]
fn what_goes_wrong_is_said_in_a_line() {
    for (text, said) in [
        ("exit 3", "exit code 3"),
        ("echo 'no token' >&2; echo more >&2; exit 1", "exit code 1: no token"),
        ("printf '\\n \\033[31mred\\033[0m\\n' >&2; exit 1", "exit code 1: red"),
        ("kill -9 $$", "ended by signal 9"),
        ("echo >&2; head -c 300000 /dev/zero >&2; echo x >&2; exit 2", "exit code 2:"),
        ("trap '' TERM; while :; do sleep 1000; done", "killed after 0.3 s"),
    ] {
        let limits = if text.contains("1000") { QUICK } else { PATIENT };
        assert_eq!(Script::new(text).run(&payload(), limits), Err(said.to_owned()), "{text}");
    }
    // It is killed once its first words were heard: what comes after them is more than a pipe holds.
    let talks = "echo waiting >&2; head -c 300000 /dev/zero >&2; echo >said; sleep 1000";
    let script = Script::new(talks);
    let said = script.dir.path().join("said");
    let done = script.run_until(&payload(), PATIENT, exists(&said));
    assert_eq!(done, Err("killed, because ccwatch stops: waiting".to_owned()));
}

#[test]
fn what_can_not_be_run_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let plain = dir.path().join("plain");
    fs::write(&plain, "").unwrap();
    let plain = plain.to_str().unwrap();
    let missing = dir.path().join("missing");
    let missing = missing.to_str().unwrap();
    for (program, said) in [
        (missing, format!("there is no file {missing}")),
        ("no-such-program", "there is no program no-such-program in PATH".to_owned()),
        (plain, format!("{plain} is not executable")),
        ("/", "/ is a directory, not a program".to_owned()),
    ] {
        let command = [program.to_owned()];
        let done = runtime().block_on(call(&command, &payload(), PATIENT, pending()));
        assert_eq!(done, Err(said));
    }
    assert!(find("sh").is_ok_and(|path| path.is_absolute()));
}

#[test]
fn a_hook_that_reads_nothing_holds_nobody_up() {
    let big =
        Payload { components: vec!["x".repeat(9999); 300], body: "y".repeat(1 << 17), ..payload() };
    let script = Script::new("cat >in");
    script.run(&big, PATIENT).unwrap();
    assert!(script.file("in").len() > 1 << 16, "more than a pipe holds");
    assert_eq!(Script::new("exec <&-; exit 0").run(&big, PATIENT), Ok(()));
    assert_eq!(Script::new("exit 0").run(&big, PATIENT), Ok(()));
    let slow = Script::new("sleep 1000").run(&big, QUICK);
    assert_eq!(slow, Err("killed after 0.3 s".to_owned()));
}

/// A grandchild that ignores SIGTERM and keeps our pipes open.
pub(crate) const STUBBORN: &str =
    "sh -c 'trap \"\" TERM; echo $$ >pid; while :; do sleep 1000; done' &
    while [ ! -s pid ]; do sleep 0.01; done";

#[test]
fn the_whole_group_is_killed() {
    let script = Script::new(&format!("{STUBBORN}; wait"));
    let file = script.dir.path().join("pid");
    let stop = exists(&file);
    let done = script.run_until(&payload(), PATIENT, stop);
    assert_eq!(done, Err("killed, because ccwatch stops".to_owned()));
    let pid = script.file("pid");
    runtime().block_on(async {
        while !is_gone(&pid) {
            tokio::task::yield_now().await;
        }
    });
}

#[test]
fn a_child_that_stays_behind_is_not_waited_for() {
    for (code, expected) in [(0, Ok(())), (4, Err("exit code 4".to_owned()))] {
        let script = Script::new(&format!("{STUBBORN}; exit {code}"));
        assert_eq!(script.run(&payload(), PATIENT), expected);
        let pid = script.file("pid").trim().parse().unwrap();
        assert!(!is_gone(&script.file("pid")), "what a hook leaves behind on purpose stays");
        kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
    }
}

/// Polls fast, and has a hook.
pub(crate) fn configure(home: &Home, page: &FakePage, hook: &[&str]) {
    let rest = format!(
        "[poll]\ninterval = \"40ms\"\nduring_outage = \"40ms\"\n[notify]\nsettle = \"60ms\"\nhook = {hook:?}\n"
    );
    home.configure(&page.url(), "stale_after = \"10m\"", &rest);
}

/// A shell script in the user's home, as a hook.
pub(crate) fn script(home: &Home, page: &FakePage, text: &str) {
    let file = home.path().join("hook.sh");
    fs::write(&file, format!("cd '{}'\n{text}", home.path().display())).unwrap();
    configure(home, page, &["sh", file.to_str().unwrap()]);
}

/// Looks again at each poll until there is what is looked for.
pub(crate) fn at_last<T>(page: &FakePage, look: impl Fn() -> Option<T>) -> T {
    for _ in 0..600 {
        if let Some(found) = look() {
            return found;
        }
        page.wait_for_requests(page.requests().len() + 1, SOON);
    }
    panic!("it never came to that");
}

/// Writes what it is told into a log, a line each.
pub(crate) const RECORD: &str = "{ cat; echo; } >>log";

/// What the hook was told so far, at least `n` times.
fn told(page: &FakePage, home: &Home, n: usize) -> Vec<Value> {
    at_last(page, || {
        let log = fs::read_to_string(home.path().join("log")).unwrap_or_default();
        let whole = &log[..log.rfind('\n').map_or(0, |end| end + 1)];
        let lines: Vec<Value> = whole.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        (lines.len() >= n).then_some(lines)
    })
}

/// How far the newest notice of a page came with a sink, by its database in `dir`.
pub(crate) fn newest(dir: &Path, sink: Sink) -> Option<StoredDelivery> {
    let notices = Reader::open(dir).ok()??.notices(Timestamp::MIN).ok()?;
    notices.last()?.deliveries.get(&sink).cloned()
}

fn with_hook(progress: DeliveryState) -> impl Fn(&Home) -> Option<()> {
    move |home| (newest(&home.state(), Sink::Hook)?.state == progress).then_some(())
}

fn word<'v>(told: &'v Value, key: &str) -> &'v str {
    told[key].as_str().unwrap()
}

#[test]
fn an_outage_from_start_to_end_without_a_notification_server() {
    let page = FakePage::start();
    let home = Home::new(&page);
    script(&home, &page, &format!("{RECORD}; env >env"));
    let mut command = home.command(&["run"]);
    command.env("NOTIFY_SOCKET", home.path().join("no-socket")).env("WATCHDOG_USEC", "300000000");
    let daemon = Daemon::start(command);
    page.wait_for_requests(2, SOON);
    for (n, (change, title)) in OUTAGE.into_iter().enumerate() {
        page.set(change);
        let told = told(&page, &home, n + 1);
        assert_eq!(told.len(), n + 1);
        assert!(word(&told[n], "title").starts_with(title), "{title}: {told:?}");
        assert_eq!(told[n]["version"], 1);
        assert_eq!(told[n]["components"], serde_json::json!(["yyzkbfz2thpt"]));
    }
    at_last(&page, || with_hook(DeliveryState::Shown)(&home));
    let told = told(&page, &home, 4);
    let kinds: Vec<&str> = told.iter().map(|told| word(told, "kind")).collect();
    assert_eq!(kinds, ["outage", "worse", "fix_out", "back"]);
    assert!(told[3]["lasted_seconds"].is_u64(), "{}", told[3]);
    let env = fs::read_to_string(home.path().join("env")).unwrap();
    assert!(env.contains("CCWATCH_KIND=back\n"), "{env}");
    assert!(!env.contains("NOTIFY_SOCKET") && !env.contains("WATCHDOG"), "{env}");
    // A restart tells nothing again.
    daemon.stop();
    let again = home.daemon();
    page.wait_for_requests(page.requests().len() + 6, SOON);
    again.stop();
    assert_eq!(fs::read_to_string(home.path().join("log")).unwrap().lines().count(), 4);
    let history = home.run(&["history", "--since", "2020-01-01"]);
    let history = String::from_utf8(history.stdout).unwrap();
    assert!(history.contains("(hook run)") && !history.contains("not told"), "{history}");
    let history = home.run(&["history", "--notices", "--json", "--since", "2020-01-01"]);
    let history = String::from_utf8(history.stdout).unwrap();
    assert!(
        history.contains(r#""hook":"shown""#) || history.contains(r#""hook": "shown""#),
        "{history}"
    );
}

/// Tells who it is, and doesn't end before it may.
const WAITS: &str = "{ cat; echo; } >>log; echo $$ >hook.pid; echo $PPID >runner.pid
    while [ ! -e go ]; do sleep 0.02; done";

/// Waits until neither the hook nor its runner is there any more.
fn nobody_is_left(home: &Home) {
    for file in ["hook.pid", "runner.pid"] {
        let pid = fs::read_to_string(home.path().join(file)).unwrap();
        while !is_gone(&pid) {
            std::thread::yield_now();
        }
    }
}

fn has_pid(home: &Home) -> Option<()> {
    fs::read(home.path().join("runner.pid")).is_ok_and(|pid| !pid.is_empty()).then_some(())
}

#[test]
fn killed_while_the_hook_runs_it_is_repeated_once_with_the_same_key() {
    let page = FakePage::start();
    let home = Home::new(&page);
    script(&home, &page, WAITS);
    let daemon = home.daemon();
    page.set(OUTAGE[0].0);
    told(&page, &home, 1);
    at_last(&page, || has_pid(&home));
    daemon.kill();
    nobody_is_left(&home);
    fs::write(home.path().join("go"), "").unwrap();
    for _ in 0..2 {
        let daemon = home.daemon();
        told(&page, &home, 2);
        at_last(&page, || with_hook(DeliveryState::Shown)(&home));
        page.wait_for_requests(page.requests().len() + 4, SOON);
        daemon.kill();
    }
    let told = told(&page, &home, 2);
    assert_eq!(told.len(), 2, "once more, and never again");
    assert_eq!(told[0], told[1], "with the same key");
}

#[test]
fn stopped_while_the_hook_runs() {
    let page = FakePage::start();
    let home = Home::new(&page);
    script(&home, &page, &format!("trap '' TERM; {WAITS}"));
    let daemon = home.daemon();
    page.set(OUTAGE[0].0);
    at_last(&page, || has_pid(&home));
    // The hook itself would never end.
    let (status, _, said) = daemon.stop();
    assert!(status.success(), "{said}");
    nobody_is_left(&home);
}

#[test]
fn a_configuration_that_changes_while_it_runs() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let mut daemon = home.daemon();
    page.wait_for_requests(2, SOON);
    script(&home, &page, RECORD);
    daemon.signal("-HUP");
    let line = daemon.says("notify.hook is new");
    assert!(line.contains("ccwatch service restart"), "{line}");
    daemon.stop();

    let mut daemon = home.daemon();
    page.wait_for_requests(page.requests().len() + 2, SOON);
    script(&home, &page, "{ cat; echo; } >>log; echo new >which");
    daemon.signal("-HUP");
    daemon.says("the configuration was read again");
    page.set(OUTAGE[0].0);
    told(&page, &home, 1);
    at_last(&page, || {
        fs::read(home.path().join("which")).is_ok_and(|w| w == b"new\n").then_some(())
    });
    configure(&home, &page, &[]);
    daemon.signal("-HUP");
    daemon.says("the configuration was read again");
    page.set(OUTAGE[1].0);
    daemon.says("Major outage: ");
    page.wait_for_requests(page.requests().len() + 4, SOON);
    assert_eq!(told(&page, &home, 1).len(), 1, "there is no hook any more");
}

#[test]
fn notify_test_and_doctor_look_at_it() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let said = |args: &[&str]| String::from_utf8(home.run(args).stdout).unwrap();
    assert!(!said(&["doctor"]).contains("  hook "), "there is none");
    script(&home, &page, RECORD);
    let test = said(&["notify-test"]);
    assert!(test.contains("The hook ran"), "{test}");
    let log = told_once(&home);
    assert_eq!((word(&log, "kind"), word(&log, "title")), ("test", "ccwatch: this is a test"));
    let doctor = said(&["doctor"]);
    assert!(doctor.contains("/sh can be run"), "{doctor}");
    script(&home, &page, "echo 'no token' >&2; exit 7");
    let test = home.run(&["notify-test"]);
    assert_eq!(test.status.code(), Some(1));
    let test = String::from_utf8(test.stdout).unwrap();
    assert!(test.contains("The hook failed: exit code 7: no token."), "{test}");
    let missing = home.path().join("missing");
    configure(&home, &page, &[missing.to_str().unwrap()]);
    let doctor = said(&["doctor"]);
    assert!(doctor.contains("notify.hook: there is no file "), "{doctor}");
    assert!(doctor.contains("missing; write"), "{doctor}");
}

fn told_once(home: &Home) -> Value {
    serde_json::from_slice(&fs::read(home.path().join("log")).unwrap()).unwrap()
}

#[test]
fn the_runner_is_for_the_daemon_only() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let output = home.run(&["hook-runner"]);
    assert_eq!(output.status.code(), Some(64));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("started by the daemon"), "{said}");
}

/// What it was told last counts, until somebody changes something about it.
#[test]
fn doctor_says_that_the_hook_failed_when_it_was_run() {
    let page = FakePage::start();
    let home = Home::new(&page);
    script(&home, &page, "exit 3");
    let mut daemon = home.daemon();
    page.wait_for_requests(2, SOON);
    let doctor = || String::from_utf8(home.run(&["doctor"]).stdout).unwrap();
    assert!(doctor().contains("ok   hook "), "it was not run yet: {}", doctor());
    page.set(OUTAGE[0].0);
    daemon.says("the hook failed: exit code 3");
    at_last(&page, || {
        let reader = Reader::open(&home.state()).unwrap().unwrap();
        let notices = reader.notices(Timestamp::UNIX_EPOCH).unwrap();
        (notices.first()?.deliveries.get(&Sink::Hook)?.unanswered == 1).then_some(())
    });
    let failed = "FIX  hook      notify.hook failed when it was last run, at ";
    assert!(doctor().contains(failed), "{}", doctor());
    script(&home, &page, "exit 0");
    assert!(doctor().contains("ok   hook "), "it may be mended: {}", doctor());
    page.set(OUTAGE[1].0);
    daemon.says("Major outage: ");
    at_last(&page, || {
        let reader = Reader::open(&home.state()).unwrap().unwrap();
        let notices = reader.notices(Timestamp::UNIX_EPOCH).unwrap();
        let last = notices.last()?.state(Sink::Hook)?;
        (last == DeliveryState::Shown).then_some(())
    });
    assert!(doctor().contains("ok   hook "), "{}", doctor());
    daemon.stop();
}

/// A hook hangs until it is killed: then it is told what is the matter by now.
#[test]
fn what_got_worse_while_a_hook_hung_reaches_it() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let hang = "if [ ! -e hung ]; then touch hung; exec sleep 1000; fi\ncat >told";
    script(&home, &page, hang);
    let mut daemon = home.daemon();
    page.wait_for_requests(2, SOON);
    page.set(OUTAGE[0].0);
    at_last(&page, || home.path().join("hung").exists().then_some(()));
    page.set(OUTAGE[1].0);
    daemon.says("Major outage: ");
    assert!(!home.path().join("told").exists(), "the first run hangs still");
    daemon.says("the hook failed: killed after 10 s");
    at_last(&page, || {
        let told = fs::read_to_string(home.path().join("told")).ok()?;
        told.contains("\"title\":\"Major outage: Claude Code\"").then_some(())
    });
    daemon.stop();
}
