//! `cargo x check`: what one runs before each commit. It needs no store and no browser.

use anyhow::{Result, bail};
use testbed::{
    Invocation,
    progress::{announce, say},
    setup::tool,
};

use crate::{
    audit,
    test::{self, Ring},
};

/// Format, lints, dependencies, tidy and unit tests; the first that fails ends it.
pub(crate) fn check(invocation: &Invocation) -> Result<()> {
    let steps: [(&str, &[&str], &str); 2] = [
        ("format", &["fmt", "--all", "--check"], "repair it with: cargo fmt --all"),
        (
            "clippy",
            &["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"],
            "it says above what it would like",
        ),
    ];
    for (name, args, remedy) in steps {
        announce(name, "");
        if !tool::show(invocation, invocation.checkout.cargo().args(args))?.success() {
            bail!("{name} found something; {remedy}");
        }
    }
    audit::rules(invocation)?;
    for ring in [Ring::Tidy, Ring::Unit] {
        test::one(invocation, ring)?;
    }
    say("\nAll good.");
    Ok(())
}
