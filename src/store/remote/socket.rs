//! The socket's file, and frames over it.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use serde::{Serialize, de::DeserializeOwned};
use tokio::net::{UnixListener, UnixStream};
use tokio_util::codec::{Framed, LengthDelimitedCodec};

use crate::folder::{Distrust, is_trusted};

/// The socket's name in the data folder.
const NAME: &str = "plaudit.sock";

/// The longest frame. Bytes; lists come in parts, so that a frame holds some hundred profiles at most.
const LONGEST_FRAME: usize = 256 << 20;

/// The longest path that every system takes for a socket. Bytes; Linux takes 107, others 103.
const LONGEST_PATH: usize = 100;

/// One end of a conversation.
pub(super) struct Wire(Framed<UnixStream, LengthDelimitedCodec>);

impl std::fmt::Debug for Wire {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Wire")
    }
}

impl Wire {
    pub(super) fn new(stream: UnixStream) -> Self {
        let codec = LengthDelimitedCodec::builder()
            .max_frame_length(LONGEST_FRAME)
            .new_codec();
        Self(Framed::new(stream, codec))
    }

    /// Sends one frame.
    pub(super) async fn send(&mut self, frame: &impl Serialize) -> io::Result<()> {
        let json = serde_json::to_vec(frame)?;
        self.0.send(Bytes::from(json)).await
    }

    /// The next frame; `None`: the other end is gone. To drop the future loses none.
    pub(super) async fn next<T: DeserializeOwned>(&mut self) -> io::Result<Option<T>> {
        match self.0.next().await {
            Some(frame) => Ok(Some(serde_json::from_slice(&frame?)?)),
            None => Ok(None),
        }
    }
}

/// The socket's file; it goes when this is dropped.
#[derive(Debug)]
pub(super) struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        // One that stays is replaced by the next server.
        let _ = fs::remove_file(&self.0);
    }
}

/// Listens in a folder that this process has locked: a file that is there was left over by a crash.
pub(super) fn listen(folder: &Path) -> io::Result<(UnixListener, SocketFile)> {
    let path = folder.join(NAME);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let short = ShortPath::of(folder)?;
    let listener = UnixListener::bind(&short.path)?;
    let file = SocketFile(path);
    fs::set_permissions(&file.0, fs::Permissions::from_mode(0o600))?;
    Ok((listener, file))
}

/// That whoever is at the other end is somebody else than it should be.
pub(super) fn distrust(folder: &Path, stream: &UnixStream) -> io::Result<Option<Distrust>> {
    let owner = stream.peer_cred()?.uid();
    let path = folder.join(NAME);
    Ok((!is_trusted(folder, owner)).then_some(Distrust::Foreign { path, owner }))
}

/// Reaches whoever listens in a folder; `None`: nobody does.
pub(super) async fn connect(folder: &Path) -> io::Result<Option<UnixStream>> {
    // A folder that is not to be read is for whoever opens it to complain of.
    use io::ErrorKind::{ConnectionRefused, NotADirectory, NotFound, PermissionDenied};
    let connected = match ShortPath::of(folder) {
        Ok(short) => UnixStream::connect(&short.path).await,
        Err(error) => Err(error),
    };
    match connected {
        Ok(stream) => Ok(Some(stream)),
        Err(error)
            if matches!(
                error.kind(),
                ConnectionRefused | NotADirectory | NotFound | PermissionDenied
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// A name of the socket that every system takes.
struct ShortPath {
    path: PathBuf,
    /// What a long name goes by way of.
    _folder: Option<fs::File>,
}

impl ShortPath {
    fn of(folder: &Path) -> io::Result<Self> {
        let path = folder.join(NAME);
        if path.as_os_str().len() <= LONGEST_PATH || !cfg!(target_os = "linux") {
            return Ok(Self {
                path,
                _folder: None,
            });
        }
        let open = fs::File::open(folder)?;
        let number = std::os::fd::AsRawFd::as_raw_fd(&open);
        Ok(Self {
            path: PathBuf::from(format!("/proc/self/fd/{number}/{NAME}")),
            _folder: Some(open),
        })
    }
}
