//! Goal: between people at two servers there is one write to the database, one hint, and nothing
//! else to wait for. What that takes in time, the benchmarks say.
//! Method: a database server that keeps what it is asked, while two people talk; heads are compared
//! once a minute, so that what arrives has arrived by a hint.

use anyhow::{Result, ensure};
use harness::World;
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn a_message_reaches_another_server_without_a_question_to_the_database() -> Result<()> {
    let world = World::named("cost").servers(2).own_mysql();
    let world = world.setting("CHAT_HEARTBEAT_INTERVAL", "60s").start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up_at(1, "bob").await?);
    let room = ada.group(&[&bob]).await?.id;
    let (near, far) = (world.connect(0, &ada).await?, world.connect(1, &bob).await?);
    let publish = async |content: &str| -> Result<()> {
        let body = json!({ "roomId": room, "clientId": Uuid::new_v4(), "content": content });
        near.command::<Value>("sendMessage", &body).await?;
        let is_it = |data: &Value| data["messages"][0]["content"] == json!(content);
        far.event_where("newMessage", is_it).await?;
        Ok(())
    };
    // The first ones find out who is where.
    for n in 0..3 {
        publish(&format!("first {n}")).await?;
    }
    let (notifications, gaps) =
        ("chat_bus_messages_total{outcome=\"heard\"}", "chat_gaps_fetched_total");
    let before = (world.count(1, notifications).await?, world.count(1, gaps).await?);
    world.keep_statements()?;
    for n in 0..50 {
        publish(&format!("hello {n}")).await?;
    }
    let number = room.0.to_string();
    let asked = world.statements()?;
    let about: Vec<_> = asked.iter().filter(|one| one.contains(&number)).collect();
    // The marker of who sends is written once a second beside all that.
    let about: Vec<_> = about.into_iter().filter(|one| !one.contains("read_ordinal")).collect();
    let writes = about.iter().filter(|one| one.contains("INSERT INTO messages")).count();
    ensure!((writes, about.len()) == (50, 50), "fifty messages asked {about:#?}");
    let more =
        (world.count(1, notifications).await? - before.0, world.count(1, gaps).await? - before.1);
    ensure!(more == (50, 0), "{} hints were heard, {} gaps fetched", more.0, more.1);
    Ok(())
}
