//! The committer: the only way to create and change a room.
//!
//! Changes of all kinds queue in lanes (a room always in the same one). The changes that arrive
//! during a transaction become the next one. A lane never waits for a timer. `chat_domain::change`
//! decides the outcome of a change.
//!
//! Invariant: nothing is published before it is committed, and the reply to the caller waits
//! neither for Redis nor for any socket.

mod create;
mod held;
mod lane;
mod publish;
mod worker;

use chat_domain::{
    change::{Answer, Change, Proposal, Rejected},
    id::{RoomId, UserId},
};
use chrono::{DateTime, SubsecRound, Utc};
use tokio::sync::{mpsc, oneshot};
use tracing::Span;

use self::{lane::Lane, publish::Publisher, worker::Worker};
use crate::{
    deliver::Hub, lifecycle::Lifecycle, metrics::Metrics, mysql::Store,
    redis::cache::window::Writer, trace,
};

/// Changes that may wait in one lane; more are rejected at once, so that no change waits for
/// minutes.
const QUEUE: usize = 8_192;

/// A change on its way through a lane.
#[derive(Debug)]
struct Request {
    room: RoomId,
    actor: UserId,
    change: Change,
    now: DateTime<Utc>,
    arrived: tokio::time::Instant,
    /// How often it was skipped because another server had locked its room.
    passed: u32,
    /// An attempt was made, and it is unknown whether that was committed.
    uncertain: bool,
    /// The span up to the answer; none where the request is not traced.
    span: Span,
    reply: oneshot::Sender<Answer>,
}

impl Request {
    fn proposal(&self) -> Proposal<'_> {
        let Self { room, actor, now, uncertain, .. } = *self;
        Proposal { room, actor, change: &self.change, now, uncertain }
    }
}

/// The input of the lanes. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Committer {
    lanes: Vec<mpsc::Sender<Request>>,
    store: Store,
    publisher: Publisher,
    metrics: Metrics,
}

impl Committer {
    /// Starts the lanes. They end when `stopping` is cancelled and their queues are empty.
    #[must_use]
    pub(crate) fn start(
        lanes: usize,
        batch: usize,
        store: &Store,
        hub: &Hub,
        cache: &Writer,
        metrics: &Metrics,
        lifecycle: &Lifecycle,
    ) -> Self {
        let publisher = Publisher::new(cache.clone(), hub.clone());
        let lanes = (0..lanes.max(1))
            .map(|_| {
                let (sender, receiver) = mpsc::channel(QUEUE);
                let worker = Worker::new(store.clone(), publisher.clone(), metrics.clone());
                let lane = Lane::new(receiver, batch, worker);
                lifecycle.spawn(lane.run(lifecycle.stopping.clone()));
                sender
            })
            .collect();
        Self { lanes, store: store.clone(), publisher, metrics: metrics.clone() }
    }

    /// Puts a change into its lane. The order of calls for one room is the order of the changes.
    /// The receiver gets the answer after the commit.
    ///
    /// # Errors
    ///
    /// [`Rejected::Unavailable`] where the lane is full or the server stops. Each [`Change`]
    /// documents what the receiver may get.
    pub(crate) fn submit(
        &self,
        room: RoomId,
        actor: UserId,
        change: Change,
        now: DateTime<Utc>,
    ) -> Result<oneshot::Receiver<Answer>, Rejected> {
        let (reply, answer) = oneshot::channel();
        let arrived = tokio::time::Instant::now();
        // The precision of the store: the time is the same now and when it is read later.
        let now = now.trunc_subsecs(6);
        let span = trace::below(
            || tracing::info_span!(target: trace::TARGET, "commit", room = room.0, kind = change.kind()),
        );
        let (passed, uncertain) = (0, false);
        let request = Request { room, actor, change, now, arrived, passed, uncertain, span, reply };
        // The low bits of an id are random.
        let lane = usize::try_from(room.0).unwrap_or_default() % self.lanes.len();
        if self.lanes[lane].try_send(request).is_err() {
            let rejected = Rejected::Unavailable;
            self.metrics.changes_refused.with_label_values(&[rejected.label()]).inc();
            return Err(rejected);
        }
        self.metrics.commit_queue.inc();
        Ok(answer)
    }

    /// Submits a change and waits until it is committed.
    ///
    /// # Errors
    ///
    /// Each [`Change`] documents its rejections; any of them may also be [`Rejected::Unavailable`],
    /// where it could not be committed within some seconds.
    pub(crate) async fn commit(
        &self,
        room: RoomId,
        actor: UserId,
        change: Change,
        now: DateTime<Utc>,
    ) -> Answer {
        let answer = self.submit(room, actor, change, now)?;
        answer.await.unwrap_or(Err(Rejected::Unavailable))
    }
}
