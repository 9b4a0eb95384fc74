//! Where a socket's packets arrive, from before its client is told that it may send.
//!
//! The library keeps a socket's handlers as long as the socket, so a handler that held the socket
//! would keep it alive for ever. An inbox holds it only from when it is connected until it is
//! gone; one that never got that far, since its client left during the handshake, leaves nothing.

use std::sync::Arc;

use parking_lot::Mutex;
use socketioxide::{adapter::LocalAdapter, handler::MessageHandler, socket::Socket};
use socketioxide_core::Value;

use super::{ack::Ack, input::Input, packet::Packet};
use crate::deliver::Conn;

/// Commands that may come between the answer to CONNECT and the moment in which the library says
/// that the socket is connected: a quick client is quicker than that.
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
    /// The socket is connected: what came early is done first. `false`: it is gone already.
    pub(super) fn open(&self, input: Arc<Input>) -> bool {
        let mut stage = self.0.lock();
        let Stage::Early(early) = &mut *stage else { return false };
        for (packet, ack) in early.drain(..) {
            input.take(packet, ack);
        }
        *stage = Stage::Open(input);
        true
    }

    /// The socket is gone; what it was, where it had been connected.
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
            // Nothing after a command that was lost: the order would break.
            Stage::Early(_) => *stage = Stage::Gone,
            Stage::Gone => {}
        }
    }
}

/// Hands packets over when they arrive. The library's own handlers run each in a task of its own,
/// and the tasks overtake each other.
pub(super) struct InOrder(pub(super) Arc<Inbox>);

/// Marks the handler as one that is not a function.
pub(super) struct Ordered;

impl MessageHandler<LocalAdapter, Ordered> for InOrder {
    fn call(&self, socket: Arc<Socket<LocalAdapter>>, packet: Value, ack_id: Option<i64>) {
        self.0.take(Packet::new(packet), Ack::new(socket, ack_id));
    }
}
