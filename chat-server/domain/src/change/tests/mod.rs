//! However changes are split into batches, the outcome is the same, and numbers have no gaps;
//! rejected changes have no effect.

mod memory;
mod rules;

use std::collections::BTreeMap;

use proptest::prelude::*;

use self::memory::{Memory, ROOM, post};
use super::*;

fn change() -> impl Strategy<Value = (u64, Change)> {
    let what = prop_oneof![
        4 => (0..12_u128, 0..3_u8).prop_map(|(client, text)| post(client, &format!("text {text}"))),
        2 => (1..8_u64, 0..3_u8).prop_map(|(seq, text)| Change::Edit { seq, content: format!("new {text}"), mentions: Vec::new() }),
        1 => (1..8_u64).prop_map(|seq| Change::Delete { seq }),
        2 => (1..8_u64, any::<bool>()).prop_map(|(seq, on)| Change::React { seq, emoji: "👍".into(), on }),
        1 => (1..5_u64).prop_map(|user| Change::Join(vec![UserId(user)])),
        1 => (1..5_u64).prop_map(|user| Change::Leave(UserId(user))),
        1 => (1..5_u64, any::<bool>()).prop_map(|(user, owner)| {
            Change::SetRole(UserId(user), if owner { Role::Owner } else { Role::Moderator })
        }),
        2 => (prop::option::of(0..2_u8), prop::option::of(0..2_u8)).prop_map(|(name, topic)| Change::Update {
            name: name.map(|name| format!("name {name}")),
            topic: topic.map(|topic| (topic > 0).then(|| "tea".to_owned())),
        }),
        1 => (1..8_u64).prop_map(|up_to| Change::Purge { up_to }),
    ];
    (1..5_u64, what)
}

proptest! {
    /// A rejected change leaves no trace: the outcome is as if it had never been proposed.
    #[test]
    fn what_is_rejected_changes_nothing(changes in prop::collection::vec(change(), 1..30)) {
        let start = Memory::with_members(&[(1, Role::Owner), (2, Role::Member), (3, Role::Moderator)]);
        let mut all = start.clone();
        let (answers, _) = all.commit(&changes);
        let made = changes.into_iter().zip(&answers).filter(|(_, answer)| answer.is_ok());
        let made: Vec<_> = made.map(|(change, _)| change).collect();
        let mut without = start;
        let (again, _) = without.commit(&made);
        prop_assert!(again.iter().all(Result::is_ok));
        prop_assert_eq!(all, without);
    }

    #[test]
    fn batching_changes_nothing(
        changes in prop::collection::vec(change(), 1..40),
        cuts in prop::collection::vec(1..9_usize, 1..40),
    ) {
        let start = Memory::with_members(&[(1, Role::Owner), (2, Role::Member), (3, Role::Moderator)]);
        let mut single = start.clone();
        let mut ok = Vec::new();
        for change in &changes {
            ok.extend(single.commit(std::slice::from_ref(change)).0.iter().map(Result::is_ok));
        }
        let mut batched = start;
        let mut batched_ok = Vec::new();
        let mut rest = changes.as_slice();
        let mut cursor = 0;
        let mut client: BTreeMap<Seq, Message> = BTreeMap::new();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (now, later) = rest.split_at((*cut).min(rest.len()));
            rest = later;
            let (answers, published) = batched.commit(now);
            batched_ok.extend(answers.iter().map(Result::is_ok));
            // A follower of the stream has, at each step, the same rows as the store.
            for changes in published {
                prop_assert_eq!(changes.after, cursor);
                prop_assert!(changes.rows.windows(2).all(|w| w[0].changed_seq < w[1].changed_seq));
                cursor = changes.up_to;
                for row in changes.rows {
                    prop_assert!(row.changed_seq <= cursor);
                    client.insert(row.seq, row);
                }
            }
            prop_assert_eq!(cursor, batched.heads[&ROOM].0);
        }
        prop_assert_eq!(&ok, &batched_ok);
        prop_assert_eq!(&single, &batched);
        let rows: BTreeMap<Seq, Message> =
            batched.rows.iter().map(|((_, seq), (row, _))| (*seq, row.clone())).collect();
        prop_assert_eq!(&client, &rows);
        // Every number was taken by exactly one change, and posts are counted.
        let posts = rows.values().filter(|row| row.system.is_none()).count() as u64;
        prop_assert_eq!(batched.heads[&ROOM].1, posts);
        let mut ordinals: Vec<u64> = rows.values().filter(|row| row.system.is_none()).map(|row| row.ordinal).collect();
        ordinals.sort_unstable();
        prop_assert_eq!(ordinals, (1..=posts).collect::<Vec<_>>());
    }
}
