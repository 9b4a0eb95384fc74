//! Migrations, on Jobs and their pods.

use k8s_openapi::{api::batch::v1::Job, jiff::SignedDuration};
use serde_json::{Value, json};

use super::objects::{labels, made, pod_of, resolved, servers, serving};
use crate::{
    observe::Observed,
    resolve::Resolved,
    rollout::{
        Migration,
        migration::{attempt, is_running, migration},
        rollout,
    },
};

/// A Job of a revision with these conditions: type, status, seconds ago.
fn job(seen: &mut Observed, revision: &str, attempt: u32, conditions: &[(&str, &str, i64)]) {
    let at = |seconds: &i64| (seen.now - SignedDuration::from_secs(*seconds)).to_string();
    let conditions: Vec<Value> = conditions
        .iter()
        .map(|(kind, status, ago)| {
            json!({ "type": kind, "status": status, "lastTransitionTime": at(ago),
                "message": format!("{kind} of {attempt}") })
        })
        .collect();
    let made = made(json!({
        "metadata": {
            "name": format!("{revision}-{attempt}"), "labels": labels("migration", revision),
            "annotations": { "chatcluster.dev/attempt": attempt.to_string() },
        },
        "status": { "startTime": at(&0), "conditions": conditions },
    }));
    seen.jobs.push(made);
}

fn with(make: impl FnOnce(&Resolved, &mut Observed)) -> Migration {
    let wish = resolved(&json!({}));
    let mut seen = serving("old", 1);
    make(&wish, &mut seen);
    migration(&wish, &seen)
}

#[test]
fn the_first_attempt_is_due_until_servers_were_started() {
    assert_eq!(with(|_, _| ()), Migration::Due { attempt: 1, after: None });
    assert_eq!(with(|wish, seen| servers(seen, &wish.revision, 0)), Migration::Unneeded);
}

#[test]
fn the_newest_attempt_counts() {
    let failed = ("Failed", "True", 1);
    let done = with(|wish, seen| {
        job(seen, &wish.revision, 2, &[("Complete", "True", 1)]);
        job(seen, &wish.revision, 1, &[failed]);
        job(seen, "old", 9, &[failed]);
    });
    assert_eq!(done, Migration::Done { attempt: 2 });
    let runs = with(|wish, seen| {
        job(seen, &wish.revision, 3, &[("Complete", "False", 1), ("Failed", "False", 1)]);
        job(seen, &wish.revision, 1, &[failed]);
        job(seen, &wish.revision, 2, &[failed]);
    });
    let after = Some("Failed of 2".to_owned());
    assert_eq!(runs, Migration::Running { attempt: 3, after, long_since: None });
    let gone = with(|wish, seen| {
        job(seen, &wish.revision, 1, &[failed]);
        let job = std::sync::Arc::make_mut(&mut seen.jobs[0]);
        job.metadata.deletion_timestamp =
            Some(serde_json::from_value(json!("2026-01-01T00:00:00Z")).unwrap());
    });
    assert_eq!(gone, Migration::Due { attempt: 1, after: None });
}

#[test]
fn a_migration_is_long_after_a_minute() {
    for (ago, is_long) in [(60, false), (61, true)] {
        let wish = resolved(&json!({}));
        let mut seen = serving("old", 1);
        job(&mut seen, &wish.revision, 1, &[]);
        let began = seen.now;
        seen.now += SignedDuration::from_secs(ago);
        let long_since = is_long.then_some(began);
        let expected = Migration::Running { attempt: 1, after: None, long_since };
        assert_eq!(migration(&wish, &seen), expected, "{ago}");
    }
}

#[test]
fn a_failed_attempt_is_tried_again_later_and_later() {
    for (attempt, wait) in [(1, 5), (2, 10), (3, 20), (4, 40), (5, 60), (6, 60), (40, 60)] {
        let after =
            |ago| with(|wish, seen| job(seen, &wish.revision, attempt, &[("Failed", "True", ago)]));
        let cause = format!("Failed of {attempt}");
        let failed = Migration::Failed { attempt, cause: cause.clone() };
        assert_eq!(after(wait - 1), failed);
        assert_eq!(after(wait), Migration::Due { attempt: attempt + 1, after: Some(cause) });
    }
}

