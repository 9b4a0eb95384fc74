//! The commands of one socket: a bounded queue, and one task while it is not empty.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use chat_contract::wire::ClosingReason;
use futures_util::{FutureExt, StreamExt, stream::FuturesOrdered};
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::{
    ack::Ack,
    command::{self, Reply},
    packet::Packet,
};
use crate::{
    deliver::Conn,
    service::{App, connection},
};

/// Concurrent commands of one socket; their order is kept.
const IN_FLIGHT_MAX: usize = 128;

/// Delay between two attempts to answer a socket whose send queue is full.
const RETRY_INTERVAL: Duration = Duration::from_millis(5);
/// A socket without room for an answer for so long is too slow.
const SLOW_AFTER: Duration = Duration::from_secs(1);

/// See the module.
pub(super) struct Input {
    app: App,
    conn: Arc<Conn>,
    queue: Mutex<Queue>,
    more: Notify,
}

#[derive(Default)]
struct Queue {
    commands: VecDeque<(Packet, Ack)>,
    /// A task is running.
    working: bool,
    /// The socket sent too much at once: no more commands are accepted, because executing one after
    /// a rejected one would break the order.
    closed: bool,
}

impl Input {
    pub(super) fn new(app: App, conn: Arc<Conn>) -> Arc<Self> {
        Arc::new(Self { app, conn, queue: Mutex::default(), more: Notify::new() })
    }

    /// The socket.
    pub(super) fn conn(&self) -> Arc<Conn> {
        self.conn.clone()
    }

    /// Queues a command. Called by the protocol library in the order of arrival; never waits.
    pub(super) fn take(self: &Arc<Self>, packet: Packet, ack: Ack) {
        let mut queue = self.queue.lock();
        if queue.closed || self.conn.is_closing() {
            return;
        }
        if queue.commands.len() as u64 >= self.app.config.socket_commands {
            queue.closed = true;
            self.clear(&mut queue);
            drop(queue);
            connection::close(&self.app, &self.conn, ClosingReason::TooManyCommands);
            return;
        }
        queue.commands.push_back((packet, ack));
        self.app.metrics.command_queue.inc();
        if queue.working {
            drop(queue);
            self.more.notify_one();
        } else {
            queue.working = true;
            drop(queue);
            tokio::spawn(self.clone().work());
        }
    }

    /// Begins commands in order and answers in order, without waiting for one answer before the
    /// next command begins.
    async fn work(self: Arc<Self>) {
        let mut in_flight = FuturesOrdered::new();
        loop {
            while in_flight.len() < IN_FLIGHT_MAX
                && let Some((packet, ack)) = self.next(in_flight.is_empty())
            {
                self.conn.session.touch();
                let reply = command::begin(&self.app, &self.conn, &packet).await;
                in_flight.push_back(reply.map(move |reply| (reply, ack)));
                while let Some(Some((reply, ack))) = in_flight.next().now_or_never() {
                    self.answer(&reply, &ack).await;
                }
            }
            if in_flight.is_empty() {
                // `next` has recorded, under the lock, that no task is running.
                return;
            }
            tokio::select! {
                biased;
                done = in_flight.next() => if let Some((reply, ack)) = done {
                    self.answer(&reply, &ack).await;
                },
                () = self.more.notified(), if in_flight.len() < IN_FLIGHT_MAX => {}
            }
        }
    }

    fn next(&self, idle: bool) -> Option<(Packet, Ack)> {
        let mut queue = self.queue.lock();
        if self.conn.is_closing() {
            self.clear(&mut queue);
        }
        let next = queue.commands.pop_front();
        if next.is_some() {
            self.app.metrics.command_queue.dec();
        } else if idle {
            queue.working = false;
        }
        next
    }

    /// Drops the waiting commands.
    fn clear(&self, queue: &mut Queue) {
        let left = i64::try_from(queue.commands.len()).unwrap_or_default();
        self.app.metrics.command_queue.sub(left);
        queue.commands.clear();
    }

    /// Answers as soon as the send queue has room, because the client may wait without a timeout.
    /// Until then the socket's next commands wait in their bounded queue. The room of a socket that
    /// is being closed is reserved for the reason.
    async fn answer(&self, reply: &Reply, ack: &Ack) {
        let mut waited = Duration::ZERO;
        while !self.conn.is_closing() && !ack.try_send(reply) {
            if waited > SLOW_AFTER && !self.conn.is_lagging() {
                // A socket that stays full is closed with a reason.
                connection::mark_lagging(&self.app, &self.conn);
            }
            tokio::time::sleep(RETRY_INTERVAL).await;
            waited += RETRY_INTERVAL;
        }
    }
}
