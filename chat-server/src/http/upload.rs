//! Pictures.

use std::time::Duration;

use axum::{
    Json,
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use chat_contract::wire::{self, Id};
use chat_domain::id::UploadId;
use chrono::Utc;
use tokio::sync::OwnedSemaphorePermit;

use super::{
    docs::parameter::FILE_ID,
    error::{Refusal, Result},
    extract::{ApiPath, Unread, read},
};
use crate::{
    service::{self, App, session::Caller, upload},
    wire::upload_to_wire,
};

/// A file that takes longer to arrive is not waited for.
const TIME: Duration = Duration::from_secs(100);
/// What stands around the file in a multipart body.
const AROUND: usize = 16 * 1024;
/// The file is nobody's page: even one that a browser takes for a page could do nothing.
const POLICY: &str = "default-src 'none'; sandbox";

/// Upload a picture for a message: `multipart/form-data` with the field `file`.
#[utoipa::path(post, path = "/api/uploads", tag = "files",
    request_body(content = Vec<u8>, content_type = "multipart/form-data"),
    responses((status = 201, body = wire::Upload)))]
pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    File { bytes, turn: _turn }: File,
) -> Result<(StatusCode, Json<wire::Upload>)> {
    let stored = upload::store(&app, caller, bytes, Utc::now()).await?;
    let url = upload::url(stored.id);
    Ok((StatusCode::CREATED, Json(upload_to_wire(&stored, url))))
}

/// Read an uploaded picture.
#[utoipa::path(get, path = "/api/uploads/{id}", tag = "files",
    params(("id" = Id, Path, description = FILE_ID)),
    responses((status = 200, content_type = "image/*", body = Vec<u8>)))]
pub(super) async fn get(
    State(app): State<App>,
    _: Caller,
    ApiPath(id): ApiPath<Id>,
    headers: HeaderMap,
) -> Result<Response> {
    let tag = HeaderValue::try_from(format!("\"{id}\"")).ok();
    if tag.is_some() && headers.get(header::IF_NONE_MATCH) == tag.as_ref() {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let (known, chunks) = upload::open(&app, UploadId(id.0)).await?;
    let mut response = axum::body::Body::from_stream(chunks).into_response();
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static(known.content_type.as_str());
    let keep = HeaderValue::from_static("private, max-age=31536000, immutable");
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CONTENT_LENGTH, known.bytes.into());
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::CACHE_CONTROL, keep);
    if let Some(tag) = tag {
        headers.insert(header::ETAG, tag);
    }
    Ok(response)
}

/// An uploaded file: the field `file` of a multipart body, or the whole body.
/// Never more of it is in memory than is allowed.
pub(super) struct File {
    pub(super) bytes: Bytes,
    /// Held as long as the file is.
    pub(super) turn: OwnedSemaphorePermit,
}

impl FromRequest<App> for File {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let limit = usize::try_from(app.config.upload_bytes_max).unwrap_or(usize::MAX);
        let turn = upload::turn(app).await?;
        let bytes = tokio::time::timeout(TIME, read_file(request, limit))
            .await
            .map_err(|_| Refusal::shape("the file took too long to arrive", None))??;
        Ok(Self { bytes, turn })
    }
}

async fn read_file(request: Request, limit: usize) -> Result<Bytes> {
    let kind = request.headers().get(header::CONTENT_TYPE).cloned();
    let is_form = kind.as_ref().is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/"));
    let around = if is_form { AROUND } else { 0 };
    let body = read(request.into_body(), limit + around).await.map_err(|unread| match unread {
        Unread::TooLarge => too_large(limit),
        Unread::CutOff => malformed(),
    })?;
    let file = match kind.filter(|_| is_form) {
        Some(kind) => file_of_form(kind, body).await?,
        None => body,
    };
    if file.len() > limit { Err(too_large(limit)) } else { Ok(file) }
}

/// The field `file` of a form that is here already.
async fn file_of_form(kind: HeaderValue, body: Bytes) -> Result<Bytes> {
    let mut request = Request::new(axum::body::Body::from(body));
    // It has been measured: no limit of axum's own besides.
    DefaultBodyLimit::disable().apply(&mut request);
    request.headers_mut().insert(header::CONTENT_TYPE, kind);
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|error| Refusal::shape(error.body_text(), None))?;
    while let Some(field) = form.next_field().await.map_err(|_| malformed())? {
        if field.name() == Some("file") {
            return field.bytes().await.map_err(|_| malformed());
        }
    }
    let detail = "the form needs a field `file` with the picture";
    Err(Refusal::shape(detail, Some("file".to_owned())))
}

fn malformed() -> Refusal {
    Refusal::shape("the file did not arrive whole, or the form is malformed", None)
}

fn too_large(limit: usize) -> Refusal {
    service::Error::TooLarge(format!("the file is larger than {limit} bytes")).into()
}
