//! Uploaded files: where they stand, and what may stand there.
//!
//! May enter: pictures that were decoded and written anew, or stripped, by `picture`.
//! Invariant: no byte that a person uploaded is served as it came.

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

/// Files that may be in memory at once, each up to the largest that is taken.
const AT_ONCE: usize = 16;
/// Who waits longer is asked to come again.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);
/// A file that takes longer to be stored is not waited for.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// Nor is a place that takes longer to say that it has one, or to give the next part of it.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// What is said of a place that does not answer.
const NO_ANSWER: &str = "no answer in time";
/// A file that shows whether files can be stored and read.
const PROBE: &str = "probe";

/// The bytes of a file as they come.
pub(crate) type Chunks = BoxStream<'static, Result<Bytes, Error>>;

/// Where files stand.
#[derive(Clone)]
pub(crate) struct Files {
    /// A folder or a bucket; `None`: files stand in the database.
    objects: Option<Arc<dyn ObjectStore>>,
    database: Store,
    place: Arc<str>,
    intake: Arc<Semaphore>,
    problem: Arc<Mutex<Option<String>>>,
}

impl Files {
    /// Files in the database, in the bucket, or in the folder, which is made where it is missing. A
    /// bucket that is unavailable is no error here: everything else works without it.
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

    /// Leave to hold one file that is being uploaded; `None` where too many are.
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

    /// The bytes of a file; `None` where there is none. What was stored while files stood in the
    /// database stays there, and is found there, also after a folder or a bucket has come.
    pub(crate) async fn get(&self, id: UploadId) -> Result<Option<Chunks>, Error> {
        if let Some(objects) = &self.objects
            && let Some(found) = self.read(objects, &place(id)).await?
        {
            return Ok(Some(found));
        }
        self.noted(database::get(&self.database, id).await)
    }

    /// Deletes a file; that there is none is no error.
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

    /// Can files be stored and read? Written once only: a bucket may keep every version.
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

    /// What went wrong last; nothing where it has been seen to go well since.
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
            // A bucket that is not there has lost nothing: somebody may have mistyped it.
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

    /// Remembers what went wrong in the database, where files stand there.
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
