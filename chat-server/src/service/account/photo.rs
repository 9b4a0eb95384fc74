//! The profile photo.

use bytes::Bytes;
use chat_domain::{
    account::Account,
    id::{UploadId, UserId},
};
use chrono::{DateTime, Utc};

use super::{changed, me};
use crate::{
    files::picture::Purpose,
    service::{App, Result, session::Caller, upload},
};

/// Sets the caller's photo.
pub(crate) async fn set_photo(
    app: &App,
    caller: Caller,
    file: Bytes,
    now: DateTime<Utc>,
) -> Result<Account> {
    let stored = upload::keep(app, caller.user, file, Purpose::Photo, now).await?;
    replace_photo(app, caller.user, Some(&upload::url(stored.id))).await
}

/// Removes the caller's photo.
pub(crate) async fn remove_photo(app: &App, caller: Caller) -> Result<Account> {
    replace_photo(app, caller.user, None).await
}

async fn replace_photo(app: &App, user: UserId, url: Option<&str>) -> Result<Account> {
    let old = me(app, user).await?.user.photo_url;
    app.store.set_photo(user, url).await?;
    let account = me(app, user).await?;
    changed(app, &account.user).await;
    if let Some(id) = old.as_deref().and_then(upload::id_of) {
        forget(app, user, id).await;
    }
    Ok(account)
}

/// Deletes the old photo. If that fails, the file stays unused.
async fn forget(app: &App, user: UserId, id: UploadId) {
    if let Err(error) = upload::delete(app, user, id).await {
        tracing::warn!(%error, upload.id = id.0, "old photo not deleted");
    }
}
