//! Files in the store itself, in parts: the servers need no other shared storage. For sites with
//! few pictures, because they enlarge its backups.

use bytes::Bytes;
use chat_domain::id::UploadId;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::time::timeout;

use super::{ANSWER_TIMEOUT, Chunks, Error, WRITE_TIMEOUT};
use crate::mysql::{self, Store};

/// Name of the storage in errors.
pub(super) const PLACE: &str = "the database";
/// Bytes of a part.
const PART: usize = 1 << 20;

/// Stores a file. On failure, unreferenced parts may remain.
pub(super) async fn put(store: &Store, id: UploadId, bytes: &Bytes) -> Result<(), Error> {
    let parts = async {
        for (part, bytes) in (0..).zip(bytes.chunks(PART)) {
            store.insert_upload_part(id, part, bytes).await?;
        }
        mysql::Result::Ok(())
    };
    in_time(WRITE_TIMEOUT, parts).await
}

/// The bytes of a file, one part after the other; `None` where there is none.
pub(super) async fn get(store: &Store, id: UploadId) -> Result<Option<Chunks>, Error> {
    let Some(first) = part(store, id, 0).await? else { return Ok(None) };
    let store = store.clone();
    let rest = stream::try_unfold(1, move |number| {
        let store = store.clone();
        async move { Ok(part(&store, id, number).await?.map(|bytes| (bytes, number + 1))) }
    });
    let chunks = stream::once(async { Ok(first) }).chain(rest.into_stream());
    Ok(Some(chunks.boxed()))
}

/// Deletes a file.
pub(super) async fn delete(store: &Store, id: UploadId) -> Result<(), Error> {
    in_time(ANSWER_TIMEOUT, store.delete_upload_parts(id)).await
}

/// Checks that the storage answers.
pub(super) async fn check(store: &Store) -> Result<(), Error> {
    in_time(ANSWER_TIMEOUT, store.ping()).await
}

async fn part(store: &Store, id: UploadId, number: u32) -> Result<Option<Bytes>, Error> {
    let bytes = in_time(ANSWER_TIMEOUT, store.find_upload_part(id, number)).await?;
    Ok(bytes.map(Bytes::from))
}

async fn in_time<T>(
    limit: std::time::Duration,
    done: impl Future<Output = mysql::Result<T>>,
) -> Result<T, Error> {
    let unavailable = |why| Error::Unavailable { place: PLACE.to_owned(), why };
    match timeout(limit, done).await {
        Ok(done) => done.map_err(|error| unavailable(error.to_string())),
        Err(_) => Err(unavailable(super::NO_ANSWER.to_owned())),
    }
}
