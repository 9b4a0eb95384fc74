//! Somebody who uses the API.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use testbed::http::{self, Request};

/// A client, signed in as somebody.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    server: SocketAddr,
    token: String,
    /// The user's id in the database.
    pub(super) id: u64,
}

impl Visitor {
    pub(super) fn sign_up(server: SocketAddr, name: &str, password: &str) -> Result<Self> {
        let email = format!("{name}@example.org");
        let body = json!({"username": name, "email": email, "password": password});
        Self::enter(server, "/api/auth/sign-up", &body)
    }

    pub(super) fn sign_in(server: SocketAddr, name: &str, password: &str) -> Result<Self> {
        Self::enter(server, "/api/auth/sign-in", &json!({"login": name, "password": password}))
    }

    fn enter(server: SocketAddr, path: &str, body: &Value) -> Result<Self> {
        let nobody = Self { server, token: String::new(), id: 0 };
        let answer = nobody.call("POST", path, body)?;
        let token = answer["token"].as_str().context("no token came back")?.to_owned();
        Ok(Self { server, token, id: number(&answer["me"]["id"])? })
    }

    /// Sends JSON and gives the JSON that comes back.
    pub(super) fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        self.send(method, path, "application/json", body.to_string().as_bytes())
    }

    /// Sends a picture.
    pub(super) fn picture(&self, method: &str, path: &str, png: &[u8]) -> Result<Value> {
        let mut body = b"--cut\r\ncontent-disposition: form-data; name=\"file\"; \
            filename=\"picture.png\"\r\ncontent-type: image/png\r\n\r\n"
            .to_vec();
        body.extend_from_slice(png);
        body.extend_from_slice(b"\r\n--cut--\r\n");
        self.send(method, path, "multipart/form-data; boundary=cut", &body)
    }

    fn send(&self, method: &str, path: &str, content_type: &str, body: &[u8]) -> Result<Value> {
        let Self { server, token, id: _ } = self;
        let request = Request { server: *server, method, path, token, content_type, body };
        let answer = http::send(request, Duration::from_secs(30))?;
        if !(200..300).contains(&answer.status) {
            bail!("{method} {path} was refused: {} {}", answer.status, answer.body.trim());
        }
        if answer.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&answer.body).with_context(|| format!("answer to {method} {path}"))
    }
}

/// The number behind an id of the API: Crockford's base 32.
pub(super) fn number(id: &Value) -> Result<u64> {
    const DIGITS: &str = "0123456789abcdefghjkmnpqrstvwxyz";
    let text = id.as_str().context("an id is missing")?;
    text.chars()
        .try_fold(0_u64, |number, c| number.checked_mul(32)?.checked_add(DIGITS.find(c)? as u64))
        .with_context(|| format!("{text} is not an id"))
}
