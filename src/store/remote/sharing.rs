//! The owner's end: listens, and answers each conversation from its own store.

use std::{io, time::Duration};

use futures::{StreamExt, stream::FuturesUnordered};
use serde_json::Value;
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;

use super::{
    answer::answer,
    ask::{Ask, Hello, VERSION},
    socket::{self, SocketFile, Wire},
};
use crate::store::{Store, StoreError, recovery};

/// Conversations at once. Count; further ones wait until one ends.
const MOST: usize = 64;

/// How long an answer may take to be fetched once the owner ends.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// A store that others may ask for over the socket in its folder.
#[derive(Debug)]
pub struct Sharing {
    store: Store,
    listener: UnixListener,
    _file: SocketFile,
}

impl Store {
    /// Begins to listen in the folder. A socket that a crash has left over is replaced.
    pub fn share(&self) -> Result<Sharing, StoreError> {
        let folder = self.folder();
        if self.is_remote() {
            return Err(self.owners_only());
        }
        let (listener, file) =
            socket::listen(folder).map_err(|error| recovery::unwritable(folder, error))?;
        Ok(Sharing {
            store: self.clone(),
            listener,
            _file: file,
        })
    }
}

impl Sharing {
    /// Answers until `stop`; asks under way are answered still. What is not the store's to answer goes to `owner`.
    pub async fn answer(
        self,
        stop: CancellationToken,
        owner: impl AsyncFn(Value) -> Result<Value, StoreError>,
    ) -> Result<(), StoreError> {
        let mut conversations = FuturesUnordered::new();
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(ended) = conversations.next(), if !conversations.is_empty() => note(ended),
                accepted = self.listener.accept(), if conversations.len() < MOST => match accepted {
                    Ok((stream, _)) => match socket::distrust(self.store.folder(), &stream) {
                        Ok(None) => conversations.push(self.converse(stream, &stop, &owner)),
                        Ok(Some(distrust)) => tracing::warn!(%distrust, "a command of another user is not heard"),
                        Err(error) => tracing::warn!(%error, "a command could not be heard"),
                    },
                    // One that went away again, or no more files to be had: others end and give theirs back.
                    Err(error) => {
                        tracing::warn!(%error, "a command could not be heard");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                },
            }
        }
        while let Some(ended) = conversations.next().await {
            note(ended);
        }
        Ok(())
    }

    /// One conversation, to its end.
    async fn converse(
        &self,
        stream: UnixStream,
        stop: &CancellationToken,
        owner: &impl AsyncFn(Value) -> Result<Value, StoreError>,
    ) -> io::Result<()> {
        let mut wire = Wire::new(stream);
        let Some(Some(hello)) = until(stop, wire.next::<Hello>()).await.transpose()? else {
            return Ok(());
        };
        let greeting = Hello {
            plaudit: VERSION.to_owned(),
            change: self.store.newest_change(),
        };
        wire.send(&greeting).await?;
        if hello.plaudit != VERSION {
            // It says so to whoever typed it.
            return Ok(());
        }
        while let Some(Some(ask)) = until(stop, wire.next::<Ask>()).await.transpose()? {
            let waits = matches!(ask, Ask::WaitForChange { .. });
            let answering = answer(&self.store, ask, owner);
            let frames = if waits {
                // What may last is given up; what was promised is not.
                let Some(frames) = until(stop, answering).await else {
                    return Ok(());
                };
                frames
            } else {
                answering.await
            };
            for frame in frames {
                let patience = async {
                    stop.cancelled().await;
                    tokio::time::sleep(LAST_WORDS).await;
                };
                tokio::select! {
                    sent = wire.send(&frame) => sent?,
                    () = patience => return Ok(()),
                }
            }
        }
        Ok(())
    }
}

/// What comes before the stop; `None`: that came first.
async fn until<T>(stop: &CancellationToken, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        () = stop.cancelled() => None,
        done = work => Some(done),
    }
}

fn note(ended: io::Result<()>) {
    if let Err(error) = ended {
        // A command that was ended in the middle is no failure of anybody's.
        tracing::debug!(%error, "a conversation broke off");
    }
}
