//! `cargo x generate`: the files that programs write.

use std::fs;

use anyhow::{Context as _, Result};
use x::{
    generated::{self, ASYNCAPI, CONFIGURATION, CONTRACT, CRDS, OPENAPI, OPERATOR},
    stack::program,
};

use crate::{World, progress, setup::kubernetes};

/// Writes them all anew; the rings `tidy` and `render` fail while one of them is old.
pub(crate) fn generate(world: &World) -> Result<()> {
    let checkout = &world.checkout;
    write(world, CONTRACT, || generated::contract(checkout))?;
    write(world, OPENAPI, || generated::openapi(checkout))?;
    write(world, ASYNCAPI, || generated::asyncapi(checkout))?;
    let [markdown, schema] = generated::configuration(checkout)?;
    write(world, CONFIGURATION[0], || Ok(markdown))?;
    write(world, CONFIGURATION[1], || Ok(schema))?;
    for file in CRDS {
        write(world, file, || generated::crd(checkout))?;
    }
    let programs = kubernetes::programs(world, &[&kubernetes::HELM])?;
    write(world, OPERATOR, || generated::operator(checkout, &programs))?;
    write(world, "tests/README.md", || {
        let mut cargo = checkout.cargo();
        cargo.args(["run", "--quiet", "--locked", "--package", "chat-tests"]);
        program::output(cargo.args(["--bin", "coverage"]))
    })
}

fn write(world: &World, file: &str, make: impl FnOnce() -> Result<String>) -> Result<()> {
    progress::step(
        "generate",
        || {
            let text = make().with_context(|| format!("cannot make {file}"))?;
            let path = world.checkout.path(file);
            // Untouched where nothing changed, so that nothing is built again for it.
            if fs::read_to_string(&path).is_ok_and(|old| old == text) {
                return Ok(());
            }
            fs::write(path, text).with_context(|| format!("cannot write {file}"))
        },
        |()| file.to_owned(),
    )
}
