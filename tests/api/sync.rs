//! Goal: a client without sockets catches up from a cursor, and sets the read marker of its user.
//! Method: one server; pages of changes, a store of another epoch, markers of all sizes.

use anyhow::{Context as _, Result};
use chat_contract::wire::{Room, RoomDetail, SyncPage};
use harness::{Person, World};
use serde_json::{Value, json};

async fn sync(person: &Person, room: &Room, query: &str) -> Result<SyncPage> {
    person.api.get(&format!("/api/rooms/{}/sync?{query}", room.id)).await
}

async fn detail(person: &Person, room: &Room) -> Result<RoomDetail> {
    person.api.get(&format!("/api/rooms/{}", room.id)).await
}

#[tokio::test]
async fn a_sync_catches_up_page_by_page() -> Result<()> {
    let world = World::start("sync-rest").await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    let first = ada.send(room.id, "first").await?;
    for n in 0..210 {
        ada.send(room.id, &n.to_string()).await?;
    }
    let edit = json!({ "content": "changed" });
    ada.api.patch::<Value>(&format!("/api/messages/{}", first.id), &edit).await?;
    let head = detail(&ada, &room).await?.room.head;

    let (mut cursor, mut pages, mut changed) = (first.seq, 0, Vec::new());
    loop {
        let page = sync(&ada, &room, &format!("after={cursor}")).await?;
        assert_eq!((page.after, page.reset), (cursor, false));
        assert!(page.up_to > cursor || !page.more, "{page:?}");
        (cursor, pages) = (page.up_to, pages + 1);
        changed.extend(page.messages);
        if !page.more {
            break;
        }
    }
    assert_eq!((cursor, pages), (head, 2));
    assert_eq!(changed.len(), 211, "what came after the cursor, and what was edited since");
    assert_eq!(changed.last().map(|last| last.content.as_str()), Some("changed"));
    let nothing = sync(&ada, &room, &format!("after={head}")).await?;
    assert_eq!((nothing.up_to, nothing.messages.len()), (head, 0));
    Ok(())
}

#[tokio::test]
async fn a_cursor_of_another_store_is_reset() -> Result<()> {
    let world = World::start("epoch-rest").await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    ada.send(room.id, "hello").await?;
    let ours = world.sql("SELECT LOWER(HEX(epoch)) FROM store")?;
    let ours = uuid::Uuid::parse_str(&ours[0][0])?;
    let page = sync(&ada, &room, &format!("after=1&epoch={ours}")).await?;
    assert_eq!((page.reset, page.messages.len()), (false, 1));
    let page = sync(&ada, &room, &format!("after=1&epoch={}", uuid::Uuid::nil())).await?;
    assert_eq!((page.reset, page.up_to, page.messages.len()), (true, 2, 0));
    let beyond = sync(&ada, &room, "after=999").await?;
    assert_eq!((beyond.reset, beyond.up_to), (true, 2));
    Ok(())
}

#[tokio::test]
async fn a_marker_moves_forward_and_no_further_than_there_is() -> Result<()> {
    let world = World::start("read-rest").await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.group(&[&bob]).await?;
    let mut last = 0;
    for n in 0..5 {
        last = ada.send(room.id, &n.to_string()).await?.seq;
    }
    let read = async |seq: u64| {
        let path = format!("/api/rooms/{}/read", room.id);
        bob.api.put::<Value>(&path, &json!({ "seq": seq })).await?;
        let room = detail(&bob, &room).await?.room;
        anyhow::Ok((room.read_seq, room.unread))
    };
    assert_eq!(detail(&bob, &room).await?.room.unread, 5);
    assert_eq!(read(last - 2).await?, (last - 2, 2));
    assert_eq!(read(1).await?, (last - 2, 2), "never back");
    assert_eq!(read(u64::MAX).await?, (last, 0), "never beyond the newest");
    let seen = detail(&ada, &room).await?;
    let marker = seen.members.iter().find(|member| member.user.id == bob.id());
    assert_eq!(marker.context("Bob is gone")?.read_seq, last, "and others see it");
    Ok(())
}
