//! Rows of a room's stream, encoded once for all sockets of all servers, with the fields that
//! servers need themselves; and their encoding between servers.
//!
//! During an upgrade servers of two versions exchange rows. Those up to 0.1.0 send only the first
//! four fields and ignore the others: missing fields are read once from the message when it
//! arrives.

use std::sync::Arc;

use chat_contract::wire;
use chat_domain::{
    id::{Seq, UserId},
    message::{Message, SystemEvent},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::wire::message_to_wire;

/// The effect of a row besides being shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing.
    None,
    /// These users join: their sockets enter the room.
    Joined(Vec<UserId>),
    /// This user leaves: their sockets leave the room.
    Left(UserId),
    /// The room itself changed; clients fetch it again.
    Refresh,
}

/// A row as JSON, with the fields that servers need themselves.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Its place in the room.
    pub(crate) seq: Seq,
    /// Number of its last change.
    pub(super) changed_seq: Seq,
    /// Inserted in this batch; otherwise changed in it.
    pub(super) new: bool,
    /// Its effect.
    pub(super) effect: Effect,
    /// The message, as clients get it.
    pub(crate) json: Arc<RawValue>,
}

impl Row {
    /// Encodes a message of a batch that begins after `after`.
    pub(super) fn encode(after: Seq, message: &Message) -> Option<Self> {
        let json = serde_json::value::to_raw_value(&message_to_wire(message)).ok()?;
        Some(Self {
            seq: message.seq,
            changed_seq: message.changed_seq,
            new: message.seq > after,
            effect: message.system.as_ref().map_or(Effect::None, Effect::of),
            json: json.into(),
        })
    }
}

impl Effect {
    fn of(event: &SystemEvent) -> Self {
        match event {
            SystemEvent::Created => Self::None,
            SystemEvent::Joined(users) => Self::Joined(users.clone()),
            SystemEvent::Left(user) => Self::Left(*user),
            SystemEvent::Renamed(_)
            | SystemEvent::TopicChanged(_)
            | SystemEvent::RoleChanged(..)
            | SystemEvent::Purged(_) => Self::Refresh,
        }
    }

    fn of_wire(event: wire::SystemEvent) -> Self {
        match event {
            wire::SystemEvent::Created => Self::None,
            wire::SystemEvent::Joined { user_ids } => {
                Self::Joined(user_ids.into_iter().map(|id| UserId(id.0)).collect())
            }
            wire::SystemEvent::Left { user_id } => Self::Left(UserId(user_id.0)),
            wire::SystemEvent::Renamed { .. }
            | wire::SystemEvent::TopicChanged { .. }
            | wire::SystemEvent::RoleChanged { .. }
            | wire::SystemEvent::Purged { .. } => Self::Refresh,
        }
    }
}

/// A row on the bus.
#[derive(Serialize, Deserialize)]
struct BusRow<M> {
    #[serde(rename = "n")]
    new: bool,
    #[serde(rename = "c")]
    changed_seq: Seq,
    /// It has an effect.
    #[serde(rename = "s", default, skip_serializing_if = "std::ops::Not::not")]
    system: bool,
    #[serde(rename = "m")]
    json: M,
    #[serde(rename = "q", default, skip_serializing_if = "Option::is_none")]
    seq: Option<Seq>,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    effect: Option<BusEffect>,
}

/// An effect on the bus.
#[derive(Serialize, Deserialize)]
enum BusEffect {
    #[serde(rename = "j")]
    Joined(Vec<u64>),
    #[serde(rename = "l")]
    Left(u64),
    #[serde(rename = "r")]
    Refresh,
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let effect = match &self.effect {
            Effect::None => None,
            Effect::Joined(users) => {
                Some(BusEffect::Joined(users.iter().map(|user| user.0).collect()))
            }
            Effect::Left(user) => Some(BusEffect::Left(user.0)),
            Effect::Refresh => Some(BusEffect::Refresh),
        };
        let Self { seq, changed_seq, new, json, .. } = self;
        let (changed_seq, new) = (*changed_seq, *new);
        let (system, seq) = (effect.is_some(), Some(*seq));
        BusRow::<&RawValue> { new, changed_seq, system, json, seq, effect }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let row = BusRow::<Arc<RawValue>>::deserialize(deserializer)?;
        let BusRow { new, changed_seq, system, json, seq, effect } = row;
        let is_old = seq.is_none();
        // A message that cannot be parsed is hidden from members with a `visible_from`.
        let seq = seq.unwrap_or_else(|| read_seq(&json).unwrap_or_default());
        let effect = match effect {
            Some(BusEffect::Joined(users)) => {
                Effect::Joined(users.into_iter().map(UserId).collect())
            }
            Some(BusEffect::Left(user)) => Effect::Left(UserId(user)),
            Some(BusEffect::Refresh) => Effect::Refresh,
            None if is_old && system => read_effect(&json).unwrap_or(Effect::None),
            None => Effect::None,
        };
        Ok(Self { seq, changed_seq, new, effect, json })
    }
}

