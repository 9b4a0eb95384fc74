//! A small Socket.IO client that can also behave badly.
//!
//! It implements Engine.IO 4 over a WebSocket, only the default namespace, only text.

use std::{
    collections::HashMap,
    path::Path,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow, bail};
use futures_util::{SinkExt as _, StreamExt as _, stream::SplitStream};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpSocket, TcpStream, lookup_host},
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
    time::timeout,
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use crate::{TIMEOUT, world::keys};

/// Left to itself the kernel takes megabytes for a client that does not read.
const RECEIVE_BUFFER_BYTES: u32 = 64 * 1024;

/// A connection, encrypted or not.
trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

type Stream = WebSocketStream<Box<dyn Wire>>;
type Waiting = Arc<Mutex<HashMap<u64, oneshot::Sender<Value>>>>;

/// An event from the server.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// What came with it.
    pub data: Value,
}

impl Event {
    /// What came with it, as a type of the contract.
    pub fn parse<T: DeserializeOwned>(self) -> Result<T> {
        serde_json::from_value(self.data).with_context(|| format!("event {}", self.name))
    }
}

/// The acknowledgement of a command, to be waited for with a limit.
#[derive(Debug)]
pub struct Answer {
    name: String,
    answer: oneshot::Receiver<Value>,
}

impl Answer {
    /// The acknowledgement, where it has come already.
    pub fn now(&mut self) -> Option<Value> {
        self.answer.try_recv().ok()
    }
}

impl IntoFuture for Answer {
    type Output = Result<Value>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<Value>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self { name, answer } = self;
            let answer = timeout(TIMEOUT, answer).await;
            let answer = answer.with_context(|| format!("{name} was not acknowledged"))?;
            answer.context("connection lost")
        })
    }
}

