#!/usr/bin/env bash
# socketioxide: the handlers of one socket start in another order than the client's events arrive.
#
# Versions: socketioxide 0.18.9, tokio 1.54.1, axum 0.8.9; socket.io-client 4.8.4 as the client, and
# socket.io 4.8.4 to compare, Node.js 20.20.
#
# Behaviour: a client sends 2,000 numbered events on one WebSocket. Each call of an async handler is
# spawned as a task of its own, and nothing orders these tasks. On a multi-threaded runtime of tokio
# most of the handlers start after that of a later event, also with one thread, and though none of
# them waits for anything. So a handler that only stores a value may leave an old one. On the
# current-thread runtime they start in order, as in Node's socket.io. A type that implements
# `MessageHandler` itself is called in order.
#
# Output seen (the figures that are not 0 vary):
#   async closure, current thread: 0 of 2000 started after a later one
#   async closure, 1 thread: 1962 of 2000 started after a later one
#   async closure, 4 threads: 1664 of 2000 started after a later one
#   own MessageHandler, 4 threads: 0 of 2000 started after a later one
#   Node's socket.io: 0 of 2000 started after a later one
set -euo pipefail
fail() { echo "could not run: $1" >&2; exit 2; }
command -v cargo >/dev/null || fail "cargo is missing"
command -v npm >/dev/null || fail "npm is missing"

dir=$(mktemp -d)
server=
stop() { [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true; server=; }
trap 'stop; rm -rf "$dir"' EXIT
cd "$dir"
export CARGO_TARGET_DIR="$dir/target"
echo '{ "name": "probe", "version": "1.0.0", "private": true }' > package.json
npm install --silent --no-audit --no-fund --save-exact socket.io@4.8.4 socket.io-client@4.8.4 \
    >npm.log 2>&1 || fail "the packages cannot be installed: $(tail -1 npm.log)"

mkdir src
cat > Cargo.toml <<'T'
[package]
name = "probe"
version = "1.0.0"
edition = "2024"

[dependencies]
axum = { version = "=0.8.9", default-features = false, features = ["http1", "tokio"] }
socketioxide = "=0.18.9"
socketioxide-core = "=0.20.0"
tokio = { version = "=1.54.1", features = ["net", "rt-multi-thread"] }
T
cat > src/main.rs <<'R'
use std::sync::{Arc, Mutex};

use socketioxide::{
    SocketIo,
    adapter::LocalAdapter,
    extract::{AckSender, Data, SocketRef},
    handler::MessageHandler,
    socket::Socket,
};
use socketioxide_core::Value;
use tokio::{net::TcpListener, runtime::Builder};

/// The numbers of the events whose handler started.
type Started = Arc<Mutex<Vec<u32>>>;

struct Own(Started);

/// Marker type of the handler, which is no function.
struct Marker;

impl MessageHandler<LocalAdapter, Marker> for Own {
    fn call(&self, _: Arc<Socket<LocalAdapter>>, event: Value, _: Option<i64>) {
        let Value::Str(text, _) = event else { return };
        let number = text.as_str().trim_matches(|it: char| !it.is_ascii_digit()).parse();
        self.0.lock().unwrap().push(number.unwrap());
    }
}

async fn serve() {
    let (layer, io) = SocketIo::new_layer();
    io.ns("/", async |socket: SocketRef| {
        let started = Started::default();
        socket.on("own", Own(started.clone()));
        let all = started.clone();
        socket.on("closure", async move |Data(number): Data<u32>| {
            started.lock().unwrap().push(number);
        });
        socket.on("started", async move |ack: AckSender| {
            ack.send(&*all.lock().unwrap()).unwrap();
        });
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    axum::serve(listener, axum::Router::new().layer(layer)).await.unwrap();
}

fn main() {
    let runtime = match std::env::args().nth(1).unwrap().parse().unwrap() {
        0 => Builder::new_current_thread().enable_all().build(),
        threads => Builder::new_multi_thread().worker_threads(threads).enable_all().build(),
    };
    runtime.unwrap().block_on(serve());
}
R
cat > node.js <<'J'
const { Server } = require('socket.io');

const http = require('http').createServer();
new Server(http).on('connection', (socket) => {
  const started = [];
  socket.on('closure', async (number) => started.push(number));
  socket.on('started', (ack) => ack(started));
});
http.listen(0, '127.0.0.1', () => console.log(http.address().port));
J
cat > client.js <<'J'
const { io } = require('socket.io-client');

const [url, event] = process.argv.slice(2);
const COUNT = 2000;
const socket = io(url, { transports: ['websocket'] });
socket.once('connect', async () => {
  for (let number = 1; number <= COUNT; number++) socket.emit(event, number);
  let started = [];
  while (started.length < COUNT) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    started = await socket.emitWithAck('started');
  }
  let [latest, late] = [0, 0];
  for (const number of started) {
    if (number < latest) late++;
    latest = Math.max(latest, number);
  }
  console.log(`${late} of ${COUNT} started after a later one`);
  process.exit();
});
J
timeout 1200 cargo build --quiet >cargo.log 2>&1 ||
    fail "the server does not build: $(grep -m1 error cargo.log)"

# Arguments: the title, the event, the server.
measure() {
    rm -f port
    "${@:3}" >port 2>server.log &
    server=$!
    for _ in $(seq 100); do [ -s port ] || sleep 0.1; done
    [ -s port ] || fail "the server does not start: $(tail -1 server.log)"
    seen=$(timeout 60 node client.js "http://127.0.0.1:$(<port)" "$2") || fail "the client failed"
    echo "$1: $seen"
    late=${seen%% *}
    stop
}
measure 'async closure, current thread' closure target/debug/probe 0; current=$late
measure 'async closure, 1 thread' closure target/debug/probe 1; one=$late
measure 'async closure, 4 threads' closure target/debug/probe 4; four=$late
measure 'own MessageHandler, 4 threads' own target/debug/probe 4; own=$late
measure "Node's socket.io" closure node node.js; node=$late
[ "$one" -gt 0 ] && [ "$four" -gt 0 ] && [ "$current" = 0 ] && [ "$own" = 0 ] && [ "$node" = 0 ]
