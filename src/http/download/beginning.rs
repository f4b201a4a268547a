//! The first bytes of a file, to see how a host gives it, without taking it.

use reqwest::header::{HeaderValue, RANGE};

use super::{DownloadError, Downloader, Reply, Version, conditions};
use crate::http::error::HttpError;
use crate::http::way_out::{Outgoing, Spent};

/// How a file begins, and how that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beginning {
    /// 206 if only the bytes that were asked for came, 200 if the host began to send all of them.
    pub status: u16,
    /// Whether the host sent us to its storage.
    pub redirected: bool,
    /// What was said of the whole file.
    pub version: Version,
    /// The bytes, no more than were asked for.
    pub bytes: Vec<u8>,
}

impl Downloader<'_> {
    /// Asks for the first `count` bytes of a file, once: a question to the host, and one to its storage if it sends
    /// us there.
    pub async fn beginning(
        &self,
        request: &Outgoing,
        count: usize,
    ) -> (Result<Beginning, DownloadError>, Spent) {
        let mut spent = Spent::default();
        let beginning = self.begin_to_read(request, count, &mut spent).await;
        (beginning, spent)
    }

    async fn begin_to_read(
        &self,
        request: &Outgoing,
        count: usize,
        spent: &mut Spent,
    ) -> Result<Beginning, DownloadError> {
        let host = request.url.host_str().unwrap_or_default();
        let unusable = |why: String| HttpError::Unusable {
            host: host.to_owned(),
            tries: 1,
            why,
        };
        let mut headers = conditions(None, None, 0);
        let range = format!("bytes=0-{}", count.saturating_sub(1));
        if let Ok(range) = HeaderValue::from_str(&range) {
            headers.insert(RANGE, range);
        }
        let mut link = None;
        let reply = self.ask(request, &headers, &mut link, spent).await?;
        let (status, headers, mut body) = match reply {
            Reply::Bytes {
                status,
                headers,
                body,
                ..
            } => (status, headers, body),
            Reply::Expired(status) => {
                let why = format!("its storage refuses the address that it gave (HTTP {status})");
                return Err(unusable(why).into());
            }
            Reply::Wait { why, wait } => return Err(super::limited(host, why, wait)),
            Reply::Passing { why } => return Err(unusable(why).into()),
            Reply::Unchanged | Reply::NoSuchRange => {
                let why = "it answers a question that was not asked".to_owned();
                return Err(unusable(why).into());
            }
        };
        let mut bytes = Vec::new();
        while bytes.len() < count {
            match tokio::time::timeout(self.idle, body.chunk()).await {
                Ok(Ok(Some(chunk))) => {
                    let left = count - bytes.len();
                    bytes.extend_from_slice(chunk.get(..left).unwrap_or(&chunk));
                }
                Ok(Ok(None)) => break,
                Ok(Err(error)) => return Err(unusable(super::describe(&error)).into()),
                Err(_) => return Err(unusable("no byte came for too long".to_owned()).into()),
            }
        }
        Ok(Beginning {
            status,
            redirected: link.is_some(),
            version: Version::of(status, &headers),
            bytes,
        })
    }
}
