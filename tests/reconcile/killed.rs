//! Goal: an operator that is killed after any of its writes, and started again, comes to the same
//! end as one that was left alone.
//! Method: a gate in front of the API shuts behind the n-th write of the first start of a
//! `ChatCluster`, and of a change of it, until both are done without it. What is there in the end
//! is compared with what an operator made that was left alone. Each time takes seconds, so n grows
//! by four, with the change two ahead; `CHAT_TEST_KILL_AFTER=each` leaves none out.
//!
//! An operator that dies before a write is one that died after the write before it: all that it
//! knows, it reads from the API.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use futures_util::future::try_join_all;
use harness::kube::{CHANGE_TIMEOUT, Gate, Site, delete, objects, spec};
use kube::{ResourceExt, api::DynamicObject};
use operator::crd::ChatCluster;
use serde_json::{Value, json};

/// Namespaces in which operators are killed at the same time.
const LANES: usize = 4;
/// By so much n grows, where not each is asked for.
const STEP: u32 = 4;
/// It writes at least so often, at the start and at the change.
const AT_LEAST: (u32, u32) = (20, 10);
const CLUSTER: &str = "chatcluster.dev/cluster";
const REVISION: &str = "chatcluster.dev/revision";
/// What the API and its controllers make up.
const MADE_UP: [&str; 13] = [
    "uid",
    "namespace",
    "resourceVersion",
    "creationTimestamp",
    "managedFields",
    "generation",
    "clusterIP",
    "clusterIPs",
    "batch.kubernetes.io/controller-uid",
    "controller-uid",
    "deployment.kubernetes.io/revision",
    // A hash of what has a `uid` in it.
    "chatcluster.dev/applied",
    "lastTransitionTime",
];

/// What is there, by kind and name, without what is another one each time.
type End = BTreeMap<String, Value>;

/// What was there, and how often it was written until then, or until the operator was killed.
struct Seen {
    end: End,
    written: u32,
}

struct Lane {
    site: Site,
    gate: Gate,
}

fn first() -> Value {
    let mut wish = spec("chat:1");
    wish["replicas"] = json!(2);
    wish["drain"]["settleSeconds"] = json!(0);
    wish["deletionPolicy"] = json!("Delete");
    wish["ingress"] = json!({ "host": "chat.example.org" });
    wish
}

/// Something is made anew, something is deleted, something is changed.
fn change() -> Value {
    json!({ "image": "chat:2", "ingress": null, "service": { "clientAffinity": true } })
}

impl Lane {
    async fn make(number: usize) -> Result<Self> {
        let (mut site, gate) = Site::gated(&format!("killed-{number}")).await?;
        site.operator("one")?;
        Ok(Self { site, gate })
    }

    /// From nothing to the changed one, with an operator that dies after the n-th write, twice;
    /// `expected` is what must be there after each of the two, where that is known.
    async fn run(&mut self, n: [u32; 2], expected: Option<&[Seen; 2]>) -> Result<[Seen; 2]> {
        let [n, then] = n;
        let name = format!("killed-{n:03}");
        self.open(n)?;
        self.site.apply(&name, &first()).await?;
        let started = self.settle(&name, expected.map(|[started, _]| started)).await?;
        self.open(then)?;
        self.site.change(&name, &change()).await?;
        let changed = self.settle(&name, expected.map(|[_, changed]| changed)).await?;
        delete(&self.site.api::<ChatCluster>(), &name).await?;
        Ok([started, changed])
    }

    /// Opens the gate for so many writes. Who stood behind it is dead, also where it shut when all
    /// was done already.
    fn open(&mut self, writes: u32) -> Result<()> {
        if self.gate.open_until(writes) {
            self.site.kill("one")?;
            self.site.operator("one")?;
        }
        Ok(())
    }

    async fn settle(&mut self, name: &str, expected: Option<&Seen>) -> Result<Seen> {
        let is_over = async |lane: &Self| {
            if lane.gate.is_shut() { Ok(true) } else { lane.is_ready(name).await.map(|()| false) }
        };
        let is_shut = self.wait("the gate shuts, or all is done", is_over).await?;
        let written = self.gate.written();
        if is_shut {
            self.open(u32::MAX)?;
        }
        let same_end = async |lane: &Self| {
            lane.is_ready(name).await?;
            let end = lane.end(name).await?;
            if let Some(expected) = expected {
                must_be_same(&expected.end, &end)?;
            }
            Ok(end)
        };
        let end = self.wait("it comes to the same end", same_end).await?;
        Ok(Seen { end, written })
    }

