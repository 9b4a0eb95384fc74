//! Goal: failover with Redis Sentinel and Redis Cluster: a master may crash, slots may move, and
//! the service keeps working; every notification is received again.
//! Method: real Sentinels and a real cluster; a master is killed under load. Heads are compared
//! once a minute here, so that whatever arrives was notified.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use chat_contract::wire::{Id, MessagesEvent, event_name::NEW_MESSAGE};
use harness::{Api, Follower, Person, Shape, Socket, TIMEOUT, World, eventually};
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

/// Rooms follow each other through the partitions of the channels: so many reach every master.
const ROOMS: usize = 24;

/// Two users on two servers, in many rooms.
struct Crowd {
    world: World,
    ada: Person,
    bob: Person,
    rooms: Vec<Id>,
    /// Of Ada, and of Bob.
    sockets: [Socket; 2],
}

impl Crowd {
    async fn gather(name: &str, shape: Shape) -> Result<Self> {
        let world = World::named(name).servers(2).redis(shape);
        let world = world.setting("CHAT_HEARTBEAT_INTERVAL", "60s").start().await?;
        let (ada, bob) = (world.sign_up("ada").await?, world.sign_up_at(1, "bob").await?);
        let mut rooms = Vec::new();
        for _ in 0..ROOMS {
            rooms.push(ada.group(&[&bob]).await?.id);
        }
        let sockets = [world.connect(0, &ada).await?, world.connect(1, &bob).await?];
        Ok(Self { world, ada, bob, rooms, sockets })
    }

    /// Each server receives the other one's commits, in every room.
    async fn all_hear(&self) -> Result<()> {
        for (who, reader) in [(&self.ada, 1), (&self.bob, 0)] {
            eventually("hints in all rooms", TIMEOUT, async || {
                let word = Uuid::new_v4().to_string();
                for room in &self.rooms {
                    who.send(*room, &word).await?;
                }
                let mut waiting: BTreeSet<Id> = self.rooms.iter().copied().collect();
                while !waiting.is_empty() {
                    let next = self.sockets[reader].next(Duration::from_secs(2)).await;
                    let lost = || format!("server {reader} heard nothing of {waiting:?}");
                    let event = next.with_context(lost)?.context("the connection was closed")?;
                    if event.name == NEW_MESSAGE && event.data.to_string().contains(&word) {
                        waiting.remove(&event.parse::<MessagesEvent>()?.room_id);
                    }
                }
                Ok(())
            })
            .await?;
        }
        Ok(())
    }

    /// Whoever followed from the start has every room whole.
    async fn all_are_complete(&self) -> Result<()> {
        for room in &self.rooms {
            let head = self.ada.history(*room).await?.head;
            for (socket, who) in self.sockets.iter().zip([&self.ada, &self.bob]) {
                let mut follower = Follower::new(*room);
                follower.sync(socket).await?;
                follower.follow(socket, head).await?;
                follower.check_against(who).await?;
            }
        }
        Ok(())
    }

    /// Bob gets everything that Ada sends while `change` takes place, live.
    async fn talk_through(
        &mut self,
        change: impl AsyncFnOnce(&mut World) -> Result<()>,
    ) -> Result<()> {
        let enough = Arc::new(AtomicBool::new(false));
        let talk = tokio::spawn(talk(self.ada.clone(), self.rooms[0], enough.clone()));
        let mut follower = Follower::new(self.rooms[0]);
        follower.sync(&self.sockets[1]).await?;
        let changed = change(&mut self.world).await;
        enough.store(true, Ordering::Relaxed);
        let head = talk.await?.context("a send was refused")?;
        changed?;
        follower.follow(&self.sockets[1], head).await?;
        follower.check_against(&self.bob).await
    }
}

