//! The data folder before anything in it is trusted: whose it is, who else may write there, and that nothing in it leads
//! elsewhere.
//!
//! Whoever may write into the folder could put a link where a file of plaudit's is to be, and have plaudit write
//! somewhere else or read somebody else's store. So the folder is closed first, which keeps others from putting anything
//! there any more, and then looked through. It knows names and rights alone, and never what a file holds.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What plaudit puts into a data folder, by name: files, and folders with all that is in them. Anything else there is
/// somebody else's, and left alone.
const OURS: &[&str] = &[
    "acknowledged",
    "applicants.csv",
    "audit",
    "blobs",
    "conf",
    "damaged",
    "db",
    "demo",
    "dumps",
    "kaggle",
    "lock",
    "made-up-kaggle",
    "plaudit-demo",
    "plaudit.sock",
    "tombstones.jsonl",
    "tombstones.jsonl.unfinished",
    "webhook.key",
    "webhook.key.new",
];

/// How names of ours begin that end in a number.
const OURS_BEGIN: &[&str] = &["engine.", "snap.", "probe-"];

/// What is worth as much as a password: that others could read it is told, since it may have been read.
const SECRETS: &[&str] = &["audit/key", "webhook.key"];

/// Why a data folder is not used.
#[derive(Debug, thiserror::Error)]
pub enum Distrust {
    /// A link stands where a file of plaudit's is to be.
    #[error("{} is a link, and what it leads to may be anybody's", path.display())]
    Link {
        /// Where it stands.
        path: PathBuf,
    },
    /// Something belongs to another user, who can change it at any time.
    #[error("{} belongs to another user (number {owner})", path.display())]
    Foreign {
        /// What.
        path: PathBuf,
        /// Whose it is, as the system numbers users.
        owner: u32,
    },
    /// Others may write into the folder, and its rights are not plaudit's to change.
    #[error(
        "others may write into {}, and so could put anything in the place of what plaudit keeps there",
        path.display()
    )]
    Open {
        /// The folder.
        path: PathBuf,
    },
    /// It cannot be told.
    #[error("cannot tell whose {} is: {cause}", path.display())]
    Unreadable {
        /// What.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
}

impl Distrust {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Link { .. } => {
                "put in its place what it leads to, or move the whole data folder: --data-dir itself may be a link"
            }
            Self::Foreign { .. } => {
                "make it yours (chown), run plaudit as the user that it belongs to, or choose another folder with \
                 --data-dir"
            }
            Self::Open { .. } => {
                "take the right away (chmod go-w), or choose a folder of its own with --data-dir"
            }
            Self::Unreadable { .. } => {
                "give yourself the right to read there, or choose another folder with --data-dir"
            }
        }
    }
}

/// Closes the data folder to others and looks it through; what was changed, a sentence each. The folder itself may be a
/// link: where the store lies is for whoever runs plaudit to say.
#[cfg(unix)]
pub(crate) fn secure(folder: &Path) -> Result<Vec<String>, Distrust> {
    unix::secure(folder, rustix::process::geteuid().as_raw())
}

/// Elsewhere the system's own rights on a user's folder are relied on.
#[cfg(not(unix))]
pub(crate) fn secure(_: &Path) -> Result<Vec<String>, Distrust> {
    Ok(Vec::new())
}

/// Whether a process of the user `owner` may be at the other end of a socket in `folder`: this user, the system's
/// administrator, or for the administrator whoever the folder belongs to.
#[cfg(unix)]
pub(crate) fn is_trusted(folder: &Path, owner: u32) -> bool {
    let me = rustix::process::geteuid().as_raw();
    let of_folder = fs::metadata(folder).map(|found| std::os::unix::fs::MetadataExt::uid(&found));
    unix::trusts(me, owner) || (me == unix::ROOT && of_folder.is_ok_and(|known| known == owner))
}

