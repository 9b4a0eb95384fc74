//! Rules by example: retries, members, owners, purges.

use super::{
    memory::{Memory, ROOM, post, rename, row, set_topic},
    *,
};
use crate::{id::ClientId, message::SystemEvent};

#[test]
fn a_retry_gets_the_first_place_and_other_content_is_refused() {
    let mut memory = Memory::with_members(&[(1, Role::Member)]);
    let (answers, _) = memory.commit(&[(1, post(7, "hello")), (1, post(7, "hello"))]);
    let seqs: Vec<_> = answers.into_iter().map(|answer| answer.unwrap().unwrap().seq).collect();
    assert_eq!(seqs, [1, 1]);
    let (answers, published) = memory.commit(&[(1, post(7, "hello")), (1, post(7, "other"))]);
    assert!(answers[0].is_ok());
    assert!(matches!(answers[1], Err(Rejected::ClientIdReused)));
    assert!(published.is_empty(), "nothing changed, so nobody is told");
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
    assert!(matches!(answers[2], Err(Rejected::NotMember)));
}

#[test]
fn a_deleted_room_takes_nothing_more() {
    let mut memory = Memory::with_members(&[(1, Role::Owner)]);
    let (answers, published) =
        memory.commit(&[(1, post(1, "a")), (1, Change::DeleteRoom), (1, post(2, "b"))]);
    assert!(answers[1].is_ok());
    assert!(matches!(answers[2], Err(Rejected::NoRoom)));
    assert_eq!(published[0].up_to, 1);
}

#[test]
fn what_was_before_one_joined_is_not_there_for_one() {
    let mut memory = Memory::with_members(&[(1, Role::Owner)]);
    memory.since_joined = true;
    memory.commit(&[(1, post(1, "secret"))]);
    let thumb = |on| Change::React { seq: 1, emoji: "👍".into(), on };
    let answer = NewMessage {
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
        Change::Post { message: answer, mentions: Vec::new() },
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
        assert!(matches!(answer, Err(Rejected::NoMessage)), "{answer:?}");
    }

    // One's own earlier messages, too: the member leaves and joins again.
    memory.commit(&[(2, post(3, "mine"))]);
    memory.commit(&[(2, Change::Leave(UserId(2))), (2, Change::Join(vec![UserId(2)]))]);
    let edit = Change::Edit { seq: 4, content: "other".into(), mentions: Vec::new() };
    assert!(matches!(memory.commit(&[(2, edit)]).0[0], Err(Rejected::NoMessage)));
    // For a retry the message still counts as sent.
    assert_eq!(row(&memory.commit(&[(2, post(3, "mine"))]).0), Some(4));
}

#[test]
fn the_same_name_and_topic_again_take_no_number() {
    let mut memory = Memory::with_members(&[(1, Role::Owner)]);
    for change in [rename("tea"), set_topic(Some("leaves")), set_topic(None)] {
        assert!(row(&memory.commit(&[(1, change.clone())]).0).is_some());
        let head = memory.heads[&ROOM];
        let (answers, published) = memory.commit(&[(1, change.clone()), (1, change)]);
        assert!(matches!(answers[..], [Ok(None), Ok(None)]), "{answers:?}");
        assert!(published.is_empty());
        assert_eq!(memory.heads[&ROOM], head);
    }
}

#[test]
fn name_and_topic_change_together_or_not_at_all() {
    let both = |actor| {
        let (name, topic) = (Some("tea".to_owned()), Some(Some("leaves".to_owned())));
        (actor, Change::Update { name, topic })
    };
    let mut memory = Memory::with_members(&[(1, Role::Owner), (2, Role::Member)]);
    let before = memory.clone();
    let (answers, published) = memory.commit(&[both(2)]);
    assert!(matches!(answers[0], Err(Rejected::Forbidden(_))), "{answers:?}");
    assert!(published.is_empty() && memory == before);

    // The row of each, with numbers that follow each other; the answer is the last one.
    let (answers, published) = memory.commit(&[both(1)]);
    assert_eq!(row(&answers), Some(2));
    let rows: Vec<_> = published[0].rows.iter().map(|row| row.system.clone()).collect();
    let (renamed, topic) =
        (SystemEvent::Renamed("tea".into()), SystemEvent::TopicChanged("leaves".into()));
    assert_eq!(rows, [Some(renamed), Some(topic)]);
    // Only the one of the two that changes.
    let topic = Change::Update { name: Some("tea".into()), topic: Some(None) };
    let (answers, published) = memory.commit(&[(1, topic)]);
    assert_eq!((row(&answers), published[0].rows.len()), (Some(3), 1));
}

