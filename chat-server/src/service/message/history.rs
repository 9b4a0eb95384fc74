//! Reading a room: pages of its history.

use std::{collections::BTreeSet, sync::Arc};

use chat_contract::wire::{HistoryPage, Message as WireMessage, MessageId as WireMessageId};
use chat_domain::{
    id::{RoomId, Seq, UserId},
    limit,
};

use crate::{
    mysql::message::{Page, Standing},
    redis::cache::window::{self, Window},
    service::{App, Error, Result},
    wire::message_to_wire,
};

/// Which messages of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The newest.
    Newest,
    /// Those just before.
    Before(Seq),
    /// Those just after.
    After(Seq),
    /// Those on both sides, and itself.
    Around(Seq),
}

/// A page of history.
pub(crate) async fn page(
    app: &App,
    user: UserId,
    room: RoomId,
    place: Place,
    count: u32,
) -> Result<HistoryPage> {
    let standing = app.store.standing(room, user).await?.ok_or(Error::NotMember)?;
    let count = count.clamp(1, limit::PAGE_MESSAGES_MAX);
    let visible = standing.visible_from.max(standing.purged_up_to);
    let (messages, has_before, has_after) = match place {
        Place::Newest => newest(app, room, &standing, visible, count).await?,
        Place::Before(seq) => {
            let (list, more) = read(app, room, visible, Page::Before(seq), count).await?;
            (list, more, true)
        }
        Place::After(seq) => {
            let (list, more) = read(app, room, visible, Page::After(seq), count).await?;
            (list, true, more)
        }
        Place::Around(seq) => {
            let half = count.div_ceil(2);
            let (mut list, before) =
                read(app, room, visible, Page::Before(seq.saturating_add(1)), half).await?;
            let (rest, after) = read(app, room, visible, Page::After(seq), half).await?;
            list.extend(rest);
            (list, before, after)
        }
    };
    let quoted = quoted(app, room, visible, &messages).await?;
    let named = named(messages.iter().chain(&quoted));
    let users = app.users.get(&app.store, &named, standing.profiles).await?;
    Ok(HistoryPage { messages, head: standing.head, has_before, has_after, quoted, users })
}

/// The newest messages: from the cache where it reaches to the head, else from the store.
async fn newest(
    app: &App,
    room: RoomId,
    standing: &Standing,
    visible: Seq,
    count: u32,
) -> Result<(Vec<WireMessage>, bool, bool)> {
    let keep = u32::try_from(app.config.cache_window_messages).unwrap_or(u32::MAX).max(count);
    let count = count as usize;
    let key = window::key(room, standing.direct);
    if let Ok(Some(window)) = app.cache.window(&key, standing.head).await
        && (window.first || window.messages.len() > count)
    {
        let (list, before) = cut(&window, visible, count);
        return Ok((list, before, false));
    }
    // One more than is cached shows whether there are older ones.
    let mut rows = app.store.history(room, standing.purged_up_to, Page::Newest, keep + 1).await?;
    let first = rows.len() <= keep as usize;
    rows.drain(..rows.len().saturating_sub(keep as usize));
    let messages = rows.iter().map(message_to_wire).collect();
    let window = Arc::new(Window { messages, first });
    // A change between the two reads would make the window newer than its head.
    if rows.iter().all(|row| row.changed_seq <= standing.head)
        && let Err(error) = app.cache.set_window(&key, standing.head, &window).await
    {
        tracing::debug!(%error, "window not cached");
    }
    let (list, before) = cut(&window, visible, count);
    Ok((list, before, false))
}

/// The newest `count` visible messages of a window, and whether there are older ones.
fn cut(window: &Window, visible: Seq, count: usize) -> (Vec<WireMessage>, bool) {
    let hidden = window.messages.partition_point(|message| message.seq <= visible);
    let seen = &window.messages[hidden..];
    // If a message was hidden, all older ones are hidden too.
    let before = seen.len() > count || !(window.first || hidden > 0);
    (seen[seen.len().saturating_sub(count)..].to_vec(), before)
}

/// A page from the store, and whether there are more messages on that side.
async fn read(
    app: &App,
    room: RoomId,
    visible: Seq,
    page: Page,
    count: u32,
) -> Result<(Vec<WireMessage>, bool)> {
    let mut rows = app.store.history(room, visible, page, count + 1).await?;
    let more = rows.len() > count as usize;
    if more {
        if matches!(page, Page::After(_)) {
            rows.pop()
        } else {
            Some(rows.remove(0))
        };
    }
    Ok((rows.iter().map(message_to_wire).collect(), more))
}

/// Messages that these answer and that are not in the page.
async fn quoted(
    app: &App,
    room: RoomId,
    visible: Seq,
    messages: &[WireMessage],
) -> Result<Vec<WireMessage>> {
    let here: BTreeSet<Seq> = messages.iter().map(|m| m.seq).collect();
    let wanted: BTreeSet<Seq> = messages
        .iter()
        .filter_map(|m| m.reply_to.map(|WireMessageId { seq, .. }| seq))
        .filter(|seq| *seq > visible && !here.contains(seq))
        .collect();
    let wanted: Vec<Seq> = wanted.into_iter().collect();
    Ok(app.store.messages(room, &wanted).await?.iter().map(message_to_wire).collect())
}

