//! Uploaded files: their storage, and what may be stored.
//!
//! May enter: pictures that `picture` decoded and encoded again, or stripped.
//! Invariant: an uploaded file is never served unchanged.

mod bucket;
mod database;
mod error;
mod gif;
pub(crate) mod picture;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use chat_contract::config::{ServerConfig, Uploads};
use chat_domain::id::UploadId;
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use object_store::{ObjectStore, ObjectStoreExt, local::LocalFileSystem, path::Path};
use parking_lot::Mutex;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

pub(crate) use error::Error;

use crate::mysql::Store;

/// Files that may be in memory at once, each up to the maximum size.
const AT_ONCE: usize = 16;
/// An upload that waits longer is asked to try again.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);
/// Limit for storing a file.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// Limit for the storage to find a file, or to return its next part.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// Error text for a storage that does not answer.
const NO_ANSWER: &str = "no answer in time";
/// A file with which the check tests storing and reading.
const PROBE: &str = "probe";

/// The bytes of a file as a stream.
pub(crate) type Chunks = BoxStream<'static, Result<Bytes, Error>>;

/// The file storage.
#[derive(Clone)]
pub(crate) struct Files {
    /// A folder or a bucket; `None`: files are stored in the database.
    objects: Option<Arc<dyn ObjectStore>>,
    database: Store,
    place: Arc<str>,
    intake: Arc<Semaphore>,
    problem: Arc<Mutex<Option<String>>>,
}

impl Files {
    /// Opens the database, the bucket, or the folder, which is created where it is missing. An
    /// unavailable bucket is no error here: everything else works without it.
    pub(crate) fn open(config: &ServerConfig, database: &Store) -> Result<Self, Error> {
        let (objects, place): (Option<Arc<dyn ObjectStore>>, _) = match &config.uploads {
            Uploads::Database => (None, database::PLACE.to_owned()),
            Uploads::Bucket(bucket) => {
                let at = config.s3_endpoint.as_str();
                let at = if at.is_empty() { "AWS" } else { at };
                let place = format!("the bucket {bucket} at {at}");
                (Some(bucket::open(config, bucket)?.into()), place)
            }
            Uploads::Folder => {
                let folder = &config.uploads_dir;
                (Some(Arc::new(in_folder(folder)?)), format!("the folder {folder}"))
            }
        };
        Ok(Self {
            objects,
            database: database.clone(),
            place: place.into(),
            intake: Arc::new(Semaphore::new(AT_ONCE)),
            problem: Arc::default(),
        })
    }

