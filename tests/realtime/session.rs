//! Goal: a session that ends, ends everywhere, open sockets included.
//! Method: sockets on two servers; sign-out, a new password, also while Redis is away.
//! covers: F15 F17 R10 Z1 Z3 K5 K6

use anyhow::Result;
use chat_contract::wire::SignedIn;
use harness::{World, person::PASSWORD};
use serde_json::json;

#[tokio::test]
async fn signing_out_closes_the_sockets_on_every_server() -> Result<()> {
    let world = World::named("sign-out").servers(2).start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let sockets = [world.connect(0, &ada).await?, world.connect(1, &ada).await?];
    let other = world.connect(1, &bob).await?;
    ada.api.post::<()>("/api/auth/sign-out", &json!({})).await?;
    for socket in &sockets {
        let events = socket.closed().await?;
        let last = events.iter().find(|event| event.name == "closing").expect("a last word");
        assert_eq!(last.data["reason"], json!("signedOut"));
    }
    assert!(world.connect(0, &ada).await.is_err(), "the token is worth nothing");
    assert_eq!(other.emit("presence", &json!({ "watch": [] })).await?["ok"], json!(true));
    Ok(())
}

#[tokio::test]
async fn signing_out_works_while_redis_is_away() -> Result<()> {
    let mut world = World::named("sign-out-away").servers(2).start().await?;
    let ada = world.sign_up("ada").await?;
    let socket = world.connect(1, &ada).await?;
    world.stop_redis().await?;
    ada.api.post::<()>("/api/auth/sign-out", &json!({})).await?;
    socket.closed().await?;
    assert!(world.connect(0, &ada).await.is_err());
    Ok(())
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() -> Result<()> {
    let world = World::named("password").servers(2).start().await?;
    let ada = world.sign_up("ada").await?;
    let login = json!({ "login": ada.me.user.username, "password": PASSWORD });
    let second: SignedIn = world.api(1)?.post("/api/auth/sign-in", &login).await?;
    let mut elsewhere = ada.clone();
    elsewhere.token = second.token;
    let (mine, other) = (world.connect(0, &ada).await?, world.connect(1, &elsewhere).await?);
    let change = json!({ "currentPassword": PASSWORD, "newPassword": "another horse 8" });
    ada.api.put::<()>("/api/me/password", &change).await?;
    other.closed().await?;
    assert_eq!(mine.emit("presence", &json!({ "watch": [] })).await?["ok"], json!(true));
    Ok(())
}