#[test]
fn a_change_of_unknown_outcome_is_made_once_and_answered_well() {
    let changes = [
        (1, Change::Join(vec![UserId(3), UserId(4)])),
        (5, Change::Join(vec![UserId(5)])),
        (1, rename("tea")),
        (1, set_topic(Some("leaves"))),
        (1, Change::Update { name: Some("coffee".into()), topic: Some(Some("beans".into())) }),
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
        let mut lost = memory.clone();
        assert!(lost.attempt(&batch, true).0[0].is_ok(), "{name}");
        assert!(memory.commit(&batch).0[0].is_ok(), "{name}");
        assert_eq!(lost, memory, "{name}");
        if gone {
            memory.heads.clear();
        }
        let before = memory.clone();
        let (answers, published) = memory.attempt(&batch, true);
        assert!(matches!(answers[0], Ok(None)), "{name}: {answers:?}");
        assert!(published.is_empty() && memory == before, "{name}");
    }
}

#[test]
fn a_change_whose_outcome_is_known_is_decided_though_it_is_so_already() {
    let mut memory = Memory::with_members(&[(1, Role::Owner)]);
    let (answers, _) = memory.commit(&[(2, Change::Leave(UserId(2)))]);
    assert!(matches!(answers[0], Err(Rejected::NotMember)), "{answers:?}");
}

#[test]
fn a_room_in_which_nothing_changes_is_not_written() {
    let memory = Memory::with_members(&[(1, Role::Owner)]);
    let (answers, decided) = memory.decide(&[(2, rename("tea"))], false);
    assert!(answers[0].is_err() && decided.plan.is_empty(), "{answers:?}");
    let (answers, decided) = memory.decide(&[(1, rename("tea"))], false);
    assert!(answers[0].is_ok() && !decided.plan.is_empty(), "{answers:?}");
}

#[test]
fn a_batch_has_the_rooms_that_were_loaded() {
    let mut loaded = Loaded::default();
    loaded.heads.insert(ROOM, None);
    let batch = Batch::new(loaded);
    assert!(batch.has(ROOM) && !batch.has(crate::id::RoomId(2)));
}

/// They are labels of metrics, which dashboards and alerts name.
#[test]
fn changes_and_rejections_have_a_label() {
    let update =
        |name: Option<&str>| Change::Update { name: name.map(str::to_owned), topic: Some(None) };
    let kinds = [
        (post(1, ""), "post"),
        (Change::Edit { seq: 1, content: String::new(), mentions: Vec::new() }, "edit"),
        (Change::Delete { seq: 1 }, "delete"),
        (Change::React { seq: 1, emoji: "👍".into(), on: true }, "react"),
        (Change::Join(Vec::new()), "join"),
        (Change::Leave(UserId(1)), "leave"),
        (Change::SetRole(UserId(1), Role::Owner), "role"),
        (update(Some("tea")), "rename"),
        (update(None), "topic"),
        (Change::DeleteRoom, "deleteRoom"),
        (Change::Purge { up_to: 1 }, "purge"),
    ];
    for (change, kind) in kinds {
        assert_eq!(change.kind(), kind);
    }
    let labels = [
        (Rejected::NoRoom, "notFound"),
        (Rejected::NoMessage, "notFound"),
        (Rejected::NotMember, "notMember"),
        (Rejected::Forbidden(""), "forbidden"),
        (Rejected::Conflict(""), "conflict"),
        (Rejected::NameTaken, "conflict"),
        (Rejected::Invalid(crate::Invalid::new("name", "")), "invalid"),
        (Rejected::TooManyReactions, "invalid"),
        (Rejected::ClientIdReused, "clientIdReused"),
        (Rejected::Unavailable, "unavailable"),
    ];
    for (rejected, label) in labels {
        assert_eq!(rejected.label(), label);
    }
}

