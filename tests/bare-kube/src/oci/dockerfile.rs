//! The last stage of a Dockerfile.

use anyhow::{Context as _, Result, bail};

use super::Settings;

/// What an image holds and how it is run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dockerfile {
    /// The image that it stands on.
    pub base: String,
    /// What is copied into it.
    pub copies: Vec<Copy>,
    /// What whoever builds it may say, and what holds where nobody does.
    pub args: Vec<(String, String)>,
    /// How it is run.
    pub settings: Settings,
}

/// Files of an earlier stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// The stage.
    pub stage: String,
    /// Where they are there.
    pub from: String,
    /// Where they are in the image.
    pub to: String,
}

impl Dockerfile {
    /// Reads the last stage. What it does not know is an error: it could change the image.
    pub fn parse(text: &str) -> Result<Self> {
        let (mut found, mut unknown) = (Self::default(), Vec::new());
        for line in lines(text) {
            let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
            let rest = rest.trim();
            let settings = &mut found.settings;
            match word {
                // Another stage: what was read belongs to an earlier one.
                "FROM" => {
                    let base = rest.split(' ').next().unwrap_or_default().to_owned();
                    unknown.clear();
                    found = Self { base, ..Self::default() };
                }
                "COPY" if rest.starts_with("--from=") => found.copies.push(copy(rest)?),
                "ARG" => found.args.extend(pairs(rest)?),
                "LABEL" => settings.labels.extend(pairs(rest)?),
                "ENV" => settings.env.extend(pairs(rest)?),
                "USER" => rest.clone_into(&mut settings.user),
                "WORKDIR" => rest.clone_into(&mut settings.dir),
                "EXPOSE" => settings.ports.extend(rest.split(' ').map(str::to_owned)),
                "ENTRYPOINT" => settings.entry = list(rest)?,
                "CMD" => settings.command = list(rest)?,
                // In an earlier stage anything goes: its results are made in another way here.
                _ => unknown.push(line.clone()),
            }
        }
        if let Some(line) = unknown.first() {
            bail!("in the last stage this is not understood: {line}");
        }
        Ok(found)
    }

    /// How it is run, where this is said for its `ARG`s. They may stand in labels.
    pub fn settings_with(&self, said: &[(&str, &str)]) -> Result<Settings> {
        let mut settings = self.settings.clone();
        for (name, value) in &mut settings.labels {
            let Some(arg) = value.strip_prefix('$') else { continue };
            let of = |(known, _): &&(String, String)| known == arg;
            let (_, default) =
                self.args.iter().find(of).with_context(|| format!("{name}: ${arg}"))?;
            let said = said.iter().find(|(said, _)| *said == arg);
            *value = said.map_or(default.as_str(), |(_, value)| value).to_owned();
        }
        Ok(settings)
    }
}

/// Instructions, whole: without comments, and joined where a line goes on.
fn lines(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut open = String::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match line.strip_suffix('\\') {
            Some(start) => open.push_str(start),
            None => all.push(std::mem::take(&mut open) + line),
        }
    }
    all
}

fn copy(rest: &str) -> Result<Copy> {
    let words: Vec<&str> = rest.split_whitespace().collect();
    let [stage, from, to] = words[..] else { bail!("COPY takes one source and one place: {rest}") };
    let stage = stage.trim_start_matches("--from=").to_owned();
    Ok(Copy { stage, from: from.to_owned(), to: to.to_owned() })
}

/// `NAME=value OTHER="a value"`.
fn pairs(rest: &str) -> Result<Vec<(String, String)>> {
    let mut all = Vec::new();
    let mut rest = rest.trim();
    while !rest.is_empty() {
        let (name, value) = rest.split_once('=').with_context(|| format!("no value: {rest}"))?;
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').with_context(|| format!("no end: {value}"))?,
            None => value.split_once(' ').unwrap_or((value, "")),
        };
        all.push((name.trim().to_owned(), value.to_owned()));
        rest = after.trim();
    }
    Ok(all)
}

/// `["a", "b"]`. The other form would put a shell in front, which keeps signals to itself.
fn list(rest: &str) -> Result<Vec<String>> {
    serde_json::from_str(rest).with_context(|| format!("write it as a list: {rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_stage_counts() {
        let text = "FROM rust AS build\nRUN make\n# why\nFROM scratch\nCOPY --from=build /a /b\n\
                    ENV A=1 \\\n    B=\"two words\"\nUSER 7:7\nENTRYPOINT [\"/b\"]\n";
        let found = Dockerfile::parse(text).unwrap();
        assert_eq!(found.base, "scratch");
        assert_eq!(found.copies[0].to, "/b");
        assert_eq!(found.settings.env[1], ("B".to_owned(), "two words".to_owned()));
        assert_eq!(found.settings.entry, ["/b"]);
    }

    #[test]
    fn labels_say_what_the_builder_says() {
        let text = "FROM scratch\nARG A=none\nLABEL a=$A b=\"$A\" c=d\n";
        let found = Dockerfile::parse(text).unwrap();
        let values = |said: &[(&str, &str)]| {
            let labels = found.settings_with(said).unwrap().labels;
            labels.into_iter().map(|(_, value)| value).collect::<Vec<_>>()
        };
        assert_eq!(values(&[]), ["none", "none", "d"]);
        assert_eq!(values(&[("A", "x")]), ["x", "x", "d"]);
        let unknown = Dockerfile::parse("FROM scratch\nLABEL a=$B\n").unwrap();
        assert!(unknown.settings_with(&[]).is_err());
    }

    #[test]
    fn what_could_change_the_image_is_refused() {
        for line in ["RUN make", "ENTRYPOINT /b", "ADD x /", "COPY a b c"] {
            assert!(Dockerfile::parse(&format!("FROM scratch\n{line}\n")).is_err(), "{line}");
        }
    }
}
