//! Drafts: soft state, written to the store every second.

use std::sync::Arc;

use chat_contract::wire::{DraftChangedEvent, Id};
use chat_domain::{
    draft::Draft,
    id::{MessageId, RoomId, UserId},
};
use chrono::{DateTime, Utc};

use super::{Error, Result, limit, message::answered};
use crate::{
    app::App,
    deliver::{Conn, Ephemeral},
    wire::draft_to_wire,
};

/// What somebody has in a room's composer.
#[derive(Debug, Clone)]
pub struct Writing {
    /// Markdown, or nothing.
    pub content: String,
    /// The message that it answers, with the room that the client thinks it is in.
    pub reply_to: Option<MessageId>,
}

/// Notes what somebody is writing in a room of theirs.
pub async fn set(
    app: &App,
    user: UserId,
    room: RoomId,
    writing: Writing,
    now: DateTime<Utc>,
) -> Result<()> {
    app.store.standing(room, user).await?.ok_or(Error::NotMember)?;
    changed(app, user, room, writing, None, now)
}

/// A member is writing something else; their devices hear of it, except for the one that said so.
pub fn changed(
    app: &App,
    user: UserId,
    room: RoomId,
    writing: Writing,
    device: Option<&Arc<Conn>>,
    now: DateTime<Utc>,
) -> Result<()> {
    limit::draft(app, user)?;
    let draft = Draft::parse(writing.content, answered(room, writing.reply_to)?, now)?;
    let shown = (!draft.is_empty()).then(|| draft_to_wire(room, &draft));
    if !app.soft.set_draft(room, user, draft) {
        return Err(Error::Unavailable(None));
    }
    let event = DraftChangedEvent { room_id: Id(room.0), draft: shown };
    app.hub.to_user(user, Ephemeral::DraftChanged, &event, device);
    Ok(())
}
