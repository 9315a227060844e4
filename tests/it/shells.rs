//! Completions in real shells, and manual pages through a real formatter.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::page::FakePage;
use crate::program::Home;

/// The commands that completions and manual pages have to know.
const COMMANDS: &[&str] = &[
    "run",
    "status",
    "replay",
    "demo",
    "notify-test",
    "config",
    "watch",
    "doctor",
    "metrics",
    "man",
];

fn home() -> Home {
    Home::new(&FakePage::start())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs a program, or says that it is not installed here.
fn installed(program: &str, args: &[&str], home: &Path) -> Option<Output> {
    let mut command = Command::new(program);
    let command = command.args(args).env("HOME", home).env("XDG_CONFIG_HOME", home);
    match command.stdin(Stdio::null()).output() {
        Ok(output) => Some(output),
        Err(error) => {
            crate::fault::skipped(&format!("{program} in real: {error}"));
            None
        }
    }
}

/// Sources the completions, asks the shell what it would offer after `ccwatch `, and what after
/// `ccwatch status --`.
#[test]
fn shells_complete_commands_and_options() {
    let home = home();
    let bash = "source $1
        for line in 'ccwatch ' 'ccwatch status --'; do
            COMP_LINE=$line COMP_WORDS=($line) COMP_CWORD=1
            case $line in *' ') COMP_WORDS+=('') ;; *) COMP_CWORD=2 ;; esac
            _ccwatch ccwatch \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD-1]}\"
            printf '%s\\n' \"${COMPREPLY[@]}\"
        done";
    // zsh's completion system only runs inside its line editor: what can be had without is that
    // the file loads as a function of it, and what it would list.
    let zsh = "autoload -Uz compinit && compinit -u -D && source $1 && (( $+functions[_ccwatch] )) \
        && (( $+_comps[ccwatch] )) && cat $1";
    let fish = "source $argv[1]; complete -C 'ccwatch '; complete -C 'ccwatch status --'";
    for (shell, args) in [
        ("bash", vec!["--norc", "-euc", bash, "bash"]),
        ("zsh", vec!["-fec", zsh, "zsh"]),
        ("fish", vec!["--no-config", "-c", fish]),
    ] {
        let script = home.run(&["completions", shell]);
        assert!(script.status.success(), "{}", text(&script.stderr));
        let file = home.path().join(shell);
        fs::write(&file, script.stdout).unwrap();
        let args = [args, vec![file.to_str().unwrap()]].concat();
        let Some(output) = installed(shell, &args, home.path()) else { continue };
        let offered = text(&output.stdout);
        assert_eq!(text(&output.stderr), "", "{shell}");
        assert!(output.status.success(), "{shell}: {offered}");
        for word in COMMANDS.iter().chain(&["--json", "--quiet"]) {
            assert!(offered.contains(word), "{shell} does not offer {word}:\n{offered}");
        }
    }
}

