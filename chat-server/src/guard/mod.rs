//! What stands between a request and the work: the hasher, the limits, the sessions that ended.
//!
//! May enter: what one process holds in memory to protect itself and its people.
//! Invariant: all of it is bounded, and none of it is needed after a restart.

mod ended;
mod limit;
pub mod password;

pub use ended::EndedSessions;
pub use limit::{Limits, Quota};
pub use password::Hasher;
