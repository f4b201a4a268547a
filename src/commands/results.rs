//! Where results go: standard output, or a file that is whole or not touched.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A place for results. Call [`Results::finish`] when all are written; dropped before that, it leaves an
/// earlier file as it was.
pub struct Results {
    out: Option<BufWriter<Box<dyn Write>>>,
    /// A file under way, and the name that it gets when it is whole.
    rename: Option<(PathBuf, PathBuf)>,
}

impl Results {
    /// Standard output.
    #[must_use]
    pub fn to_standard_output() -> Self {
        Self {
            out: Some(BufWriter::new(Box::new(io::stdout()))),
            rename: None,
        }
    }

    /// A file. That it can be written to is found out now, and not after an hour's work.
    pub fn to_file(path: &Path) -> io::Result<Self> {
        let before = match fs::metadata(path) {
            Ok(found) if found.is_file() => Some(found),
            // A pipe, a terminal or /dev/null has no earlier content to lose; a folder is refused here.
            Ok(_) => return Ok(Self::over(OpenOptions::new().write(true).open(path)?, None)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        // Where a link points to, so that the link stays.
        let whole = match before {
            Some(_) => fs::canonicalize(path)?,
            None => path.to_owned(),
        };
        let mut under_way = whole.clone().into_os_string();
        under_way.push(format!(".{}.part", std::process::id()));
        let under_way = PathBuf::from(under_way);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&under_way)?;
        let results = Self::over(file, Some((under_way.clone(), whole)));
        if let Some(before) = before {
            fs::set_permissions(&under_way, before.permissions())?;
        }
        Ok(results)
    }

    fn over(file: File, rename: Option<(PathBuf, PathBuf)>) -> Self {
        Self {
            out: Some(BufWriter::new(Box::new(file))),
            rename,
        }
    }

    /// All results are written: they get their name.
    pub fn finish(mut self) -> io::Result<()> {
        if let Some(mut out) = self.out.take() {
            out.flush()?;
        }
        match self.rename.take() {
            Some((under_way, whole)) => fs::rename(under_way, whole),
            None => Ok(()),
        }
    }
}

impl Write for Results {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.out {
            Some(out) => out.write(bytes),
            None => Ok(0),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for Results {
    fn drop(&mut self) {
        if let Some((under_way, _)) = &self.rename {
            // Nobody is left to tell.
            let _ = fs::remove_file(under_way);
        }
    }
}

/// Messages for people. A reader of them that goes away takes nothing away from the work.
pub struct Messages<W>(pub W);

impl<W: Write> Write for Messages<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(bytes.len()),
            written => written,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            flushed => flushed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn a_file_changes_when_all_is_written_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ranking.csv");
        fs::write(&path, "earlier").unwrap();
        let mut broken_off = Results::to_file(&path).unwrap();
        broken_off.write_all(b"half").unwrap();
        drop(broken_off);
        assert_eq!(fs::read_to_string(&path).unwrap(), "earlier");
        let mut results = Results::to_file(&path).unwrap();
        results.write_all(b"later").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "earlier");
        results.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "later");
        assert_eq!(names(folder.path()), ["ranking.csv"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_and_what_it_points_to_keeps_its_mode() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("shared"), folder.path().join("link"));
        fs::write(&path, "earlier").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&path, &link).unwrap();
        let mut results = Results::to_file(&link).unwrap();
        results.write_all(b"later").unwrap();
        results.finish().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "later");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_plain_file_is_written_to_as_it_is_and_a_folder_is_refused() {
        let mut results = Results::to_file(Path::new("/dev/null")).unwrap();
        results.write_all(b"gone").unwrap();
        results.finish().unwrap();
        let folder = tempfile::tempdir().unwrap();
        assert!(Results::to_file(folder.path()).is_err());
        assert!(Results::to_file(&folder.path().join("none/x")).is_err());
        assert_eq!(names(folder.path()), Vec::<String>::new());
    }
}