#[test]
fn an_attempt_waits_for_the_migration_of_another_revision() {
    let running = json!({ "running": {} });
    let busy = with(|wish, seen| {
        job(seen, &wish.revision, 1, &[("Failed", "True", 100)]);
        job(seen, "between", 1, &[]);
        pod_of(seen, "between-1", "between", &running);
    });
    let after = Some("Failed of 1".to_owned());
    assert_eq!(busy, Migration::Busy { revision: "between".to_owned(), after });
    for (state, conditions, of, runs) in [
        (&running, &[][..], "between-1", true),
        (&running, &[("Complete", "True", 1)], "between-1", false),
        (&running, &[("Failed", "True", 1)], "between-1", false),
        (&running, &[], "another-1", false),
        (&json!({ "terminated": { "exitCode": 0 } }), &[], "between-1", false),
    ] {
        let mut seen = serving("old", 1);
        job(&mut seen, "between", 1, conditions);
        pod_of(&mut seen, of, "between", state);
        assert_eq!(is_running(&seen.jobs[0], &seen), runs, "{state} {conditions:?} {of}");
    }
}

#[test]
fn the_cause_is_what_its_pod_says_or_else_the_job() {
    let failure = |make: &dyn Fn(&mut Observed, &str)| {
        let failed = with(|wish, seen| {
            job(seen, &wish.revision, 1, &[("FailureTarget", "True", 1), ("Failed", "True", 1)]);
            make(seen, &format!("{}-1", wish.revision));
        });
        failed.failure().cloned().unwrap()
    };
    assert_eq!(failure(&|_, _| ()), "Failed of 1");
    let said = json!({ "terminated": { "exitCode": 1, "message": "no such table" } });
    let words = failure(&|seen, job| pod_of(seen, job, "between", &said));
    assert!(words.ends_with("-x: ended with code 1: no such table"), "{words}");
    let silent = failure(&|seen, _| {
        let job = std::sync::Arc::make_mut(&mut seen.jobs[0]);
        let conditions = job.status.as_mut().unwrap().conditions.as_mut().unwrap();
        for condition in conditions {
            condition.message = None;
        }
    });
    assert_eq!(silent, "its log says why");
}

#[test]
fn what_failed_before_is_known_until_it_is_done() {
    let after = Some("no such table".to_owned());
    let cause = "no such table".to_owned();
    for (migration, known) in [
        (Migration::Failed { attempt: 1, cause }, true),
        (Migration::Busy { revision: "old".to_owned(), after: after.clone() }, true),
        (Migration::Due { attempt: 2, after: after.clone() }, true),
        (Migration::Running { attempt: 2, after: after.clone(), long_since: None }, true),
        (Migration::Due { attempt: 1, after: None }, false),
        (Migration::Done { attempt: 2 }, false),
        (Migration::Waiting, false),
        (Migration::Unneeded, false),
    ] {
        assert_eq!(migration.failure(), after.as_ref().filter(|_| known), "{migration:?}");
    }
}

#[test]
fn an_attempt_is_a_number_from_one() {
    let of = |annotations: Value| attempt(&made::<Job>(json!({ "metadata": annotations })));
    assert_eq!(of(json!({})), 1);
    for (text, number) in [("7", 7), ("0", 1), ("-1", 1), ("x", 1)] {
        let annotations = json!({ "annotations": { "chatcluster.dev/attempt": text } });
        assert_eq!(of(annotations), number, "{text}");
    }
}

#[test]
fn servers_wait_for_the_migration_and_say_for_which() {
    let waits = |make: &dyn Fn(&Resolved, &mut Observed)| {
        let wish = resolved(&json!({}));
        let mut seen = serving("old", 1);
        make(&wish, &mut seen);
        rollout(&wish, &seen).waiting_for.unwrap()
    };
    assert_eq!(waits(&|_, _| ()), "the migration of the store");
    let failed = waits(&|wish, seen| job(seen, &wish.revision, 1, &[("Failed", "True", 1)]));
    assert_eq!(failed, "the migration of the store, which failed");
    let busy = waits(&|_, seen| {
        job(seen, "between", 1, &[]);
        pod_of(seen, "between-1", "between", &json!({ "running": {} }));
    });
    assert_eq!(busy, "the migration of revision between, which still runs, to end");
    let done = waits(&|wish, seen| job(seen, &wish.revision, 1, &[("Complete", "True", 1)]));
    assert!(!done.contains("migration"), "{done}");
}
