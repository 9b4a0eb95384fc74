//! Locks the rooms and reads the state that a batch needs.

use chat_domain::{
    change::{Head, Loaded, Member, Title, Wanted},
    id::{RoomId, UserId},
    member::Role,
};
use futures_util::TryStreamExt;
use sqlx::{Either, Row, mysql::MySqlRow};

use super::super::{Connection, Result, encode, message, sql::Sql};

/// Reads one row of one SELECT.
type Read = fn(&mut Loaded, &MySqlRow) -> Result<()>;

impl Connection {
    /// Begins the transaction, locks the rooms and reads the rest, in one round trip. It is open
    /// until [`Connection::store`] or [`Connection::release`].
    ///
    /// # Errors
    ///
    /// The error of the store; the connection must not be used again.
    pub async fn load(&mut self, wanted: &Wanted) -> Result<Loaded> {
        let (sql, reads) = load_sql(wanted);
        let mut loaded = Loaded::default();
        let mut results = sqlx::raw_sql(sql.finish()).fetch_many(&mut self.0);
        // START TRANSACTION answers first; each SELECT ends with an answer of its own.
        let mut statement = 0;
        while let Some(item) = results.try_next().await? {
            match item {
                Either::Left(_) => statement += 1,
                Either::Right(row) => reads[statement - 1](&mut loaded, &row)?,
            }
        }
        Ok(loaded)
    }

    /// Which of these rooms exist, locked or not; deleted ones included.
    ///
    /// # Errors
    ///
    /// The error of the store.
    pub async fn existing_rooms(&mut self, rooms: &[RoomId]) -> Result<Vec<RoomId>> {
        let mut sql = Sql::default();
        sql.raw("SELECT room_id FROM heads WHERE room_id IN (");
        list_rooms(&mut sql, rooms);
        sql.raw(")");
        let rows = sqlx::raw_sql(sql.finish()).fetch_all(&mut self.0).await?;
        rows.iter().map(|row| Ok(RoomId(row.try_get("room_id")?))).collect()
    }
}

/// The statements, and the readers of the rows of each SELECT.
fn load_sql(wanted: &Wanted) -> (Sql, Vec<Read>) {
    let mut sql = Sql::default();
    let mut reads: Vec<Read> = vec![read_head, read_member];
    sql.raw("START TRANSACTION; SELECT room_id, kind, history, head, posts, floor, direct_key FROM heads WHERE room_id IN (");
    list_rooms(&mut sql, &wanted.rooms);
    sql.raw(") ORDER BY room_id FOR UPDATE");
    sql.raw(if wanted.wait { "; " } else { " SKIP LOCKED; " });
    sql.raw("SELECT room_id, user_id, role, visible_from FROM members FORCE INDEX (PRIMARY) WHERE (room_id, user_id) IN (");
    list_members(&mut sql, &wanted.members);
    sql.raw(")");
    if !wanted.clients.is_empty() {
        reads.push(read_known);
        select_messages(
            &mut sql,
            " FORCE INDEX (messages_client) WHERE (room_id, sender_id, client_id) IN (",
        );
        sql.list(&wanted.clients, |sql, (room, user, id)| {
            sql.raw("(").number(room.0).raw(",").number(user.0);
            sql.raw(",").bytes(id.as_bytes()).raw(")");
        });
        sql.raw(")");
    }
    if !wanted.rows.is_empty() {
        reads.push(read_row);
        select_messages(&mut sql, " FORCE INDEX (PRIMARY) WHERE (room_id, seq) IN (");
        sql.list(&wanted.rows, |sql, (room, seq)| {
            sql.raw("(").number(room.0).raw(",").number(*seq).raw(")");
        });
        sql.raw(")");
    }
    if !wanted.titles.is_empty() {
        reads.push(read_title);
        sql.raw("; SELECT id, name, topic FROM rooms WHERE id IN (");
        list_rooms(&mut sql, &wanted.titles);
        sql.raw(")");
    }
    if !wanted.owners.is_empty() {
        reads.push(read_roster);
        sql.raw("; SELECT room_id, user_id, role FROM members WHERE room_id IN (SELECT room_id FROM members WHERE role = ");
        sql.number(encode::role_to_db(Role::Owner).into()).raw(" AND (room_id, user_id) IN (");
        list_members(&mut sql, &wanted.owners);
        sql.raw(")) ORDER BY room_id, joined_at, user_id");
    }
    (sql, reads)
}

fn list_members(sql: &mut Sql, members: &[(RoomId, UserId)]) {
    sql.list(members, |sql, (room, user)| {
        sql.raw("(").number(room.0).raw(",").number(user.0).raw(")");
    });
}

fn list_rooms(sql: &mut Sql, rooms: &[RoomId]) {
    sql.list(rooms, |sql, room| {
        sql.number(room.0);
    });
}

/// A SELECT of messages by a list of keys, with a forced index: the optimizer's statistics of a
/// table that grows by thousands of rows per second are outdated, and a scan under the locks would
/// block all others.
fn select_messages(sql: &mut Sql, index_and_key: &'static str) {
    sql.raw("; SELECT ").raw(message::COLUMNS).raw(" FROM messages").raw(index_and_key);
}

fn read_head(loaded: &mut Loaded, row: &MySqlRow) -> Result<()> {
    let (kind, history): (u8, u8) = (row.try_get("kind")?, row.try_get("history")?);
    let (head, posts) = (row.try_get("head")?, row.try_get("posts")?);
    let purged_up_to = row.try_get("floor")?;
    let history = encode::history_from_db(history);
    let key: Option<Vec<u8>> = row.try_get("direct_key")?;
    let direct = key.as_deref().and_then(encode::direct_from_db);
    let kind = encode::kind_from_db(kind);
    let state = kind.map(|kind| Head { kind, history, head, posts, purged_up_to, direct });
    loaded.heads.insert(RoomId(row.try_get("room_id")?), state);
    Ok(())
}

fn read_member(loaded: &mut Loaded, row: &MySqlRow) -> Result<()> {
    let key = (RoomId(row.try_get("room_id")?), UserId(row.try_get("user_id")?));
    let role = encode::role_from_db(row.try_get("role")?);
    loaded.members.insert(key, Member { role, visible_from: row.try_get("visible_from")? });
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

fn read_row(loaded: &mut Loaded, row: &MySqlRow) -> Result<()> {
    let message = message::from_row(row)?;
    loaded.rows.insert((message.room, message.seq), message);
    Ok(())
}

fn read_title(loaded: &mut Loaded, row: &MySqlRow) -> Result<()> {
    let title = Title { name: row.try_get("name")?, topic: row.try_get("topic")? };
    loaded.titles.insert(RoomId(row.try_get("id")?), title);
    Ok(())
}

fn read_roster(loaded: &mut Loaded, row: &MySqlRow) -> Result<()> {
    let role = encode::role_from_db(row.try_get("role")?);
    let roster = loaded.rosters.entry(RoomId(row.try_get("room_id")?)).or_default();
    roster.push((UserId(row.try_get("user_id")?), role));
    Ok(())
}
