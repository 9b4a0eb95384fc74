//! Goal: what was written is there, whatever happened to the connection before.
//! Method: the store itself, with a single connection; transactions cut off while they begin.
//! covers: D6

use anyhow::{Context as _, Result};
use chat_domain::{
    id::{UploadId, UserId},
    upload::{ContentType, Upload},
};
use chat_server::mysql::Store;
use futures_util::poll;
use harness::World;

#[tokio::test]
async fn a_begin_that_was_cut_off_swallows_nothing() -> Result<()> {
    let world = World::start("begin").await?;
    let store = Store::new(world.database_url(), 1)?;
    let mut cut = 0;
    for n in 1..=20 {
        // A connection that was just used is taken as it is: the first thing asked is to begin.
        store.ping().await?;
        {
            let mut begin = Box::pin(store.pool().begin());
            for _ in 0..n % 4 {
                if poll!(&mut begin).is_ready() {
                    break;
                }
                cut += 1;
                tokio::task::yield_now().await;
            }
        }
        let upload = Upload {
            id: UploadId(n),
            user: UserId(1),
            content_type: ContentType::parse("image/png").context("no type")?,
            bytes: 1,
            width: 1,
            height: 1,
        };
        store.insert_upload(&upload, chrono::Utc::now()).await?;
        let there = world.sql(&format!("SELECT COUNT(*) FROM uploads WHERE id = {n}"))?;
        assert_eq!(there, [["1"]], "insert {n} was acknowledged and is not there");
    }
    assert!(cut > 0, "no transaction was cut off: this proved nothing");
    Ok(())
}
