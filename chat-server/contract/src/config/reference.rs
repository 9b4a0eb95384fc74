//! The table of variables, as documentation shows it.

use std::time::Duration;

use super::{ServerConfig, Shape, format_duration, former_name};

/// Variables that belong together.
#[derive(Debug, Clone)]
pub struct Section {
    /// Its heading.
    pub title: &'static str,
    /// In the order in which they are read.
    pub variables: Vec<Variable>,
}

/// One variable.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Its name in the environment.
    pub name: &'static str,
    /// What it takes.
    pub shape: Shape,
    /// The text of its default; empty where it is nothing, or where the description says it.
    pub default: String,
    /// What it is for, in Markdown.
    pub description: &'static str,
}

impl Variable {
    /// Holds a secret: it is never logged, and in Kubernetes it comes from a Secret.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        ServerConfig::SECRETS.contains(&self.name)
    }

    /// The name that it had in 0.1, which is read too.
    #[must_use]
    pub fn former_name(&self) -> Option<&'static str> {
        former_name(self.name)
    }

    /// What it takes, in a few words.
    #[must_use]
    pub fn takes(&self) -> String {
        match self.shape {
            Shape::Integer { min, max } => format!("integer, {min} to {max}"),
            Shape::Duration { min, max } => {
                format!("duration, `{}` to `{}`", readable(min), readable(max))
            }
            Shape::Boolean => "`true` or `false`".to_owned(),
            Shape::Choice(words) => format!("`{}`", words.join("` or `")),
            Shape::Address => "IP address with a port".to_owned(),
            Shape::Text => "text".to_owned(),
            Shape::List => "list, separated by commas".to_owned(),
        }
    }
}

/// A duration in its largest whole unit, as people write it: `30d`, not `2592000s`.
pub(super) fn readable(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if duration.subsec_millis() != 0 {
        return format_duration(duration);
    }
    let units = [("d", 86_400), ("h", 3_600), ("m", 60)];
    // A minute alone says less than sixty seconds do beside thirty.
    match units.into_iter().find(|(_, unit)| seconds > *unit && seconds.is_multiple_of(*unit)) {
        Some((name, unit)) => format!("{}{name}", seconds / unit),
        None => format_duration(duration),
    }
}
