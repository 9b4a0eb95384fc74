//! Ring `reconcile`: needs the API of a Kubernetes with its controllers, which it starts by itself.

mod ground;
