//! What holds for every rollout, whatever is slow and however often the spec changes.

use proptest::prelude::*;

use super::model::{Model, play};
use crate::rollout::{
    Phase,
    state::RolloutState,
    step::{Health, step},
};

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
            let before = model.state();
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
        let done = step(&model.state(), Health::Good);
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

    /// Servers of any revision crash, or stop being ready for ever, at any time.
    #[test]
    fn whoever_is_ready_serves_and_the_next_good_revision_takes_over(
        wanted in 1..8_i32,
        changes in proptest::collection::vec((0..100_usize, 0..4_usize), 1..5),
        breaks in proptest::collection::vec((0..100_usize, 0..8_usize, any::<bool>()), 0..12),
        choices in proptest::collection::vec(any::<u8>(), 1..40),
    ) {
        let names = ["a", "b", "c", "d"];
        let mut model = Model::running(wanted, "a");
        for turn in 0..400 {
            if let Some((_, name)) = changes.iter().find(|(when, _)| *when == turn) {
                model.target = names[*name].to_owned();
            }
            if turn == 200 {
                model.target = "e".to_owned();
            }
            for (_, which, crashes) in breaks.iter().filter(|(when, ..)| *when == turn) {
                let Some(pod) = model.pods.get_mut(*which) else { continue };
                (pod.ready, pod.age) = (false, 0);
                (pod.crashed, pod.stuck) = (*crashes, !crashes);
            }
            let before = model.state();
            model.operate();
            let after = model.state();
            let seen = format!("{before:?} {after:?}");
            prop_assert!(model.there() <= wanted + 1, "more than one too many: {seen}");
            // One that has served and crashed does not serve again: its servers are no help.
            let failed = model.failed.iter().find(|failed| **failed == model.target);
            let ready = |state: &RolloutState| -> i32 {
                let helps = state.revisions.iter().filter(|(name, _)| Some(*name) != failed);
                helps.map(|(_, one)| one.remaining()).sum()
            };
            prop_assert!(ready(&after) >= ready(&before).min(wanted), "a ready one ends: {seen}");
            let target = before.target();
            let somebody_can = before.others().any(|(_, one)| one.remaining() > 0)
                || failed.is_none() && target.is_scaled() && target.available > 0;
            let selected = after.selected.as_ref().and_then(|name| after.revisions.get(name));
            let is_served = selected.is_some_and(|one| one.remaining() > 0);
            prop_assert!(is_served || !somebody_can, "nobody serves: {seen}");
            model.tick(if turn < 200 { choices[turn % choices.len()] } else { 0 });
        }
        let done = step(&model.state(), Health::Good);
        prop_assert_eq!((done.phase, model.ready_of("e")), (Phase::Settled, wanted));
    }
}
