//! Drafts.

use chat_contract::wire::{self, Id};
use chat_domain::{draft::Draft, id::RoomId};

/// A draft for the wire, with the room that it is for.
#[must_use]
pub(crate) fn draft_to_wire(room: RoomId, draft: &Draft) -> wire::Draft {
    wire::Draft {
        content: draft.content.clone(),
        reply_to: draft.reply_to.map(|seq| wire::MessageId { room: Id(room.0), seq }),
        changed_at: draft.changed_at,
    }
}
