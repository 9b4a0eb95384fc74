//! The page: the built files, and the one document for the URL of every view.

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, Method, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};
use tower::ServiceExt;
use tower_http::services::ServeDir;

use super::error::Refusal;
use crate::service;

const NO_PAGE: &str = "<!doctype html><title>chat-server</title><p>This server has no page: \
                       <code>CHAT_PAGE_DIR</code> is not set. The API is described at \
                       <a href=\"/api/docs\">/api/docs</a>.";

/// The built files; `None` where there is no page.
pub(super) fn files(folder: &str) -> Option<ServeDir> {
    (!folder.is_empty()).then(|| ServeDir::new(folder).precompressed_br().precompressed_gzip())
}

/// Answers requests that no route handles.
pub(super) async fn serve(files: Option<ServeDir>, mut request: Request) -> Response {
    let path = request.uri().path();
    let is_ours = path.starts_with("/api") || path.starts_with("/socket.io");
    if is_ours || !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Refusal::from(service::Error::NotFound("address")).into_response();
    }
    let Some(files) = files else { return Html(NO_PAGE).into_response() };
    let is_asset = path.starts_with("/assets/");
    let is_file = is_asset || path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    if !is_asset {
        request.headers_mut().remove(header::IF_NONE_MATCH);
        request.headers_mut().remove(header::IF_MODIFIED_SINCE);
    }
    let mut index = Request::new(Body::empty());
    *index.method_mut() = request.method().clone();
    *index.uri_mut() = Uri::from_static("/index.html");
    *index.headers_mut() = request.headers().clone();
    let mut response = send(&files, request).await;
    if response.status() == StatusCode::NOT_FOUND && !is_file {
        response = send(&files, index).await;
    }
    // The names of assets change with their content; all other files are fetched each time: the
    // files of an image may all have the same time, and a new document the size of the old one, so
    // no metadata distinguishes the versions.
    if !is_asset {
        response.headers_mut().remove(header::ETAG);
        response.headers_mut().remove(header::LAST_MODIFIED);
    }
    let lasting = is_asset && response.status() != StatusCode::NOT_FOUND;
    let keep = if lasting { "public, max-age=31536000, immutable" } else { "no-cache" };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    response
}

async fn send(files: &ServeDir, request: Request) -> Response {
    let Ok(response) = files.clone().oneshot(request).await;
    response.map(Body::new)
}
