//! The committer's transaction: one round trip to lock and read, one to write and commit; or both
//! in one, which fails where a room is not as it was thought to be.

mod load;
mod store;
