//! Plan and status in the situations that a `ChatCluster` gets into.
//!
//! After an intended change: `UPDATE_EXPECT=1 cargo test --package chat-operator --lib scenarios`,
//! and read the difference.

use std::sync::Arc;

use expect_test::{ExpectFile, expect_file};
use kube::api::DynamicObject;
use serde_json::{Value, json};

use super::scene::{
    EARLY, NEW, NOW, Scene, done, ended, failed_at, going, made, new_pod, ready, starting,
};
use crate::observe::{Observed, OptionalKind};

fn check<const COUNT: usize>(scenes: [Scene; COUNT], expected: &ExpectFile) {
    let text: String = scenes.into_iter().map(Scene::show).collect();
    expected.assert_eq(&text);
}

#[test]
fn of_migrations() {
    let scene = |title| Scene::new(title, &json!({}));
    let managed = |title| {
        let spec = json!({ "mysql": { "managed": {} }, "redis": { "managed": {} } });
        Scene::new(title, &spec)
    };
    let since = |time: &str| json!({ "startTime": time });
    let (running, nothing) = (json!({ "running": {} }), json!({}));
    let pulling = json!({ "waiting": { "reason": "ErrImagePull", "message": "not found" } });
    let too_large = ended(1, "table too large");
    let refused = ended(1, "cannot connect to MySQL at db:3306: refused");
    let old = failed_at("2026-01-01T11:59:01Z");
    let scenes = [
        scene("nothing is there"),
        managed("managed stores start").store("mysql", 0).store("redis", 0),
        managed("managed MySQL runs").store("mysql", 1).store("redis", 0),
        scene("it runs").migration(NEW, 1, &since("2026-01-01T11:59:00Z"), &running),
        scene("it runs for long").migration(NEW, 1, &since("2026-01-01T11:58:59Z"), &running),
        scene("it has just failed").migration(NEW, 1, &failed_at("2026-01-01T11:59:56Z"), &refused),
        scene("it failed, and is due again").migration(
            NEW,
            1,
            &failed_at("2026-01-01T11:59:55Z"),
            &too_large,
        ),
        scene("it failed often")
            .migration(NEW, 6, &old, &nothing)
            .migration(NEW, 7, &old, &nothing),
        scene("it is tried again").migration(NEW, 1, &failed_at(EARLY), &too_large).migration(
            NEW,
            2,
            &since(NOW),
            &running,
        ),
        scene("another one runs")
            .selects("old")
            .servers("old", 2, &[ready(EARLY), ready(EARLY)])
            .migration("between", 1, &since(EARLY), &running),
        scene("it is done").migration(NEW, 1, &done(), &ended(0, "")),
        scene("it is done, and the first Deployment has no pods yet")
            .migration(NEW, 1, &done(), &ended(0, ""))
            .selects(NEW)
            .servers(NEW, 2, &[]),
        scene("it is done, and the first servers start")
            .migration(NEW, 1, &done(), &ended(0, ""))
            .selects(NEW)
            .servers(NEW, 2, &[new_pod(), new_pod()]),
        managed("it is done, and MySQL starts again")
            .store("mysql", 0)
            .store("redis", 1)
            .migration(NEW, 1, &done(), &ended(0, "")),
        scene("its image cannot be pulled").migration(NEW, 1, &since(NOW), &pulling),
    ];
    check(scenes, &expect_file!["scenarios/migrations.txt"]);
}

#[test]
fn of_servers() {
    let volume = || {
        let volume = json!({ "size": "1Gi", "accessMode": "ReadWriteOnce" });
        json!({ "replicas": 1, "uploads": { "volume": volume } })
    };
    let hibernated = || json!({ "hibernated": true });
    let of_new =
        |title, pods: &[Value]| Scene::new(title, &json!({})).selects(NEW).servers(NEW, 2, pods);
    let going = |until| [ready(EARLY), ready(EARLY), going(until)];
    let running = json!({ "running": {} });
    let scenes = [
        Scene::new("all is well", &json!({})).settled().report("new-0", &json!({})),
        of_new("a server is missing", &[ready(EARLY), new_pod()]),
        Scene::new("more are wanted", &json!({ "replicas": 4 })).settled(),
        Scene::new("fewer are wanted", &json!({ "replicas": 1 })).settled(),
        of_new("some go", &going("2026-01-01T12:00:10Z")),
        of_new("one does not go", &going("2026-01-01T11:59:29Z")),
        Scene::new("one alone may have the volume", &volume())
            .selects("old")
            .servers("old", 1, &[ready(EARLY)])
            .migration(NEW, 1, &done(), &json!({})),
        Scene::new("it has the volume", &volume()).selects(NEW).servers(NEW, 1, &[ready(EARLY)]),
        Scene::new("paused", &json!({ "paused": true })).settled(),
        Scene::new("to be hibernated", &hibernated()).settled(),
        Scene::new("hibernated but for a migration", &hibernated()).migration(
            NEW,
            1,
            &json!({ "startTime": NOW }),
            &running,
        ),
        Scene::new("hibernated", &hibernated()).selects(NEW).servers(NEW, 0, &[]),
    ];
    check(scenes, &expect_file!["scenarios/servers.txt"]);
}

