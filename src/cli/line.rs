//! The command line as it was typed: read for the terminal that it was typed on, and a better hint
//! where a shell took the words apart.

use std::ffi::{OsStr, OsString};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches, ValueEnum};

use super::{Cli, Color};
use crate::render::{columns, shell};

/// Reads the command line of this process.
///
/// # Errors
/// It can't be parsed, or asks for help.
pub fn read() -> Result<Cli, clap::Error> {
    let mut command = Cli::command();
    if let Some(columns) = columns::asked_for() {
        command = command.term_width(columns);
    }
    let matches = command.try_get_matches_from_mut(std::env::args_os());
    if !is_daemon(std::env::args_os()) {
        // Who answers and ends needn't take the whole tree of commands apart first, bit by bit.
        std::mem::forget(command);
    }
    Cli::from_arg_matches(&matches?)
}

/// The options of every command that have a value, as they can be written before a command.
const WITH_A_VALUE: [&str; 4] = ["--config", "--state-dir", "--color", "--colour"];

/// Whether a command line is that of the daemon, asked before anything is parsed.
pub fn is_daemon(words: impl IntoIterator<Item = OsString>) -> bool {
    let mut words = words.into_iter().skip(1);
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("run") => return true,
            Some(option) if WITH_A_VALUE.contains(&option) => drop(words.next()),
            Some(option) if option.starts_with('-') => {}
            _ => return false,
        }
    }
    false
}

/// What `--color` says: it counts for the help and the errors, too, which come before it is parsed.
pub fn color() -> Color {
    color_of(&std::env::args_os().collect::<Vec<OsString>>())
}

fn color_of(words: &[OsString]) -> Color {
    let words: Vec<&str> = words.iter().filter_map(|word| word.to_str()).collect();
    let wish = words.iter().enumerate().find_map(|(at, word)| {
        let option = word.strip_prefix("--color").or(word.strip_prefix("--colour"))?;
        option.strip_prefix('=').or(words.get(at + 1).copied())
    });
    wish.and_then(|wish| Color::from_str(wish, false).ok()).unwrap_or(Color::Auto)
}

/// What to do about a command line that clap's own words would lead astray.
pub fn hint(error: &clap::Error) -> Option<String> {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    let odd = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(odd)) => odd.as_str(),
        _ => "",
    };
    component_hint(error.kind(), &words, odd)
        .or_else(|| no_component_hint(error.kind(), &words, odd))
        .or_else(|| command_hint(error.kind(), &words))
        .or_else(|| text_hint(error.kind(), &words, odd))
}

/// `--component` behind a command that can't be about one.
fn no_component_hint(kind: ErrorKind, words: &[OsString], odd: &str) -> Option<String> {
    if kind != ErrorKind::UnknownArgument || !odd.starts_with("--component") {
        return None;
    }
    let hints = [
        (
            "run",
            "the daemon watches what watch.components names: change it there, and see with: ccwatch \
             config check",
        ),
        (
            "mute",
            "a mute is of everything, or of one incident; what you never want to hear of is left \
             out of watch.components",
        ),
        (
            "diagnose",
            "an error is about the components on the path of its request; see it with: ccwatch route",
        ),
        (
            "evidence",
            "an error is about the components on the path of its request; see it with: ccwatch route",
        ),
    ];
    let of = |word: &OsString| hints.iter().find(|(command, _)| word == command);
    words.iter().find_map(of).map(|(_, hint)| (*hint).to_owned())
}

/// A bare word behind a command that takes the name of a component as an option.
fn component_hint(kind: ErrorKind, words: &[OsString], odd: &str) -> Option<String> {
    let takes = ["status", "watch", "history", "uptime"];
    let command = words.iter().find_map(|word| takes.into_iter().find(|name| word == name))?;
    if kind != ErrorKind::UnknownArgument || odd.is_empty() || odd.starts_with('-') {
        return None;
    }
    Some(format!("for one component: ccwatch {command} --component {}", shell::quoted(odd)))
}

