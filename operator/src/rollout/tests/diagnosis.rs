//! Diagnoses: the first cause is found, and named as the one who can mend it knows it.

use chat_contract::ops::PodStatus;
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;
use serde_json::{Value, json};

use super::objects::{container, labels, made, resolved, servers, serving};
use crate::{
    observe::Observed,
    resolve::Resolved,
    rollout::{
        RolloutState,
        diagnosis::{Problem, find, of_pod, refusal},
    },
};

fn state(resolved: &Resolved, seen: &Observed) -> RolloutState {
    RolloutState::of(&resolved.spec, &resolved.names, &resolved.revision, seen)
}

fn found(resolved: &Resolved, seen: &Observed) -> Option<Problem> {
    find(resolved, seen, &state(resolved, seen))
}

/// A pod with this status.
fn pod(name: &str, component: &str, revision: &str, status: &Value) -> Value {
    let labels = labels(component, revision);
    json!({ "metadata": { "name": name, "labels": labels }, "status": status })
}

fn waiting(reason: &str) -> Value {
    container(&json!({ "waiting": { "reason": reason, "message": "said" } }), &json!({}))
}

fn crashed() -> Value {
    container(&json!({ "running": {} }), &json!({ "terminated": { "exitCode": 3 } }))
}

fn of_status(status: &Value) -> Option<Problem> {
    of_pod(&made::<Pod>(pod("p", "server", "one", status)))
}

#[test]
fn the_cause_of_a_pod_that_is_not_ready_is_named() {
    let ended = |exit: i32, said: Option<&str>, reason: &str| {
        let ended = json!({ "exitCode": exit, "message": said, "reason": reason });
        json!({ "terminated": ended })
    };
    let again = json!({ "waiting": { "reason": "CrashLoopBackOff" } });
    let (running, nothing) = (json!({ "running": {} }), json!({}));
    let mut cases = vec![
        (
            container(&again, &ended(2, Some("one\nCHAT_LOG: bad\n\n"), "Error")),
            "CrashLoop",
            "ended with code 2 again and again: CHAT_LOG: bad",
        ),
        (container(&again, &nothing), "CrashLoop", "ended with code 0 again and again: "),
        (
            container(&running, &ended(137, None, "OOMKilled")),
            "OutOfMemory",
            "used more memory than its limit",
        ),
        (container(&ended(1, Some("x"), "Error"), &nothing), "Crashed", "ended with code 1: x"),
        (container(&running, &ended(3, None, "Error")), "Crashed", "ended with code 3: Error"),
        (json!({ "phase": "Failed", "message": "evicted" }), "PodFailed", "evicted"),
        (
            json!({ "conditions": [{
                "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
                "message": "0/2 nodes are available: 2 Insufficient memory.",
            }] }),
            "Unschedulable",
            "0/2 nodes are available: 2 Insufficient memory.",
        ),
        (
            json!({ "initContainerStatuses": waiting("CreateContainerError")["containerStatuses"] }),
            "ContainerNotMade",
            "said",
        ),
    ];
    for reason in ["CreateContainerConfigError", "CreateContainerError", "RunContainerError"] {
        cases.push((waiting(reason), "ContainerNotMade", "said"));
    }
    for reason in [
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
        "ErrImageNeverPull",
        "RegistryUnavailable",
        "ImageInspectError",
    ] {
        let words = "the image chat:1 cannot be pulled: said";
        cases.push((waiting(reason), "ImageNotPulled", words));
    }
    for (status, reason, words) in cases {
        let problem = of_status(&status).unwrap_or_else(|| panic!("nothing in {status}"));
        assert_eq!((problem.reason, problem.message), (reason, format!("pod p: {words}")));
    }
}

#[test]
fn a_pod_that_needs_time_or_has_done_its_work_is_no_problem() {
    let done = json!({ "terminated": { "exitCode": 0, "reason": "Completed" } });
    let condition = |kind: &str, status: &str, reason: &str| {
        let condition = json!({ "type": kind, "status": status, "reason": reason });
        json!({ "conditions": [condition] })
    };
    let mut ready_again = crashed();
    ready_again["containerStatuses"][0]["ready"] = json!(true);
    for status in [
        waiting("ContainerCreating"),
        container(&done, &json!({})),
        container(&json!({ "running": {} }), &done),
        ready_again,
        json!({ "phase": "Running" }),
        json!({ "phase": "Pending" }),
        condition("PodScheduled", "True", "Unschedulable"),
        condition("PodScheduled", "False", "SchedulingGated"),
        condition("Initialized", "False", "Unschedulable"),
    ] {
        assert_eq!(of_status(&status), None, "{status}");
    }
}

