//! A Kubernetes of our own, as processes that end with the one that started them.
//!
//! [`ControlPlane`] is the API with its controllers and its scheduler: enough for everything that
//! writes objects. [`Cluster`] puts it into a network of its own, together with nodes that run
//! containers.
//!
//! Invariant: nothing of it touches the network, the mounts or the file systems of the machine;
//! what it makes there (control groups) it removes.

pub mod access;
pub mod assembly;
pub mod authority;
pub mod cgroups;
pub mod client;
pub mod control;
pub mod enclave;
pub mod forward;
pub mod monitoring;
pub mod node;
pub mod place;
pub mod product;
pub mod programs;
mod volumes;

pub use access::Access;
pub use assembly::{Cluster, ClusterConfig};
pub use client::Client;
pub use control::{ControlPlane, ControlPlaneConfig};
pub use forward::Forward;
pub use node::{Node, NodeConfig};
pub use place::Place;
pub use programs::Programs;
