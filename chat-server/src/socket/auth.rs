//! Who is connecting: by `auth: {token}`, or by the cookie of the page.

use chrono::Utc;
use serde::Deserialize;
use socketioxide::extract::{SocketRef, State, TryData};

use super::claim::Claim;
use crate::{app::App, service};

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

/// Lets signed-in sockets through, and into their rooms.
pub(super) async fn authenticate(
    socket: SocketRef,
    TryData(auth): TryData<Option<Auth>>,
    State(app): State<App>,
) -> Result<(), Refused> {
    let claim = socket.req_parts().extensions.get::<Claim>().cloned().unwrap_or_default();
    let given = auth.ok().flatten().unwrap_or_default().token;
    if given.is_none() && claim.foreign {
        return Err(Refused::ForeignOrigin);
    }
    let token = given.or(claim.token).ok_or(Refused::Unauthenticated)?;
    let authenticated = service::session::authenticate(&app, &token, Utc::now()).await;
    let caller = authenticated.map_err(|error| match error {
        service::Error::Unauthenticated => Refused::Unauthenticated,
        _ => Refused::Unavailable,
    })?;
    super::enter(&app, &socket, caller).await
}
