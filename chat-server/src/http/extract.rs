//! Extractors: the caller, the peer, and the content of a request, each validated.

use std::{net::SocketAddr, time::Duration};

use axum::{
    extract::{ConnectInfo, FromRequest, FromRequestParts, Path, Query, Request},
    http::{HeaderMap, header, request::Parts},
};
use bytes::{Bytes, BytesMut};
use chrono::Utc;
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use super::error::Refusal;
use crate::{
    request::{Peer, Token},
    service::{self, App, account, session, session::Caller},
    trace::Parent,
};

/// Maximum bytes of a JSON body: 8,000 emoji, each written as two escapes, and their framing.
const BODY_BYTES_MAX: usize = 128 * 1024;
/// Bytes beyond the limit that are read and discarded before the request is rejected.
const DISCARDED_MAX: usize = 64 * 1024 * 1024;
/// Limit for a body to arrive.
const BODY_TIME: Duration = Duration::from_secs(20);

impl FromRequestParts<App> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let token = Token::of(&parts.headers).ok_or(service::Error::Unauthenticated)?;
        Ok(session::authenticate(app, token.reveal(), Utc::now()).await?)
    }
}

/// A caller who may use the administration.
pub(super) struct Admin;

impl FromRequestParts<App> for Admin {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let caller = Caller::from_request_parts(parts, app).await?;
        if account::me(app, caller.user).await?.admin {
            return Ok(Self);
        }
        Err(service::Error::Forbidden("only administrators may do this".to_owned()).into())
    }
}

impl FromRequestParts<App> for Peer {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        Ok(peer_of(parts, app))
    }
}

/// Who sent the request of these parts.
pub(super) fn peer_of(parts: &Parts, app: &App) -> Peer {
    Peer::of(&parts.headers, &parts.extensions, &app.config)
}

/// The trace of a request from a trusted proxy: others could have every request traced.
pub(super) fn parent_of(request: &Request, app: &App) -> Option<Parent> {
    if !app.sampling.is_on() {
        return None;
    }
    let connected = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
    let is_trusted = Peer::is_trusted(connected.0.ip(), &app.config.trusted_proxies);
    is_trusted.then(|| Parent::of_request(request.headers())).flatten()
}

/// The `User-Agent` of the client.
pub(super) struct UserAgent(pub(super) String);

impl FromRequestParts<App> for UserAgent {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        let agent = parts.headers.get(header::USER_AGENT).map(axum::http::HeaderValue::as_bytes);
        Ok(Self(String::from_utf8_lossy(agent.unwrap_or_default()).into_owned()))
    }
}

/// Parameters of the path. An invalid id is treated as the id of nothing.
pub(super) struct ApiPath<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for ApiPath<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let path = Path::<T>::from_request_parts(parts, app).await;
        path.map(|Path(value)| Self(value)).map_err(|_| service::Error::NotFound("thing").into())
    }
}

/// The query string.
pub(super) struct ApiQuery<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<App> for ApiQuery<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let query = Query::<T>::from_request_parts(parts, app).await;
        query.map(|Query(value)| Self(value)).map_err(|rejection| {
            let detail = std::error::Error::source(&rejection)
                .map_or_else(|| rejection.body_text(), ToString::to_string);
            let field = named_field(&detail);
            Refusal::shape(format!("the query string is wrong: {detail}"), field)
        })
    }
}

/// A JSON body.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &App) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        if !is_json(&parts.headers) {
            let detail = "the body must be JSON, with Content-Type: application/json";
            return Err(Refusal::shape(detail, None));
        }
        let bytes = tokio::time::timeout(BODY_TIME, read(body, BODY_BYTES_MAX))
            .await
            .map_err(|_| Refusal::shape("the body took too long to arrive", None))?
            .map_err(|unread| match unread {
                Unread::TooLarge => too_large(),
                Unread::CutOff => Refusal::shape("the body did not arrive whole", None),
            })?;
        Ok(Self(parse(&bytes)?))
    }
}

/// Why a body was not read.
pub(super) enum Unread {
    TooLarge,
    CutOff,
}

/// Reads a body and holds at most `limit` bytes of it. The rest of one that is too large is read
/// and discarded, up to a limit, because a client reads no answer while it is sending.
pub(super) async fn read(
    body: axum::body::Body,
    limit: usize,
) -> std::result::Result<Bytes, Unread> {
    let mut chunks = body.into_data_stream();
    let (mut held, mut seen) = (BytesMut::new(), 0);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Unread::CutOff)?;
        seen += chunk.len();
        if seen <= limit {
            held.extend_from_slice(&chunk);
        } else {
            held = BytesMut::new();
        }
        if seen > limit + DISCARDED_MAX {
            break;
        }
    }
    if seen > limit { Err(Unread::TooLarge) } else { Ok(held.freeze()) }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

fn too_large() -> Refusal {
    let kilobytes = BODY_BYTES_MAX / 1024;
    service::Error::TooLarge(format!("the body is larger than {kilobytes} kB")).into()
}

/// Reads JSON, and says where it is wrong.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    if let Err(error) = std::str::from_utf8(bytes) {
        let at = error.valid_up_to();
        return Err(Refusal::shape(format!("the body is not UTF-8 at byte {at}"), None));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let detail = error.inner().to_string();
        let field =
            named_field(&detail).or_else(|| (!matches!(path.as_str(), "." | "?")).then_some(path));
        Refusal::shape(detail, field)
    })?;
    deserializer.end().map_err(|error| Refusal::shape(error.to_string(), None))?;
    Ok(value)
}

/// The field that a message of serde is about.
fn named_field(detail: &str) -> Option<String> {
    ["missing field `", "unknown field `", "duplicate field `"].iter().find_map(|start| {
        let rest = detail.split_once(start)?.1;
        Some(rest.split_once('`')?.0.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;
    use chat_contract::wire::{Problem, SignIn};

    use super::*;

    async fn problem(body: &[u8]) -> Problem {
        let refusal = parse::<SignIn>(body).unwrap_err().into_response();
        let bytes = axum::body::to_bytes(refusal.into_body(), 10_000).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[tokio::test]
    async fn what_is_wrong_is_said() {
        for (body, field, words) in [
            (&br#"{"login": 5, "password": "x"}"#[..], Some("login"), "expected a string"),
            (br#"{"login": "a"}"#, Some("password"), "Missing field"),
            (br#"{"login": "a", "password": "b", "x": 1}"#, Some("x"), "Unknown field"),
            (br#"{"login": "a", "login": "b"}"#, Some("login"), "Duplicate field"),
            (br#"{"login": "a""#, None, "line 1 column 13"),
            (br#"{"login": "a", "password": "b"} x"#, None, "Trailing characters"),
            (b"", None, "EOF"),
            (b"[]", None, "expected struct SignIn"),
            (b"{\"login\": \"\xff\"}", None, "not UTF-8 at byte 11"),
        ] {
            let problem = problem(body).await;
            let text = String::from_utf8_lossy(body);
            assert_eq!(problem.status, 400, "{text}");
            assert_eq!(problem.field.as_deref(), field, "{text}: {}", problem.detail);
            assert!(problem.detail.contains(words), "{text}: {}", problem.detail);
        }
    }
}
