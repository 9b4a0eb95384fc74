//! Plans, on objects as Kubernetes has them.

use std::sync::Arc;

use serde_json::json;

use super::objects::{migrates, resolved, servers, serving};
use crate::{
    names,
    observe::Observed,
    rollout::{
        Migration, Phase, RolloutState, follow,
        migration::is_running,
        rollout,
        state::{RevisionState, is_lost},
        step::Step,
    },
};

#[test]
fn a_migration_of_another_revision_is_let_end() {
    let resolved = resolved(&json!({}));
    let mut seen = serving("old", 2);
    migrates(&mut seen, "between", &json!({ "running": {} }));
    let plan = rollout(&resolved, &seen);
    let busy = Migration::Busy { revision: "between".to_owned(), after: None };
    assert_eq!((plan.phase, plan.migration), (Phase::Migrating, busy));
    assert!(is_running(&seen.jobs[0], &seen));
    // One that never began is in nobody's way.
    let mut seen = serving("old", 2);
    migrates(&mut seen, "between", &json!({ "waiting": { "reason": "ImagePullBackOff" } }));
    let plan = rollout(&resolved, &seen);
    assert_eq!(plan.migration, Migration::Due { attempt: 1, after: None });
    assert!(!is_running(&seen.jobs[0], &seen));
}

#[test]
fn a_long_migration_is_reported_and_stores_wait_for_it() {
    let mut seen = serving("old", 0);
    let wish = resolved(&json!({}));
    migrates(&mut seen, &wish.revision, &json!({ "running": {} }));
    let plan = rollout(&wish, &seen);
    assert!(plan.waiting_for.unwrap().ends_with("which runs since 2026-01-01T00:30:00Z"));
    let plan = rollout(&resolved(&json!({ "hibernated": true })), &seen);
    assert!(plan.stores_run && plan.waiting_for.unwrap().contains("a migration to end"));
}

#[test]
fn stores_wait_for_every_server_that_is_left() {
    let wish = resolved(&json!({ "hibernated": true }));
    let mut seen = serving("old", 3);
    let deleted = serde_json::from_value(json!("2026-01-01T01:00:00Z")).unwrap();
    Arc::make_mut(&mut seen.pods[0]).metadata.deletion_timestamp = Some(deleted);
    let plan = rollout(&wish, &seen);
    assert_eq!(plan.waiting_for.as_deref(), Some("3 servers to end"));
    assert!(plan.stores_run && plan.replicas["old"] == 0);
    let plan = rollout(&wish, &serving("old", 0));
    assert!(!plan.stores_run && plan.waiting_for.is_none());
}

#[test]
fn only_servers_that_do_not_run_yet_wait_for_mysql() {
    let wish = resolved(&json!({ "mysql": { "managed": {} } }));
    let phase = |count| rollout(&wish, &serving(&wish.revision, count)).phase;
    assert_eq!(phase(0), Phase::WaitingForMySQL);
    assert_ne!(phase(1), Phase::WaitingForMySQL);
}

#[test]
fn while_a_migration_is_due_the_old_revision_follows() {
    let plan = rollout(&resolved(&json!({ "replicas": 5 })), &serving("old", 2));
    assert_eq!((plan.phase, plan.replicas["old"]), (Phase::Migrating, 5));
    let plan = rollout(&resolved(&json!({ "replicas": 1 })), &serving("old", 2));
    assert_eq!((plan.phase, plan.replicas["old"]), (Phase::Migrating, 1));
    // Awake again.
    let plan = rollout(&resolved(&json!({ "replicas": 2 })), &serving("old", 0));
    assert_eq!((plan.replicas["old"], plan.selected.as_deref()), (2, Some("old")));
    assert_eq!(plan.replicas.len(), 1, "nothing of the new one yet");
}

