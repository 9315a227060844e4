//! `ccwatch retry` and what a command said, on the built program.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use ccwatch::platform::clock::now;
use jiff::SignedDuration;

use crate::page::{Answer, CLAUDE_CODE, FakePage};
use crate::program::{Home, executable};

const OVERLOADED: &str =
    "API Error: 529 Overloaded. This is a server-side issue, usually temporary";
const REFUSED: &str = "Failed to authenticate. API Error: 401 Invalid authentication credentials";

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Somebody in a folder of their own, with a `claude` of ours.
struct Place {
    home: Home,
    page: FakePage,
}

impl Place {
    /// `says` is what it says on its Nth run, in shell: `$n` is N.
    fn new(says: &str) -> Self {
        let page = FakePage::start();
        let home = Home::new(&page);
        let claude = home.path().join("claude");
        let script = format!(
            "#!/bin/sh\nprintf '<%s>' \"$@\" >>\"$HOME/ran\"; echo >>\"$HOME/ran\"\n\
             n=$(wc -l <\"$HOME/ran\"); n=$((n))\n{says}\n"
        );
        executable(&claude, &script);
        Self { home, page }
    }

    /// `ccwatch ARGS`, where it is.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.home.command(args);
        let path = std::env::var("PATH").unwrap();
        let path = format!("{}:{path}", self.home.path().display());
        command.current_dir(self.home.path()).env("PATH", path);
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// How each run was started.
    fn ran(&self) -> Vec<String> {
        let ran = fs::read_to_string(self.home.path().join("ran")).unwrap_or_default();
        ran.lines().map(str::to_owned).collect()
    }

    /// Where the transcripts of this folder are.
    fn transcripts(&self) -> PathBuf {
        let dir = self.home.path().join(".claude/projects/here");
        fs::create_dir_all(&dir).unwrap();
        dir
    }
}

/// Fails with `text` before its third run.
fn until_the_third(text: &str) -> String {
    format!("[ $n -ge 3 ] && {{ echo done; exit 0; }}; echo '{text}'; exit 1")
}

const QUICKLY: [&str; 5] = ["retry", "--pause", "20ms,40ms", "--", "claude"];

#[test]
fn what_time_heals_is_repeated_also_under_a_green_page() {
    for with_daemon in [false, true] {
        let place = Place::new(&until_the_third(OVERLOADED));
        let daemon = with_daemon.then(|| place.home.daemon());
        let output = place.run(&[&QUICKLY, &["-p", "say done"][..]].concat());
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert_eq!(text(&output.stdout), format!("{OVERLOADED}\n{OVERLOADED}\ndone\n"));
        assert_eq!(place.ran(), ["<-p><say done>"; 3], "the same command");
        assert_eq!(said.matches("claude failed: 529 overloaded_error").count(), 2, "{said}");
        assert!(said.contains("trying again in less than a minute"), "{said}");
        assert!(said.contains("repeating claude (run 3 of 5 at most)"), "{said}");
        drop(daemon);
    }
    let place = Place::new("echo 'API Error: 500 Internal server error' >&2; exit 4");
    let output = place.run(&["retry", "--max", "2", "--pause", "1ms", "--", "claude"]);
    assert_eq!((output.status.code(), place.ran().len()), (Some(4), 2));
    assert!(text(&output.stderr).contains("claude failed 2 times: no more"));
}

#[test]
fn what_time_doesnt_heal_is_run_once_and_the_page_isnt_asked() {
    for (says, why) in [
        (REFUSED, "the credential was refused, which trying again doesn't change"),
        ("Prompt is too long", "the conversation is too long, which"),
        ("You'\\''ve hit your weekly limit", "and when it resets is not known"),
        ("npm error code ELIFECYCLE", "not an error of Claude (npm), which"),
    ] {
        let place = Place::new(&format!("echo '{says}'; exit 3"));
        // Even while the page is red.
        place.page.set(|page| page.set_status(CLAUDE_CODE, "major_outage", "2026-11-01T10:00:00Z"));
        let output = place.run(&[&QUICKLY, &["-p", "x"][..]].concat());
        let said = text(&output.stderr);
        assert_eq!((output.status.code(), place.ran().len()), (Some(3), 1), "{said}");
        assert!(said.contains("claude is not repeated: ") && said.contains(why), "{said}");
        assert!(place.page.requests().is_empty());
    }
}

