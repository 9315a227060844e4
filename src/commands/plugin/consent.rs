//! Whether sessions may go on by themselves: asked once, and kept in the configuration.

use std::fs;
use std::io::{self, BufRead, IsTerminal, Write};
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::{Path, PathBuf};

use super::PluginError;
use crate::app::App;
use crate::cli;
use crate::config::edit;
use crate::platform::plain;

const TABLE: &str = "sessions";
const KEY: &str = "resume";

const QUESTION: &str = "\
May sessions of Claude Code that an API error stopped go on by themselves, when a retry makes sense?
Only after errors that time heals, and never while you are at work in one; it uses your plan as if you
had typed \"go on\". [y/N] ";

/// What the user wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wish(bool);

impl Wish {
    /// As the command line says.
    pub(super) fn said(args: &cli::PluginInstall) -> Option<Self> {
        match (args.resume, args.no_resume) {
            (true, _) => Some(Self(true)),
            (false, true) => Some(Self(false)),
            (false, false) => None,
        }
    }

    /// The line in the configuration.
    pub(super) fn line(self) -> String {
        format!("{KEY} = {}", self.0)
    }
}

/// How it stands, in a sentence.
pub(super) fn words(resume: bool) -> &'static str {
    match resume {
        true => {
            "Sessions that an API error stopped go on by themselves ([sessions] resume = true)."
        }
        false => "Sessions don't go on by themselves; to let them: ccwatch plugin install --resume",
    }
}

/// The configuration file in force, whether or not it exists.
pub(super) fn file(app: &App) -> anyhow::Result<PathBuf> {
    Ok(app.file.clone().map_or_else(|| App::place_of_config(&app.global), Ok)?)
}

/// Asks, where nobody said, nothing is set, and somebody sits there; then sets it.
pub(super) fn settle(
    app: &App,
    args: &cli::PluginInstall,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let file = file(app)?;
    let text = match plain::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error.into()),
    };
    let is_set = edit::switch(&text, TABLE, KEY).is_some();
    let wish = match Wish::said(args) {
        None if !is_set && is_attended() => Some(ask(out)?),
        wish => wish,
    };
    let Some(wish) = wish else {
        writeln!(out, "{}", words(app.config.sessions.resume))?;
        return Ok(());
    };
    let key = format!("{TABLE}.{KEY}");
    let refused = |why: String| PluginError::Config {
        file: file.clone(),
        why,
        key: key.clone(),
        value: wish.0,
    };
    let edited = edit::with_switch(&text, TABLE, KEY, wish.0)
        .ok_or_else(|| refused("it can't be changed for certain".to_owned()))?;
    if edited != text {
        replace(&file, &edited).map_err(|error| refused(error.to_string()))?;
        writeln!(out, "wrote [{TABLE}] {} into {}", wish.line(), file.display())?;
    }
    writeln!(out, "{}", words(wish.0))?;
    Ok(())
}

fn is_attended() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Anything but a yes is a no.
fn ask(out: &mut dyn Write) -> io::Result<Wish> {
    write!(out, "{QUESTION}")?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(Wish(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")))
}

/// Puts a text in the place of a file, whole or not at all. A link stays one: what it leads to is
/// replaced. Whose it is and who may read it stays as it was, and what nobody may write to stays
/// whole.
fn replace(file: &Path, text: &str) -> io::Result<()> {
    let real = match file.canonicalize() {
        Err(error) if error.kind() == io::ErrorKind::NotFound && !file.is_symlink() => {
            file.to_owned()
        }
        real => real?,
    };
    let old = fs::metadata(&real).ok();
    if old.as_ref().is_some_and(|old| old.permissions().readonly()) {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
    }
    let dir = real.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(dir)?;
    let unfinished = dir.join(format!(".ccwatch-{:016x}.new", fastrand::u64(..)));
    let written = fs::File::create_new(&unfinished).and_then(|mut new| {
        new.write_all(text.as_bytes())?;
        new.sync_all()?;
        if let Some(old) = old {
            let made = new.metadata()?;
            if (made.uid(), made.gid()) != (old.uid(), old.gid()) {
                fchown(&new, Some(old.uid()), Some(old.gid()))?;
            }
            new.set_permissions(old.permissions())?;
        }
        fs::rename(&unfinished, &real)
    });
    if written.is_err() {
        // Half a file is nobody's.
        let _ = fs::remove_file(&unfinished);
    }
    written
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, chown, symlink};

    use super::*;

    #[test]
    fn a_file_is_replaced_with_all_that_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("real"), "old").unwrap();
        symlink("real", at("link")).unwrap();
        fs::set_permissions(at("real"), fs::Permissions::from_mode(0o640)).unwrap();
        // Only root gives files away.
        let given = chown(at("real"), Some(12345), Some(54321)).is_ok();
        replace(&at("link"), "new").unwrap();
        let found = fs::metadata(at("real")).unwrap();
        assert!(at("link").is_symlink() && fs::read_to_string(at("real")).unwrap() == "new");
        assert_eq!(found.permissions().mode() & 0o777, 0o640);
        assert!(!given || (found.uid(), found.gid()) == (12345, 54321));
        fs::set_permissions(at("real"), fs::Permissions::from_mode(0o444)).unwrap();
        let refused = replace(&at("link"), "newer").unwrap_err();
        assert_eq!(refused.to_string(), "it is read-only");
        symlink("nowhere", at("dangling")).unwrap();
        replace(&at("dangling"), "newer").unwrap_err();
        assert!(at("dangling").is_symlink() && fs::read_to_string(at("real")).unwrap() == "new");
        replace(&at("below/made"), "made").unwrap();
        assert_eq!(fs::read_to_string(at("below/made")).unwrap(), "made");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 4, "nothing is left over");
    }
}
