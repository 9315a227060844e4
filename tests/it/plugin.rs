//! `ccwatch plugin`, with a `claude` of ours in the place of the real one.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

use crate::page::FakePage;
use crate::program::{Home, executable};

/// Keeps what it is asked, and what Claude Code keeps of a plugin.
const CLAUDE: &str = r#"#!/bin/sh
[ "$1" = --version ] && { cat "$HOME/version" 2>/dev/null; exit; }
echo "$*" >>"$HOME/asked"
[ -e "$HOME/broken" ] && { echo "first"; echo "no space left" >&2; exit 1; }
plugins="$HOME/.claude/plugins"
mkdir -p "$plugins"
case "$*" in
"plugin marketplace add "*) printf '{"ccwatch":{"source":{"source":"directory","path":"%s"}}}' "$4" >"$plugins/known_marketplaces.json"; echo "$4" >"$HOME/from" ;;
"plugin install "* | "plugin update "*)
    version=$(sed -n 's/.*"version": "\(.*\)".*/\1/p' "$(cat "$HOME/from")/ccwatch/.claude-plugin/plugin.json")
    printf '{"plugins":{"ccwatch@ccwatch":[{"version":"%s"}]}}' "$version" >"$plugins/installed_plugins.json"
    printf '{"enabledPlugins":{"ccwatch@ccwatch":true}}' >"$HOME/.claude/settings.json" ;;
"plugin uninstall "*) printf '{"plugins":{}}' >"$plugins/installed_plugins.json" ;;
esac
"#;

struct Place {
    home: Home,
    _page: FakePage,
}

impl Place {
    fn new() -> Self {
        let page = FakePage::start();
        Self { home: Home::new(&page), _page: page }
    }

