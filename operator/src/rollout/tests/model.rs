//! A small model of Deployments and pods, on which rollouts are played through.

use std::collections::BTreeMap;

use crate::rollout::{
    Phase,
    state::{RevisionState, RolloutState},
    step::{Health, Step, step},
};

/// A pod of the model.
#[derive(Debug, Clone)]
pub(super) struct ModelPod {
    pub(super) revision: String,
    pub(super) ready: bool,
    pub(super) crashed: bool,
    /// It does not become ready any more, such as on a broken node.
    pub(super) stuck: bool,
    /// Ticks since it is ready.
    pub(super) age: u32,
    /// Ticks until it is gone, once it ends.
    pub(super) terminating: Option<u32>,
}

impl ModelPod {
    fn new(revision: &str) -> Self {
        let revision = revision.to_owned();
        Self { revision, ready: false, crashed: false, stuck: false, age: 0, terminating: None }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Model {
    pub(super) wanted: i32,
    pub(super) target: String,
    pub(super) selected: Option<String>,
    pub(super) deployments: BTreeMap<String, i32>,
    pub(super) pods: Vec<ModelPod>,
    /// Revisions whose pods never become ready.
    pub(super) bad: Vec<String>,
    /// Revisions whose pods become ready, and crash as soon as people come to them.
    pub(super) crashing: Vec<String>,
    /// Revisions that have served and crashed, as it is written down.
    pub(super) failed: Vec<String>,
    /// The wanted revision is refused what it needs.
    pub(super) refused: bool,
    pub(super) alone: bool,
}

const SETTLE: u32 = 2;

impl Model {
    pub(super) fn running(wanted: i32, revision: &str) -> Self {
        let pod = ModelPod { ready: true, age: SETTLE, ..ModelPod::new(revision) };
        Self {
            wanted,
            target: revision.to_owned(),
            selected: Some(revision.to_owned()),
            deployments: [(revision.to_owned(), wanted)].into(),
            pods: vec![pod; usize::try_from(wanted).unwrap()],
            bad: Vec::new(),
            crashing: Vec::new(),
            failed: Vec::new(),
            refused: false,
            alone: false,
        }
    }

    pub(super) fn state(&self) -> RolloutState {
        let mut revisions: BTreeMap<String, RevisionState> = BTreeMap::new();
        for (name, replicas) in &self.deployments {
            revisions.entry(name.clone()).or_default().replicas = *replicas;
        }
        for pod in &self.pods {
            let one = revisions.entry(pod.revision.clone()).or_default();
            if pod.terminating.is_some() {
                one.terminating += 1;
            } else {
                one.pods += 1;
                one.crashed += i32::from(pod.crashed && !pod.ready);
                one.ready += i32::from(pod.ready);
                one.available += i32::from(pod.ready && pod.age >= SETTLE);
            }
        }
        RolloutState {
            wanted: self.wanted,
            target: self.target.clone(),
            selected: self.selected.clone(),
            revisions,
            is_alone: self.alone,
        }
    }

    fn health(&self) -> Health {
        if self.failed.contains(&self.target) {
            Health::Failed
        } else if self.refused {
            Health::Refused
        } else if self.bad.contains(&self.target) {
            Health::Degraded
        } else {
            Health::Good
        }
    }

    /// One look of the operator.
    pub(super) fn operate(&mut self) -> Step {
        let step = step(&self.state(), self.health());
        self.failed.extend(step.fails.then(|| self.target.clone()));
        self.deployments = step.replicas.clone();
        self.selected = step.selected.clone().or(self.selected.take());
        let pods = &self.pods;
        self.deployments.retain(|name, replicas| {
            *replicas > 0 || *name == self.target || pods.iter().any(|pod| pod.revision == *name)
        });
        step
    }

    /// Deployments and kubelets do a little of their work; `choice` says which.
    pub(super) fn tick(&mut self, choice: u8) {
        for pod in &mut self.pods {
            let serves = self.selected.as_ref() == Some(&pod.revision);
            if pod.ready && serves && self.crashing.contains(&pod.revision) {
                (pod.ready, pod.crashed, pod.age) = (false, true, 0);
            } else if let Some(left) = &mut pod.terminating {
                *left = left.saturating_sub(1);
            } else if pod.ready {
                pod.age += 1;
            } else if choice & 1 == 0 && !pod.stuck && !self.bad.contains(&pod.revision) {
                pod.ready = true;
            }
        }
        self.pods.retain(|pod| pod.terminating != Some(0));
        for (name, replicas) in &self.deployments {
            let mine = |pod: &&ModelPod| pod.revision == *name && pod.terminating.is_none();
            let there = i32::try_from(self.pods.iter().filter(mine).count()).unwrap();
            if there < *replicas && choice & 2 == 0 {
                self.pods.push(ModelPod::new(name));
            } else if there > *replicas && choice & 4 == 0 {
                // Kubernetes takes those that are not ready first.
                let mut mine: Vec<_> = self
                    .pods
                    .iter_mut()
                    .filter(|pod| pod.revision == *name && pod.terminating.is_none())
                    .collect();
                mine.sort_by_key(|pod| pod.ready);
                mine[0].terminating = Some(3);
            }
        }
    }

    pub(super) fn ready(&self) -> i32 {
        let ready = self.pods.iter().filter(|pod| pod.ready && pod.terminating.is_none());
        i32::try_from(ready.count()).unwrap()
    }

    pub(super) fn ready_of(&self, revision: &str) -> i32 {
        self.state().revisions.get(revision).map_or(0, |one| one.ready)
    }

    /// Goes on until so many servers of a revision are ready.
    pub(super) fn bring_up(&mut self, revision: &str, count: i32) {
        for _ in 0..100 {
            if self.ready_of(revision) >= count {
                return;
            }
            self.operate();
            self.tick(0);
        }
        panic!("{count} servers of {revision} do not become ready: {:?}", self.state());
    }

    pub(super) fn there(&self) -> i32 {
        let there = self.pods.iter().filter(|pod| pod.terminating.is_none());
        i32::try_from(there.count()).unwrap()
    }
}

/// Plays until the rollout settles; gives the steps, in words.
pub(super) fn play(model: &mut Model, choices: &[u8]) -> Vec<String> {
    let mut steps = Vec::new();
    for turn in 0..400 {
        let step = model.operate();
        let words = format!("{:?} {:?} -> {:?}", step.phase, step.replicas, model.selected);
        if steps.last() != Some(&words) {
            steps.push(words);
        }
        if step.phase == Phase::Settled {
            return steps;
        }
        // In the end, all gets done.
        model.tick(if turn < 200 { choices[turn % choices.len()] } else { 0 });
    }
    panic!("does not settle: {steps:#?}\n{model:#?}");
}
