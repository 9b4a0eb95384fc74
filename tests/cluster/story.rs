//! Goal: what people do with the product in its life works on a real Kubernetes, and nobody who
//! chats loses anything by it.
//! Method: helm and kubectl as in the README; clients from outside, through the Service. One
//! cluster for the whole story, because each step needs what the ones before it left.
//! covers: D1 D6 F2 G7 R5 U1 W9

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use harness::{Person, Socket};
use serde_json::{Value, json};
use uuid::Uuid;
use x::{cluster::product, stack::program};

use crate::{
    people::{Crowd, told},
    site::Site,
};

/// Open clients of each person.
const CLIENTS: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_service_from_its_installation_to_its_end() -> Result<()> {
    let mut site = Site::install()?;
    let people = people_chat(&site).await.context("chat")?;
    servers_come_and_go(&site, &people).await?;
    let last = what_is_uninstalled_still_serves(&site, &people).await.context("uninstall")?;
    what_is_deleted_leaves_its_data(&mut site, &people, &last).await.context("delete")?;
    site.end()
}

/// Right after `kubectl wait`, the first call of each kind works; so does a stock client.
async fn people_chat(site: &Site) -> Result<Vec<Person>> {
    let (ada, bob) = (site.sign_up("ada").await?, site.sign_up("bob").await?);
    let room = ada.direct(&bob).await?.id;
    let (from, to) = (
        Socket::connect(&site.url, &ada.token).await?,
        Socket::connect(&site.url, &bob.token).await?,
    );
    let body = json!({ "roomId": room, "clientId": Uuid::new_v4(), "content": "hello" });
    let sent: Value = from.command("sendMessage", &body).await?;
    let seq = sent["message"]["seq"].clone();
    to.event_where("newMessage", |data| data["messages"][0]["seq"] == seq).await?;

    let folder = site.checkout.path("frontend");
    let mut node = Command::new("node");
    node.arg(site.checkout.path("tests/cluster/stock.mjs")).arg(&folder);
    node.args([&site.url, &room.to_string(), &ada.token, &bob.token]);
    let said: Value = serde_json::from_str(&program::output(&mut node)?)?;
    let newest = bob.history(room).await?.messages.pop().context("no message")?;
    ensure!(said["content"] == json!(newest.content), "{said} is not the newest message");

    let mut people = vec![ada, bob];
    for name in ["cleo", "dan", "eve", "fay"] {
        people.push(site.sign_up(name).await?);
    }
    Ok(people)
}

/// Scaling out disconnects nobody; a new revision moves everybody once; scaling in moves those
/// whose server goes. Nothing is lost, doubled or out of order, and no request fails.
async fn servers_come_and_go(site: &Site, people: &[Person]) -> Result<()> {
    let first = site.change(r#"{"replicas":1}"#)?;
    ensure!(site.pods("server")?.len() == 1, "not one server");

    let crowd = Crowd::start(people, CLIENTS).await?;
    site.change(r#"{"replicas":3}"#)?;
    let lives = crowd.end().await.context("scaling to 3")?;
    println!("scaling to 3: {}", told(&lives));
    ensure!(site.pods("server")?.len() == 3, "not three servers");
    ensure!(lives.iter().all(|life| life.moves + life.cuts == 0), "somebody was disconnected");

    let crowd = Crowd::start(people, CLIENTS).await?;
    let second = site.change(r#"{"cache":{"windowMessages":150}}"#)?;
    let lives = crowd.end().await.context("the upgrade")?;
    println!("the upgrade:  {}", told(&lives));
    ensure!(first != second, "the revision is {second} as before");
    ensure!(
        lives.iter().all(|life| life.moves == 1 && life.cuts == 0),
        "not moved once: {lives:?}"
    );
    ensure!(lives.iter().all(|life| life.refused == 0), "a connection was refused: {lives:?}");

    let crowd = Crowd::start(people, CLIENTS).await?;
    site.change(r#"{"replicas":1}"#)?;
    let lives = crowd.end().await.context("scaling to 1")?;
    println!("scaling to 1: {}", told(&lives));
    ensure!(lives.iter().all(|life| life.cuts == 0), "somebody was cut off: {lives:?}");
    Ok(())
}

/// The operator goes; what it made does not. Gives the last message that is sent.
async fn what_is_uninstalled_still_serves(site: &Site, people: &[Person]) -> Result<String> {
    product::uninstall_operator(&site.client)?;
    site.client.kubectl(&["get", "crd", "chatclusters.chatcluster.dev"])?;
    let room = people[0].direct(&people[1]).await?.id;
    let last = "still here".to_owned();
    people[0].send(room, &last).await?;
    Ok(last)
}

/// All pods go with the `ChatCluster`. Its volumes and passwords stay: who applies it again finds
/// everything.
async fn what_is_deleted_leaves_its_data(
    site: &mut Site,
    people: &[Person],
    last: &str,
) -> Result<()> {
    site.delete()?;
    for component in ["server", "mysql", "redis"] {
        let left = site.pods(component)?;
        ensure!(left.is_empty(), "{left:?}");
    }
    let claims = site.client.kubectl(&["get", "persistentvolumeclaims", "--output=name"])?;
    ensure!(claims.lines().count() == 2, "the volumes are {claims}");

    product::install_operator(&site.client, &site.checkout, &[])?;
    site.apply_again()?;
    let (ada, bob) = (people[0].at(&site.url), people[1].at(&site.url));
    let room = ada.direct(&bob).await?.id;
    let newest = bob.history(room).await?.messages.pop().context("no message")?;
    ensure!(newest.content == last, "the newest message is {newest:?}");
    Ok(())
}
