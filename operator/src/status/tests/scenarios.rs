//! Plan and status in the situations that a `ChatCluster` gets into.
//!
//! After an intended change: `UPDATE_EXPECT=1 cargo test --package chat-operator --lib scenarios`,
//! and read the difference.

use std::sync::Arc;

use expect_test::expect_file;
use kube::api::DynamicObject;
use serde_json::{Value, json};

use super::scene::{
    EARLY, NEW, NOW, Scene, done, ended, failed_at, going, made, new_pod, ready, starting,
};
use crate::observe::{Observed, OptionalKind};

#[test]
fn of_migrations() {
    let managed = || json!({ "mysql": { "managed": {} }, "redis": { "managed": {} } });
    let running = || json!({ "running": {} });
    let nothing = || json!({});
    let scenes = [
        Scene::new("nothing is there", nothing()),
        Scene::new("managed stores start", managed()).store("mysql", 0).store("redis", 0),
        Scene::new("managed MySQL runs", managed()).store("mysql", 1).store("redis", 0),
        Scene::new("the migration runs", nothing()).migration(
            NEW,
            1,
            json!({ "startTime": "2026-01-01T11:59:00Z" }),
            running(),
        ),
        Scene::new("it runs for long", nothing()).migration(
            NEW,
            1,
            json!({ "startTime": "2026-01-01T11:58:59Z" }),
            running(),
        ),
        Scene::new("it has just failed", nothing()).migration(
            NEW,
            1,
            failed_at("2026-01-01T11:59:56Z"),
            ended(1, "cannot connect to MySQL at db:3306: refused"),
        ),
        Scene::new("it failed, and is due again", nothing()).migration(
            NEW,
            1,
            failed_at("2026-01-01T11:59:55Z"),
            ended(1, "table too large"),
        ),
        Scene::new("it failed often", nothing())
            .migration(NEW, 6, failed_at("2026-01-01T11:59:01Z"), nothing())
            .migration(NEW, 7, failed_at("2026-01-01T11:59:01Z"), nothing()),
        Scene::new("it is tried again", nothing())
            .migration(NEW, 1, failed_at(EARLY), ended(1, "table too large"))
            .migration(NEW, 2, json!({ "startTime": NOW }), running()),
        Scene::new("another one runs", nothing())
            .selects("old")
            .servers("old", 2, &[ready(EARLY), ready(EARLY)])
            .migration("between", 1, json!({ "startTime": EARLY }), running()),
        Scene::new("it is done", nothing()).migration(NEW, 1, done(), ended(0, "")),
        Scene::new("its image cannot be pulled", nothing()).migration(
            NEW,
            1,
            json!({ "startTime": NOW }),
            json!({ "waiting": { "reason": "ErrImagePull", "message": "not found" } }),
        ),
    ];
    let text: String = scenes.into_iter().map(Scene::show).collect();
    expect_file!["scenarios/migrations.txt"].assert_eq(&text);
}

