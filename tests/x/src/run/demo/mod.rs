//! A workspace that looks lived in: people, rooms, pictures, and weeks of conversation.
//!
//! Users, rooms and pictures are created through the API. It cannot create messages of the past, so
//! the history is written into the database.

mod cast;
mod history;
mod picture;
mod rng;
mod script;
mod visitor;

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context as _, Result};
use testbed::{Server, Timeout, mysql, progress};

use self::{cast::Cast, rng::Rng};
use super::{account, servers::Servers, stores::Urls};

/// Fills the workspace, once: where its people are there already, nothing is done.
///
/// A server without limits does the work and ends before the real ones start, so that none of them
/// caches an older state.
pub(super) fn fill(servers: &Servers, urls: &Urls, timeout: &Timeout) -> Result<()> {
    let there =
        mysql::query(&urls.mysql, "SELECT COUNT(*) FROM users WHERE email = 'mio@example.org'")
            .context("cannot look for the people of the demo")?;
    if there.trim() != "0" {
        return Ok(());
    }
    progress::step(
        "demo",
        || {
            let mut server = Server::start(servers.unlimited(urls)?)?;
            server.wait(timeout)?;
            let address: SocketAddr = server.config().address();
            account::demo(servers.data(), address)?;
            let mut rng = Rng::new(7);
            let cast = Cast::invite(address, servers.data(), &mut rng)?;
            let rooms = cast.rooms(&mut rng)?;
            server.process().stop(Duration::from_secs(10))?;
            let count = history::write(&urls.mysql, &cast, &rooms, &mut rng)?;
            Ok((cast.people.len(), rooms.len(), count))
        },
        |(people, rooms, messages)| format!("{people} people, {rooms} rooms, {messages} messages"),
    )
    .map(|_| ())
}
