//! A small disk, which is filled and freed; and damages to the files on it.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

/// A file system in memory of a few hundred megabytes. It goes when this is dropped.
pub(crate) struct SmallDisk {
    folder: PathBuf,
}

impl SmallDisk {
    /// Mounts one over an empty folder; `None`: this user may not.
    pub(crate) fn mount(folder: &Path, megabytes: u32) -> anyhow::Result<Option<Self>> {
        fs::create_dir_all(folder)?;
        let mounted = Command::new("mount")
            .args([
                "-t",
                "tmpfs",
                "-o",
                &format!("size={megabytes}m,mode=700"),
                "plaudit-chaos",
            ])
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        Ok(mounted.is_ok_and(|status| status.success()).then(|| Self {
            folder: folder.to_owned(),
        }))
    }

    /// Fills it up to so many bytes.
    pub(crate) fn fill(&self, but: u64) -> anyhow::Result<()> {
        const PIECE: usize = 1 << 20;
        let mut ballast = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.ballast())
            .context("the ballast cannot be written")?;
        let zeros = vec![0; PIECE];
        while self.room()? > but + PIECE as u64 {
            ballast.write_all(&zeros)?;
        }
        Ok(())
    }

    /// Frees it.
    pub(crate) fn free(&self) {
        // There may be none.
        let _ = fs::remove_file(self.ballast());
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }

    /// Bytes that may still be written.
    fn room(&self) -> anyhow::Result<u64> {
        let disk = rustix::fs::statvfs(&self.folder)?;
        Ok(disk.f_bavail * disk.f_frsize)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("-l").arg(&self.folder).status();
        // Nothing else can be done about one that stays.
        let _ = unmounted;
    }
}

/// Cuts the newest snapshot of the engine to half, and leaves one that looks as if it were being made. How many files it
/// has touched.
pub(crate) fn damage(data: &Path) -> anyhow::Result<u32> {
    let mut snapshots = Vec::new();
    find_snapshots(data, &mut snapshots)?;
    snapshots.sort();
    let Some(newest) = snapshots.pop() else {
        return Ok(0);
    };
    let length = fs::metadata(&newest)?.len();
    OpenOptions::new()
        .write(true)
        .open(&newest)?
        .set_len(length / 2)?;
    let stray = newest.with_file_name("snap.00000000DEADBEEF.generating");
    fs::write(stray, b"half a snap")?;
    Ok(2)
}

/// Copies a folder, in the place of what is there.
pub(super) fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    let copied = Command::new("cp").arg("-a").args([from, to]).status()?;
    ensure!(copied.success(), "{} cannot be copied", from.display());
    Ok(())
}

fn find_snapshots(folder: &Path, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && name != "damaged" {
            find_snapshots(&path, found)?;
        } else if name.starts_with("snap.") && !name.ends_with(".generating") {
            found.push(path);
        }
    }
    Ok(())
}
