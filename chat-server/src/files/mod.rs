//! Uploaded files: where they stand, and what may stand there.
//!
//! May enter: pictures that were decoded and written anew, or stripped, by `picture`.
//! Invariant: no byte that a person uploaded is served as it came.

mod gif;
pub mod picture;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use chat_domain::id::UploadId;
use futures_util::stream::BoxStream;
use object_store::{ObjectStore, ObjectStoreExt, local::LocalFileSystem, path::Path};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Files that may be in memory at once, each up to the largest that is taken.
const AT_ONCE: usize = 16;
/// Who waits longer is asked to come again.
const PATIENCE: Duration = Duration::from_secs(10);

/// A failure of the place where files stand.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder cannot be made.
    #[error("uploads: cannot make the folder {folder}: {source}")]
    Folder {
        /// Which.
        folder: String,
        /// Why.
        source: std::io::Error,
    },
    /// Reading or writing failed.
    #[error("uploads: {0}")]
    Store(#[from] object_store::Error),
}

/// The bytes of a file as they come.
pub type Chunks = BoxStream<'static, object_store::Result<Bytes>>;

/// Where files stand.
#[derive(Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
    intake: Arc<Semaphore>,
}

impl Files {
    /// Files in a folder, which is made where it is missing.
    pub fn in_folder(folder: &str) -> Result<Self, Error> {
        std::fs::create_dir_all(folder)
            .map_err(|source| Error::Folder { folder: folder.to_owned(), source })?;
        let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        let intake = Arc::new(Semaphore::new(AT_ONCE));
        Ok(Self { store: Arc::new(store), intake })
    }

    /// Leave to hold one file that is being uploaded; `None` where too many are.
    pub async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        let turn = Arc::clone(&self.intake).acquire_owned();
        tokio::time::timeout(PATIENCE, turn).await.ok()?.ok()
    }

    /// Stores a file; it is on the disk when this returns.
    pub async fn put(&self, id: UploadId, bytes: Bytes) -> Result<(), Error> {
        self.store.put(&place(id), bytes.into()).await?;
        Ok(())
    }

    /// The bytes of a file; `None` where there is none.
    pub async fn get(&self, id: UploadId) -> Result<Option<Chunks>, Error> {
        match self.store.get(&place(id)).await {
            Ok(found) => Ok(Some(found.into_stream())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes a file away; that it is gone already is fine.
    pub async fn delete(&self, id: UploadId) -> Result<(), Error> {
        match self.store.delete(&place(id)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Spread over 256 folders: the last bits of an id are random.
fn place(id: UploadId) -> Path {
    Path::from(format!("{:02x}/{:016x}", id.0 & 0xff, id.0))
}
