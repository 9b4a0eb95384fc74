//! Brings the schema up to date, also after a migration that was interrupted.
//!
//! A migration adds before anything needs it, and removes when nothing uses it any more: an older
//! program works on a newer schema, and leaves newer migrations alone. It is one statement, which
//! the store executes as a whole or not at all; only the first two, which create an empty schema,
//! are several.

use sqlx::{
    AssertSqlSafe, Executor, SqlStr,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
    mysql::{MySqlConnection, MySqlDatabaseError},
};

use super::Store;
use crate::mysql::{Error, Result};

/// Stored as the duration of a migration of which the store refused a part. An interrupted one has
/// -1.
const REFUSED: i64 = -2;
/// Errors of statements that were applied before: a table, column or key exists already, or was
/// dropped already.
const DONE: [u16; 6] = [1050, 1051, 1060, 1061, 1091, 1826];
const NO_SUCH_TABLE: u16 = 1146;

/// The files of `chat-server/migrations`: version, description, statements. They are named here
/// because `sqlx::migrate!` needs the driver built a second time, for the compiler, and a first
/// build takes a tenth longer for it.
const MIGRATIONS: [(i64, &str, &str); 8] = [
    (1, "people", include_str!("../../../migrations/0001_people.sql")),
    (2, "rooms", include_str!("../../../migrations/0002_rooms.sql")),
    (3, "names", include_str!("../../../migrations/0003_names.sql")),
    (4, "profiles", include_str!("../../../migrations/0004_profiles.sql")),
    (5, "upload_parts", include_str!("../../../migrations/0005_upload_parts.sql")),
    (6, "purge", include_str!("../../../migrations/0006_purge.sql")),
    (7, "hidden", include_str!("../../../migrations/0007_hidden.sql")),
    (8, "drafts", include_str!("../../../migrations/0008_drafts.sql")),
];

/// All migrations, in order.
fn migrator() -> Migrator {
    let migration = |(version, description, sql): (i64, &'static str, _)| {
        let description = description.replace('_', " ").into();
        Migration::new(version, description, MigrationType::Simple, SqlStr::from_static(sql), false)
    };
    let mut migrator = Migrator::with_migrations(MIGRATIONS.map(migration).into());
    migrator.set_ignore_missing(true);
    migrator
}

impl Store {
    /// Brings the schema up to date and creates the identity of a new store. Waits while another
    /// process does the same.
    pub async fn migrate(&self, epoch: uuid::Uuid, seal_key: [u8; 32]) -> Result<()> {
        // Closing it also releases the lock that excludes other processes.
        let mut connection = self.connect().await?;
        run(&mut connection.0).await?;
        sqlx::query("INSERT IGNORE INTO store (id, epoch, seal_key) VALUES (1, ?, ?)")
            .bind(epoch)
            .bind(&seal_key[..])
            .execute(&mut connection.0)
            .await?;
        Ok(())
    }

    /// Whether all migrations of this program were applied, possibly with others.
    pub async fn is_migrated(&self) -> Result<bool> {
        match is_complete(&mut *self.pool().acquire().await?).await {
            Err(error) if error.number() == Some(NO_SUCH_TABLE) => Ok(false),
            answer => answer,
        }
    }
}

async fn is_complete(connection: &mut MySqlConnection) -> Result<bool> {
    let sql = "SELECT version FROM _sqlx_migrations WHERE success = TRUE";
    let applied: Vec<i64> = sqlx::query_scalar(sql).fetch_all(connection).await?;
    Ok(migrator().iter().all(|one| applied.contains(&one.version)))
}

async fn run(connection: &mut MySqlConnection) -> Result<()> {
    let migrator = migrator();
    loop {
        match migrator.run(&mut *connection).await {
            Ok(()) => return Ok(()),
            Err(MigrateError::Dirty(version)) => {
                match migrator.iter().find(|one| one.version == version) {
                    Some(migration) => finish(connection, migration).await?,
                    // The newer program must finish it; this one does not need it.
                    None if is_complete(connection).await? => return Ok(()),
                    None => return Err(Error::Unfinished(version)),
                }
            }
            Err(error) => {
                if let MigrateError::ExecuteMigration(sqlx::Error::Database(_), version) = &error {
                    refused(connection, &migrator, *version).await?;
                }
                return Err(error.into());
            }
        }
    }
}

