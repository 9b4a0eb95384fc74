//! The steps of a rollout, played through on a small model of Deployments and pods.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::view::RevisionView;

/// A pod of the model.
#[derive(Debug, Clone)]
struct ModelPod {
    revision: String,
    ready: bool,
    crashed: bool,
    /// Ticks since it is ready.
    age: u32,
    /// Ticks until it is gone, once it ends.
    ending: Option<u32>,
}

impl ModelPod {
    fn new(revision: &str) -> Self {
        let revision = revision.to_owned();
        Self { revision, ready: false, crashed: false, age: 0, ending: None }
    }
}

#[derive(Debug, Clone)]
struct Model {
    wanted: i32,
    target: String,
    selected: Option<String>,
    deployments: BTreeMap<String, i32>,
    pods: Vec<ModelPod>,
    /// Revisions whose pods never become ready.
    bad: Vec<String>,
    /// Revisions whose pods become ready, and crash as soon as people come to them.
    crashing: Vec<String>,
    /// Revisions that have served and crashed, as it is written down.
    failed: Vec<String>,
    /// The wanted revision is refused what it needs.
    refused: bool,
    alone: bool,
}

const SETTLE: u32 = 2;

impl Model {
    fn running(wanted: i32, revision: &str) -> Self {
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

    fn view(&self) -> View {
        let mut revisions: BTreeMap<String, RevisionView> = BTreeMap::new();
        for (name, replicas) in &self.deployments {
            revisions.entry(name.clone()).or_default().replicas = *replicas;
        }
        for pod in &self.pods {
            let one = revisions.entry(pod.revision.clone()).or_default();
            if pod.ending.is_some() {
                one.ending += 1;
            } else {
                one.pods += 1;
                one.crashed += i32::from(pod.crashed && !pod.ready);
                one.ready += i32::from(pod.ready);
                one.steady += i32::from(pod.ready && pod.age >= SETTLE);
            }
        }
        View {
            wanted: self.wanted,
            target: self.target.clone(),
            selected: self.selected.clone(),
            revisions,
            is_alone: self.alone,
        }
    }

    fn doubt(&self) -> Doubt {
        if self.failed.contains(&self.target) {
            Doubt::Failed
        } else if self.refused {
            Doubt::Refused
        } else if self.bad.contains(&self.target) {
            Doubt::Troubled
        } else {
            Doubt::None
        }
    }

    /// One look of the operator.
    fn operate(&mut self) -> Step {
        let step = step(&self.view(), self.doubt());
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
    fn tick(&mut self, choice: u8) {
        for pod in &mut self.pods {
            let serves = self.selected.as_ref() == Some(&pod.revision);
            if pod.ready && serves && self.crashing.contains(&pod.revision) {
                (pod.ready, pod.crashed, pod.age) = (false, true, 0);
            } else if let Some(left) = &mut pod.ending {
                *left = left.saturating_sub(1);
            } else if pod.ready {
                pod.age += 1;
            } else if choice & 1 == 0 && !self.bad.contains(&pod.revision) {
                pod.ready = true;
            }
        }
        self.pods.retain(|pod| pod.ending != Some(0));
        for (name, replicas) in &self.deployments {
            let mine = |pod: &&ModelPod| pod.revision == *name && pod.ending.is_none();
            let there = i32::try_from(self.pods.iter().filter(mine).count()).unwrap();
            if there < *replicas && choice & 2 == 0 {
                self.pods.push(ModelPod::new(name));
            } else if there > *replicas && choice & 4 == 0 {
                // Kubernetes takes those that are not ready first.
                let mut mine: Vec<_> = self
                    .pods
                    .iter_mut()
                    .filter(|pod| pod.revision == *name && pod.ending.is_none())
                    .collect();
                mine.sort_by_key(|pod| pod.ready);
                mine[0].ending = Some(3);
            }
        }
    }

    fn ready(&self) -> i32 {
        let ready = self.pods.iter().filter(|pod| pod.ready && pod.ending.is_none());
        i32::try_from(ready.count()).unwrap()
    }

    fn ready_of(&self, revision: &str) -> i32 {
        self.view().revisions.get(revision).map_or(0, |one| one.ready)
    }

    fn there(&self) -> i32 {
        let there = self.pods.iter().filter(|pod| pod.ending.is_none());
        i32::try_from(there.count()).unwrap()
    }
}

/// Until it settles; what it did, in words.
fn play(model: &mut Model, choices: &[u8]) -> Vec<String> {
    let mut told = Vec::new();
    for turn in 0..400 {
        let step = model.operate();
        let words = format!("{:?} {:?} -> {:?}", step.phase, step.replicas, model.selected);
        if told.last() != Some(&words) {
            told.push(words);
        }
        if step.phase == Phase::Settled {
            return told;
        }
        // In the end, all gets done.
        model.tick(if turn < 200 { choices[turn % choices.len()] } else { 0 });
    }
    panic!("does not settle: {told:#?}\n{model:#?}");
}

#[test]
fn a_new_revision_takes_over_one_by_one() {
    let mut model = Model::running(3, "a");
    model.target = "b".to_owned();
    let told = play(&mut model, &[0]);
    let expected = [
        r#"Rolling {"a": 3, "b": 1} -> Some("a")"#,
        r#"Rolling {"a": 3, "b": 1} -> Some("b")"#,
        r#"Rolling {"a": 2, "b": 1} -> Some("b")"#,
        r#"Rolling {"a": 2, "b": 2} -> Some("b")"#,
        r#"Rolling {"a": 1, "b": 2} -> Some("b")"#,
        r#"Rolling {"a": 1, "b": 3} -> Some("b")"#,
        r#"Rolling {"a": 0, "b": 3} -> Some("b")"#,
    ];
    assert_eq!(told[..expected.len()], expected);
    assert!(told.last().unwrap().starts_with("Settled"), "{told:#?}");
}

/// One that ends after another one would get the other one's clients, and move them again.
#[test]
fn servers_that_are_too_many_end_at_once() {
    let mut model = Model::running(4, "a");
    model.wanted = 1;
    model.operate();
    assert_eq!(model.deployments["a"], 1);
}

#[test]
fn a_revision_that_does_not_come_up_moves_nobody() {
    let mut model = Model::running(3, "a");
    model.target = "bad".to_owned();
    model.bad = vec!["bad".to_owned()];
    for _ in 0..50 {
        model.operate();
        model.tick(0);
        assert_eq!(model.selected.as_deref(), Some("a"));
        assert_eq!(model.ready_of("a"), 3);
        assert!(model.there() <= 4, "one extra at most");
    }
    assert_eq!(model.operate().phase, Phase::Held);
    // The spec goes back: nothing but the extra pod goes.
    model.target = "a".to_owned();
    play(&mut model, &[0]);
    assert_eq!((model.ready_of("a"), model.there()), (3, 3));
}

#[test]
fn a_revision_that_breaks_half_way_gives_its_clients_back() {
    let mut model = Model::running(3, "a");
    model.target = "b".to_owned();
    while model.ready_of("b") < 2 {
        model.operate();
        model.tick(0);
    }
    assert_eq!(model.selected.as_deref(), Some("b"));
    model.bad = vec!["b".to_owned()];
    for pod in model.pods.iter_mut().filter(|pod| pod.revision == "b") {
        (pod.ready, pod.age) = (false, 0);
    }
    model.operate();
    assert_eq!(model.selected.as_deref(), Some("a"), "at once");
    for _ in 0..30 {
        model.operate();
        model.tick(0);
    }
    assert_eq!(model.ready_of("a"), 3, "all of the old revision are back");
    assert!(model.there() <= 4);
}

/// Crashing is seen only by those who come to it; whoever was led there once is not led there again.
#[test]
fn a_revision_that_serves_and_crashes_does_not_serve_again() {
    let mut model = Model::running(3, "a");
    model.target = "b".to_owned();
    model.crashing = vec!["b".to_owned()];
    let mut switches = 0;
    for turn in 0..100 {
        let before = model.selected.clone();
        model.operate();
        switches += i32::from(before != model.selected);
        model.tick(0);
        assert!(model.there() <= 4, "one extra at most");
        assert!(model.ready_of("a") >= 2 || turn < 50);
    }
    assert_eq!(switches, 2, "to it and back");
    assert_eq!((model.selected.as_deref(), model.ready_of("a")), (Some("a"), 3));
    assert_eq!(model.deployments["b"], 1, "one is left to look at");
    assert_eq!(model.operate().phase, Phase::Held);
    // Another spec is another attempt.
    model.target = "c".to_owned();
    play(&mut model, &[0]);
    assert_eq!((model.ready_of("c"), model.there()), (3, 3));
}

/// Others of it may be ready at that moment.
#[test]
fn a_crash_half_way_gives_the_clients_back() {
    let mut model = Model::running(3, "a");
    model.target = "b".to_owned();
    while model.ready_of("b") < 2 {
        model.operate();
        model.tick(0);
    }
    let pod = model.pods.iter_mut().find(|pod| pod.revision == "b").unwrap();
    (pod.ready, pod.crashed, pod.age) = (false, true, 0);
    model.operate();
    assert_eq!((model.selected.as_deref(), &model.failed), (Some("a"), &vec!["b".to_owned()]));
    for _ in 0..30 {
        model.operate();
        model.tick(0);
        assert!(model.there() <= 4);
    }
    assert_eq!((model.ready_of("a"), model.deployments["b"]), (3, 1));
}

#[test]
fn a_revision_that_is_refused_what_it_needs_moves_nobody() {
    let mut model = Model::running(3, "a");
    model.target = "b".to_owned();
    model.refused = true;
    for _ in 0..50 {
        model.operate();
        model.tick(0);
        assert_eq!((model.selected.as_deref(), model.ready_of("a")), (Some("a"), 3));
        assert!(model.there() <= 4, "one extra at most");
    }
    assert_eq!((model.operate().phase, model.deployments["b"]), (Phase::Held, 1));
    model.refused = false;
    play(&mut model, &[0]);
    assert_eq!((model.ready_of("b"), model.there()), (3, 3));
}

#[test]
fn what_is_refused_half_way_gives_its_clients_back() {
    let mut model = Model::running(3, "a");
    model.target = "b".to_owned();
    while model.ready_of("b") < 2 {
        model.operate();
        model.tick(0);
    }
    model.refused = true;
    for _ in 0..30 {
        model.operate();
        model.tick(0);
        assert_eq!(model.selected.as_deref(), Some("a"));
        assert!(model.ready() >= 3 && model.there() <= 4, "{model:?}");
    }
    model.refused = false;
    play(&mut model, &[0]);
    assert_eq!((model.ready_of("b"), model.there()), (3, 3));
}

/// Somebody deletes the Service half-way.
#[test]
fn a_lost_service_ends_nobody() {
    for of_new in [1, 2] {
        let mut model = Model::running(3, "a");
        model.target = "b".to_owned();
        while model.ready_of("b") < of_new {
            model.operate();
            model.tick(0);
        }
        let (ready, before) = (model.ready(), model.deployments.clone());
        model.selected = None;
        model.operate();
        assert!(model.selected.is_some());
        assert_eq!((model.ready(), &model.deployments), (ready, &before));
        for _ in 0..100 {
            assert!(model.ready() >= 3, "{model:?}");
            model.operate();
            model.tick(0);
        }
        assert_eq!((model.ready_of("b"), model.there()), (3, 3));
    }
}

#[test]
fn where_one_alone_may_have_the_volume_the_old_one_ends_first() {
    let mut model = Model::running(1, "a");
    model.alone = true;
    model.target = "b".to_owned();
    for turn in 0..40 {
        model.operate();
        model.tick(if turn % 3 == 0 { 7 } else { 0 });
        let holders = model.pods.iter().map(|pod| pod.revision.as_str());
        assert!(holders.collect::<std::collections::BTreeSet<_>>().len() < 2, "{model:?}");
    }
    assert_eq!((model.selected.as_deref(), model.ready_of("b")), (Some("b"), 1));
    assert_eq!(model.operate().phase, Phase::Settled);
    assert!(!model.deployments.contains_key("a"));
}

#[test]
fn going_back_half_way_selects_the_old_revision_at_once() {
    let mut model = Model::running(3, "a");
    model.target = "b".to_owned();
    while model.ready_of("b") < 2 {
        model.operate();
        model.tick(0);
    }
    model.target = "a".to_owned();
    model.operate();
    assert_eq!(model.selected.as_deref(), Some("a"));
    play(&mut model, &[0]);
    assert_eq!((model.ready_of("a"), model.there()), (3, 3));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever is slow, and however often one changes one's mind.
    #[test]
    fn a_rollout_hurts_nobody(
        wanted in 1..8_i32,
        changes in proptest::collection::vec((0..60_usize, 0..4_usize), 1..4),
        choices in proptest::collection::vec(any::<u8>(), 1..40),
    ) {
        let names = ["a", "b", "c", "d"];
        let mut model = Model::running(wanted, "a");
        for turn in 0..600 {
            if let Some((_, name)) = changes.iter().find(|(when, _)| *when == turn) {
                model.target = names[*name].to_owned();
            }
            let selected = model.selected.clone();
            let before = model.view();
            model.operate();
            model.tick(if turn < 300 { choices[turn % choices.len()] } else { 0 });
            prop_assert!(model.ready() >= wanted, "fewer ready than wanted: {model:?}");
            prop_assert!(model.there() <= wanted + 1, "more than one too many: {model:?}");
            let serving = model.selected.clone().unwrap();
            prop_assert!(model.ready_of(&serving) > 0, "nobody serves: {model:?}");
            if model.selected != selected {
                for (name, one) in before.revisions.iter().filter(|(_, one)| one.ready > 0) {
                    let left = model.deployments.get(name).copied().unwrap_or(0);
                    prop_assert!(left >= one.replicas, "a server goes before clients are led");
                }
            }
        }
        let done = step(&model.view(), Doubt::None);
        prop_assert_eq!(done.phase, Phase::Settled);
        prop_assert_eq!(model.ready_of(&model.target.clone()), wanted);
        prop_assert_eq!(model.there(), wanted);
    }

    /// The number of servers changes, also while a revision changes.
    #[test]
    fn any_number_is_reached(
        from in 1..8_i32,
        to in 1..8_i32,
        rolls in any::<bool>(),
        choices in proptest::collection::vec(any::<u8>(), 1..40),
    ) {
        let mut model = Model::running(from, "a");
        if rolls {
            model.target = "b".to_owned();
        }
        for _ in 0..choices.len() {
            model.operate();
            model.tick(choices[0]);
        }
        model.wanted = to;
        play(&mut model, &choices);
        prop_assert_eq!(model.there(), to);
        prop_assert_eq!(model.ready_of(&model.target.clone()), to);
    }
}
