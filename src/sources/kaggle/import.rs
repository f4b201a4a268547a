//! Bringing the data set Meta Kaggle onto this machine.
//!
//! The files come into a folder of their own and stay there until the index is made, so that an import that was
//! killed at any moment goes on where it was. The index that was there answers all the while: the new one takes its
//! place in one step.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use reqwest::header::HeaderMap;
use url::Url;

use super::bulk::{self, About, Index, SourceFile, Table, Tables};
use super::connection::Connection;
use crate::http::{
    Dialect, Download, DownloadError, Downloaded, Downloader, HttpError, Outgoing, Resource,
    Version, remove_download,
};

/// Where Kaggle gives the data set's files, by name.
const DOWNLOAD: &str = "/api/v1/datasets/download/kaggle/meta-kaggle/";

/// The most that one file may have. Bytes. The longest had some 5 GB in 2025.
const LARGEST_FILE: u64 = 64 << 30;

/// Where the data set is kept: a folder with the index, and while an import is under way with its files.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// The one inside plaudit's data folder. Nothing is made.
    #[must_use]
    pub fn within(data_dir: &Path) -> Self {
        Self(data_dir.join("kaggle"))
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The index.
    #[must_use]
    pub fn index(&self) -> PathBuf {
        self.0.join("meta-kaggle.index")
    }

    /// Where files are downloaded to.
    #[must_use]
    pub fn downloads(&self) -> PathBuf {
        self.0.join("download")
    }

    /// Takes it for this process, as long as the file lives.
    fn lock(&self) -> Result<File, ImportFailure> {
        let refused = |source| ImportFailure::Folder {
            path: self.0.clone(),
            source,
        };
        fs::create_dir_all(&self.0).map_err(refused)?;
        let path = self.0.join("import.lock");
        let mut options = File::options();
        options.write(true).create(true).truncate(false);
        let file = options.open(&path).map_err(refused)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(fs::TryLockError::WouldBlock) => Err(ImportFailure::Busy {
                folder: self.0.clone(),
            }),
            Err(fs::TryLockError::Error(source)) => Err(refused(source)),
        }
    }
}

/// Where an import takes the files from.
pub enum Origin<'a> {
    /// Kaggle.
    Kaggle {
        /// The way there.
        connection: &'a Connection,
        /// How long its waits are waited out, all together.
        patience: Duration,
        /// Make the index also where Kaggle has nothing newer.
        force: bool,
        /// Leave the files where they are.
        keep: bool,
    },
    /// A folder that a person filled. It is left as it is.
    Folder(&'a Path),
}

/// What happens on the way.
#[derive(Debug, Clone, Copy)]
pub enum News<'a> {
    /// Kaggle is asked whether it has anything newer.
    Asking,
    /// A file grows.
    Growing {
        /// Its name.
        file: &'static str,
        /// What is here. Bytes.
        bytes: u64,
        /// What it will have, if Kaggle tells. Bytes.
        total: Option<u64>,
    },
    /// A file is whole.
    Fetched {
        /// Its name.
        file: &'static str,
        /// What it has, if that is known. Bytes.
        bytes: Option<u64>,
        /// Whether it was here already.
        before: bool,
    },
    /// Kaggle asks us to wait.
    Waiting {
        /// Until when.
        until: Timestamp,
        /// Why.
        why: &'a str,
    },
    /// The files are read.
    Indexing {
        /// Read so far. Bytes.
        bytes: u64,
        /// To be read. Bytes.
        total: u64,
    },
}

/// Who is told what happens.
pub type Listener = Arc<dyn Fn(News<'_>) + Send + Sync>;

/// How an import ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Imported {
    /// There is a new index.
    Index(About),
    /// The index that is here was made from what Kaggle has.
    NothingNewer(About),
}

