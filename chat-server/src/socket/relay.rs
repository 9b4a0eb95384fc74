//! Relay of polling requests: a standard client begins with polling, and its requests may reach any
//! server.
//!
//! A session of the protocol lives in one process. So the handshake records in Redis which server
//! owns the session, and a server that gets a request with an unknown session id relays it,
//! including the upgrade to a WebSocket. So load balancers need no sticky sessions.

use std::net::SocketAddr;

use axum::{
    body::{Body, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, Uri, header, uri::PathAndQuery},
    middleware::Next,
    response::{IntoResponse, Response},
};
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioIo},
};
use moka::sync::Cache;

use crate::{
    service::{
        App,
        relay::{self, OWNER_TTL},
    },
    tls::Connector,
};

/// Limit for the handshake's answer, which is shorter.
const HANDSHAKE_BYTES_MAX: usize = 4 * 1024;
/// Sessions of polling clients that are remembered.
const SESSIONS_MAX: u64 = 200_000;
/// Marks a relayed request, which is not relayed again.
const FORWARDED: HeaderName = HeaderName::from_static("x-chat-forwarded");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Finds the owners of sessions and relays to them.
#[derive(Clone)]
pub(crate) struct Relay {
    app: App,
    /// Sessions that began here with polling.
    own: Cache<String, ()>,
    client: Client<Connector, Body>,
}

impl Relay {
    /// The relay of this server.
    pub(crate) fn new(app: &App) -> Self {
        let own = Cache::builder().time_to_idle(OWNER_TTL).max_capacity(SESSIONS_MAX).build();
        let connector = Connector::new(app.tls.clone());
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Self { app: app.clone(), own, client }
    }

    /// The other server that owns a session; `None`: it is this one, or unknown.
    async fn owner(&self, sid: &str) -> Option<String> {
        if self.own.contains_key(sid) { None } else { relay::owner(&self.app, sid).await }
    }

    async fn own(&self, sid: String) {
        relay::own(&self.app, &sid).await;
        self.own.insert(sid, ());
    }
}

/// Relays requests of other servers' sessions; everything else is handled here.
pub(crate) async fn relay_foreign(
    State(relay): State<Relay>,
    mut request: Request,
    next: Next,
) -> Response {
    if !super::is_ours(request.uri()) {
        return next.run(request).await;
    }
    let forwarded = request.headers_mut().remove(&FORWARDED).is_some();
    match session_of(request.uri()) {
        None if query(request.uri(), "transport").as_deref() == Some("polling") => {
            handshake(&relay, next.run(request).await).await
        }
        None => next.run(request).await,
        Some(sid) => match relay.owner(&sid).await {
            Some(owner) if !forwarded => pass_on(&relay, &owner, request).await,
            _ => next.run(request).await,
        },
    }
}

/// The session that a request says it belongs to.
pub(super) fn session_of(uri: &Uri) -> Option<String> {
    query(uri, "sid")
}

fn query(uri: &Uri, name: &str) -> Option<String> {
    uri.query()?
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find_map(|(key, value)| (key == name).then(|| value.to_owned()))
}

/// Records the session id in the answer to a handshake.
async fn handshake(relay: &Relay, response: Response) -> Response {
    if response.status() != StatusCode::OK {
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, HANDSHAKE_BYTES_MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if let Some(sid) = session_id(&bytes) {
        relay.own(sid).await;
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// The session id in `0{"sid":"...",...}`.
fn session_id(open_packet: &[u8]) -> Option<String> {
    let json = open_packet.strip_prefix(b"0")?;
    let value: serde_json::Value = serde_json::from_slice(json).ok()?;
    Some(value.get("sid")?.as_str()?.to_owned())
}

async fn pass_on(relay: &Relay, owner: &str, mut request: Request) -> Response {
    let count = |outcome| relay.app.metrics.forwarded.with_label_values(&[outcome]).inc();
    let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
    let Ok(uri) = format!("{owner}{path}").parse::<Uri>() else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    *request.uri_mut() = uri;
    request.headers_mut().insert(FORWARDED, HeaderValue::from_static("1"));
    if let Some(ConnectInfo(client)) =
        request.extensions().get::<ConnectInfo<SocketAddr>>().copied()
        && let Ok(address) = HeaderValue::from_str(&client.ip().to_string())
    {
        request.headers_mut().append(FORWARDED_FOR, address);
    }
    let from_client = hyper::upgrade::on(&mut request);
    let is_upgrade = request.headers().contains_key(header::UPGRADE);
    match relay.client.request(request).await {
        Ok(mut response) => {
            count("passed_on");
            if is_upgrade && response.status() == StatusCode::SWITCHING_PROTOCOLS {
                let from_owner = hyper::upgrade::on(&mut response);
                tokio::spawn(splice(from_client, from_owner));
            }
            response.map(Body::new)
        }
        Err(error) => {
            // The owner has ended, and the session with it: the client reconnects.
            count("owner_gone");
            tracing::debug!(%error, owner, "the owner of a polling session does not answer");
            StatusCode::BAD_GATEWAY.into_response()
        }
    }
}

/// Copies bytes in both directions until one side closes.
async fn splice(from_client: hyper::upgrade::OnUpgrade, from_owner: hyper::upgrade::OnUpgrade) {
    let (Ok(client), Ok(owner)) = tokio::join!(from_client, from_owner) else { return };
    let (mut client, mut owner) = (TokioIo::new(client), TokioIo::new(owner));
    // Each side learns of the end from its own connection.
    let _ = tokio::io::copy_bidirectional(&mut client, &mut owner).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_id_of_a_handshake() {
        let open = br#"0{"sid":"abc","upgrades":["websocket"],"pingInterval":25000}"#;
        assert_eq!(session_id(open).as_deref(), Some("abc"));
        assert_eq!(session_id(b"garbage"), None);
    }

    #[test]
    fn the_query_of_a_request() {
        let uri: Uri = "/socket.io/?EIO=4&transport=polling&sid=x".parse().unwrap();
        assert_eq!(query(&uri, "sid").as_deref(), Some("x"));
        assert_eq!(query(&uri, "id"), None);
    }
}
