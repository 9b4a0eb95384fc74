//! A workspace that looks lived in: people, rooms, pictures, and weeks of conversation.
//!
//! People, rooms and pictures are made through the API, as anybody would. What was said in the past
//! cannot be said through it, so the history is written into the database.

mod cast;
mod chance;
mod history;
mod picture;
mod script;
mod visitor;

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context as _, Result};
use x::stack::{Patience, Server, mysql};

use self::{cast::Cast, chance::Chance};
use super::{account, stores::Urls, towers::Towers};
use crate::progress;

/// Fills the workspace, once: where its people are there already, nothing is done.
///
/// A server without limits does the work and is gone before the real ones start, so that none of
/// them ever believed in an older state.
pub(super) fn fill(towers: &Towers, urls: &Urls, patience: &Patience) -> Result<()> {
    let there =
        mysql::query(&urls.mysql, "SELECT COUNT(*) FROM users WHERE email = 'mio@example.org'")
            .context("cannot look for the people of the demo")?;
    if there.trim() != "0" {
        return Ok(());
    }
    progress::step(
        "demo",
        || {
            let mut server = Server::start(towers.unlimited(urls)?)?;
            server.wait(patience)?;
            let address: SocketAddr = server.config().address();
            account::demo(towers.data(), address)?;
            let mut chance = Chance::new(7);
            let cast = Cast::invite(address, towers.data(), &mut chance)?;
            let rooms = cast.rooms(&mut chance)?;
            server.process().stop(Duration::from_secs(10))?;
            let count = history::write(&urls.mysql, &cast, &rooms, &mut chance)?;
            Ok((cast.people.len(), rooms.len(), count))
        },
        |(people, rooms, messages)| format!("{people} people, {rooms} rooms, {messages} messages"),
    )
    .map(|_| ())
}
