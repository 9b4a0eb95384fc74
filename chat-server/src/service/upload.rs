//! Uploaded pictures.

use bytes::Bytes;
use chat_domain::{
    id::{UploadId, UserId},
    upload::Upload,
};
use chrono::{DateTime, Utc};
use tokio::sync::OwnedSemaphorePermit;

use super::{App, Error, Result, session::Caller};
use crate::files::{
    self, Chunks,
    picture::{Picture, Purpose},
};

/// Path of the files in the API.
pub(crate) const PATH: &str = "/api/uploads/";

/// Permission to hold a file in memory, kept as long as the file.
///
/// # Errors
/// [`Error::TooMany`] where too many files are arriving.
pub(crate) async fn turn(app: &App) -> Result<OwnedSemaphorePermit> {
    app.files.turn().await.ok_or(Error::TooMany { retry_after: 5 })
}

/// Stores a picture for a message.
pub(crate) async fn store(
    app: &App,
    caller: Caller,
    file: Bytes,
    now: DateTime<Utc>,
) -> Result<Upload> {
    keep(app, caller.user, file, Purpose::Message, now).await
}

/// Metadata and bytes of a file.
pub(crate) async fn open(app: &App, id: UploadId) -> Result<(Upload, Chunks)> {
    let upload = app.store.find_upload(id).await?.ok_or(Error::NotFound("file"))?;
    let chunks = counted(app, "fetch", app.files.get(id).await)?;
    let chunks = chunks.ok_or(Error::NotFound("file"))?;
    Ok((upload, chunks))
}

/// The path of a file.
#[must_use]
pub(crate) fn url(id: UploadId) -> String {
    format!("{PATH}{}", chat_contract::wire::Id(id.0))
}

/// Cleans a picture and stores it.
pub(super) async fn keep(
    app: &App,
    user: UserId,
    file: Bytes,
    purpose: Purpose,
    now: DateTime<Utc>,
) -> Result<Upload> {
    let picture = app.images.clean(file, purpose).await;
    let picture = picture.map_err(|refused| Error::UnsupportedImage(refused.to_string()))?;
    let Picture { content_type, width, height, bytes } = picture;
    let id = UploadId::new(now, crate::random::number());
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let upload = Upload { id, user, content_type, bytes: length, width, height };
    // The file first: a row without its file would be a permanently broken picture.
    counted(app, "store", app.files.put(id, bytes).await)?;
    app.store.insert_upload(&upload, now).await?;
    Ok(upload)
}

/// Deletes the sender's upload of a purged message, unless it is also their profile photo.
pub(super) async fn forget_picture(app: &App, sender: UserId, url: &str) -> Result<()> {
    let Some(id) = id_of(url) else { return Ok(()) };
    let sender_row = app.store.users_by_ids(&[sender]).await?.pop();
    if sender_row.is_some_and(|user| user.photo_url.as_deref() == Some(url)) {
        return Ok(());
    }
    delete(app, sender, id).await
}

/// Deletes the file before its row, so that a failed deletion is found again. Files of other users
/// stay.
pub(super) async fn delete(app: &App, user: UserId, id: UploadId) -> Result<()> {
    if app.store.find_upload(id).await?.is_some_and(|upload| upload.user == user) {
        counted(app, "delete", app.files.delete(id).await)?;
        app.store.delete_upload(id).await?;
    }
    Ok(())
}

fn counted<T>(app: &App, operation: &str, done: std::result::Result<T, files::Error>) -> Result<T> {
    if done.is_err() {
        app.metrics.upload_failures.with_label_values(&[operation]).inc();
    }
    Ok(done?)
}

/// The upload that a URL names.
pub(super) fn id_of(url: &str) -> Option<UploadId> {
    let id: chat_contract::wire::Id = url.strip_prefix(PATH)?.parse().ok()?;
    Some(UploadId(id.0))
}
