//! What those who run the server must know: ports, probe paths, status.

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
/// Path of [`PodStatus`].
pub const STATUSZ: &str = "/statusz";
/// Folder of uploaded files in a pod.
pub const UPLOADS_DIR: &str = "/var/lib/chat/uploads";
/// User and group that the server has in its image.
pub const USER: i64 = 65_532;

/// How one server sees itself and what it depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodStatus {
    /// Connected sockets.
    pub sockets: u64,
    /// Is it on its way out.
    pub draining: bool,
    /// Why the store does not answer; nothing where it does.
    pub store_trouble: Option<String>,
    /// Why Redis is away; nothing where it is there.
    pub broker_trouble: Option<String>,
    /// Why pictures can be neither stored nor fetched; nothing where they can.
    pub uploads_trouble: Option<String>,
}
