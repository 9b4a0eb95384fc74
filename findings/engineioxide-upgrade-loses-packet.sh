#!/usr/bin/env bash
# engineioxide: a packet is lost where a client goes from polling to a WebSocket.
#
# Versions: engineioxide 0.17.9 with socketioxide 0.18.9, tokio 1.54.1, axum 0.8.9; socket.io-client
# 4.8.4 as the client, Node.js 20.20.
#
# Behaviour: the answer to a poll has at most `max_payload` bytes (100,000 by default). The packet
# that would exceed them is already taken from the queue, and is kept for the next poll. Where the
# upgrade begins before that poll, there is none: the WebSocket sends what is in the queue, and the
# packet that was kept is never sent. All calls of `emit` had been successful, and the client stays
# connected. Here the server sends 100 events of 40 kB to each client that connects, and a WebSocket
# takes 60 ms to open; without that delay, 9 of 60 connections lost an event. Nothing is lost by one
# transport alone, nor where `max_payload` exceeds all that waits.
#
# Output seen (the figure that is not 0 varies):
#   polling: 0 of 20 connections lost an event
#   websocket: 0 of 20 connections lost an event
#   polling, then websocket: 16 of 20 connections lost an event
#   polling, then websocket, max_payload of 8 MB: 0 of 20 connections lost an event
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
npm install --silent --no-audit --no-fund --save-exact socket.io-client@4.8.4 >npm.log 2>&1 ||
    fail "the client cannot be installed: $(tail -1 npm.log)"

mkdir src
cat > Cargo.toml <<'T'
[package]
name = "probe"
version = "1.0.0"
edition = "2024"

[dependencies]
axum = { version = "=0.8.9", default-features = false, features = ["http1", "tokio"] }
engineioxide = "=0.17.9"
socketioxide = "=0.18.9"
tokio = { version = "=1.54.1", features = ["macros", "net", "rt-multi-thread"] }
T
cat > src/main.rs <<'R'
use socketioxide::{SocketIo, extract::SocketRef};
use tokio::net::TcpListener;

async fn greet(socket: SocketRef) {
    let text = "x".repeat(40_000);
    for number in 1..=100 {
        socket.emit("number", &(number, &text)).unwrap();
    }
}

#[tokio::main]
async fn main() {
    let mut builder = SocketIo::builder();
    if let Some(bytes) = std::env::args().nth(1) {
        builder = builder.max_payload(bytes.parse().unwrap());
    }
    let (layer, io) = builder.build_layer();
    io.ns("/", greet);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    axum::serve(listener, axum::Router::new().layer(layer)).await.unwrap();
}
R
cat > client.js <<'J'
const net = require('net');
const { io } = require('socket.io-client');

const [port, ...transports] = process.argv.slice(2);
const [EVENTS, CONNECTIONS] = [100, 20];

// The way to the server, on which a WebSocket takes 60 ms to open.
const way = net.createServer((client) => {
  const server = net.connect(Number(port), '127.0.0.1');
  client.once('data', (data) => {
    client.pause();
    const delay = data.includes('transport=websocket') ? 60 : 0;
    setTimeout(() => {
      server.write(data);
      client.pipe(server);
    }, delay);
  });
  server.pipe(client);
  const end = () => {
    client.destroy();
    server.destroy();
  };
  for (const socket of [client, server]) socket.on('error', end).on('close', end);
});

// Resolves to the number of different events that arrive before a second of silence.
const receive = () =>
  new Promise((resolve, reject) => {
    const url = `http://127.0.0.1:${way.address().port}`;
    const socket = io(url, { transports, forceNew: true, reconnection: false });
    const seen = new Set();
    const closed = (reason) => reject(new Error(reason));
    socket.on('connect_error', reject).on('disconnect', closed);
    let silence;
    socket.on('number', (number) => {
      seen.add(number);
      clearTimeout(silence);
      silence = setTimeout(() => {
        socket.off('disconnect', closed).close();
        resolve(seen.size);
      }, 1000);
    });
  });

way.listen(0, '127.0.0.1', async () => {
  let losing = 0;
  for (let each = 0; each < CONNECTIONS; each++) if ((await receive()) < EVENTS) losing++;
  console.log(`${losing} of ${CONNECTIONS} connections lost an event`);
  process.exit();
});
J
timeout 1200 cargo build --quiet >cargo.log 2>&1 ||
    fail "the server does not build: $(grep -m1 error cargo.log)"

# Arguments: the title, the transports, the settings of the server.
measure() {
    rm -f port
    target/debug/probe "${@:3}" >port 2>server.log &
    server=$!
    for _ in $(seq 100); do [ -s port ] || sleep 0.1; done
    [ -s port ] || fail "the server does not start: $(tail -1 server.log)"
    # shellcheck disable=SC2086
    seen=$(timeout 100 node client.js "$(<port)" $2 2>client.log) ||
        fail "the client failed: $(grep -m1 Error client.log)"
    echo "$1: $seen"
    losing=${seen%% *}
    stop
}
measure 'polling' polling; polling=$losing
measure 'websocket' websocket; websocket=$losing
measure 'polling, then websocket' 'polling websocket'; both=$losing
measure 'polling, then websocket, max_payload of 8 MB' 'polling websocket' 8000000; large=$losing
[ "$both" -gt 0 ] && [ "$polling" = 0 ] && [ "$websocket" = 0 ] && [ "$large" = 0 ]
