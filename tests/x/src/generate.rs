//! `cargo x generate`: the files that programs write.

use std::{fs, path::Path, process::Command};

use anyhow::{Context as _, Result};
use x::stack::program;

use crate::{
    World, progress,
    setup::{build, tool},
};

/// Writes them all anew; the ring `tidy` fails while one of them is old.
pub(crate) fn generate(world: &World) -> Result<()> {
    let root = &world.checkout.root;
    let example = ["--package", "chat-contract", "--features", "typescript"];
    let mut contract = tool::cargo(world);
    contract.args(["run", "--quiet", "--locked"]).args(example).args(["--example", "typescript"]);
    write(root, "frontend/src/api/contract.ts", &mut contract)?;

    let server = build::server(world, false)?;
    let mut openapi = Command::new(server);
    openapi.arg("openapi").current_dir(root);
    write(root, "chat-server/openapi.json", &mut openapi)?;

    let mut coverage = tool::cargo(world);
    coverage.args(["run", "--quiet", "--locked", "--package", "chat-tests", "--bin", "coverage"]);
    write(root, "tests/README.md", &mut coverage)
}

fn write(root: &Path, file: &str, command: &mut Command) -> Result<()> {
    progress::step(
        "generate",
        || {
            let text = program::output(command).with_context(|| format!("cannot make {file}"))?;
            fs::write(root.join(file), text).with_context(|| format!("cannot write {file}"))
        },
        |()| file.to_owned(),
    )
}
