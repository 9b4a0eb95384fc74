//! Goal: servers come and go, and who chats notices no more than one move.
//! Method: replicas changed under a crowd; what was acknowledged is compared with what is there.

use anyhow::{Result, ensure};
use harness::{Crowd, Installation, Person};

/// Clients of each user.
pub(crate) const CLIENTS: usize = 4;

/// One server, then three, then one again.
pub(crate) async fn out_and_in(site: &Installation, people: &[Person]) -> Result<()> {
    ensure!(site.pods("server")?.len() == 1, "not one server");
    let crowd = Crowd::start(people, CLIENTS).await?;
    site.change(r#"{"replicas":3}"#)?;
    let lives = crowd.end().await?;
    println!("         1 to 3: {lives}");
    ensure!(site.pods("server")?.len() == 3, "not three servers");
    lives.must_be_calm()?;
    ensure!(lives.sum(|life| life.moves) == 0, "somebody was moved: {lives}");

    let crowd = Crowd::start(people, CLIENTS).await?;
    site.change(r#"{"replicas":1}"#)?;
    let lives = crowd.end().await?;
    println!("         3 to 1: {lives}");
    ensure!(lives.each.iter().all(|life| life.moves <= 1), "moved more than once: {lives:?}");
    lives.must_be_calm()
}
