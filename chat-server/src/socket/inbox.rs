//! Receives the packets of a socket, also those that arrive before its connection is confirmed.
//!
//! The library keeps a socket's handlers as long as the socket, so a handler that held the socket
//! would leak it. An inbox holds the socket only while it is connected; a client that leaves during
//! the handshake leaks nothing.

use std::sync::Arc;

use parking_lot::Mutex;
use socketioxide::{adapter::LocalAdapter, handler::MessageHandler, socket::Socket};
use socketioxide_core::Value;

use super::{ack::Ack, input::Input, packet::Packet};
use crate::deliver::Conn;

/// Commands that may arrive between the answer to CONNECT and the library's connected event: a fast
/// client sends before that.
const EARLY_MAX: usize = 256;

/// See the module.
#[derive(Default)]
pub(super) struct Inbox(Mutex<Stage>);

enum Stage {
    Early(Vec<(Packet, Ack)>),
    Open(Arc<Input>),
    Gone,
}

impl Default for Stage {
    fn default() -> Self {
        Self::Early(Vec::new())
    }
}

impl Inbox {
    /// The socket is connected: early commands are executed first. `false`: it has already
    /// disconnected.
    pub(super) fn open(&self, input: Arc<Input>) -> bool {
        let mut stage = self.0.lock();
        let Stage::Early(early) = &mut *stage else { return false };
        for (packet, ack) in early.drain(..) {
            input.take(packet, ack);
        }
        *stage = Stage::Open(input);
        true
    }

    /// The socket has disconnected; returns it if it had been connected.
    pub(super) fn close(&self) -> Option<Arc<Conn>> {
        match std::mem::replace(&mut *self.0.lock(), Stage::Gone) {
            Stage::Open(input) => Some(input.conn()),
            Stage::Early(_) | Stage::Gone => None,
        }
    }

    fn take(&self, packet: Packet, ack: Ack) {
        let mut stage = self.0.lock();
        match &mut *stage {
            Stage::Early(early) if early.len() < EARLY_MAX => early.push((packet, ack)),
            Stage::Open(input) => {
                let input = Arc::clone(input);
                drop(stage);
                input.take(packet, ack);
            }
            // No command may follow a lost one: the order would break.
            Stage::Early(_) => *stage = Stage::Gone,
            Stage::Gone => {}
        }
    }
}

/// Handles packets in the order of arrival. The library runs each of its handlers in a separate
/// task, and these overtake each other.
pub(super) struct InOrder(pub(super) Arc<Inbox>);

/// Marker type of this handler, which is no function.
pub(super) struct Ordered;

impl MessageHandler<LocalAdapter, Ordered> for InOrder {
    fn call(&self, socket: Arc<Socket<LocalAdapter>>, packet: Value, ack_id: Option<i64>) {
        self.0.take(Packet::new(packet), Ack::new(socket, ack_id));
    }
}
