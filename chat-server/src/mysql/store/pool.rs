//! Single statements on connections of the pool, all with a timeout.
//!
//! A store may stop answering without an error: its host disappeared, or its process is stopped. A
//! connection on which that happened is not used again.

use std::{io, time::Duration};

use futures_util::{
    StreamExt, TryStreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use sqlx::{
    Either, Error, Execute, Executor, MySql, SqlStr,
    mysql::{MySqlPool, MySqlQueryResult, MySqlRow, MySqlStatement, MySqlTypeInfo},
    pool::PoolConnection,
};

/// Timeout of an answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(8);

/// The pool with timeouts.
#[derive(Debug, Clone, Copy)]
pub struct Pool<'p>(pub(super) &'p MySqlPool);

impl Pool<'_> {
    /// Begins a transaction. It has no timeout: a cancelled one would leave its connection in an
    /// unknown state.
    pub async fn begin(self) -> Result<sqlx::Transaction<'static, MySql>, Error> {
        self.0.begin().await
    }

    /// A connection for several statements.
    pub async fn acquire(self) -> Result<PoolConnection<MySql>, Error> {
        self.0.acquire().await
    }
}

/// Waits for an answer, with the timeout.
pub(super) async fn answer<T>(answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    tokio::time::timeout(ANSWER_TIMEOUT, answer).await.unwrap_or_else(|_| {
        Err(Error::Io(io::Error::new(io::ErrorKind::TimedOut, "the store is silent")))
    })
}

impl<'p> Executor<'p> for Pool<'p> {
    type Database = MySql;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<MySqlQueryResult, MySqlRow>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, MySql>,
    {
        let all = async move {
            let mut connection = self.0.acquire().await?;
            let all = answer((*connection).fetch_many(query).try_collect::<Vec<_>>()).await;
            close_where_silent(&mut connection, &all);
            all
        };
        let items = |items: Vec<_>| stream::iter(items.into_iter().map(Ok));
        stream::once(all).map_ok(items).try_flatten().boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxFuture<'e, Result<Option<MySqlRow>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, MySql>,
    {
        Box::pin(async move {
            let mut connection = self.0.acquire().await?;
            let row = answer((*connection).fetch_optional(query)).await;
            close_where_silent(&mut connection, &row);
            row
        })
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [MySqlTypeInfo],
    ) -> BoxFuture<'e, Result<MySqlStatement, Error>>
    where
        'p: 'e,
    {
        self.0.prepare_with(sql, parameters)
    }
}

fn close_where_silent<T>(connection: &mut PoolConnection<MySql>, answer: &Result<T, Error>) {
    if matches!(answer, Err(Error::Io(error)) if error.kind() == io::ErrorKind::TimedOut) {
        connection.close_on_drop();
    }
}
