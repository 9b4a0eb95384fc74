//! However changes fall into batches, the outcome is the same, and numbers have no gaps.

use std::collections::BTreeMap;

use chat_domain::{id::ClientId, message::Draft, room::History};
use proptest::prelude::*;

use super::*;
use crate::mysql::commit::Title;

const ROOM: RoomId = RoomId(1);

/// A store in memory that does what the SQL does.
#[derive(Debug, Clone, Default, PartialEq)]
struct Memory {
    heads: BTreeMap<RoomId, (Seq, u64)>,
    floors: BTreeMap<RoomId, Seq>,
    members: BTreeMap<(RoomId, UserId), Member>,
    /// In the order in which they came.
    standing: Vec<(RoomId, UserId)>,
    rows: BTreeMap<(RoomId, Seq), (Message, Option<u64>)>,
    titles: BTreeMap<RoomId, Title>,
    /// Later members see nothing from before.
    since_joined: bool,
}

impl Memory {
    fn with_members(members: &[(u64, Role)]) -> Self {
        let mut memory = Self::default();
        memory.heads.insert(ROOM, (0, 0));
        for (user, role) in members {
            let member = Member { role: *role, visible_from: 0 };
            memory.members.insert((ROOM, UserId(*user)), member);
            memory.standing.push((ROOM, UserId(*user)));
        }
        memory
    }

