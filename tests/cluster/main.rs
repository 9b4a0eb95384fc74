//! Ring `cluster`: needs a Kubernetes with two nodes, which it starts by itself.

mod ground;
