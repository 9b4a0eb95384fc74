//! Goal: a message has an end of reactions, and whoever plays with them makes no row grow.
//! Method: the maximum of users and emoji; one user, ten thousand times.

use anyhow::Result;
use chat_contract::wire::Message;
use harness::{Socket, World};
use serde_json::json;

/// Commands under way at once: fewer than may wait.
const AT_ONCE: usize = 100;

/// Reacts with each in turn; how many were taken, and the code of each refusal.
async fn react(
    socket: &Socket,
    message: &Message,
    all: &[(String, bool)],
) -> Result<(usize, Vec<String>)> {
    let (mut taken, mut codes) = (0, Vec::new());
    for part in all.chunks(AT_ONCE) {
        let answers: Vec<_> = part
            .iter()
            .map(|(emoji, on)| {
                let body = json!({ "id": message.id, "emoji": emoji, "on": on });
                socket.emit_later("react", &body)
            })
            .collect::<Result<_>>()?;
        for answer in answers {
            let answer = answer.await?;
            if answer["ok"] == json!(true) {
                taken += 1;
            } else {
                codes.push(answer["error"]["code"].as_str().unwrap_or_default().to_owned());
            }
        }
    }
    Ok((taken, codes))
}

#[tokio::test]
async fn ten_thousand_reactions_of_one_person_make_no_large_row() -> Result<()> {
    let world = World::start("reactions-many").await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    let message = ada.send(room.id, "hello").await?;
    let socket = world.connect(0, &ada).await?;
    let row = || world.sql("SELECT LENGTH(reactions) FROM messages WHERE seq = 2");

    // On and off again, five thousand times.
    let alternating: Vec<_> = (0..5_000).map(|n| ("👍".to_owned(), n % 2 == 0)).collect();
    assert_eq!(react(&socket, &message, &alternating).await?, (5_000, Vec::new()));
    assert_eq!(
        world.sql("SELECT COALESCE(JSON_LENGTH(reactions), 0) FROM messages WHERE seq = 2")?,
        [["0"]]
    );

    // Five thousand different ones: the first twenty are taken.
    let pictures: Vec<char> = ('\u{1f300}'..='\u{1f5ff}').collect();
    let pair = |n: usize| [pictures[n / pictures.len()], pictures[n % pictures.len()]];
    let distinct: Vec<_> = (0..5_000).map(|n| (String::from_iter(pair(n)), true)).collect();
    let (taken, codes) = react(&socket, &message, &distinct).await?;
    assert_eq!((taken, codes.len()), (20, 4_980));
    assert!(codes.iter().all(|code| code == "tooManyReactions"), "{codes:?}");
    let bytes: usize = row()?[0][0].parse()?;
    assert!(bytes < 2_000, "{bytes} bytes");
    assert_eq!(world.sql("SELECT COUNT(*) FROM messages")?, [["2"]], "no row for each");
    assert_eq!(ada.send(room.id, "still here").await?.content, "still here");
    Ok(())
}

#[tokio::test]
async fn a_message_takes_a_thousand_reactions_and_no_more() -> Result<()> {
    let world = World::start("reactions").await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    let message = ada.send(room.id, "hello").await?;
    let socket = world.connect(0, &ada).await?;
    let emoji = [
        "👍", "🎉", "❤️", "👀", "🙏", "😀", "😂", "😮", "😢", "🔥", "🚀", "✅", "❌", "💯", "🤔",
        "👏", "🌱", "🍵", "☀️", "🌙",
    ];
    for emoji in emoji {
        let answer = socket.emit("react", &json!({ "id": message.id, "emoji": emoji })).await?;
        assert_eq!(answer["ok"], json!(true), "{emoji} {answer}");
    }
    let answer = socket.emit("react", &json!({ "id": message.id, "emoji": "🐢" })).await?;
    assert_eq!(answer["error"]["code"], json!("tooManyReactions"));
    let many: Vec<u64> = (1..=1_000).collect();
    let many = serde_json::to_string(&json!([["👍", many]]))?;
    world.sql(&format!("UPDATE messages SET reactions = '{many}' WHERE seq = 2"))?;
    let answer = socket.emit("react", &json!({ "id": message.id, "emoji": "👍" })).await?;
    assert_eq!(answer["error"]["code"], json!("tooManyReactions"));
    Ok(())
}
