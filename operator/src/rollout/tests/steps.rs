//! The steps of a rollout, played through on the model.

use super::model::{Model, play};
use crate::rollout::Phase;

#[test]
fn a_new_revision_takes_over_one_by_one() {
    let mut model = Model::running(3, "a");
    model.target = "b".to_owned();
    let steps = play(&mut model, &[0]);
    let expected = [
        r#"Rolling {"a": 3, "b": 1} -> Some("a")"#,
        r#"Rolling {"a": 3, "b": 1} -> Some("b")"#,
        r#"Rolling {"a": 2, "b": 1} -> Some("b")"#,
        r#"Rolling {"a": 2, "b": 2} -> Some("b")"#,
        r#"Rolling {"a": 1, "b": 2} -> Some("b")"#,
        r#"Rolling {"a": 1, "b": 3} -> Some("b")"#,
        r#"Rolling {"a": 0, "b": 3} -> Some("b")"#,
    ];
    assert_eq!(steps[..expected.len()], expected);
    assert!(steps.last().unwrap().starts_with("Settled"), "{steps:#?}");
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
    model.bring_up("b", 2);
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

/// Crashing is seen only by those who come to it; whoever was led there once is not led there
/// again.
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
    model.bring_up("b", 2);
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
    model.bring_up("b", 2);
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
        model.bring_up("b", of_new);
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
    model.bring_up("b", 2);
    model.target = "a".to_owned();
    model.operate();
    assert_eq!(model.selected.as_deref(), Some("a"));
    play(&mut model, &[0]);
    assert_eq!((model.ready_of("a"), model.there()), (3, 3));
}
