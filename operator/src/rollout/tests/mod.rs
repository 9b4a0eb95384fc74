//! Rollouts, on a model and on objects as Kubernetes has them.

mod decisions;
mod diagnosis;
mod migration;
mod model;
mod objects;
mod plan;
mod plays;
mod properties;
mod state;
mod steps;