#[test]
fn system_messages_and_deleted_ones_stay() {
    let mut memory = Memory::with_members(&[(1, Role::Owner)]);
    memory.commit(&[(1, post(1, "tea")), (1, rename("tea")), (1, Change::Delete { seq: 1 })]);
    let edit = |seq| (1, Change::Edit { seq, content: "new".into(), mentions: Vec::new() });
    let react = |seq| (1, Change::React { seq, emoji: "👍".into(), on: true });
    let before = memory.clone();
    let (answers, _) =
        memory.commit(&[edit(2), react(2), (1, Change::Delete { seq: 2 }), edit(1), react(1)]);
    let (refused, deleted) = answers.split_at(3);
    assert!(refused.iter().all(|it| matches!(it, Err(Rejected::Forbidden(_)))), "{refused:?}");
    assert!(deleted.iter().all(|it| matches!(it, Err(Rejected::Conflict(_)))), "{deleted:?}");
    assert_eq!(memory, before);
}

#[test]
fn a_reaction_takes_a_number_and_the_same_again_takes_none() {
    let mut memory = Memory::with_members(&[(1, Role::Owner)]);
    memory.commit(&[(1, post(1, "tea"))]);
    let react = |on| [(1, Change::React { seq: 1, emoji: "👍".into(), on })];
    for (on, head, reactions) in [(true, 2, 1), (true, 2, 1), (false, 3, 0), (false, 3, 0)] {
        let (answers, _) = memory.commit(&react(on));
        let message = answers[0].as_ref().unwrap().clone().unwrap();
        assert_eq!((memory.heads[&ROOM].0, message.reactions.len()), (head, reactions));
        assert_eq!(memory.rows[&(ROOM, 1)].0, message);
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
    assert!(matches!(answers[0], Err(Rejected::Conflict(_))), "{answers:?}");

    // One batch: the highest role becomes the owner, then who joined first, until nobody is left.
    let mut later = memory.clone();
    let (answers, published) = later.commit(&[leave(1), leave(3)]);
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let published: Vec<_> =
        published[0].rows.iter().map(|row| row.system.clone().unwrap()).collect();
    let owns = |user| SystemEvent::RoleChanged(UserId(user), Role::Owner);
    let left = |user| SystemEvent::Left(UserId(user));
    assert_eq!(published, [owns(3), left(1), owns(2), left(3)]);
    assert_eq!(owners(&later), [2]);
    assert!(later.commit(&[leave(2)]).0[0].is_ok());
    assert!(later.members.is_empty());

    // With another owner, nobody becomes one.
    memory.commit(&[role(2, Role::Owner), leave(1)]);
    assert_eq!(owners(&memory), [2]);
    assert_eq!(memory.heads[&ROOM].0, 2);
}

#[test]
fn what_was_purged_is_not_there_and_a_retry_of_it_is_none_the_less_known() {
    let mut memory = Memory::with_members(&[(1, Role::Owner)]);
    memory.commit(&[(1, post(1, "old")), (1, post(2, "new"))]);
    let purge = |up_to| [(0, Change::Purge { up_to })];
    let (answers, published) = memory.commit(&purge(1));
    let row = answers[0].as_ref().unwrap().clone().unwrap();
    assert_eq!((row.seq, row.system), (3, Some(SystemEvent::Purged(1))));
    assert_eq!((published[0].after, published[0].up_to), (2, 3));

    let (answers, _) = memory.commit(&[
        (1, Change::Delete { seq: 1 }),
        (1, post(1, "old")),
        (1, post(1, "other")),
        (1, Change::Delete { seq: 2 }),
    ]);
    assert!(matches!(answers[0], Err(Rejected::NoMessage)), "{answers:?}");
    assert!(matches!(&answers[1], Ok(Some(row)) if row.seq == 1), "{answers:?}");
    assert!(matches!(answers[2], Err(Rejected::ClientIdReused)), "{answers:?}");
    assert!(answers[3].is_ok(), "{answers:?}");

    // Again, or less far, changes nothing; beyond the head counts as the head.
    let before = memory.clone();
    let (answers, published) = memory.commit(&purge(1));
    assert!(matches!(answers[0], Ok(None)) && published.is_empty() && memory == before);
    memory.commit(&purge(99));
    assert_eq!(memory.purged[&ROOM], 4);
}
