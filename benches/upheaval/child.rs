//! The program under test: the real binary, begun with its own environment, heard, and killed.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// A running plaudit. It is killed when it is dropped.
pub(crate) struct Program {
    child: Child,
    said: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Program {
    /// Begins it with nothing else in its environment.
    pub(crate) fn begin(
        home: &Path,
        environment: &BTreeMap<String, String>,
        arguments: &[&str],
    ) -> anyhow::Result<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_plaudit"))
            .env_clear()
            .envs(environment)
            .current_dir(home)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot begin plaudit")?;
        let said = Arc::new(Mutex::new(String::new()));
        let out = child.stdout.take().context("piped")?;
        let err = child.stderr.take().context("piped")?;
        let readers = vec![
            read(Box::new(out), Arc::clone(&said)),
            read(Box::new(err), Arc::clone(&said)),
        ];
        Ok(Self {
            child,
            said,
            readers,
        })
    }

    /// What it has said so far, on both streams.
    pub(crate) fn said(&self) -> String {
        self.said
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// How it has ended; `None`: it runs.
    pub(crate) fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        let ended = self.child.try_wait()?;
        if ended.is_some() {
            self.hear_out();
        }
        Ok(ended)
    }

    /// Waits for its end, for so long at most.
    pub(crate) async fn wait(&mut self, at_most: Duration) -> anyhow::Result<ExitStatus> {
        let began = Instant::now();
        loop {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            if began.elapsed() > at_most {
                bail!("it does not end; it said:\n{}", self.said());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Pulls the plug.
    pub(crate) fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        self.hear_out();
        Ok(())
    }

    fn hear_out(&mut self) {
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(from: Box<dyn Read + Send>, said: Arc<Mutex<String>>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut lines = BufReader::new(from);
        let mut line = Vec::new();
        while matches!(lines.read_until(b'\n', &mut line), Ok(read) if read > 0) {
            let text = String::from_utf8_lossy(&line);
            said.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push_str(&text);
            line.clear();
        }
    })
}

/// Where libfaketime is, which sets the clock of one process and of its children alone; Debian's package is `faketime`.
pub(crate) fn clock_setter() -> Option<PathBuf> {
    let known = [
        "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
        "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
        "/usr/lib/faketime/libfaketime.so.1",
        "/usr/lib64/faketime/libfaketime.so.1",
    ];
    known.iter().map(PathBuf::from).find(|path| path.is_file())
}

/// The variables that make the wall clock of a program follow `file`, and its other clocks be as they are.
pub(crate) fn with_clock(setter: &Path, file: &Path) -> [(String, String); 5] {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    [
        ("LD_PRELOAD".to_owned(), text(setter)),
        ("FAKETIME_TIMESTAMP_FILE".to_owned(), text(file)),
        ("FAKETIME_NO_CACHE".to_owned(), "1".to_owned()),
        ("FAKETIME_DONT_FAKE_MONOTONIC".to_owned(), "1".to_owned()),
        ("DONT_FAKE_MONOTONIC".to_owned(), "1".to_owned()),
    ]
}
