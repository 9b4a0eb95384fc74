//! However changes fall into batches, the outcome is the same, and numbers have no gaps.

use std::collections::BTreeMap;

use chat_domain::id::ClientId;
use proptest::prelude::*;

use super::*;

const ROOM: RoomId = RoomId(1);

/// A store in memory that does what the SQL does.
#[derive(Debug, Clone, Default, PartialEq)]
struct Memory {
    heads: BTreeMap<RoomId, (Seq, u64)>,
    roles: BTreeMap<(RoomId, UserId), Role>,
    rows: BTreeMap<(RoomId, Seq), (Message, Option<u64>)>,
}

impl Memory {
    fn with_members(members: &[(u64, Role)]) -> Self {
        let mut memory = Self::default();
        memory.heads.insert(ROOM, (0, 0));
        for (user, role) in members {
            memory.roles.insert((ROOM, UserId(*user)), *role);
        }
        memory
    }

    fn load(&self, wanted: &Wanted) -> Loaded {
        let mut loaded = Loaded::default();
        for room in &wanted.rooms {
            if let Some((head, posts)) = self.heads.get(room).copied() {
                let (kind, history) = (RoomKind::Public, History::All);
                loaded.heads.insert(*room, Some(Head { kind, history, head, posts, direct: None }));
            }
        }
        for key in &wanted.members {
            loaded.roles.extend(self.roles.get(key).map(|role| (*key, *role)));
        }
        for (message, digest) in self.rows.values() {
            let key = (message.room, message.sender, message.client_id.unwrap_or_default());
            if message.client_id.is_some() && wanted.clients.contains(&key) {
                loaded.known.insert(key, (message.clone(), digest.unwrap_or_default()));
            }
            if wanted.rows.contains(&(message.room, message.seq)) {
                loaded.rows.insert((message.room, message.seq), message.clone());
            }
        }
        loaded
    }

    fn store(&mut self, plan: Plan) {
        for (message, digest) in plan.inserts {
            let old = self.rows.insert((message.room, message.seq), (message, digest));
            assert!(old.is_none(), "a place is taken once");
        }
        for message in plan.updates {
            let row = self.rows.get_mut(&(message.room, message.seq)).expect("the row is there");
            row.0 = message;
        }
        for NewHead { room, before, after } in plan.heads {
            let old = self.heads.insert(room, (after.head, after.posts));
            assert_eq!(old, Some((before.head, before.posts)));
        }
        for leave in plan.leaves {
            self.roles.remove(&leave);
        }
        for join in plan.joins {
            assert!(self.roles.insert((join.room, join.user), join.role).is_none());
        }
        for (room, user, role) in plan.roles {
            self.roles.insert((room, user), role);
        }
    }

    /// Decides and stores one batch; gives back the answers and what the room is told.
    fn commit(&mut self, changes: &[(u64, Change)]) -> (Vec<Answer>, Vec<(RoomId, RoomChanges)>) {
        let now = DateTime::UNIX_EPOCH;
        let asks = || {
            changes.iter().map(|(actor, change)| Ask {
                room: ROOM,
                actor: UserId(*actor),
                change,
                now,
            })
        };
        let mut batch = Batch::new(self.load(&wanted(asks())));
        let answers = asks().map(|ask| batch.decide(&ask)).collect();
        let (plan, told, _) = batch.finish();
        self.store(plan);
        (answers, told)
    }
}

fn post(client: u128, content: &str) -> Change {
    let draft = Draft {
        client_id: ClientId::from_u128(client),
        content: content.into(),
        reply_to: None,
        image: None,
    };
    Change::Post { draft, mentions: Vec::new() }
}

fn change() -> impl Strategy<Value = (u64, Change)> {
    let what = prop_oneof![
        4 => (0..12_u128, 0..3_u8).prop_map(|(client, text)| post(client, &format!("text {text}"))),
        2 => (1..8_u64, 0..3_u8).prop_map(|(seq, text)| Change::Edit { seq, content: format!("new {text}"), mentions: Vec::new() }),
        1 => (1..8_u64).prop_map(|seq| Change::Delete { seq }),
        2 => (1..8_u64, any::<bool>()).prop_map(|(seq, on)| Change::React { seq, emoji: "👍".into(), on }),
        1 => (1..5_u64).prop_map(|user| Change::Join(vec![UserId(user)])),
        1 => (1..5_u64).prop_map(|user| Change::Leave(UserId(user))),
        1 => (1..5_u64).prop_map(|user| Change::SetRole(UserId(user), Role::Moderator)),
    ];
    (1..5_u64, what)
}

proptest! {
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
            let (answers, told) = batched.commit(now);
            batched_ok.extend(answers.iter().map(Result::is_ok));
            // Whoever follows the stream has, at each step, what the store has.
            for (_, changes) in told {
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

#[test]
fn a_retry_gets_the_first_place_and_other_content_is_refused() {
    let mut memory = Memory::with_members(&[(1, Role::Member)]);
    let (answers, _) = memory.commit(&[(1, post(7, "hello")), (1, post(7, "hello"))]);
    let seqs: Vec<_> = answers.into_iter().map(|answer| answer.unwrap().unwrap().seq).collect();
    assert_eq!(seqs, [1, 1]);
    let (answers, told) = memory.commit(&[(1, post(7, "hello")), (1, post(7, "other"))]);
    assert!(answers[0].is_ok());
    assert!(matches!(answers[1], Err(Refused::ClientIdReused)));
    assert!(told.is_empty(), "nothing changed, so nobody is told");
    assert_eq!(memory.heads[&ROOM], (1, 1));
}

#[test]
fn an_edit_does_not_make_a_retry_another_message() {
    let mut memory = Memory::with_members(&[(1, Role::Member)]);
    memory.commit(&[(1, post(7, "hello"))]);
    memory.commit(&[(1, Change::Edit { seq: 1, content: "bye".into(), mentions: Vec::new() })]);
    let (answers, _) = memory.commit(&[(1, post(7, "hello"))]);
    assert_eq!(answers[0].as_ref().unwrap().as_ref().unwrap().content, "bye");
}

#[test]
fn who_is_removed_in_a_batch_writes_no_more_in_it() {
    let mut memory = Memory::with_members(&[(1, Role::Owner), (2, Role::Member)]);
    let (answers, _) =
        memory.commit(&[(2, post(1, "a")), (1, Change::Leave(UserId(2))), (2, post(2, "b"))]);
    assert!(answers[0].is_ok() && answers[1].is_ok());
    assert!(matches!(answers[2], Err(Refused::NotMember)));
}

#[test]
fn a_deleted_room_takes_nothing_more() {
    let mut memory = Memory::with_members(&[(1, Role::Owner)]);
    let (answers, told) =
        memory.commit(&[(1, post(1, "a")), (1, Change::DeleteRoom), (1, post(2, "b"))]);
    assert!(answers[1].is_ok());
    assert!(matches!(answers[2], Err(Refused::NoRoom)));
    assert_eq!(told[0].1.up_to, 1);
}
