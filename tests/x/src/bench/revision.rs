//! Another revision of the sources, and its server.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};
use testbed::{Invocation, program, setup::sources};

use super::results;

/// A commit.
#[derive(Debug)]
pub(super) struct Revision {
    commit: String,
    /// The same, short.
    name: String,
}

impl Revision {
    /// What git understands by these words.
    pub(super) fn find(root: &Path, words: &str) -> Result<Self> {
        let wanted = format!("{words}^{{commit}}");
        let Ok(commit) = git(root, &["rev-parse", "--verify", &wanted]) else {
            bail!("git knows no revision {words} here; `git log --oneline --all` lists them");
        };
        let name = git(root, &["rev-parse", "--short=7", &commit])?;
        Ok(Self { commit, name })
    }

    /// Name of what is checked out, with `-dirty` where it was changed.
    pub(super) fn here(root: &Path) -> Result<String> {
        git(root, &["describe", "--always", "--abbrev=7", "--dirty", "--exclude=*"])
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Its `chat-server`, as a release.
    pub(super) fn server(&self, invocation: &Invocation) -> Result<PathBuf> {
        let kept = results(invocation).join(format!("chat-server-{}", self.commit));
        let checkout = &invocation.checkout.root;
        let unpack = |to: &Path| self.extract(checkout, to);
        let server = ("chat-server", self.name.as_str());
        match sources::program(invocation, server, &kept, true, unpack) {
            Err(error) if !invocation.is_interrupted() => Err(error.context(format!(
                "{} gives no server to compare with; take a revision that builds",
                self.name
            ))),
            built => built,
        }
    }

    /// Writes its files into a folder.
    fn extract(&self, checkout: &Path, to: &Path) -> Result<()> {
        fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
        let archive = to.join("sources.tar");
        let output = format!("--output={}", archive.display());
        git(checkout, &["archive", "--format=tar", &output, &self.commit])?;
        program::output(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(to))?;
        Ok(fs::remove_file(archive)?)
    }
}

fn git(root: &Path, words: &[&str]) -> Result<String> {
    let mut command = Command::new("git");
    command.arg("-C").arg(root).args(words);
    // Where a hook of git started us, they name the hook's own repository.
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            command.env_remove(name);
        }
    }
    let said = program::output(&mut command)?;
    Ok(said.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_is_found_by_any_of_its_names_and_one_that_is_not_there_is_named() -> Result<()> {
        let dir = env::temp_dir().join(format!("revision-{}", std::process::id()));
        fs::create_dir_all(&dir)?;
        git(&dir, &["init", "--quiet"])?;
        fs::write(dir.join("one"), "1")?;
        git(&dir, &["add", "one"])?;
        let who =
            ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false"];
        git(&dir, &[&who[..], &["commit", "--quiet", "--message=one"]].concat())?;

        let found = Revision::find(&dir, "HEAD")?;
        assert_eq!(Revision::find(&dir, &found.name)?.commit, found.commit);
        assert_eq!(Revision::here(&dir)?, found.name);
        fs::write(dir.join("one"), "2")?;
        assert_eq!(Revision::here(&dir)?, format!("{}-dirty", found.name));
        let to = dir.join("there");
        found.extract(&dir, &to)?;
        assert_eq!(fs::read_to_string(to.join("one"))?, "1");

        let error = Revision::find(&dir, "nowhere").unwrap_err();
        let said = "git knows no revision nowhere here; `git log --oneline --all` lists them";
        assert_eq!(error.to_string(), said);
        Ok(fs::remove_dir_all(dir)?)
    }
}
