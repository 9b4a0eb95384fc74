//! Goal: every promise leads to its tests, and every test to the promises that it shows.
//! Method: read the `covers:` lines and compare them with `rows.md` and the README's table.

use std::collections::BTreeSet;

use anyhow::Result;
use harness::{checkout, coverage};

#[test]
fn every_test_names_known_rows() -> Result<()> {
    let known: BTreeSet<String> = coverage::rows()?.into_iter().map(|row| row.id).collect();
    assert_eq!(known.len(), 106, "rows were lost from tests/rows.md, or are there twice");
    let mut wrong = Vec::new();
    for file in coverage::ring_files()? {
        let covered = coverage::covered(&file.text);
        // What keeps the house tidy, or the ground firm, shows no promise to people.
        let inner = file.path.starts_with("tests/tidy/") || file.path.ends_with("/ground.rs");
        if covered.is_empty() && !inner {
            wrong.push(format!("{} has no line `covers: ...`", file.path));
        }
        for id in covered.difference(&known) {
            wrong.push(format!("{} names {id}, which tests/rows.md does not have", file.path));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn the_table_of_the_readme_is_fresh() -> Result<()> {
    let fresh = coverage::readme()? == checkout::read("tests/README.md")?;
    assert!(fresh, "the table in tests/README.md is old; run: cargo x generate");
    Ok(())
}
