//! Ring `cluster`: needs a Kubernetes with two nodes, which it starts by itself.

mod chat;
mod end;
mod ground;
mod https;
mod mistake;
mod named;
mod node;
mod own;
mod pod;
mod refused;
mod revision;
mod sample;
mod scale;
mod sleep;
mod store;
mod story;
mod watch;
