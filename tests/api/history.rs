//! Goal: later members see of a room what its history setting allows, and nothing older in any way;
//! a sync from a purged cursor is answered with `reset`.
//! Method: one server; a room whose history begins with one's joining, asked in every way there is.

use anyhow::Result;
use chat_contract::wire::{Code, HistoryPage, Message, Room, RoomDetail, SyncPage};
use harness::{Api, World};
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn what_was_before_one_joined_is_nowhere() -> Result<()> {
    let world = World::start("since-joined").await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.short_room().await?.id;
    let secret = ada.send(room, "secret").await?;
    let outside: RoomDetail = bob.api.get(&format!("/api/rooms/{room}")).await?;
    assert_eq!(outside.room.last_message, None, "nor does one see it who may still come in");
    bob.join(room).await?;
    let reply = json!({ "clientId": Uuid::new_v4(), "content": "see above", "replyTo": secret.id });
    let messages = format!("/api/rooms/{room}/messages");
    let answered: Message = ada.api.post(&messages, &reply).await?;

    // Ways of reading: what came later, and nothing before.
    for query in ["", "?aroundSeq=2", "?beforeSeq=9", "?afterSeq=0", "?limit=200"] {
        let page: HistoryPage = bob.api.get(&format!("{messages}{query}")).await?;
        let seqs: Vec<_> = page.messages.iter().chain(&page.quoted).map(|m| m.seq).collect();

        assert_eq!(seqs, [3, 4], "{query}");
    }
    let page: HistoryPage = bob.api.get(&format!("{messages}?beforeSeq=3")).await?;
    assert!(page.messages.is_empty() && !page.has_before);
    let page: SyncPage = bob.api.get(&format!("/api/rooms/{room}/sync?after=0")).await?;
    assert_eq!(page.messages.iter().map(|m| m.seq).collect::<Vec<_>>(), [3, answered.seq]);
    let rooms: Vec<Room> = bob.api.get("/api/rooms").await?;
    assert_eq!(rooms[0].last_message.as_ref(), Some(&answered));

    // Ways of changing: it is not there, as one that never was.
    for id in [secret.id.to_string(), format!("{room}-999")] {
        let message = format!("/api/messages/{id}");
        let thumb = format!("{message}/reactions/%F0%9F%91%8D");
        let reply = json!({ "clientId": Uuid::new_v4(), "content": "and?", "replyTo": id });
        for request in [
            bob.api.request(Method::PUT, &thumb),
            bob.api.request(Method::DELETE, &thumb),
            bob.api.request(Method::PATCH, &message).json(&json!({ "content": "mine" })),
            bob.api.request(Method::DELETE, &message),
            bob.api.request(Method::POST, &messages).json(&reply),
        ] {
            let refused = Api::refused(request).await?;
            assert_eq!(refused.code(), Some(Code::NotFound), "{refused}");
            assert!(!refused.body.contains("secret"));
        }
    }
    bob.api.put::<()>(&format!("/api/rooms/{room}/read"), &json!({ "seq": 2 })).await?;
    let there: HistoryPage = ada.api.get(&messages).await?;
    assert_eq!(there.head, answered.seq, "nothing of all this left a trace");
    Ok(())
}

#[tokio::test]
async fn a_cursor_below_purged_up_to_is_reset() -> Result<()> {
    let world = World::start("floor").await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?.id;
    for n in 2..=8 {
        assert_eq!(ada.send(room, &n.to_string()).await?.seq, n);
    }
    world.sql("UPDATE heads SET floor = 5")?;
    let sync = async |after: u64| -> Result<SyncPage> {
        ada.api.get(&format!("/api/rooms/{room}/sync?after={after}")).await
    };
    for after in [0, 4, 9] {
        let page = sync(after).await?;
        assert!(page.reset && page.messages.is_empty() && page.up_to == 8, "{page:?}");
    }
    for after in [5, 7, 8] {
        let page = sync(after).await?;
        let seqs: Vec<_> = page.messages.iter().map(|message| message.seq).collect();
        assert!(!page.reset && !page.more && page.up_to == 8, "{page:?}");
        assert_eq!(seqs, (after + 1..=8).collect::<Vec<_>>());
    }
    // Who begins anew after that has what is left.
    let seqs: Vec<_> = ada.history(room).await?.messages.iter().map(|m| m.seq).collect();
    assert_eq!(seqs, [6, 7, 8]);
    Ok(())
}
