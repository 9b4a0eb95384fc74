//! The committer's transaction: one round trip to lock and read, one to write and commit; or both
//! in one, which fails where a room is not as it was thought to be.

use std::collections::HashMap;

use chat_domain::{
    id::{ClientId, RoomId, Seq, UserId},
    member::Role,
    message::Message,
    room::{History, RoomKind},
};
use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use sqlx::{
    Either, Row,
    mysql::{MySqlConnection, MySqlRow},
};

use super::{Error, Result, encode, message, sql::Sql};

/// What a batch needs to know before it can decide. Lists in any order, without doubles.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Rooms to lock, in order of id.
    pub rooms: Vec<RoomId>,
    /// Whose membership matters.
    pub members: Vec<(RoomId, UserId)>,
    /// Client ids that may be known.
    pub clients: Vec<(RoomId, UserId, ClientId)>,
    /// Messages to change or to answer.
    pub rows: Vec<(RoomId, Seq)>,
    /// Wait for locks instead of leaving locked rooms out.
    pub wait: bool,
}

/// A locked room.
#[derive(Debug, Clone, Copy)]
pub struct Head {
    /// What sort of room.
    pub kind: RoomKind,
    /// What later members see.
    pub history: History,
    /// Number of the last change.
    pub head: Seq,
    /// Messages written, ever.
    pub posts: u64,
    /// Is it a direct room: between whom.
    pub direct: Option<(UserId, UserId)>,
}

/// What is so, under the locks.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The rooms that were locked; `None` for one that was deleted. What is missing is locked by
    /// another server, or was never there.
    pub heads: HashMap<RoomId, Option<Head>>,
    /// Roles of those who are members.
    pub roles: HashMap<(RoomId, UserId), Role>,
    /// Messages of known client ids, with the digest of what was sent first.
    pub known: HashMap<(RoomId, UserId, ClientId), (Message, u64)>,
    /// Messages asked for.
    pub rows: HashMap<(RoomId, Seq), Message>,
}

/// What to write.
#[derive(Debug, Default)]
pub struct Plan {
    /// New messages, with their digest.
    pub inserts: Vec<(Message, Option<u64>)>,
    /// Messages that changed.
    pub updates: Vec<Message>,
    /// New counters, in order of the rooms' ids.
    pub heads: Vec<NewHead>,
    /// New members.
    pub joins: Vec<NewMember>,
    /// Members who go, before the new ones come.
    pub leaves: Vec<(RoomId, UserId)>,
    /// New roles.
    pub roles: Vec<(RoomId, UserId, Role)>,
    /// New names: room, name, and its folded form where it must be unique.
    pub names: Vec<(RoomId, String, Option<String>)>,
    /// New topics.
    pub topics: Vec<(RoomId, Option<String>)>,
    /// Rooms to delete.
    pub deleted: Vec<(RoomId, DateTime<Utc>)>,
}

/// A room's counters before and after.
#[derive(Debug, Clone, Copy)]
pub struct NewHead {
    /// The room.
    pub room: RoomId,
    /// As it was when the batch was decided.
    pub before: Head,
    /// As it will be.
    pub after: Head,
}

/// A member who comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMember {
    /// The room.
    pub room: RoomId,
    /// Who.
    pub user: UserId,
    /// As what.
    pub role: Role,
    /// Sees what has a higher seq.
    pub visible_from: Seq,
    /// Everything up to here counts as read.
    pub read_seq: Seq,
    /// The ordinal there.
    pub read_ordinal: u64,
    /// Since when.
    pub joined_at: DateTime<Utc>,
}

impl Plan {
    /// Is there nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }
}

/// Begins the transaction, locks the rooms and reads the rest, in one round trip.
pub async fn load(connection: &mut MySqlConnection, wanted: &Wanted) -> Result<Loaded> {
    let sql = load_sql(wanted);
    let mut loaded = Loaded::default();
    let mut results = sqlx::raw_sql(sql.finish()).fetch_many(connection);
    // START TRANSACTION answers first; each SELECT ends with an answer of its own.
    let mut statement = 0;
    while let Some(item) = results.try_next().await? {
        match item {
            Either::Left(_) => statement += 1,
            Either::Right(row) => match statement {
                1 => read_head(&mut loaded, &row)?,
                2 => read_role(&mut loaded, &row)?,
                3 => read_known(&mut loaded, &row)?,
                _ => {
                    let message = message::from_row(&row)?;
                    loaded.rows.insert((message.room, message.seq), message);
                }
            },
        }
    }
    Ok(loaded)
}

