//! How the made-up Kaggle behaves: its credentials, its answers' forms, and the ways in which it fails.

use std::{path::PathBuf, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

use super::pages::PageShape;

/// The token that the stand-in knows unless it is told others.
pub const DEMO_KAGGLE_TOKEN: &str = "KGAT_standinstandinstandinstandin00";
/// The user name and key that it knows.
pub const DEMO_KAGGLE_KEY: (&str, &str) = (
    "plaudit-operator-example",
    "standinstandinstandinstandinstand",
);

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestKind {
    /// The live endpoint.
    Profile,
    /// A download, which leads to the storage.
    Download,
    /// A file in the storage.
    Storage,
    /// A page of Kaggle's.
    Page,
    /// A page of somebody else's host.
    HomePage,
    /// A `robots.txt` of any host.
    Robots,
}

impl RequestKind {
    /// Whether Kaggle itself answers, which wants to be asked slowly; the storage and others do not mind.
    #[must_use]
    pub fn is_kaggle(self) -> bool {
        matches!(self, Self::Profile | Self::Download | Self::Page)
    }
}

/// A way to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KaggleFault {
    /// 429 with `Retry-After`.
    TooManyRequests,
    /// 429 and no word of how long.
    TooManyRequestsSilent,
    /// 500.
    ServerError,
    /// 502 with a page of HTML.
    BadGateway,
    /// The body ends before the length that was announced: a file at a random place, others in the middle.
    Cut,
    /// The storage's address has expired: 403. Storage alone.
    ExpiredLink,
    /// The hash in the header is another file's. Storage alone.
    WrongHash,
    /// A page of HTML with status 200.
    Html,
    /// Status 200 and no body.
    EmptyBody,
    /// A body that never ends: it drips until the client leaves, or for a minute.
    EndlessBody,
    /// The whole body, in pieces with pauses.
    SlowBody,
    /// The connection is closed without an answer.
    ConnectionClosed,
}

impl KaggleFault {
    /// Every fault.
    pub const ALL: [Self; 12] = [
        Self::TooManyRequests,
        Self::TooManyRequestsSilent,
        Self::ServerError,
        Self::BadGateway,
        Self::Cut,
        Self::ExpiredLink,
        Self::WrongHash,
        Self::Html,
        Self::EmptyBody,
        Self::EndlessBody,
        Self::SlowBody,
        Self::ConnectionClosed,
    ];

    /// The fault's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TooManyRequests => "too-many-requests",
            Self::TooManyRequestsSilent => "too-many-requests-silent",
            Self::ServerError => "server-error",
            Self::BadGateway => "bad-gateway",
            Self::Cut => "cut",
            Self::ExpiredLink => "expired-link",
            Self::WrongHash => "wrong-hash",
            Self::Html => "html",
            Self::EmptyBody => "empty-body",
            Self::EndlessBody => "endless-body",
            Self::SlowBody => "slow-body",
            Self::ConnectionClosed => "connection-closed",
        }
    }

    /// Whether the answer tells the client to wait.
    #[must_use]
    pub fn tells_to_wait(self) -> bool {
        matches!(self, Self::TooManyRequests | Self::TooManyRequestsSilent)
    }

    /// Whether a request of this kind can fail so.
    pub(super) fn concerns(self, kind: RequestKind) -> bool {
        match self {
            Self::ExpiredLink | Self::WrongHash => kind == RequestKind::Storage,
            _ => true,
        }
    }
}

/// A name that is no fault's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no fault of Kaggle's")]
pub struct UnknownKaggleFault(String);

impl FromStr for KaggleFault {
    type Err = UnknownKaggleFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|fault| fault.name() == text)
            .ok_or_else(|| UnknownKaggleFault(crate::domain::text::tame(text)))
    }
}

/// How the stand-in behaves.
#[derive(Debug, Clone)]
pub struct KaggleBehaviour {
    /// Time from a request's arrival to its answer.
    pub latency: Duration,
    /// Faults, each with the probability (0 to 1) that it befalls a request that can fail so.
    pub faults: Vec<(KaggleFault, f64)>,
    /// Faults that befall one request for certain, by its number from 1 among those of its kind.
    pub one_time: Vec<(RequestKind, u64, KaggleFault)>,
    /// Seed of the draw.
    pub seed: u64,
    /// How long a "too many requests" lasts; on the wire in whole seconds, rounded up.
    pub wait: Duration,
    /// The tokens it knows.
    pub tokens: Vec<String>,
    /// The user names and keys it knows.
    pub keys: Vec<(String, String)>,
    /// Which profile page it shows.
    pub page: PageShape,
    /// Whether a file comes as a zip of itself.
    pub as_zip: bool,
    /// Whether the storage's two hashes come in two headers and not in one.
    pub hashes_apart: bool,
    /// How often an address of the storage works. None: as often as one likes.
    pub link_uses: Option<u32>,
    /// How long an address of the storage works.
    pub link_lives: Duration,
    /// The folder of the data set's files. The world writes those that are not there when the first is asked
    /// for, and they stay. None: there is no data set to download.
    pub folder: Option<PathBuf>,
}

impl Default for KaggleBehaviour {
    fn default() -> Self {
        Self {
            latency: Duration::ZERO,
            faults: Vec::new(),
            one_time: Vec::new(),
            seed: 1,
            wait: Duration::from_secs(1),
            tokens: vec![DEMO_KAGGLE_TOKEN.to_owned()],
            keys: vec![(DEMO_KAGGLE_KEY.0.to_owned(), DEMO_KAGGLE_KEY.1.to_owned())],
            page: PageShape::default(),
            as_zip: false,
            hashes_apart: false,
            link_uses: None,
            link_lives: Duration::from_hours(72),
            folder: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_named_once_and_read_back() {
        for fault in KaggleFault::ALL {
            assert_eq!(fault.name().parse(), Ok(fault));
            assert_eq!(
                serde_json::to_string(&fault).unwrap(),
                format!("{:?}", fault.name())
            );
        }
        assert!("cutt".parse::<KaggleFault>().is_err());
    }
}
