//! Goal: the migrations make people, rooms and messages that belong together; a migration that was
//! interrupted is finished, one that is refused says why each time, and what a newer program has
//! migrated is left alone.
//! Method: the keys of the tables; the rows that say what was migrated, as each of these leaves
//! them.

use anyhow::{Context as _, Result, ensure};
use harness::World;
use testbed::Checkout;

/// The row of a migration that began and did not end.
const INTERRUPTED: &str = "UPDATE _sqlx_migrations SET success = FALSE, execution_time = -1";

fn migrate(world: &World) -> Result<()> {
    world.server_command(&["migrate"]).map(drop)
}

/// What is said where it fails.
fn refusal(world: &World) -> Result<String> {
    let refusal = migrate(world).err().context("it migrates")?;
    Ok(format!("{refusal:#}"))
}

fn has_column(world: &World) -> Result<bool> {
    let columns = world.sql("SHOW COLUMNS FROM store LIKE 'profiles'")?;
    Ok(columns.iter().any(|row| row[0] == "profiles"))
}

#[tokio::test]
async fn an_older_program_works_on_the_schema_of_a_newer_one() -> Result<()> {
    let mut world = World::start("older").await?;
    let newer = |version: i64, success: bool| {
        format!(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES ({version}, 'of a newer program', {success}, '', 1)"
        )
    };
    world.sql(&newer(9001, true))?;
    migrate(&world)?;
    // Neither is it hindered by one that the newer program did not finish.
    world.sql(&newer(9002, false))?;
    migrate(&world)?;
    world.stop_server(0).await?;
    world.start_server(0).await?;
    world.sign_up("ada").await?;
    // But what it lacks itself, it does not do in the middle of it.
    world.sql("DELETE FROM _sqlx_migrations WHERE version = 4")?;
    let said = refusal(&world)?;
    ensure!(said.contains("migration 9002 was interrupted"), "{said}");
    Ok(())
}

#[tokio::test]
async fn people_rooms_and_messages_are_migrated_and_belong_together() -> Result<()> {
    let world = World::start("schema").await?;
    let files = std::fs::read_dir(Checkout::find()?.path("chat-server/migrations"))?.count();
    let done = world.sql("SELECT COUNT(*) FROM _sqlx_migrations WHERE success")?;
    ensure!(done == [[files.to_string()]], "{done:?} of {files}");
    // What is there once, and by what.
    let keys = world.sql(
        "SELECT CONCAT(table_name, ' ', GROUP_CONCAT(column_name ORDER BY seq_in_index)) \
         FROM information_schema.statistics WHERE table_schema = DATABASE() AND non_unique = 0 \
         GROUP BY table_name, index_name",
    )?;
    for key in [
        "users id",
        "users username_key",
        "users email_key",
        "sessions token_hash",
        "rooms id",
        "rooms public_name",
        "rooms direct_key",
        "heads room_id",
        "members room_id,user_id",
        "messages room_id,seq",
        "messages room_id,changed_seq",
        "messages room_id,sender_id,client_id",
        "mentions user_id,room_id,seq",
        "drafts user_id,room_id",
    ] {
        ensure!(keys.iter().any(|row| row[0] == key), "no {key} among {keys:?}");
    }
    // And nothing of what people do stands alone.
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let room = ada.group(&[&bob]).await?.id;
    ada.send(room, &format!("hello @{}", bob.me.user.username)).await?;
    let draft = serde_json::json!({ "content": "hel" });
    bob.api.put::<()>(&format!("/api/rooms/{room}/draft"), &draft).await?;
    bob.api.get::<serde_json::Value>("/api/rooms").await?;
    for (table, column, of) in [
        ("members", "user_id", "users"),
        ("members", "room_id", "rooms"),
        ("heads", "room_id", "rooms"),
        ("rooms", "created_by", "users"),
        ("messages", "sender_id", "users"),
        ("messages", "room_id", "rooms"),
        ("mentions", "user_id", "users"),
        ("drafts", "user_id", "users"),
        ("sessions", "user_id", "users"),
    ] {
        let count = format!(
            "SELECT COUNT(*) > 0, COUNT(*) = COUNT(o.id) FROM {table} t \
             LEFT JOIN {of} o ON o.id = t.{column}"
        );
        let together = world.sql(&count)?;
        ensure!(together == [["1", "1"]], "{table}.{column}: {together:?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_interrupted_migration_is_finished() -> Result<()> {
    let world = World::start("interrupted").await?;
    // After its statement, and before it.
    for undo in ["SELECT 1", "ALTER TABLE store DROP COLUMN profiles"] {
        world.sql(undo)?;
        world.sql(&format!("{INTERRUPTED} WHERE version = 4"))?;
        migrate(&world)?;
        ensure!(has_column(&world)?, "{undo}: the column is missing");
        let rest = world.sql("SELECT version FROM _sqlx_migrations WHERE success = FALSE")?;
        ensure!(rest.iter().flatten().all(|text| text.parse::<i64>().is_err()), "{rest:?}");
    }
    // In the midst of several tables.
    world.sql("DROP TABLE mentions")?;
    world.sql(&format!("{INTERRUPTED} WHERE version = 2"))?;
    migrate(&world)?;
    world.sql("SELECT COUNT(*) FROM mentions").map(drop)
}

#[tokio::test]
async fn a_refused_migration_says_why_each_time() -> Result<()> {
    let world = World::start("refused-schema").await?;
    // Somebody has added by hand what it adds.
    world.sql("DELETE FROM _sqlx_migrations WHERE version = 4")?;
    for _ in 0..2 {
        let said = refusal(&world)?;
        ensure!(said.contains("while executing migration 4"), "{said}");
        ensure!(said.contains("Duplicate column"), "{said}");
    }
    world.sql("ALTER TABLE store DROP COLUMN profiles")?;
    migrate(&world)?;
    ensure!(has_column(&world)?);
    // Of several statements nobody knows which were carried out.
    world.sql("DELETE FROM _sqlx_migrations WHERE version = 2")?;
    let said = refusal(&world)?;
    ensure!(said.contains("already exists"), "{said}");
    let said = refusal(&world)?;
    ensure!(said.contains("migration 2 was interrupted, or refused half-way"), "{said}");
    ensure!(said.contains("SET success = TRUE WHERE version = 2"), "{said}");
    // By this mark servers of other versions know it, too.
    let mark = world.sql("SELECT execution_time FROM _sqlx_migrations WHERE version = 2")?;
    assert_eq!(mark, [["-2"]]);
    Ok(())
}
