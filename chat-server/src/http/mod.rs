//! The REST API and the page: each handler parses, calls one use case, and renders its answer.
//!
//! May enter: what a request and a response look like.
//! Invariant: nothing is decided here; stores and delivery are out of reach.

mod account;
mod admin;
mod docs;
mod draft;
mod error;
mod extract;
pub(crate) mod health;
mod me;
mod message;
mod middleware;
mod page;
mod room;
mod upload;
mod user;

use axum::{
    Json, Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state},
    response::Html,
    routing::get,
};
use tower_http::compression::{
    CompressionLayer, DefaultPredicate,
    predicate::{Predicate, SizeAbove},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) use middleware::cors;

use crate::service::App;

/// Shorter answers are not worth compressing.
const COMPRESS_ABOVE: u64 = 1_024;

/// All routes of the API; the `OpenAPI` document is made from the same table.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(docs::start())
        // Accounts.
        .routes(routes!(account::sign_up))
        .routes(routes!(account::sign_in))
        .routes(routes!(account::sign_out))
        .routes(routes!(account::sessions))
        .routes(routes!(account::end_session))
        // Me.
        .routes(routes!(me::me, me::change_me))
        .routes(routes!(me::change_password))
        .routes(routes!(me::set_photo, me::remove_photo))
        // People.
        .routes(routes!(user::search))
        .routes(routes!(user::get))
        // Rooms.
        .routes(routes!(room::create, room::list))
        .routes(routes!(room::public))
        .routes(routes!(room::get, room::change, room::delete))
        .routes(routes!(room::join))
        .routes(routes!(room::leave))
        .routes(routes!(room::hide, room::show))
        .routes(routes!(room::add_members))
        .routes(routes!(room::change_member, room::remove_member))
        // Messages.
        .routes(routes!(message::send, message::list))
        .routes(routes!(message::sync))
        .routes(routes!(message::mark_read))
        .routes(routes!(draft::set))
        .routes(routes!(message::send_direct))
        .routes(routes!(message::conversation, message::edit, message::delete))
        .routes(routes!(message::react, message::unreact))
        // Files. Each handler limits its body, so axum's limit is off.
        .routes(routes!(upload::create))
        .routes(routes!(upload::get))
        .layer(DefaultBodyLimit::disable())
        // Administration.
        .routes(routes!(admin::cache_keys, admin::clear_cache))
        .routes(routes!(admin::get_cache, admin::set_cache, admin::delete_cache))
}

/// The `OpenAPI` document.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    docs::finish(routes().into_openapi())
}

/// The `AsyncAPI` document of the socket's commands and events.
#[must_use]
pub fn asyncapi() -> serde_json::Value {
    docs::asyncapi()
}

/// Everything on the main port except the sockets.
pub(crate) fn router(app: App) -> Router {
    let (api, document) = routes().split_for_parts();
    let document = docs::finish(document);
    let (pages, events) = (docs::page(&document), docs::events_page());
    let socket_document = docs::asyncapi();
    let files = page::files(&app.config.page_dir);
    let compress = DefaultPredicate::new().and(SizeAbove::new(COMPRESS_ABOVE));
    api.route("/api/openapi.json", get(async move || Json(document)))
        .route("/api/asyncapi.json", get(async move || Json(socket_document)))
        .route("/api/docs", get(async move || Html(pages)))
        .route("/api/docs/events", get(async move || Html(events)))
        .method_not_allowed_fallback(async || error::Refusal::method())
        .fallback(async move |request| page::serve(files, request).await)
        // The last one is the outermost.
        .layer(from_fn_with_state(app.clone(), middleware::run_to_end))
        .layer(from_fn_with_state(app.clone(), middleware::check_origin))
        .layer(CompressionLayer::new().compress_when(compress))
        .layer(from_fn(middleware::harden))
        .layer(from_fn_with_state(app.clone(), middleware::measure))
        .with_state(app)
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_route_finds_its_place() {
        let document = super::openapi();
        assert!(document.paths.paths.len() > 20);
    }
}