    fn with_claude() -> Self {
        let place = Self::new();
        let bin = place.at(".local/bin");
        fs::create_dir_all(&bin).unwrap();
        executable(&bin.join("claude"), CLAUDE);
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.home.command(args);
        command.env("PATH", "/usr/bin:/bin");
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn plugin(&self) -> PathBuf {
        self.at(".local/share/ccwatch/claude-code")
    }

    fn asked(&self) -> Vec<String> {
        let asked = fs::read_to_string(self.at("asked")).unwrap_or_default();
        asked.lines().map(str::to_owned).collect()
    }

    fn state(&self) -> Value {
        let output = self.run(&["plugin", "status", "--json"]);
        let status: Value = serde_json::from_slice(&output.stdout).unwrap();
        let well = ["current", "elsewhere"].contains(&status["state"].as_str().unwrap());
        assert_eq!(output.status.code(), Some(i32::from(!well)), "{status}");
        status
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_plugin_is_written_registered_and_taken_away_again() {
    let place = Place::with_claude();
    assert_eq!(place.state()["state"], "missing");
    let output = place.run(&["plugin", "install", "--no-resume"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let dir = place.plugin();
    let add = format!("plugin marketplace add {}", dir.display());
    assert_eq!(
        place.asked(),
        [&add, "plugin install ccwatch@ccwatch", "plugin update ccwatch@ccwatch"]
    );
    let hooks = fs::read_to_string(dir.join("ccwatch/hooks/hooks.json")).unwrap();
    let program = env!("CARGO_BIN_EXE_ccwatch");
    assert!(hooks.contains(&format!("command -v {program} >/dev/null")), "{hooks}");
    let config = place.home.config();
    assert!(hooks.contains(&format!("{program} --config {}", config.display())), "{hooks}");
    let status = place.state();
    assert_eq!((&status["state"], &status["heard"]), (&"current".into(), &Value::Null), "{status}");
    assert_eq!(status["plugin"], status["installed"]);
    // A hook that runs is heard of, whether or not there is a daemon.
    let event = r#"{"session_id":"1","hook_event_name":"Stop","cwd":"/"}"#;
    fs::write(place.at("event"), event).unwrap();
    let mut hook = place.command(&["hook"]);
    assert!(hook.stdin(fs::File::open(place.at("event")).unwrap()).status().unwrap().success());
    assert!(place.state()["heard"].is_string());
    let doctor = text(&place.run(&["doctor"]).stdout);
    assert!(doctor.contains("plugin    The plugin is installed: "), "{doctor}");
    assert!(doctor.contains("; heard of last less than a minute ago"), "{doctor}");
    // What was changed is mended by installing it again.
    fs::write(dir.join("ccwatch/hooks/hooks.json"), "{}").unwrap();
    assert_eq!(place.state()["state"], "outdated");
    let doctor = text(&place.run(&["doctor"]).stdout);
    assert!(doctor.contains("To bring it up to date, run: ccwatch plugin install"), "{doctor}");
    assert!(place.run(&["plugin", "install"]).status.success());
    assert_eq!(place.state()["state"], "current");
    assert!(place.run(&["plugin", "uninstall"]).status.success());
    assert_eq!(place.asked().last().unwrap(), "plugin marketplace remove ccwatch");
    assert_eq!((place.state()["state"].as_str(), dir.exists()), (Some("missing"), false));
    let output = place.run(&["plugin", "uninstall"]);
    assert!(text(&output.stdout).starts_with("There is no plugin to uninstall."));
}

#[test]
fn a_dry_run_shows_everything_and_does_nothing() {
    let place = Place::with_claude();
    let output = place.run(&["plugin", "install", "--dry-run", "--resume"]);
    let said = text(&output.stdout);
    assert!(said.contains("hooks.json:") && said.contains("\"StopFailure\""), "{said}");
    assert!(said.contains("claude plugin install ccwatch@ccwatch"), "{said}");
    assert!(said.contains(": [sessions] resume = true"), "{said}");
    assert!(!place.plugin().exists() && place.asked().is_empty());
    let output = place.run(&["plugin", "uninstall", "--dry-run"]);
    assert_eq!(text(&output.stdout), "nothing to do\n");
}

#[test]
fn where_claude_is_missing_or_fails_it_says_what_to_do_by_hand() {
    let place = Place::new();
    let output = place.run(&["plugin", "install"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let add = format!("claude plugin marketplace add {}", place.plugin().display());
    assert!(said.contains("claude was not found") && said.contains(&add), "{said}");
    assert!(place.plugin().is_dir(), "what it is to be told of is there");
    let place = Place::with_claude();
    fs::write(place.at("broken"), "").unwrap();
    let output = place.run(&["plugin", "install"]);
    let said = text(&output.stderr);
    assert_eq!((output.status.code(), place.asked().len()), (Some(1), 1), "{said}");
    assert!(said.contains("this failed: claude plugin marketplace add"), "{said}");
    assert!(said.contains(": no space left"), "{said}");
    fs::write(place.at("version"), "2.1.77 (Claude Code)\n").unwrap();
    let output = place.run(&["plugin", "install"]);
    let said = text(&output.stderr);
    assert_eq!((output.status.code(), place.asked().len()), (Some(1), 1), "{said}");
    assert!(
        said.contains("Claude Code 2.1.77 is too old") && said.contains("claude update"),
        "{said}"
    );
}

#[test]
fn whether_sessions_go_on_is_written_into_the_configuration_as_it_stands() {
    let place = Place::with_claude();
    let config = place.home.config();
    let before = fs::read_to_string(&config).unwrap() + "# mine\n";
    fs::write(&config, &before).unwrap();
    fs::set_permissions(&config, fs::Permissions::from_mode(0o600)).unwrap();
    // Nobody sits there to be asked.
    let output = place.run(&["plugin", "install"]);
    assert!(text(&output.stdout).contains("ccwatch plugin install --resume"));
    assert_eq!(fs::read_to_string(&config).unwrap(), before);
    assert_eq!(place.state()["resume"], false);
    assert!(place.run(&["plugin", "install", "--resume"]).status.success());
    assert_eq!(
        fs::read_to_string(&config).unwrap(),
        before.clone() + "\n[sessions]\nresume = true\n"
    );
    assert_eq!(fs::metadata(&config).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(place.state()["resume"], true);
    assert!(place.run(&["plugin", "install", "--no-resume"]).status.success());
    assert_eq!(
        fs::read_to_string(&config).unwrap(),
        before.clone() + "\n[sessions]\nresume = false\n"
    );
    // What can't be changed for certain is left, and said.
    fs::write(&config, &before).unwrap();
    fs::set_permissions(&config, fs::Permissions::from_mode(0o444)).unwrap();
    let output = place.run(&["plugin", "install", "--resume"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("it is read-only"), "{said}");
    assert!(said.contains("set sessions.resume to true in it"), "{said}");
    assert_eq!(fs::read_to_string(&config).unwrap(), before);
}

#[test]
fn somebody_who_sits_there_is_asked_once() {
    let Ok(_) = Command::new("script").arg("--version").output() else {
        println!("SKIPPED: there is no script(1) here");
        return;
    };
    for (answer, expected) in [("y\n", true), ("\n", false)] {
        let place = Place::with_claude();
        let install = || {
            let ours = place.command(&["plugin", "install"]);
            let words = [ours.get_program()].into_iter().chain(ours.get_args());
            let words: Vec<String> =
                words.map(|word| format!("'{}'", word.to_str().unwrap())).collect();
            fs::write(place.at("answer"), answer).unwrap();
            let mut command = Command::new("script");
            command.args(["-qec", &words.join(" "), "/dev/null"]).env_clear();
            command.envs(ours.get_envs().filter_map(|(name, value)| Some((name, value?))));
            let output =
                command.stdin(fs::File::open(place.at("answer")).unwrap()).output().unwrap();
            text(&output.stdout)
        };
        let said = install();
        assert!(said.contains("go on by themselves, when a retry makes sense?"), "{said}");
        assert_eq!(place.state()["resume"], expected, "{said}");
        let said = install();
        assert!(!said.contains("when a retry makes sense?"), "asked again: {said}");
        assert_eq!(place.state()["resume"], expected);
    }
}
