//! Goal: the table of promises cannot lie: each row names one test case that is there, no two rows
//! the same, and says what turns it red.
//! Method: read `rows.md`, look for each case in the source, and compare the README's table. Whether
//! a case runs and passes, `cargo x test` compares at its end.

use anyhow::Result;
use harness::checkout::read;
use testbed::{Checkout, promises};

/// Rows of the mission, and promises of the README.
const ROWS: [(&str, usize); 2] = [("mission/", 106), ("promise/", 9)];

#[test]
fn every_row_names_a_test_of_its_own_that_is_there() -> Result<()> {
    let checkout = Checkout::find()?;
    let mut wrong = Vec::new();
    for row in promises::rows(&checkout)? {
        if let Some(case) = &row.case
            && let Err(error) = promises::source(&checkout, case)
        {
            wrong.push(format!("{}: {error:#}", row.id));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn no_row_is_lost() -> Result<()> {
    let rows = promises::rows(&Checkout::find()?)?;
    for (table, count) in ROWS {
        let there = rows.iter().filter(|row| row.id.starts_with(table)).count();
        assert_eq!(there, count, "rows of {table}");
    }
    Ok(())
}

#[test]
fn the_table_of_the_readme_is_fresh() -> Result<()> {
    let fresh = promises::readme(&Checkout::find()?)? == read(promises::README)?;
    assert!(fresh, "the table in {} is old; run: cargo x generate", promises::README);
    Ok(())
}
