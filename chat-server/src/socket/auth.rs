//! Who is connecting: by `auth: {token}`, or by the cookie of the page.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use chrono::Utc;
use serde::Deserialize;
use socketioxide::extract::{SocketRef, State, TryData};

use crate::{
    app::App,
    request::{Peer, Token, origin_allowed},
    service,
};

/// What a client sends with its CONNECT packet.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Auth {
    token: Option<String>,
}

/// Why a socket may not connect; the text reaches the client as `connect_error`.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    /// No session, or one that has ended.
    #[error("unauthenticated")]
    Unauthenticated,
    /// A page of another origin sent the cookie.
    #[error("originRefused")]
    ForeignOrigin,
    /// The store is away; the client tries again.
    #[error("unavailable")]
    Unavailable,
}

/// Lets signed-in sockets through.
pub(super) async fn authenticate(
    socket: SocketRef,
    TryData(auth): TryData<Option<Auth>>,
    State(app): State<App>,
) -> Result<(), Refused> {
    let parts = socket.req_parts();
    let given = auth.ok().flatten().unwrap_or_default().token;
    let token = match (&given, Token::of(&parts.headers)) {
        (Some(token), _) => token,
        (None, Some(Token::Bearer(token))) => token,
        (None, Some(Token::Cookie(token))) => {
            // The browser adds the cookie whichever page asks, so it matters which one does.
            let connected = parts.extensions.get::<ConnectInfo<SocketAddr>>();
            let connected = connected.map_or(IpAddr::from([0, 0, 0, 0]), |info| info.0.ip());
            let peer = Peer::new(&parts.headers, connected, &app.config.trusted_proxies);
            if !origin_allowed(&parts.headers, &peer, &app.config.public_origins) {
                return Err(Refused::ForeignOrigin);
            }
            token
        }
        (None, None) => return Err(Refused::Unauthenticated),
    };
    let authenticated = service::session::authenticate(&app, token, Utc::now()).await;
    let caller = authenticated.map_err(|error| match error {
        service::Error::Unauthenticated => Refused::Unauthenticated,
        _ => Refused::Unavailable,
    })?;
    super::prepare(&app, &socket, caller);
    Ok(())
}