/// A connected socket. Dropping it cuts the connection without a word, as a lost network does.
#[derive(Debug)]
pub struct Socket {
    out: mpsc::UnboundedSender<Message>,
    events: tokio::sync::Mutex<mpsc::UnboundedReceiver<Event>>,
    waiting: Waiting,
    next: AtomicU64,
    reading: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Socket {
    /// Connects and signs in. `base` is an address such as `http://127.0.0.1:3000`.
    pub async fn connect(base: &str, token: &str) -> Result<Self> {
        Self::connect_believing(base, token, None).await
    }

    /// The same, also to `https`, where the authority in a file is believed, and no other.
    pub async fn connect_believing(
        base: &str,
        token: &str,
        authority: Option<&Path>,
    ) -> Result<Self> {
        let mut stream = timeout(TIMEOUT, open(base, authority)).await??;
        let hello = text(&mut stream).await?;
        if !hello.starts_with("0{") {
            bail!("the server began with {hello}");
        }
        stream.send(Message::text(format!("40{}", json!({ "token": token })))).await?;
        // The first heartbeat comes at once, and may come before the answer.
        let mut answer = text(&mut stream).await?;
        while answer == "2" {
            stream.send(Message::text("3")).await?;
            answer = text(&mut stream).await?;
        }
        if !answer.starts_with("40{") {
            bail!("the server did not let us in: {answer}");
        }
        Ok(Self::run(stream))
    }

    fn run(stream: Stream) -> Self {
        let (mut sink, stream) = stream.split();
        let (out, mut outgoing) = mpsc::unbounded_channel::<Message>();
        let (events, incoming) = mpsc::unbounded_channel();
        let (reading, may_read) = watch::channel(true);
        let waiting = Waiting::default();
        let writer = tokio::spawn(async move {
            while let Some(message) = outgoing.recv().await {
                if sink.send(message).await.is_err() {
                    return;
                }
            }
        });
        let reader =
            Reader { stream, events, out: out.clone(), waiting: waiting.clone(), may_read };
        let tasks = vec![writer, tokio::spawn(reader.run())];
        let next = AtomicU64::new(0);
        Self { out, events: incoming.into(), waiting, next, reading, tasks }
    }

    /// Sends a command and gives its acknowledgement, whatever it says.
    pub async fn emit(&self, name: &str, data: &impl Serialize) -> Result<Value> {
        self.emit_later(name, data)?.await
    }

    /// Sends a command now; the acknowledgement is to be waited for by the caller.
    pub fn emit_later(&self, name: &str, data: &impl Serialize) -> Result<Answer> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, answer) = oneshot::channel();
        lock(&self.waiting).insert(id, sender);
        self.raw(&format!("42{id}{}", json!([name, data])))?;
        Ok(Answer { name: name.to_owned(), answer })
    }

    /// Sends a command that must be accepted, and gives the acknowledgement as its type.
    pub async fn command<T: DeserializeOwned>(
        &self,
        name: &str,
        data: &impl Serialize,
    ) -> Result<T> {
        let answer = self.emit(name, data).await?;
        if answer["ok"] != json!(true) {
            bail!("{name} was refused: {answer}");
        }
        serde_json::from_value(answer).with_context(|| format!("acknowledgement of {name}"))
    }

    /// Sends a text frame as it is; for everything that a good client would not send.
    pub fn raw(&self, frame: &str) -> Result<()> {
        self.out.send(Message::text(frame)).map_err(|_| anyhow!("the connection is closed"))
    }

    /// Sends a binary frame as it is.
    pub fn raw_bytes(&self, frame: Vec<u8>) -> Result<()> {
        self.out.send(Message::binary(frame)).map_err(|_| anyhow!("the connection is closed"))
    }

    /// The next event, whatever it is; `None` when the connection is closed.
    pub async fn next(&self, limit: Duration) -> Result<Option<Event>> {
        let mut events = self.events.lock().await;
        timeout(limit, events.recv()).await.context("no event came")
    }

    /// The next event of this name; others before it are dropped.
    pub async fn event(&self, name: &str) -> Result<Event> {
        self.event_where(name, |_| true).await
    }

    /// The next event of this name that fits; all before it are dropped.
    pub async fn event_where(&self, name: &str, fits: impl Fn(&Value) -> bool) -> Result<Event> {
        let search = async {
            while let Some(event) = self.next(TIMEOUT).await? {
                if event.name == name && fits(&event.data) {
                    return Ok(event);
                }
            }
            bail!("the connection was closed")
        };
        timeout(TIMEOUT, search)
            .await
            .unwrap_or_else(|_| Err(anyhow!("it did not come in time")))
            .with_context(|| format!("waiting for {name}"))
    }

    /// The next event that fits, whatever its name; all before it are dropped.
    pub async fn event_where_any(&self, fits: impl Fn(&Value) -> bool) -> Result<Event> {
        loop {
            match self.next(TIMEOUT).await? {
                Some(event) if fits(&event.data) => return Ok(event),
                Some(_) => {}
                None => bail!("the connection was closed"),
            }
        }
    }

    /// Waits until the server has closed the connection, and gives the events before that.
    pub async fn closed(&self) -> Result<Vec<Event>> {
        let mut last = Vec::new();
        while let Some(event) = self.next(TIMEOUT).await.context("waiting for the close")? {
            last.push(event);
        }
        Ok(last)
    }

    /// Stops reading, and answering heartbeats, while the connection stays open; or goes on.
    pub fn set_reading(&self, on: bool) {
        let _ = self.reading.send(on);
    }

    /// Says goodbye and closes.
    pub async fn disconnect(mut self) {
        let _ = self.raw("41");
        let _ = self.out.send(Message::Close(None));
        let _ = timeout(Duration::from_secs(2), self.closed()).await;
        self.tasks.drain(..).for_each(|task| task.abort());
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

struct Reader {
    stream: SplitStream<Stream>,
    events: mpsc::UnboundedSender<Event>,
    out: mpsc::UnboundedSender<Message>,
    waiting: Waiting,
    may_read: watch::Receiver<bool>,
}

impl Reader {
    async fn run(mut self) {
        loop {
            if self.may_read.wait_for(|on| *on).await.is_err() {
                return;
            }
            let message = tokio::select! {
                message = self.stream.next() => message,
                // Stopped: the next iteration waits.
                changed = self.may_read.changed() => match changed {
                    Ok(()) => continue,
                    Err(_) => return,
                },
            };
            match message {
                // The server has disconnected us; a good client closes then.
                Some(Ok(Message::Text(frame))) if frame.starts_with("41") => break,
                Some(Ok(Message::Text(frame))) => self.take(&frame),
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {}
            }
        }
        // Who waits for an acknowledgement must not wait for ever.
        lock(&self.waiting).clear();
    }

    fn take(&self, frame: &str) {
        if frame == "2" {
            let _ = self.out.send(Message::text("3"));
        } else if let Some(rest) = frame.strip_prefix("43") {
            let (id, data) = rest.split_at(rest.find('[').unwrap_or(rest.len()));
            let answer = serde_json::from_str::<Value>(data).unwrap_or_default()[0].take();
            let waiting = id.parse().ok().and_then(|id: u64| lock(&self.waiting).remove(&id));
            let _ = waiting.map(|waiting| waiting.send(answer));
        } else if let Some(rest) = frame.strip_prefix("42") {
            let mut all = serde_json::from_str::<Value>(rest).unwrap_or_default();
            let name = all[0].as_str().unwrap_or_default().to_owned();
            let data = all.get_mut(1).map(Value::take).unwrap_or_default();
            let _ = self.events.send(Event { name, data });
        }
    }
}

fn lock(waiting: &Waiting) -> std::sync::MutexGuard<'_, HashMap<u64, oneshot::Sender<Value>>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn open(base: &str, authority: Option<&Path>) -> Result<Stream> {
    let (scheme, host) = base.split_once("://").context("the address has no scheme")?;
    let stream = connect(host).await?;
    let wire: Box<dyn Wire> = match scheme {
        "https" => Box::new(keys::connect(authority.context("no authority")?, stream).await?),
        _ => Box::new(stream),
    };
    // Only the way to the host is another one.
    let url = format!("ws://{host}/socket.io/?EIO=4&transport=websocket");
    Ok(client_async(url, wire).await?.0)
}

async fn connect(host: &str) -> Result<TcpStream> {
    let mut tried = Err(anyhow!("{host} has no address"));
    for address in lookup_host(host).await? {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.set_recv_buffer_size(RECEIVE_BUFFER_BYTES)?;
        tried = socket.connect(address).await.with_context(|| host.to_owned());
        if tried.is_ok() {
            break;
        }
    }
    tried
}

async fn text(stream: &mut Stream) -> Result<String> {
    let message = timeout(TIMEOUT, stream.next()).await.context("the server says nothing")?;
    match message.context("the server closed the connection")?? {
        Message::Text(text) => Ok(text.to_string()),
        other => bail!("the server sent {other:?}"),
    }
}