/// All users in these messages.
fn named<'a>(messages: impl Iterator<Item = &'a WireMessage>) -> BTreeSet<UserId> {
    use chat_contract::wire::SystemEvent;
    let mut ids = BTreeSet::new();
    for message in messages {
        ids.insert(UserId(message.sender_id.0));
        ids.extend(message.mentions.iter().map(|id| UserId(id.0)));
        ids.extend(
            message
                .reactions
                .iter()
                .flat_map(|r| r.user_ids.iter().take(20))
                .map(|id| UserId(id.0)),
        );
        match &message.system {
            Some(SystemEvent::Joined { user_ids }) => {
                ids.extend(user_ids.iter().map(|id| UserId(id.0)));
            }
            Some(SystemEvent::Left { user_id } | SystemEvent::RoleChanged { user_id, .. }) => {
                ids.insert(UserId(user_id.0));
            }
            _ => {}
        }
    }
    ids
}

/// Rows read at once for a whole conversation.
const CONVERSATION_ROWS: u32 = 1_000;

/// The whole conversation of two users, oldest first; empty where they have none.
pub(crate) async fn conversation(
    app: &App,
    user: UserId,
    other: UserId,
) -> Result<Vec<WireMessage>> {
    if app.store.users_by_ids(&[other]).await?.is_empty() {
        return Err(Error::NotFound("person"));
    }
    let key = chat_domain::room::direct_key(user, other);
    let Some(room) = app.store.direct_room(key).await? else { return Ok(Vec::new()) };
    let standing = app.store.standing(room, user).await?.ok_or(Error::NotMember)?;
    let cached = app.cache.window(&window::key(room, standing.direct), standing.head).await;
    let mut messages = match cached {
        Ok(Some(window)) if window.first => cut(&window, standing.purged_up_to, usize::MAX).0,
        _ => {
            // A short one is cached on the way.
            let (list, before, _) =
                newest(app, room, &standing, standing.purged_up_to, limit::PAGE_MESSAGES_MAX)
                    .await?;
            if before { all(app, room, &standing).await? } else { list }
        }
    };
    messages.retain(|message| message.system.is_none());
    Ok(messages)
}

async fn all(app: &App, room: RoomId, standing: &Standing) -> Result<Vec<WireMessage>> {
    let Standing { head, purged_up_to, .. } = *standing;
    let mut messages: Vec<WireMessage> = Vec::new();
    loop {
        let after = messages.last().map_or(purged_up_to, |message| message.seq);
        let rows = app.store.history(room, 0, Page::After(after), CONVERSATION_ROWS).await?;
        let more = rows.len() == CONVERSATION_ROWS as usize;
        messages.extend(rows.iter().map(message_to_wire));
        if !more || messages.last().is_none_or(|message| message.seq >= head) {
            return Ok(messages);
        }
    }
}

#[cfg(test)]
mod tests {
    use chat_domain::{
        member::Role,
        message::{Message, Reaction, SystemEvent},
    };
    use chrono::DateTime;

    use super::*;

    fn message(seq: Seq) -> Message {
        Message::new(RoomId(1), seq, seq, UserId(1), DateTime::UNIX_EPOCH)
    }

    /// The newest `count` messages after `visible` of a window: their places, and whether there are
    /// older ones.
    fn newest(window: &[Seq], first: bool, visible: Seq, count: usize) -> (Vec<Seq>, bool) {
        let messages = window.iter().map(|seq| message_to_wire(&message(*seq))).collect();
        let (list, before) = cut(&Window { messages, first }, visible, count);
        (list.iter().map(|message| message.seq).collect(), before)
    }

    #[test]
    fn a_window_is_cut_to_the_newest_that_are_visible() {
        assert_eq!(newest(&[3, 4, 5], false, 0, 2), (vec![4, 5], true));
        assert_eq!(newest(&[3, 4, 5], false, 0, 3), (vec![3, 4, 5], true), "older are not cached");
        assert_eq!(newest(&[3, 4, 5], true, 0, 3), (vec![3, 4, 5], false), "there are no older");
        assert_eq!(newest(&[3, 4, 5], true, 0, 2), (vec![4, 5], true));
        assert_eq!(newest(&[3, 4, 5], false, 3, 2), (vec![4, 5], false), "3 is hidden");
        assert_eq!(newest(&[3, 4, 5], false, 3, 1), (vec![5], true));
        assert_eq!(newest(&[3, 4, 5], false, 5, 1), (vec![], false));
    }

    #[test]
    fn whoever_a_row_names_comes_with_the_page() {
        let thumb = Reaction { emoji: "a".to_owned(), users: (30..60).map(UserId).collect() };
        let user = UserId;
        let rows = [
            Message { sender: user(2), mentions: vec![user(3), user(4)], ..message(1) },
            Message { reactions: vec![thumb], ..message(2) },
            Message { system: Some(SystemEvent::Joined(vec![user(5), user(6)])), ..message(3) },
            Message { system: Some(SystemEvent::Left(user(7))), ..message(4) },
            Message { system: Some(SystemEvent::RoleChanged(user(8), Role::Owner)), ..message(5) },
            Message { system: Some(SystemEvent::Renamed("tea".to_owned())), ..message(6) },
        ];
        let rows: Vec<_> = rows.iter().map(message_to_wire).collect();
        // Of many who reacted, twenty.
        let expected: BTreeSet<_> = (1..=8).chain(30..50).map(UserId).collect();
        assert_eq!(named(rows.iter()), expected);
    }
}
