//! Encoding of values in columns: enums as small numbers, lists as JSON.

use chat_domain::{
    account::Locale,
    id::UserId,
    member::Role,
    message::{Image, Reaction, SystemEvent},
    room::{History, RoomKind},
};
use serde::{Deserialize, Serialize};

/// The kind of a room that was deleted; only in `heads`.
pub(super) const KIND_DELETED: u8 = 255;

pub(super) fn kind_to_db(kind: RoomKind) -> u8 {
    match kind {
        RoomKind::Public => 0,
        RoomKind::Private => 1,
        RoomKind::Group => 2,
        RoomKind::Direct => 3,
    }
}

pub(super) fn kind_from_db(kind: u8) -> Option<RoomKind> {
    Some(match kind {
        0 => RoomKind::Public,
        1 => RoomKind::Private,
        2 => RoomKind::Group,
        3 => RoomKind::Direct,
        _ => return None,
    })
}

pub(super) fn history_to_db(history: History) -> u8 {
    u8::from(history == History::SinceJoined)
}

pub(super) fn history_from_db(history: u8) -> History {
    if history == 1 { History::SinceJoined } else { History::All }
}

pub(super) fn role_to_db(role: Role) -> u8 {
    match role {
        Role::Member => 0,
        Role::Moderator => 1,
        Role::Owner => 2,
    }
}

pub(super) fn role_from_db(role: u8) -> Role {
    match role {
        0 => Role::Member,
        1 => Role::Moderator,
        _ => Role::Owner,
    }
}

pub(super) fn locale_from_db(locale: &str) -> Locale {
    if locale == "ja" { Locale::Ja } else { Locale::En }
}

pub(super) fn locale_to_db(locale: Locale) -> &'static str {
    match locale {
        Locale::En => "en",
        Locale::Ja => "ja",
    }
}

