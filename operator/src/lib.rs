//! The operator: it turns `ChatCluster` resources into chat servers and what they need.
//!
//! `observe` (I/O) -> `resolve` (pure) -> `rollout` (pure) -> `build` (pure) -> `apply` (I/O) ->
//! `status` (pure, then one write). Each step takes what the ones before it give; `runtime` runs
//! them for every `ChatCluster`. `crd` and `names` are the ground that all of them stand on.

mod apply;
pub mod build;
pub mod crd;
pub mod names;
pub mod observe;
mod quantity;
pub mod resolve;
pub mod rollout;
pub mod runtime;
mod status;
