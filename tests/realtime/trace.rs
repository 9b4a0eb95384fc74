//! Goal: one trace leads from a request or a command through its commit to the delivery on
//! another server.
//! Method: two servers, an OTLP collector, and the spans that it received.

use anyhow::{Context as _, Result};
use chat_contract::wire::{Id, event_name::NEW_MESSAGE};
use harness::{Collector, Person, Socket, Span, World, eventually, http};
use serde_json::json;

/// A caller's trace, as W3C Trace Context writes it.
const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

struct Talk {
    world: World,
    collector: Collector,
    ada: Person,
    room: Id,
    /// Ada's, on the first server.
    near: Socket,
    /// Bob's, on the second.
    far: Socket,
}

impl Talk {
    async fn begin(settings: &[(&str, &str)]) -> Result<Self> {
        let collector = Collector::start().await?;
        let mut world = World::named("trace")
            .servers(2)
            .setting("CHAT_OTLP_ENDPOINT", collector.url())
            // What is collected is sent soon.
            .setting("OTEL_BSP_SCHEDULE_DELAY", "100");
        for (name, value) in settings {
            world = world.setting(name, value);
        }
        let world = world.start().await?;
        let ada = world.sign_up("ada").await?;
        let bob = world.sign_up("bob").await?;
        let room = ada.direct(&bob).await?.id;
        let near = world.connect(0, &ada).await?;
        let far = world.connect(1, &bob).await?;
        for socket in [&near, &far] {
            socket.event("heads").await?;
        }
        Ok(Self { world, collector, ada, room, near, far })
    }

    /// The span of this name that fits, as soon as it came.
    async fn span(&self, name: &str, fits: impl Fn(&Span) -> bool) -> Result<Span> {
        eventually(name, harness::TIMEOUT, async || {
            let spans = self.collector.spans();
            let found = spans.iter().find(|span| span.name == name && fits(span));
            found.cloned().with_context(|| format!("no such span in {spans:#?}"))
        })
        .await
    }

    /// What follows the root: its commit, and the deliveries of that on both servers.
    async fn check(&self, root: &Span) -> Result<()> {
        self.far.event_where(NEW_MESSAGE, |data| data["roomId"] == json!(self.room)).await?;
        let commit = self.span("commit", |span| span.trace == root.trace).await?;
        assert_eq!(commit.parent, root.id);
        assert_eq!(commit.server, self.world.url(0));
        assert_eq!(commit.attributes["kind"], "post");
        for server in [self.world.url(0), self.world.url(1)] {
            let delivery = self
                .span("deliver", |span| span.trace == root.trace && span.server == server)
                .await?;
            assert_eq!(delivery.parent, commit.id, "on {server}");
            assert_eq!(delivery.attributes["sockets"], "1");
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_command_is_one_trace_until_the_other_server_has_delivered() -> Result<()> {
    let talk = Talk::begin(&[("CHAT_TRACE_ONE_IN", "1")]).await?;
    let command = json!({ "roomId": talk.room, "content": "hello" });
    talk.near.command::<serde_json::Value>("sendMessage", &command).await?;
    let root = talk
        .span("command", |span| {
            span.attributes.get("name").is_some_and(|name| name == "sendMessage")
        })
        .await?;
    assert!(root.parent.is_empty(), "nobody called");
    talk.check(&root).await
}

#[tokio::test]
async fn a_request_goes_on_with_the_trace_of_a_trusted_proxy() -> Result<()> {
    let settings = [("CHAT_TRACE_ONE_IN", "0"), ("CHAT_TRUSTED_PROXIES", "127.0.0.1")];
    let talk = Talk::begin(&settings).await?;
    send_traced(&talk).await?;
    let root = talk.span("request", |_| true).await?;
    assert_eq!(hex(&root.trace), &TRACEPARENT[3..35]);
    assert_eq!(hex(&root.parent), &TRACEPARENT[36..52]);
    assert_eq!(root.attributes["status"], "200");
    talk.check(&root).await
}

#[tokio::test]
async fn nobody_else_has_anything_traced() -> Result<()> {
    let talk = Talk::begin(&[("CHAT_TRACE_ONE_IN", "0")]).await?;
    send_traced(&talk).await?;
    talk.far.event(NEW_MESSAGE).await?;
    // The end of a server sends what is left.
    let Talk { mut world, collector, .. } = talk;
    world.stop_server(0).await?;
    assert_eq!(collector.spans(), []);
    Ok(())
}

async fn send_traced(talk: &Talk) -> Result<()> {
    let body = json!({ "clientId": uuid::Uuid::now_v7(), "content": "hello" });
    let url = format!("{}/api/rooms/{}/messages", talk.world.url(0), talk.room);
    let request = http::client().build()?.post(url).bearer_auth(&talk.ada.token);
    let answer = request.header("traceparent", TRACEPARENT).json(&body).send().await?;
    answer.error_for_status()?;
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
