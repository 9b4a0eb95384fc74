//! Every limit of the product that is not a matter of configuration, and why.

/// Shorter names are hard to distinguish, and longer ones do not fit a list.
pub const USERNAME_CHARS: std::ops::RangeInclusive<usize> = 2..=32;
/// Maximum of a display name; in Japanese it may be one character long.
pub const DISPLAY_NAME_CHARS_MAX: usize = 64;
/// The longest address that mail can carry (RFC 5321, 4.5.3.1.3).
pub const EMAIL_CHARS_MAX: usize = 254;
/// NIST SP 800-63B asks for at least 8; hashing makes long ones costly.
pub const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 10..=256;
/// One line in a list of rooms.
pub const ROOM_NAME_CHARS_MAX: usize = 80;
/// Two lines under the title.
pub const TOPIC_CHARS_MAX: usize = 250;
/// A long page of text; what is longer is a file.
pub const CONTENT_CHARS_MAX: usize = 8_000;
/// What browsers take as an address.
pub const URL_CHARS_MAX: usize = 2_048;
/// An image host's id.
pub const PUBLIC_ID_CHARS_MAX: usize = 255;
/// An emoji with all its modifiers and joiners, in bytes.
pub const EMOJI_BYTES_MAX: usize = 64;
/// Different emoji on one message: more cannot be shown.
pub const REACTION_KINDS_MAX: usize = 20;
/// Reactions on one message in all: the row travels whole with each of them.
pub const REACTIONS_MAX: usize = 1_000;
/// Users whom one message may mention.
pub const MENTIONS_MAX: usize = 50;
/// Users added to a room in one call.
pub const ADD_MEMBERS_MAX: usize = 200;
/// Messages in one page of history.
pub const PAGE_MESSAGES_MAX: u32 = 200;
/// Default number of messages in one page of history.
pub const PAGE_MESSAGES: u32 = 50;
/// Changes in one page of a sync.
pub const SYNC_ROWS: u32 = 200;
/// Members of a room who are listed with it.
pub const LISTED_MEMBERS_MAX: u32 = 1_000;
/// In larger rooms read markers are not sent to others: the traffic would grow with the square of
/// the members.
pub const READ_RECEIPT_MEMBERS_MAX: usize = 100;
/// In larger rooms typing is not sent to others.
pub const TYPING_MEMBERS_MAX: usize = 500;
/// Users whose presence one socket may watch.
pub const WATCH_MAX: usize = 200;
/// Rooms in one sync command.
pub const SYNC_ROOMS_MAX: usize = 500;
/// Users in one answer to a search: nobody reads more.
pub const FOUND_USERS_MAX: u32 = 20;
/// Pixels across or down of a picture.
pub const PICTURE_SIDE_MAX: u32 = 10_000;
/// Pixels of a picture in all: what phones take. Decoded, each holds 4 bytes.
pub const PICTURE_PIXELS_MAX: u64 = 25_000_000;
/// Frames of a moving picture.
pub const PICTURE_FRAMES_MAX: u32 = 1_000;
/// Pixels of all frames of a moving picture: what a browser can be asked to play.
pub const ANIMATION_PIXELS_MAX: u64 = 250_000_000;
/// Both sides of a profile photo: twice what the page shows, for dense screens.
pub const PHOTO_SIDE: u32 = 256;