    /// Permission to hold one uploaded file in memory; `None` where too many uploads are in
    /// progress.
    pub(crate) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        let turn = Arc::clone(&self.intake).acquire_owned();
        timeout(TURN_TIMEOUT, turn).await.ok()?.ok()
    }

    /// Stores a file; it is on the disk, in the bucket or in the database when this returns.
    pub(crate) async fn put(&self, id: UploadId, bytes: Bytes) -> Result<(), Error> {
        match &self.objects {
            Some(objects) => self.write(objects, &place(id), bytes).await,
            None => self.noted(database::put(&self.database, id, &bytes).await),
        }
    }

    /// The bytes of a file; `None` where there is none. Files stored in the database stay there and
    /// are found there, also after a folder or a bucket is configured.
    pub(crate) async fn get(&self, id: UploadId) -> Result<Option<Chunks>, Error> {
        if let Some(objects) = &self.objects
            && let Some(found) = self.read(objects, &place(id)).await?
        {
            return Ok(Some(found));
        }
        self.noted(database::get(&self.database, id).await)
    }

    /// Deletes a file; a missing file is no error.
    pub(crate) async fn delete(&self, id: UploadId) -> Result<(), Error> {
        if let Some(objects) = &self.objects {
            match timeout(ANSWER_TIMEOUT, objects.delete(&place(id))).await {
                Ok(Ok(()) | Err(object_store::Error::NotFound { .. })) => {}
                Ok(Err(error)) => return Err(self.unavailable(&error)),
                Err(_) => return Err(self.timed_out()),
            }
        }
        self.noted(database::delete(&self.database, id).await)
    }

    /// Checks that files can be stored and read. Writes only once: a bucket may keep every version.
    pub(crate) async fn check(&self) -> Result<(), Error> {
        match &self.objects {
            Some(objects) => self.probe(objects).await?,
            None => self.noted(database::check(&self.database).await)?,
        }
        *self.problem.lock() = None;
        Ok(())
    }

    async fn probe(&self, objects: &Arc<dyn ObjectStore>) -> Result<(), Error> {
        let probe = Path::from(PROBE);
        if !matches!(self.read(objects, &probe).await, Ok(Some(_))) {
            let bytes = Bytes::from_static(b"written to see whether it can be\n");
            self.write(objects, &probe, bytes).await?;
            self.read(objects, &probe).await?;
        }
        Ok(())
    }

    /// The last error; `None` after a later success.
    #[must_use]
    pub(crate) fn problem(&self) -> Option<String> {
        self.problem.lock().clone()
    }

    async fn write(
        &self,
        objects: &Arc<dyn ObjectStore>,
        path: &Path,
        bytes: Bytes,
    ) -> Result<(), Error> {
        match timeout(WRITE_TIMEOUT, objects.put(path, bytes.into())).await {
            Ok(stored) => stored.map(|_| ()).map_err(|error| self.unavailable(&error)),
            Err(_) => Err(self.timed_out()),
        }
    }

    async fn read(
        &self,
        objects: &Arc<dyn ObjectStore>,
        path: &Path,
    ) -> Result<Option<Chunks>, Error> {
        let found = match timeout(ANSWER_TIMEOUT, objects.get(path)).await {
            Ok(Ok(found)) => found.into_stream(),
            // A missing bucket is an error, not a missing file: its name may be misspelled.
            Ok(Err(error @ object_store::Error::NotFound { .. })) => {
                let is_file = bucket::code(&error).is_none_or(|code| code != "NoSuchBucket");
                return if is_file { Ok(None) } else { Err(self.unavailable(&error)) };
            }
            Ok(Err(error)) => return Err(self.unavailable(&error)),
            Err(_) => return Err(self.timed_out()),
        };
        let files = self.clone();
        let chunks = stream::unfold(Some(found), move |rest| {
            let files = files.clone();
            async move {
                let mut rest = rest?;
                match timeout(ANSWER_TIMEOUT, rest.next()).await {
                    Ok(Some(Ok(chunk))) => Some((Ok(chunk), Some(rest))),
                    Ok(Some(Err(error))) => Some((Err(files.unavailable(&error)), None)),
                    Ok(None) => None,
                    Err(_) => Some((Err(files.timed_out()), None)),
                }
            }
        });
        Ok(Some(chunks.boxed()))
    }

    fn unavailable(&self, error: &object_store::Error) -> Error {
        self.failed(bucket::explain(error))
    }

    fn timed_out(&self) -> Error {
        self.failed(NO_ANSWER.to_owned())
    }

    fn failed(&self, why: String) -> Error {
        let error = Error::Unavailable { place: self.place.to_string(), why };
        *self.problem.lock() = Some(error.to_string());
        error
    }

    /// Remembers an error of the database, where files are stored there.
    fn noted<T>(&self, done: Result<T, Error>) -> Result<T, Error> {
        if let Err(error) = &done
            && self.objects.is_none()
        {
            *self.problem.lock() = Some(error.to_string());
        }
        done
    }
}

fn in_folder(folder: &str) -> Result<LocalFileSystem, Error> {
    let folder = folder.to_owned();
    if let Err(source) = std::fs::create_dir_all(&folder) {
        return Err(Error::Folder { folder, source });
    }
    let store = LocalFileSystem::new_with_prefix(&folder).map_err(|error| {
        let source = std::io::Error::other(error);
        Error::Folder { folder, source }
    })?;
    Ok(store.with_fsync(true))
}

/// Spread over 256 folders: the last bits of an id are random.
fn place(id: UploadId) -> Path {
    Path::from(format!("{:02x}/{:016x}", id.0 & 0xff, id.0))
}
