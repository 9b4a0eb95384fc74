//! Clients that chat at a steady rate, whatever happens meanwhile, like the page: they reconnect
//! when asked to, and retry what was not acknowledged.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use chat_contract::wire::{Id, MovingEvent, event_name};
use reqwest::Method;
use serde_json::json;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{Instant, sleep_until, timeout, timeout_at},
};
use uuid::Uuid;

use crate::{Event, Follower, Person, Socket, eventually};

/// Time from one message of a client to the next.
const PACE: Duration = Duration::from_millis(250);
/// So many requests in a row, at that pace, take 6 s.
const STEADY: u32 = 24;

/// What a client has lived through.
#[derive(Debug, Clone, Default)]
pub struct Life {
    /// Place of each message that was acknowledged.
    pub acked: Vec<u64>,
    /// How often it was asked to move, and did.
    pub moves: u32,
    /// How often its connection was cut.
    pub cuts: u32,
    /// Attempts to connect that failed.
    pub refused: u32,
    /// The longest time without a connection.
    pub apart: Duration,
}

/// What all of them have lived through.
#[derive(Debug)]
pub struct Lives {
    /// Each client's.
    pub each: Vec<Life>,
    /// Requests over HTTP that nobody answered.
    pub unanswered: u32,
    /// Requests over HTTP that were answered with a failure of the server.
    pub failed: u32,
}

impl Lives {
    /// A sum over all clients.
    pub fn sum(&self, of: impl Fn(&Life) -> u32) -> u32 {
        self.each.iter().map(of).sum()
    }

    /// The longest time that a client was without a connection.
    #[must_use]
    pub fn apart(&self) -> Duration {
        self.each.iter().map(|life| life.apart).max().unwrap_or_default()
    }

    /// No client was disconnected or rejected, and no request failed.
    pub fn must_be_calm(&self) -> Result<()> {
        let problem = self.sum(|life| life.cuts + life.refused) + self.unanswered + self.failed;
        ensure!(problem == 0, "somebody noticed: {self}");
        Ok(())
    }
}

impl fmt::Display for Lives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sent: usize = self.each.iter().map(|life| life.acked.len()).sum();
        write!(
            f,
            "{} clients: {sent} messages acknowledged, {} moves, {} cuts, {} refused connections, \
             longest {} ms apart, {} requests without an answer, {} answered with a failure",
            self.each.len(),
            self.sum(|life| life.moves),
            self.sum(|life| life.cuts),
            self.sum(|life| life.refused),
            self.apart().as_millis(),
            self.unanswered,
            self.failed,
        )
    }
}

/// All of them, at work.
#[derive(Debug)]
pub struct Crowd {
    room: Id,
    end: Arc<AtomicBool>,
    /// Who reads goes on until the last one has sent.
    all_sent: Arc<AtomicBool>,
    senders: Vec<JoinHandle<Result<Life>>>,
    reader: JoinHandle<Result<Follower>>,
    visitor: JoinHandle<Result<(u32, u32)>>,
    /// Whether the last request over HTTP was answered well.
    answers: watch::Receiver<bool>,
    owner: Person,
}

impl Crowd {
    /// Everybody has some clients open. One more reads, and one asks over HTTP, each time with
    /// a new connection. Each client's first message is acknowledged when this returns.
    pub async fn start(people: &[Person], clients: usize) -> Result<Self> {
        Self::at_pace(people, clients, PACE).await
    }