/// Why there is no new index. The one that was there before stays.
#[derive(Debug, thiserror::Error)]
pub enum ImportFailure {
    /// Let the other one finish.
    #[error("another import is at work in {}", .folder.display())]
    Busy {
        /// Where.
        folder: PathBuf,
    },
    /// A file does not come. What is here of it stays.
    #[error("cannot download {file}")]
    Download {
        /// The file.
        file: &'static str,
        /// Why.
        source: DownloadError,
    },
    /// No index can be made from the files.
    #[error("cannot make the index")]
    Index {
        /// Why.
        source: bulk::ImportError,
    },
    /// The folder refuses.
    #[error("cannot keep anything in {}", .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A defect of plaudit itself.
    #[error("the import broke off: {0}")]
    Broken(String),
}

/// Makes the index of `folder` from the newest files.
pub async fn import(
    folder: &Folder,
    from: Origin<'_>,
    listener: Listener,
) -> Result<Imported, ImportFailure> {
    let _lock = folder.lock()?;
    match from {
        Origin::Folder(files) => {
            let tables =
                Tables::in_folder(files).map_err(|source| ImportFailure::Index { source })?;
            let about = build(tables, folder.index(), listener).await?;
            Ok(Imported::Index(about))
        }
        Origin::Kaggle {
            connection,
            patience,
            force,
            keep,
        } => {
            let downloader = Downloader::new(&connection.way_out, &connection.pool)
                .map_err(|error| ImportFailure::Broken(error.to_string()))?;
            let mut kaggle = Kaggle {
                connection,
                downloader,
                patience,
                listener,
            };
            if !force && let Some(about) = kaggle.has_nothing_newer(folder).await? {
                return Ok(Imported::NothingNewer(about));
            }
            let about = kaggle.import(folder).await?;
            if !keep {
                remove(&folder.downloads());
            }
            Ok(Imported::Index(about))
        }
    }
}

/// Kaggle, asked for files.
struct Kaggle<'a> {
    connection: &'a Connection,
    downloader: Downloader<'a>,
    /// What is left of it.
    patience: Duration,
    listener: Listener,
}

impl Kaggle<'_> {
    /// What the index says of itself, if it was made from what Kaggle has.
    async fn has_nothing_newer(&mut self, folder: &Folder) -> Result<Option<About>, ImportFailure> {
        // An index that cannot be opened is made anew, whatever it was made from.
        let Ok(index) = Index::open(&folder.index()) else {
            return Ok(None);
        };
        (self.listener)(News::Asking);
        for table in Table::ALL {
            let made_from = |file: &&SourceFile| file.name == table.file();
            let file = index.about().files.iter().find(made_from);
            let Some(md5) = file.and_then(|file| file.md5.as_ref()) else {
                return Ok(None);
            };
            if self.has_changed(table, &Version::of_md5(md5)).await? {
                return Ok(None);
            }
        }
        Ok(Some(index.about().clone()))
    }

    async fn has_changed(&mut self, table: Table, known: &Version) -> Result<bool, ImportFailure> {
        let request = question(&self.connection.url, table);
        loop {
            self.connection.ready().await;
            let (changed, _) = self.downloader.has_changed(&request, known).await;
            self.connection.keep_waits();
            match changed {
                Ok(changed) => return Ok(changed),
                Err(error) => self.wait_out(table, error.into()).await?,
            }
        }
    }

    /// Downloads what is not here yet, and makes the index.
    async fn import(&mut self, folder: &Folder) -> Result<About, ImportFailure> {
        let downloads = folder.downloads();
        fs::create_dir_all(&downloads).map_err(|source| ImportFailure::Folder {
            path: downloads.clone(),
            source,
        })?;
        let mut files = Vec::new();
        for table in Table::ALL {
            files.push(self.fetch(table, &downloads).await?);
        }
        let built = match Tables::in_folder(&downloads) {
            Ok(tables) => {
                let tables = tables.told_by_host(files.clone());
                build(tables, folder.index(), Arc::clone(&self.listener)).await
            }
            Err(source) => Err(ImportFailure::Index { source }),
        };
        if let Err(ImportFailure::Index { source }) = &built
            && speaks_of_the_files(source)
        {
            // Of these nobody knows whether they came right: the next import fetches them again.
            for file in files.iter().filter(|file| file.md5.is_none()) {
                if let Err(error) = remove_download(&downloads.join(&file.name)) {
                    tracing::warn!(%error, "a download cannot be removed");
                }
            }
        }
        built
    }

    async fn fetch(&mut self, table: Table, downloads: &Path) -> Result<SourceFile, ImportFailure> {
        let file = table.file();
        let (request, target) = (question(&self.connection.url, table), downloads.join(file));
        let listener = Arc::clone(&self.listener);
        let watch = move |bytes, total| listener(News::Growing { file, bytes, total });
        loop {
            self.connection.ready().await;
            let what = Download {
                request: &request,
                target: &target,
                at_most: LARGEST_FILE,
            };
            let (done, _) = self.downloader.fetch(what, &watch).await;
            self.connection.keep_waits();
            let (version, before) = match done {
                Ok(Downloaded::Whole(version)) => (version, false),
                Ok(Downloaded::Unchanged(version)) => (version, true),
                Err(error) => {
                    self.wait_out(table, error).await?;
                    continue;
                }
            };
            let bytes = version.bytes;
            (self.listener)(News::Fetched {
                file,
                bytes,
                before,
            });
            return Ok(SourceFile {
                name: file.to_owned(),
                bytes: bytes.unwrap_or_default(),
                md5: version.md5,
            });
        }
    }

    /// Waits if Kaggle asks us to, and for no longer than there is patience; everything else is a failure.
    async fn wait_out(&mut self, table: Table, error: DownloadError) -> Result<(), ImportFailure> {
        if let DownloadError::Http(HttpError::RateLimited { until, why, .. }) = &error {
            let wait = until.duration_since(Timestamp::now());
            let wait = Duration::try_from(wait).unwrap_or_default();
            if let Some(left) = self.patience.checked_sub(wait) {
                self.patience = left;
                (self.listener)(News::Waiting { until: *until, why });
                tokio::time::sleep(wait).await;
                return Ok(());
            }
        }
        Err(ImportFailure::Download {
            file: table.file(),
            source: error,
        })
    }
}

