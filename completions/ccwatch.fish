# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_ccwatch_global_optspecs
    string join \n config= state-dir= v/verbose color= h/help V/version
end

function __fish_ccwatch_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_ccwatch_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_ccwatch_using_subcommand
    set -l cmd (__fish_ccwatch_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c ccwatch -n "__fish_ccwatch_needs_command" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_needs_command" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_needs_command" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_needs_command" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_needs_command" -s V -l version -d 'Print version'
complete -c ccwatch -n "__fish_ccwatch_needs_command" -f -a "run" -d 'Watch the page and tell when Claude goes down and when a retry makes sense'
complete -c ccwatch -n "__fish_ccwatch_needs_command" -f -a "status" -d 'Is it Claude, or is it me? The verdict, what to do, and what the page says'
complete -c ccwatch -n "__fish_ccwatch_needs_command" -f -a "watch" -d 'The same as `status`, live and on the whole screen; q leaves'
complete -c ccwatch -n "__fish_ccwatch_needs_command" -f -a "diagnose" -d 'Which branch is it: Claude, your login, this session, the route, a limit or the network?'
complete -c ccwatch -n "__fish_ccwatch_needs_command" -f -a "route" -d 'Which authentication and endpoint Claude Code would use here, and where that is set'
complete -c ccwatch -n "__fish_ccwatch_needs_command" -f -a "evidence" -d 'Make the packet for support: the error, its request ids, the page then, the tests done'
complete -c ccwatch -n "__fish_ccwatch_needs_command" -f -a "wait" -d 'Wait until a retry makes sense, then run COMMAND if there is one'
complete -c ccwatch -n "__fish_ccwatch_needs_command" -f -a "retry" -d 'Run COMMAND, and repeat it if it failed with an error that time heals, once that makes sense'
complete -c ccwatch -n "__fish_ccwatch_needs_command" -f -a "history" -d 'What happened, when, how long, and whether you were told and why or why not'
complete -c ccwatch -n "__fish_ccwatch_needs_command" -f -a "uptime" -d 'A bar a day for each component, and its uptime by the page\'s own formula'
complete -c ccwatch -n "__fish_ccwatch_needs_command" -f -a "mute" -d 'Silence for a while, or for one incident; the end of what you were told is still told'
complete -c ccwatch -n "__fish_ccwatch_needs_command" -f -a "sessions" -d 'Sessions of Claude Code that an API error stopped, and what happens next with each'
complete -c ccwatch -n "__fish_ccwatch_needs_command" -f -a "replay" -d 'Print the notices that a recording would have given'
complete -c ccwatch -n "__fish_ccwatch_needs_command" -f -a "demo" -d 'Play a short outage from start to recovery, with real pop-ups, in under 30 seconds'
complete -c ccwatch -n "__fish_ccwatch_needs_command" -f -a "notify-test" -d 'Show one pop-up and tell what the notification server can do, or why none came'
complete -c ccwatch -n "__fish_ccwatch_needs_command" -f -a "config" -d 'Where the configuration is, whether it is right, and what is in force'
complete -c ccwatch -n "__fish_ccwatch_needs_command" -f -a "service" -d 'Run ccwatch whenever you are logged in: as a service under systemd or launchd'
complete -c ccwatch -n "__fish_ccwatch_needs_command" -f -a "plugin" -d 'The plugin for Claude Code: tells ccwatch of API errors, and lets sessions go on'
complete -c ccwatch -n "__fish_ccwatch_needs_command" -f -a "metrics" -d 'What is known as Prometheus reads it, for node_exporter\'s textfile collector'
complete -c ccwatch -n "__fish_ccwatch_needs_command" -f -a "doctor" -d 'Check everything that ccwatch depends on: a line each, with what to do where it isn\'t well'
complete -c ccwatch -n "__fish_ccwatch_needs_command" -f -a "completions" -d 'Print what makes a shell complete the words of ccwatch'
complete -c ccwatch -n "__fish_ccwatch_needs_command" -f -a "man" -d 'Print the manual page, or write one for every command into a directory'
complete -c ccwatch -n "__fish_ccwatch_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand run" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand run" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand run" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand run" -l record -d 'Append every reading to this file, for `ccwatch replay`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand run" -l log-file -d 'Write the log to this file instead of stderr; at 1 MiB it is moved to FILE.1' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand run" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand run" -l once -d 'Read the page once, tell what there is to tell, and end with the exit code of `status`'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand status" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand status" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand status" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand status" -l at -d 'What the page said at a time that is over: 15:46, "yesterday 15:46", "2h ago", RFC 3339' -r
complete -c ccwatch -n "__fish_ccwatch_using_subcommand status" -l component -d 'Only this one, by name or id, instead of those in watch.components; may be repeated' -r -f -a "(__fish_ccwatch_components)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand status" -l page -d 'Another page that is watched, by its key (`ccwatch status` names them)' -r
complete -c ccwatch -n "__fish_ccwatch_using_subcommand status" -l format -d 'One line for a bar or a prompt, out of the daemon\'s database only' -r -f -a "line\t'Plain text'
waybar\t'JSON for a custom module with `"return-type": "json"`'
tmux\t'Text with tmux\'s colours, for `#(...)` in a status line'
i3blocks\t'JSON for a block with `format=json`'
starship\t'Plain text for a custom module; nothing when all is well'
claude-code\t'For Claude Code\'s `statusLine`; reads its JSON on stdin; nothing when all is well'
json\t'The same as --json'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand status" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand status" -l json -d 'As JSON, of a documented and versioned shape'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand status" -s q -l quiet -d 'Print nothing: the exit code says it'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand status" -s a -l all -d 'All components of the page, also those that you don\'t watch'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand status" -l always -d 'Say it also when all is well, in the forms that are silent then (starship, claude-code)'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand watch" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand watch" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand watch" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand watch" -l component -d 'Only this one, by name or id, instead of those in watch.components; may be repeated' -r -f -a "(__fish_ccwatch_components)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand watch" -l page -d 'Another page that is watched, by its key (`ccwatch status` names them)' -r
complete -c ccwatch -n "__fish_ccwatch_using_subcommand watch" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand watch" -s a -l all -d 'All components of the page, also those that you don\'t watch'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand watch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand diagnose" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand diagnose" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand diagnose" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand diagnose" -l session -d 'The newest API error of this session' -r
complete -c ccwatch -n "__fish_ccwatch_using_subcommand diagnose" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand diagnose" -l last -d 'The newest API error in the transcripts (as without arguments)'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand diagnose" -l json -d 'As JSON, of a documented and versioned shape'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand diagnose" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand route" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand route" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand route" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand route" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand route" -l json -d 'As JSON, of a documented and versioned shape'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand route" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand evidence" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand evidence" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand evidence" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand evidence" -l session -d 'The newest API error of this session' -r
complete -c ccwatch -n "__fish_ccwatch_using_subcommand evidence" -l since -d 'All errors of all sessions since then: 2h ago, yesterday 15:46, a date' -r
complete -c ccwatch -n "__fish_ccwatch_using_subcommand evidence" -l incident -d 'All errors of all sessions during this incident of the page' -r
complete -c ccwatch -n "__fish_ccwatch_using_subcommand evidence" -s o -l output -d 'Write it: as JSON where the name ends in .json, else as Markdown' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand evidence" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand evidence" -l last -d 'The newest API error in the transcripts (as without arguments)'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand evidence" -l json -d 'Show it as JSON instead of Markdown'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand evidence" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand wait" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand wait" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand wait" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand wait" -l component -d 'The same, as the other commands have it; may be repeated' -r -f -a "(__fish_ccwatch_components)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand wait" -l page -d 'Another page that is watched, by its key (`ccwatch status` names them)' -r
complete -c ccwatch -n "__fish_ccwatch_using_subcommand wait" -l for -d 'What to wait for' -r -f -a "retry\t'A retry makes sense: it is green, or a fix is out'
clear\t'The page is green again'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand wait" -l timeout -d 'Give up after this long (exit code 124), for example 2h or 90m' -r
complete -c ccwatch -n "__fish_ccwatch_using_subcommand wait" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand wait" -s q -l quiet -d 'Say nothing'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand wait" -l json -d 'How it ended as JSON, of a documented and versioned shape'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand wait" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand retry" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand retry" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand retry" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand retry" -l max -d 'Run it this often at most, the first time included' -r
complete -c ccwatch -n "__fish_ccwatch_using_subcommand retry" -l for -l within -d 'Begin no repeat later than this after the first failure' -r
complete -c ccwatch -n "__fish_ccwatch_using_subcommand retry" -l pause -d 'How long to wait after each failure while the page explains nothing; the last one goes on' -r
complete -c ccwatch -n "__fish_ccwatch_using_subcommand retry" -l component -d 'Only this one, by name or id, instead of those in watch.components; may be repeated' -r -f -a "(__fish_ccwatch_components)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand retry" -l page -d 'Another page that is watched, by its key (`ccwatch status` names them)' -r
complete -c ccwatch -n "__fish_ccwatch_using_subcommand retry" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand retry" -l resume -d 'Repeat `claude -p ...` as one that goes on with the cut-off session, without the prompt'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand retry" -s q -l quiet -d 'Say nothing'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand retry" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand history" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand history" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand history" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand history" -l since -d 'From when on: 30d, "monday 9:00", 2026-06-02' -r
complete -c ccwatch -n "__fish_ccwatch_using_subcommand history" -l until -d 'Up to when, in the same words; without it: up to now' -r
complete -c ccwatch -n "__fish_ccwatch_using_subcommand history" -s n -l limit -d 'Only the newest N of them' -r
complete -c ccwatch -n "__fish_ccwatch_using_subcommand history" -l component -d 'Only this one, by name or id; may be repeated' -r -f -a "(__fish_ccwatch_components)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand history" -l page -d 'Another page that is watched, by its key (`ccwatch status` names them)' -r
complete -c ccwatch -n "__fish_ccwatch_using_subcommand history" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand history" -l incidents -d 'The page\'s incidents'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand history" -l notices -d 'The notices'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand history" -l transitions -d 'Every change of a level'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand history" -l decisions -d 'Why you were told, or not'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand history" -l json -d 'As JSON, of a documented and versioned shape'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand history" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand uptime" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand uptime" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand uptime" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand uptime" -l days -d 'How many days, the last one included' -r
complete -c ccwatch -n "__fish_ccwatch_using_subcommand uptime" -l since -d 'From the day of this time on, instead of --days: 30d, monday, 2026-06-02' -r
complete -c ccwatch -n "__fish_ccwatch_using_subcommand uptime" -l until -d 'Up to the day of this time, in the same words; without it: up to today' -r
complete -c ccwatch -n "__fish_ccwatch_using_subcommand uptime" -l component -d 'Only this one, by name or id, instead of those in watch.components; may be repeated' -r -f -a "(__fish_ccwatch_components)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand uptime" -l page -d 'Another page that is watched, by its key (`ccwatch status` names them)' -r
complete -c ccwatch -n "__fish_ccwatch_using_subcommand uptime" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand uptime" -s a -l all -d 'All components of the page, also those that you don\'t watch'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand uptime" -l json -d 'As JSON, of a documented and versioned shape'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand uptime" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand mute" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand mute" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand mute" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand mute" -l page -d 'Another page that is watched, by its key (`ccwatch status` names them)' -r
complete -c ccwatch -n "__fish_ccwatch_using_subcommand mute" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand mute" -l and-tell-end -d 'Tell the end of what is muted, even if its beginning was not told'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand mute" -l also-back -d 'Don\'t tell the end of what was told before either'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand mute" -l json -d 'As JSON, of a documented and versioned shape'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand mute" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand sessions; and not __fish_seen_subcommand_from forget help" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand sessions; and not __fish_seen_subcommand_from forget help" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand sessions; and not __fish_seen_subcommand_from forget help" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand sessions; and not __fish_seen_subcommand_from forget help" -s a -l all -d 'Also those that are over, and those of the last 7 days'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand sessions; and not __fish_seen_subcommand_from forget help" -l json -d 'As JSON, of a documented and versioned shape'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand sessions; and not __fish_seen_subcommand_from forget help" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand sessions; and not __fish_seen_subcommand_from forget help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand sessions; and not __fish_seen_subcommand_from forget help" -f -a "forget" -d 'Forget one of them, or all: nothing of it is kept, and it doesn\'t go on by itself'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand sessions; and not __fish_seen_subcommand_from forget help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand sessions; and __fish_seen_subcommand_from forget" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand sessions; and __fish_seen_subcommand_from forget" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand sessions; and __fish_seen_subcommand_from forget" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand sessions; and __fish_seen_subcommand_from forget" -l all -d 'All of them'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand sessions; and __fish_seen_subcommand_from forget" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand sessions; and __fish_seen_subcommand_from forget" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand sessions; and __fish_seen_subcommand_from help" -f -a "forget" -d 'Forget one of them, or all: nothing of it is kept, and it doesn\'t go on by itself'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand sessions; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand replay" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand replay" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand replay" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand replay" -l component -d 'Only this one, by name or id, instead of those in watch.components; may be repeated' -r -f -a "(__fish_ccwatch_components)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand replay" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand replay" -l json -d 'One JSON line a notice, and nothing else'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand replay" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand demo" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand demo" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand demo" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand demo" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand notify-test" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand notify-test" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand notify-test" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand notify-test" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand notify-test" -l json -d 'As JSON, of a documented and versioned shape'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand notify-test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and not __fish_seen_subcommand_from path init check show help" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and not __fish_seen_subcommand_from path init check show help" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and not __fish_seen_subcommand_from path init check show help" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and not __fish_seen_subcommand_from path init check show help" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and not __fish_seen_subcommand_from path init check show help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and not __fish_seen_subcommand_from path init check show help" -f -a "path" -d 'The file that is read, whether or not it exists'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and not __fish_seen_subcommand_from path init check show help" -f -a "init" -d 'Write the file with every key, its default and what it means; never over one that is there'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and not __fish_seen_subcommand_from path init check show help" -f -a "check" -d 'Check a configuration: ok, or every problem with what to do'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and not __fish_seen_subcommand_from path init check show help" -f -a "show" -d 'Every key with the value in force, as TOML'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and not __fish_seen_subcommand_from path init check show help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from path" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from path" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from path" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from path" -l json -d 'As JSON, of a documented and versioned shape'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from path" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from init" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from init" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from init" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from init" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from check" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from check" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from check" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from check" -l live -d 'Read the page once, and say what it is, what of it is watched, and what goes on there'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from check" -l json -d 'As JSON, of a documented and versioned shape'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from show" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from show" -l json -d 'As JSON, of a documented and versioned shape'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "path" -d 'The file that is read, whether or not it exists'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "init" -d 'Write the file with every key, its default and what it means; never over one that is there'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "check" -d 'Check a configuration: ok, or every problem with what to do'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "show" -d 'Every key with the value in force, as TOML'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and not __fish_seen_subcommand_from install uninstall start stop restart status logs help" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and not __fish_seen_subcommand_from install uninstall start stop restart status logs help" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and not __fish_seen_subcommand_from install uninstall start stop restart status logs help" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and not __fish_seen_subcommand_from install uninstall start stop restart status logs help" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and not __fish_seen_subcommand_from install uninstall start stop restart status logs help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and not __fish_seen_subcommand_from install uninstall start stop restart status logs help" -f -a "install" -d 'Start ccwatch now and whenever you log in'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and not __fish_seen_subcommand_from install uninstall start stop restart status logs help" -f -a "uninstall" -d 'Stop the service and remove all of it; the database and the configuration stay'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and not __fish_seen_subcommand_from install uninstall start stop restart status logs help" -f -a "start" -d 'Start the service'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and not __fish_seen_subcommand_from install uninstall start stop restart status logs help" -f -a "stop" -d 'Stop the service until you log in again'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and not __fish_seen_subcommand_from install uninstall start stop restart status logs help" -f -a "restart" -d 'Stop the service and start it again'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and not __fish_seen_subcommand_from install uninstall start stop restart status logs help" -f -a "status" -d 'Whether the service runs, and since when'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and not __fish_seen_subcommand_from install uninstall start stop restart status logs help" -f -a "logs" -d 'Show the service\'s log'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and not __fish_seen_subcommand_from install uninstall start stop restart status logs help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from install" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from install" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from install" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from install" -l dry-run -d 'Print the files and commands, and do nothing'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from install" -l force -d 'Also replace files that ccwatch did not write'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from install" -l strict -d 'systemd: shut the service out of everything it doesn\'t need; takes user namespaces'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from install" -l autostart -d 'Where there is no systemd: let the desktop start ccwatch at login'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from install" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from install" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from uninstall" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from uninstall" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from uninstall" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from uninstall" -l dry-run -d 'Print the files and commands, and do nothing'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from uninstall" -l force -d 'Also remove files that ccwatch did not write'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from uninstall" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from uninstall" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from start" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from start" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from start" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from start" -l dry-run -d 'Print the command, and do nothing'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from start" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from start" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from stop" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from stop" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from stop" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from stop" -l dry-run -d 'Print the command, and do nothing'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from stop" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from stop" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from restart" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from restart" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from restart" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from restart" -l dry-run -d 'Print the command, and do nothing'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from restart" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from restart" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from status" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from status" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from status" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from status" -l json -d 'As JSON, of a documented and versioned shape'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from logs" -s n -l lines -d 'How many of the newest lines' -r
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from logs" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from logs" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from logs" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from logs" -s f -l follow -d 'Show new lines as they come'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from logs" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from logs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from help" -f -a "install" -d 'Start ccwatch now and whenever you log in'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from help" -f -a "uninstall" -d 'Stop the service and remove all of it; the database and the configuration stay'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from help" -f -a "start" -d 'Start the service'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from help" -f -a "stop" -d 'Stop the service until you log in again'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from help" -f -a "restart" -d 'Stop the service and start it again'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from help" -f -a "status" -d 'Whether the service runs, and since when'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from help" -f -a "logs" -d 'Show the service\'s log'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand service; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and not __fish_seen_subcommand_from install uninstall status help" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and not __fish_seen_subcommand_from install uninstall status help" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and not __fish_seen_subcommand_from install uninstall status help" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and not __fish_seen_subcommand_from install uninstall status help" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and not __fish_seen_subcommand_from install uninstall status help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and not __fish_seen_subcommand_from install uninstall status help" -f -a "install" -d 'Write the plugin down and install it into Claude Code; also brings an older one up to date'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and not __fish_seen_subcommand_from install uninstall status help" -f -a "uninstall" -d 'Take the plugin out of Claude Code, and remove what was written'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and not __fish_seen_subcommand_from install uninstall status help" -f -a "status" -d 'Whether Claude Code has it, whether it is up to date, and when it was last heard of'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and not __fish_seen_subcommand_from install uninstall status help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and __fish_seen_subcommand_from install" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and __fish_seen_subcommand_from install" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and __fish_seen_subcommand_from install" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and __fish_seen_subcommand_from install" -l dry-run -d 'Print the files and commands, and do nothing'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and __fish_seen_subcommand_from install" -l resume -d 'Don\'t ask: sessions may go on by themselves'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and __fish_seen_subcommand_from install" -l no-resume -d 'Don\'t ask: sessions don\'t go on by themselves'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and __fish_seen_subcommand_from install" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and __fish_seen_subcommand_from install" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and __fish_seen_subcommand_from uninstall" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and __fish_seen_subcommand_from uninstall" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and __fish_seen_subcommand_from uninstall" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and __fish_seen_subcommand_from uninstall" -l dry-run -d 'Print the commands, and do nothing'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and __fish_seen_subcommand_from uninstall" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and __fish_seen_subcommand_from uninstall" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and __fish_seen_subcommand_from status" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and __fish_seen_subcommand_from status" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and __fish_seen_subcommand_from status" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and __fish_seen_subcommand_from status" -l json -d 'As JSON, of a documented and versioned shape'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and __fish_seen_subcommand_from help" -f -a "install" -d 'Write the plugin down and install it into Claude Code; also brings an older one up to date'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and __fish_seen_subcommand_from help" -f -a "uninstall" -d 'Take the plugin out of Claude Code, and remove what was written'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and __fish_seen_subcommand_from help" -f -a "status" -d 'Whether Claude Code has it, whether it is up to date, and when it was last heard of'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand plugin; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand metrics" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand metrics" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand metrics" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand metrics" -s o -l output -d 'Put them in the place of this file, whole, readable for everybody; its name must end in .prom for node_exporter' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand metrics" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand metrics" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand doctor" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand doctor" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand doctor" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand doctor" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand doctor" -l json -d 'As JSON, of a documented and versioned shape'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand completions" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand completions" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand completions" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand completions" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand man" -l config -d 'Read this configuration instead of the one at `ccwatch config path`' -r -F
complete -c ccwatch -n "__fish_ccwatch_using_subcommand man" -l state-dir -d 'Keep or look for the database here' -r -f -a "(__fish_complete_directories)"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand man" -l color -d 'Colours: where a terminal shows them, always, or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1'
always\t'Also in a pipe or a file'
never\t'Nowhere'"
complete -c ccwatch -n "__fish_ccwatch_using_subcommand man" -s v -l verbose -d 'Say more on stderr; twice for everything'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and not __fish_seen_subcommand_from run status watch diagnose route evidence wait retry history uptime mute sessions replay demo notify-test config service plugin metrics doctor completions man help" -f -a "run" -d 'Watch the page and tell when Claude goes down and when a retry makes sense'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and not __fish_seen_subcommand_from run status watch diagnose route evidence wait retry history uptime mute sessions replay demo notify-test config service plugin metrics doctor completions man help" -f -a "status" -d 'Is it Claude, or is it me? The verdict, what to do, and what the page says'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and not __fish_seen_subcommand_from run status watch diagnose route evidence wait retry history uptime mute sessions replay demo notify-test config service plugin metrics doctor completions man help" -f -a "watch" -d 'The same as `status`, live and on the whole screen; q leaves'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and not __fish_seen_subcommand_from run status watch diagnose route evidence wait retry history uptime mute sessions replay demo notify-test config service plugin metrics doctor completions man help" -f -a "diagnose" -d 'Which branch is it: Claude, your login, this session, the route, a limit or the network?'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and not __fish_seen_subcommand_from run status watch diagnose route evidence wait retry history uptime mute sessions replay demo notify-test config service plugin metrics doctor completions man help" -f -a "route" -d 'Which authentication and endpoint Claude Code would use here, and where that is set'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and not __fish_seen_subcommand_from run status watch diagnose route evidence wait retry history uptime mute sessions replay demo notify-test config service plugin metrics doctor completions man help" -f -a "evidence" -d 'Make the packet for support: the error, its request ids, the page then, the tests done'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and not __fish_seen_subcommand_from run status watch diagnose route evidence wait retry history uptime mute sessions replay demo notify-test config service plugin metrics doctor completions man help" -f -a "wait" -d 'Wait until a retry makes sense, then run COMMAND if there is one'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and not __fish_seen_subcommand_from run status watch diagnose route evidence wait retry history uptime mute sessions replay demo notify-test config service plugin metrics doctor completions man help" -f -a "retry" -d 'Run COMMAND, and repeat it if it failed with an error that time heals, once that makes sense'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and not __fish_seen_subcommand_from run status watch diagnose route evidence wait retry history uptime mute sessions replay demo notify-test config service plugin metrics doctor completions man help" -f -a "history" -d 'What happened, when, how long, and whether you were told and why or why not'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and not __fish_seen_subcommand_from run status watch diagnose route evidence wait retry history uptime mute sessions replay demo notify-test config service plugin metrics doctor completions man help" -f -a "uptime" -d 'A bar a day for each component, and its uptime by the page\'s own formula'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and not __fish_seen_subcommand_from run status watch diagnose route evidence wait retry history uptime mute sessions replay demo notify-test config service plugin metrics doctor completions man help" -f -a "mute" -d 'Silence for a while, or for one incident; the end of what you were told is still told'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and not __fish_seen_subcommand_from run status watch diagnose route evidence wait retry history uptime mute sessions replay demo notify-test config service plugin metrics doctor completions man help" -f -a "sessions" -d 'Sessions of Claude Code that an API error stopped, and what happens next with each'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and not __fish_seen_subcommand_from run status watch diagnose route evidence wait retry history uptime mute sessions replay demo notify-test config service plugin metrics doctor completions man help" -f -a "replay" -d 'Print the notices that a recording would have given'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and not __fish_seen_subcommand_from run status watch diagnose route evidence wait retry history uptime mute sessions replay demo notify-test config service plugin metrics doctor completions man help" -f -a "demo" -d 'Play a short outage from start to recovery, with real pop-ups, in under 30 seconds'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and not __fish_seen_subcommand_from run status watch diagnose route evidence wait retry history uptime mute sessions replay demo notify-test config service plugin metrics doctor completions man help" -f -a "notify-test" -d 'Show one pop-up and tell what the notification server can do, or why none came'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and not __fish_seen_subcommand_from run status watch diagnose route evidence wait retry history uptime mute sessions replay demo notify-test config service plugin metrics doctor completions man help" -f -a "config" -d 'Where the configuration is, whether it is right, and what is in force'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and not __fish_seen_subcommand_from run status watch diagnose route evidence wait retry history uptime mute sessions replay demo notify-test config service plugin metrics doctor completions man help" -f -a "service" -d 'Run ccwatch whenever you are logged in: as a service under systemd or launchd'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and not __fish_seen_subcommand_from run status watch diagnose route evidence wait retry history uptime mute sessions replay demo notify-test config service plugin metrics doctor completions man help" -f -a "plugin" -d 'The plugin for Claude Code: tells ccwatch of API errors, and lets sessions go on'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and not __fish_seen_subcommand_from run status watch diagnose route evidence wait retry history uptime mute sessions replay demo notify-test config service plugin metrics doctor completions man help" -f -a "metrics" -d 'What is known as Prometheus reads it, for node_exporter\'s textfile collector'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and not __fish_seen_subcommand_from run status watch diagnose route evidence wait retry history uptime mute sessions replay demo notify-test config service plugin metrics doctor completions man help" -f -a "doctor" -d 'Check everything that ccwatch depends on: a line each, with what to do where it isn\'t well'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and not __fish_seen_subcommand_from run status watch diagnose route evidence wait retry history uptime mute sessions replay demo notify-test config service plugin metrics doctor completions man help" -f -a "completions" -d 'Print what makes a shell complete the words of ccwatch'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and not __fish_seen_subcommand_from run status watch diagnose route evidence wait retry history uptime mute sessions replay demo notify-test config service plugin metrics doctor completions man help" -f -a "man" -d 'Print the manual page, or write one for every command into a directory'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and not __fish_seen_subcommand_from run status watch diagnose route evidence wait retry history uptime mute sessions replay demo notify-test config service plugin metrics doctor completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and __fish_seen_subcommand_from sessions" -f -a "forget" -d 'Forget one of them, or all: nothing of it is kept, and it doesn\'t go on by itself'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "path" -d 'The file that is read, whether or not it exists'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "init" -d 'Write the file with every key, its default and what it means; never over one that is there'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "check" -d 'Check a configuration: ok, or every problem with what to do'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Every key with the value in force, as TOML'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and __fish_seen_subcommand_from service" -f -a "install" -d 'Start ccwatch now and whenever you log in'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and __fish_seen_subcommand_from service" -f -a "uninstall" -d 'Stop the service and remove all of it; the database and the configuration stay'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and __fish_seen_subcommand_from service" -f -a "start" -d 'Start the service'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and __fish_seen_subcommand_from service" -f -a "stop" -d 'Stop the service until you log in again'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and __fish_seen_subcommand_from service" -f -a "restart" -d 'Stop the service and start it again'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and __fish_seen_subcommand_from service" -f -a "status" -d 'Whether the service runs, and since when'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and __fish_seen_subcommand_from service" -f -a "logs" -d 'Show the service\'s log'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and __fish_seen_subcommand_from plugin" -f -a "install" -d 'Write the plugin down and install it into Claude Code; also brings an older one up to date'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and __fish_seen_subcommand_from plugin" -f -a "uninstall" -d 'Take the plugin out of Claude Code, and remove what was written'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand help; and __fish_seen_subcommand_from plugin" -f -a "status" -d 'Whether Claude Code has it, whether it is up to date, and when it was last heard of'
complete -c ccwatch -n "__fish_ccwatch_using_subcommand wait" -f -a "(__fish_ccwatch_components)"

# The names of components, as the daemon wrote them down last.
function __fish_ccwatch_components
    for name in (ccwatch components 2>/dev/null)
        printf '%s\tcomponent\n' $name
    end
end
