//! Drafts: soft state, written to the store every second.

use chat_contract::wire::{DraftChangedEvent, Id};
use chat_domain::{
    draft::Draft,
    id::{MessageId, RoomId},
};
use chrono::{DateTime, Utc};

use crate::{
    deliver::Ephemeral,
    service::{
        App, Error, Result,
        message::answered,
        rate_limit,
        room::{self, Actor},
    },
    wire::draft_to_wire,
};

/// The content of a room's composer.
#[derive(Debug, Clone)]
pub(crate) struct Writing {
    /// Markdown, or nothing.
    pub content: String,
    /// The message that it answers, with the room in which the client saw it.
    pub reply_to: Option<MessageId>,
}

/// Stores a member's draft in a room, and notifies their devices, except for the socket that sent
/// it.
pub(crate) async fn set(
    app: &App,
    actor: Actor<'_>,
    room: RoomId,
    writing: Writing,
    now: DateTime<Utc>,
) -> Result<()> {
    room::check_member(app, actor, room).await?;
    rate_limit::draft(app, actor.user)?;
    let draft = Draft::parse(writing.content, answered(room, writing.reply_to)?, now)?;
    let shown = (!draft.is_empty()).then(|| draft_to_wire(room, &draft));
    if !app.soft_state.set_draft(room, actor.user, draft) {
        return Err(Error::Unavailable(None));
    }
    let event = DraftChangedEvent { room_id: Id(room.0), draft: shown };
    app.hub.to_user(actor.user, Ephemeral::DraftChanged, &event, actor.socket);
    Ok(())
}
