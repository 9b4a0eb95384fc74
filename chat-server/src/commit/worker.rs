//! Executes one transaction at a time: commits, answers, publishes.

use std::time::Duration;

use chat_domain::{
    change::{
        Answer, Batch, Change, Decided, Loaded, OptimisticHeads, Proposal, Rejected, RoomChanges,
        wanted,
    },
    id::RoomId,
};
use tokio::time::Instant;

use super::{Request, publish::Publisher};
use crate::{
    metrics::Metrics,
    mysql::{self, Connection, Store},
    trace::Parent,
};

/// A change that could not be committed within this time is rejected; the client keeps it and sends
/// it again.
const CHANGE_TIMEOUT: Duration = Duration::from_secs(8);
/// Limit of one attempt: a store whose host disappeared does not answer, so it does not fail
/// either.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(4);
/// Delay between two attempts while the store is unavailable.
const RETRY: Duration = Duration::from_millis(100);
/// The unique key of the names of public rooms.
const PUBLIC_NAME: &str = "rooms_public_name";
/// Attempts in which a room locked by another server is skipped, before a transaction waits for it.
pub(super) const PASSES: u32 = 3;

/// Has its own connection, and remembers the heads of the rooms that it wrote.
pub(super) struct Worker {
    store: Store,
    publisher: Publisher,
    metrics: Metrics,
    connection: Option<Connection>,
    heads: OptimisticHeads,
}

/// The result of one transaction. `None` among the answers: another server had locked the room.
struct Done {
    answers: Vec<Option<Answer>>,
    changes: Vec<RoomChanges>,
}

impl Worker {
    pub(super) fn new(store: Store, publisher: Publisher, metrics: Metrics) -> Self {
        Self { store, publisher, metrics, connection: None, heads: OptimisticHeads::default() }
    }

    /// A second worker, for a transaction beside this one's.
    pub(super) fn beside(&self) -> Self {
        Self::new(self.store.clone(), self.publisher.clone(), self.metrics.clone())
    }

    /// Commits a batch and answers; returns the changes that were skipped. With `wait` there are
    /// none.
    pub(super) async fn work(&mut self, mut requests: Vec<Request>, wait: bool) -> Vec<Request> {
        let began = Instant::now();
        loop {
            match self.attempt(&requests, wait).await {
                Ok(done) => {
                    self.metrics.commit_seconds.observe(began.elapsed().as_secs_f64());
                    let uncertain = requests.iter().filter(|r| r.uncertain).map(|r| r.room);
                    let uncertain: Vec<_> = uncertain.collect();
                    if !uncertain.is_empty() {
                        // The previous attempt may have been committed without an answer.
                        self.publisher.uncertain(uncertain);
                    }
                    return self.answer(requests, done);
                }
                Err(error) => {
                    self.connection = None;
                    self.heads.forget(rooms(&requests));
                    // An error that the store itself reports means that nothing was committed.
                    let uncertain = error.is_transient() && error.number().is_none();
                    for request in &mut requests {
                        request.uncertain |= uncertain;
                    }
                    let waited = requests.first().map_or(CHANGE_TIMEOUT, |r| r.arrived.elapsed());
                    if error.is_transient() && waited < CHANGE_TIMEOUT {
                        self.metrics.commit_failures.with_label_values(&["retried"]).inc();
                        tracing::warn!(%error, changes = requests.len(), "commit failed, trying again");
                        tokio::time::sleep(RETRY).await;
                        continue;
                    }
                    return self.give_up(requests, &error).await;
                }
            }
        }
    }

    /// The batch cannot be committed as it is: commits or rejects each change separately.
    async fn give_up(&mut self, requests: Vec<Request>, error: &mysql::Error) -> Vec<Request> {
        self.metrics.commit_failures.with_label_values(&["given_up"]).inc();
        if requests.len() > 1 && !error.is_transient() {
            let mut held = Vec::new();
            for request in requests {
                held.extend(Box::pin(self.work(vec![request], true)).await);
            }
            return held;
        }
        if !matches!(error, mysql::Error::Taken(key) if key == PUBLIC_NAME) {
            tracing::error!(%error, changes = requests.len(), "changes were not committed");
        }
        for request in requests {
            let rejected = match error {
                mysql::Error::Taken(key) if key == PUBLIC_NAME => Rejected::NameTaken,
                // A retry would fail in the same way.
                mysql::Error::Taken(_) => Rejected::Conflict("it exists already"),
                _ => Rejected::Unavailable,
            };
            self.reply(request, Err(rejected));
        }
        Vec::new()
    }

    /// The worker owns the connection, so an attempt can be aborted at any point: dropping the
    /// connection ends the transaction.
    async fn attempt(&mut self, requests: &[Request], wait: bool) -> mysql::Result<Done> {
        let attempt = tokio::time::timeout(ATTEMPT_TIMEOUT, self.transaction(requests, wait)).await;
        attempt.unwrap_or(Err(mysql::Error::Silent))
    }

