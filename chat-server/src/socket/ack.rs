//! The way back to who sent a command.

use std::sync::Arc;

use socketioxide::{
    SendError, SocketError, adapter::LocalAdapter, extract::AckSender, handler::FromMessageParts,
    socket::Socket,
};
use socketioxide_core::Value;

use super::command::Reply;

/// One command's answer is awaited here. The library's own sender is gone after one attempt; this
/// one can be used until there is room for the answer.
pub(super) struct Ack {
    socket: Arc<Socket<LocalAdapter>>,
    id: Option<i64>,
}

impl Ack {
    pub(super) fn new(socket: Arc<Socket<LocalAdapter>>, id: Option<i64>) -> Self {
        Self { socket, id }
    }

    /// Answers, where somebody waits for it. `false`: the socket's queue has no room now.
    pub(super) fn try_send(&self, reply: &Reply) -> bool {
        // Of the packet it looks at nothing.
        let mut packet = Value::Str("".into(), None);
        let Ok(sender) = AckSender::from_message_parts(&self.socket, &mut packet, &self.id);
        let sent = sender.send(reply);
        !matches!(sent, Err(SendError::Socket(SocketError::InternalChannelFull)))
    }
}