/// Finishes an interrupted migration. No other process runs it, because this one has held the lock
/// since the attempt.
async fn finish(connection: &mut MySqlConnection, migration: &Migration) -> Result<()> {
    let version = migration.version;
    let sql = "SELECT checksum, execution_time FROM _sqlx_migrations WHERE version = ?";
    let (checksum, time): (Vec<u8>, i64) =
        sqlx::query_as(sql).bind(version).fetch_one(&mut *connection).await?;
    if checksum != *migration.checksum {
        return Err(MigrateError::VersionMismatch(version).into());
    }
    let statements = statements(migration.sql.as_str());
    if time == REFUSED || !statements.iter().all(|statement| is_definition(statement)) {
        return Err(Error::Unfinished(version));
    }
    for statement in statements {
        match connection.execute(AssertSqlSafe(statement)).await {
            Err(error) if !number(&error).is_some_and(|number| DONE.contains(&number)) => {
                return Err(MigrateError::ExecuteMigration(error, version).into());
            }
            _ => {}
        }
    }
    let sql = "UPDATE _sqlx_migrations SET success = TRUE WHERE version = ?";
    sqlx::query(sql).bind(version).execute(connection).await?;
    tracing::info!("finished the interrupted migration {version}");
    Ok(())
}

/// A single statement was not applied, so it can be repeated. With several that is unknown.
async fn refused(connection: &mut MySqlConnection, all: &Migrator, version: i64) -> Result<()> {
    let is_whole =
        all.iter().any(|one| one.version == version && statements(one.sql.as_str()).len() == 1);
    let change = if is_whole {
        sqlx::query("DELETE FROM _sqlx_migrations WHERE version = ? AND success = FALSE")
            .bind(version)
    } else {
        let sql = "UPDATE _sqlx_migrations SET execution_time = ? WHERE version = ? \
                   AND success = FALSE";
        sqlx::query(sql).bind(REFUSED).bind(version)
    };
    change.execute(connection).await?;
    Ok(())
}

fn number(error: &sqlx::Error) -> Option<u16> {
    let error = error.as_database_error()?.try_downcast_ref::<MySqlDatabaseError>()?;
    Some(error.number())
}

/// The statements of a migration, whose comments are on separate lines.
fn statements(sql: &str) -> Vec<String> {
    let (mut all, mut one, mut quote) = (Vec::new(), String::new(), None);
    let lines = sql.lines().filter(|line| !line.trim_start().starts_with("--"));
    for c in lines.flat_map(|line| line.chars().chain(['\n'])) {
        match (quote, c) {
            (None, ';') => {
                all.push(std::mem::take(&mut one));
                continue;
            }
            (None, '\'' | '"' | '`') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
        one.push(c);
    }
    all.push(one);
    let all = all.iter().map(|statement| statement.trim().to_owned());
    all.filter(|statement| !statement.is_empty()).collect()
}

fn is_definition(statement: &str) -> bool {
    let word = statement.split_whitespace().next().unwrap_or_default();
    ["CREATE", "ALTER", "DROP", "RENAME"].iter().any(|known| word.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use super::*;

    #[test]
    fn every_file_is_a_migration_and_every_migration_a_file() {
        let files = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).unwrap();
        let files: BTreeSet<String> =
            files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        let named = MIGRATIONS.map(|(version, name, _)| format!("{version:04}_{name}.sql"));
        assert_eq!(BTreeSet::from(named), files);
    }

    #[test]
    fn a_migration_is_one_definition() {
        for migration in migrator().iter() {
            let statements = statements(migration.sql.as_str());
            assert!(statements.iter().all(|statement| is_definition(statement)), "{statements:?}");
            assert_eq!(statements.len() == 1, migration.version > 2, "{}", migration.version);
        }
    }

    #[test]
    fn statements_end_where_nothing_is_quoted() {
        let sql =
            "-- One; two.\nCREATE TABLE `a;b` (x INT COMMENT 'it''s; \"so');\n\nDROP TABLE c;\n";
        let expected = ["CREATE TABLE `a;b` (x INT COMMENT 'it''s; \"so')", "DROP TABLE c"];
        assert_eq!(statements(sql), expected);
        assert!(!is_definition("UPDATE users SET locale = 'en'"));
    }
}
