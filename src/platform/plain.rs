//! Files whose place a user or the environment names: only plain ones are read. To open a pipe
//! waits for whoever is at its other end, and what a device does nobody knows.

use std::fs::{self, File, FileType, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;

/// Why something is not opened: what it is instead of a plain file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is {0}, not a plain file")]
pub struct NotPlain(pub &'static str);

/// What something is that is no plain file, as in "it is a pipe"; none: it is one. `/dev/null` counts
/// as an empty file.
pub fn other_than_plain(found: &Metadata) -> Option<NotPlain> {
    let kind = found.file_type();
    (!kind.is_file() && !is_null(found)).then(|| NotPlain(word(kind)))
}

/// What stands in the way of reading a file, if it is that it is no plain one.
pub fn not_plain(error: &io::Error) -> Option<NotPlain> {
    error.get_ref()?.downcast_ref().copied()
}

/// Opens a plain file for reading, and waits for nobody.
///
/// # Errors
/// It can't be opened, or is no plain file (see [`not_plain`]).
pub fn open(path: &Path) -> io::Result<File> {
    open_with(OpenOptions::new().read(true), path)
}

/// Opens a plain file as `options` say, and waits for nobody.
///
/// # Errors
/// As for [`open`].
pub fn open_with(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let checked = |found: io::Result<Metadata>| match found.as_ref().map(other_than_plain) {
        Ok(Some(other)) => Err(io::Error::other(other)),
        _ => found.map(drop),
    };
    // Before it is opened, which a device may notice, and a socket refuses in riddles.
    match checked(fs::metadata(path)) {
        // It may be made by opening it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        known => known?,
    }
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = options.custom_flags(flags.bits().cast_signed()).open(path)?;
    // It may have been replaced since.
    checked(file.metadata())?;
    Ok(file)
}

/// The whole of a plain file.
///
/// # Errors
/// As for [`open`], or it can't be read.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text of a plain file.
///
/// # Errors
/// As for [`read`], or it is no text.
pub fn read_to_string(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    open(path)?.read_to_string(&mut text)?;
    Ok(text)
}

fn word(kind: FileType) -> &'static str {
    match () {
        () if kind.is_dir() => "a directory",
        () if kind.is_fifo() => "a pipe",
        () if kind.is_socket() => "a socket",
        () if kind.is_char_device() || kind.is_block_device() => "a device",
        () => "something else",
    }
}

fn is_null(found: &Metadata) -> bool {
    let null = || fs::metadata("/dev/null").is_ok_and(|null| null.rdev() == found.rdev());
    found.file_type().is_char_device() && null()
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn what_is_no_plain_file_is_named_and_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        rustix::fs::mkfifoat(rustix::fs::CWD, at("pipe"), 0o600.into()).unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        fs::create_dir(at("directory")).unwrap();
        fs::write(at("file"), "text").unwrap();
        std::os::unix::fs::symlink(at("pipe"), at("link")).unwrap();
        for (path, word) in [
            (at("pipe"), "a pipe"),
            (at("link"), "a pipe"),
            (at("socket"), "a socket"),
            (at("directory"), "a directory"),
            ("/dev/zero".into(), "a device"),
        ] {
            for error in [
                open(&path).unwrap_err(),
                read(&path).unwrap_err(),
                open_with(OpenOptions::new().append(true).create(true), &path).unwrap_err(),
            ] {
                assert_eq!(not_plain(&error), Some(NotPlain(word)), "{}", path.display());
                assert_eq!(error.to_string(), format!("it is {word}, not a plain file"));
            }
        }
        assert_eq!(read_to_string(&at("file")).unwrap(), "text");
        assert_eq!(read(Path::new("/dev/null")).unwrap(), b"");
        let missing = open(&at("missing")).unwrap_err();
        assert_eq!((missing.kind(), not_plain(&missing)), (io::ErrorKind::NotFound, None));
        open_with(OpenOptions::new().append(true).create(true), &at("new")).unwrap();
    }
}
