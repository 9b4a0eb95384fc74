//! A client that follows one room by the protocol: with a cursor, upserts, and a sync for gaps.

use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};
use chat_contract::wire::{Id, Message, MessagesEvent, SyncAnswer, SyncedRooms, event_name};
use serde_json::json;

use crate::{Event, Person, Socket};

/// What a client knows of one room.
#[derive(Debug, Default)]
pub struct Follower {
    room: Option<Id>,
    /// Everything up to here is known.
    pub cursor: u64,
    /// Messages by place.
    pub messages: BTreeMap<u64, Message>,
    /// Messages as they first came, in the order in which they came.
    pub arrivals: Vec<Message>,
    /// Gaps that were filled by a sync.
    pub gaps: u32,
}

impl Follower {
    /// Somebody who knows nothing of the room yet.
    #[must_use]
    pub fn new(room: Id) -> Self {
        Self { room: Some(room), ..Self::default() }
    }

    /// Applies one event; `false`: it reveals a gap.
    pub fn take(&mut self, event: &Event) -> Result<bool> {
        let head = |id: Id| event.data["heads"][id.to_string()].as_u64();
        match (event.name.as_str(), self.room) {
            (event_name::NEW_MESSAGE | event_name::MESSAGE_CHANGED, Some(room)) => {
                let event: MessagesEvent = event.clone().parse()?;
                if event.room_id != room || event.up_to <= self.cursor {
                    return Ok(true);
                }
                if event.after > self.cursor {
                    return Ok(false);
                }
                self.apply(event.after, event.up_to, event.messages)?;
                Ok(true)
            }
            (event_name::HEADS, Some(room)) => {
                Ok(head(room).is_none_or(|head| head <= self.cursor))
            }
            (event_name::RESYNC, _) => Ok(false),
            _ => Ok(true),
        }
    }

    /// Takes what comes until the cursor is at `head`; fetches what is missing.
    pub async fn follow(&mut self, socket: &Socket, head: u64) -> Result<()> {
        while self.cursor < head {
            let Some(event) = socket.next(crate::TIMEOUT).await? else {
                bail!("the connection was closed at {} of {head}", self.cursor);
            };
            if !self.take(&event)? {
                self.gaps += 1;
                self.sync(socket).await?;
            }
        }
        Ok(())
    }

    /// Asks for everything after the cursor.
    pub async fn sync(&mut self, socket: &Socket) -> Result<()> {
        let Some(room) = self.room else { bail!("no room") };
        loop {
            let asked = json!({ "rooms": { room.to_string(): self.cursor } });
            let answer: SyncedRooms = socket.command("sync", &asked).await?;
            let page = match answer.rooms.into_values().next() {
                Some(SyncAnswer::Page(page)) => page,
                other => bail!("no page: {other:?}"),
            };
            ensure!(page.after == self.cursor && !page.reset, "another cursor: {page:?}");
            self.apply(page.after, page.up_to, page.messages)?;
            if !page.more {
                return Ok(());
            }
        }
    }

    fn apply(&mut self, after: u64, up_to: u64, messages: Vec<Message>) -> Result<()> {
        let mut last = after;
        for message in messages {
            ensure!(
                message.changed_seq > last && message.changed_seq <= up_to,
                "out of order: {message:?}"
            );
            last = message.changed_seq;
            let known = self.messages.get(&message.seq);
            if known.is_none() {
                self.arrivals.push(message.clone());
            }
            if known.is_none_or(|known| known.changed_seq < message.changed_seq) {
                self.messages.insert(message.seq, message);
            }
        }
        self.cursor = up_to;
        Ok(())
    }

    /// Fails unless this is what somebody sees who opens the room now.
    pub async fn check_against(&self, person: &Person) -> Result<()> {
        let Some(room) = self.room else { bail!("no room") };
        let mut fresh = BTreeMap::new();
        let mut after = 0;
        loop {
            let page: chat_contract::wire::HistoryPage = person
                .api
                .get(&format!("/api/rooms/{room}/messages?afterSeq={after}&limit=200"))
                .await?;
            for message in page.messages {
                after = message.seq;
                fresh.insert(message.seq, message);
            }
            if !page.has_after {
                ensure!(
                    page.head == self.cursor,
                    "the head is {} and the cursor {}",
                    page.head,
                    self.cursor
                );
                break;
            }
        }
        ensure!(self.messages == fresh, "what was followed is not what is there");
        Ok(())
    }
}
