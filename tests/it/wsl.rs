//! The hook for WSL, with a stand-in for PowerShell, and what `doctor` says there.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::desktop::{Bus, Server};
use crate::doctor::line;
use crate::page::FakePage;
use crate::program::{Home, executable};

/// Writes down its arguments, and what it is told in the variables that Windows gets.
const POWERSHELL: &str = r#"#!/bin/sh
cd "$(dirname "$0")"
for argument; do printf '%s\n' "$argument"; done >arguments
for name in $(echo "$WSLENV" | tr : ' '); do
    eval "printf %s \"\$$name\"" >"$name"
done
for name in TITLE BODY LINK; do base64 -d <"CCWATCH_TOAST_$name" >"$name"; done
"#;

fn hook() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/wsl/ccwatch-toast")
}

/// A stand-in for powershell.exe in a directory of its own, which is to be in PATH.
fn powershell(dir: &Path, script: &str) -> PathBuf {
    let bin = dir.join("windows");
    fs::create_dir_all(&bin).unwrap();
    let program = bin.join("powershell.exe");
    executable(&program, script);
    bin
}

fn path(bin: &Path) -> String {
    format!("{}:/usr/bin:/bin", bin.display())
}

fn toast(bin: &Path, variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(hook());
    command.env_clear().env("PATH", path(bin)).envs(variables.iter().copied()).output().unwrap()
}

#[test]
fn foreign_text_reaches_windows_as_it_is_and_never_in_the_command() {
    let dir = tempfile::tempdir().unwrap();
    let bin = powershell(dir.path(), POWERSHELL);
    let read = |name: &str| fs::read_to_string(bin.join(name)).unwrap();
    let mut commands = Vec::new();
    for text in [
        "Back: Claude Code, after 48 min",
        "'; Start-Process calc; '",
        "\"; $(touch bad) `touch bad` $env:PATH & | > bad",
        "</text><image src='x'/> &amp; ‘curly’ — 日本語 \\",
        "%PATH% ^& \u{2019}); calc; (\u{2018}",
    ] {
        let link = "https://status.claude.com/incidents/abc";
        let output = toast(
            &bin,
            &[
                ("CCWATCH_TITLE", text),
                ("CCWATCH_BODY", text),
                ("CCWATCH_LINK", link),
                ("CCWATCH_URGENCY", "critical"),
            ],
        );
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!([read("TITLE"), read("BODY"), read("LINK")], [text, text, link]);
        assert_eq!(read("CCWATCH_TOAST_LONG"), "1");
        commands.push(read("arguments"));
        assert_eq!(fs::read_dir(&bin).unwrap().count(), 9, "nothing else was written");
    }
    let command = &commands[0];
    assert!(commands.iter().all(|other| other == command), "one command for all");
    assert_eq!(command.lines().count(), 5, "the command is one line: {command}");
    assert!(!command.contains('"') && command.is_ascii(), "{command}");
    assert!(command.contains(r"'HKCU:\Software\Classes\AppUserModelId\ccwatch'"), "{command}");
}

#[test]
fn only_a_web_page_is_opened_and_failure_is_failure() {
    let dir = tempfile::tempdir().unwrap();
    let bin = powershell(dir.path(), POWERSHELL);
    for link in ["calc.exe", "file:///c:/windows/notepad.exe", ""] {
        assert!(toast(&bin, &[("CCWATCH_LINK", link)]).status.success());
        assert_eq!(fs::read_to_string(bin.join("LINK")).unwrap(), "");
        assert_eq!(fs::read_to_string(bin.join("TITLE")).unwrap(), "ccwatch");
    }
    powershell(dir.path(), "#!/bin/sh\nexit 7\n");
    assert_eq!(toast(&bin, &[]).status.code(), Some(7));
    let output = toast(&bin, &[("CCWATCH_POWERSHELL", "/no/powershell.exe")]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(said, "there is no /no/powershell.exe: set CCWATCH_POWERSHELL\n");
}

#[test]
fn ccwatch_gives_it_a_notice() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let bin = powershell(home.path(), POWERSHELL);
    home.configure(&page.url(), "", &format!("[notify]\nhook = [\"{}\"]\n", hook().display()));
    let mut command = home.command(&["notify-test"]);
    let output = command.env("PATH", path(&bin)).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("The hook ran, and said that all is well"), "{said}");
    assert_eq!(fs::read_to_string(bin.join("TITLE")).unwrap(), "ccwatch: this is a test");
}

fn doctor(home: &Home) -> Output {
    home.command(&["doctor"]).env("WSL_DISTRO_NAME", "Debian").output().unwrap()
}

#[test]
fn doctor_names_the_hook_and_the_drop_in() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let output = doctor(&home);
    let popups = line(&output, "pop-ups");
    assert!(popups.starts_with("FIX  pop-ups   none possible here: no session bus"), "{popups}");
    assert!(popups.contains("contrib/wsl/ccwatch-toast"), "{popups}");
    let found = line(&output, "wsl");
    assert!(found.starts_with("FIX  wsl       Windows shows nothing of ccwatch; "), "{found}");
    assert!(found.contains("contrib/wsl/ccwatch-toast"), "{found}");
    assert!(found.contains("contrib/wsl/wsl.conf"), "{found}");

    home.configure(&page.url(), "", &format!("[notify]\nhook = [\"{}\"]\n", hook().display()));
    let output = doctor(&home);
    assert!(line(&output, "pop-ups").starts_with("-    pop-ups   no session bus"));
    let found = line(&output, "wsl");
    let expected = "-    wsl       notices go to notify.hook; as a service it reaches Windows only \
                    with the drop-in contrib/wsl/wsl.conf";
    assert!(found.starts_with(expected), "{found}");

    let drop_ins = home.path().join(".config/systemd/user/ccwatch.service.d");
    fs::create_dir_all(&drop_ins).unwrap();
    let drop_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/wsl/wsl.conf");
    fs::copy(drop_in, drop_ins.join("wsl.conf")).unwrap();
    let found = line(&doctor(&home), "wsl");
    assert_eq!(found, "ok   wsl       notices go to notify.hook, as a service, too");
}

#[test]
fn with_a_desktop_below_windows_nothing_is_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let bus = Bus::start(dir.path());
    let _server = Server::start(&bus, &["body"]);
    let page = FakePage::start();
    let home = Home::on(&page, bus.address());
    let found = line(&doctor(&home), "wsl");
    assert!(found.starts_with("-    wsl       for toasts of Windows: "), "{found}");
}
