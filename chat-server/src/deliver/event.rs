//! Batches of a room's stream, and their events for sockets.

use chat_contract::wire::{Id, event_name};
use chat_domain::{
    id::{RoomId, Seq, UserId},
    message::Message,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::row::{Effect, Row};
use crate::trace::Parent;

/// A batch of a room's stream: from one transaction, or from one query.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Batch {
    /// The room's head before it.
    #[serde(rename = "a")]
    pub(super) after: Seq,
    /// The room's head after it.
    #[serde(rename = "u")]
    pub(super) up_to: Seq,
    /// In order of their last change.
    #[serde(rename = "r")]
    pub(crate) rows: Vec<Row>,
    /// The trace that its delivery continues.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub(super) trace: Option<Parent>,
}

impl Batch {
    /// Encodes rows that changed between two heads of their room.
    pub(crate) fn encode(
        after: Seq,
        up_to: Seq,
        messages: &[Message],
        trace: Option<Parent>,
    ) -> Self {
        let rows = messages.iter().filter_map(|message| Row::encode(after, message)).collect();
        Self { after, up_to, rows, trace }
    }

    /// Approximate size in memory, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let rows = self.rows.iter().map(|row| size_of::<Row>() + row.json.get().len());
        size_of::<Self>() + rows.sum::<usize>()
    }

    /// Users who join with it.
    pub(super) fn joined(&self) -> impl Iterator<Item = UserId> {
        let joined = self.rows.iter().filter_map(|row| match &row.effect {
            Effect::Joined(users) => Some(users),
            _ => None,
        });
        joined.flatten().copied()
    }

    /// Users who leave with it, in order.
    pub(super) fn left(&self) -> impl Iterator<Item = UserId> {
        self.rows.iter().filter_map(|row| match row.effect {
            Effect::Left(user) => Some(user),
            _ => None,
        })
    }
}

/// One event for the sockets, encoded.
pub(super) struct Outgoing {
    pub(super) name: &'static str,
    pub(super) data: Box<RawValue>,
    /// Messages in it.
    pub(super) messages: u64,
}

/// Maximum of rows in one event: packets stay small enough for slow connections.
const ROWS: usize = 64;
/// Approximate bytes of rows in one event.
const BYTES: usize = 64 * 1024;

/// The events for batches of a stream: a run of new rows or of changed ones is one event, and
/// together they cover the batches from beginning to end.
pub(super) fn events(room: RoomId, batches: &[Batch]) -> Vec<Outgoing> {
    let mut out = Vec::new();
    let (Some(first), Some(last)) = (batches.first(), batches.last()) else { return out };
    let rows: Vec<&Row> = batches.iter().flat_map(|batch| &batch.rows).collect();
    if rows.is_empty() {
        // Without visible rows, the cursors of the subscribers still move on.
        out.extend(outgoing(room, false, first.after, last.up_to, &rows, 0));
    }
    let mut after = first.after;
    let mut start = 0;
    while start < rows.len() {
        let new = rows[start].new;
        let mut end = start + 1;
        let mut bytes = rows[start].json.get().len();
        while end < rows.len() && rows[end].new == new && end - start < ROWS && bytes < BYTES {
            bytes += rows[end].json.get().len();
            end += 1;
        }
        let up_to = if end == rows.len() { last.up_to } else { rows[end - 1].changed_seq };
        out.extend(outgoing(room, new, after, up_to, &rows[start..end], bytes));
        after = up_to;
        start = end;
    }
    out
}

fn outgoing(
    room: RoomId,
    new: bool,
    after: Seq,
    up_to: Seq,
    rows: &[&Row],
    bytes: usize,
) -> Option<Outgoing> {
    use std::fmt::Write as _;
    let mut json = String::with_capacity(bytes + rows.len() + 96);
    let _ =
        write!(json, r#"{{"roomId":"{}","after":{after},"upTo":{up_to},"messages":["#, Id(room.0));
    for (place, row) in rows.iter().enumerate() {
        if place > 0 {
            json.push(',');
        }
        json.push_str(row.json.get());
    }
    json.push_str("]}");
    Some(Outgoing {
        name: if new { event_name::NEW_MESSAGE } else { event_name::MESSAGE_CHANGED },
        data: RawValue::from_string(json).ok()?,
        messages: rows.len() as u64,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(new: bool, changed_seq: Seq) -> Row {
        let json = RawValue::from_string(format!("{{\"c\":{changed_seq}}}")).unwrap();
        Row { seq: changed_seq, changed_seq, new, effect: Effect::None, json: json.into() }
    }

    #[test]
    fn a_piece_without_rows_makes_an_event_too() {
        let batch = Batch { after: 3, up_to: 5, rows: Vec::new(), trace: None };
        let out = events(RoomId(1), &[batch]);
        let data: serde_json::Value = serde_json::from_str(out[0].data.get()).unwrap();
        assert_eq!((out.len(), &data["after"], &data["upTo"]), (1, &3.into(), &5.into()));
    }

    proptest! {
        /// Events cover any batches of a stream without a gap and in order.
        #[test]
        fn events_cover_the_piece(kinds in prop::collection::vec(any::<bool>(), 1..300), gaps in 1..4_u64) {
            let rows: Vec<Row> =
                kinds.iter().enumerate().map(|(i, new)| row(*new, 10 + (i as u64 + 1) * gaps)).collect();
            let up_to = rows.last().unwrap().changed_seq + 2;
            let out = events(RoomId(1), &[Batch { after: 10, up_to, rows: rows.clone(), trace: None }]);
            let mut cursor = 10;
            let mut seen = 0;
            for event in &out {
                let value: serde_json::Value = serde_json::from_str(event.data.get()).unwrap();
                prop_assert_eq!(value["after"].as_u64(), Some(cursor));
                cursor = value["upTo"].as_u64().unwrap();
                for message in value["messages"].as_array().unwrap() {
                    prop_assert_eq!(message["c"].as_u64(), Some(rows[seen].changed_seq));
                    prop_assert!(rows[seen].changed_seq <= cursor);
                    seen += 1;
                }
            }
            prop_assert_eq!(cursor, up_to);
            prop_assert_eq!(seen, rows.len());
        }
    }
}
