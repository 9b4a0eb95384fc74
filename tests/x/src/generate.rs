//! `cargo x generate`: the files that programs write.

use std::fs;

use anyhow::{Context as _, Result};
use bare_kube::toolchain;
use testbed::{
    Invocation,
    generated::{self, ASYNCAPI, CONFIGURATION, CONTRACT, CRDS, OPENAPI, OPERATOR},
    progress, promises,
};

/// Writes them all anew; the rings `tidy` and `render` fail while one of them is old.
pub(crate) fn generate(invocation: &Invocation) -> Result<()> {
    let checkout = &invocation.checkout;
    write(invocation, CONTRACT, || generated::contract(checkout))?;
    write(invocation, OPENAPI, || generated::openapi(checkout))?;
    write(invocation, ASYNCAPI, || generated::asyncapi(checkout))?;
    let [markdown, schema] = generated::configuration(checkout)?;
    write(invocation, CONFIGURATION[0], || Ok(markdown))?;
    write(invocation, CONFIGURATION[1], || Ok(schema))?;
    for file in CRDS {
        write(invocation, file, || generated::crd(checkout))?;
    }
    let programs = toolchain::programs(invocation, &[&toolchain::HELM])?;
    write(invocation, OPERATOR, || generated::operator(checkout, programs.command("helm")?))?;
    write(invocation, promises::README, || promises::readme(checkout))
}

fn write(invocation: &Invocation, file: &str, make: impl FnOnce() -> Result<String>) -> Result<()> {
    progress::step(
        "generate",
        || {
            let text = make().with_context(|| format!("cannot make {file}"))?;
            let path = invocation.checkout.path(file);
            // Untouched where nothing changed, so that nothing is built again for it.
            if fs::read_to_string(&path).is_ok_and(|old| old == text) {
                return Ok(());
            }
            fs::write(path, text).with_context(|| format!("cannot write {file}"))
        },
        |()| file.to_owned(),
    )
}
