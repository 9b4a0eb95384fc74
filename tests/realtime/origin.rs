//! Goal: a page of another origin cannot open a socket in the name of whoever is signed in; our
//! own page, pages of named origins and programs can.
//! Method: handshakes with the session's cookie and with its token, with and without `Origin`,
//! over a WebSocket and by polling.

use anyhow::{Context as _, Result, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use harness::{PASSWORD, Person, World, http};
use reqwest::{Method, header};
use serde_json::{Value, json};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest as _},
};

const FRIEND: &str = "https://friend.example";

/// What the page has after sign-in: the cookie, and nothing else.
async fn cookie(world: &World, person: &Person) -> Result<String> {
    let body = json!({ "login": person.me.email, "password": PASSWORD });
    let sign_in = world.api(0)?.request(Method::POST, "/api/auth/sign-in").json(&body);
    let answer = sign_in.send().await?;
    let cookie = answer.headers()[header::SET_COOKIE].to_str()?;
    Ok(cookie.split(';').next().context("no cookie")?.to_owned())
}

/// Opens a WebSocket with these headers; what the server answers to the CONNECT packet.
async fn connect(world: &World, headers: &[(&'static str, &str)], auth: &Value) -> Result<String> {
    let url = world.url(0).replace("http://", "ws://");
    let url = format!("{url}/socket.io/?EIO=4&transport=websocket");
    let mut request = url.into_client_request()?;
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse()?);
    }
    let (mut socket, _) = connect_async(request).await?;
    let auth = if auth.is_null() { String::new() } else { auth.to_string() };
    socket.send(Message::text(format!("40{auth}"))).await?;
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) if text.starts_with('4') => return Ok(text.to_string()),
            Message::Text(text) if text == "2" => socket.send(Message::text("3")).await?,
            _ => {}
        }
    }
    bail!("closed")
}

#[tokio::test]
async fn only_pages_of_ours_connect_with_the_cookie() -> Result<()> {
    let world = World::named("origin").setting("CHAT_PUBLIC_ORIGINS", FRIEND).start().await?;
    let ada = world.sign_up("ada").await?;
    let pair = cookie(&world, &ada).await?;
    let own = world.url(0);
    for origin in [own.as_str(), FRIEND] {
        let headers = [("cookie", pair.as_str()), ("origin", origin)];
        let answer = connect(&world, &headers, &Value::Null).await?;
        assert!(answer.starts_with("40{"), "{origin}: {answer}");
    }
    for origin in ["https://evil.example", "null", "http://127.0.0.1", "https://friend.example.org"]
    {
        let headers = [("cookie", pair.as_str()), ("origin", origin)];
        let answer = connect(&world, &headers, &Value::Null).await?;
        assert!(answer.starts_with("44") && answer.contains("originRefused"), "{origin}: {answer}");
    }
    let headers = [("cookie", pair.as_str()), ("sec-fetch-site", "cross-site")];
    let answer = connect(&world, &headers, &Value::Null).await?;
    assert!(answer.contains("originRefused"), "{answer}");
    Ok(())
}

#[tokio::test]
async fn who_knows_the_token_connects_from_anywhere() -> Result<()> {
    let world = World::start("origin-token").await?;
    let ada = world.sign_up("ada").await?;
    let bearer = format!("Bearer {}", ada.token);
    let by_auth = json!({ "token": ada.token });
    let evil = ("origin", "https://evil.example");
    for (headers, auth) in [
        (vec![("authorization", bearer.as_str())], Value::Null),
        (vec![("authorization", bearer.as_str()), evil], Value::Null),
        (vec![], by_auth.clone()),
        (vec![evil], by_auth.clone()),
    ] {
        let answer = connect(&world, &headers, &auth).await?;
        assert!(answer.starts_with("40{"), "{headers:?}: {answer}");
    }
    let nobody = connect(&world, &[evil], &Value::Null).await?;
    assert!(nobody.starts_with("44") && nobody.contains("unauthenticated"), "{nobody}");
    Ok(())
}

#[tokio::test]
async fn polling_is_no_way_around() -> Result<()> {
    let world = World::start("origin-polling").await?;
    let ada = world.sign_up("ada").await?;
    let pair = cookie(&world, &ada).await?;
    let base = format!("{}/socket.io/?EIO=4&transport=polling", world.url(0));
    let http = http::client().build()?;
    let own = world.url(0);
    for (origin, expected) in [("https://evil.example", "44"), (own.as_str(), "40")] {
        let ask = http.get(&base).header(header::COOKIE, &pair).header(header::ORIGIN, origin);
        let open = ask.send().await?.text().await?;
        let open: Value = serde_json::from_str(open.strip_prefix('0').context("no open packet")?)?;
        let session = format!("{base}&sid={}", open["sid"].as_str().context("no sid")?);
        // What comes later is not asked again: the handshake counts.
        http.post(&session).body("40").send().await?.error_for_status()?;
        let mut packets = http.get(&session).send().await?.text().await?;
        while !packets.split('\x1e').any(|packet| packet.starts_with('4')) {
            packets = http.get(&session).send().await?.text().await?;
        }
        let answer = packets.split('\x1e').find(|packet| packet.starts_with('4'));
        assert!(answer.is_some_and(|answer| answer.starts_with(expected)), "{origin}: {packets}");
    }
    Ok(())
}
