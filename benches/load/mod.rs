//! Load on a server: many connections that each ask again as soon as they are answered, and what each answer took.
//!
//! HTTP/1.1 written by hand, because the generator shares the processors with the server: a whole client would take
//! as long for an answer as the server does.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Room for one answer's head and body at first. Bytes.
const ROOM: usize = 128 << 10;

/// A connection to the server that is kept open.
pub(crate) struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    /// To a server on this machine.
    pub(crate) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            read: Vec::with_capacity(ROOM),
        })
    }

    /// Sends a request and reads the answer: its status and its body.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<(u16, &[u8])> {
        self.stream.write_all(request).await?;
        self.read.clear();
        let (head, length) = loop {
            let came = self.stream.read_buf(&mut self.read).await?;
            ensure!(came > 0, "the server closed the connection");
            if let Some(end) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = std::str::from_utf8(&self.read[..end])?;
                break (end + 4, length(head)?);
            }
        };
        while self.read.len() < head + length {
            let came = self.stream.read_buf(&mut self.read).await?;
            ensure!(came > 0, "the server closed the connection");
        }
        let status = self.read.get(9..12).context("no status")?;
        let status = std::str::from_utf8(status)?.parse()?;
        Ok((status, &self.read[head..head + length]))
    }
}

fn length(head: &str) -> anyhow::Result<usize> {
    let named = head.lines().filter_map(|line| line.split_once(':'));
    let mut lengths = named.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let (_, length) = lengths.next().context("an answer without a length")?;
    Ok(length.trim().parse()?)
}

/// A request as it goes over the wire, with a token.
pub(crate) fn request(method: &str, path: &str, token: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\naccept: */*\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// What a load came to.
pub(crate) struct Latencies {
    /// Of each answer. Microseconds, the shortest first.
    sorted: Vec<u32>,
    /// Answers that were not 200, and connections that broke. Count.
    pub(crate) errors: usize,
    /// What was answered in all. Bytes.
    pub(crate) bytes: u64,
}

impl Latencies {
    /// Of these times, in any order.
    pub(crate) fn of(times: &[Duration]) -> Self {
        let micros = times.iter().map(Duration::as_micros);
        let mut sorted: Vec<u32> = micros
            .map(|one| u32::try_from(one).unwrap_or(u32::MAX))
            .collect();
        sorted.sort_unstable();
        Self {
            sorted,
            errors: 0,
            bytes: 0,
        }
    }

    /// How many answers there were.
    pub(crate) fn count(&self) -> usize {
        self.sorted.len()
    }

    /// The time within which so many of a thousand answers came. Milliseconds.
    pub(crate) fn within(&self, of_thousand: usize) -> f64 {
        let place = (self.sorted.len() * of_thousand).div_ceil(1_000).max(1) - 1;
        let micros = self.sorted.get(place).copied();
        micros.map_or(f64::NAN, |micros| f64::from(micros) / 1e3)
    }
}

/// Asks `requests` in turn over so many connections, for so long.
pub(crate) async fn load(
    address: SocketAddr,
    requests: Vec<Vec<u8>>,
    connections: usize,
    how_long: Duration,
) -> anyhow::Result<Latencies> {
    let (requests, next) = (Arc::new(requests), Arc::new(AtomicUsize::new(0)));
    let mut open = Vec::new();
    for _ in 0..connections {
        open.push(Connection::open(address).await?);
    }
    let end = Instant::now() + how_long;
    let mut tasks = JoinSet::new();
    for connection in open {
        let (requests, next) = (Arc::clone(&requests), Arc::clone(&next));
        tasks.spawn(async move { ask(connection, address, &requests, &next, end).await });
    }
    let mut all = Latencies::of(&[]);
    for one in tasks.join_all().await {
        let one = one?;
        all.sorted.extend(one.sorted);
        all.errors += one.errors;
        all.bytes += one.bytes;
    }
    all.sorted.sort_unstable();
    Ok(all)
}

async fn ask(
    mut connection: Connection,
    address: SocketAddr,
    requests: &[Vec<u8>],
    next: &AtomicUsize,
    end: Instant,
) -> anyhow::Result<Latencies> {
    let mut all = Latencies::of(&[]);
    loop {
        let began = Instant::now();
        if began >= end {
            return Ok(all);
        }
        let request = &requests[next.fetch_add(1, Ordering::Relaxed) % requests.len()];
        let answered = connection.exchange(request).await;
        let took = u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX);
        all.sorted.push(took);
        match answered {
            Ok((200, body)) => all.bytes += body.len() as u64,
            Ok(_) => all.errors += 1,
            Err(_) => {
                all.errors += 1;
                connection = Connection::open(address).await?;
            }
        }
    }
}
