//! Writes the plan of a batch.

use chat_domain::{
    change::Plan,
    id::{RoomId, Seq, UserId},
    message::{Message, Reaction},
};

use super::super::{Connection, Error, Result, encode, sql::Sql};

impl Connection {
    /// Writes the plan in the transaction that [`Connection::load`] began, and commits, in one
    /// round trip.
    ///
    /// # Errors
    ///
    /// It was not committed, or that is unknown: [`Error::Taken`] for a name that another room has.
    pub async fn store(&mut self, plan: &Plan) -> Result<()> {
        let sql = store_sql(plan);
        sqlx::raw_sql(sql.finish()).execute(&mut self.0).await.map_err(Error::from_insert)?;
        Ok(())
    }

    /// Writes new messages and commits, in one round trip without reading first.
    ///
    /// # Errors
    ///
    /// With [`Error::is_other_state`] a room has other counters than the plan begins with, or a
    /// client id was used before. Then the transaction is still open.
    pub async fn store_if_unchanged(&mut self, plan: &Plan) -> Result<()> {
        let sql = store_if_unchanged_sql(plan);
        sqlx::raw_sql(sql.finish()).execute(&mut self.0).await.map_err(Error::from_insert)?;
        Ok(())
    }

    /// Rolls back the transaction and releases its locks.
    ///
    /// # Errors
    ///
    /// The error of the store; the connection must not be used again.
    pub async fn release(&mut self) -> Result<()> {
        sqlx::raw_sql("ROLLBACK").execute(&mut self.0).await?;
        Ok(())
    }
}

fn store_sql(plan: &Plan) -> Sql {
    let mut sql = Sql::default();
    write_messages(&mut sql, plan);
    // The rows exist and are locked, so this always updates, all in one statement.
    sql.raw("INSERT INTO heads (room_id, head, posts) VALUES ");
    sql.list(&plan.heads, |sql, new| {
        sql.raw("(").number(new.room.0).raw(",").number(new.after.head);
        sql.raw(",").number(new.after.posts).raw(")");
    });
    sql.raw(" ON DUPLICATE KEY UPDATE head = VALUES(head), posts = VALUES(posts); COMMIT");
    sql
}

fn store_if_unchanged_sql(plan: &Plan) -> Sql {
    let mut sql = Sql::default();
    // The counters come first: their row lock is the lock of the room. As the row exists, `floor`
    // here only carries the expected head. An unsigned column cannot go below zero, and that error
    // aborts the statement and all following ones, including the COMMIT.
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
    sql.list(&plan.inserts, |sql, (message, digest)| {
        // Without `..`: the compiler names this place where a field is new.
        let Message {
            room,
            seq,
            changed_seq,
            ordinal,
            sender,
            client_id,
            content,
            reply_to,
            image,
            mentions,
            reactions,
            system,
            created_at,
            edited_at,
            deleted_at,
        } = message;
        sql.raw("(").number(room.0).raw(",").number(*seq).raw(",").number(*changed_seq).raw(",");
        sql.number(*ordinal).raw(",").number(sender.0).raw(",");
        match client_id {
            Some(id) => sql.bytes(id.as_bytes()),
            None => sql.raw("NULL"),
        };
        sql.raw(",").optional_number(*digest).raw(",").text(content).raw(",");
        sql.optional_number(*reply_to).raw(",");
        sql.optional_text(image.as_ref().map(encode::image_to_db).as_deref()).raw(",");
        sql.optional_text(mentions_column(mentions).as_deref()).raw(",");
        sql.optional_text(reactions_column(reactions).as_deref());
        sql.raw(",").optional_text(system.as_ref().map(encode::system_to_db).as_deref());
        sql.raw(",").time(*created_at).raw(",").optional_time(*edited_at).raw(",");
        sql.optional_time(*deleted_at).raw(")");
    });
    sql.raw("; ");
    let mentioned =
        plan.inserts.iter().flat_map(|(m, _)| m.mentions.iter().map(|u| (*u, m.room, m.seq)));
    insert_mentions(sql, mentioned.collect());
}

fn mentions_column(mentions: &[UserId]) -> Option<String> {
    (!mentions.is_empty()).then(|| encode::mentions_to_db(mentions))
}

fn reactions_column(reactions: &[Reaction]) -> Option<String> {
    (!reactions.is_empty()).then(|| encode::reactions_to_db(reactions))
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

fn update_message(sql: &mut Sql, message: &Message) {
    // Without `..`: the compiler names this place where a field is new.
    let Message {
        room,
        seq,
        changed_seq,
        ordinal: _,
        sender: _,
        client_id: _,
        content,
        reply_to: _,
        image,
        mentions,
        reactions,
        system: _,
        created_at: _,
        edited_at,
        deleted_at,
    } = message;
    sql.raw("UPDATE messages SET changed_seq = ").number(*changed_seq);
    sql.raw(", content = ").text(content);
    sql.raw(", image = ").optional_text(image.as_ref().map(encode::image_to_db).as_deref());
    sql.raw(", mentions = ").optional_text(mentions_column(mentions).as_deref());
    sql.raw(", reactions = ").optional_text(reactions_column(reactions).as_deref());
    sql.raw(", edited_at = ").optional_time(*edited_at);
    sql.raw(", deleted_at = ").optional_time(*deleted_at);
    sql.raw(" WHERE room_id = ").number(room.0).raw(" AND seq = ").number(*seq).raw("; ");
    if edited_at.is_some() || deleted_at.is_some() {
        sql.raw("DELETE FROM mentions WHERE room_id = ").number(room.0);
        sql.raw(" AND seq = ").number(*seq).raw("; ");
        insert_mentions(sql, mentions.iter().map(|user| (*user, *room, *seq)).collect());
    }
}

fn write_members(sql: &mut Sql, plan: &Plan) {
    for (room, user) in &plan.leaves {
        sql.raw("DELETE FROM members WHERE room_id = ").number(room.0);
        sql.raw(" AND user_id = ").number(user.0).raw("; DELETE FROM drafts WHERE user_id = ");
        sql.number(user.0).raw(" AND room_id = ").number(room.0).raw("; ");
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
    for (room, up_to) in &plan.purges {
        sql.raw("UPDATE heads SET floor = ").number(*up_to);
        sql.raw(" WHERE room_id = ").number(room.0).raw("; ");
        // Nobody has to read what nobody can.
        sql.raw("UPDATE members SET read_ordinal = COALESCE((SELECT x.ordinal FROM messages x WHERE x.room_id = ");
        sql.number(room.0).raw(" AND x.seq <= ").number(*up_to);
        sql.raw(" ORDER BY x.seq DESC LIMIT 1), read_ordinal), read_seq = ").number(*up_to);
        sql.raw(" WHERE room_id = ").number(room.0);
        sql.raw(" AND read_seq < ").number(*up_to).raw("; ");
    }
    for (room, at) in &plan.deleted {
        sql.raw("UPDATE rooms SET public_name = NULL, direct_key = NULL, deleted_at = ").time(*at);
        sql.raw(" WHERE id = ").number(room.0).raw("; DELETE d FROM members m JOIN drafts d ");
        sql.raw("ON d.user_id = m.user_id AND d.room_id = m.room_id WHERE m.room_id = ");
        sql.number(room.0).raw("; DELETE FROM members WHERE room_id = ");
        sql.number(room.0).raw("; UPDATE heads SET kind = ").number(encode::KIND_DELETED.into());
        sql.raw(" WHERE room_id = ").number(room.0).raw("; ");
    }
}
