//! A load client: WebSocket frames by hand, so that a thousand sockets cost little of the cores
//! that they share with the server under test.

use anyhow::{Context as _, Result, bail};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Bytes read at once, at most.
const READ: usize = 64 * 1024;

/// A connected, signed-in socket.
pub(crate) struct Client {
    stream: TcpStream,
    /// Bytes that were read and not looked at yet, from `start` to `end`.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    out: Vec<u8>,
}

/// What came, as far as a benchmark looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Incoming<'a> {
    /// An acknowledgement: its id, and whether it says yes.
    Ack(u64, bool),
    /// Messages of a room: the cursors before and after, and the text.
    Messages(u64, u64, &'a str),
    /// Anything else.
    Other(&'a str),
}

impl Client {
    /// Connects to `http://host:port` and signs in.
    pub(crate) async fn connect(base: &str, token: &str) -> Result<Self> {
        let host = base.strip_prefix("http://").context("the address is not http")?;
        let mut stream = TcpStream::connect(host).await?;
        stream.set_nodelay(true)?;
        let request = format!(
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {host}\r\n\
             Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut client = Self { stream, buffer: vec![0; 512], start: 0, end: 0, out: Vec::new() };
        client.skip_response().await?;
        client.wait_for("0{").await?;
        client.push(&format!("40{{\"token\":\"{token}\"}}"));
        client.flush().await?;
        client.wait_for("40{").await?;
        Ok(client)
    }

    async fn skip_response(&mut self) -> Result<()> {
        loop {
            self.fill().await?;
            let seen = &self.buffer[..self.end];
            if let Some(at) = seen.windows(4).position(|w| w == b"\r\n\r\n") {
                if !seen.starts_with(b"HTTP/1.1 101") {
                    bail!("no upgrade: {}", String::from_utf8_lossy(&seen[..at]));
                }
                self.start = at + 4;
                return Ok(());
            }
        }
    }

    /// Reads until a text begins so.
    pub(crate) async fn wait_for(&mut self, beginning: &str) -> Result<()> {
        loop {
            while let Some(text) = self.next() {
                if text.starts_with(beginning) {
                    return Ok(());
                }
                if text.starts_with("44") {
                    bail!("refused: {text}");
                }
            }
            self.fill().await?;
        }
    }

    /// Waits for bytes.
    pub(crate) async fn fill(&mut self) -> Result<()> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.end == self.buffer.len() {
            self.buffer.resize((self.buffer.len() * 2).max(4_096), 0);
        }
        let limit = self.buffer.len().min(self.end + READ);
        let read = self.stream.read(&mut self.buffer[self.end..limit]).await?;
        if read == 0 {
            bail!("the server closed the connection");
        }
        self.end += read;
        Ok(())
    }

    /// The next text that is here whole. Answers pings.
    pub(crate) fn next(&mut self) -> Option<&str> {
        let bytes = &self.buffer[self.start..self.end];
        let (header, length) = match *bytes.get(1)? {
            126 => (4, usize::from(u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]))),
            127 => {
                let eight: [u8; 8] = bytes.get(2..10)?.try_into().ok()?;
                (10, usize::try_from(u64::from_be_bytes(eight)).ok()?)
            }
            short => (2, usize::from(short & 127)),
        };
        bytes.get(header + length - 1 + usize::from(length == 0))?;
        let from = self.start + header;
        self.start = from + length;
        if &self.buffer[from..self.start] == b"2" {
            self.push("3");
        }
        std::str::from_utf8(&self.buffer[from..self.start]).ok()
    }

    /// Puts a text into the outgoing buffer, masked with zeros (RFC 6455, 5.3, allows any key).
    pub(crate) fn push(&mut self, text: &str) {
        self.out.push(0x81);
        // The high bit of the length says that it is masked.
        match (u8::try_from(text.len()), u16::try_from(text.len())) {
            (Ok(short), _) if short < 126 => self.out.push(0x80 | short),
            (_, Ok(middle)) => {
                self.out.push(0xfe);
                self.out.extend(middle.to_be_bytes());
            }
            _ => {
                self.out.push(0xff);
                self.out.extend((text.len() as u64).to_be_bytes());
            }
        }
        self.out.extend([0; 4]);
        self.out.extend(text.as_bytes());
    }

    /// Sends what was pushed.
    pub(crate) async fn flush(&mut self) -> Result<()> {
        if !self.out.is_empty() {
            self.stream.write_all(&self.out).await?;
            self.out.clear();
        }
        Ok(())
    }
}

/// Looks at a text.
pub(crate) fn look(text: &str) -> Incoming<'_> {
    if let Some(rest) = text.strip_prefix("43")
        && let Some((id, answer)) = rest.split_once('[')
    {
        return Incoming::Ack(id.parse().unwrap_or(u64::MAX), answer.starts_with("{\"ok\":true"));
    }
    let messages = text
        .strip_prefix("42[\"newMessage\",")
        .or_else(|| text.strip_prefix("42[\"messageChanged\","));
    match messages
        .and_then(|json| Some((number(json, "\"after\":")?, number(json, "\"upTo\":")?, json)))
    {
        Some((after, up_to, json)) => Incoming::Messages(after, up_to, json),
        None => Incoming::Other(text),
    }
}

/// The number after the first occurrence of a key. The keys looked for stand at the beginning.
fn number(json: &str, key: &str) -> Option<u64> {
    let at = json.find(key)? + key.len();
    let rest = &json[at..];
    rest[..rest.find([',', '}'])?].parse().ok()
}

/// The room of a messages event.
pub(crate) fn room_of(json: &str) -> &str {
    json.get(11..24).unwrap_or_default()
}
