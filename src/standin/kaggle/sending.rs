//! How a body goes out: whole, in pieces, or failing on its way.

use std::{
    io::{self, SeekFrom},
    time::Duration,
};

use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use super::{answers::Content, faults::KaggleFault, server::InFlight};
use crate::standin::bodies::endless;

/// Bytes of a file that are sent at a time.
const PIECE: usize = 1 << 17;
/// Pieces of a slow body, and the pause before each.
const SLOW: (usize, Duration) = (8, Duration::from_millis(50));
/// Time for what was written to leave before a body is cut.
const BEFORE_CUT: Duration = Duration::from_millis(20);

/// A body, and the length that is to be announced.
pub(super) struct Sent {
    pub(super) body: Body,
    pub(super) length: Option<u64>,
}

/// The content as a body. The request stays in flight until it is sent.
pub(super) fn send(content: Content, fault: Option<KaggleFault>, in_flight: InFlight) -> Sent {
    if fault == Some(KaggleFault::EndlessBody) {
        return Sent {
            body: endless(in_flight.shared.stopping.clone()),
            length: None,
        };
    }
    let length = match &content {
        Content::Bytes(bytes) | Content::Slow(bytes) => bytes.len() as u64,
        Content::File { length, .. } => *length,
    };
    let slow = fault == Some(KaggleFault::SlowBody) || matches!(content, Content::Slow(_));
    let cut_after = (fault == Some(KaggleFault::Cut)).then(|| match &content {
        Content::File { length, .. } => in_flight.shared.books().below(*length),
        Content::Bytes(_) | Content::Slow(_) => length / 2,
    });
    let body = match content {
        // Nothing can go wrong with it, and it is counted now.
        Content::Bytes(bytes) if !slow && cut_after.is_none() => {
            in_flight.shared.books().sent(bytes.len());
            Body::from(bytes)
        }
        content => pieces(Sending {
            left: cut_after.unwrap_or(length),
            content,
            file: None,
            place: 0,
            piece: if slow {
                usize::try_from(length).map_or(PIECE, |length| (length / SLOW.0 + 1).min(PIECE))
            } else {
                PIECE
            },
            pause: if slow { SLOW.1 } else { Duration::ZERO },
            cut: cut_after.is_some(),
            in_flight,
        }),
    };
    Sent {
        body,
        length: Some(length),
    }
}

/// A body that is under way.
struct Sending {
    content: Content,
    file: Option<tokio::fs::File>,
    /// Where in the bytes it is.
    place: usize,
    /// Bytes that are still to be sent.
    left: u64,
    piece: usize,
    pause: Duration,
    /// Whether it breaks off then.
    cut: bool,
    in_flight: InFlight,
}

fn pieces(sending: Sending) -> Body {
    Body::from_stream(stream::unfold(Some(sending), |sending| async move {
        let mut sending = sending?;
        if sending.left == 0 {
            if !sending.cut {
                return None;
            }
            tokio::time::sleep(BEFORE_CUT).await;
            return Some((Err(io::Error::from(io::ErrorKind::ConnectionAborted)), None));
        }
        if !sending.pause.is_zero() {
            tokio::select! {
                () = tokio::time::sleep(sending.pause) => {}
                () = sending.in_flight.shared.stopping.cancelled() => return None,
            }
        }
        match sending.next().await {
            Ok(piece) => {
                sending.in_flight.shared.books().sent(piece.len());
                sending.left -= piece.len() as u64;
                Some((Ok(piece), Some(sending)))
            }
            Err(error) => Some((Err(error), None)),
        }
    }))
}

impl Sending {
    async fn next(&mut self) -> io::Result<Bytes> {
        let most = usize::try_from(self.left).map_or(self.piece, |left| left.min(self.piece));
        match &self.content {
            Content::Bytes(bytes) | Content::Slow(bytes) => {
                let piece = bytes.get(self.place..self.place + most).unwrap_or_default();
                self.place += most;
                Ok(Bytes::copy_from_slice(piece))
            }
            Content::File { path, from, .. } => {
                if self.file.is_none() {
                    let mut file = tokio::fs::File::open(path).await?;
                    file.set_max_buf_size(PIECE);
                    file.seek(SeekFrom::Start(*from)).await?;
                    self.file = Some(file);
                }
                let mut piece = vec![0; most];
                let read = match &mut self.file {
                    Some(file) => file.read(&mut piece).await?,
                    None => 0,
                };
                if read == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                piece.truncate(read);
                Ok(Bytes::from(piece))
            }
        }
    }
}
