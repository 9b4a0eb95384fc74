//! The ring `render`: what the charts make, and what they watch with. Nothing is started.

mod alerts;
mod argo;
mod chart;
mod compose;
mod conform;
mod dashboards;
mod metrics;
mod readme;
mod twin;
