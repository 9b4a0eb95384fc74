//! The Socket.IO clients that everybody has, with their default options.

use std::process::Command;

use anyhow::{Result, ensure};
use chat_contract::wire::Id;
use serde::Deserialize;
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

/// A sent message, and the received one.
#[derive(Debug, Deserialize)]
struct Said {
    seq: u64,
    content: String,
}

impl Stock {
    /// Lets two users send alternately, `rounds` times and once more; each message is acknowledged,
    /// received by the other one at the same place, and in the history that `people` then read.
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
        let said: Vec<Said> = serde_json::from_str(&program::output(&mut client)?)?;
        ensure!(said.len() == 2 * (rounds as usize + 1), "they said {said:?}");
        for person in people {
            let history = person.history(room).await?.messages;
            let newest = &history[history.len().saturating_sub(said.len())..];
            for (turn, (message, said)) in newest.iter().zip(&said).enumerate() {
                ensure!((message.seq, &message.content) == (said.seq, &said.content), "{said:?}");
                ensure!(message.sender_id == people[turn % 2].id(), "{message:?}");
            }
        }
        Ok(())
    }
}
