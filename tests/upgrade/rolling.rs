//! Goal: a rolling update from version 0.1 loses nothing, cuts nobody off and fails no request; the
//! way back does neither; and while servers of both versions run, each hears all of the other.
//! Method: the program of version 0.1 (commit 4c51096) behind NGINX, with clients that send all the
//! time; each server in turn is drained and started with the other program.

use std::{env, path::PathBuf};

use anyhow::{Context as _, Result, ensure};
use chat_contract::wire::Id;
use harness::{Api, Crowd, Follower, Input, Outcome, Person, Socket, World, env::Env};
use serde_json::{Value, json};
use testbed::Balance;
use uuid::Uuid;

const SERVERS: usize = 3;

/// The program of version 0.1.
fn former() -> Result<PathBuf> {
    let program = env::var_os("CHAT_TEST_FORMER_SERVER");
    Ok(program.context("start with: cargo x test upgrade")?.into())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_notices_an_update_from_0_1_nor_the_way_back() -> Result<()> {
    let (former, own) = (former()?, Env::read()?.server);
    let world = World::named("update").servers(SERVERS).program(&former);
    let mut world = world.nginx(Balance::RoundRobin).start().await?;
    let front = Api::new(&world.front())?;
    let mut people = Vec::new();
    for name in ["ada", "bob", "eve", "kim"] {
        people.push(Person::sign_up(&front, name).await?);
    }
    let room = people[0].group(&[&people[1]]).await?.id;
    for n in 0..20 {
        people[n % 2].send(room, &n.to_string()).await?;
    }
    let written = people[1].history(room).await?;
    // The schema changes first, as the operator has it, while servers of before run.
    world.set_program(0, &own);
    world.migrate(0)?;
    for program in [&own, &former, &own] {
        let mut crowd = Crowd::start(&people, 3).await?;
        for server in 0..SERVERS {
            world.set_program(server, program);
            world.stop_server(server).await?;
            world.start_server(server).await?;
            crowd.be_answered().await?;
        }
        let lives = crowd.end().await?;
        lives.must_be_calm()?;
        ensure!(lives.sum(|life| life.moves) > 0, "nobody was moved: {lives}");
        ensure!(people[1].history(room).await? == written, "the history is another one");
    }
    Ok(())
}

/// Somebody at one of the two servers.
struct Guest {
    person: Person,
    socket: Socket,
    follower: Follower,
}

impl Guest {
    async fn done(&self, input: Input) -> Result<Value> {
        match input.over_socket(&self.socket).await? {
            Outcome::Done(answer) => Ok(answer),
            Outcome::Refused(problem) => anyhow::bail!("{input:?}: {problem:?}"),
        }
    }

    /// Everything that changes a room, once.
    async fn change(&self, room: Id, name: &str) -> Result<()> {
        let send = |more: Value| {
            let mut body = json!({ "clientId": Uuid::new_v4(), "content": name });
            body.as_object_mut().into_iter().for_each(|body| {
                body.extend(more.as_object().cloned().unwrap_or_default());
            });
            Input::Send(room, body)
        };
        let first = self.done(send(json!({}))).await?;
        let id = first["id"].as_str().context("no id")?.to_owned();
        let answer = self.done(send(json!({ "replyTo": id }))).await?;
        let second = answer["id"].as_str().context("no id")?.to_owned();
        self.done(send(json!({ "imageUrl": "https://a.example/b.png", "publicId": "b" }))).await?;
        self.done(Input::Edit(id.clone(), json!({ "content": "edited" }))).await?;
        self.done(Input::React(id.clone(), "👍".to_owned(), true)).await?;
        self.done(Input::React(id, "🎉".to_owned(), true)).await?;
        self.done(Input::Delete(second)).await?;
        let path = format!("/api/rooms/{room}");
        let about = json!({ "name": name, "topic": format!("about {name}") });
        self.person.api.patch::<Value>(&path, &about).await?;
        Ok(())
    }
}

#[tokio::test]
async fn servers_of_both_versions_hear_all_of_each_other() -> Result<()> {
    let (former, own) = (former()?, Env::read()?.server);
    let mut world = World::named("both").servers(2).program(&former).start().await?;
    world.set_program(1, &own);
    world.migrate(1)?;
    world.stop_server(1).await?;
    world.start_server(1).await?;

    let (ada, bob) = (world.sign_up_at(0, "ada").await?, world.sign_up_at(1, "bob").await?);
    let eve = world.sign_up_at(1, "eve").await?;
    let room = ada.group(&[&bob]).await?.id;
    let mut guests = Vec::new();
    for (server, person) in [(0, ada), (1, bob)] {
        let socket = world.connect(server, &person).await?;
        guests.push(Guest { person, socket, follower: Follower::new(room) });
    }
    for (writer, name) in [(0, "from the former one"), (1, "from this one")] {
        guests[writer].change(room, name).await?;
        let (here, there) = (&guests[writer], &guests[1 - writer]);
        let id = here.person.id();
        let typing = json!({ "roomId": room });
        here.socket.command::<Value>("typing", &typing).await?;
        let event = there.socket.event_where("typing", |data| data["userId"] == json!(id)).await?;
        ensure!(event.data["roomId"] == json!(room), "{event:?}");
        let head = here.person.history(room).await?.head;
        here.done(Input::Read(room, json!({ "seq": head }))).await?;
        let is_it = |data: &Value| data["userId"] == json!(id) && data["seq"] == json!(head);
        there.socket.event_where("readMarker", is_it).await?;
    }
    // Somebody comes, and goes, at the one server and is felt at the other.
    let members = format!("/api/rooms/{room}/members");
    let add = json!({ "members": [eve.me.user.username] });
    let _: Value = guests[0].person.api.post(&members, &add).await?;
    let late = world.connect(1, &eve).await?;
    let said = guests[0].person.send(room, "welcome").await?;
    late.event_where_any(|data| data["messages"][0]["id"] == json!(said.id)).await?;
    eve.api.delete::<()>(&format!("{members}/{}", eve.id())).await?;

    let head = guests[0].person.history(room).await?.head;
    for guest in &mut guests {
        let Guest { person, socket, follower } = guest;
        follower.sync(socket).await?;
        follower.follow(socket, head).await?;
        follower.check_against(person).await?;
        ensure!(follower.cursor == head);
    }
    ensure!(
        guests[0].follower.messages == guests[1].follower.messages,
        "they saw different things"
    );
    Ok(())
}
