//! Goal: a migration that was interrupted is finished, one that is refused says why each time, and
//! what a newer program has migrated is left alone.
//! Method: the rows that say what was migrated, as each of these leaves them.

use anyhow::{Context as _, Result, ensure};
use harness::World;

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
    Ok(())
}