/// A command behind `wait`, without what sets it apart from names of components.
fn command_hint(kind: ErrorKind, words: &[OsString]) -> Option<String> {
    let is = |word: &OsString, what: &str| word.as_os_str() == OsStr::new(what);
    let at = words.iter().position(|word| is(word, "wait"))?;
    let behind = words.get(at + 1..)?;
    if kind != ErrorKind::UnknownArgument || behind.iter().any(|word| is(word, "--")) {
        return None;
    }
    let begins = behind.iter().position(|word| !word.to_string_lossy().starts_with('-'))?;
    let command = behind.get(begins..)?.iter().map(|word| shell::quoted(&word.to_string_lossy()));
    let command = command.collect::<Vec<_>>().join(" ");
    Some(format!("to run a command then, put -- before it: ccwatch wait -- {command}"))
}

/// A text behind a command about one error, which the shell took apart, or a command in its place.
fn text_hint(kind: ErrorKind, words: &[OsString], odd: &str) -> Option<String> {
    let takes = ["diagnose", "evidence"];
    let of = |(at, word): (usize, &OsString)| {
        takes.into_iter().find(|name| word == name).map(|name| (at, name))
    };
    let (at, command) = words.iter().enumerate().find_map(of)?;
    let words = words.get(at + 1..)?.iter().map(|word| word.to_string_lossy());
    let words: Vec<_> = words.skip_while(|word| word.starts_with('-')).collect();
    let within = words.iter().skip(1).any(|word| word.starts_with(odd));
    if kind != ErrorKind::UnknownArgument || odd.is_empty() || !within {
        return None;
    }
    let text = shell::quoted(&words.join(" "));
    let quoted: Vec<String> = words.iter().map(|word| shell::quoted(word)).collect();
    Some(format!(
        "the text of an error goes into quotes: ccwatch {command} {text}; to run a command until it \
         works: ccwatch retry {}",
        quoted.join(" ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &[&str]) -> Vec<OsString> {
        line.iter().map(OsString::from).collect()
    }

    #[test]
    fn a_command_behind_wait_is_shown_as_it_can_be_typed() {
        let unknown = ErrorKind::UnknownArgument;
        let hint = |line: &[&str]| command_hint(unknown, &words(line));
        assert_eq!(
            hint(&["wait", "claude", "-p", "say hi"]).unwrap(),
            "to run a command then, put -- before it: ccwatch wait -- claude -p 'say hi'"
        );
        assert_eq!(hint(&["wait", "--nonsense"]), None);
        assert_eq!(hint(&["wait", "--bad", "--", "claude"]), None);
        assert_eq!(hint(&["status", "--bad"]), None);
        assert_eq!(command_hint(ErrorKind::ValueValidation, &words(&["wait", "x", "-y"])), None);
    }

    #[test]
    fn a_text_that_the_shell_took_apart_is_shown_in_quotes() {
        let unknown = ErrorKind::UnknownArgument;
        let hint = |line: &[&str], odd: &str| text_hint(unknown, &words(line), odd);
        assert_eq!(
            hint(&["diagnose", "claude", "-p", "hi you"], "-p").unwrap(),
            "the text of an error goes into quotes: ccwatch diagnose 'claude -p hi you'; to run a \
             command until it works: ccwatch retry claude -p 'hi you'"
        );
        let said = hint(&["-v", "evidence", "--json", "API", "Error:", "--x=1"], "--x").unwrap();
        assert!(said.contains("ccwatch evidence 'API Error: --x=1'"), "{said}");
        assert_eq!(hint(&["diagnose", "--lats"], "--lats"), None);
        assert_eq!(hint(&["diagnose", "--lats", "API"], "--lats"), None);
        assert_eq!(hint(&["status", "x", "-y"], "-y"), None);
    }

    #[test]
    fn a_bare_name_is_shown_as_an_option() {
        let unknown = ErrorKind::UnknownArgument;
        let hint = |line: &[&str], odd: &str| component_hint(unknown, &words(line), odd);
        assert_eq!(
            hint(&["status", "Claude Code"], "Claude Code").unwrap(),
            "for one component: ccwatch status --component 'Claude Code'"
        );
        assert_eq!(hint(&["status", "--jsno"], "--jsno"), None);
        assert_eq!(hint(&["doctor", "x"], "x"), None);
    }

    #[test]
    fn a_component_where_there_is_none_is_refused_with_a_reason() {
        let unknown = ErrorKind::UnknownArgument;
        for (command, said) in [
            ("run", "watch.components"),
            ("mute", "of one incident"),
            ("diagnose", "ccwatch route"),
            ("evidence", "ccwatch route"),
        ] {
            let line = words(&[command, "--component", "x"]);
            assert!(no_component_hint(unknown, &line, "--component").unwrap().contains(said));
            assert_eq!(no_component_hint(unknown, &line, "--bad"), None);
        }
        let line = words(&["doctor", "--component", "x"]);
        assert_eq!(no_component_hint(unknown, &line, "--component"), None);
    }

    #[test]
    fn colours_are_heeded_before_anything_is_parsed() {
        for (line, expected) in [
            (&["ccwatch", "--color", "never"][..], Color::Never),
            (&["ccwatch", "status", "--color=always"], Color::Always),
            (&["ccwatch", "--colour=never"], Color::Never),
            (&["ccwatch", "--color"], Color::Auto),
            (&["ccwatch"], Color::Auto),
        ] {
            assert_eq!(color_of(&words(line)), expected, "{line:?}");
        }
    }

    #[test]
    fn the_daemon_is_known_before_anything_is_parsed() {
        for (line, expected) in [
            (&["ccwatch", "run"][..], true),
            (&["ccwatch", "-v", "--config", "x", "--state-dir=y", "run", "--once"], true),
            (&["ccwatch", "--color", "run", "run"], true),
            (&["ccwatch", "--config", "run", "status"], false),
            (&["ccwatch", "retry", "--", "npm", "run", "x"], false),
            (&["ccwatch", "status", "run"], false),
            (&["ccwatch"], false),
        ] {
            assert_eq!(is_daemon(words(line)), expected, "{line:?}");
        }
        for option in Cli::command().get_arguments().filter(|it| it.get_action().takes_values()) {
            let all = option.get_long_and_visible_aliases().unwrap_or_default();
            let known = |name: &&str| WITH_A_VALUE.contains(&format!("--{name}").as_str());
            assert!(all.iter().all(known), "{all:?}");
        }
    }

    #[test]
    fn commands_are_read_with_and_without_quotes_and_dashes() {
        let read =
            |line: &[&str]| Cli::from_arg_matches(&Cli::command().try_get_matches_from(line)?);
        for line in [
            &["ccwatch", "retry", "--max", "3", "claude", "-p", "hi", "--max", "7"][..],
            &["ccwatch", "retry", "--max", "3", "--", "claude", "-p", "hi", "--max", "7"],
        ] {
            let Ok(Cli { command: super::super::Command::Retry(args), .. }) = read(line) else {
                panic!("{line:?}");
            };
            assert_eq!(args.command, words(&["claude", "-p", "hi", "--max", "7"]));
            assert_eq!(args.max, 3);
        }
        assert!(read(&["ccwatch", "retry", "--mx", "3", "claude"]).is_err());
        let line = ["ccwatch", "diagnose", "API", "Error:", "529", "Overloaded"];
        let Ok(Cli { command: super::super::Command::Diagnose(args), .. }) = read(&line) else {
            panic!("{line:?}");
        };
        assert_eq!(args.text.join(" "), "API Error: 529 Overloaded");
    }
}
