//! A log file that can't grow without end, for service managers that keep none.
//!
//! At its limit the file is moved to `FILE.1`, in the place of the one before, so that both
//! together never take more than twice the limit.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::platform::plain;

/// A file is moved away before it gets longer than this, in bytes.
const LIMIT: u64 = 1 << 20;

/// Where the older half of a log is.
pub fn older(path: &Path) -> PathBuf {
    let mut older = path.as_os_str().to_owned();
    older.push(".1");
    older.into()
}

/// A log file of bounded size that only its owner can read.
#[derive(Debug)]
pub(super) struct LogFile {
    path: PathBuf,
    file: File,
    size: u64,
    limit: u64,
}

impl LogFile {
    /// Opens the file for appending, and makes it and its directory where they are missing.
    ///
    /// # Errors
    /// It can't be made or written.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Self::with_limit(path, LIMIT)
    }

    fn with_limit(path: &Path, limit: u64) -> io::Result<Self> {
        if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
            DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        }
        let (file, size) = open(path)?;
        // What is written to /dev/null takes no room, and it must stay where it is.
        let limit = if file.metadata()?.is_file() { limit } else { u64::MAX };
        Ok(Self { path: path.to_owned(), file, size, limit })
    }

    /// Begins a new file. Where the old one can't be moved away it is emptied: a log is worth
    /// less than the disk.
    fn rotate(&mut self) -> io::Result<()> {
        if fs::rename(&self.path, older(&self.path)).is_ok() {
            (self.file, self.size) = open(&self.path)?;
        } else {
            self.file.set_len(0)?;
            self.size = 0;
        }
        Ok(())
    }
}

/// A call is one line, and a line is never torn apart.
impl Write for LogFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
        if self.size > 0 && self.size.saturating_add(length) > self.limit {
            self.rotate()?;
        }
        self.file.write_all(line)?;
        self.size = self.size.saturating_add(length);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The file, open for appending, and its size.
fn open(path: &Path) -> io::Result<(File, u64)> {
    // Anything else could not be moved away when it is full, or would keep us waiting.
    let mut options = OpenOptions::new();
    let file = plain::open_with(options.append(true).create(true).mode(0o600), path)?;
    let size = file.metadata()?.len();
    Ok((file, size))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn nothing_is_moved_away_that_is_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        std::os::unix::fs::symlink("/dev/null", &path).unwrap();
        let mut log = LogFile::with_limit(&path, 10).unwrap();
        (0..9).for_each(|_| log.write_all(b"a line\n").unwrap());
        assert!(path.is_symlink() && !older(&path).exists());
    }

    #[test]
    fn it_is_bounded_and_loses_the_oldest_lines_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("logs/ccwatch.log");
        let mut log = LogFile::with_limit(&path, 100).unwrap();
        for number in 0..50 {
            log.write_all(format!("line {number:04}\n").as_bytes()).unwrap();
            assert!(fs::metadata(&path).unwrap().len() <= 100);
        }
        let text = fs::read_to_string(older(&path)).unwrap() + &fs::read_to_string(&path).unwrap();
        assert!(text.len() <= 200 && text.len() > 100);
        let kept: Vec<&str> = text.lines().collect();
        let expected: Vec<String> =
            (50 - kept.len()..50).map(|number| format!("line {number:04}")).collect();
        assert_eq!(kept, expected);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_restart_goes_on_in_the_same_file_and_a_long_line_is_written_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        LogFile::with_limit(&path, 20).unwrap().write_all(b"first start\n").unwrap();
        let mut log = LogFile::with_limit(&path, 20).unwrap();
        log.write_all(b"second\n").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"first start\nsecond\n");
        let long = [b'x'; 50];
        log.write_all(&long).unwrap();
        assert_eq!(fs::read(&path).unwrap(), long);
        assert_eq!(fs::read(older(&path)).unwrap(), b"first start\nsecond\n");
    }

    #[test]
    fn where_it_cannot_be_moved_it_is_emptied() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        fs::create_dir(older(&path)).unwrap();
        let mut log = LogFile::with_limit(&path, 10).unwrap();
        log.write_all(b"123456789\n").unwrap();
        log.write_all(b"abc\n").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"abc\n");
    }

    #[test]
    fn a_path_that_cannot_be_written_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), "").unwrap();
        assert!(LogFile::open(&dir.path().join("file/log")).is_err());
        assert!(LogFile::open(dir.path()).is_err());
    }
}
