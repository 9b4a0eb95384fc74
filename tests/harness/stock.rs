//! The Socket.IO clients that everybody has, with their default options.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use chat_contract::wire::{Id, Message};
use serde_json::json;
use testbed::{checkout::Checkout, program};

use crate::Person;

/// Whose client.
#[derive(Debug, Clone, Copy)]
pub enum Stock {
    /// `socket.io-client`, as the page uses it.
    JavaScript,
    /// `python-socketio`, as Debian packages it.
    Python,
}

impl Stock {
    /// Lets two users send alternately, `rounds` times and once more; each message is acknowledged,
    /// received as it was acknowledged, and in the history that `people` then read. A message that
    /// is sent to a user over HTTP is then received in the same way.
    pub async fn chat(self, url: &str, room: Id, people: [&Person; 2], rounds: u32) -> Result<()> {
        let scripts = Checkout::find()?.path("tests/stock");
        let mut client = match self {
            Self::JavaScript => {
                let mut node = Command::new("node");
                node.arg(scripts.join("client.mjs")).arg(Checkout::find()?.path("frontend"));
                node
            }
            Self::Python => {
                // Debian's own, which has Debian's packages; another one may stand before it.
                let mut python = Command::new("/usr/bin/python3");
                python.arg(scripts.join("client.py"));
                python
            }
        };
        client.args([url, &room.to_string(), &rounds.to_string()]);
        client.args(people.map(|person| &person.token));
        let said: Vec<Message> = serde_json::from_str(&program::output(&mut client)?)?;
        ensure!(said.len() == 2 * (rounds as usize + 1), "they said {said:?}");
        for person in people {
            let history = person.history(room).await?.messages;
            let newest = &history[history.len().saturating_sub(said.len())..];
            ensure!(newest == said, "they said {said:?}, and there is {newest:?}");
            for (turn, message) in newest.iter().enumerate() {
                ensure!(message.sender_id == people[turn % 2].id(), "{message:?}");
            }
        }
        let body = json!({
            "receiverId": people[1].id(), "content": "over HTTP",
            "imageUrl": "https://img.example/a.png", "publicId": "a",
        });
        let other: Message = people[0].api.post("/api/messages/send", &body).await?;
        let fields = |message: &Message| -> Result<Vec<String>> {
            let value = serde_json::to_value(message)?;
            Ok(value.as_object().into_iter().flat_map(|all| all.keys().cloned()).collect())
        };
        let last = said.last().context("they said nothing")?;
        ensure!((other.room_id, other.seq) == (room, last.seq + 1), "{other:?}");
        ensure!((&other.image_url, &other.public_id) == (&last.image_url, &last.public_id));
        ensure!(fields(&other)? == fields(last)?, "{other:?} is not like {last:?}");
        Ok(())
    }
}
