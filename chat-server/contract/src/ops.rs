//! What those who run the server must know: ports, probe paths, metric names.

/// Port of the API, the page and the sockets.
pub const HTTP_PORT: u16 = 3000;
/// Port of probes and metrics.
pub const OPS_PORT: u16 = 9090;
/// Path that answers 200 as long as the process is alive.
pub const LIVEZ: &str = "/livez";
/// Path that answers 200 while the process takes requests.
pub const READYZ: &str = "/readyz";
/// Path of the Prometheus metrics.
pub const METRICS: &str = "/metrics";
