//! `ccwatch completions SHELL`: made from the definitions in [`cli`](crate::cli), with the names of
//! the page's components, which the shell asks for when it needs them.

use std::io::Write;

use clap::{Command, CommandFactory};
use clap_complete::Shell;

use crate::app::exit_code::ExitCode;
use crate::cli::Cli;

/// Asks for the names. A shell that completes a word shows nothing of what goes wrong.
const ASK: &str = "ccwatch components 2>/dev/null";

/// What bash calls for a name.
const BASH: &str = r#"
# The names of components, as the daemon wrote them down last.
_ccwatch_components() {
    local word=${1//\\/} begun=$1 name
    word=${word#[\"\']}
    COMPREPLY=()
    while IFS= read -r name; do
        [[ $name == "$word"* ]] || continue
        case $begun in
            [\"\']*) COMPREPLY+=("$name") ;;
            *) COMPREPLY+=("$(printf '%q' "$name")") ;;
        esac
    done < <(@ASK@)
}
"#;

/// What zsh calls for a name.
const ZSH: &str = r#"
# The names of components, as the daemon wrote them down last.
(( $+functions[_ccwatch_components] )) ||
_ccwatch_components() {
    local -a names
    names=("${(@f)$(@ASK@)}")
    compadd -a names
}
"#;

/// What fish calls for a name; without a description, it would show that of the option.
const FISH: &str = r#"
# The names of components, as the daemon wrote them down last.
function __fish_ccwatch_components
    for name in (@ASK@)
        printf '%s\tcomponent\n' $name
    end
end
"#;

/// Prints what the shell has to source.
pub fn run(shell: Shell, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    // Not straight to `out`: the generator panics where a pipe is closed.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut visible(), "ccwatch", &mut script);
    let script = with_components(shell, &String::from_utf8(script)?);
    out.write_all(script.as_bytes())?;
    Ok(ExitCode::Success)
}

/// The command line without the commands that only ccwatch itself calls.
pub(super) fn visible() -> Command {
    let all = Cli::command();
    let commands = all.get_subcommands().filter(|command| !command.is_hide_set()).cloned();
    let mut visible = Command::new("ccwatch")
        .version(env!("CARGO_PKG_VERSION"))
        .args(all.get_arguments().cloned())
        .subcommands(commands);
    if let Some(about) = all.get_about() {
        visible = visible.about(about.clone());
    }
    if let Some(about) = all.get_long_about() {
        visible = visible.long_about(about.clone());
    }
    visible
}

/// The generator knows no values that are found out later: they are put in where it has none.
fn with_components(shell: Shell, script: &str) -> String {
    match shell {
        Shell::Bash => bash(script) + &BASH.replace("@ASK@", ASK),
        Shell::Zsh => {
            let own = ZSH.replace("@ASK@", ASK);
            let script =
                script.replace(":COMPONENT:_default", ":COMPONENT:_ccwatch_components").replace(
                    "instead of those in watch.components:_default",
                    "instead of those in watch.components:_ccwatch_components",
                );
            script.replacen(
                "\nif [ \"$funcstack[1]\"",
                &format!("{own}\nif [ \"$funcstack[1]\""),
                1,
            )
        }
        Shell::Fish => fish(script),
        // The others complete words and options only.
        _ => script.to_owned(),
    }
}

fn bash(script: &str) -> String {
    let any = "COMPREPLY=($(compgen -f \"${cur}\"))";
    let call = "_ccwatch_components \"${cur}\"";
    let option = |value: &str| format!("--component)\n                    {value}");
    let mut script = script.replace(&option(any), &option(call));
    // `wait` takes names without an option, too.
    let begin = script.find("\n        ccwatch__subcmd__wait)");
    let end = begin.and_then(|begin| Some(begin + script.get(begin..)?.find("\n            ;;")?));
    if let (Some(begin), Some(end)) = (begin, end) {
        let block = script.get(begin..end).unwrap_or_default();
        let block = block.replace(" || ${COMP_CWORD} -eq 2 ]]", " ]]");
        let options = "COMPREPLY=( $(compgen -W \"${opts}\" -- \"${cur}\") )";
        if let Some((head, tail)) = block.rsplit_once(options) {
            script.replace_range(begin..end, &format!("{head}{call}{tail}"));
        }
    }
    script
}

fn fish(script: &str) -> String {
    let line = |line: &str| match line.contains(" -l component ") {
        true => format!("{line} -f -a \"(__fish_ccwatch_components)\"\n"),
        false => format!("{line}\n"),
    };
    let script: String = script.lines().map(line).collect();
    let wait = "complete -c ccwatch -n \"__fish_ccwatch_using_subcommand wait\"";
    let wait = format!("{wait} -f -a \"(__fish_ccwatch_components)\"\n");
    script + &wait + &FISH.replace("@ASK@", ASK)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(shell: Shell) -> String {
        let mut out = Vec::new();
        run(shell, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// Every command that has `--component`, and `wait` for its bare names.
    const PLACES: usize = 7 + 1;

    #[test]
    fn each_place_for_a_component_asks_for_the_names() {
        let bash = script(Shell::Bash);
        assert_eq!(bash.matches("_ccwatch_components \"${cur}\"").count(), PLACES);
        let zsh = script(Shell::Zsh);
        assert_eq!(zsh.matches(":_ccwatch_components'").count(), PLACES, "{zsh}");
        assert!(zsh.contains("\n_ccwatch_components() {"), "{zsh}");
        let fish = script(Shell::Fish);
        assert_eq!(fish.matches("(__fish_ccwatch_components)").count(), PLACES);
    }

    #[test]
    fn nobody_is_offered_what_ccwatch_calls_itself() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::Elvish, Shell::PowerShell] {
            let script = script(shell);
            for hidden in ["hook-runner", "Claude Code reports", "names of the page's"] {
                assert!(!script.contains(hidden), "{shell}: {hidden}");
            }
        }
    }
}
