//! Carries out a plan, step by step; a step that fails says what to do by hand.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{self, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use super::ServiceError;
use super::plan::{Command, Plan, Step};
use crate::render::sanitize;

/// How often a command is tried that is insisted on, or that is to fail at last.
const INSISTED: u32 = 3;
const UNTIL_IT_FAILS: u32 = 50;
/// Between two of these tries.
const INSISTING: Duration = Duration::from_secs(1);
const WATCHING: Duration = Duration::from_millis(100);
/// For the answer of a service manager.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest that a failed command is quoted, in characters.
const LONGEST: usize = 300;

/// Carries out every step, and says so.
pub(super) fn execute(plan: &Plan, out: &mut dyn Write) -> anyhow::Result<()> {
    for step in &plan.steps {
        let done = carry_out(step).map_err(|why| ServiceError::Step {
            what: step.by_hand(),
            why,
            service_may_tell: matches!(step, Step::Run(_) | Step::Insist(_)),
        })?;
        if let Some(done) = done {
            writeln!(out, "{done}")?;
        }
    }
    for note in &plan.notes {
        writeln!(out, "{note}")?;
    }
    Ok(())
}

/// What was done, where the user cares; or why it failed.
fn carry_out(step: &Step) -> Result<Option<String>, String> {
    match step {
        Step::MakeDir(path) => make_dir(path).map_err(|e| e.to_string()).map(|()| None),
        Step::Write { path, text } => {
            write(path, text).map_err(|e| e.to_string())?;
            Ok(Some(format!("wrote {}", path.display())))
        }
        Step::Remove(path) => match fs::remove_file(path) {
            Ok(()) => Ok(Some(format!("removed {}", path.display()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.to_string()),
        },
        Step::RemoveIfEmpty(path) => match fs::remove_dir(path) {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(Some(format!(
                "kept {}, there are files in it that ccwatch did not write",
                path.display()
            ))),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.to_string()),
            _ => Ok(None),
        },
        Step::Run(command) => run(command).map(|_| None),
        Step::Try(command) => {
            if let Err(why) = run(command) {
                tracing::debug!("{command}: {why}");
            }
            Ok(None)
        }
        Step::Insist(command) => insist(command).map(|()| None),
        Step::UntilItFails(command) => until_it_fails(command).map(|()| None),
    }
}

fn insist(command: &Command) -> Result<(), String> {
    for _ in 1..INSISTED {
        if run(command).is_ok() {
            return Ok(());
        }
        pause(INSISTING)?;
    }
    run(command).map(|_| ())
}

fn until_it_fails(command: &Command) -> Result<(), String> {
    for _ in 0..UNTIL_IT_FAILS {
        if run(command).is_err() {
            return Ok(());
        }
        pause(WATCHING)?;
    }
    Err("it still succeeds".to_owned())
}

fn pause(duration: Duration) -> Result<(), String> {
    let runtime = crate::app::runtime().map_err(|e| e.to_string())?;
    runtime.block_on(async { tokio::time::sleep(duration).await });
    Ok(())
}

/// Runs a command to its end and returns what it printed.
///
/// # Errors
/// What it said when it failed, as one line, or why it could not be run.
pub(super) fn run(command: &Command) -> Result<String, String> {
    let (program, arguments) = command.split();
    let output = process::Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = sanitize::line(&String::from_utf8_lossy(&output.stderr), LONGEST);
    Err(if said.is_empty() { output.status.to_string() } else { said })
}

/// Asks a command that changes nothing: as [`run`], but not for ever, as a manager can hang.
///
/// # Errors
/// As for [`run`], or that there is no answer.
pub(super) fn ask(command: &Command) -> Result<String, String> {
    ask_within(PATIENCE, command)
}

fn ask_within(patience: Duration, command: &Command) -> Result<String, String> {
    let (program, arguments) = command.split();
    let failed = |error: io::Error| format!("{program}: {error}");
    let mut child = process::Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let (out, err) = (reader(child.stdout.take()), reader(child.stderr.take()));
    let said = out.recv_timeout(patience).and_then(|out| Ok((out, err.recv_timeout(patience)?)));
    let Ok((out, err)) = said else {
        // Whoever hangs in the kernel can't be waited for either.
        child.kill().map_err(failed)?;
        return Err(format!("{program} does not answer"));
    };
    let status = child.wait().map_err(failed)?;
    if status.success() {
        return Ok(out);
    }
    let said = sanitize::line(&err, LONGEST);
    Err(if said.is_empty() { status.to_string() } else { said })
}

/// All that comes out of a pipe, once its other end is closed.
fn reader(pipe: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (tell, told) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What came before it broke off is what there is.
            let _ = pipe.read_to_end(&mut bytes);
        }
        // Nobody listens any more after the time was up.
        let _ = tell.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    told
}