#[test]
fn of_rollouts() {
    let nothing = || json!({});
    let old = |scene: Scene| scene.selects("old").servers("old", 2, &[ready(EARLY), ready(EARLY)]);
    let next = |title| old(Scene::new(title, nothing())).migration(NEW, 1, done(), nothing());
    let crashed = || starting(EARLY, json!({ "running": {} }), ended(3, "no more memory"));
    let volume = || json!({ "replicas": 1, "uploads": { "volume": { "size": "1Gi" } } });
    let scenes = [
        Scene::new("all is well", nothing()).settled().report("new-0", &json!({})),
        Scene::new("a server is missing", nothing()).selects(NEW).servers(
            NEW,
            2,
            &[ready(EARLY), new_pod()],
        ),
        Scene::new("more are wanted", json!({ "replicas": 4 })).settled(),
        Scene::new("fewer are wanted", json!({ "replicas": 1 })).settled(),
        Scene::new("some go", nothing()).selects(NEW).servers(
            NEW,
            2,
            &[ready(EARLY), ready(EARLY), going("2026-01-01T12:00:10Z")],
        ),
        Scene::new("one does not go", nothing()).selects(NEW).servers(
            NEW,
            2,
            &[ready(EARLY), ready(EARLY), going("2026-01-01T11:59:29Z")],
        ),
        next("a new revision begins"),
        next("its first server is ready").servers(NEW, 1, &[ready("2026-01-01T11:59:59Z")]),
        next("and stays ready").servers(NEW, 1, &[ready(EARLY)]),
        Scene::new("it serves, and older ones go", nothing())
            .selects(NEW)
            .servers("old", 2, &[ready(EARLY), ready(EARLY)])
            .servers(NEW, 1, &[ready(EARLY)]),
        next("its image cannot be pulled").servers(
            NEW,
            1,
            &[starting(
                NOW,
                json!({ "waiting": { "reason": "ImagePullBackOff", "message": "not found" } }),
                nothing(),
            )],
        ),
        next("it does not come up").servers(
            NEW,
            1,
            &[starting(
                "2026-01-01T11:58:30Z",
                json!({ "waiting": { "reason": "ContainerCreating" } }),
                nothing(),
            )],
        ),
        next("it still may come up").servers(
            NEW,
            1,
            &[starting("2026-01-01T11:58:31Z", json!({ "running": {} }), nothing())],
        ),
        Scene::new("it has served and crashed", nothing())
            .selects(NEW)
            .servers("old", 1, &[ready(EARLY)])
            .servers(NEW, 1, &[crashed()]),
        next("it had crashed").servers(NEW, 1, &[ready(EARLY)]).with(|seen| {
            let deployment = Arc::make_mut(seen.deployments.last_mut().unwrap());
            let notes = deployment.metadata.annotations.get_or_insert_default();
            notes.insert("chatcluster.dev/failed".to_owned(), "no more memory".to_owned());
        }),
        Scene::new("one alone may have the volume", volume())
            .selects("old")
            .servers("old", 1, &[ready(EARLY)])
            .migration(NEW, 1, done(), nothing()),
        Scene::new("it has the volume", volume()).selects(NEW).servers(NEW, 1, &[ready(EARLY)]),
        Scene::new("paused", json!({ "paused": true })).settled(),
        Scene::new("to be hibernated", json!({ "hibernated": true })).settled(),
        Scene::new("hibernated but for a migration", json!({ "hibernated": true })).migration(
            NEW,
            1,
            json!({ "startTime": NOW }),
            json!({ "running": {} }),
        ),
        Scene::new("hibernated", json!({ "hibernated": true })).selects(NEW).servers(NEW, 0, &[]),
    ];
    let text: String = scenes.into_iter().map(Scene::show).collect();
    expect_file!["scenarios/rollouts.txt"].assert_eq(&text);
}

#[test]
fn of_stores_that_do_not_answer() {
    let nothing = || json!({});
    let managed = || json!({ "mysql": { "managed": {} }, "redis": { "managed": {} } });
    let fails = |name: &'static str, note: &'static str| {
        move |seen: &mut Observed| {
            seen.failures.insert(name.to_owned(), note.to_owned());
        }
    };
    let scenes = [
        Scene::new("MySQL does not answer", nothing())
            .settled()
            .report("new-0", &json!({ "storeTrouble": "MySQL at db:3306: refused" })),
        Scene::new("Redis does not answer", nothing())
            .settled()
            .report("new-0", &json!({}))
            .report("new-1", &json!({ "brokerTrouble": "Redis: no connection to cache:6379" })),
        Scene::new("the bucket does not answer", nothing())
            .settled()
            .report("new-0", &json!({ "uploadsTrouble": "no such bucket" })),
        Scene::new("reports of servers that do not serve do not count", nothing())
            .settled()
            .report("new-0", &json!({}))
            .report("old-0", &json!({ "brokerTrouble": "Redis: no connection" })),
        Scene::new("managed stores run", managed()).settled().store("mysql", 1).store("redis", 1),
        Scene::new("managed stores run and answer", managed())
            .settled()
            .store("mysql", 1)
            .store("redis", 1)
            .report("new-0", &json!({})),
        Scene::new("managed Redis starts again", managed())
            .settled()
            .store("mysql", 1)
            .store("redis", 0),
        Scene::new("no volume for managed MySQL", managed())
            .store("mysql", 0)
            .with(fails("data-team-mysql-0", "storageclass \"fast\" not found")),
        Scene::new("managed MySQL exceeds a quota", managed())
            .with(fails("team-mysql", "exceeded quota: memory")),
        Scene::new("a server cannot be made", nothing()).settled().with(|seen| {
            let deployment = Arc::make_mut(&mut seen.deployments[0]);
            deployment.status = serde_json::from_value(json!({ "conditions": [{
                "type": "ReplicaFailure", "status": "True", "message": "denied by a webhook",
            }] }))
            .unwrap();
        }),
        Scene::new("no volume for uploads", nothing()).settled().with(|seen| {
            seen.claims.push(made(json!({ "metadata": { "name": "team-uploads" } })));
            seen.failures.insert("team-uploads".to_owned(), "no capacity".to_owned());
        }),
        Scene::new("the migration cannot be made", nothing())
            .migration(NEW, 1, json!({}), json!({}))
            .with(fails("new-migrate-1", "exceeded quota: pods")),
    ];
    let text: String = scenes.into_iter().map(Scene::show).collect();
    expect_file!["scenarios/stores.txt"].assert_eq(&text);
}