#[derive(Serialize, Deserialize)]
struct StoredImage {
    url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    public_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<(u32, u32)>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredEvent {
    Created,
    Joined(Vec<u64>),
    Left(u64),
    Renamed(String),
    TopicChanged(String),
    RoleChanged(u64, u8),
    Purged(u64),
}

pub(super) fn image_to_db(image: &Image) -> String {
    let Image { url, public_id, size } = image.clone();
    to_json(&StoredImage { url, public_id, size })
}

pub(super) fn image_from_db(json: &str) -> Option<Image> {
    let StoredImage { url, public_id, size } = serde_json::from_str(json).ok()?;
    Some(Image { url, public_id, size })
}

pub(super) fn mentions_to_db(users: &[UserId]) -> String {
    to_json(&users.iter().map(|u| u.0).collect::<Vec<_>>())
}

pub(super) fn mentions_from_db(json: &str) -> Option<Vec<UserId>> {
    let ids: Vec<u64> = serde_json::from_str(json).ok()?;
    Some(ids.into_iter().map(UserId).collect())
}

pub(super) fn reactions_to_db(reactions: &[Reaction]) -> String {
    let list: Vec<(&str, Vec<u64>)> = reactions
        .iter()
        .map(|r| (r.emoji.as_str(), r.users.iter().map(|u| u.0).collect()))
        .collect();
    to_json(&list)
}

pub(super) fn reactions_from_db(json: &str) -> Option<Vec<Reaction>> {
    let list: Vec<(String, Vec<u64>)> = serde_json::from_str(json).ok()?;
    let reaction = |(emoji, users): (_, Vec<u64>)| Reaction {
        emoji,
        users: users.into_iter().map(UserId).collect(),
    };
    Some(list.into_iter().map(reaction).collect())
}

pub(super) fn system_to_db(event: &SystemEvent) -> String {
    to_json(&match event {
        SystemEvent::Created => StoredEvent::Created,
        SystemEvent::Joined(users) => StoredEvent::Joined(users.iter().map(|u| u.0).collect()),
        SystemEvent::Left(user) => StoredEvent::Left(user.0),
        SystemEvent::Renamed(name) => StoredEvent::Renamed(name.clone()),
        SystemEvent::TopicChanged(topic) => StoredEvent::TopicChanged(topic.clone()),
        SystemEvent::RoleChanged(user, role) => StoredEvent::RoleChanged(user.0, role_to_db(*role)),
        SystemEvent::Purged(up_to) => StoredEvent::Purged(*up_to),
    })
}

pub(super) fn system_from_db(json: &str) -> Option<SystemEvent> {
    Some(match serde_json::from_str(json).ok()? {
        StoredEvent::Created => SystemEvent::Created,
        StoredEvent::Joined(users) => SystemEvent::Joined(users.into_iter().map(UserId).collect()),
        StoredEvent::Left(user) => SystemEvent::Left(UserId(user)),
        StoredEvent::Renamed(name) => SystemEvent::Renamed(name),
        StoredEvent::TopicChanged(topic) => SystemEvent::TopicChanged(topic),
        StoredEvent::RoleChanged(user, role) => {
            SystemEvent::RoleChanged(UserId(user), role_from_db(role))
        }
        StoredEvent::Purged(up_to) => SystemEvent::Purged(up_to),
    })
}

/// JSON of strings, numbers and lists of them, which cannot fail.
fn to_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

/// Both users of a direct room, from its key.
pub(super) fn direct_from_db(key: &[u8]) -> Option<(UserId, UserId)> {
    let (low, high) = key.split_first_chunk::<8>()?;
    Some((UserId(u64::from_be_bytes(*low)), UserId(u64::from_be_bytes(high.try_into().ok()?))))
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use super::*;

    /// Databases hold these values: a server reads what those before it wrote, and the other way
    /// round.
    fn stored<T: PartialEq + Debug, D: PartialEq + Debug>(
        value: &T,
        column: &D,
        to_db: impl Fn(&T) -> D,
        from_db: impl Fn(&D) -> T,
    ) {
        assert_eq!(to_db(value), *column, "{value:?}");
        assert_eq!(from_db(column), *value, "{column:?}");
    }

    #[test]
    fn enums_are_small_numbers() {
        let kinds = [RoomKind::Public, RoomKind::Private, RoomKind::Group, RoomKind::Direct];
        for (kind, column) in kinds.into_iter().zip(0..) {
            stored(
                &kind,
                &column,
                |kind| kind_to_db(*kind),
                |column| kind_from_db(*column).unwrap(),
            );
        }
        assert_eq!(kind_from_db(KIND_DELETED), None);
        for (history, column) in [History::All, History::SinceJoined].into_iter().zip(0..) {
            stored(&history, &column, |one| history_to_db(*one), |column| history_from_db(*column));
        }
        for (role, column) in [Role::Member, Role::Moderator, Role::Owner].into_iter().zip(0..) {
            stored(&role, &column, |role| role_to_db(*role), |column| role_from_db(*column));
        }
    }

    #[test]
    fn lists_and_records_are_json() {
        let image = |image: Image, json: &str| {
            stored(&image, &json.to_owned(), image_to_db, |json| image_from_db(json).unwrap());
        };
        let url = || "/uploads/a.png".to_owned();
        image(Image { url: url(), public_id: None, size: None }, r#"{"url":"/uploads/a.png"}"#);
        image(
            Image { url: url(), public_id: Some("a".to_owned()), size: Some((3, 2)) },
            r#"{"url":"/uploads/a.png","public_id":"a","size":[3,2]}"#,
        );
        let mentions = |users: &Vec<UserId>| mentions_to_db(users);
        let from_mentions = |json: &String| mentions_from_db(json).unwrap();
        stored(&vec![UserId(7), UserId(5)], &"[7,5]".to_owned(), mentions, from_mentions);
        let reactions = |reactions: &Vec<Reaction>| reactions_to_db(reactions);
        let from_reactions = |json: &String| reactions_from_db(json).unwrap();
        let thumb = Reaction { emoji: "👍".to_owned(), users: vec![UserId(7), UserId(5)] };
        stored(&vec![thumb], &r#"[["👍",[7,5]]]"#.to_owned(), reactions, from_reactions);
    }

    #[test]
    fn system_events_are_json_by_their_name() {
        let ada = UserId(7);
        for (event, json) in [
            (SystemEvent::Created, r#""created""#),
            (SystemEvent::Joined(vec![ada, UserId(5)]), r#"{"joined":[7,5]}"#),
            (SystemEvent::Left(ada), r#"{"left":7}"#),
            (SystemEvent::Renamed("tea".to_owned()), r#"{"renamed":"tea"}"#),
            (SystemEvent::TopicChanged("hot".to_owned()), r#"{"topic_changed":"hot"}"#),
            (SystemEvent::RoleChanged(ada, Role::Moderator), r#"{"role_changed":[7,1]}"#),
            (SystemEvent::Purged(9), r#"{"purged":9}"#),
        ] {
            stored(&event, &json.to_owned(), system_to_db, |json| system_from_db(json).unwrap());
        }
    }

    #[test]
    fn a_direct_room_is_the_ids_of_both_smaller_first() {
        let key = [1_u64.to_be_bytes(), 258_u64.to_be_bytes()].concat();
        assert_eq!(direct_from_db(&key), Some((UserId(1), UserId(258))));
        assert_eq!(direct_from_db(&key[..15]), None);
    }
}