#[test]
fn what_is_not_claude_is_repeated_only_for_its_last_words() {
    let place = Place::new("");
    let runs = |script: &str| {
        let _ = fs::remove_file(place.home.path().join("ran"));
        let script = format!("echo run >>\"$HOME/ran\"; {script}");
        let output =
            place.run(&["retry", "--max", "2", "--pause", "1ms", "--", "sh", "-c", &script]);
        (output.status.code(), place.ran().len())
    };
    for in_between in [
        "echo 'test ... API Error: 529 Overloaded, handled'; echo 'FAILED 3 tests'; exit 1",
        "echo 'API Error: 529 Overloaded'; echo 'FAILED 3 tests'; exit 1",
        "echo 'found: API Error: 500 in CHANGELOG'; exit 1",
    ] {
        assert_eq!(runs(in_between), (Some(1), 1), "{in_between}");
    }
    assert_eq!(runs("echo begin; echo 'API Error: 529 Overloaded' >&2; exit 3"), (Some(3), 2));
    assert_eq!(runs("echo 'API Error: 529 Overloaded'; exit 0"), (Some(0), 1));
}

#[test]
fn a_red_page_is_waited_out_before_the_first_pause() {
    let place = Place::new("[ $n -ge 2 ] && exit 0; echo 'API Error: 529 Overloaded'; exit 1");
    place.page.set(|page| page.set_status(CLAUDE_CODE, "major_outage", "2026-11-01T10:00:00Z"));
    let mut command = place.command(&["retry", "--", "claude", "-p", "x"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let retry = command.spawn().unwrap();
    place.page.wait_for_requests(3, crate::page::SOON);
    place.page.set(|page| page.set_status(CLAUDE_CODE, "operational", "2026-11-01T10:20:00Z"));
    let output = retry.wait_with_output().unwrap();
    let said = text(&output.stderr);
    assert_eq!((output.status.code(), place.ran().len()), (Some(0), 2), "{said}");
    assert!(said.contains("waiting: Claude Code: major outage"), "{said}");
}

#[test]
fn without_a_network_it_waits_for_the_page() {
    let says =
        "[ $n -ge 2 ] && exit 0; echo 'API Error: Unable to connect to API (ENOTFOUND)'; exit 1";
    let place = Place::new(says);
    place.page.always(Answer::Reset(Vec::new()));
    let mut retry = crate::program::Daemon::start(place.command(&["retry", "--", "claude"]));
    retry.says("no connection from this machine; trying again once the status page can be reached");
    place.page.heal();
    assert_eq!(retry.ends().0.code(), Some(0));
    assert_eq!(place.ran().len(), 2);
}

#[test]
fn no_repeat_begins_too_late() {
    let place = Place::new("echo 'API Error: 529 Overloaded'; exit 1");
    let daemon = place.home.daemon();
    place.page.wait_for_requests(4, crate::page::SOON);
    let output = place.run(&["retry", "--for", "1m", "--pause", "2m", "--", "claude"]);
    let said = text(&output.stderr);
    assert_eq!((output.status.code(), place.ran().len()), (Some(1), 1), "{said}");
    assert!(said.contains("the next try, in 2 min, would be too late"), "{said}");
    drop(daemon);
}

#[test]
fn output_goes_where_it_would_have_gone_byte_for_byte() {
    let place = Place::new("");
    let run = |script: &str| place.run(&["retry", "--max", "1", "--", "sh", "-c", script]);
    let output = run("printf 'a\\0\\377b'; printf 'c\\1\\376' >&2; exit 7");
    assert_eq!(output.status.code(), Some(7));
    assert_eq!(
        (output.stdout.as_slice(), output.stderr.as_slice()),
        (&b"a\0\xffb"[..], &b"c\x01\xfe"[..])
    );
    let output = run("head -c 5000000 /dev/zero | tr '\\0' x; echo");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 5_000_001));
    // Both in one place: in the order in which it was said.
    let all = place.home.path().join("all");
    let script = "for i in 1 2 3 4 5 6 7 8 9; do echo out $i; echo err $i >&2; done";
    let mut command = place.command(&["retry", "--", "sh", "-c", script]);
    let file = fs::File::create(&all).unwrap();
    command.stdout(file.try_clone().unwrap()).stderr(file);
    assert!(command.status().unwrap().success());
    let expected: String = (1..10).map(|i| format!("out {i}\nerr {i}\n")).collect();
    assert_eq!(fs::read_to_string(&all).unwrap(), expected);
}

