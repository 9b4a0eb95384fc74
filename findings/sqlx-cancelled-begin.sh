#!/usr/bin/env bash
# sqlx, MySQL: a cancelled `pool.begin()` leaves an open transaction in the pool, and the statement
# of the next user is lost in it.
#
# Versions: sqlx 0.9.0, tokio 1.54.1, MariaDB 10.11.19 of Debian 12.
#
# Behaviour: the depth of the transaction is counted only when BEGIN has been answered. Where the
# future of `begin` is dropped before that (here by a time-out, as the network delays the answer),
# dropping it rolls nothing back, since the depth is still 0. The connection passes the pool's test
# and returns to the pool, within the transaction that the server has begun. The next statement on
# it, which should commit itself, is reported as successful; others do not see its row, and the row
# is gone when the pool is closed. A transaction that was begun and then dropped is rolled back as
# it should be. Where `after_release` runs ROLLBACK, nothing is lost.
#
# Output seen:
#   begin, then drop: inserted 1, in a transaction 0, others see 1, left 1
#   cancelled begin: inserted 1, in a transaction 1, others see 0, left 0
#   cancelled begin, ROLLBACK at release: inserted 1, in a transaction 0, others see 1, left 1
set -euo pipefail
fail() { echo "could not run: $1" >&2; exit 2; }
command -v cargo >/dev/null || fail "cargo is missing"
command -v apt-get >/dev/null || fail "apt-get is missing"

dir=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true
    rm -rf "$dir"' EXIT
cd "$dir"
export CARGO_TARGET_DIR="$dir/target"
apt-get download mariadb-server-core >apt.log 2>&1 ||
    fail "MariaDB cannot be had: $(tail -1 apt.log)"
for package in *.deb; do dpkg -x "$package" mariadb; done
if ldd mariadb/usr/sbin/mariadbd | grep -q 'not found'; then
    apt-get download libaio1 libnuma1 libpcre2-8-0 libssl3 libsystemd0 liburing2 >>apt.log 2>&1 ||
        fail "the libraries of MariaDB cannot be had: $(tail -1 apt.log)"
    for package in lib*.deb; do dpkg -x "$package" mariadb; done
    libraries=$dir/mariadb/lib/$(uname -m)-linux-gnu:$dir/mariadb/usr/lib/$(uname -m)-linux-gnu
