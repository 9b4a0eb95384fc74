//! The little HTTP that starting and filling a server takes.

use std::{
    fmt::Write as _,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

/// Status and body of an answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body, whole.
    pub body: String,
}

/// A request; the connection is closed after its answer.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Whom to ask.
    pub server: SocketAddr,
    /// `GET`, `POST` and so on.
    pub method: &'a str,
    /// Path and query.
    pub path: &'a str,
    /// Bearer token; none where empty.
    pub token: &'a str,
    /// Type of the body.
    pub content_type: &'a str,
    /// The body.
    pub body: &'a [u8],
}

/// Asks for a path.
pub fn get(server: SocketAddr, path: &str) -> Result<Answer> {
    let empty = Request { server, method: "GET", path, token: "", content_type: "", body: b"" };
    send(empty, Duration::from_secs(2))
}

/// Sends a request and reads the whole answer.
pub fn send(request: Request<'_>, timeout: Duration) -> Result<Answer> {
    let Request { server, method, path, token, content_type, body } = request;
    let end = Instant::now() + timeout;
    let mut stream = TcpStream::connect_timeout(&server, timeout.min(Duration::from_secs(2)))?;
    stream.set_write_timeout(Some(timeout))?;
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    if !content_type.is_empty() {
        let _ = write!(head, "content-type: {content_type}\r\n");
    }
    if !token.is_empty() {
        let _ = write!(head, "authorization: Bearer {token}\r\n");
    }
    head += "\r\n";
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let answer = read(&mut stream, end).with_context(|| format!("{method} {path}"))?;
    parse(&answer).with_context(|| format!("{method} {path}"))
}

/// The whole answer: also one that comes in drops must be there in time.
fn read(stream: &mut TcpStream, end: Instant) -> Result<Vec<u8>> {
    let mut answer = Vec::new();
    let mut part = [0; 8 << 10];
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            bail!("no whole answer in time");
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut part).context("no answer in time")? {
            0 => return Ok(answer),
            count => answer.extend_from_slice(&part[..count]),
        }
    }
}

fn parse(answer: &[u8]) -> Result<Answer> {
    let split =
        answer.windows(4).position(|w| w == b"\r\n\r\n").context("the answer has no head")?;
    let head = String::from_utf8_lossy(&answer[..split]).to_lowercase();
    let body = &answer[split + 4..];
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).context("no status")?;
    let body = if head.contains("transfer-encoding: chunked") {
        join_chunks(body)?
    } else {
        body.to_vec()
    };
    Ok(Answer { status, body: String::from_utf8_lossy(&body).into_owned() })
}

fn join_chunks(mut rest: &[u8]) -> Result<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = rest.windows(2).position(|w| w == b"\r\n").context("a chunk has no size")?;
        let size = std::str::from_utf8(&rest[..end])?;
        let size = usize::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16)?;
        if size == 0 {
            return Ok(whole);
        }
        let from = end + 2;
        let Some(chunk) = rest.get(from..from + size) else { bail!("a chunk was cut") };
        whole.extend_from_slice(chunk);
        rest = rest.get(from + size + 2..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined() {
        let answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n";
        let answer = parse(answer).unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (200, "abcde"));
    }

    #[test]
    fn a_server_that_says_nothing_is_not_waited_for() {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let server = silent.local_addr().unwrap();
        let request =
            Request { server, method: "GET", path: "/", token: "", content_type: "", body: b"" };
        let error = send(request, Duration::from_millis(50)).unwrap_err();
        assert!(format!("{error:#}").starts_with("GET /: no answer in time"), "{error:#}");
    }
}
