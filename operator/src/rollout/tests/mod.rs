//! Rollouts, on a model and on objects as Kubernetes has them.

mod model;
mod plan;
mod plays;
mod properties;
mod steps;