    fn load(&self, wanted: &Wanted) -> Loaded {
        let mut loaded = Loaded::default();
        for room in &wanted.rooms {
            if let Some((head, posts)) = self.heads.get(room).copied() {
                let kind = RoomKind::Public;
                let history = if self.since_joined { History::SinceJoined } else { History::All };
                let floor = self.floors.get(room).copied().unwrap_or_default();
                let head = Head { kind, history, head, posts, floor, direct: None };
                loaded.heads.insert(*room, Some(head));
            }
        }
        for key in &wanted.members {
            loaded.members.extend(self.members.get(key).map(|member| (*key, *member)));
        }
        for room in &wanted.titles {
            loaded.titles.extend(self.titles.get(room).map(|title| (*room, title.clone())));
        }
        let owns = |key| self.members.get(key).is_some_and(|member| member.role == Role::Owner);
        if wanted.owners.iter().any(owns) {
            let standing = self.standing.iter().map(|key| (key.1, self.members[key].role));
            loaded.standing.insert(ROOM, standing.collect());
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
        self.floors.extend(plan.floors);
        for leave in plan.leaves {
            self.members.remove(&leave);
            self.standing.retain(|key| *key != leave);
        }
        for join in plan.joins {
            let member = Member { role: join.role, visible_from: join.visible_from };
            assert!(self.members.insert((join.room, join.user), member).is_none());
            self.standing.push((join.room, join.user));
        }
        for (room, user, role) in plan.roles {
            self.members.get_mut(&(room, user)).expect("they are in it").role = role;
        }
        for (room, name, _) in plan.names {
            self.titles.entry(room).or_default().name = Some(name);
        }
        for (room, topic) in plan.topics {
            self.titles.entry(room).or_default().topic = topic;
        }
    }

    /// Decides and stores one batch; gives back the answers and what the room is told.
    fn commit(&mut self, changes: &[(u64, Change)]) -> (Vec<Answer>, Vec<(RoomId, RoomChanges)>) {
        self.attempt(changes, false)
    }

    fn attempt(
        &mut self,
        changes: &[(u64, Change)],
        uncertain: bool,
    ) -> (Vec<Answer>, Vec<(RoomId, RoomChanges)>) {
        let now = DateTime::UNIX_EPOCH;
        let asks = || {
            changes.iter().map(|(actor, change)| Ask {
                room: ROOM,
                actor: UserId(*actor),
                change,
                now,
                uncertain,
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
        1 => (1..5_u64, any::<bool>()).prop_map(|(user, owner)| {
            Change::SetRole(UserId(user), if owner { Role::Owner } else { Role::Moderator })
        }),
        1 => (0..2_u8).prop_map(|name| Change::Rename { name: format!("name {name}") }),
        1 => (1..8_u64).prop_map(|up_to| Change::Purge { up_to }),
        1 => (0..2_u8).prop_map(|topic| Change::SetTopic((topic > 0).then(|| "tea".to_owned()))),
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

fn row(answers: &[Answer]) -> Option<Seq> {
    answers[0].as_ref().unwrap().as_ref().map(|message| message.seq)
}

#[test]
fn what_was_before_one_joined_is_not_there_for_one() {
    let mut memory = Memory::with_members(&[(1, Role::Owner)]);
    memory.since_joined = true;
    memory.commit(&[(1, post(1, "secret"))]);
    let thumb = |on| Change::React { seq: 1, emoji: "👍".into(), on };
    let answer = Draft {
        client_id: ClientId::from_u128(2),
        content: "text".into(),
        reply_to: Some(1),
        image: None,
    };
    let attempts = [
        thumb(true),
        thumb(false),
        Change::Edit { seq: 1, content: "secret".into(), mentions: Vec::new() },
        Change::Delete { seq: 1 },
        Change::Post { draft: answer, mentions: Vec::new() },
    ];
    // In the batch that they join in, and after it.
    let mut batch = vec![(2, Change::Join(vec![UserId(2)]))];
    batch.extend(attempts.iter().map(|attempt| (2, attempt.clone())));
    let (mut answers, _) = memory.commit(&batch);
    answers.remove(0).unwrap();
    let role = Change::SetRole(UserId(2), Role::Owner);
    assert_eq!(row(&memory.commit(&[(1, role)]).0), Some(3));
    let later: Vec<_> = attempts.into_iter().map(|attempt| (2, attempt)).collect();
    answers.extend(memory.commit(&later).0);
    for answer in answers {
        assert!(matches!(answer, Err(Refused::NoMessage)), "{answer:?}");
    }

    // One's own from the time before too: one goes and comes again.
    memory.commit(&[(2, post(3, "mine"))]);
    memory.commit(&[(2, Change::Leave(UserId(2))), (2, Change::Join(vec![UserId(2)]))]);
    let edit = Change::Edit { seq: 4, content: "other".into(), mentions: Vec::new() };
    assert!(matches!(memory.commit(&[(2, edit)]).0[0], Err(Refused::NoMessage)));
    // What was sent is still sent, for whoever sends it again.
    assert_eq!(row(&memory.commit(&[(2, post(3, "mine"))]).0), Some(4));
}

#[test]
fn the_same_name_and_topic_again_take_no_number() {
    let mut memory = Memory::with_members(&[(1, Role::Owner)]);
    for change in [
        Change::Rename { name: "tea".into() },
        Change::SetTopic(Some("leaves".into())),
        Change::SetTopic(None),
    ] {
        assert!(row(&memory.commit(&[(1, change.clone())]).0).is_some());
        let head = memory.heads[&ROOM];
        let (answers, told) = memory.commit(&[(1, change.clone()), (1, change)]);
        assert!(matches!(answers[..], [Ok(None), Ok(None)]), "{answers:?}");
        assert!(told.is_empty());
        assert_eq!(memory.heads[&ROOM], head);
    }
}

#[test]
fn a_change_of_unknown_outcome_is_made_once_and_answered_well() {
    let changes = [
        (1, Change::Join(vec![UserId(3), UserId(4)])),
        (5, Change::Join(vec![UserId(5)])),
        (1, Change::Rename { name: "tea".into() }),
        (1, Change::SetTopic(Some("leaves".into()))),
        (1, Change::SetRole(UserId(3), Role::Owner)),
        (1, Change::SetRole(UserId(1), Role::Member)),
        (1, Change::Leave(UserId(1))),
        (3, Change::Leave(UserId(4))),
        (3, Change::DeleteRoom),
    ];
    let mut memory = Memory::with_members(&[(1, Role::Owner)]);
    for change in changes {
        let name = change.1.kind();
        let batch = [change];
        let gone = matches!(batch[0].1, Change::DeleteRoom);
        // Lost: made now. Committed: left as it is.
        assert!(memory.clone().attempt(&batch, true).0[0].is_ok(), "{name}");
        assert!(memory.commit(&batch).0[0].is_ok(), "{name}");
        if gone {
            memory.heads.clear();
        }
        let before = memory.clone();
        let (answers, told) = memory.attempt(&batch, true);
        assert!(matches!(answers[0], Ok(None)), "{name}: {answers:?}");
        assert!(told.is_empty() && memory == before, "{name}");
    }
}

#[test]
fn a_room_with_people_in_it_keeps_an_owner() {
    let mut memory =
        Memory::with_members(&[(1, Role::Owner), (2, Role::Member), (3, Role::Moderator)]);
    let leave = |user| (user, Change::Leave(UserId(user)));
    let role = |user, role| (1, Change::SetRole(UserId(user), role));
    let owners = |memory: &Memory| -> Vec<u64> {
        let all = memory.members.iter().filter(|(_, member)| member.role == Role::Owner);
        all.map(|((_, user), _)| user.0).collect()
    };
    let (answers, _) = memory.commit(&[role(1, Role::Member)]);
    assert!(matches!(answers[0], Err(Refused::Conflict(_))), "{answers:?}");

    // One batch: the highest role inherits, then who came first, then nobody is left.
    let mut later = memory.clone();
    let (answers, told) = later.commit(&[leave(1), leave(3)]);
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let told: Vec<_> = told[0].1.rows.iter().map(|row| row.system.clone().unwrap()).collect();
    let owns = |user| SystemEvent::RoleChanged(UserId(user), Role::Owner);
    let left = |user| SystemEvent::Left(UserId(user));
    assert_eq!(told, [owns(3), left(1), owns(2), left(3)]);
    assert_eq!(owners(&later), [2]);
    assert!(later.commit(&[leave(2)]).0[0].is_ok());
    assert!(later.members.is_empty());

    // Where somebody else owns it too, nobody inherits.
    memory.commit(&[role(2, Role::Owner), leave(1)]);
    assert_eq!(owners(&memory), [2]);
    assert_eq!(memory.heads[&ROOM].0, 2);
}

#[test]
fn what_was_purged_is_not_there_and_a_retry_of_it_is_none_the_less_known() {
    let mut memory = Memory::with_members(&[(1, Role::Owner)]);
    memory.commit(&[(1, post(1, "old")), (1, post(2, "new"))]);
    let purge = |up_to| [(0, Change::Purge { up_to })];
    let (answers, told) = memory.commit(&purge(1));
    let row = answers[0].as_ref().unwrap().clone().unwrap();
    assert_eq!((row.seq, row.system), (3, Some(SystemEvent::Purged(1))));
    assert_eq!((told[0].1.after, told[0].1.up_to), (2, 3));

    let (answers, _) = memory.commit(&[
        (1, Change::Delete { seq: 1 }),
        (1, post(1, "old")),
        (1, post(1, "other")),
        (1, Change::Delete { seq: 2 }),
    ]);
    assert!(matches!(answers[0], Err(Refused::NoMessage)), "{answers:?}");
    assert!(matches!(&answers[1], Ok(Some(row)) if row.seq == 1), "{answers:?}");
    assert!(matches!(answers[2], Err(Refused::ClientIdReused)), "{answers:?}");
    assert!(answers[3].is_ok(), "{answers:?}");

    // Once more, or less far, changes nothing; further than the room goes is as far as it goes.
    let before = memory.clone();
    let (answers, told) = memory.commit(&purge(1));
    assert!(matches!(answers[0], Ok(None)) && told.is_empty() && memory == before);
    memory.commit(&purge(99));
    assert_eq!(memory.floors[&ROOM], 4);
}