fn load_sql(wanted: &Wanted) -> Sql {
    let mut sql = Sql::default();
    sql.raw("START TRANSACTION; SELECT room_id, kind, history, head, posts, direct_key FROM heads WHERE room_id IN (");
    sql.list(&wanted.rooms, |sql, room| {
        sql.number(room.0);
    });
    sql.raw(") ORDER BY room_id FOR UPDATE");
    sql.raw(if wanted.wait { "; " } else { " SKIP LOCKED; " });
    sql.raw("SELECT room_id, user_id, role FROM members FORCE INDEX (PRIMARY) WHERE (room_id, user_id) IN (");
    sql.list(&wanted.members, |sql, (room, user)| {
        sql.raw("(").number(room.0).raw(",").number(user.0).raw(")");
    });
    sql.raw(")");
    select_messages(
        &mut sql,
        (" FORCE INDEX (messages_client)", "(room_id, sender_id, client_id)"),
        &wanted.clients,
        |sql, (room, user, id)| {
            sql.raw("(")
                .number(room.0)
                .raw(",")
                .number(user.0)
                .raw(",")
                .bytes(id.as_bytes())
                .raw(")");
        },
    );
    if !wanted.rows.is_empty() {
        select_messages(
            &mut sql,
            (" FORCE INDEX (PRIMARY)", "(room_id, seq)"),
            &wanted.rows,
            |sql, (room, seq)| {
                sql.raw("(").number(room.0).raw(",").number(*seq).raw(")");
            },
        );
    }
    sql
}

/// A SELECT of messages by a list of keys, through their index: what the optimizer knows of a
/// table that grows by thousands of rows a second is old, and a scan under the locks would hold
/// everybody up; of none, where the list is empty, so that the results
/// keep their places.
fn select_messages<T>(
    sql: &mut Sql,
    (index, key): (&'static str, &'static str),
    keys: &[T],
    write: impl FnMut(&mut Sql, &T),
) {
    sql.raw("; SELECT ").raw(message::COLUMNS).raw(" FROM messages").raw(index).raw(" WHERE ");
    if keys.is_empty() {
        sql.raw("FALSE");
    } else {
        sql.raw(key).raw(" IN (").list(keys, write).raw(")");
    }
}

fn read_head(loaded: &mut Loaded, row: &MySqlRow) -> Result<()> {
    let (kind, history): (u8, u8) = (row.try_get("kind")?, row.try_get("history")?);
    let (head, posts) = (row.try_get("head")?, row.try_get("posts")?);
    let history = encode::history_from_db(history);
    let key: Option<Vec<u8>> = row.try_get("direct_key")?;
    let direct = key.as_deref().and_then(encode::direct_from_db);
    let state = encode::kind_from_db(kind).map(|kind| Head { kind, history, head, posts, direct });
    loaded.heads.insert(RoomId(row.try_get("room_id")?), state);
    Ok(())
}

fn read_role(loaded: &mut Loaded, row: &MySqlRow) -> Result<()> {
    let key = (RoomId(row.try_get("room_id")?), UserId(row.try_get("user_id")?));
    loaded.roles.insert(key, encode::role_from_db(row.try_get("role")?));
    Ok(())
}

fn read_known(loaded: &mut Loaded, row: &MySqlRow) -> Result<()> {
    let message = message::from_row(row)?;
    let digest: Option<u64> = row.try_get("digest")?;
    if let Some(client_id) = message.client_id {
        let key = (message.room, message.sender, client_id);
        loaded.known.insert(key, (message, digest.unwrap_or_default()));
    }
    Ok(())
}

/// Writes the plan and commits, in one round trip. An error means: not committed, or unknown.
pub async fn store(connection: &mut MySqlConnection, plan: &Plan) -> Result<()> {
    let sql = store_sql(plan);
    sqlx::raw_sql(sql.finish()).execute(connection).await.map_err(Error::from_insert)?;
    Ok(())
}

