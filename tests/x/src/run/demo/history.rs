//! Weeks of conversation, written into the database.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use serde_json::json;
use testbed::mysql;

use super::{
    cast::{Cast, Room},
    rng::Rng,
    script::{self, Line},
};

/// How far back it goes.
const DAYS: u64 = 38;
const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

/// A message before it has its place.
struct Said {
    seconds_ago: u64,
    sender: u64,
    text: String,
    /// Place in the room's list.
    answers: Option<usize>,
    image: Option<String>,
    mentions: Vec<u64>,
    reactions: Vec<(String, Vec<u64>)>,
}

/// Writes the history of all rooms and says how many messages it is.
pub(super) fn write(url: &str, cast: &Cast, rooms: &[Room], rng: &mut Rng) -> Result<usize> {
    let mut count = 0;
    let mut sql = String::from("SET NAMES utf8mb4; START TRANSACTION;\n");
    for room in rooms {
        let head =
            mysql::query(url, &format!("SELECT head FROM heads WHERE room_id = {}", room.id))?;
        let head: u64 = head.trim().parse().context("a room has no head")?;
        let said = talk(room, cast, rng);
        count += said.len();
        put_messages(&mut sql, room, head, &said)?;
        put_counters(&mut sql, room, head, &said, rng)?;
    }
    // Nobody came today.
    let ids = |ids: Vec<u64>| ids.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
    let people = ids(cast.people.iter().map(|member| member.visitor.id).collect());
    let rooms = ids(rooms.iter().map(|room| room.id).collect());
    let back = |table: &str, column: &str, which: &str| {
        let days = DAYS + 1;
        format!("UPDATE {table} SET {column} = {column} - INTERVAL {days} DAY WHERE {which};\n")
    };
    sql += &back("users", "created_at", &format!("id IN ({people})"));
    sql += &back("rooms", "created_at", &format!("id IN ({rooms})"));
    sql += &back("members", "joined_at", &format!("room_id IN ({rooms})"));
    sql += &back("messages", "created_at", &format!("room_id IN ({rooms}) AND client_id IS NULL"));
    sql += "COMMIT;\n";
    mysql::query(url, &sql).context("cannot write the history of the demo")?;
    Ok(count)
}

/// All that was said in a room, oldest first.
fn talk(room: &Room, cast: &Cast, rng: &mut Rng) -> Vec<Said> {
    let threads = script::threads(room.script);
    let mut said: Vec<Said> = Vec::new();
    let mut last = usize::MAX;
    for thread in 0..room.threads {
        // The same conversation never comes twice in a row.
        let mut chosen = rng.index(threads.len());
        if chosen == last {
            chosen = (chosen + 1) % threads.len();
        }
        last = chosen;
        let share = DAYS * DAY / room.threads;
        let begin = (room.threads - thread) * share - rng.between(0, share / 2);
        say(&threads[chosen], begin, room, cast, rng, &mut said);
    }
    // Threads may overlap; the clock may not go back.
    for at in (1..said.len()).rev() {
        said[at - 1].seconds_ago = said[at - 1].seconds_ago.max(said[at].seconds_ago + 3);
    }
    said
}

fn say(thread: &[Line], begin: u64, room: &Room, cast: &Cast, rng: &mut Rng, said: &mut Vec<Said>) {
    let id = |at: &usize| cast.people[*at].visitor.id;
    let names = rng.some_of(&room.members, 3);
    let japanese = thread.iter().any(|line| line.text.contains('。'));
    let facts = script::facts(japanese, rng);
    let first = said.len();
    let mut ago = begin.max(20 * MINUTE);
    for line in thread {
        let speaker = names[line.speaker % names.len()];
        let other = names[1 % names.len()];
        let mut text = script::fill(&line.text, &facts);
        let mut mentions = Vec::new();
        if text.contains("@B") {
            text = text.replace("@B", &format!("@{}", cast.people[other].name));
            mentions.push(id(&other));
        }
        let image = line.picture.then(|| rng.one_of(&cast.pictures)).map(|picture| {
            json!({"url": picture.url, "public_id": picture.id, "size": picture.size}).to_string()
        });
        let reactions = line
            .reactions
            .iter()
            .map(|(emoji, count)| {
                (emoji.clone(), rng.some_of(&room.members, *count).iter().map(id).collect())
            })
            .collect();
        said.push(Said {
            seconds_ago: ago,
            sender: id(&speaker),
            text,
            answers: line.answers.map(|at| first + at),
            image,
            mentions,
            reactions,
        });
        ago = ago.saturating_sub(rng.between(15, 4 * MINUTE)).max(90);
    }
}

fn put_messages(sql: &mut String, room: &Room, head: u64, said: &[Said]) -> Result<()> {
    for (part, lines) in said.chunks(200).enumerate() {
        sql.push_str(
            "INSERT INTO messages (room_id, seq, changed_seq, ordinal, sender_id, client_id, \
             content, reply_to, image, mentions, reactions, created_at) VALUES\n",
        );
        for (at, line) in lines.iter().enumerate() {
            let ordinal = (part * 200 + at) as u64 + 1;
            let seq = head + ordinal;
            let answers = line.answers.map(|at| (head + 1 + at as u64).to_string());
            let mentions = (!line.mentions.is_empty()).then(|| json!(line.mentions).to_string());
            let reactions = (!line.reactions.is_empty()).then(|| json!(line.reactions).to_string());
            let comma = if at == 0 { "" } else { ",\n" };
            write!(
                sql,
                "{comma}({}, {seq}, {seq}, {ordinal}, {}, UNHEX(MD5('{}-{seq}')), {}, {}, {}, {}, {}, \
                 UTC_TIMESTAMP(6) - INTERVAL {} SECOND)",
                room.id,
                line.sender,
                room.id,
                quote(&line.text),
                answers.unwrap_or_else(|| "NULL".to_owned()),
                maybe(line.image.as_deref()),
                maybe(mentions.as_deref()),
                maybe(reactions.as_deref()),
                line.seconds_ago,
            )?;
        }
        sql.push_str(";\n");
    }
    Ok(())
}

/// The room's counters, who has read how far, and the mentions.
fn put_counters(
    sql: &mut String,
    room: &Room,
    head: u64,
    said: &[Said],
    rng: &mut Rng,
) -> Result<()> {
    let count = said.len() as u64;
    // `demo`, the last to come in, has something left to read in some of the rooms.
    let unread = if rng.between(0, 2) == 0 { rng.between(1, 9).min(count) } else { 0 };
    writeln!(
        sql,
        "UPDATE heads SET head = {0}, posts = {count} WHERE room_id = {1};\n\
         UPDATE members SET read_seq = {0}, read_ordinal = {count} WHERE room_id = {1};\n\
         UPDATE members m JOIN users u ON u.id = m.user_id \
         SET m.read_seq = {2}, m.read_ordinal = {3} WHERE m.room_id = {1} AND u.username = 'demo';",
        head + count,
        room.id,
        head + count - unread,
        count - unread,
    )?;
    for (at, line) in said.iter().enumerate() {
        for user in &line.mentions {
            let seq = head + 1 + at as u64;
            writeln!(sql, "INSERT INTO mentions VALUES ({user}, {}, {seq});", room.id)?;
        }
    }
    Ok(())
}

fn maybe(text: Option<&str>) -> String {
    text.map_or_else(|| "NULL".to_owned(), quote)
}

fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}