/// The names of components come from what the daemon wrote down, and silently from nowhere.
#[test]
fn shells_complete_components() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let names = |home: &Home| {
        let output = home.run(&["components"]);
        assert!(output.status.success());
        assert_eq!(text(&output.stderr), "");
        text(&output.stdout)
    };
    assert_eq!(names(&home), "");
    assert_eq!(home.run(&["run", "--once"]).status.code(), Some(0));
    assert!(names(&home).contains("\nClaude API\nClaude Code\n"), "{}", names(&home));
    fs::write(home.config(), "broken").unwrap();
    assert_eq!(names(&home), "");

    let ccwatch = "ccwatch() { printf 'claude.ai\\nClaude Code\\nClaude API\\n'; }";
    let bash = format!(
        "{ccwatch}; source $1
        for line in 'ccwatch status --component Cl' 'ccwatch wait claude' \\
                'ccwatch history --component \"Claude C'; do
            read -ra COMP_WORDS <<<\"$line\"
            case $line in *'\"'*) COMP_WORDS=(ccwatch history --component '\"Claude C') ;; esac
            COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
            _ccwatch ccwatch \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"
            printf '%s\\n' \"${{COMPREPLY[@]}}\"
        done"
    );
    let fish = "function ccwatch; printf 'claude.ai\\nClaude Code\\nClaude API\\n'; end
        source $argv[1]
        complete -C 'ccwatch status --component Claude\\ '
        complete -C 'ccwatch wait claude.'";
    for (shell, args, expected) in [
        (
            "bash",
            vec!["--norc", "-euc", &bash, "bash"],
            "Claude\\ Code\nClaude\\ API\nclaude.ai\nClaude Code\n",
        ),
        (
            "fish",
            vec!["--no-config", "-c", fish],
            "Claude API\tcomponent\nClaude Code\tcomponent\nclaude.ai\tcomponent\n",
        ),
    ] {
        let file = home.path().join(shell);
        fs::write(&file, home.run(&["completions", shell]).stdout).unwrap();
        let args = [args, vec![file.to_str().unwrap()]].concat();
        let Some(output) = installed(shell, &args, home.path()) else { continue };
        assert_eq!(text(&output.stderr), "", "{shell}");
        assert_eq!(text(&output.stdout), expected, "{shell}");
    }
}

#[test]
fn every_manual_page_renders_without_a_warning() {
    let home = home();
    let dir = home.path().join("share/man1");
    let made = home.run(&["man", dir.to_str().unwrap()]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let main = fs::read_to_string(dir.join("ccwatch.1")).unwrap();
    assert_eq!(text(&home.run(&["man"]).stdout), main);
    for name in COMMANDS.iter().chain(&["config-check", "completions"]) {
        let page = dir.join(format!("ccwatch-{name}.1"));
        assert!(page.exists(), "{}", page.display());
    }
    for entry in fs::read_dir(&dir).unwrap() {
        let path = entry.unwrap().path();
        let args = ["-man", "-ww", "-z", "-K", "utf8", path.to_str().unwrap()];
        let Some(checked) = installed("groff", &args, home.path()) else { return };
        assert_eq!(text(&checked.stderr), "", "{}", path.display());
        assert!(checked.status.success());
    }
    let args =
        ["-man", "-Tutf8", "-P-cbou", dir.join("ccwatch.1").to_str().unwrap()].map(str::to_owned);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let Some(shown) = installed("groff", &args, home.path()) else { return };
    let shown = text(&shown.stdout);
    for words in [
        "EXAMPLES",
        "EXIT STATUS",
        "the database could not be read or written",
        "ENVIRONMENT",
        "NO_COLOR",
        "FILES",
        "config.toml",
        "SEE ALSO",
    ] {
        assert!(shown.contains(words), "{words}:\n{shown}");
    }
    for entry in fs::read_dir(&dir).unwrap() {
        let path = entry.unwrap().path();
        let page = fs::read_to_string(&path).unwrap();
        assert!(page.contains(".SH \"SEE ALSO\""), "{}", path.display());
        let is_bare =
            ["ccwatch-completions.1", "ccwatch-man.1"].iter().any(|bare| path.ends_with(bare));
        for section in [".SH ENVIRONMENT", ".SH FILES"] {
            assert_eq!(page.contains(section), !is_bare, "{section}: {}", path.display());
        }
        let of_the_page = page.contains("HTTPS_PROXY") || page.contains("HTTPS\\_PROXY");
        let is_of_history = path.ends_with("ccwatch-history.1");
        assert!(!(is_of_history && of_the_page), "{}", path.display());
        assert!(
            !page.contains("SH EXTRA") && !page.contains("hook\\-runner(1)"),
            "{}",
            path.display()
        );
    }
}

#[test]
fn a_closed_pipe_and_an_unwritable_directory() {
    let home = home();
    let mut child = home.command(&["completions", "bash"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
    let file = home.config().join("below-a-file");
    let output = home.run(&["man", file.to_str().unwrap()]);
    assert!(text(&output.stderr).starts_with("error: can't write manual pages to "));
    assert_eq!(output.status.code(), Some(64));
}
