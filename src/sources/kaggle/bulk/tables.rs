//! Where the five tables of the data set lie: as CSV, each in an archive of its own, or all in one.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use zip::ZipArchive;
use zip::result::ZipError;

use super::SourceFile;
use super::error::ImportError;
use super::rows::{Meter, Rows, Source};
use super::{achievements, competitions, teams, users};

/// The archive that holds the whole data set.
const WHOLE: &str = "meta-kaggle.zip";

/// What an archive begins with: that of its first file, or of its list when it holds none.
const ARCHIVE: [[u8; 4]; 2] = [*b"PK\x03\x04", *b"PK\x05\x06"];

/// How many times its packed size a table may have. Real tables are packed to a tenth or so; the densest
/// that the format allows is 1,032.
const DENSEST: u64 = 100;

/// What a table may have however small it is packed. Bytes.
const ALWAYS_ALLOWED: u64 = 8 << 20;

/// A table that the index is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// User names and their numbers.
    Users,
    /// Tiers, medals, points and ranks by user and category.
    UserAchievements,
    /// How each team did in its competition.
    Teams,
    /// Who was in which team.
    TeamMemberships,
    /// The competitions.
    Competitions,
}

impl Table {
    /// Every table.
    pub const ALL: [Self; 5] = [
        Self::Users,
        Self::UserAchievements,
        Self::Teams,
        Self::TeamMemberships,
        Self::Competitions,
    ];

    /// Kaggle's name of its file, in its case.
    #[must_use]
    pub const fn file(self) -> &'static str {
        match self {
            Self::Users => "Users.csv",
            Self::UserAchievements => "UserAchievements.csv",
            Self::Teams => "Teams.csv",
            Self::TeamMemberships => "TeamMemberships.csv",
            Self::Competitions => "Competitions.csv",
        }
    }

    /// The columns that are read. A file that lacks one is refused.
    #[must_use]
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Users => &users::COLUMNS,
            Self::UserAchievements => &achievements::COLUMNS,
            Self::Teams => &teams::TEAM_COLUMNS,
            Self::TeamMemberships => &teams::MEMBERSHIP_COLUMNS,
            Self::Competitions => &competitions::COLUMNS,
        }
    }

    /// Names under which its file may lie in a folder, the likeliest first.
    fn names(self) -> [String; 3] {
        let file = self.file();
        let stem = file.trim_end_matches(".csv");
        [
            file.to_owned(),
            format!("{file}.zip"),
            format!("{stem}.zip"),
        ]
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.file())
    }
}

/// Where one table lies.
#[derive(Debug, Clone)]
struct Place {
    table: Table,
    path: PathBuf,
    /// Which file of the archive; `None` when the file is no archive.
    entry: Option<usize>,
    /// Unpacked, as the archive says it. Bytes.
    bytes: u64,
    /// What it may have unpacked. Bytes.
    limit: u64,
}

/// The five tables, found.
#[derive(Debug, Clone)]
pub struct Tables {
    places: Vec<Place>,
    files: Vec<SourceFile>,
}

impl Tables {
    /// Finds each table in a folder, as `Users.csv`, `Users.csv.zip` or `Users.zip`, or else in
    /// `meta-kaggle.zip`. What is packed shows in the file itself, not in its name.
    pub fn in_folder(folder: &Path) -> Result<Self, ImportError> {
        if !folder.is_dir() {
            return Err(ImportError::NoFolder {
                folder: folder.to_owned(),
                is_there: folder.exists(),
            });
        }
        let whole = folder.join(WHOLE);
        let mut places = Vec::new();
        let mut missing = Vec::new();
        for table in Table::ALL {
            let own = table.names().map(|name| folder.join(name));
            let found = own.into_iter().find(|path| path.is_file());
            let place = match found {
                Some(path) => Some(place(table, &path, true)?),
                None if whole.is_file() => {
                    let place = place(table, &whole, false)?;
                    place.entry.is_some().then_some(place)
                }
                None => None,
            };
            match place {
                Some(place) => places.push(place),
                None => missing.push(table.file().to_owned()),
            }
        }
        if !missing.is_empty() {
            return Err(ImportError::MissingFiles {
                folder: folder.to_owned(),
                names: missing,
            });
        }
        let mut files: Vec<SourceFile> = Vec::new();
        for place in &places {
            let name = place.path.file_name().unwrap_or_default();
            let name = name.to_string_lossy().into_owned();
            if files.iter().any(|file| file.name == name) {
                continue;
            }
            let size = File::open(&place.path).and_then(|file| file.metadata());
            let bytes = size.map_err(|error| unreadable(&place.path, error))?.len();
            files.push(SourceFile {
                name,
                bytes,
                md5: None,
            });
        }
        Ok(Self { places, files })
    }

