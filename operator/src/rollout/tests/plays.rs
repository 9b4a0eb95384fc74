//! Whole rollouts on the model, step by step, each with what it waits for.
//!
//! After an intended change: `UPDATE_EXPECT=1 cargo test --package chat-operator --lib plays`, and
//! read the difference.

use std::fmt::Write as _;

use expect_test::{ExpectFile, expect_file};

use super::model::Model;
use crate::rollout::Phase;

/// Everything is done at once.
const FAST: &[u8] = &[0];
/// Pods become ready late, start late, and end late, in turns.
const SLOW: &[u8] = &[1, 3, 0, 6, 5, 2, 7, 4];

/// Before which turn, and what is changed.
type Change<'a> = (usize, &'a mut dyn FnMut(&mut Model));

/// Plays sixty turns, or until it settles after the last change.
fn play(title: &str, mut model: Model, choices: &[u8], changes: &mut [Change<'_>]) -> String {
    let mut text = format!("== {title}\n");
    let mut last = String::new();
    for turn in 0..60 {
        for (at, change) in changes.iter_mut() {
            if *at == turn {
                change(&mut model);
            }
        }
        let step = model.operate();
        let waiting = step.waiting_for.as_deref().unwrap_or("nothing");
        let fails = if step.fails { ", fails" } else { "" };
        let line = format!(
            "{:?} {:?} -> {}{fails}: {waiting}",
            step.phase,
            step.replicas,
            model.selected.as_deref().unwrap_or("nobody"),
        );
        if line != last {
            writeln!(text, "{turn:>2} {line}").unwrap();
            last = line;
        }
        let is_over = changes.iter().all(|(at, _)| *at <= turn);
        if step.phase == Phase::Settled && is_over {
            break;
        }
        model.tick(choices[turn % choices.len()]);
    }
    text.push('\n');
    text
}

fn check(plays: &[String], expected: &ExpectFile) {
    expected.assert_eq(&plays.concat());
}

fn to(revision: &'static str) -> impl FnMut(&mut Model) {
    move |model| revision.clone_into(&mut model.target)
}

fn want(count: i32) -> impl FnMut(&mut Model) {
    move |model| model.wanted = count
}

#[test]
fn of_numbers() {
    let (a, none) = (|wanted| Model::running(wanted, "a"), &mut []);
    let first = Model { selected: None, deployments: [].into(), pods: Vec::new(), ..a(3) };
    check(
        &[
            play("the first servers", first.clone(), FAST, none),
            play("the first servers, slowly", first.clone(), SLOW, none),
            play("another revision before the first serves", first, SLOW, &mut [(3, &mut to("b"))]),
            play("from one to four", a(1), FAST, &mut [(0, &mut want(4))]),
            play("from four to one", a(4), FAST, &mut [(0, &mut want(1))]),
            play("from one to four, slowly", a(1), SLOW, &mut [(0, &mut want(4))]),
            play("from four to one, slowly", a(4), SLOW, &mut [(0, &mut want(1))]),
            play("down and up again", a(4), SLOW, &mut [(0, &mut want(1)), (2, &mut want(3))]),
            play("one alone", Model { alone: true, ..a(1) }, SLOW, &mut [(1, &mut to("b"))]),
        ],
        &expect_file!["plays/numbers.txt"],
    );
}

#[test]
fn of_revisions() {
    let a = |wanted| Model::running(wanted, "a");
    check(
        &[
            play("three", a(3), FAST, &mut [(0, &mut to("b"))]),
            play("three, slowly", a(3), SLOW, &mut [(0, &mut to("b"))]),
            play("one", a(1), SLOW, &mut [(0, &mut to("b"))]),
            play("more meanwhile", a(2), SLOW, &mut [(0, &mut to("b")), (9, &mut want(4))]),
            play("fewer meanwhile", a(4), SLOW, &mut [(0, &mut to("b")), (9, &mut want(2))]),
            play("back half-way", a(3), SLOW, &mut [(0, &mut to("b")), (12, &mut to("a"))]),
            play("on half-way", a(3), SLOW, &mut [(0, &mut to("b")), (12, &mut to("c"))]),
            play(
                "on, and back to the first",
                a(3),
                SLOW,
                &mut [(0, &mut to("b")), (10, &mut to("c")), (20, &mut to("a"))],
            ),
            play(
                "the Service is lost",
                a(3),
                SLOW,
                &mut [(0, &mut to("b")), (12, &mut |model: &mut Model| model.selected = None)],
            ),
        ],
        &expect_file!["plays/revisions.txt"],
    );
}

#[test]
fn of_failures() {
    let a = |wanted| Model::running(wanted, "a");
    let bad = || Model { bad: vec!["b".to_owned()], ..a(3) };
    let mut refused = |model: &mut Model| model.refused = true;
    let mut served = |model: &mut Model| model.refused = false;
    let mut breaks = |model: &mut Model| {
        model.bad = vec!["b".to_owned()];
        for pod in model.pods.iter_mut().filter(|pod| pod.revision == "b") {
            (pod.ready, pod.age) = (false, 0);
        }
    };
    let mut one_breaks = |model: &mut Model| {
        model.bad = vec!["a".to_owned()];
        model.pods[0].ready = false;
    };
    let crashing = Model { crashing: vec!["b".to_owned()], ..a(3) };
    check(
        &[
            play("it does not come up", bad(), FAST, &mut [(0, &mut to("b"))]),
            play(
                "it does not come up, and the next one does",
                bad(),
                SLOW,
                &mut [(0, &mut to("b")), (15, &mut to("c"))],
            ),
            play("it serves and crashes", crashing, FAST, &mut [(0, &mut to("b"))]),
            play("it breaks half-way", a(3), FAST, &mut [(0, &mut to("b")), (10, &mut breaks)]),
            play(
                "it is refused half-way, and no more",
                a(3),
                FAST,
                &mut [(0, &mut to("b")), (8, &mut refused), (30, &mut served)],
            ),
            play(
                "an old server is stuck",
                a(3),
                SLOW,
                &mut [(0, &mut one_breaks), (1, &mut to("b"))],
            ),
        ],
        &expect_file!["plays/failures.txt"],
    );
}