#[test]
fn of_new_revisions() {
    let serves = |title, revision| {
        let scene = Scene::new(title, &json!({})).selects(revision);
        scene.servers("old", 2, &[ready(EARLY), ready(EARLY)])
    };
    let next = |title, pod: &Value| {
        let scene = serves(title, "old").migration(NEW, 1, &done(), &json!({}));
        scene.servers(NEW, 1, std::slice::from_ref(pod))
    };
    let waiting = |since, reason: &str| {
        let waiting = json!({ "waiting": { "reason": reason, "message": "not found" } });
        starting(since, &waiting, &json!({}))
    };
    let running = json!({ "running": {} });
    let crashed = starting(EARLY, &running, &ended(3, "no more memory"));
    let scenes = [
        serves("a new revision begins", "old").migration(NEW, 1, &done(), &json!({})),
        next("its first server is ready", &ready("2026-01-01T11:59:59Z")),
        next("and stays ready", &ready(EARLY)),
        serves("it serves, and older ones go", NEW).servers(NEW, 1, &[ready(EARLY)]),
        next("its image cannot be pulled", &waiting(NOW, "ImagePullBackOff")),
        next("it does not come up", &waiting("2026-01-01T11:58:30Z", "ContainerCreating")),
        next("it still may come up", &starting("2026-01-01T11:58:31Z", &running, &json!({}))),
        serves("it has served and crashed", NEW).servers(NEW, 1, &[crashed]),
        next("it had crashed", &ready(EARLY)).with(|seen| {
            let deployment = Arc::make_mut(seen.deployments.last_mut().unwrap());
            let notes = deployment.metadata.annotations.get_or_insert_default();
            notes.insert("chatcluster.dev/failed".to_owned(), "no more memory".to_owned());
        }),
    ];
    check(scenes, &expect_file!["scenarios/revisions.txt"]);
}

#[test]
fn of_stores_that_do_not_answer() {
    let settled = |title| Scene::new(title, &json!({})).settled();
    let managed = |title| {
        let spec = json!({ "mysql": { "managed": {} }, "redis": { "managed": {} } });
        Scene::new(title, &spec)
    };
    let fails = |name: &'static str, note: &'static str| {
        move |seen: &mut Observed| {
            seen.failures.insert(name.to_owned(), note.to_owned());
        }
    };
    let scenes = [
        settled("MySQL does not answer")
            .report("new-0", &json!({ "storeTrouble": "MySQL at db:3306: refused" })),
        settled("Redis does not answer")
            .report("new-0", &json!({}))
            .report("new-1", &json!({ "brokerTrouble": "Redis: no connection to cache:6379" })),
        settled("the bucket does not answer")
            .report("new-0", &json!({ "uploadsTrouble": "no such bucket" })),
        settled("reports of servers that do not serve do not count")
            .report("new-0", &json!({}))
            .report("old-0", &json!({ "brokerTrouble": "Redis: no connection" })),
        managed("managed stores run").settled().store("mysql", 1).store("redis", 1),
        managed("managed stores run and answer")
            .settled()
            .store("mysql", 1)
            .store("redis", 1)
            .report("new-0", &json!({})),
        managed("managed Redis starts again").settled().store("mysql", 1).store("redis", 0),
        managed("no volume for managed MySQL")
            .store("mysql", 0)
            .with(fails("data-team-mysql-0", "storageclass \"fast\" not found")),
        managed("managed MySQL exceeds a quota")
            .with(fails("team-mysql", "exceeded quota: memory")),
        settled("a server cannot be made").with(|seen| {
            let deployment = Arc::make_mut(&mut seen.deployments[0]);
            deployment.status = serde_json::from_value(json!({ "conditions": [{
                "type": "ReplicaFailure", "status": "True", "message": "denied by a webhook",
            }] }))
            .unwrap();
        }),
        settled("no volume for uploads").with(|seen| {
            seen.claims.push(made(json!({ "metadata": { "name": "team-uploads" } })));
            seen.failures.insert("team-uploads".to_owned(), "no capacity".to_owned());
        }),
        Scene::new("the migration cannot be made", &json!({}))
            .migration(NEW, 1, &json!({}), &json!({}))
            .with(fails("new-migrate-1", "exceeded quota: pods")),
    ];
    check(scenes, &expect_file!["scenarios/stores.txt"]);
}

