//! Goal: the shortest useful day: an account, a room, a message, and it is still there.
//! Method: one server, one person; the store, the cache and a socket; a store that refuses a
//! message.

use anyhow::{Result, ensure};
use chat_contract::wire::Code;
use harness::{Refusal, TIMEOUT, World, eventually};
use serde_json::json;

#[tokio::test]
async fn a_message_is_there_when_it_was_acknowledged() -> Result<()> {
    let world = World::start("smoke").await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    let socket = world.connect(0, &ada).await?;

    // What the store does not take is neither cached nor told.
    let refuse = "ALTER TABLE messages ADD CONSTRAINT no_tea CHECK (content <> 'tea')";
    world.sql(refuse)?;
    let refused = ada.send(room.id, "tea").await.unwrap_err().downcast::<Refusal>()?;
    assert_eq!(refused.code(), Some(Code::Unavailable), "{refused}");

    let sent = ada.send(room.id, "hello").await?;

    assert_eq!((sent.content.as_str(), sent.sender_id), ("hello", ada.id()));
    let page = ada.history(room.id).await?;
    assert_eq!(page.messages.last(), Some(&sent));
    assert_eq!(page.head, sent.seq);
    let stored = world.sql(&format!("SELECT content FROM messages WHERE seq = {}", sent.seq))?;
    assert_eq!(stored, [["hello"]]);
    let first = socket.event("newMessage").await?;
    assert_eq!(first.data["messages"], json!([sent]), "the first that is published");
    let cached = eventually("what was sent is cached", TIMEOUT, async || {
        let keys = world.redis(&["KEYS", "message:*"])?;
        ensure!(keys.lines().any(|key| key == format!("message:{}", sent.id)), "{keys}");
        Ok(keys)
    })
    .await?;
    for key in cached.lines() {
        assert!(!world.redis(&["GET", key])?.contains("\"tea\""), "{key} was never stored");
    }
    Ok(())
}
