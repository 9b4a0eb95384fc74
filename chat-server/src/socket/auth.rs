//! Authentication of a socket: by `auth: {token}`, or by the cookie of the page.

use chrono::Utc;
use serde::Deserialize;
use socketioxide::extract::{SocketRef, State, TryData};

use super::handshake::Handshake;
use crate::service::{self, App};

/// What a client sends with its CONNECT packet.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Auth {
    token: Option<String>,
}

/// Why a socket may not connect; the text reaches the client as `connect_error`.
#[derive(Debug, thiserror::Error)]
pub(super) enum Rejected {
    /// No session, or one that has ended.
    #[error("unauthenticated")]
    Unauthenticated,
    /// A page of another origin sent the cookie.
    #[error("originRefused")]
    ForeignOrigin,
    /// The store is unavailable; the client retries.
    #[error("unavailable")]
    Unavailable,
}

impl From<service::Error> for Rejected {
    fn from(error: service::Error) -> Self {
        match error {
            service::Error::Unauthenticated => Self::Unauthenticated,
            _ => Self::Unavailable,
        }
    }
}

/// Authenticates a socket, and admits it to its rooms.
pub(super) async fn authenticate(
    socket: SocketRef,
    TryData(auth): TryData<Option<Auth>>,
    State(app): State<App>,
) -> Result<(), Rejected> {
    let handshake = socket.req_parts().extensions.get::<Handshake>().cloned().unwrap_or_default();
    let given = auth.ok().flatten().unwrap_or_default().token;
    if given.is_none() && handshake.is_foreign {
        return Err(Rejected::ForeignOrigin);
    }
    let token = given.or(handshake.token).ok_or(Rejected::Unauthenticated)?;
    let caller = service::session::authenticate(&app, &token, Utc::now()).await?;
    super::enter(&app, &socket, caller).await?;
    Ok(())
}
