//! Goal: the shortest useful day: an account, a room, a message, and it is still there.
//! Method: one server, one user, over HTTP only.

use anyhow::Result;
use harness::World;

#[tokio::test]
async fn a_message_is_there_when_it_was_acknowledged() -> Result<()> {
    let world = World::start("smoke").await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;

    let sent = ada.send(room.id, "hello").await?;

    assert_eq!((sent.content.as_str(), sent.sender_id), ("hello", ada.id()));
    let page = ada.history(room.id).await?;
    assert_eq!(page.messages.last(), Some(&sent));
    assert_eq!(page.head, sent.seq);
    Ok(())
}