/// Sends until it is enough; every message is acknowledged. Gives the room's head.
async fn talk(who: Person, room: Id, enough: Arc<AtomicBool>) -> Result<u64> {
    while !enough.load(Ordering::Relaxed) {
        who.send(room, "on and on").await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(who.history(room).await?.head)
}

/// Waits until this server of Redis is a master.
async fn takes_over(world: &World, node: usize) -> Result<()> {
    eventually("the replica takes over", TIMEOUT, async || {
        let role = world.redis_at(node, &["ROLE"])?;
        ensure!(role.starts_with("master"), "{role}");
        Ok(())
    })
    .await
}

/// The first master dies under work, and `replica` is there for it.
async fn dies(name: &str, shape: Shape, replica: usize) -> Result<()> {
    let mut crowd = Crowd::gather(name, shape).await?;
    crowd.all_hear().await?;
    crowd
        .talk_through(async |world| {
            world.kill_redis()?;
            takes_over(world, replica).await
        })
        .await?;
    crowd.all_hear().await?;
    crowd.all_are_complete().await
}

#[tokio::test]
async fn a_replica_takes_over_with_sentinels() -> Result<()> {
    dies("sentinel", Shape::Sentinel, 1).await
}

#[tokio::test]
async fn a_replica_takes_over_in_a_cluster() -> Result<()> {
    dies("cluster-failover", Shape::Cluster, 3).await
}

#[tokio::test]
async fn slots_may_move_without_a_lost_connection() -> Result<()> {
    let mut crowd = Crowd::gather("cluster-slots", Shape::Cluster).await?;
    crowd.all_hear().await?;
    crowd
        .talk_through(async |world| {
            for replica in 3..6 {
                world.redis_at(replica, &["CLUSTER", "FAILOVER"])?;
                takes_over(world, replica).await?;
            }
            Ok(())
        })
        .await?;
    crowd.all_hear().await?;
    crowd.all_are_complete().await
}

#[tokio::test]
async fn all_that_redis_does_is_done_in_a_cluster() -> Result<()> {
    let world = World::named("cluster").servers(2).redis(Shape::Cluster);
    let world = world.setting("CHAT_LIMIT_SIGN_INS_PER_MINUTE", "4").start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up_at(1, "bob").await?);
    let (here, there) = (world.connect(0, &ada).await?, world.connect(1, &bob).await?);
    let watch = json!({ "watch": [ada.id()] });
    eventually("presence", TIMEOUT, async || {
        let answer = there.emit("presence", &watch).await?;
        ensure!(answer.to_string().contains("online"), "{answer}");
        Ok(())
    })
    .await?;

    let mut rooms = Vec::new();
    for _ in 0..ROOMS {
        rooms.push(ada.group(&[&bob]).await?.id);
    }
    for room in &rooms {
        ada.send(*room, "cached").await?;
        ada.history(*room).await?;
        bob.history(*room).await?;
    }
    let windows = masters(&world, "room:*")?;
    assert_eq!(windows.iter().sum::<usize>(), ROOMS, "the window of each room is somewhere");
    assert!(windows.iter().all(|kept| *kept > 0), "each master has some: {windows:?}");
    assert_eq!(masters(&world, "session:*")?.iter().sum::<usize>(), 2);
    let listed = world.server_command(&["admin", "cache", "list", "room:*"])?;
    assert_eq!(listed.lines().count(), ROOMS, "{listed}");
    world.server_command(&["admin", "cache", "clear"])?;
    assert_eq!(masters(&world, "room:*")?, [0; 3]);

    for number in 0..5 {
        let body = json!({ "login": "nobody", "password": "not the password" });
        let attempt = world.api(number % 2)?.request(Method::POST, "/api/auth/sign-in");
        let status = Api::refused(attempt.json(&body)).await?.status;
        assert_eq!(status, if number < 4 { 401 } else { 429 }, "attempt {number}");
    }
    here.emit("presence", &json!({ "watch": [] })).await?;
    Ok(())
}

/// How many keys each master has.
fn masters(world: &World, pattern: &str) -> Result<Vec<usize>> {
    let count = |node| Ok(world.redis_at(node, &["--scan", "--pattern", pattern])?.lines().count());
    (0..3).map(count).collect()
}
