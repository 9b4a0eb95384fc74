//! Acknowledgements of commands.

use std::sync::Arc;

use socketioxide::{
    SendError, SocketError, adapter::LocalAdapter, extract::AckSender, handler::FromMessageParts,
    socket::Socket,
};
use socketioxide_core::Value;

use super::command::Reply;

/// Sends the acknowledgement of one command. The library's own sender is consumed by one attempt;
/// this one can retry until the queue has room.
pub(super) struct Ack {
    socket: Arc<Socket<LocalAdapter>>,
    id: Option<i64>,
}

impl Ack {
    pub(super) fn new(socket: Arc<Socket<LocalAdapter>>, id: Option<i64>) -> Self {
        Self { socket, id }
    }

    /// Sends the answer, if the client asked for one. `false`: the send queue has no room.
    pub(super) fn try_send(&self, reply: &Reply) -> bool {
        // It does not read the packet.
        let mut packet = Value::Str("".into(), None);
        let Ok(sender) = AckSender::from_message_parts(&self.socket, &mut packet, &self.id);
        let sent = sender.send(reply);
        !matches!(sent, Err(SendError::Socket(SocketError::InternalChannelFull)))
    }
}
