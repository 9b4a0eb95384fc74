//! People, sessions and rooms, written straight into the database: signing ten thousand people up
//! would measure the password hash.

use std::fmt::Write as _;

use anyhow::Result;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chat_contract::wire::Id;
use harness::World;
use sha2::{Digest as _, Sha256};

/// Rows in one statement.
const ROWS: usize = 2_000;
const TIME: &str = "'2026-01-01 00:00:00'";

/// The session token of a person.
pub(crate) fn token(user: u64) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("bench {user}")))
}

/// The id of a room, as clients write it.
pub(crate) fn room_id(room: u64) -> String {
    Id(room).to_string()
}

/// Makes people from 1 to `users`, each with a session.
pub(crate) fn people(world: &World, users: u64) -> Result<()> {
    let all: Vec<u64> = (1..=users).collect();
    for part in all.chunks(ROWS) {
        let mut sql = String::new();
        values(
            &mut sql,
            "INSERT INTO users (id, username, username_key, email, email_key, password_hash, locale, created_at)",
            part,
            |user| {
                format!(
                    "({user},'b{user}','b{user}','b{user}@b.example','b{user}@b.example','-','en',{TIME})"
                )
            },
        );
        values(
            &mut sql,
            "INSERT INTO sessions (id, token_hash, user_id, user_agent, address, created_at, used_at, expires_at)",
            part,
            |user| {
                let hash: [u8; 32] = Sha256::digest(token(*user)).into();
                let hex = hash.iter().fold(String::new(), |mut hex, byte| {
                    let _ = write!(hex, "{byte:02x}");
                    hex
                });
                format!(
                    "({user},x'{hex}',{user},'bench','127.0.0.1',UTC_TIMESTAMP(6),UTC_TIMESTAMP(6),'2036-01-01')"
                )
            },
        );
        world.sql(&sql)?;
    }
    Ok(())
}

/// Makes rooms with their members.
pub(crate) fn rooms(world: &World, rooms: &[(u64, Vec<u64>)]) -> Result<()> {
    for part in rooms.chunks(ROWS) {
        let mut sql = String::new();
        values(
            &mut sql,
            "INSERT INTO rooms (id, kind, alias, created_by, created_at)",
            part,
            |(room, _)| format!("({room},2,'bench',1,{TIME})"),
        );
        values(&mut sql, "INSERT INTO heads (room_id, kind)", part, |(room, _)| {
            format!("({room},2)")
        });
        let members: Vec<(u64, u64)> =
            part.iter().flat_map(|(room, users)| users.iter().map(|user| (*room, *user))).collect();
        for members in members.chunks(ROWS) {
            values(
                &mut sql,
                "INSERT INTO members (room_id, user_id, joined_at)",
                members,
                |(room, user)| format!("({room},{user},{TIME})"),
            );
        }
        world.sql(&sql)?;
    }
    Ok(())
}

/// Fills a room with messages, as people would have left them.
pub(crate) fn messages(world: &World, room: u64, sender: u64, count: u64) -> Result<()> {
    let all: Vec<u64> = (1..=count).collect();
    for part in all.chunks(ROWS) {
        let mut sql = String::new();
        values(
            &mut sql,
            "INSERT INTO messages (room_id, seq, changed_seq, ordinal, sender_id, client_id, content, created_at)",
            part,
            |seq| {
                format!(
                    "({room},{seq},{seq},{seq},{sender},UNHEX(MD5('{room} {seq}')),REPEAT('m',128),{TIME})"
                )
            },
        );
        world.sql(&sql)?;
    }
    world
        .sql(&format!("UPDATE heads SET head = {count}, posts = {count} WHERE room_id = {room}"))?;
    Ok(())
}

fn values<T>(sql: &mut String, insert: &str, rows: &[T], row: impl Fn(&T) -> String) {
    let rows: Vec<String> = rows.iter().map(row).collect();
    let _ = write!(sql, "{insert} VALUES {};", rows.join(","));
}
