//! What has to be asked of the disk beside reading and writing: how much room is left, and that a new name is there
//! for good.

use std::fs::File;
use std::io;
use std::path::Path;

/// Bytes that an unprivileged process may still write to the disk of `folder`, where the system tells.
pub(crate) fn room(folder: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let disk = rustix::fs::statvfs(folder).ok()?;
        Some(disk.f_bavail.saturating_mul(disk.f_frsize))
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        None
    }
}

/// Waits until the names of the files in `folder` are on the disk.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}
