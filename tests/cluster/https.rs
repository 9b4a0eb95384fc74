//! Goal: servers that get a certificate are reached by HTTPS from the moment on from which they
//! serve; its renewal nobody notices.
//! Method: an authority of our own, and what it signed in a Secret; the Service is watched during
//! the change, and each pod asked what it shows during the renewal.

use std::{fs, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use harness::{Api, Crowd, Installation, Keys, Person, Socket, Target, eventually, http};
use serde_json::json;
use testbed::process::Process;
use tokio::net::TcpStream;

use crate::scale::CLIENTS;

const SECRET: &str = "team-tls";
/// What is watched of the Service: whom it selects, where it listens, and what is spoken there.
const SEEN: &str = r#"--output=jsonpath={.spec.selector.chatcluster\.dev/revision} {.spec.ports[*].port} {.spec.ports[*].appProtocol}{"\n"}"#;

/// Adds a certificate. Returns its keys, and the clients that use it.
pub(crate) async fn given(
    site: &mut Installation,
    people: &[Person],
) -> Result<(Keys, Vec<Person>)> {
    let room = people[0].direct(&people[1]).await?.id;
    people[0].send(room, "not for everybody").await?;
    let keys = Keys::make(&site.dir().join(SECRET))?;
    keep(site, &keys)?;
    let moved = tokio::spawn(move_once(people[1].connect().await?));
    let before = site.status("{.status.servingRevision}")?;
    let after = watched(site, &before)?;
    moved.await?.context("somebody who was there")?;

    site.find()?;
    let host = site.url.strip_prefix("https://").context("it is not said to be https")?;
    let answer = http::get(format!("http://{host}/")).await?;
    let (status, said) = (answer.status(), answer.text().await?);
    ensure!(status == 400 && said.contains("write https:// before it"), "{status}: {said}");
    let stranger = Api::new(&site.url)?.get::<serde_json::Value>("/api/me").await;
    let why = format!("{:#}", stranger.err().context("anybody's certificate is believed")?);
    ensure!(why.contains("certificate"), "{why}");

    site.authority = Some(keys.authority());
    site.first_calls().await?;
    let people = people.iter().map(|person| site.find_again(person)).collect::<Result<Vec<_>>>()?;
    let newest = people[1].history(room).await?.messages.pop().context("no message")?;
    ensure!(newest.content == "not for everybody", "the newest message is {newest:?}");
    println!("         {before} on 80 became {after} on 443");
    Ok((keys, people))
}

/// Gives the servers the certificate. The Service has two states: the one before, and the other.
fn watched(site: &Installation, before: &str) -> Result<String> {
    let watch = site.client.command(&["get", "service", "team", "--watch", SEEN])?;
    let watch = Process::start("service", watch, site.dir())?;
    let after = site.change(&format!(r#"{{"tls":{{"secretName":"{SECRET}"}}}}"#))?;
    drop(watch);
    let seen = fs::read_to_string(site.dir().join("service.log"))?;
    let mut states: Vec<_> = seen.lines().collect();
    states.dedup();
    let expected = [format!("{before} 80 kubernetes.io/ws"), format!("{after} 443 https")];
    ensure!(states == expected, "{states:?} is not {expected:?}");
    Ok(after)
}

/// A client is asked to move, and is not cut off before it does.
async fn move_once(socket: Socket) -> Result<()> {
    while let Some(event) = socket.next(Duration::from_mins(2)).await? {
        if event.name == "moving" {
            socket.disconnect().await;
            return Ok(());
        }
    }
    bail!("was cut off")
}

/// Renews the certificate while clients chat.
pub(crate) async fn renewed(site: &mut Installation, people: &[Person], keys: &Keys) -> Result<()> {
    let pods = site.pods("server")?;
    let mut ways = Vec::new();
    for pod in &pods {
        let name = pod.trim_start_matches("pod/").to_owned();
        let way = site.way_to(Target::Pod(name, 3000))?;
        ways.push(way.strip_prefix("http://").context("no address")?.to_owned());
    }
    let old = shown(keys, &ways[0]).await?;
    let crowd = Crowd::start(people, CLIENTS).await?;
    keys.renew()?;
    keep(site, keys)?;
    for way in &ways {
        eventually("the new one is shown", Duration::from_mins(2), async || {
            ensure!(shown(keys, way).await? != old);
            Ok(())
        })
        .await?;
    }
    let lives = crowd.end().await?;
    println!("         {lives}");
    lives.must_be_calm()?;
    ensure!(lives.sum(|life| life.moves) == 0, "somebody was moved: {lives}");
    let now = site.pods("server")?;
    ensure!(now == pods, "{pods:?} became {now:?}");
    for pod in &pods {
        let path = "--output=jsonpath={.status.containerStatuses[*].restartCount}";
        let starts = site.kubectl(&["get", pod, path])?;
        ensure!(starts == "0", "{pod} was started anew {starts} times");
    }
    Ok(())
}

/// The certificate that a new connection is shown.
async fn shown(keys: &Keys, host: &str) -> Result<Vec<u8>> {
    let stream = keys.connect(TcpStream::connect(host).await?).await?;
    let certificates = stream.get_ref().1.peer_certificates().context("none was shown")?;
    Ok(certificates[0].to_vec())
}

/// Puts the keys into their Secret, as cert-manager does.
fn keep(site: &Installation, keys: &Keys) -> Result<()> {
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
        "metadata": { "name": SECRET },
        "stringData": {
            "tls.crt": fs::read_to_string(keys.certificate())?,
            "tls.key": fs::read_to_string(keys.key())?,
            "ca.crt": fs::read_to_string(keys.authority())?,
        },
    });
    site.apply(SECRET, &secret)
}
