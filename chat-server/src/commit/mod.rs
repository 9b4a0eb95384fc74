//! The committer: the one way in which a room changes.
//!
//! Changes of all kinds queue in lanes (a room always in the same one), and what has gathered
//! while a transaction was under way becomes the next one. A lane never waits for a timer.
//!
//! Invariant: nobody is told of a change before it is committed, and the reply goes to whoever
//! asked without waiting for Redis or for any socket.

mod decide;
mod lane;
mod recall;
mod worker;

use chat_domain::{
    id::{RoomId, Seq, UserId},
    member::Role,
    message::{Draft, Message},
};
use chrono::{DateTime, SubsecRound, Utc};
use tokio::sync::{mpsc, oneshot};
use tracing::Span;

use crate::{deliver::Hub, lifecycle::Lifecycle, metrics::Metrics, mysql::Store, trace};

/// Changes that may wait in one lane; more are refused at once, so that nobody waits for minutes.
const QUEUE: usize = 8_192;

/// A change that somebody wants to make in a room.
#[derive(Debug, Clone)]
pub enum Change {
    /// A new message; whom it mentions was looked up before.
    Post {
        /// The message.
        draft: Draft,
        /// Whom it mentions.
        mentions: Vec<UserId>,
    },
    /// New text for a message of one's own.
    Edit {
        /// Its place.
        seq: Seq,
        /// The text.
        content: String,
        /// Whom it mentions now.
        mentions: Vec<UserId>,
    },
    /// A tombstone in the place of a message.
    Delete {
        /// Its place.
        seq: Seq,
    },
    /// A reaction, put or taken.
    React {
        /// Its place.
        seq: Seq,
        /// Which one.
        emoji: String,
        /// Put, or taken.
        on: bool,
    },
    /// People come in: oneself into a public room, or others by invitation.
    Join(Vec<UserId>),
    /// Somebody goes: oneself, or by removal.
    Leave(UserId),
    /// A member gets another role.
    SetRole(UserId, Role),
    /// The room gets another name.
    Rename {
        /// The name.
        name: String,
    },
    /// The room gets another topic, or none.
    SetTopic(Option<String>),
    /// The room goes.
    DeleteRoom,
    /// Everything up to here goes, at the wish of nobody in the room.
    Purge {
        /// The last place.
        up_to: Seq,
    },
}

impl Change {
    /// Its kind, as metrics call it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Post { .. } => "post",
            Self::Edit { .. } => "edit",
            Self::Delete { .. } => "delete",
            Self::React { .. } => "react",
            Self::Join(_) => "join",
            Self::Leave(_) => "leave",
            Self::SetRole(..) => "role",
            Self::Rename { .. } => "rename",
            Self::SetTopic(_) => "topic",
            Self::DeleteRoom => "deleteRoom",
            Self::Purge { .. } => "purge",
        }
    }
}

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// There is no such room.
    #[error("no such room")]
    NoRoom,
    /// Who asked is not a member.
    #[error("not a member")]
    NotMember,
    /// There is no such message.
    #[error("no such message")]
    NoMessage,
    /// The role does not allow it.
    #[error("{0}")]
    Forbidden(&'static str),
    /// Not in the state things are in.
    #[error("{0}")]
    Conflict(&'static str),
    /// A value breaks a rule.
    #[error(transparent)]
    Invalid(#[from] chat_domain::Invalid),
    /// The client id was used for another message.
    #[error("client id used for another message")]
    ClientIdReused,
    /// As many reactions as a message may have.
    #[error("too many reactions")]
    TooManyReactions,
    /// A unique name is taken.
    #[error("{0} is taken")]
    Taken(String),
    /// The store is away, or the queue is full. Nothing was done, as far as is known; the same
    /// change may be asked for again.
    #[error("the store is away or too slow")]
    Unavailable,
}

impl Refused {
    /// The reason, as metrics call it.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::NoRoom | Self::NoMessage => "notFound",
            Self::NotMember => "notMember",
            Self::Forbidden(_) => "forbidden",
            Self::Conflict(_) | Self::Taken(_) => "conflict",
            Self::Invalid(_) | Self::TooManyReactions => "invalid",
            Self::ClientIdReused => "clientIdReused",
            Self::Unavailable => "unavailable",
        }
    }
}

/// What became of a change: the row that it made or changed, or that was so already.
/// `None` for the deletion of a room, and where nothing was to be done for which there is a row.
pub type Answer = Result<Option<Message>, Refused>;

/// A change on its way.
#[derive(Debug)]
struct Request {
    room: RoomId,
    actor: UserId,
    change: Change,
    now: DateTime<Utc>,
    arrived: tokio::time::Instant,
    /// How often its room was held by another server.
    passed: u32,
    /// It was tried, and whether that was committed nobody knows.
    uncertain: bool,
    /// From here to the answer; none where the request is not traced.
    span: Span,
    reply: oneshot::Sender<Answer>,
}

/// The way in.
#[derive(Clone)]
pub struct Committer {
    lanes: Vec<mpsc::Sender<Request>>,
    metrics: Metrics,
}

impl Committer {
    /// Starts the lanes. They end when `stopping` is cancelled and their queues are empty.
    #[must_use]
    pub fn start(
        lanes: usize,
        batch: usize,
        store: &Store,
        hub: &Hub,
        metrics: &Metrics,
        lifecycle: &Lifecycle,
    ) -> Self {
        let lanes = (0..lanes.max(1))
            .map(|_| {
                let (sender, receiver) = mpsc::channel(QUEUE);
                let worker = worker::Worker::new(store.clone(), hub.clone(), metrics.clone());
                let lane = lane::Lane::new(receiver, batch, worker);
                lifecycle.spawn(lane.run(lifecycle.stopping.clone()));
                sender
            })
            .collect();
        Self { lanes, metrics: metrics.clone() }
    }

    /// Puts a change into its lane. The order of calls for one room is the order of the changes.
    /// The receiver gets the answer after the commit.
    pub fn submit(
        &self,
        room: RoomId,
        actor: UserId,
        change: Change,
        now: DateTime<Utc>,
    ) -> Result<oneshot::Receiver<Answer>, Refused> {
        let (reply, answer) = oneshot::channel();
        let arrived = tokio::time::Instant::now();
        // What the store keeps: everybody is told the same time, at once and later.
        let now = now.trunc_subsecs(6);
        let span = trace::below(
            || tracing::info_span!(target: trace::TARGET, "commit", room = room.0, kind = change.kind()),
        );
        let (passed, uncertain) = (0, false);
        let request = Request { room, actor, change, now, arrived, passed, uncertain, span, reply };
        // The low bits of an id are random.
        let lane = usize::try_from(room.0).unwrap_or_default() % self.lanes.len();
        if self.lanes[lane].try_send(request).is_err() {
            let refused = Refused::Unavailable;
            self.metrics.changes_refused.with_label_values(&[refused.label()]).inc();
            return Err(refused);
        }
        self.metrics.commit_queue.inc();
        Ok(answer)
    }

    /// Makes a change and waits until it is committed.
    pub async fn commit(
        &self,
        room: RoomId,
        actor: UserId,
        change: Change,
        now: DateTime<Utc>,
    ) -> Answer {
        let answer = self.submit(room, actor, change, now)?;
        answer.await.unwrap_or(Err(Refused::Unavailable))
    }
}