    /// Asks until the answer is `Ok`, with an operator at work. Seldom enough to leave the API to it.
    async fn wait<T>(&mut self, what: &str, ask: impl AsyncFn(&Self) -> Result<T>) -> Result<T> {
        let deadline = Instant::now() + 2 * CHANGE_TIMEOUT;
        loop {
            self.site.revive("one")?;
            match ask(self).await {
                Ok(answer) => return Ok(answer),
                Err(error) if Instant::now() >= deadline => {
                    return Err(error).context(what.to_owned());
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }

    async fn is_ready(&self, name: &str) -> Result<()> {
        let cluster = self.site.api::<ChatCluster>().get(name).await?;
        let status = cluster.status.unwrap_or_default();
        ensure!(status.observed_generation == cluster.metadata.generation, "not seen yet");
        for (kind, value) in [("Ready", "True"), ("Progressing", "False"), ("Degraded", "False")] {
            let found = status.conditions.iter().find(|one| one.type_ == kind);
            if found.is_none_or(|one| one.status != value) {
                bail!("{kind}: {found:?}");
            }
        }
        Ok(())
    }

    async fn end(&self, name: &str) -> Result<End> {
        let all = objects(&self.site).await?;
        let is_mine = |one: &&DynamicObject| {
            one.labels().get(CLUSTER).is_some_and(|of| of == name) || one.name_any() == name
        };
        // What belongs to a child was made by a controller.
        let is_made_by_us = |one: &&DynamicObject| {
            one.metadata.deletion_timestamp.is_none()
                && one.owner_references().iter().all(|owner| owner.kind == "ChatCluster")
        };
        let mine: Vec<_> = all.values().filter(is_mine).filter(is_made_by_us).collect();
        // They are named after random passwords.
        let revisions = mine.iter().filter_map(|one| one.labels().get(REVISION));
        let revisions: BTreeSet<_> = revisions.collect();
        let mut end = End::new();
        for object in mine {
            let mut text = plain(object)?.to_string().replace(name, "team");
            for revision in &revisions {
                text = text.replace(revision.as_str(), "revision");
            }
            let value: Value = serde_json::from_str(&text)?;
            let key = format!("{} {}", value["kind"], value["metadata"]["name"]);
            ensure!(end.insert(key.clone(), value).is_none(), "{key} is there twice");
        }
        Ok(end)
    }
}

/// An object without what the API and its controllers make up, and without what is random.
fn plain(object: &DynamicObject) -> Result<Value> {
    let mut value = serde_json::to_value(object)?;
    let status = value["status"]["conditions"].take();
    value["status"] = json!(null);
    if value["kind"] == "ChatCluster" {
        let status = status.as_array().into_iter().flatten();
        let status = status.map(|one| json!([one["type"], one["status"], one["reason"]]));
        value["status"] = status.collect();
    }
    // Of what is random, only the keys.
    for random in ["/data/inputs/secrets", if value["kind"] == "Secret" { "/data" } else { "" }] {
        if let Some(Value::Object(map)) = value.pointer_mut(random).filter(|_| !random.is_empty()) {
            map.values_mut().for_each(|value| *value = json!(null));
        }
    }
    strip(&mut value);
    Ok(value)
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| !MADE_UP.contains(&key.as_str()));
            map.values_mut().for_each(strip);
        }
        Value::Array(list) => list.iter_mut().for_each(strip),
        _ => {}
    }
}

fn must_be_same(expected: &End, end: &End) -> Result<()> {
    let nothing = json!(null);
    let keys: BTreeSet<_> = expected.keys().chain(end.keys()).collect();
    let mut found = Vec::new();
    for key in keys {
        let of = |end: &End| end.get(key).unwrap_or(&nothing).clone();
        differences(key, &of(expected), &of(end), &mut found);
    }
    ensure!(found.is_empty(), "another end:\n{}", found.join("\n"));
    Ok(())
}

fn differences(path: &str, expected: &Value, is: &Value, found: &mut Vec<String>) {
    match (expected, is) {
        (Value::Object(one), Value::Object(other)) => {
            let keys: BTreeSet<_> = one.keys().chain(other.keys()).collect();
            for key in keys {
                differences(&format!("{path}.{key}"), &expected[key], &is[key], found);
            }
        }
        (one, other) if one == other => {}
        (one, other) => found.push(format!("{path} should be {one} and is {other}")),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_killed_after_any_write_comes_to_the_same_end() -> Result<()> {
    let mut calm = Lane::make(0).await?;
    let expected = calm.run([u32::MAX; 2], None).await?;
    let [started, changed] = [0, 1].map(|phase| expected[phase].written);
    println!("undisturbed: {started} writes at the start, {changed} at the change");
    ensure!(started >= AT_LEAST.0 && changed >= AT_LEAST.1, "hardly anything is written");

    let step =
        if env::var("CHAT_TEST_KILL_AFTER").is_ok_and(|which| which == "each") { 1 } else { STEP };
    let (next, expected) = (AtomicU32::new(1), &expected);
    let work = async |mut lane: Lane| {
        loop {
            let n = next.fetch_add(step, Ordering::Relaxed);
            let both = [n, n + step / 2];
            let seen = lane.run(both, Some(expected)).await;
            let seen = seen.with_context(|| format!("killed after the writes {both:?}"))?;
            // Nobody was killed any more.
            if seen.iter().zip(both).all(|(one, n)| one.written < n) {
                return anyhow::Ok(n);
            }
        }
    };
    let mut lanes = vec![calm];
    for number in 1..LANES {
        lanes.push(Lane::make(number).await?);
    }
    let last = try_join_all(lanes.into_iter().map(work)).await?.into_iter().min();
    println!("killed after one write in {step} up to the last before {last:?}");
    ensure!(last.is_some_and(|last| last >= started), "not up to the last write: {last:?}");
    Ok(())
}
