//! Errors of the store.

/// Transient errors of the server: lock wait timeout, deadlock, shutdown, too many connections,
/// read-only (as a flag and as a server), killed, and rolled back by group replication.
const BUSY: [u16; 8] = [1205, 1213, 1053, 1040, 1290, 1836, 1927, 3101];
/// No space: on the disk, in a file, in a table, in the log.
const FULL: [u16; 4] = [1021, 1026, 1114, 1598];

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The driver or the server failed.
    #[error("store: {0}")]
    Driver(#[from] sqlx::Error),
    /// A unique key refused the row.
    #[error("store: {0} is taken")]
    Taken(String),
    /// A row has an invalid value.
    #[error("store: inconsistent row in {table}, column {column}, {id}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// Which row.
        id: String,
    },
    /// The store does not answer.
    #[error("store: no answer")]
    Silent,
    /// The migrations failed.
    #[error("migration: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A migration was applied in part, and only a person can find out what is missing.
    #[error(
        "migration {0} was interrupted, or refused half-way: let the program that has it migrate \
         again; if it says this too, do by hand what is missing of it, and then UPDATE \
         _sqlx_migrations SET success = TRUE WHERE version = {0}"
    )]
    Unfinished(i64),
}

impl Error {
    /// The unique key that refused the row: `Taken` with its name; any other error as it is.
    #[must_use]
    pub fn from_insert(error: sqlx::Error) -> Self {
        match error.as_database_error() {
            Some(cause) if cause.is_unique_violation() => {
                // "Duplicate entry 'x' for key 'users_email'"; MySQL 8 puts the table before it.
                let message = cause.message();
                let key = message.rsplit('\'').nth(1).unwrap_or_default();
                let key = key.rsplit('.').next().unwrap_or(key);
                Self::Taken(key.to_owned())
            }
            _ => Self::Driver(error),
        }
    }

    /// The server's error number.
    #[must_use]
    pub fn number(&self) -> Option<u16> {
        let Self::Driver(sqlx::Error::Database(error)) = self else { return None };
        Some(error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>()?.number())
    }

    /// Whether the state differs from the one on which the transaction was decided: a number went
    /// below zero, by which the committer detects a changed counter, or a unique key was taken.
    #[must_use]
    pub fn is_other_state(&self) -> bool {
        matches!(self, Self::Taken(_)) || self.number() == Some(1690)
    }

    /// The remedy for a failed connection.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self.number() {
            Some(1044 | 1045 | 1698) => "check user, password and rights in CHAT_MYSQL_URL",
            Some(1049) => "create the database that CHAT_MYSQL_URL names",
            Some(1040) => "raise max_connections of the store, or lower CHAT_MYSQL_CONNECTIONS",
            Some(_) => "see the log of the store",
            None => self.encryption().unwrap_or("is it running, and is CHAT_MYSQL_URL right?"),
        }
    }

    /// The remedy where a connection cannot be encrypted as `CHAT_MYSQL_URL` requires.
    #[must_use]
    pub fn encryption(&self) -> Option<&'static str> {
        let Self::Driver(error @ (sqlx::Error::Io(_) | sqlx::Error::Tls(_))) = self else {
            return None;
        };
        // The driver has the cause only as text.
        let text = error.to_string();
        let said = |sign: &str| text.contains(sign);
        if said("does not support TLS") {
            Some("turn TLS on there, or set ssl-mode=DISABLED in CHAT_MYSQL_URL")
        } else if said("UnknownIssuer") || said("BadSignature") {
            Some("ssl-ca in CHAT_MYSQL_URL names the file with the certificate of its authority")
        } else if said("not valid for name") || said("NotValidForName") {
            Some("CHAT_MYSQL_URL must name it as its certificate does, or have ssl-mode=VERIFY_CA")
        } else if said("invalid peer certificate") || said("InvalidCertificate") {
            Some("its certificate cannot be used; see there")
        } else if said("No such file") || said("no certificates found") {
            Some("ssl-ca in CHAT_MYSQL_URL must be a file with certificates (PEM)")
        } else {
            None
        }
    }

    /// Whether a retry may succeed, on another connection or later: the server is unavailable or
    /// has no space, or there was a deadlock or a lock timeout.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Driver(sqlx::Error::Database(_)) => {
                self.number().is_some_and(|number| BUSY.contains(&number) || FULL.contains(&number))
            }
            Self::Driver(error) => matches!(
                error,
                sqlx::Error::Io(_)
                    | sqlx::Error::PoolTimedOut
                    | sqlx::Error::PoolClosed
                    | sqlx::Error::Protocol(_)
                    | sqlx::Error::Tls(_)
                    | sqlx::Error::WorkerCrashed
            ),
            Self::Silent => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn failed(text: &str) -> Error {
        Error::Driver(sqlx::Error::Io(io::Error::other(text.to_owned())))
    }

    #[test]
    fn a_retry_helps_where_the_store_is_away_and_not_where_it_has_answered() {
        let away = [
            failed("connection refused"),
            Error::Driver(sqlx::Error::PoolTimedOut),
            Error::Driver(sqlx::Error::PoolClosed),
            Error::Driver(sqlx::Error::Protocol("cut".to_owned())),
            Error::Driver(sqlx::Error::Tls("refused".into())),
            Error::Driver(sqlx::Error::WorkerCrashed),
            Error::Silent,
        ];
        assert!(away.iter().all(Error::is_transient));
        let answered = [
            Error::Driver(sqlx::Error::RowNotFound),
            Error::Taken("users_email".to_owned()),
            Error::Unfinished(7),
        ];
        assert!(!answered.iter().any(Error::is_transient));
    }

    #[test]
    fn only_a_changed_counter_or_a_taken_key_is_another_state() {
        assert!(Error::Taken("heads".to_owned()).is_other_state());
        assert!(!Error::Silent.is_other_state());
        assert!(!failed("connection refused").is_other_state());
    }

    #[test]
    fn a_failed_connection_says_what_to_do() {
        assert!(failed("connection refused").remedy().starts_with("is it running"));
        for (said, remedy) in [
            ("UnknownIssuer", "ssl-ca in CHAT_MYSQL_URL names"),
            ("BadSignature", "ssl-ca in CHAT_MYSQL_URL names"),
            ("certificate not valid for name", "must name it as its certificate does"),
            ("NotValidForName", "must name it as its certificate does"),
            ("invalid peer certificate: Expired", "cannot be used"),
            ("InvalidCertificate(Expired)", "cannot be used"),
            ("No such file or directory", "must be a file"),
            ("no certificates found", "must be a file"),
        ] {
            assert!(failed(said).remedy().contains(remedy), "{said}");
        }
        let plain = Error::Driver(sqlx::Error::Tls("server does not support TLS".into()));
        assert!(plain.remedy().starts_with("turn TLS on there"));
        assert_eq!(Error::Silent.encryption(), None);
    }
}
