#!/usr/bin/env bash
# fred: SSUBSCRIBE to several channels gives commands that follow it the answers of others.
#
# Versions: fred 10.1.0 (RESP3, one server), Redis 7.0.15 of Debian 12.
#
# Behaviour: Redis confirms SSUBSCRIBE with one push message for each channel. The client takes the
# first for the answer of the command, and each further one for the answer of the next command that
# waits on the connection, so that all answers behind it are shifted: with three channels, two
# commands are answered by confirmations, and the third gets the answer of the first. Every command
# is reported as successful. SUBSCRIBE to the same channels does not do this, nor does SSUBSCRIBE
# where no other command waits, nor one SSUBSCRIBE for each channel.
#
# Output seen:
#   subscribe a b c, then echo 1 2 3 4: 1 2 3 4
#   ssubscribe a b c, then echo 1 2 3 4: [ssubscribe b 2] [ssubscribe c 3] 1 2
#   ssubscribe a, b, c, then echo 1 2 3 4: 1 2 3 4
set -euo pipefail
fail() { echo "could not run: $1" >&2; exit 2; }
command -v cargo >/dev/null || fail "cargo is missing"

dir=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$dir"' EXIT
cd "$dir"
apt-get download redis-server redis-tools >apt.log 2>&1 || fail "Redis cannot be had: $(tail -1 apt.log)"
for package in redis-*.deb; do dpkg -x "$package" redis; done
ldd redis/usr/bin/redis-check-rdb | grep -q 'not found' && apt-get download liblua5.1-0 liblzf1 \
    libjemalloc2 lua-cjson lua-bitop libatomic1 >>apt.log 2>&1 && for package in lib*.deb lua*.deb; do
    dpkg -x "$package" redis; done
export LD_LIBRARY_PATH="$dir/redis/usr/lib/$(uname -m)-linux-gnu"
port=$((20000 + RANDOM % 10000))
redis/usr/bin/redis-check-rdb --version >/dev/null 2>&1 || true
redis/usr/bin/redis-server --port "$port" --bind 127.0.0.1 --save '' --dir "$dir" >redis.log 2>&1 &
server=$!

mkdir src
cat > Cargo.toml <<'T'
[package]
name = "probe"
version = "1.0.0"
edition = "2021"

[dependencies]
fred = { version = "=10.1.0", features = ["subscriber-client"] }
futures = "=0.3.31"
tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
T
cat > src/main.rs <<'R'
use fred::{cmd, prelude::*, types::RespVersion};
use futures::future::join_all;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let mut config = Config::from_url(&std::env::args().nth(1).unwrap())?;
    config.version = RespVersion::RESP3;
    for title in ["subscribe a b c", "ssubscribe a b c", "ssubscribe a, b, c"] {
        let client = Builder::from_config(config.clone()).build()?;
        client.init().await?;
        let subscribing = async {
            let channels = ["a", "b", "c"];
            match title {
                "subscribe a b c" => client.subscribe(channels.to_vec()).await,
                "ssubscribe a b c" => client.ssubscribe(channels.to_vec()).await,
                _ => join_all(channels.map(|it| client.ssubscribe(it))).await.into_iter().collect(),
            }
        };
        let echoes = join_all(["1", "2", "3", "4"].map(|it| client.custom(cmd!("ECHO"), vec![it])));
        let (subscribed, answers): (Result<(), Error>, Vec<Result<Value, Error>>) =
            tokio::join!(subscribing, echoes);
        subscribed?;
        print!("{title}, then echo 1 2 3 4:");
        for answer in answers {
            match answer? {
                Value::Array(parts) => {
                    let parts: Vec<_> = parts.iter().map(|it| it.as_string().unwrap()).collect();
                    print!(" [{}]", parts.join(" "));
                }
                value => print!(" {}", value.as_string().unwrap_or_default()),
            }
        }
        println!();
    }
    Ok(())
}
R
cargo build --quiet >cargo.log 2>&1 || fail "the probe does not build: $(grep -m1 error cargo.log)"
redis/usr/bin/redis-server --version | cut -d' ' -f3
kill -0 "$server" || fail "Redis does not start: $(tail -1 redis.log)"
seen=$(timeout 60 target/debug/probe "redis://127.0.0.1:$port") || fail "the probe failed"
echo "$seen"
expected='subscribe a b c, then echo 1 2 3 4: 1 2 3 4
ssubscribe a b c, then echo 1 2 3 4: [ssubscribe b 2] [ssubscribe c 3] 1 2
ssubscribe a, b, c, then echo 1 2 3 4: 1 2 3 4'
[ "$seen" = "$expected" ]