#[test]
fn of_gateways() {
    let gateway = json!({ "gateway": {
        "parentRefs": [{ "name": "outer" }], "hostnames": ["chat.example", "b.example"],
    } });
    let asked = |title| Scene::new(title, &gateway).settled();
    let route = |parents: Value| {
        move |seen: &mut Observed| {
            let mut route = DynamicObject::new("team", &OptionalKind::HttpRoute.resource());
            route.metadata.namespace = Some("talk".to_owned());
            route.data = json!({ "status": { "parents": parents } });
            seen.optional.push((OptionalKind::HttpRoute, Some(route)));
        }
    };
    let said = |accepted: &str| {
        json!([{ "parentRef": { "name": "outer" }, "conditions": [{
            "type": "Accepted", "status": accepted, "reason": "NotAllowed", "message": "no",
        }] }])
    };
    let scenes = [
        asked("the Gateway API is missing"),
        asked("the route is not there yet")
            .with(|seen| seen.optional.push((OptionalKind::HttpRoute, None))),
        asked("no Gateway has taken it up").with(route(json!([]))),
        asked("Gateways of that name elsewhere have taken it up").with(route(json!([
            { "parentRef": { "name": "outer", "namespace": "other" }, "conditions": [] },
            { "parentRef": { "name": "outer", "sectionName": "http" }, "conditions": [] },
        ]))),
        asked("the Gateway refuses it").with(route(said("False"))),
        asked("the Gateway has accepted it").with(route(said("True"))),
    ];
    check(scenes, &expect_file!["scenarios/gateways.txt"]);
}

#[test]
fn of_ingresses_and_load_balancers() {
    let ingress = |title, tls: Option<&str>| {
        let ingress = json!({ "host": "chat.example", "tlsSecretName": tls });
        Scene::new(title, &json!({ "ingress": ingress })).settled()
    };
    let class = |class: Option<&'static str>, at: Value| {
        move |seen: &mut Observed| {
            seen.ingresses.push(made(json!({
                "metadata": { "name": "team" }, "spec": { "ingressClassName": class },
                "status": { "loadBalancer": { "ingress": at } },
            })));
        }
    };
    let load_balancer = |title, at: Value| {
        let spec = json!({ "service": { "type": "LoadBalancer" } });
        Scene::new(title, &spec).settled().with(|seen| {
            let service = Arc::make_mut(&mut seen.services[0]);
            service.spec.as_mut().unwrap().type_ = Some("LoadBalancer".to_owned());
            service.status =
                serde_json::from_value(json!({ "loadBalancer": { "ingress": at } })).unwrap();
        })
    };
    let scenes = [
        ingress("the Ingress is not there yet", None),
        ingress("no controller takes up the class", None).with(class(Some("nginx"), json!([]))),
        ingress("there is no class", None).with(class(None, json!([]))),
        ingress("the Ingress has an address", None)
            .with(class(Some("nginx"), json!([{ "ip": "192.0.2.1" }]))),
        ingress("its certificate is missing", Some("chat-tls")),
        ingress("its certificate is there", Some("chat-tls"))
            .with(|seen| {
                seen.references.insert("chat-tls".to_owned(), Some([].into()));
            })
            .with(class(Some("nginx"), json!([{ "hostname": "lb.example" }]))),
        load_balancer("the load balancer has no address", json!([])),
        load_balancer("the load balancer has an address", json!([{ "ip": "192.0.2.2" }])),
    ];
    check(scenes, &expect_file!["scenarios/ingresses.txt"]);
}