    /// [`Crowd::start`], with so much time between two messages of a client.
    pub async fn at_pace(people: &[Person], clients: usize, pace: Duration) -> Result<Self> {
        let owner = people[0].clone();
        let room = owner.group(&people[1..].iter().collect::<Vec<_>>()).await?.id;
        let (end, all_sent) = (Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
        let (began, mut everybody) = mpsc::unbounded_channel();
        let mut senders = Vec::new();
        for (n, person) in people.iter().cycle().take(people.len() * clients).enumerate() {
            let work = Sender { person: person.clone(), room, name: n, pace };
            let work = work.send(end.clone(), began.clone());
            senders.push(tokio::spawn(work));
        }
        let reader = tokio::spawn(read(owner.clone(), room, all_sent.clone()));
        let (health, answers) = watch::channel(true);
        let visitor = tokio::spawn(visit(owner.clone(), room, end.clone(), health));
        drop(began);
        // The test acts on running clients, not on connecting ones.
        for _ in &senders {
            timeout(crate::TIMEOUT, everybody.recv()).await?.context("a client has failed")?;
        }
        Ok(Self { room, end, all_sent, senders, reader, visitor, answers, owner })
    }

    /// Waits until requests over HTTP are answered, and that for longer than it takes until servers
    /// that were without their store for a moment are out of the Service, and back.
    pub async fn be_answered(&mut self) -> Result<()> {
        let answered = async {
            let mut in_a_row = 0;
            while in_a_row < STEADY {
                self.answers.changed().await?;
                in_a_row = if *self.answers.borrow_and_update() { in_a_row + 1 } else { 0 };
            }
            Ok(())
        };
        timeout(crate::TIMEOUT, answered).await.context("requests are not answered steadily")?
    }

    /// Ends the work and compares: what was acknowledged is there, once, at the place that was
    /// said, in the order of its sender; nothing else is; and who followed saw the same.
    pub async fn end(self) -> Result<Lives> {
        self.end.store(true, Ordering::Relaxed);
        let (mut each, mut expected) = (Vec::new(), BTreeMap::new());
        for (n, sender) in self.senders.into_iter().enumerate() {
            let life = sender.await??;
            ensure!(life.acked.is_sorted(), "{n} was told another order: {:?}", life.acked);
            for (count, seq) in life.acked.iter().enumerate() {
                let doubled = expected.insert(*seq, format!("{n}:{count}"));
                ensure!(doubled.is_none(), "two messages at {seq}");
            }
            each.push(life);
        }
        self.all_sent.store(true, Ordering::Relaxed);
        let follower = self.reader.await??;
        follower.check_against(&self.owner).await?;
        let there = follower.messages.into_values().map(|message| (message.seq, message.content));
        // What the room says itself has no colon.
        let there = there.filter(|(_, content)| content.contains(':')).collect::<BTreeMap<_, _>>();
        ensure!(there == expected, "room {}: {there:?} is not {expected:?}", self.room);
        let (unanswered, failed) = self.visitor.await??;
        Ok(Lives { each, unanswered, failed })
    }
}

/// A connection that is replaced when the server asks for it.
struct Line {
    person: Person,
    socket: Option<Socket>,
    move_at: Option<Instant>,
    connections: u32,
    life: Life,
}

impl Line {
    fn of(person: Person) -> Self {
        Self { person, socket: None, move_at: None, connections: 0, life: Life::default() }
    }

    /// The socket; a new one where there is none any more.
    async fn socket(&mut self) -> Result<&Socket> {
        if self.move_at.is_some_and(|at| at <= Instant::now())
            && let Some(socket) = self.socket.take()
        {
            self.life.moves += 1;
            socket.disconnect().await;
        }
        if self.socket.is_none() {
            self.move_at = None;
            let (mut attempts, left) = (0, Instant::now());
            let connected = eventually("a connection", crate::TIMEOUT, || {
                attempts += 1;
                self.person.connect()
            });
            self.socket = Some(connected.await?);
            self.life.refused += attempts - 1;
            if self.connections > 0 {
                self.life.apart = self.life.apart.max(left.elapsed());
            }
            self.connections += 1;
        }
        self.socket.as_ref().context("no socket")
    }

    fn is_cut(&mut self) {
        self.life.cuts += 1;
        self.socket = None;
    }

