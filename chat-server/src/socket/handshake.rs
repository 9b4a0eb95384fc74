//! The credentials of a handshake, read before the protocol library takes the request.
//!
//! The library keeps the first request of a session as long as the session lives. Its headers and
//! URI, also those that the router stored in its extensions, are slices of the read buffer: 16 kB
//! for every open socket. So the credentials are copied here, and the library gets a request that
//! does not reference that buffer.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Uri, header},
    middleware::Next,
    response::Response,
};
use hyper::upgrade::OnUpgrade;

use super::relay::session_of;
use crate::{
    request::{Peer, Token, origin_allowed},
    service::App,
};

/// The headers by which a WebSocket begins; the library reads no others of a handshake.
const KEPT: [HeaderName; 4] =
    [header::CONNECTION, header::UPGRADE, header::SEC_WEBSOCKET_KEY, header::SEC_WEBSOCKET_VERSION];

/// See the module.
#[derive(Debug, Clone, Default)]
pub(super) struct Handshake {
    /// The session's token, from a header.
    pub(super) token: Option<String>,
    /// A page of another origin sent it. The browser adds the cookie for any page, so the origin
    /// matters.
    pub(super) is_foreign: bool,
}

impl Handshake {
    fn of(app: &App, request: &Request) -> Self {
        let headers = request.headers();
        match Token::of(headers) {
            None => Self::default(),
            Some(Token::Bearer(token)) => Self { token: Some(token.to_owned()), is_foreign: false },
            Some(Token::Cookie(token)) => {
                let peer = Peer::of(headers, request.extensions(), &app.config);
                let is_foreign = !origin_allowed(headers, &peer, &app.config.public_origins);
                Self { token: Some(token.to_owned()), is_foreign }
            }
        }
    }
}

/// Puts a [`Handshake`] into the request that begins a session; other requests pass unchanged.
pub(crate) async fn read_handshake(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Response {
    if super::is_ours(request.uri()) && session_of(request.uri()).is_none() {
        let handshake = Handshake::of(&app, &request);
        lighten(&mut request);
        request.extensions_mut().insert(handshake);
    }
    next.run(request).await
}

/// Copies what the library needs out of the request's read buffer.
fn lighten(request: &mut Request) {
    let mut headers = HeaderMap::with_capacity(KEPT.len());
    for name in KEPT {
        let value = request.headers().get(&name).map(HeaderValue::as_bytes);
        if let Some(Ok(value)) = value.map(HeaderValue::from_bytes) {
            headers.insert(name, value);
        }
    }
    *request.headers_mut() = headers;
    // A URI that was parsed once is parsed again.
    if let Ok(uri) = request.uri().to_string().parse::<Uri>() {
        *request.uri_mut() = uri;
    }
    let upgrade = request.extensions_mut().remove::<OnUpgrade>();
    request.extensions_mut().clear();
    if let Some(upgrade) = upgrade {
        request.extensions_mut().insert(upgrade);
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, extract::OriginalUri};

    use super::*;

    #[test]
    fn the_library_gets_what_it_needs() {
        let uri = "/socket.io/?EIO=4&transport=websocket";
        let mut request = Request::builder()
            .uri(uri)
            .header(header::COOKIE, "chat_session=secret")
            .header(header::SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ==")
            .extension(OriginalUri(Uri::from_static(uri)))
            .body(Body::empty())
            .unwrap();
        lighten(&mut request);
        assert_eq!(request.uri(), uri);
        assert_eq!(request.headers().len(), 1);
        assert!(request.extensions().is_empty(), "the router has noted the URI, too");
        assert_eq!(request.headers()[header::SEC_WEBSOCKET_KEY], "dGhlIHNhbXBsZSBub25jZQ==");
    }
}
