//! The operator: reconciles `ChatCluster` resources into chat servers and everything that they
//! need.
//!
//! `observe` (I/O) -> `resolve` (pure) -> `rollout` (pure) -> `build` (pure) -> `apply` (I/O) ->
//! `status` (pure, then one write). Each step takes the results of the previous ones; `runtime`
//! runs them for every `ChatCluster`. All steps use `crd` and `names`.

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
