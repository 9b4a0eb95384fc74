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

/// How one server sees itself and what it depends on. The operator reads it from servers of other
/// versions, so the names in JSON stay.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodStatus {
    /// Connected sockets.
    pub sockets: u64,
    /// Whether it drains: it takes no new connections and moves the open ones away.
    pub draining: bool,
    /// Why MySQL does not answer; `None` while it does.
    #[serde(rename = "storeTrouble")]
    pub mysql_problem: Option<String>,
    /// Why Redis is unavailable; `None` while it is available.
    #[serde(rename = "brokerTrouble")]
    pub redis_problem: Option<String>,
    /// Why pictures can be neither stored nor fetched; `None` while they can.
    #[serde(rename = "uploadsTrouble")]
    pub uploads_problem: Option<String>,
}
