//! The program in real shells, as people and scripts use it.

use std::process::{Command, Output, Stdio};

use crate::page::{CLAUDE_CODE, FakePage, SOON};
use crate::program::Home;

const SHELLS: [&str; 4] = ["sh", "bash", "dash", "zsh"];

fn is_there(shell: &str) -> bool {
    let tried = Command::new(shell).args(["-c", ":"]).stdin(Stdio::null()).status();
    tried.is_ok_and(|status| status.success())
}

/// Runs a script in which `cc` is ccwatch with its configuration.
fn run(home: &Home, shell: &str, script: &str, env: &[(&str, &str)]) -> Output {
    let program = env!("CARGO_BIN_EXE_ccwatch");
    let config = home.config();
    let function = format!("cc() {{ '{program}' --config '{}' \"$@\"; }}; ", config.display());
    Command::new(shell)
        .args(["-c", &(function + script)])
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .envs([("HOME", home.path().to_str().unwrap()), ("TZ", "UTC")])
        .envs(env.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn conditions_chains_pipes_and_closed_pipes() {
    for down in [false, true] {
        for with_daemon in [false, true] {
            let page = FakePage::start();
            let home = Home::new(&page);
            if down {
                page.set(|page| {
                    page.set_status(CLAUDE_CODE, "major_outage", "2026-11-01T10:00:00Z")
                });
            }
            // The shells look where a user's daemon writes.
            let state = home.path().join(".local/state/ccwatch");
            let mut daemon =
                with_daemon.then(|| home.start(&["run", "--state-dir", state.to_str().unwrap()]));
            if daemon.is_some() {
                page.wait_for_requests(4, SOON);
            }
            let (word, wait, waited) = match down {
                true => ("red", "cc wait -q --timeout 50ms", "failed 124"),
                // What isn't waited for needs no limit that a slow machine could miss.
                false => ("green", "cc wait -q", "on"),
            };
            let wait = format!("{wait} && echo on || echo failed $?");
            for shell in SHELLS.into_iter().filter(|shell| is_there(shell)) {
                for (script, expected) in [
                    ("if cc status -q; then echo green; else echo red; fi", word),
                    (wait.as_str(), waited),
                    ("cc retry -q --within 50ms -- false; echo $?", "1"),
                    ("cc retry -q -- sh -c 'cat; exit 0' </dev/null; echo $?", "0"),
                    ("cc status | head -n 0; cc status --json | head -n 1", "{"),
                    (
                        "cc status | cat >/dev/null; cc wait --timeout 50ms 2>&1 | head -n 0; echo $?",
                        "0",
                    ),
                ] {
                    let output = run(&home, shell, script, &[]);
                    let got = (text(&output.stdout), text(&output.stderr));
                    assert_eq!(got, (format!("{expected}\n"), String::new()), "{shell}: {script}");
                }
            }
            drop(daemon.take());
        }
    }
}

#[test]
fn without_a_home_and_in_a_dumb_terminal() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let dir = tempfile::tempdir().unwrap();
    let nowhere = dir.path().join("nowhere").to_str().unwrap().to_owned();
    for env in [[("HOME", nowhere.as_str()), ("TERM", "dumb")], [("HOME", ""), ("TERM", "")]] {
        for (script, expected) in [
            ("cc status -q; echo $?", "0"),
            ("cc wait -q; echo $?", "0"),
            ("cc retry -q -- false; echo $?", "1"),
        ] {
            let output = run(&home, "sh", script, &env);
            let got = (text(&output.stdout), text(&output.stderr));
            assert_eq!(got, (format!("{expected}\n"), String::new()), "{env:?} {script}");
        }
    }
}
