//! The committer's transaction: one round trip to lock and read, one to write and commit; or both
//! in one, which fails where a room is not in the expected state.

mod load;
mod store;
