//! The test harness: private stores and real servers, users who use them over HTTP and sockets, and
//! waits with a deadline.
//!
//! A test creates a [`World`], signs up users in it, and acts as them:
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! let world = harness::World::named("hello").servers(2).start().await?;
//! let ada = world.sign_up("ada").await?;
//! let room = ada.public_room("tea").await?;
//! let socket = world.connect(1, &ada).await?;
//! ada.send(room.id, "hello").await?;
//! let event = socket.event("newMessage").await?;
//! # Ok(())
//! # }
//! ```
//!
//! Invariant: nothing in here sleeps for a fixed time to let something happen; it waits until it
//! has happened, and fails at a deadline.

pub mod api;
pub mod bucket;
pub mod checkout;
pub mod cli;
pub mod crowd;
pub mod definitions;
pub mod env;
pub mod eventually;
pub mod figures;
pub mod follower;
pub mod http;
pub mod input;
pub mod installation;
pub mod kube;
pub mod mistake;
pub mod observability;
pub mod person;
pub mod provision;
pub mod socket;
pub mod stock;
pub mod usage;
pub mod watch;
pub mod world;

pub use api::{Api, Refusal};
pub use bucket::{BUCKET, READER, S3};
pub use crowd::Crowd;
pub use eventually::{TIMEOUT, eventually};
pub use follower::Follower;
pub use input::{Input, Outcome};
pub use installation::{Installation, Kubernetes, Target};
pub use observability::{Collector, Prometheus, Span};
pub use person::{PASSWORD, Person};
pub use socket::{Answer, Event, Socket};
pub use stock::Stock;
pub use world::{Keys, Shape, World};
