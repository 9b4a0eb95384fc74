//! People.

use axum::{Json, extract::State};
use chat_contract::wire::{self, Id, Problem};
use chat_domain::id::UserId;
use serde::Deserialize;

use super::{
    docs::parameter::USER_ID,
    error::Result,
    extract::{ApiPath, ApiQuery},
};
use crate::{
    service::{App, session::Caller, user},
    wire::user_to_wire,
};

/// Which users to find.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Search {
    /// Beginning of a username or display name, or a whole email address.
    #[serde(default)]
    query: String,
}

/// Find users by username or display name.
#[utoipa::path(get, path = "/api/users", tag = "people", params(Search),
    responses((status = 200, body = Vec<wire::User>, description = "At most 20.")))]
pub(super) async fn search(
    State(app): State<App>,
    _: Caller,
    ApiQuery(Search { query }): ApiQuery<Search>,
) -> Result<Json<Vec<wire::User>>> {
    Ok(Json(user::search(&app, &query).await?.iter().map(user_to_wire).collect()))
}

/// Read a user by id.
#[utoipa::path(get, path = "/api/users/{id}", tag = "people",
    params(("id" = Id, Path, description = USER_ID)),
    responses(
        (status = 200, body = wire::User),
        (status = 404, body = Problem, description = "No user has this id.")))]
pub(super) async fn get(
    State(app): State<App>,
    _: Caller,
    ApiPath(id): ApiPath<Id>,
) -> Result<Json<wire::User>> {
    Ok(Json(user_to_wire(&user::get(&app, UserId(id.0)).await?)))
}
