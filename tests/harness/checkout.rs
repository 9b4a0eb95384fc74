//! Files of the checkout, for tests that read them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use testbed::checkout::Checkout;

/// Folders of which nothing was written by us.
const FOREIGN: [&str; 5] = ["target", "node_modules", "dist", "test-results", "playwright-report"];

/// A file of the checkout.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// Its path in the checkout, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl Source {
    /// Does its name end so.
    #[must_use]
    pub fn ends_with(&self, endings: &[&str]) -> bool {
        endings.iter().any(|ending| self.path.ends_with(ending))
    }
}

/// All files below a folder whose names end in one of these, in order.
pub fn sources(under: &str, endings: &[&str]) -> Result<Vec<Source>> {
    let root = Checkout::find()?.root;
    let mut found = Vec::new();
    walk(&root, &root.join(under), endings, &mut found)?;
    found.sort();
    Ok(found)
}

/// One file of the checkout.
pub fn read(path: &str) -> Result<String> {
    let file = Checkout::find()?.path(path);
    fs::read_to_string(&file).with_context(|| format!("{path} cannot be read"))
}

fn walk(root: &Path, dir: &PathBuf, endings: &[&str], found: &mut Vec<Source>) -> Result<()> {
    let Ok(entries) = fs::read_dir(dir) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !FOREIGN.contains(&name.as_str()) && !name.starts_with('.') {
                walk(root, &path, endings, found)?;
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            // Deleted meanwhile: another process removed it, and it is not part of the checkout.
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let path = path.strip_prefix(root)?.to_string_lossy().into_owned();
            found.push(Source { path, text });
        }
    }
    Ok(())
}