#[test]
fn who_stops_reading_ends_the_command_and_what_it_leaves_behind_goes_on() {
    let place = Place::new("");
    // An endless command ends only if it notices that nobody reads.
    let mut command = place.command(&["retry", "-q", "--", "sh", "-c", "yes 'API Error: 529'"]);
    let mut retry = command.stdout(Stdio::piped()).spawn().unwrap();
    drop(retry.stdout.take());
    assert_ne!(retry.wait().unwrap().code(), Some(0));
    // What is left behind is not waited for, and its output isn't lost.
    let go = place.home.path().join("go");
    let status = Command::new("mkfifo").arg(&go).status().unwrap();
    assert!(status.success());
    let script = "echo first; { read -r line <\"$HOME/go\"; echo \"$line\"; } & exit 0";
    let mut command = place.command(&["retry", "--", "sh", "-c", script]);
    let file = place.home.path().join("output");
    let status = command.stdout(fs::File::create(&file).unwrap()).status().unwrap();
    assert_eq!(status.code(), Some(0));
    fs::write(&go, "second\n").unwrap();
    let end = now() + SignedDuration::from_secs(30);
    while fs::read_to_string(&file).unwrap() != "first\nsecond\n" {
        assert!(now() < end, "{}", fs::read_to_string(&file).unwrap());
        std::thread::yield_now();
    }
}

/// A row that ends a turn, as it stands in a transcript.
fn row(place: &Place, session: &str, status: u16, kind: &str, more: &str) -> String {
    let cwd = place.home.path().canonicalize().unwrap();
    format!(
        r#"{{"type":"assistant","timestamp":"{}","message":{{"model":"<synthetic>","content":[{{"type":"text","text":"API Error: {status}"}}]}},"error":"{kind}","isApiErrorMessage":true,"apiErrorStatus":{status},"cwd":"{}","sessionId":"{session}"{more}}}"#,
        now() + SignedDuration::from_hours(1),
        cwd.display()
    )
}

#[test]
fn where_the_command_tells_nothing_claude_codes_transcripts_do() {
    let silent =
        "[ $n -ge 2 ] && exit 0; cp \"$HOME/row\" \"$HOME/.claude/projects/here/$n.jsonl\"; exit 1";
    let place = Place::new(silent);
    place.transcripts();
    fs::write(place.home.path().join("row"), row(&place, "1", 529, "server_error", "")).unwrap();
    let output = place.run(&QUICKLY);
    let said = text(&output.stderr);
    assert_eq!((output.status.code(), place.ran().len()), (Some(0), 2), "{said}");
    assert!(said.contains("529 overloaded_error"), "{said}");
    // A limit is over at a time that the transcript knows.
    let place = Place::new(
        "[ $n -ge 2 ] && exit 0; at=$(($(date +%s) + 3)); echo $at >\"$HOME/at\"; \
         sed \"s/RESET/$at/\" \"$HOME/row\" >\"$HOME/.claude/projects/here/$n.jsonl\"; exit 1",
    );
    place.transcripts();
    let limit = r#","quotaLimits":{"status":"rejected","resetsAt":RESET}"#;
    fs::write(place.home.path().join("row"), row(&place, "1", 429, "rate_limit", limit)).unwrap();
    let output = place.run(&QUICKLY);
    let said = text(&output.stderr);
    assert_eq!((output.status.code(), place.ran().len()), (Some(0), 2), "{said}");
    assert!(said.contains("a usage limit of the plan, until "), "{said}");
    let at = fs::read_to_string(place.home.path().join("at")).unwrap();
    assert!(now().as_second() >= at.trim().parse().unwrap());
}

