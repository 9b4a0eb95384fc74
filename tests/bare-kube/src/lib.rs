//! A Kubernetes of our own, as processes that end with the one that started them: for machines
//! without a container engine.
//!
//! [`ControlPlane`] is the API with its controllers and its scheduler: enough for everything that
//! writes objects. [`Cluster`] puts it into a network of its own, together with nodes that run
//! containers. [`toolchain`] builds its programs from their published sources, [`images`] makes the
//! images that its pods run, and [`product`] installs the product in it.
//!
//! Invariant: nothing of it touches the network, the mounts or the file systems of the machine;
//! what it makes there (control groups) it removes.

pub mod access;
pub mod authority;
pub mod cgroups;
pub mod client;
pub mod cluster;
pub mod control;
pub mod enclave;
pub mod forward;
pub mod images;
pub mod monitoring;
pub mod node;
pub mod oci;
pub mod place;
pub mod product;
pub mod programs;
pub mod runs;
pub mod toolchain;
mod volumes;

pub use access::Access;
pub use client::Client;
pub use cluster::{Cluster, ClusterConfig};
pub use control::{ControlPlane, ControlPlaneConfig};
pub use forward::Forward;
pub use node::{Node, NodeConfig};
pub use place::Place;
pub use programs::Programs;
