//! My own account.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
};
use chat_contract::wire;
use chat_domain::account::Locale;
use chrono::Utc;

use super::{error::Result, extract::Body, upload::File};
use crate::{
    service::{
        App,
        account::{self, ChangeMe},
        session::Caller,
    },
    wire::{locale_from_wire, me_to_wire},
};

/// Read the account that is signed in.
#[utoipa::path(get, path = "/api/me", tag = "me", responses((status = 200, body = wire::Me)))]
pub(super) async fn me(State(app): State<App>, caller: Caller) -> Result<Json<wire::Me>> {
    Ok(Json(me_to_wire(&account::me(&app, caller.user).await?)))
}

/// Change username, email address, display name or language. Id and rooms stay the same.
#[utoipa::path(patch, path = "/api/me", tag = "me", request_body = wire::ChangeMe,
    responses((status = 200, body = wire::Me)))]
pub(super) async fn change_me(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body<wire::ChangeMe>,
) -> Result<Json<wire::Me>> {
    let wire::ChangeMe { username, email, display_name, locale } = body;
    let locale = locale.map(locale_from_wire);
    let wanted = ChangeMe { username, email, display_name, locale };
    Ok(Json(me_to_wire(&account::change_me(&app, caller, wanted).await?)))
}

/// Change the password. All other sessions end.
#[utoipa::path(put, path = "/api/me/password", tag = "me", request_body = wire::ChangePassword,
    responses((status = 204, description = "Changed.")))]
pub(super) async fn change_password(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body<wire::ChangePassword>,
) -> Result<StatusCode> {
    let wire::ChangePassword { current_password, new_password } = body;
    account::change_password(&app, caller, &current_password, new_password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Set my photo: multipart with the field `file`, or the picture alone as the body.
/// It is cut to a square.
#[utoipa::path(put, path = "/api/me/photo", tag = "me",
    request_body(content = Vec<u8>, content_type = "image/*"),
    responses((status = 200, body = wire::Me)))]
pub(super) async fn set_photo(
    State(app): State<App>,
    caller: Caller,
    File { bytes, turn: _turn }: File,
) -> Result<Json<wire::Me>> {
    Ok(Json(me_to_wire(&account::photo::set_photo(&app, caller, bytes, Utc::now()).await?)))
}

/// Remove the profile photo.
#[utoipa::path(delete, path = "/api/me/photo", tag = "me",
    responses((status = 200, body = wire::Me)))]
pub(super) async fn remove_photo(State(app): State<App>, caller: Caller) -> Result<Json<wire::Me>> {
    Ok(Json(me_to_wire(&account::photo::remove_photo(&app, caller).await?)))
}

/// The first of our languages that the browser asks for.
pub(super) fn preferred_locale(headers: &HeaderMap) -> Locale {
    let languages = headers.get(header::ACCEPT_LANGUAGE).and_then(|list| list.to_str().ok());
    let first = languages.unwrap_or_default().split(',').find_map(|language| {
        match language.trim().get(..2)?.to_ascii_lowercase().as_str() {
            "ja" => Some(Locale::Ja),
            "en" => Some(Locale::En),
            _ => None,
        }
    });
    first.unwrap_or_default()
}