#[test]
fn a_terminal_stays_one_and_is_not_read() {
    let says =
        format!("[ -t 1 ] && [ -t 2 ] && [ -t 0 ] && echo terminal; echo '{OVERLOADED}'; exit 1");
    let place = Place::new(&says);
    let Ok(script) = Command::new("script").arg("--version").output() else {
        println!("SKIPPED: there is no script(1) here");
        return;
    };
    assert!(script.status.success());
    let ours = place.command(&["retry", "--pause", "1ms", "--", "claude"]);
    let words = [ours.get_program()].into_iter().chain(ours.get_args());
    let words: Vec<String> = words.map(|word| format!("'{}'", word.to_str().unwrap())).collect();
    let mut command = Command::new("script");
    command
        .args(["-qec", &words.join(" "), "/dev/null"])
        .current_dir(place.home.path())
        .env_clear();
    command.envs(ours.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = text(&output.stdout);
    assert!(said.contains("terminal\r\n"), "{said}");
    assert!(said.contains("claude is not repeated: The page is green"), "nothing was read: {said}");
    assert_eq!((output.status.code(), place.ran().len()), (Some(1), 1), "{said}");
}

/// Keeps a transcript, as Claude Code does, for the session that it is given.
const KEEPS: &str = "[ \"$1\" = --session-id ] && : >\"$HOME/.claude/projects/here/$2.jsonl\"";

#[test]
fn resume_goes_on_with_the_cut_off_session_and_sends_the_prompt_once() {
    let place = Place::new(&format!("{KEEPS}; {}", until_the_third(OVERLOADED)));
    place.transcripts();
    let args =
        ["retry", "--resume", "--pause", "1ms", "--", "claude", "-p", "mend it", "--model", "opus"];
    let mut command = place.command(&args);
    // A prompt on standard input would be one, too.
    fs::write(place.home.path().join("input"), "more\n").unwrap();
    let output =
        command.stdin(fs::File::open(place.home.path().join("input")).unwrap()).output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let ran = place.ran();
    assert_eq!(ran.len(), 3, "{ran:?}");
    let id =
        ran[0].strip_prefix("<--session-id><").and_then(|rest| rest.split_once('>')).unwrap().0;
    assert_eq!(ran[0], format!("<--session-id><{id}><-p><mend it><--model><opus>"));
    for again in &ran[1..] {
        assert!(again.starts_with("<Go on where you stopped: "), "{again}");
        assert!(again.ends_with(&format!("><--resume><{id}><-p><--model><opus>")), "{again}");
    }
    assert!(
        said.contains(&format!("going on with its session {id}; the prompt is not sent")),
        "{said}"
    );
}

#[test]
fn resume_takes_the_session_that_the_result_names_or_says_that_there_is_none() {
    let result = r#"{"type":"result","is_error":true,"api_error_status":529,"session_id":"named","result":"API Error: 529 Overloaded"}"#;
    let place = Place::new(&until_the_third(result));
    let args = ["retry", "--resume", "--pause", "1ms", "--", "claude", "-c", "-p", "x"];
    assert_eq!(place.run(&args).status.code(), Some(0));
    assert_eq!(place.ran()[0], "<-c><-p><x>", "it names its session itself");
    assert!(place.ran()[1].ends_with("<--resume><named><-p>"), "{:?}", place.ran());
    // Nothing was kept, so nothing was done: the same again, under another id.
    let place = Place::new(&until_the_third(OVERLOADED));
    let output = place.run(&["retry", "--resume", "--pause", "1ms", "--", "claude", "-p", "x"]);
    assert!(text(&output.stderr).contains("the prompt is sent again"), "{}", text(&output.stderr));
    let mut ran = place.ran();
    assert!(ran.iter().all(|run| run.starts_with("<--session-id><") && run.ends_with("><-p><x>")));
    ran.dedup();
    assert_eq!(ran.len(), 3, "an id can be used once: {ran:?}");
    // What can't go on is not begun.
    let output = place.run(&["retry", "--resume", "--", "sh", "-c", "claude -p x"]);
    assert_eq!((output.status.code(), place.ran().len()), (Some(64), 3));
    assert!(text(&output.stderr).contains("no word of the command is claude"));
}

#[test]
fn a_prompt_that_came_through_a_pipe_is_not_sent_empty() {
    let says =
        "cat >>\"$HOME/heard\"; [ $n -ge 2 ] && exit 0; echo 'API Error: 529 Overloaded'; exit 7";
    let run = |words: &[&str], input: &str, as_a_file: bool| {
        let place = Place::new(says);
        let file = place.home.path().join("prompt");
        fs::write(&file, input).unwrap();
        let mut command = place.command(&[&["retry", "--pause", "1ms"], words].concat());
        let mut cat = Command::new("cat").arg(&file).stdout(Stdio::piped()).spawn().unwrap();
        let pipe = cat.stdout.take().unwrap();
        match as_a_file {
            true => command.stdin(fs::File::open(&file).unwrap()),
            false => command.stdin(pipe),
        };
        let output = command.output().unwrap();
        cat.wait().unwrap();
        let heard = fs::read_to_string(place.home.path().join("heard")).unwrap();
        (output.status.code(), heard, text(&output.stderr))
    };
    for words in [&["--", "claude", "-p"][..], &["--resume", "--", "claude", "-p"]] {
        let (code, heard, said) = run(words, "do it\n", false);
        assert_eq!((code, heard.as_str()), (Some(7), "do it\n"), "{said}");
        assert!(said.contains("not repeated: its prompt came through a pipe"), "{said}");
        let (code, heard, said) = run(words, "do it\n", true);
        assert_eq!((code, heard.as_str()), (Some(0), "do it\ndo it\n"), "{said}");
    }
    // There the pipe is not all of it, and may have been empty.
    let (code, _, said) = run(&["--", "claude", "-p", "explain"], "", false);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn a_prompt_that_may_stand_in_an_unknown_session_is_not_sent_twice() {
    let place = Place::new(&until_the_third(OVERLOADED));
    let output = place.run(&["retry", "--resume", "--", "claude", "-c", "-p", "more"]);
    let said = text(&output.stderr);
    assert_eq!((output.status.code(), place.ran().len()), (Some(1), 1), "{said}");
    assert!(said.contains("which session it went on with is not known"), "{said}");
}
