//! Single steps, at the limits of each rule.

use crate::rollout::{
    state::{RevisionState, RolloutState},
    step::{Health, Step, step},
};

/// Servers that are all there and ready for long.
fn up(count: i32) -> RevisionState {
    RevisionState { ready: count, available: count, ..starting(count) }
}

/// Servers that are asked for, of which none is ready.
fn starting(count: i32) -> RevisionState {
    RevisionState { replicas: count, pods: count, ..RevisionState::default() }
}

/// So many are wanted, of the revision `new`.
fn state(wanted: i32, selected: Option<&str>, there: &[(&str, RevisionState)]) -> RolloutState {
    RolloutState {
        wanted,
        target: "new".to_owned(),
        selected: selected.map(str::to_owned),
        revisions: there.iter().map(|(name, one)| ((*name).to_owned(), *one)).collect(),
        is_alone: false,
    }
}

/// The next step of a wanted revision that is not known to be bad, as text.
fn next(wanted: i32, selected: Option<&str>, there: &[(&str, RevisionState)]) -> String {
    text(&step(&state(wanted, selected, there), Health::Good))
}

fn text(step: &Step) -> String {
    let to = step.selected.as_deref().unwrap_or("as before");
    format!("{:?} {:?} -> {to}", step.phase, step.replicas)
}