/// Makes the index, off the threads that serve requests.
async fn build(
    tables: Tables,
    target: PathBuf,
    listener: Listener,
) -> Result<About, ImportFailure> {
    let building = tokio::task::spawn_blocking(move || {
        let total = tables.bytes();
        let watch = |bytes| listener(News::Indexing { bytes, total });
        bulk::build(&tables, &target, Timestamp::now(), &watch)
    });
    match building.await {
        Ok(built) => built.map_err(|source| ImportFailure::Index { source }),
        Err(broken) => Err(ImportFailure::Broken(broken.to_string())),
    }
}

/// Whether the files are at fault, and not the disk or another import.
fn speaks_of_the_files(error: &bulk::ImportError) -> bool {
    use bulk::ImportError as Error;
    match error {
        Error::MissingFiles { .. }
        | Error::MissingColumn { .. }
        | Error::NoCsv { .. }
        | Error::NotUtf8 { .. }
        | Error::Broken { .. }
        | Error::TooLarge { .. }
        | Error::Empty { .. }
        | Error::NoDate => true,
        Error::Busy { .. }
        | Error::NoFolder { .. }
        | Error::Unreadable { .. }
        | Error::Unwritable { .. }
        | Error::Stopped => false,
    }
}

/// The question for a file.
pub(super) fn question(kaggle: &Url, table: Table) -> Outgoing {
    let mut url = kaggle.clone();
    url.set_path(&format!("{DOWNLOAD}{}", table.file()));
    Outgoing {
        method: reqwest::Method::GET,
        url,
        headers: HeaderMap::new(),
        body: Bytes::new(),
        dialect: Dialect::Kaggle,
        resource: Resource::Kaggle,
        expected_cost: 1,
        can_split: false,
    }
}

/// Removes the downloads and nothing else, should somebody keep something beside them.
fn remove(downloads: &Path) {
    let removed = Table::ALL
        .iter()
        .try_for_each(|table| remove_download(&downloads.join(table.file())));
    if let Err(error) = removed {
        tracing::warn!(%error, "the downloads cannot be removed");
        return;
    }
    // What is not empty has something of somebody else's.
    let _ = fs::remove_dir(downloads);
}
