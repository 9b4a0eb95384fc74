//! The operator: it turns `ChatCluster` resources into chat servers and what they need.
//!
//! `observe` (I/O) -> `resolve` (pure) -> `rollout` (pure) -> `build` (pure) -> `apply` (I/O) ->
//! `status` (I/O). Each step takes what the one before it gives, and nothing else.

pub mod admin;
pub mod apply;
pub mod build;
pub mod cache;
pub mod config;
pub mod controller;
pub mod crd;
pub mod credentials;
pub mod diff;
pub mod extra;
pub mod lease;
pub mod metrics;
pub mod names;
pub mod observe;
pub mod observed;
pub mod pod_status;
pub mod quantity;
pub mod reconcile;
pub mod record;
pub mod resolve;
pub mod rollout;
pub mod run;
pub mod status;
pub mod tell;
pub mod trouble;
pub mod view;
