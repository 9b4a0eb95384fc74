//! Goal: a new revision takes over while clients chat: the server moves each client once, and
//! nothing is lost, duplicated or out of order. A changed Secret causes such a revision.
//! Method: an annotation of the pods; a new password of the database, in MySQL and then in the
//! Secret.

use std::time::Duration;

use anyhow::{Result, ensure};
use harness::{Crowd, Installation, Person, crowd::Lives, eventually};

use crate::scale::CLIENTS;

/// New pods, for no other reason than that somebody wants them.
pub(crate) async fn new_template(site: &Installation, people: &[Person]) -> Result<()> {
    let first = site.status("{.status.servingRevision}")?;
    let crowd = Crowd::start(people, CLIENTS).await?;
    let second = site.change(r#"{"podTemplate":{"annotations":{"example.org/since":"now"}}}"#)?;
    let lives = crowd.end().await?;
    println!("         {lives}");
    ensure!(first != second, "the revision is {second} as before");
    each_moved_once(&lives)
}

/// The database takes the old password and the new one; then the Secret says the new one.
pub(crate) async fn changed_secret(site: &Installation, people: &[Person]) -> Result<()> {
    let first = site.status("{.status.servingRevision}")?;
    let word = "another-word-7";
    let change = format!(
        "MYSQL_PWD=$MYSQL_ROOT_PASSWORD mysql --user=root --execute=\"ALTER USER chat@'%' \
         IDENTIFIED BY '{word}' RETAIN CURRENT PASSWORD\""
    );
    site.kubectl(&["exec", "team-mysql-0", "--", "sh", "-c", &change])?;
    let crowd = Crowd::start(people, CLIENTS).await?;
    let patch = format!(r#"{{"stringData":{{"mysql-password":"{word}"}}}}"#);
    site.kubectl(&["patch", "secret", "team-credentials", "--patch", &patch])?;
    eventually("the Secret is noticed", Duration::from_secs(30), || async {
        let target = site.status("{.status.targetRevision}")?;
        ensure!(target != first, "{target} is wanted");
        Ok(())
    })
    .await?;
    site.wait_ready()?;
    let lives = crowd.end().await?;
    println!("         {lives}");
    each_moved_once(&lives)
}

fn each_moved_once(lives: &Lives) -> Result<()> {
    lives.must_be_calm()?;
    ensure!(lives.each.iter().all(|life| life.moves == 1), "not each was moved once: {lives:?}");
    Ok(())
}