fn is_ours(name: &str) -> bool {
    OURS.contains(&name) || OURS_BEGIN.iter().any(|begin| name.starts_with(begin))
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::{Distrust, OURS, Path, PathBuf, SECRETS, fs, io, is_ours};

    /// The system's administrator.
    pub(super) const ROOT: u32 = 0;

    /// The rights of everybody but the owner.
    const OF_OTHERS: u32 = 0o077;

    /// Whether what belongs to `owner` may be believed by `me`: the administrator could read and change everything
    /// anyhow.
    pub(super) fn trusts(me: u32, owner: u32) -> bool {
        owner == me || owner == ROOT || me == ROOT
    }

    /// Whether `me` may change the rights of what belongs to `owner`.
    fn may_close(me: u32, owner: u32) -> bool {
        owner == me || me == ROOT
    }

    pub(super) fn secure(folder: &Path, me: u32) -> Result<Vec<String>, Distrust> {
        let found = fs::metadata(folder).map_err(|cause| unreadable(folder, cause))?;
        if !trusts(me, found.uid()) {
            return Err(foreign(folder, &found));
        }
        let entries = list(folder)?;
        let mut told = Vec::new();
        if found.mode() & OF_OTHERS != 0 {
            // A folder that holds other things as well is somebody's for more than this.
            let alone = entries.iter().all(|(name, _)| is_ours(name));
            if alone && may_close(me, found.uid()) {
                close(folder, &found)?;
                told.push(format!(
                    "others could look into the data folder {}; it is its owner's alone now",
                    folder.display()
                ));
            } else if others_may_write(&found) {
                let path = folder.to_owned();
                return Err(Distrust::Open { path });
            }
        }
        for (name, path) in entries.iter().filter(|(name, _)| is_ours(name)) {
            let closed = look_through(path, me)?;
            if closed && SECRETS.contains(&name.as_str()) {
                told.push(format!(
                    "others could read {}; it is its owner's alone now, but if somebody has read it, remove it and give \
                     every receiver its new secret",
                    path.display()
                ));
            }
        }
        Ok(told)
    }

    /// Whether others than the owner may write there. In a folder that the administrator has made, the group is as the
    /// administrator wanted it: so Kubernetes gives a volume to a pod.
    fn others_may_write(found: &fs::Metadata) -> bool {
        let of_group = found.uid() != ROOT && found.mode() & 0o020 != 0;
        of_group || found.mode() & 0o002 != 0
    }

    /// Closes a file of ours, or a folder and all that is in it; whether others had any right to it.
    fn look_through(path: &Path, me: u32) -> Result<bool, Distrust> {
        // Never what a link leads to.
        let found = match fs::symlink_metadata(path) {
            Ok(found) => found,
            // Another process has just renamed it.
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(cause) => return Err(unreadable(path, cause)),
        };
        if found.is_symlink() {
            let path = path.to_owned();
            return Err(Distrust::Link { path });
        }
        if !trusts(me, found.uid()) {
            return Err(foreign(path, &found));
        }
        let open = found.mode() & OF_OTHERS != 0 && may_close(me, found.uid());
        if open {
            close(path, &found)?;
        }
        if found.is_dir() {
            let entries = match list(path) {
                // Cleared away just now.
                Err(Distrust::Unreadable { cause, .. })
                    if cause.kind() == io::ErrorKind::NotFound =>
                {
                    return Ok(open);
                }
                entries => entries?,
            };
            for (_, inside) in entries {
                look_through(&inside, me)?;
            }
        }
        Ok(open)
    }

    fn close(path: &Path, found: &fs::Metadata) -> Result<(), Distrust> {
        let mode = found.mode() & 0o7777 & !OF_OTHERS;
        match fs::set_permissions(path, fs::Permissions::from_mode(mode)) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(unreadable(path, cause)),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn list(folder: &Path) -> Result<Vec<(String, PathBuf)>, Distrust> {
        let failed = |cause| unreadable(folder, cause);
        let mut found = Vec::with_capacity(OURS.len());
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            found.push((name, entry.path()));
        }
        Ok(found)
    }

    fn foreign(path: &Path, found: &fs::Metadata) -> Distrust {
        Distrust::Foreign {
            path: path.to_owned(),
            owner: found.uid(),
        }
    }

    fn unreadable(path: &Path, cause: io::Error) -> Distrust {
        Distrust::Unreadable {
            path: path.to_owned(),
            cause,
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_user_trusts_itself_and_the_administrator_and_the_administrator_everybody() {
            for (me, owner, trusted, closes) in [
                (1_000, 1_000, true, true),
                (1_000, ROOT, true, false),
                (1_000, 1_001, false, false),
                (ROOT, 1_001, true, true),
                (ROOT, ROOT, true, true),
            ] {
                assert_eq!(trusts(me, owner), trusted, "{me} {owner}");
                assert_eq!(may_close(me, owner), closes, "{me} {owner}");
            }
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().mode() & 0o777
    }

    fn set(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_folder_that_others_may_enter_is_closed_with_all_that_is_in_it_and_that_is_told_once() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("data");
        fs::create_dir_all(folder.join("blobs")).unwrap();
        for name in ["db", "lock", "blobs/7", "webhook.key"] {
            fs::write(folder.join(name), "x").unwrap();
            set(&folder.join(name), 0o664);
        }
        set(&folder, 0o775);
        set(&folder.join("blobs"), 0o755);
        let told = secure(&folder).unwrap();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("others could look into"), "{told:?}");
        assert!(told[1].contains("webhook.key"), "{told:?}");
        assert_eq!(mode(&folder), 0o700);
        assert_eq!(mode(&folder.join("blobs")), 0o700);
        for name in ["db", "lock", "blobs/7", "webhook.key"] {
            assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
        }
        assert_eq!(secure(&folder).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn a_link_where_a_file_of_ours_is_to_be_is_refused_whatever_it_leads_to() {
        for name in [
            "db",
            "lock",
            "acknowledged",
            "plaudit.sock",
            "tombstones.jsonl",
            "tombstones.jsonl.unfinished",
            "webhook.key",
            "damaged",
            "kaggle",
            "blobs/7",
            "kaggle/meta-kaggle.index",
            "snap.0000000000000ABC",
        ] {
            let home = tempfile::tempdir().unwrap();
            let (folder, elsewhere) = (home.path().join("data"), home.path().join("elsewhere"));
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&elsewhere, "precious").unwrap();
            set(&elsewhere, 0o644);
            symlink(&elsewhere, &path).unwrap();
            let refused = secure(&folder).unwrap_err();
            assert!(
                matches!(&refused, Distrust::Link { path: at } if *at == path),
                "{name}: {refused}"
            );
            assert_eq!(mode(&elsewhere), 0o644, "{name}");
            // Also when it leads nowhere yet.
            fs::remove_file(&elsewhere).unwrap();
            assert!(secure(&folder).is_err(), "{name}");
        }
    }

    #[test]
    fn the_folder_itself_may_be_a_link() {
        let home = tempfile::tempdir().unwrap();
        let (folder, link) = (home.path().join("disk"), home.path().join("data"));
        fs::create_dir(&folder).unwrap();
        set(&folder, 0o700);
        symlink(&folder, &link).unwrap();
        assert_eq!(secure(&link).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn what_is_somebody_elses_in_the_folder_is_left_alone_and_then_nobody_else_may_write_there() {
        let home = tempfile::tempdir().unwrap();
        let (folder, script) = (home.path().join("project"), "project/run.sh");
        let script = home.path().join(script);
        fs::create_dir(&folder).unwrap();
        fs::write(&script, "x").unwrap();
        fs::write(folder.join("db"), "x").unwrap();
        set(&folder.join("db"), 0o644);
        set(&script, 0o755);
        symlink("/etc/hostname", folder.join("host")).unwrap();
        set(&folder, 0o755);
        assert_eq!(secure(&folder).unwrap(), Vec::<String>::new());
        assert_eq!(mode(&folder), 0o755);
        assert_eq!(mode(&script), 0o755);
        assert_eq!(mode(&folder.join("db")), 0o600);
        set(&folder, 0o757);
        let refused = secure(&folder).unwrap_err();
        assert!(matches!(refused, Distrust::Open { .. }), "{refused}");
        assert!(refused.hint().contains("chmod"), "{refused}");
    }
}