#[test]
fn without_a_selection_those_who_are_ready_are_selected() {
    // The Service was deleted.
    assert_eq!(
        next(2, None, &[("new", starting(1)), ("old", up(2))]),
        r#"Rolling {"new": 1, "old": 2} -> old"#
    );
    assert_eq!(
        next(2, None, &[("new", up(1)), ("old", up(2))]),
        r#"Rolling {"new": 1, "old": 2} -> new"#
    );
    // The first spec was wrong, and is mended before anybody was served.
    assert_eq!(next(2, None, &[("old", starting(2))]), r#"Starting {"new": 2, "old": 0} -> new"#);
    assert_eq!(next(2, None, &[]), r#"Starting {"new": 2} -> new"#);
}

#[test]
fn one_falls_back_only_to_those_who_are_ready() {
    let broken = starting(2);
    assert_eq!(
        next(2, Some("new"), &[("new", broken), ("old", up(1))]),
        r#"Held {"new": 2, "old": 1} -> old"#
    );
    // What is about to go does not stay.
    let going = RevisionState { replicas: 0, ..up(1) };
    assert_eq!(
        next(2, Some("new"), &[("new", broken), ("old", going)]),
        r#"Rolling {"new": 2, "old": 0} -> as before"#
    );
}

#[test]
fn where_the_serving_revision_has_nobody_ready_another_one_serves() {
    assert_eq!(
        next(3, Some("old"), &[("between", up(1)), ("old", starting(2))]),
        r#"Rolling {"between": 1, "old": 2} -> between"#
    );
    // Also where the wanted one does not come up.
    let (none, between) = (starting(1), up(1));
    let found = state(2, Some("old"), &[("between", between), ("new", none), ("old", none)]);
    assert_eq!(
        text(&step(&found, Health::Degraded)),
        r#"Held {"between": 1, "new": 1, "old": 1} -> between"#
    );
    // Nobody is ready: nothing of what serves is taken away, and the one in between goes.
    assert_eq!(
        next(3, Some("old"), &[("between", starting(1)), ("old", starting(3))]),
        r#"Rolling {"between": 0, "old": 3} -> as before"#
    );
}

#[test]
fn revisions_in_between_go_one_server_at_a_time() {
    let both = [("between", up(1)), ("later", up(2)), ("old", up(1))];
    assert_eq!(
        next(3, Some("old"), &both),
        r#"Rolling {"between": 0, "later": 2, "old": 1} -> as before"#,
        "one of four"
    );
    // One that is gone already is none that goes.
    let gone = [("between", starting(0)), ("later", up(2)), ("old", up(2))];
    assert_eq!(
        next(3, Some("old"), &gone),
        r#"Rolling {"between": 0, "later": 1, "old": 2} -> as before"#
    );
    // None goes while another one still ends, or starts.
    for restless in [
        RevisionState { terminating: 1, ..up(2) },
        RevisionState { pods: 3, ..up(2) },
        RevisionState { replicas: 3, ..up(2) },
    ] {
        assert_eq!(
            step(&state(3, Some("old"), &[("between", up(2)), ("old", restless)]), Health::Good)
                .replicas["between"],
            2,
            "{restless:?}"
        );
    }
    // As many are ready as are wanted: none can be spared.
    assert_eq!(
        next(4, Some("old"), &[("between", up(2)), ("old", up(2))]),
        r#"Rolling {"between": 2, "new": 1, "old": 2} -> as before"#
    );
    // Those that are not ready go at once.
    let partly = RevisionState { ready: 1, available: 1, ..up(3) };
    assert_eq!(
        next(4, Some("old"), &[("between", partly), ("old", up(2))]),
        r#"Rolling {"between": 1, "old": 2} -> as before"#
    );
}

#[test]
fn a_server_that_is_stuck_gives_its_place_to_the_wanted_revision() {
    let stuck = RevisionState { ready: 2, available: 2, ..up(3) };
    assert_eq!(
        next(3, Some("old"), &[("between", up(1)), ("old", stuck)]),
        r#"Rolling {"between": 1, "old": 2} -> as before"#
    );
    // There is a place beside it.
    assert_eq!(
        next(4, Some("old"), &[("between", up(1)), ("old", stuck)]),
        r#"Rolling {"between": 1, "new": 1, "old": 3} -> as before"#
    );
    // The wanted one has its place.
    assert_eq!(
        next(3, Some("old"), &[("new", starting(1)), ("old", stuck)]),
        r#"Rolling {"new": 1, "old": 3} -> as before"#
    );
    // It may only not be ready yet.
    let ends = RevisionState { terminating: 1, ..up(1) };
    assert_eq!(
        next(3, Some("old"), &[("between", ends), ("old", stuck)]),
        r#"Rolling {"between": 1, "old": 3} -> as before"#
    );
    // One that alone is left keeps its place while a former attempt still ends.
    let ends = RevisionState { replicas: 0, ..starting(1) };
    assert_eq!(
        next(1, Some("old"), &[("new", ends), ("old", starting(1))]),
        r#"Rolling {"new": 1, "old": 1} -> as before"#
    );
    // Those that are too many end all at once.
    let too_many = RevisionState { ready: 3, available: 3, ..up(4) };
    assert_eq!(next(1, Some("old"), &[("old", too_many)]), r#"Rolling {"old": 1} -> as before"#);
}

#[test]
fn ready_servers_of_the_wanted_revision_are_a_help_unless_it_is_held() {
    let new = RevisionState { available: 0, ..up(1) };
    let found = state(3, Some("old"), &[("new", new), ("old", up(2))]);
    let kept = |health| step(&found, health).replicas["old"];
    assert_eq!(kept(Health::Good), 2);
    assert_eq!(kept(Health::Refused), 3);
    assert_eq!(kept(Health::Failed), 3);
}

/// The serving revision grows and the wanted one starts only where both together are at most one
/// too many.
#[test]
fn never_more_than_one_is_too_many() {
    let going = RevisionState { replicas: 0, ..starting(1) };
    assert_eq!(
        next(2, Some("old"), &[("between", going), ("old", up(1))]),
        r#"Rolling {"between": 0, "old": 2} -> as before"#
    );
}

#[test]
fn a_revision_that_is_gone_is_not_the_next_to_go() {
    let there = [("gone", starting(0)), ("new", up(2)), ("old", up(2))];
    assert_eq!(
        next(3, Some("new"), &there),
        r#"Rolling {"gone": 0, "new": 2, "old": 1} -> as before"#
    );
}
