//! The pictures beside the texts: one look for an outage, for a fix, for a return, and a plain one.
//!
//! They are sent as files of ours, since a server may look for names in other themes, or in none;
//! and so they are there without an installation, too.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use ccwatch_core::notice::Urgency;
use ccwatch_core::notice::kind::{Kind, Look};
use url::Url;

use crate::platform::plain;

/// One picture: its name in icon themes, and itself, as SVG.
#[derive(Debug)]
pub struct Icon {
    /// The name in icon themes.
    pub name: &'static str,
    /// The picture, as SVG.
    pub svg: &'static str,
}

macro_rules! icon {
    ($name:literal) => {
        Icon {
            name: $name,
            svg: include_str!(concat!(
                "../../../assets/icons/hicolor/scalable/apps/",
                $name,
                ".svg"
            )),
        }
    };
}

/// The one of the program itself, and of whatever has none of its own.
const PLAIN: Icon = icon!("ccwatch");
const OUTAGE: Icon = icon!("ccwatch-outage");
const FIX: Icon = icon!("ccwatch-fix");
const BACK: Icon = icon!("ccwatch-back");

/// All of them, the program's own first.
pub const ICONS: [Icon; 4] = [PLAIN, OUTAGE, FIX, BACK];

/// The directory with the pictures, below that of the state.
const DIRECTORY: &str = "icons";

/// The pictures as files that a notification server can read.
#[derive(Debug, Clone)]
pub struct Icons {
    /// Where they are, if they could be written.
    dir: Option<PathBuf>,
}

impl Icons {
    /// Writes them below the state directory, where they aren't there yet. Without them pop-ups
    /// have the picture that the server chooses.
    pub fn write(state: &Path) -> Self {
        let dir = state.join(DIRECTORY);
        let written =
            DirBuilder::new().recursive(true).mode(0o700).create(&dir).and_then(|()| {
                ICONS.iter().try_for_each(|icon| write(&path(&dir, icon), icon.svg))
            });
        match written {
            Ok(()) => Self { dir: Some(dir) },
            Err(error) => {
                tracing::debug!("pop-ups have no icon: {error}");
                Self { dir: None }
            }
        }
    }

    /// The address of the picture for a notice of this kind. One that tells of something good and is
    /// to stay on the screen all the same stays there for an outage that goes on, and looks like it.
    pub fn address(&self, kind: Kind, urgency: Urgency) -> Option<String> {
        let icon = match kind.row().look {
            Look::Fix | Look::Back if urgency == Urgency::Critical => OUTAGE,
            Look::Outage => OUTAGE,
            Look::Fix => FIX,
            Look::Back => BACK,
            Look::Plain => PLAIN,
        };
        Url::from_file_path(path(self.dir.as_ref()?, &icon)).ok().map(String::from)
    }
}

fn path(dir: &Path, icon: &Icon) -> PathBuf {
    dir.join(icon.name).with_extension("svg")
}

/// Writes a file as a whole, for a server may be reading it.
fn write(path: &Path, text: &str) -> io::Result<()> {
    if plain::read(path).is_ok_and(|there| there == text.as_bytes()) {
        return Ok(());
    }
    let new = path.with_extension("new");
    // One that was left half written is of no use, and nothing is written through a link.
    let _ = fs::remove_file(&new);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
    file.write_all(text.as_bytes())?;
    fs::rename(&new, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_a_picture_that_is_there_and_is_mended() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("a b");
        fs::create_dir(&state).unwrap();
        for _ in 0..2 {
            let icons = Icons::write(&state);
            let mut files = Vec::new();
            for (kind, urgency, expected) in [
                (Kind::Worse, Urgency::Normal, OUTAGE),
                (Kind::FixOut, Urgency::Normal, FIX),
                (Kind::Back, Urgency::Normal, BACK),
                (Kind::Back, Urgency::Critical, OUTAGE),
                (Kind::Suspect, Urgency::Low, PLAIN),
            ] {
                let address = Url::parse(&icons.address(kind, urgency).unwrap()).unwrap();
                let file = address.to_file_path().unwrap();
                assert_eq!(fs::read_to_string(&file).unwrap(), expected.svg);
                files.push(file);
            }
            files.iter().for_each(|file| fs::write(file, "damaged").unwrap());
        }
    }

    #[test]
    fn without_a_place_for_them_there_are_none() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(DIRECTORY), "no directory").unwrap();
        assert_eq!(Icons::write(dir.path()).address(Kind::Back, Urgency::Normal), None);
    }
}