/// Gives the locks back where there is nothing to write.
pub async fn release(connection: &mut MySqlConnection) -> Result<()> {
    sqlx::raw_sql("ROLLBACK").execute(connection).await?;
    Ok(())
}

fn store_sql(plan: &Plan) -> Sql {
    let mut sql = Sql::default();
    write_messages(&mut sql, plan);
    // The rows are there and locked, so this always updates, all of them in one statement.
    sql.raw("INSERT INTO heads (room_id, head, posts) VALUES ");
    sql.list(&plan.heads, |sql, new| {
        sql.raw("(").number(new.room.0).raw(",").number(new.after.head);
        sql.raw(",").number(new.after.posts).raw(")");
    });
    sql.raw(" ON DUPLICATE KEY UPDATE head = VALUES(head), posts = VALUES(posts); COMMIT");
    sql
}

/// Writes new messages and commits, in one round trip without a look before. An error that
/// [`Error::is_other_state`] means: a room has other counters than the plan begins with, or
/// a client id is known. The transaction is then still open.
pub async fn store_if_unchanged(connection: &mut MySqlConnection, plan: &Plan) -> Result<()> {
    let sql = store_if_unchanged_sql(plan);
    sqlx::raw_sql(sql.finish()).execute(connection).await.map_err(Error::from_insert)?;
    Ok(())
}

fn store_if_unchanged_sql(plan: &Plan) -> Sql {
    let mut sql = Sql::default();
    // The counters come first: whoever has them has the room. As the row is there, `floor` only
    // carries what the head has to be. Below zero an unsigned column cannot go, and such an error
    // ends the statement and all that would follow, the COMMIT too.
    sql.raw("START TRANSACTION; INSERT INTO heads (room_id, kind, floor, head, posts) VALUES ");
    sql.list(&plan.heads, |sql, new| {
        let kind = encode::kind_to_db(new.before.kind);
        sql.raw("(").number(new.room.0).raw(",").number(kind.into());
        sql.raw(",").number(new.before.head).raw(",").number(new.after.head);
        sql.raw(",").number(new.after.posts).raw(")");
    });
    sql.raw(" ON DUPLICATE KEY UPDATE head = IF(head = VALUES(floor) AND kind = VALUES(kind), VALUES(head), ");
    sql.raw("head - 18446744073709551615), posts = VALUES(posts); ");
    write_messages(&mut sql, plan);
    sql.raw("COMMIT");
    sql
}

fn write_messages(sql: &mut Sql, plan: &Plan) {
    insert_messages(sql, plan);
    for message in &plan.updates {
        update_message(sql, message);
    }
    write_members(sql, plan);
    write_rooms(sql, plan);
}

fn insert_messages(sql: &mut Sql, plan: &Plan) {
    if plan.inserts.is_empty() {
        return;
    }
    sql.raw(
        "INSERT INTO messages (room_id, seq, changed_seq, ordinal, sender_id, client_id, digest, \
         content, reply_to, image, mentions, reactions, `system`, created_at, edited_at, deleted_at) VALUES ",
    );
    sql.list(&plan.inserts, |sql, (m, digest)| {
        sql.raw("(")
            .number(m.room.0)
            .raw(",")
            .number(m.seq)
            .raw(",")
            .number(m.changed_seq)
            .raw(",");
        sql.number(m.ordinal).raw(",").number(m.sender.0).raw(",");
        match m.client_id {
            Some(id) => sql.bytes(id.as_bytes()),
            None => sql.raw("NULL"),
        };
        sql.raw(",")
            .optional_number(*digest)
            .raw(",")
            .text(&m.content)
            .raw(",")
            .optional_number(m.reply_to);
        sql.raw(",").optional_text(m.image.as_ref().map(encode::image_to_db).as_deref()).raw(",");
        write_lists(sql, m, ",");
        sql.raw(",").optional_text(m.system.as_ref().map(encode::system_to_db).as_deref());
        sql.raw(",").time(m.created_at).raw(",").optional_time(m.edited_at).raw(",");
        sql.optional_time(m.deleted_at).raw(")");
    });
    sql.raw("; ");
    let mentioned =
        plan.inserts.iter().flat_map(|(m, _)| m.mentions.iter().map(|u| (*u, m.room, m.seq)));
    insert_mentions(sql, mentioned.collect());
}

