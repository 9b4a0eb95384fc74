//! Ring `cluster`: needs a Kubernetes with two nodes, which it starts by itself.

mod ground;
mod people;
mod site;
mod story;
