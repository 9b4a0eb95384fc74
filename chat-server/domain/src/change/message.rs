//! Messages: posting, editing, deleting, reacting.

use sha2::{Digest, Sha256};

use super::{
    Batch, Proposal, Rejected,
    batch::{Changed, allow},
};
use crate::{
    id::{Seq, UserId},
    member::{Action, Role},
    message::{self, Message, NewMessage},
    room::RoomKind,
};

impl Batch {
    pub(super) fn post(
        &mut self,
        ask: &Proposal<'_>,
        new: &NewMessage,
        mentions: &[UserId],
    ) -> Changed {
        let digest = digest(new);
        let key = (ask.room, ask.actor, new.client_id);
        if let Some((first, known)) = self.loaded.known.get(&key) {
            let same = *known == digest;
            return if same { Ok(first.clone()) } else { Err(Rejected::ClientIdReused) };
        }
        if let Some(seq) = new.reply_to {
            self.row(ask, seq)?;
        }
        let NewMessage { client_id, content, reply_to, image } = new.clone();
        let message = self.add(ask, true, |message| {
            message.client_id = Some(client_id);
            message.content = content;
            message.reply_to = reply_to;
            message.image = image;
            message.mentions = mentions.to_vec();
        });
        self.touched.insert((ask.room, message.seq), (true, Some(digest)));
        self.loaded.known.insert(key, (message.clone(), digest));
        Ok(message)
    }

    pub(super) fn edit(
        &mut self,
        ask: &Proposal<'_>,
        seq: Seq,
        content: &str,
        mentions: &[UserId],
    ) -> Changed {
        let message = self.post_at(ask, seq)?;
        if message.sender != ask.actor {
            return Err(Rejected::Forbidden("only who wrote a message may change it"));
        }
        let content = message::edited_content(content.to_owned(), message.image.is_some())?;
        if message.content == content {
            return Ok(message);
        }
        Ok(self.change(ask, seq, |message| {
            message.content = content;
            message.mentions = mentions.to_vec();
            message.edited_at = Some(ask.now);
        }))
    }

    pub(super) fn delete(
        &mut self,
        ask: &Proposal<'_>,
        seq: Seq,
        role: Role,
        kind: RoomKind,
    ) -> Changed {
        let row = self.row(ask, seq)?;
        if row.system.is_some() {
            return Err(Rejected::Forbidden("what the system tells cannot be deleted"));
        }
        if row.sender != ask.actor {
            allow(role, kind, Action::DeleteOthers, "only who wrote a message may delete it")?;
        }
        if row.deleted_at.is_some() {
            return Ok(row.clone());
        }
        Ok(self.change(ask, seq, |message| *message = message.tombstone(ask.now)))
    }

    pub(super) fn react(&mut self, ask: &Proposal<'_>, seq: Seq, emoji: &str, on: bool) -> Changed {
        let mut message = self.post_at(ask, seq)?;
        let changed = message::react(&mut message.reactions, emoji, ask.actor, on)
            .map_err(|_| Rejected::TooManyReactions)?;
        if !changed {
            return Ok(message);
        }
        Ok(self.change(ask, seq, |row| row.reactions = message.reactions))
    }

    /// A row that the actor may see. For all changes an invisible row does not exist.
    fn row(&self, ask: &Proposal<'_>, seq: Seq) -> Result<&Message, Rejected> {
        let member = self.member(ask.room, ask.actor).ok_or(Rejected::NotMember)?;
        let hidden = self.head(ask.room)?.purged_up_to.max(member.visible_from);
        let row = self.loaded.rows.get(&(ask.room, seq));
        row.filter(|row| row.seq > hidden).ok_or(Rejected::NoMessage)
    }

    /// A message of a user that is not deleted.
    fn post_at(&self, ask: &Proposal<'_>, seq: Seq) -> Changed {
        match self.row(ask, seq)? {
            row if row.system.is_some() => {
                Err(Rejected::Forbidden("this is what the system tells"))
            }
            row if row.deleted_at.is_some() => Err(Rejected::Conflict("the message was deleted")),
            row => Ok(row.clone()),
        }
    }
}

/// Distinguishes a retry from another message with the same id: 64 bits of SHA-256 over what was
/// sent. Digests are stored: a new field is a part only where it is set.
fn digest(new: &NewMessage) -> u64 {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    let NewMessage { client_id: _, content, reply_to, image } = new;
    part(content.as_bytes());
    part(&reply_to.unwrap_or_default().to_le_bytes());
    if let Some(image) = image {
        part(image.url.as_bytes());
        part(image.public_id.as_deref().unwrap_or_default().as_bytes());
    }
    let bytes: [u8; 32] = hash.finalize().into();
    u64::from_le_bytes([
        bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7],
    ])
}
