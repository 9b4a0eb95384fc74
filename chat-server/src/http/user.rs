//! People.

use axum::{Json, extract::State};
use chat_contract::wire::{self, Id, Problem};
use chat_domain::id::UserId;
use serde::Deserialize;

use super::{
    error::Result,
    extract::{ApiPath, ApiQuery},
};
use crate::{
    service::{App, session::Caller, user},
    wire::user_to_wire,
};

/// Whom to look for.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Search {
    /// The beginning of a username or of a name to show, or a whole email.
    #[serde(default)]
    query: String,
}

/// Find people.
#[utoipa::path(get, path = "/api/users", tag = "people", params(Search),
    responses((status = 200, body = Vec<wire::User>, description = "At most 20.")))]
pub(super) async fn search(
    State(app): State<App>,
    _: Caller,
    ApiQuery(Search { query }): ApiQuery<Search>,
) -> Result<Json<Vec<wire::User>>> {
    Ok(Json(user::search(&app, &query).await?.iter().map(user_to_wire).collect()))
}

/// A person.
#[utoipa::path(get, path = "/api/users/{id}", tag = "people",
    params(("id" = Id, Path, description = "The person.")),
    responses(
        (status = 200, body = wire::User),
        (status = 404, body = Problem, description = "Nobody.")))]
pub(super) async fn get(
    State(app): State<App>,
    _: Caller,
    ApiPath(id): ApiPath<Id>,
) -> Result<Json<wire::User>> {
    Ok(Json(user_to_wire(&user::get(&app, UserId(id.0)).await?)))
}
