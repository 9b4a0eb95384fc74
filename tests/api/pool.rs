//! Goal: what was written is there, whatever happened to the connection before.
//! Method: the store itself, with a single connection; transactions cut off while they begin.

use anyhow::{Context as _, Result};
use chat_domain::{
    id::{UploadId, UserId},
    upload::{ContentType, Upload},
};
use chat_server::mysql::Store;
use futures_util::poll;
use harness::World;

/// Looks so many times whether a future is done, and drops it.
async fn is_done_after(looks: u32, future: impl Future) -> bool {
    let mut future = Box::pin(future);
    for _ in 0..looks {
        if poll!(&mut future).is_ready() {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}

#[tokio::test]
async fn a_begin_that_was_cut_off_swallows_nothing() -> Result<()> {
    let world = World::start("begin").await?;
    let (store, other) =
        (Store::new(world.database_url(), 1)?, Store::new(world.database_url(), 1)?);
    let mut cut = 0;
    for n in 0..400 {
        // A connection that was just used is taken as it is; begun is after a look or two.
        store.ping().await?;
        cut += u32::from(!is_done_after(n % 4, store.pool().begin()).await);
        let upload = Upload {
            id: UploadId(n.into()),
            user: UserId(1),
            content_type: ContentType::parse("image/png").context("no type")?,
            bytes: 1,
            width: 1,
            height: 1,
        };
        store.insert_upload(&upload, chrono::Utc::now()).await?;
        let there = other.find_upload(upload.id).await?;
        assert_eq!(there, Some(upload), "insert {n} was acknowledged and is not there");
    }
    assert!(cut > 0, "no transaction was cut off: this proved nothing");
    Ok(())
}