/// Everything that can be wrong at once, and what is wrong with another revision.
fn everything_wrong(new: &str) -> Observed {
    let mut seen = serving("old", 1);
    servers(&mut seen, new, 0);
    for (name, component, revision, status) in [
        ("mysql-0", "mysql", "", crashed()),
        ("redis-0", "redis", "", crashed()),
        ("migrate-failed", "migration", new, json!({ "phase": "Failed" })),
        ("migrate-old", "migration", "old", waiting("ErrImagePull")),
        ("migrate", "migration", new, waiting("ErrImagePull")),
        ("older", "server", "old", crashed()),
        ("new", "server", new, crashed()),
    ] {
        seen.pods.push(made(pod(name, component, revision, &status)));
    }
    let mut going = pod("going", "server", new, &crashed());
    going["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:59:59Z");
    seen.pods.insert(0, made(going));
    for (name, revision) in [("job-old", "old"), ("job-new", new)] {
        let labels = labels("migration", revision);
        seen.jobs.push(made(json!({ "metadata": { "name": name, "labels": labels } })));
    }
    seen.claims = vec![made(json!({ "metadata": { "name": "uploads" } }))];
    for object in ["team-mysql", "data-team-redis-0", "uploads", "job-old", "job-new"] {
        seen.failures.insert(object.to_owned(), format!("no {object}"));
    }
    seen.deployments.push(made(json!({
        "metadata": { "name": "team-x", "labels": labels("server", "x") },
        "status": { "conditions": [
            { "type": "Progressing", "status": "True", "message": "goes on" },
            { "type": "ReplicaFailure", "status": "True", "message": "exceeded quota: cpu" },
        ] },
    })));
    seen
}

#[test]
fn a_cause_comes_before_its_effects() {
    let wish = resolved(&json!({ "replicas": 1, "mysql": { "managed": {} } }));
    let mut seen = everything_wrong(&wish.revision);
    // What is found, its reason, and the object that is mended then.
    for (message, reason, object) in [
        ("team-mysql: no team-mysql", "NotMade", "team-mysql"),
        ("pod mysql-0: ", "Crashed", "mysql-0"),
        ("team-redis: no data-team-redis-0", "NotMade", "data-team-redis-0"),
        ("pod redis-0: ", "Crashed", "redis-0"),
        ("uploads: no uploads", "NotMade", "uploads"),
        ("job-new: no job-new", "NotMade", "job-new"),
        ("pod migrate: ", "ImageNotPulled", "migrate"),
        ("pod new: ", "Crashed", "new"),
        ("team-x: exceeded quota: cpu", "QuotaExceeded", "team-x"),
        ("pod older: ", "Crashed", "older"),
    ] {
        let problem = found(&wish, &seen).unwrap_or_else(|| panic!("not found: {message}"));
        assert!(problem.message.starts_with(message), "{message} {problem:?}");
        assert_eq!(problem.reason, reason, "{message}");
        seen.failures.remove(object);
        seen.pods.retain(|pod| pod.name_any() != object);
        seen.deployments.retain(|deployment| deployment.name_any() != object);
    }
    // What is left is of another revision, has failed, or is on its way out.
    assert_eq!(found(&wish, &seen), None);
    assert_eq!(seen.failures.keys().collect::<Vec<_>>(), ["job-old"]);
}

#[test]
fn what_could_not_be_created_has_its_reason() {
    let wish = resolved(&json!({ "mysql": { "managed": {} } }));
    for (note, reason) in [
        ("exceeded quota: pods", "QuotaExceeded"),
        ("storageclass.storage.k8s.io \"fast\" not found", "StorageClassMissing"),
        ("denied the request", "NotMade"),
    ] {
        let mut seen = serving("old", 1);
        seen.failures.insert("data-team-mysql-0".to_owned(), note.to_owned());
        let problem = found(&wish, &seen).unwrap();
        assert_eq!((problem.reason, problem.message), (reason, format!("team-mysql: {note}")));
    }
    let mut seen = serving("old", 1);
    let failure = |kind: &str, status: &str| {
        json!({ "metadata": { "name": "team-x" }, "status": {
            "conditions": [{ "type": kind, "status": status, "message": "no" }] } })
    };
    for (kind, status) in [("ReplicaFailure", "False"), ("Available", "True")] {
        seen.deployments.push(made(failure(kind, status)));
    }
    assert_eq!(found(&wish, &seen), None);
}