/// Makes a directory for the user alone, with those above it.
fn make_dir(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::DirBuilder::new().mode(0o700).create(path)
}

/// Writes a file that others may read, as a whole or not at all.
fn write(path: &Path, text: &str) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let dir = path.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(dir)?;
    let mut file = tempfile::Builder::new()
        .prefix(".ccwatch-")
        .permissions(fs::Permissions::from_mode(0o644))
        .tempfile_in(dir)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn executed(steps: Vec<Step>) -> anyhow::Result<String> {
        let mut out = Vec::new();
        let plan = Plan { steps, notes: vec!["all done".to_owned()] };
        execute(&plan, &mut out)?;
        Ok(String::from_utf8(out)?)
    }

    #[test]
    fn files_come_and_go() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let write = |text: &str| Step::Write { path: at("a/b/unit"), text: text.to_owned() };
        let told = executed(vec![Step::MakeDir(at("state")), write("old"), write("new")]).unwrap();
        assert!(told.ends_with("all done\n") && told.contains("a/b/unit"), "{told}");
        assert_eq!(fs::read_to_string(at("a/b/unit")).unwrap(), "new");
        assert_eq!(fs::read_dir(at("a/b")).unwrap().count(), 1, "a temporary file was left");

        fs::write(at("a/b/other"), "").unwrap();
        let remove = vec![Step::Remove(at("a/b/unit")), Step::RemoveIfEmpty(at("a/b"))];
        let told = executed(remove.clone()).unwrap();
        assert!(told.contains("kept ") && at("a/b/other").exists(), "{told}");
        fs::remove_file(at("a/b/other")).unwrap();
        assert_eq!(executed(remove.clone()).unwrap(), "all done\n");
        assert!(!at("a/b").exists());
        assert_eq!(executed(remove).unwrap(), "all done\n");
    }

    #[test]
    fn a_step_that_fails_ends_the_plan_and_says_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let never = dir.path().join("never");
        let fails = Command::new(["sh", "-c", "echo 'no such unit' >&2; exit 5"]);
        let steps = vec![Step::Try(fails.clone()), Step::Run(fails), Step::MakeDir(never.clone())];
        let error = executed(steps).unwrap_err().downcast::<ServiceError>().unwrap();
        let text = error.to_string();
        assert!(text.contains("no such unit") && text.contains("sh -c"), "{text}");
        assert!(error.hint().contains("by hand"), "{}", error.hint());
        assert!(!never.exists());

        let missing = executed(vec![Step::Run(Command::new(["ccwatch-no-such-program"]))]);
        assert!(missing.unwrap_err().to_string().contains("ccwatch-no-such-program"));
    }

    #[test]
    fn a_manager_that_hangs_is_not_waited_for() {
        let answers = Command::new(["sh", "-c", "echo active; echo noise >&2"]);
        assert_eq!(ask(&answers), Ok("active\n".to_owned()));
        let fails = Command::new(["sh", "-c", "echo no bus >&2; exit 1"]);
        assert_eq!(ask(&fails), Err("no bus".to_owned()));
        let hangs = Command::new(["tail", "-f", "/dev/null"]);
        let error = ask_within(Duration::from_millis(50), &hangs).unwrap_err();
        assert_eq!(error, "tail does not answer");
        assert!(ask(&Command::new(["ccwatch-no-such-program"])).is_err());
    }

    #[test]
    fn what_is_insisted_on_may_fail_at_first_and_what_is_waited_for_may_succeed() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("tries");
        let file = file.to_str().unwrap();
        // Fails the first time, succeeds from then on.
        let command = Command::new(["sh", "-c", "test -e \"$0\" || { : > \"$0\"; exit 5; }", file]);
        assert!(executed(vec![Step::Insist(command)]).is_ok());
        let command = Command::new(["rm", file]);
        assert!(executed(vec![Step::UntilItFails(command)]).is_ok());
    }
}