#[test]
fn of_exposure() {
    let gateway = || {
        json!({ "gateway": {
            "parentRefs": [{ "name": "outer" }], "hostnames": ["chat.example", "b.example"],
        } })
    };
    let ingress = |tls: Option<&str>| json!({ "ingress": { "host": "chat.example", "className": "nginx", "tlsSecretName": tls } });
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
    let class = |class: Option<&'static str>, at: Value| {
        move |seen: &mut Observed| {
            seen.ingresses.push(made(json!({
                "metadata": { "name": "team" }, "spec": { "ingressClassName": class },
                "status": { "loadBalancer": { "ingress": at } },
            })));
        }
    };
    let load_balancer = |title, at: Value| {
        Scene::new(title, json!({ "service": { "type": "LoadBalancer" } })).settled().with(|seen| {
            let service = Arc::make_mut(&mut seen.services[0]);
            service.spec.as_mut().unwrap().type_ = Some("LoadBalancer".to_owned());
            service.status =
                serde_json::from_value(json!({ "loadBalancer": { "ingress": at } })).unwrap();
        })
    };
    let scenes = [
        Scene::new("the Gateway API is missing", gateway()).settled(),
        Scene::new("the route is not there yet", gateway())
            .settled()
            .with(|seen| seen.optional.push((OptionalKind::HttpRoute, None))),
        Scene::new("no Gateway has taken it up", gateway()).settled().with(route(json!([]))),
        Scene::new("the Gateway refuses it", gateway()).settled().with(route(said("False"))),
        Scene::new("the Gateway has accepted it", gateway()).settled().with(route(said("True"))),
        Scene::new("the Ingress is not there yet", ingress(None)).settled(),
        Scene::new("no controller takes up the class", ingress(None))
            .settled()
            .with(class(Some("nginx"), json!([]))),
        Scene::new("there is no class", ingress(None)).settled().with(class(None, json!([]))),
        Scene::new("the Ingress has an address", ingress(None))
            .settled()
            .with(class(Some("nginx"), json!([{ "ip": "192.0.2.1" }]))),
        Scene::new("its certificate is missing", ingress(Some("chat-tls"))).settled(),
        Scene::new("its certificate is there", ingress(Some("chat-tls")))
            .settled()
            .with(|seen| {
                seen.references.insert("chat-tls".to_owned(), Some([].into()));
            })
            .with(class(Some("nginx"), json!([{ "hostname": "lb.example" }]))),
        load_balancer("the load balancer has no address", json!([])),
        load_balancer("the load balancer has an address", json!([{ "ip": "192.0.2.2" }])),
    ];
    let text: String = scenes.into_iter().map(Scene::show).collect();
    expect_file!["scenarios/exposure.txt"].assert_eq(&text);
}