#[test]
fn a_pull_secret_that_is_missing_is_named_where_an_image_cannot_be_pulled() {
    let wish = resolved(&json!({ "imagePullSecrets": [{ "name": "there" }, { "name": "gone" }] }));
    let message = |status: &Value, known: &[(&str, bool)]| {
        let mut seen = serving("old", 0);
        seen.pods.push(made(pod("p", "server", &wish.revision, status)));
        for (name, exists) in known {
            seen.references.insert((*name).to_owned(), exists.then(Default::default));
        }
        found(&wish, &seen).unwrap().message
    };
    let words =
        "; spec.imagePullSecrets names the Secret gone, which does not exist in namespace talk";
    let one = [("there", true), ("gone", false)];
    let pulled = waiting("ErrImagePull");
    assert!(message(&pulled, &one).ends_with(words), "{}", message(&pulled, &one));
    for other in [message(&pulled, &[("there", true), ("gone", true)]), message(&crashed(), &one)] {
        assert!(!other.contains("imagePullSecrets"), "{other}");
    }
}

#[test]
fn a_server_that_does_not_become_ready_in_time_is_a_problem() {
    let wish = resolved(&json!({ "replicas": 1 }));
    let slow = |change: &dyn Fn(&mut Value)| {
        let mut seen = serving("old", 0);
        let mut server = pod("slow", "server", &wish.revision, &waiting("ContainerCreating"));
        server["status"]["startTime"] = json!("2026-01-01T00:58:30Z");
        change(&mut server);
        seen.pods.push(made(server));
        seen.pod_status.insert("slow".to_owned(), PodStatus::default());
        seen
    };
    let seen = slow(&|_| ());
    let problem = found(&wish, &seen).unwrap();
    assert_eq!(problem.reason, "NotReadyInTime");
    assert!(problem.message.ends_with("2026-01-01T00:58:30Z: ContainerCreating"), "{problem:?}");
    let seen = slow(&|pod| pod["status"]["containerStatuses"] = json!(null));
    let problem = found(&wish, &seen).unwrap();
    assert!(problem.message.ends_with(": its log and its events say more"), "{problem:?}");

    let new = slow(&|pod| pod["status"]["startTime"] = json!("2026-01-01T00:58:31Z"));
    let ready = slow(&|pod| {
        pod["status"]["conditions"] = json!([{ "type": "Ready", "status": "True" }]);
    });
    let going = slow(&|pod| pod["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:59:59Z"));
    let mut without_mysql = slow(&|_| ());
    without_mysql.pod_status.get_mut("slow").unwrap().mysql_problem = Some("away".to_owned());
    for (what, seen) in
        [("new", new), ("ready", ready), ("going", going), ("without MySQL", without_mysql)]
    {
        assert_eq!(found(&wish, &seen), None, "{what}");
    }
}

#[test]
fn only_what_the_servers_before_do_not_have_is_a_refusal() {
    let wish = resolved(&json!({ "replicas": 1 }));
    let refused = |old: Option<PodStatus>, new: PodStatus| {
        let mut seen = serving("old", 1);
        servers(&mut seen, &wish.revision, 1);
        seen.pod_status.extend(old.map(|old| ("old-0".to_owned(), old)));
        seen.pod_status.insert(format!("{}-0", wish.revision), new);
        refusal(&seen, &state(&wish, &seen))
    };
    let fine = PodStatus::default;
    let redis = || PodStatus { redis_problem: Some("WRONGPASS".to_owned()), ..fine() };
    let uploads = || PodStatus { uploads_problem: Some("no bucket".to_owned()), ..fine() };
    for (new, reason, said) in
        [(redis(), "RedisRefused", "WRONGPASS"), (uploads(), "UploadsRefused", "no bucket")]
    {
        let problem = refused(Some(fine()), new).unwrap();
        assert_eq!(problem.reason, reason);
        let words =
            format!("pod {}-0: {said}; the servers before it have no such problem", wish.revision);
        assert_eq!(problem.message, words);
    }
    assert_eq!(refused(Some(redis()), redis()), None, "nobody reaches it");
    assert_eq!(refused(Some(redis()), fine()), None, "only the servers before");
    assert_eq!(refused(Some(fine()), fine()), None);
    assert_eq!(refused(None, redis()), None, "nothing is known of the servers before");
    assert!(refused(Some(uploads()), redis()).is_some());
}