fi
share=$dir/mariadb/usr/share/mysql
mariadbd() {
    exec env LD_LIBRARY_PATH="${libraries:-}" mariadb/usr/sbin/mariadbd --no-defaults --user=root \
        --datadir="$dir/data" --lc-messages-dir="$share" "$@"
}
mkdir data
(printf 'CREATE DATABASE mysql;\nUSE mysql;\n'
    cat "$share"/*_system_tables.sql "$share"/*_system_tables_data.sql) > tables.sql
(mariadbd --bootstrap < tables.sql >bootstrap.log 2>&1) ||
    fail "MariaDB cannot be set up: $(tail -1 bootstrap.log)"
cat > users.sql <<'Q'
CREATE DATABASE probe;
CREATE USER probe@127.0.0.1 IDENTIFIED BY 'probe';
GRANT ALL ON probe.* TO probe@127.0.0.1;
Q
port=$((20000 + RANDOM % 10000))
mariadbd --socket="$dir/socket" --bind-address=127.0.0.1 --port="$port" --skip-name-resolve \
    --init-file="$dir/users.sql" >server.log 2>&1 &
server=$!

mkdir src
cat > Cargo.toml <<'T'
[package]
name = "probe"
version = "1.0.0"
edition = "2024"

[dependencies]
tokio = { version = "=1.54.1", features = ["io-util", "macros", "net", "rt-multi-thread", "time"] }

[dependencies.sqlx]
version = "=0.9.0"
default-features = false
features = ["mysql", "runtime-tokio"]
T
cat > src/main.rs <<'R'
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use sqlx::{Connection, Executor, MySqlConnection, mysql::MySqlPoolOptions};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The end of the packet that asks for a transaction.
const BEGIN: &[u8] = b"\x03BEGIN";

/// The network between the pool and the database. The answer to BEGIN takes half a second.
async fn network(listener: TcpListener, database: String) {
    while let Ok((client, _)) = listener.accept().await {
        let (mut questions, mut client) = client.into_split();
        let (mut answers, mut server) = TcpStream::connect(&database).await.unwrap().into_split();
        let begin = Arc::new(AtomicBool::new(false));
        let slow = begin.clone();
        tokio::spawn(async move {
            let mut bytes = [0; 65_536];
            while let Ok(length @ 1..) = questions.read(&mut bytes).await {
                begin.store(bytes[..length].ends_with(BEGIN), SeqCst);
                server.write_all(&bytes[..length]).await.ok();
            }
        });
        tokio::spawn(async move {
            let mut bytes = [0; 65_536];
            while let Ok(length @ 1..) = answers.read(&mut bytes).await {
                if slow.swap(false, SeqCst) {
                    sleep(Duration::from_millis(500)).await;
                }
                client.write_all(&bytes[..length]).await.ok();
            }
        });
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let database = std::env::args().nth(1).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let way = format!("mysql://probe:probe@{}/probe", listener.local_addr()?);
    tokio::spawn(network(listener, database.clone()));
    let mut other =
        MySqlConnection::connect(&format!("mysql://probe:probe@{database}/probe")).await?;
    for (title, limit, rollback) in [
        ("begin, then drop", 5_000, false),
        ("cancelled begin", 200, false),
        ("cancelled begin, ROLLBACK at release", 200, true),
    ] {
        other.execute("CREATE OR REPLACE TABLE note (id INT PRIMARY KEY) ENGINE=InnoDB").await?;
        let mut options = MySqlPoolOptions::new().max_connections(1);
        if rollback {
            options = options.after_release(|connection, _| {
                Box::pin(async move { connection.execute("ROLLBACK").await.map(|_| true) })
            });
        }
        let pool = options.connect(&way).await?;
        let begun = timeout(Duration::from_millis(limit), pool.begin()).await;
        assert_eq!(begun.is_err(), limit < 500);
        drop(begun);
        let inserted =
            sqlx::query("INSERT INTO note VALUES (1)").execute(&pool).await?.rows_affected();
        let open: u64 = sqlx::query_scalar("SELECT @@in_transaction").fetch_one(&pool).await?;
        let count = "SELECT COUNT(*) FROM note";
        let seen: i64 = sqlx::query_scalar(count).fetch_one(&mut other).await?;
        pool.close().await;
        let left: i64 = sqlx::query_scalar(count).fetch_one(&mut other).await?;
        println!(
            "{title}: inserted {inserted}, in a transaction {open}, others see {seen}, left {left}"
        );
    }
    Ok(())
}
R
timeout 1200 cargo build --quiet >cargo.log 2>&1 ||
    fail "the probe does not build: $(grep -m1 error cargo.log)"
for _ in $(seq 60); do grep -q 'ready for connections' server.log || sleep 0.5; done
grep -q 'ready for connections' server.log && kill -0 "$server" 2>/dev/null ||
    fail "MariaDB does not start: $(tail -1 server.log)"
grep '^Version' server.log | cut -d"'" -f2
seen=$(timeout 60 target/debug/probe "127.0.0.1:$port" 2>probe.log) ||
    fail "the probe failed: $(tail -1 probe.log)"
echo "$seen"
expected='begin, then drop: inserted 1, in a transaction 0, others see 1, left 1
cancelled begin: inserted 1, in a transaction 1, others see 0, left 0
cancelled begin, ROLLBACK at release: inserted 1, in a transaction 0, others see 1, left 1'
[ "$seen" = "$expected" ]