    /// The same tables, with what the host told of their files: it stands in [`super::About::files`], and a
    /// table whose MD5 was told (and checked, by whom fetched it) may end without a line end.
    #[must_use]
    pub fn told_by_host(self, files: Vec<SourceFile>) -> Self {
        Self { files, ..self }
    }

    /// The files, as the host told them or else as the folder has them.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// What will be read of them, unpacked. Bytes.
    pub fn bytes(&self) -> u64 {
        self.places
            .iter()
            .fold(0, |sum, place| sum.saturating_add(place.bytes))
    }

    /// Opens a table and hands its rows and the places of the `needed` columns to `work`.
    pub(super) fn read<const N: usize, T>(
        &self,
        table: Table,
        needed: [&'static str; N],
        meter: &Meter<'_>,
        work: impl FnOnce(&mut Rows<'_>, [usize; N]) -> Result<T, ImportError>,
    ) -> Result<T, ImportError> {
        let place = self.places.iter().find(|place| place.table == table);
        let place = place.ok_or_else(|| ImportError::MissingFiles {
            folder: PathBuf::new(),
            names: vec![table.file().to_owned()],
        })?;
        let file = File::open(&place.path).map_err(|error| unreadable(&place.path, error))?;
        let Some(entry) = place.entry else {
            return begin(
                table,
                Box::new(file),
                place,
                self.is_checked(place),
                meter,
                needed,
                work,
            );
        };
        let mut archive = archive(table, &place.path, file)?;
        let packed = archive
            .by_index(entry)
            .map_err(|error| broken(table, &place.path, error))?;
        // The archive has a checksum of its own, which is compared where the table ends.
        begin(table, Box::new(packed), place, true, meter, needed, work)
    }

    /// Whether somebody has compared a checksum of this file.
    fn is_checked(&self, place: &Place) -> bool {
        let name = place.path.file_name().unwrap_or_default();
        self.files
            .iter()
            .any(|file| file.md5.is_some() && name == file.name.as_str())
    }
}

fn begin<'a, const N: usize, T>(
    table: Table,
    bytes: Box<dyn Read + 'a>,
    place: &'a Place,
    checked: bool,
    meter: &'a Meter<'a>,
    needed: [&'static str; N],
    work: impl FnOnce(&mut Rows<'_>, [usize; N]) -> Result<T, ImportError>,
) -> Result<T, ImportError> {
    let source = Source {
        table,
        path: &place.path,
        bytes,
        limit: place.limit,
        checked,
    };
    let mut rows = Rows::begin(source, meter)?;
    let columns = rows.columns(needed)?;
    work(&mut rows, columns)
}

/// Where the table lies in this file. `alone`: the file is the table's own, whatever it is called inside.
fn place(table: Table, path: &Path, alone: bool) -> Result<Place, ImportError> {
    let mut file = File::open(path).map_err(|error| unreadable(path, error))?;
    let size = file
        .metadata()
        .map_err(|error| unreadable(path, error))?
        .len();
    let mut first = [0; ARCHIVE[0].len()];
    let packed = match file.read_exact(&mut first) {
        Ok(()) => ARCHIVE.contains(&first),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => false,
        Err(error) => return Err(unreadable(path, error)),
    };
    let mut place = Place {
        table,
        path: path.to_owned(),
        entry: None,
        bytes: size,
        limit: u64::MAX,
    };
    if !packed && alone {
        return Ok(place);
    }
    file.rewind().map_err(|error| unreadable(path, error))?;
    let mut archive = archive(table, path, file)?;
    let named = archive.index_for_name(table.file());
    let Some(entry) = named.or((alone && archive.len() == 1).then_some(0)) else {
        if alone {
            return Err(ImportError::Broken {
                table,
                row: 0,
                why: format!("{} holds no {}", path.display(), table.file()),
            });
        }
        return Ok(place);
    };
    let packed = archive
        .by_index(entry)
        .map_err(|error| broken(table, path, error))?;
    place.entry = Some(entry);
    place.bytes = packed.size();
    place.limit = packed
        .compressed_size()
        .min(size)
        .saturating_mul(DENSEST)
        .max(ALWAYS_ALLOWED);
    if place.bytes > place.limit {
        return Err(ImportError::TooLarge {
            table,
            limit: place.limit,
        });
    }
    Ok(place)
}

fn archive(
    table: Table,
    path: &Path,
    file: File,
) -> Result<ZipArchive<BufReader<File>>, ImportError> {
    ZipArchive::new(BufReader::with_capacity(1 << 18, file))
        .map_err(|error| broken(table, path, error))
}

fn broken(table: Table, path: &Path, error: ZipError) -> ImportError {
    match error {
        ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
            unreadable(path, error)
        }
        error => ImportError::Broken {
            table,
            row: 0,
            why: format!("{} is no whole archive ({error})", path.display()),
        },
    }
}

fn unreadable(path: &Path, source: io::Error) -> ImportError {
    ImportError::Unreadable {
        path: path.to_owned(),
        source,
    }
}