    async fn transaction(&mut self, requests: &[Request], wait: bool) -> mysql::Result<Done> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.store.connect().await?,
        };
        let at_once = match self.heads.loaded(proposals(requests)) {
            Some(loaded) => self.at_once(&mut connection, requests, loaded).await?,
            None => None,
        };
        let done = match at_once {
            Some(done) => done,
            None => self.with_locks(&mut connection, requests, wait).await?,
        };
        self.connection = Some(connection);
        Ok(done)
    }

    /// One round trip: decides on the remembered heads. `None`: they were outdated, and nothing was
    /// done.
    async fn at_once(
        &mut self,
        connection: &mut Connection,
        requests: &[Request],
        loaded: Loaded,
    ) -> mysql::Result<Option<Done>> {
        let mut batch = Batch::new(loaded);
        let answers = proposals(requests).map(|one| Some(batch.decide(&one))).collect();
        let decided = batch.finish();
        match connection.store_if_unchanged(&decided.plan).await {
            Ok(()) => {
                self.metrics.commit_optimistic.with_label_values(&["held"]).inc();
                Ok(Some(self.done(answers, decided)))
            }
            Err(error) if error.is_other_state() => {
                connection.release().await?;
                self.heads.forget(rooms(requests));
                self.metrics.commit_optimistic.with_label_values(&["other"]).inc();
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Two round trips: locks the rooms and reads, then writes.
    async fn with_locks(
        &mut self,
        connection: &mut Connection,
        requests: &[Request],
        wait: bool,
    ) -> mysql::Result<Done> {
        let mut needs = wanted(proposals(requests));
        needs.wait = wait;
        let mut loaded = connection.load(&needs).await?;
        let overdue = |r: &Request| r.passed + 1 >= PASSES && !loaded.heads.contains_key(&r.room);
        let missing: Vec<_> = requests.iter().filter(|r| overdue(r)).map(|r| r.room).collect();
        if !wait && !missing.is_empty() {
            // Only existing rooms are waited for.
            let existing = connection.existing_rooms(&missing).await?;
            let gone = missing.into_iter().filter(|room| !existing.contains(room));
            loaded.heads.extend(gone.map(|room| (room, None)));
        }
        let mut batch = Batch::new(loaded);
        // A room that was not found while waiting does not exist.
        let answers = proposals(requests)
            .map(|one| (wait || batch.has(one.room)).then(|| batch.decide(&one)))
            .collect();
        let decided = batch.finish();
        if decided.plan.is_empty() {
            connection.release().await?;
        } else {
            connection.store(&decided.plan).await?;
        }
        Ok(self.done(answers, decided))
    }

    fn done(&mut self, answers: Vec<Option<Answer>>, decided: Decided) -> Done {
        self.heads.keep(decided.rooms);
        Done { answers, changes: decided.changes }
    }

    fn answer(&mut self, requests: Vec<Request>, done: Done) -> Vec<Request> {
        let mut held = Vec::new();
        let mut deleted = Vec::new();
        let traced: Vec<_> = requests
            .iter()
            .filter_map(|request| Some((request.room, Parent::of(&request.span)?)))
            .collect();
        let changed: usize = done.changes.iter().map(|changes| changes.rows.len()).sum();
        self.metrics.commit_batch_size.observe(changed as f64);
        for (mut request, answer) in requests.into_iter().zip(done.answers) {
            match answer {
                None => {
                    request.passed += 1;
                    held.push(request);
                }
                Some(answer) => {
                    if matches!((&request.change, &answer), (Change::DeleteRoom, Ok(_))) {
                        deleted.push(request.room);
                    }
                    self.reply(request, answer);
                }
            }
        }
        for changes in done.changes {
            let trace = traced.iter().find(|(room, _)| *room == changes.room);
            self.publisher.changed(&changes, trace.map(|(_, parent)| parent.clone()));
        }
        for room in deleted {
            self.publisher.deleted(room);
        }
        held
    }

    fn reply(&self, request: Request, answer: Answer) {
        self.metrics.commit_queue.dec();
        self.metrics.ack_seconds.observe(request.arrived.elapsed().as_secs_f64());
        match &answer {
            Ok(_) => self.metrics.changes.with_label_values(&[request.change.kind()]).inc(),
            Err(rejected) => {
                self.metrics.changes_refused.with_label_values(&[rejected.label()]).inc();
            }
        }
        // The caller may have disconnected; the change is committed all the same.
        let _ = request.reply.send(answer);
    }
}

fn proposals(requests: &[Request]) -> impl Iterator<Item = Proposal<'_>> {
    requests.iter().map(Request::proposal)
}

fn rooms(requests: &[Request]) -> impl Iterator<Item = RoomId> {
    requests.iter().map(|request| request.room)
}