    /// The next event until then. A connection that ends is replaced by the next call.
    async fn event(&mut self, until: Instant) -> Result<Option<Event>> {
        let until = self.move_at.map_or(until, |at| at.min(until));
        let next = self.socket().await?.next(crate::TIMEOUT);
        let Ok(next) = timeout_at(until, next).await else { return Ok(None) };
        let Some(event) = next? else {
            self.is_cut();
            return Ok(None);
        };
        if event.name == event_name::MOVING {
            let MovingEvent { after_ms } = event.clone().parse()?;
            self.move_at = Some(Instant::now() + Duration::from_millis(after_ms));
        }
        Ok(Some(event))
    }

    /// Asks for what is missing, until the server is there and can say it.
    async fn catch_up(&mut self, follower: &mut Follower) -> Result<()> {
        let end = Instant::now() + crate::TIMEOUT;
        loop {
            let Err(error) = follower.sync(self.socket().await?).await else { return Ok(()) };
            // A refusal may be of the command, or of its only room.
            let words = format!("{error:#}").to_lowercase();
            let passes = ["connection", "unavailable"].iter().any(|word| words.contains(word));
            ensure!(passes && Instant::now() < end, "cannot catch up: {words}");
            self.event(Instant::now() + PACE).await?;
        }
    }
}

struct Sender {
    person: Person,
    room: Id,
    name: usize,
    pace: Duration,
}

impl Sender {
    async fn send(self, end: Arc<AtomicBool>, began: mpsc::UnboundedSender<()>) -> Result<Life> {
        let mut began = Some(began);
        let mut line = Line::of(self.person);
        while !end.load(Ordering::Relaxed) {
            let content = format!("{}:{}", self.name, line.life.acked.len());
            let body =
                json!({ "roomId": self.room, "clientId": Uuid::new_v4(), "content": content });
            let seq = loop {
                let answer = line.socket().await?.emit("sendMessage", &body).await;
                match answer {
                    Err(_) => line.is_cut(),
                    Ok(answer) if answer["ok"] == json!(true) => {
                        break answer["message"]["seq"].as_u64().context("no seq")?;
                    }
                    Ok(answer) => {
                        // Nothing was stored; it is sent again.
                        ensure!(
                            answer["error"]["code"] == "unavailable",
                            "{}: {answer}",
                            self.name
                        );
                        line.event(Instant::now() + self.pace).await?;
                    }
                }
            };
            line.life.acked.push(seq);
            if let Some(began) = began.take() {
                began.send(())?;
            }
            // From now on, so that there is time for slow answers.
            let next = Instant::now() + self.pace;
            while Instant::now() < next {
                line.event(next).await?;
            }
        }
        Ok(line.life)
    }
}

async fn read(person: Person, room: Id, end: Arc<AtomicBool>) -> Result<Follower> {
    let (mut line, mut follower) = (Line::of(person), Follower::new(room));
    let mut synced = 0;
    while !end.load(Ordering::Relaxed) {
        let event = line.event(Instant::now() + PACE).await?;
        let is_whole = event.map_or(Ok(true), |event| follower.take(&event))?;
        if line.connections != synced || !is_whole {
            line.catch_up(&mut follower).await?;
            synced = line.connections;
        }
    }
    line.catch_up(&mut follower).await?;
    Ok(follower)
}

/// Counts unanswered and failed requests; reports for each whether it succeeded.
async fn visit(
    person: Person,
    room: Id,
    end: Arc<AtomicBool>,
    health: watch::Sender<bool>,
) -> Result<(u32, u32)> {
    let (client, path) = (person.api.unkept()?, format!("/api/rooms/{room}/messages?limit=1"));
    let (mut unanswered, mut failed) = (0, 0);
    let mut next = Instant::now();
    while !end.load(Ordering::Relaxed) {
        let answer = client.request(Method::GET, &path).send().await;
        let is_well = answer.as_ref().is_ok_and(|answer| answer.status().is_success());
        unanswered += u32::from(answer.is_err());
        failed += u32::from(answer.is_ok() && !is_well);
        health.send_replace(is_well);
        next += PACE;
        sleep_until(next).await;
    }
    Ok((unanswered, failed))
}