#[test]
fn a_revision_is_removed_when_nothing_of_it_is_left() {
    let before = rollout(&resolved(&json!({})), &serving("serving", 2));
    let stays = |name: &str, count: i32, left: Option<RevisionState>| {
        let revisions = left.map(|left| (name.to_owned(), left)).into_iter().collect();
        let state = RolloutState { target: "wanted".to_owned(), revisions, ..before.state.clone() };
        let replicas = [(name.to_owned(), count)].into();
        let next = Step {
            phase: Phase::Rolling,
            replicas,
            selected: None,
            waiting_for: None,
            fails: false,
        };
        let mut plan = before.clone();
        follow(&mut plan, next, &state);
        assert_eq!(plan.selected.as_deref(), Some("serving"), "no step selected another one");
        plan.replicas.contains_key(name)
    };
    let nothing = RevisionState::default();
    assert!(!stays("old", 0, None));
    assert!(!stays("old", 0, Some(nothing)));
    assert!(stays("old", 1, Some(nothing)));
    assert!(stays("old", 0, Some(RevisionState { replicas: 1, ..nothing })));
    assert!(stays("old", 0, Some(RevisionState { pods: 1, ..nothing })));
    assert!(stays("old", 0, Some(RevisionState { terminating: 1, ..nothing })));
    assert!(stays("wanted", 0, Some(nothing)));
    assert!(stays("serving", 0, Some(nothing)));
}

#[test]
fn what_only_new_servers_are_refused_holds_the_rollout() {
    let resolved = resolved(&json!({ "replicas": 2 }));
    let mut seen = serving("old", 2);
    servers(&mut seen, &resolved.revision, 1);
    let say = |seen: &mut Observed, pod: String, problem: Option<&str>| {
        let redis_problem = problem.map(str::to_owned);
        seen.pod_status.entry(pod).or_default().redis_problem = redis_problem;
    };
    let new = format!("{}-0", resolved.revision);
    say(&mut seen, "old-0".to_owned(), None);
    say(&mut seen, new.clone(), Some("Redis: WRONGPASS"));
    let plan = rollout(&resolved, &seen);
    assert_eq!((plan.phase, plan.selected.as_deref()), (Phase::Held, Some("old")));
    let problem = plan.problem.unwrap();
    assert_eq!(problem.reason, "RedisRefused");
    assert!(problem.message.contains(&new) && problem.message.contains("WRONGPASS"));
    // Redis is away for all of them: that is no reason to wait.
    say(&mut seen, "old-0".to_owned(), Some("Redis: no connection"));
    let plan = rollout(&resolved, &seen);
    assert_eq!(plan.selected.as_ref(), Some(&resolved.revision));
}

#[test]
fn a_recorded_crash_is_remembered() {
    let resolved = resolved(&json!({ "replicas": 2 }));
    let mut seen = serving("old", 2);
    servers(&mut seen, &resolved.revision, 1);
    let deployment = Arc::make_mut(seen.deployments.last_mut().unwrap());
    let notes = deployment.metadata.annotations.get_or_insert_default();
    notes.insert(names::FAILED.to_owned(), "no more memory".to_owned());
    let plan = rollout(&resolved, &seen);
    assert_eq!((plan.phase, plan.selected.as_deref()), (Phase::Held, Some("old")));
    assert_eq!(plan.failed.as_deref(), Some("no more memory"));
}

#[test]
fn a_pod_that_never_ends_is_not_waited_for() {
    let resolved = resolved(&json!({}));
    let mut seen = serving("old", 1);
    let pod = Arc::make_mut(&mut seen.pods[0]);
    let ends = |at: &str| serde_json::from_value(json!(at)).unwrap();
    let terminating = |seen: &Observed| {
        let state = RolloutState::of(&resolved.spec, &resolved.names, &resolved.revision, seen);
        state.revisions["old"].terminating
    };
    pod.metadata.deletion_timestamp = Some(ends("2026-01-01T00:59:50Z"));
    assert_eq!(terminating(&seen), 1);
    Arc::make_mut(&mut seen.pods[0]).metadata.deletion_timestamp =
        Some(ends("2026-01-01T00:59:20Z"));
    assert_eq!(terminating(&seen), 0);
    assert!(is_lost(&seen.pods[0], seen.now));
}

#[test]
fn a_server_that_does_not_come_up_is_named() {
    let resolved = resolved(&json!({ "replicas": 1 }));
    let mut seen = serving("old", 1);
    servers(&mut seen, &resolved.revision, 1);
    let pod = Arc::make_mut(seen.pods.last_mut().unwrap());
    let status = pod.status.as_mut().unwrap();
    status.conditions = None;
    status.start_time = Some(serde_json::from_value(json!("2026-01-01T00:58:00Z")).unwrap());
    let plan = rollout(&resolved, &seen);
    let problem = plan.problem.unwrap();
    assert_eq!((plan.phase, problem.reason), (Phase::Held, "NotReadyInTime"));
    assert!(problem.message.contains("since its start at 2026-01-01T00:58:00Z"), "{problem:?}");
}
