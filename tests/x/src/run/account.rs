//! The account that a first look needs.

use std::{net::SocketAddr, path::Path, time::Duration};

use anyhow::{Result, bail};
use serde_json::json;
use testbed::{
    http::{self, Request},
    secret,
};

/// Makes the account `demo` where it is missing, and says how to sign in. Its password is random
/// and kept with the data, so that the next start shows the same.
pub(super) fn demo(data: &Path, server: SocketAddr) -> Result<String> {
    let password = secret::kept(&data.join("demo.password"))?;
    let body = json!({"username": "demo", "email": "demo@example.org", "password": password});
    let body = body.to_string();
    let request = Request {
        server,
        method: "POST",
        path: "/api/auth/sign-up",
        token: "",
        content_type: "application/json",
        body: body.as_bytes(),
    };
    let answer = http::send(request, Duration::from_secs(20))?;
    match answer.status {
        200 | 201 => {}
        409 if answer.body.contains("Taken") => {}
        status => bail!("cannot make the demo account: {status} {}", answer.body.trim()),
    }
    Ok(format!("demo / {password}"))
}