fn read_seq(json: &RawValue) -> Option<Seq> {
    #[derive(Deserialize)]
    struct Place {
        seq: Seq,
    }
    serde_json::from_str(json.get()).ok().map(|Place { seq }| seq)
}

fn read_effect(json: &RawValue) -> Option<Effect> {
    let message: wire::Message = serde_json::from_str(json.get()).ok()?;
    message.system.map(Effect::of_wire)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows recorded from a server of commit 4c51096: a message, a join, a leave, a purge, and a
    /// message with a new reaction.
    const OLD: [&str; 5] = [
        r#"{"n":true,"c":3,"m":{"id":"6h2e688vf2n47-3","roomId":"6h2e688vf2n47","seq":3,"changedSeq":3,"ordinal":1,"senderId":"6h2e686c11x06","clientId":"25ea479b-2d6b-40cd-93f5-8e650aa7d76b","content":"welcome","createdAt":"2026-11-29T11:38:02.175182Z"}}"#,
        r#"{"n":true,"c":2,"s":true,"m":{"id":"6h2e688vf2n47-2","roomId":"6h2e688vf2n47","seq":2,"changedSeq":2,"ordinal":0,"senderId":"6h2e686c11x06","content":"","system":{"type":"joined","userIds":["6h2e68827pbbs"]},"createdAt":"2026-11-29T11:38:01.983746Z"}}"#,
        r#"{"n":true,"c":4,"s":true,"m":{"id":"6h2e688vf2n47-4","roomId":"6h2e688vf2n47","seq":4,"changedSeq":4,"ordinal":1,"senderId":"6h2e686c11x06","content":"","system":{"type":"left","userId":"6h2e68827pbbs"},"createdAt":"2026-11-29T11:38:02.261869Z"}}"#,
        r#"{"n":true,"c":3,"s":true,"m":{"id":"6h2e6f14yv1da-3","roomId":"6h2e6f14yv1da","seq":3,"changedSeq":3,"ordinal":1,"senderId":"0000000000000","content":"","system":{"type":"purged","upTo":2},"createdAt":"2026-11-29T11:38:58.604624Z"}}"#,
        r#"{"n":false,"c":3,"m":{"id":"6h2e6aeqxvs14-2","roomId":"6h2e6aeqxvs14","seq":2,"changedSeq":3,"ordinal":1,"senderId":"6h2e6adtcp4e2","clientId":"99bcd718-f610-4ab7-9062-dde256905001","content":"hello","reactions":[{"emoji":"👍","userIds":["6h2e6adtcp4e2"]}],"createdAt":"2026-11-29T11:38:19.935154Z"}}"#,
    ];

    /// A row as a server of that commit reads and writes it.
    #[derive(Serialize, Deserialize)]
    struct OldRow {
        #[serde(rename = "n")]
        new: bool,
        #[serde(rename = "c")]
        changed_seq: Seq,
        #[serde(rename = "s", default, skip_serializing_if = "std::ops::Not::not")]
        system: bool,
        #[serde(rename = "m")]
        json: Arc<RawValue>,
    }

    fn effects() -> [(Seq, Effect); 5] {
        let id: wire::Id = "6h2e68827pbbs".parse().unwrap();
        [
            (3, Effect::None),
            (2, Effect::Joined(vec![UserId(id.0)])),
            (4, Effect::Left(UserId(id.0))),
            (3, Effect::Refresh),
            (2, Effect::None),
        ]
    }

    #[test]
    fn rows_of_an_older_server_are_understood() {
        for (text, (seq, effect)) in OLD.into_iter().zip(effects()) {
            let old: OldRow = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&old).unwrap(), text, "as it wrote them");
            let row: Row = serde_json::from_str(text).unwrap();
            assert_eq!((row.seq, &row.effect), (seq, &effect), "{text}");
            assert_eq!((row.new, row.changed_seq), (old.new, old.changed_seq));
            assert_eq!(row.json.get(), old.json.get());
        }
        let unreadable: Row = serde_json::from_str(r#"{"n":true,"c":3,"s":true,"m":{}}"#).unwrap();
        assert_eq!((unreadable.seq, unreadable.effect), (0, Effect::None));
    }

    #[test]
    fn an_older_server_understands_our_rows() {
        for text in OLD {
            let row: Row = serde_json::from_str(text).unwrap();
            let ours = serde_json::to_string(&row).unwrap();
            let old: OldRow = serde_json::from_str(&ours).unwrap();
            assert_eq!(serde_json::to_string(&old).unwrap(), text, "all that it knows is there");
            let same: Row = serde_json::from_str(&ours).unwrap();
            assert_eq!((same.seq, same.effect), (row.seq, row.effect), "{ours}");
        }
    }

    /// The message is not parsed where the sending server included the fields.
    #[test]
    fn what_is_said_is_believed() {
        let text = r#"{"n":false,"c":11,"s":true,"m":{},"q":7,"e":{"l":6}}"#;
        let row: Row = serde_json::from_str(text).unwrap();
        assert_eq!((row.seq, &row.effect), (7, &Effect::Left(UserId(6))));
        assert_eq!(serde_json::to_string(&row).unwrap(), text);
    }
}
