//! Goal: the list of mistakes in the operator's README is that of the tests, and long enough.
//! Method: read both. The rings `reconcile` and `cluster` test that each is reported as the list
//! says.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use harness::{checkout, mistake};

/// Fewer were promised.
const AT_LEAST: usize = 25;

#[test]
fn every_mistake_of_the_list_is_made_by_its_test() -> Result<()> {
    let definition = checkout::read("manifests/crds/chatclusters.yaml")?.replace("''", "'");
    for one in mistake::all()? {
        let test = checkout::read(&format!("tests/{}", one.test))
            .with_context(|| format!("of `{}`", one.what))?;
        if one.condition.is_some() {
            let made = format!("\"{}\"", one.what);
            ensure!(test.contains(&made), "{} does not make it: {}", one.test, one.what);
            ensure!(!one.reason.is_empty(), "{} has no reason", one.what);
        } else {
            ensure!(one.test == "reconcile/refuse.rs", "{} refuses nothing", one.test);
            ensure!(definition.contains(&one.says), "the schema does not say: {}", one.says);
        }
    }
    Ok(())
}

#[test]
fn each_mistake_of_the_list_is_one_of_its_own() -> Result<()> {
    let all = mistake::all()?;
    let names: BTreeSet<_> = all.iter().map(|one| &one.what).collect();
    ensure!(names.len() == all.len(), "two mistakes have the same name");
    let in_conditions = all.iter().filter(|one| one.condition.is_some());
    let distinct: BTreeSet<_> =
        in_conditions.map(|one| (&one.condition, &one.reason, &one.says)).collect();
    ensure!(
        distinct.len() >= AT_LEAST,
        "conditions name {} mistakes of different kinds",
        distinct.len()
    );
    ensure!(all.len() - distinct.len() >= AT_LEAST / 2, "the schema refuses too few of the list");
    Ok(())
}