fn write_lists(sql: &mut Sql, message: &Message, between: &'static str) {
    let mentions =
        (!message.mentions.is_empty()).then(|| encode::mentions_to_db(&message.mentions));
    let reactions =
        (!message.reactions.is_empty()).then(|| encode::reactions_to_db(&message.reactions));
    sql.optional_text(mentions.as_deref()).raw(between).optional_text(reactions.as_deref());
}

fn insert_mentions(sql: &mut Sql, mentioned: Vec<(UserId, RoomId, Seq)>) {
    if mentioned.is_empty() {
        return;
    }
    sql.raw("INSERT IGNORE INTO mentions (user_id, room_id, seq) VALUES ");
    sql.list(mentioned, |sql, (user, room, seq)| {
        sql.raw("(").number(user.0).raw(",").number(room.0).raw(",").number(seq).raw(")");
    });
    sql.raw("; ");
}

fn update_message(sql: &mut Sql, m: &Message) {
    sql.raw("UPDATE messages SET changed_seq = ").number(m.changed_seq);
    sql.raw(", content = ").text(&m.content);
    sql.raw(", image = ").optional_text(m.image.as_ref().map(encode::image_to_db).as_deref());
    sql.raw(", mentions = ");
    write_lists(sql, m, ", reactions = ");
    sql.raw(", edited_at = ").optional_time(m.edited_at);
    sql.raw(", deleted_at = ").optional_time(m.deleted_at);
    sql.raw(" WHERE room_id = ").number(m.room.0).raw(" AND seq = ").number(m.seq).raw("; ");
    if m.edited_at.is_some() || m.deleted_at.is_some() {
        sql.raw("DELETE FROM mentions WHERE room_id = ").number(m.room.0);
        sql.raw(" AND seq = ").number(m.seq).raw("; ");
        insert_mentions(sql, m.mentions.iter().map(|u| (*u, m.room, m.seq)).collect());
    }
}

fn write_members(sql: &mut Sql, plan: &Plan) {
    for (room, user) in &plan.leaves {
        sql.raw("DELETE FROM members WHERE room_id = ").number(room.0);
        sql.raw(" AND user_id = ").number(user.0).raw("; ");
    }
    if !plan.joins.is_empty() {
        sql.raw(
            "INSERT INTO members (room_id, user_id, role, visible_from, read_seq, read_ordinal, joined_at) VALUES ",
        );
        sql.list(&plan.joins, |sql, member| {
            sql.raw("(").number(member.room.0).raw(",").number(member.user.0).raw(",");
            sql.number(encode::role_to_db(member.role).into())
                .raw(",")
                .number(member.visible_from)
                .raw(",");
            sql.number(member.read_seq).raw(",").number(member.read_ordinal).raw(",");
            sql.time(member.joined_at).raw(")");
        });
        sql.raw("; ");
    }
    for (room, user, role) in &plan.roles {
        sql.raw("UPDATE members SET role = ").number(encode::role_to_db(*role).into());
        sql.raw(" WHERE room_id = ").number(room.0).raw(" AND user_id = ").number(user.0).raw("; ");
    }
}

fn write_rooms(sql: &mut Sql, plan: &Plan) {
    for (room, name, unique) in &plan.names {
        sql.raw("UPDATE rooms SET name = ").text(name).raw(", public_name = ");
        sql.optional_text(unique.as_deref()).raw(" WHERE id = ").number(room.0).raw("; ");
    }
    for (room, topic) in &plan.topics {
        sql.raw("UPDATE rooms SET topic = ").optional_text(topic.as_deref());
        sql.raw(" WHERE id = ").number(room.0).raw("; ");
    }
    for (room, at) in &plan.deleted {
        sql.raw("UPDATE rooms SET public_name = NULL, direct_key = NULL, deleted_at = ").time(*at);
        sql.raw(" WHERE id = ").number(room.0).raw("; DELETE FROM members WHERE room_id = ");
        sql.number(room.0).raw("; UPDATE heads SET kind = ").number(encode::KIND_DELETED.into());
        sql.raw(" WHERE room_id = ").number(room.0).raw("; ");
    }
}
