//! Sign up, sign in, sign out, sessions.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse},
};
use chat_contract::wire::{self, Id, Problem};
use chat_domain::id::SessionId;
use chrono::Utc;

use super::{
    docs::parameter::SESSION_ID,
    error::{Refusal, Result},
    extract::{ApiPath, Body, UserAgent},
    me::preferred_locale,
};
use crate::{
    request::{COOKIE, Peer},
    service::{
        App,
        account::{self, SignUp, SignedIn},
        session::{self, Caller, Device},
    },
    wire::{me_to_wire, session_to_wire},
};

/// As long as browsers keep a cookie; when the session ends, the server decides.
const COOKIE_SECONDS: u32 = 400 * 86_400;

/// Create an account and sign in.
#[utoipa::path(post, path = "/api/auth/sign-up", tag = "accounts", request_body = wire::SignUp,
    responses((status = 201, body = wire::SignedIn, description = "The account is made; the cookie is set.")))]
pub(super) async fn sign_up(
    State(app): State<App>,
    peer: Peer,
    UserAgent(user_agent): UserAgent,
    headers: HeaderMap,
    Body(body): Body<wire::SignUp>,
) -> Result<impl IntoResponse> {
    let wire::SignUp { username, email, password } = body;
    let wanted = SignUp { username, email, password, locale: preferred_locale(&headers) };
    let device = Device { peer: &peer, user_agent: &user_agent };
    let signed_in = account::sign_up(&app, wanted, device, Utc::now()).await?;
    Ok((StatusCode::CREATED, answer(&peer, signed_in)))
}

/// Sign in with a username or an email address.
#[utoipa::path(post, path = "/api/auth/sign-in", tag = "accounts", request_body = wire::SignIn,
    responses((status = 200, body = wire::SignedIn, description = "Signed in; the cookie is set.")))]
pub(super) async fn sign_in(
    State(app): State<App>,
    peer: Peer,
    UserAgent(user_agent): UserAgent,
    Body(body): Body<wire::SignIn>,
) -> Result<impl IntoResponse> {
    let wire::SignIn { login, password } = body;
    let device = Device { peer: &peer, user_agent: &user_agent };
    let signed_in = account::sign_in(&app, &login, &password, device, Utc::now()).await?;
    Ok(answer(&peer, signed_in))
}

/// Sign out: end the session of this request. Without a session nothing happens.
#[utoipa::path(post, path = "/api/auth/sign-out", tag = "accounts",
    responses((status = 204, description = "Signed out; the cookie is gone.")))]
pub(super) async fn sign_out(
    State(app): State<App>,
    peer: Peer,
    caller: std::result::Result<Caller, Refusal>,
) -> Result<impl IntoResponse> {
    match caller {
        Ok(caller) => account::sign_out(&app, caller).await?,
        Err(refusal) if refusal.is_unauthenticated() => {}
        Err(refusal) => return Err(refusal),
    }
    let gone = cookie(&peer, "", 0);
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, gone)])))
}

/// List the sessions of the account, the last used first.
#[utoipa::path(get, path = "/api/auth/sessions", tag = "accounts",
    responses((status = 200, body = Vec<wire::Session>)))]
pub(super) async fn sessions(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Vec<wire::Session>>> {
    let sessions = session::list(&app, caller, Utc::now()).await?;
    Ok(Json(sessions.iter().map(|s| session_to_wire(s, caller.session)).collect()))
}

/// End a session of the account.
#[utoipa::path(delete, path = "/api/auth/sessions/{id}", tag = "accounts",
    params(("id" = Id, Path, description = SESSION_ID)),
    responses(
        (status = 204, description = "The session ended, and its sockets are closed."),
        (status = 404, body = Problem, description = "The account has no such session.")))]
pub(super) async fn end_session(
    State(app): State<App>,
    caller: Caller,
    ApiPath(id): ApiPath<Id>,
) -> Result<StatusCode> {
    session::end(&app, caller, SessionId(id.0)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn answer(peer: &Peer, SignedIn { token, account }: SignedIn) -> impl IntoResponse + use<> {
    let set = cookie(peer, &token, COOKIE_SECONDS);
    let body = wire::SignedIn { token, me: me_to_wire(&account) };
    (AppendHeaders([(header::SET_COOKIE, set)]), Json(body))
}

fn cookie(peer: &Peer, token: &str, seconds: u32) -> String {
    let secure = if peer.https { "; Secure" } else { "" };
    format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}
