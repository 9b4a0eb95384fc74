//! Reading variables one by one, and gathering what is wrong with them.

use std::{
    fmt::{self, Write as _},
    str::FromStr,
    time::Duration,
};

use super::{format_duration, former_name, parse_duration};

/// One thing wrong with the configuration, and the remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {problem}")]
pub struct Problem {
    /// The variable.
    pub name: String,
    /// What is wrong with it and what it must be. Never its value: it may be a secret.
    pub problem: String,
}

/// The variables, and the problems found in them so far.
pub struct Vars<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    /// What is wrong, in order of reading.
    pub problems: Vec<Problem>,
}

impl<'a> Vars<'a> {
    /// Variables as `lookup` gives them; an empty value counts as not set.
    pub fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { lookup, problems: Vec::new() }
    }

    /// The text of a variable; where it is not set, that of its former name.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.set(name).or_else(|| self.set(former_name(name)?))
    }

    fn set(&self, name: &str) -> Option<String> {
        (self.lookup)(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty())
    }

    /// Notes a problem.
    pub fn wrong(&mut self, name: &str, problem: impl Into<String>) {
        let mut problem = problem.into();
        let former = former_name(name).filter(|former| self.set(former).is_some());
        if let (None, Some(former)) = (self.set(name), former) {
            let _ = write!(problem, " (it is set by its former name, {former})");
        }
        self.problems.push(Problem { name: name.to_owned(), problem });
    }

    /// A parsed value, or `default` where it is not set or wrong.
    pub fn parsed<T: FromStr + fmt::Display>(&mut self, name: &str, default: T, what: &str) -> T {
        let Some(text) = self.text(name) else { return default };
        if let Ok(value) = text.parse() {
            return value;
        }
        self.wrong(name, format!("must be {what}, for example {default}"));
        default
    }

    /// A number within limits.
    pub fn number(&mut self, name: &str, default: u64, min: u64, max: u64) -> u64 {
        let value = self.parsed(name, default, "a whole number");
        if (min..=max).contains(&value) {
            return value;
        }
        self.wrong(name, format!("must be from {min} to {max}"));
        default
    }

    /// A duration within limits.
    pub fn duration(
        &mut self,
        name: &str,
        default: Duration,
        min: Duration,
        max: Duration,
    ) -> Duration {
        let Some(text) = self.text(name) else { return default };
        match parse_duration(&text) {
            Some(value) if (min..=max).contains(&value) => value,
            Some(_) => {
                let (min, max) = (format_duration(min), format_duration(max));
                self.wrong(name, format!("must be from {min} to {max}"));
                default
            }
            None => {
                let example = format_duration(default);
                self.wrong(name, format!("must be a duration such as 500ms, {example} or 10m"));
                default
            }
        }
    }

    /// The text of a variable that means something only together with `other`.
    pub fn half(&mut self, name: &str, other: &str) -> String {
        let half = self.text(name);
        if half.is_none() && self.text(other).is_some() {
            self.wrong(name, format!("is needed beside {other}"));
        }
        half.unwrap_or_default()
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &str, default: bool) -> bool {
        self.parsed(name, default, "true or false")
    }
}

/// Text as it may stand in a part of a URL: everything but letters, digits and `-_.~` is escaped.
#[must_use]
pub fn percent_encode(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(b).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}
