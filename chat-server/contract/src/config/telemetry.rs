//! What the server says of itself: log lines and traces.

use std::{fmt, str::FromStr};

use super::Vars;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Json { "json" } else { "text" })
    }
}

impl FromStr for LogFormat {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(()),
        }
    }
}

pub(super) fn otlp_endpoint(vars: &mut Vars<'_>, name: &str) -> String {
    let url = vars.text(name).unwrap_or_default();
    if !url.is_empty() && !url.starts_with("http://") && !url.starts_with("https://") {
        vars.wrong(name, "must be a URL like http://collector:4317");
    }
    url
}
