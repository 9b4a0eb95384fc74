//! What watches the product in tests: a Prometheus, and a collector of traces.

mod collector;
mod prometheus;

pub use collector::{Collector, Span};
pub use prometheus::Prometheus;
