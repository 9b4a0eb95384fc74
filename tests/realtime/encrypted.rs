//! Goal: the way to both stores can be encrypted, with certificates of one's own authority; where
//! it cannot, the server says what to do.
//! Method: real stores with TLS; then wrong authorities, wrong names, and stores without TLS.

use anyhow::{Context as _, Result, ensure};
use harness::{Follower, Keys, Shape, TIMEOUT, World, eventually};

async fn works(name: &str, shape: Shape) -> Result<()> {
    let world = World::named(name).servers(2).redis(shape).encrypted();
    let world = world.setting("CHAT_HEARTBEAT_INTERVAL", "60s").start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up_at(1, "bob").await?);
    let room = ada.group(&[&bob]).await?;
    let socket = world.connect(1, &bob).await?;
    ada.send(room.id, "for you alone").await?;
    Follower::new(room.id).follow(&socket, 2).await?;
    eventually("a hint", TIMEOUT, async || {
        ada.send(room.id, "hint").await?;
        let heard = world.metric(1, "chat_publish_to_deliver_seconds_count").await?;
        ensure!(heard > 0.0, "no hint was heard");
        Ok(())
    })
    .await?;
    let accepted = world.sql("SHOW GLOBAL STATUS LIKE 'Ssl_accepts'")?;
    ensure!(accepted[0][1] != "0", "nobody encrypts to MySQL: {accepted:?}");
    Ok(())
}

#[tokio::test]
async fn one_redis() -> Result<()> {
    works("tls", Shape::Single).await
}

#[tokio::test]
async fn redis_with_sentinels() -> Result<()> {
    works("tls-sentinel", Shape::Sentinel).await
}

#[tokio::test]
async fn a_cluster_of_redis() -> Result<()> {
    works("tls-cluster", Shape::Cluster).await
}

/// The server starts, works, and says `words` of Redis; `check-config` has nothing against it.
async fn starts_and_logs(world: &mut World, url: &str, ca: &str, words: &[&str]) -> Result<()> {
    world.stop_server(0).await?;
    world.set(0, "CHAT_REDIS_URL", url);
    world.set(0, "CHAT_REDIS_CA", ca);
    let before = world.log(0)?.len();
    world.start_server(0).await?;
    eventually("it is reported", TIMEOUT, async || {
        let log = world.log(0)?.split_off(before);
        for word in words {
            ensure!(log.contains(word), "no {word:?} in {log}");
        }
        ensure!(!log.contains("redis: connected"), "{log}");
        Ok(())
    })
    .await?;
    world.sign_up("ada").await?;
    Ok(())
}

#[tokio::test]
async fn what_does_not_fit_is_reported_with_the_remedy() -> Result<()> {
    let mut world = World::named("tls-wrong").encrypted().start().await?;
    let other = Keys::make(&world.dir().join("other"))?.authority().display().to_string();
    let url = world.setting(0, "CHAT_REDIS_URL");
    let ca = world.setting(0, "CHAT_REDIS_CA");
    starts_and_logs(&mut world, &url, &other, &["unknown authority", "CHAT_REDIS_CA"]).await?;
    starts_and_logs(&mut world, &url, "", &["unknown authority", "CHAT_REDIS_CA"]).await?;
    let named = url.replace("127.0.0.1", "127.0.0.2");
    starts_and_logs(&mut world, &named, &ca, &["ECONNREFUSED"]).await?;
    starts_and_logs(&mut world, &url.replace("rediss", "redis"), "", &["begins with rediss"])
        .await?;

    let missing = world.dir().join("nowhere.crt").display().to_string();
    world.set(0, "CHAT_REDIS_URL", &url);
    world.set(0, "CHAT_REDIS_CA", &missing);
    let refused = world.server_command(&["check-config"]).err().map(|error| format!("{error:#}"));
    assert!(refused.as_ref().is_some_and(|said| said.contains("CHAT_REDIS_CA")), "{refused:?}");

    let mut plain = World::start("tls-none").await?;
    let url = plain.setting(0, "CHAT_REDIS_URL").replace("redis:", "rediss:");
    starts_and_logs(&mut plain, &url, &ca, &["does it speak TLS", "CHAT_REDIS_URL"]).await
}

/// The server does not start, and says `words` at once.
async fn refused(world: &mut World, url: &str, words: &str) -> Result<()> {
    world.stop_server(0).await?;
    let before = world.setting(0, "CHAT_MYSQL_URL");
    world.set(0, "CHAT_MYSQL_URL", url);
    let said =
        world.start_server(0).await.map_or_else(|error| format!("{error:#}"), |()| String::new());
    ensure!(said.contains(words), "no {words:?} in {said}");
    world.forget_server(0);
    world.set(0, "CHAT_MYSQL_URL", &before);
    world.start_server(0).await
}

#[tokio::test]
async fn a_database_that_does_not_fit_is_reported_with_the_remedy() -> Result<()> {
    let mut world = World::named("tls-mysql").encrypted().start().await?;
    let other = Keys::make(&world.dir().join("other"))?.authority().display().to_string();
    let url = world.setting(0, "CHAT_MYSQL_URL");
    let (place, _) = url.split_once("&ssl-ca=").context("no authority")?;
    refused(&mut world, &format!("{place}&ssl-ca={other}"), "ssl-ca in CHAT_MYSQL_URL").await?;
    refused(&mut world, place, "ssl-ca in CHAT_MYSQL_URL").await?;
    refused(&mut world, &format!("{place}&ssl-ca=/nowhere.crt"), "must be a file").await?;

    let mut plain = World::start("tls-mysql-none").await?;
    let url = plain.setting(0, "CHAT_MYSQL_URL");
    refused(&mut plain, &format!("{url}?ssl-mode=REQUIRED"), "turn TLS on there").await
}
