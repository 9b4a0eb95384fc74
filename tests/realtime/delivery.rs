//! Goal: what is sent on one server arrives on the other.
//! Method: two servers, a person with a socket on each.
//! covers: F2 F26 R5 R6 D1 K15 U8

use anyhow::Result;
use chat_contract::wire::{MessagesEvent, event_name::NEW_MESSAGE};
use harness::World;
use serde_json::json;

#[tokio::test]
async fn a_message_reaches_the_sockets_of_every_server() -> Result<()> {
    let world = World::named("delivery").servers(2).start().await?;
    let ada = world.sign_up("ada").await?;
    let bob = world.sign_up("bob").await?;
    let room = ada.direct(&bob).await?;
    let sockets = [
        world.connect(0, &ada).await?,
        world.connect(1, &ada).await?,
        world.connect(1, &bob).await?,
    ];

    // From its heads on, a socket hears everything; what came before, it syncs.
    for socket in &sockets {
        socket.event("heads").await?;
    }
    let sent = ada.send(room.id, "hello").await?;

    for socket in sockets {
        let event = socket
            .event_where(NEW_MESSAGE, |data| data["roomId"] == json!(room.id))
            .await?
            .parse::<MessagesEvent>()?;
        assert_eq!(event.messages, std::slice::from_ref(&sent));
        assert_eq!(event.up_to, sent.changed_seq);
    }
    Ok(())
}
