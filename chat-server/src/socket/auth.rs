//! Who is connecting: by `auth: {token}`, or by the cookie of the page.

use chat_domain::id::{SessionId, UserId};
use serde::Deserialize;
use socketioxide::extract::{SocketRef, State, TryData};

use crate::{app::App, service};

/// What a socket knows of itself after signing in.
#[derive(Debug, Clone, Copy)]
pub(super) struct SignedIn {
    pub(super) user: UserId,
    pub(super) session: SessionId,
}

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
    OriginRefused,
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
    let headers = &socket.req_parts().headers;
    let given = auth.ok().flatten().unwrap_or_default().token;
    let token = match given {
        Some(token) => token,
        None => {
            // Only the cookie comes by itself, so only then does it matter which page asks.
            if !service::origin::is_allowed(&app, headers) {
                return Err(Refused::OriginRefused);
            }
            service::session::cookie(headers).ok_or(Refused::Unauthenticated)?
        }
    };
    let session = service::session::of_token(&app, &token).await.map_err(|error| match error {
        service::Error::Unauthenticated => Refused::Unauthenticated,
        _ => Refused::Unavailable,
    })?;
    socket.extensions.insert(SignedIn { user: session.user, session: session.id });
    Ok(())
}
