//! What the parameters in the paths of the API are.

pub(in crate::http) const ROOM_ID: &str = "Id of the room, 13 characters.";
pub(in crate::http) const USER_ID: &str = "Id of the user, 13 characters.";
pub(in crate::http) const MESSAGE_ID: &str = "Id of the message, `<roomId>-<seq>`.";
pub(in crate::http) const SESSION_ID: &str = "Id of the session, 13 characters.";
pub(in crate::http) const FILE_ID: &str = "Id of the file, 13 characters.";
pub(in crate::http) const MEMBER_ID: &str = "Id of the member, 13 characters.";
pub(in crate::http) const EMOJI: &str = "One emoji, percent-encoded in the path.";
pub(in crate::http) const CACHE_KEY: &str = "Key of the cache, such as `message:{id}`.";
