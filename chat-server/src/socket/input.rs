//! The commands of one socket: a bounded queue, and one task while there is something in it.

use std::{collections::VecDeque, sync::Arc};

use chat_contract::wire::ClosingReason;
use futures_util::{FutureExt, StreamExt, stream::FuturesOrdered};
use parking_lot::Mutex;
use socketioxide::extract::AckSender;
use socketioxide_core::Value;
use tokio::sync::Notify;

use super::command::{self, Reply};
use crate::{app::App, deliver::Conn};

/// Commands of one socket that may be under way at once; their order stays.
const UNDER_WAY: usize = 128;

/// See the module.
pub(super) struct Input {
    app: App,
    conn: Arc<Conn>,
    queue: Mutex<Queue>,
    more: Notify,
}

#[derive(Default)]
struct Queue {
    commands: VecDeque<(Value, AckSender)>,
    /// A task is at work.
    working: bool,
    /// The socket sent too much at once: nothing more is taken, since taking the next command
    /// after refusing one would break the order.
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

    /// Takes a command. Called by the protocol in the order of arrival; never waits.
    pub(super) fn take(self: &Arc<Self>, packet: Value, ack: AckSender) {
        let mut queue = self.queue.lock();
        if queue.closed {
            return;
        }
        if queue.commands.len() as u64 >= self.app.config.socket_commands {
            queue.closed = true;
            let left = i64::try_from(queue.commands.len()).unwrap_or_default();
            self.app.metrics.command_queue.sub(left);
            queue.commands.clear();
            drop(queue);
            self.app.metrics.sockets_closed.with_label_values(&["too_many_commands"]).inc();
            self.conn.close(ClosingReason::TooManyCommands);
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
        let mut under_way = FuturesOrdered::new();
        loop {
            while under_way.len() < UNDER_WAY
                && let Some((packet, ack)) = self.next(under_way.is_empty())
            {
                let reply = command::begin(&self.app, &self.conn, &packet).await;
                under_way.push_back(reply.map(move |reply| (reply, ack)));
                while let Some(Some((reply, ack))) = under_way.next().now_or_never() {
                    self.answer(&reply, ack);
                }
            }
            if under_way.is_empty() {
                // `next` has noted, under the lock, that nobody is at work any more.
                return;
            }
            tokio::select! {
                biased;
                done = under_way.next() => if let Some((reply, ack)) = done {
                    self.answer(&reply, ack);
                },
                () = self.more.notified(), if under_way.len() < UNDER_WAY => {}
            }
        }
    }

    fn next(&self, idle: bool) -> Option<(Value, AckSender)> {
        let mut queue = self.queue.lock();
        let next = queue.commands.pop_front();
        if next.is_some() {
            self.app.metrics.command_queue.dec();
        } else if idle {
            queue.working = false;
        }
        next
    }

    fn answer(&self, reply: &Reply, ack: AckSender) {
        // An answer that finds no room is made good by a sync, or by the client's own retry.
        if ack.send(reply).is_err() && !self.conn.is_lagging() {
            self.conn.mark_lagging();
            self.app.hub.lagging(&self.conn);
        }
    }
}
