//! What a variable takes: how its text becomes a value, and how documentation describes it.

use std::{fmt, net::SocketAddr, str::FromStr, time::Duration};

use super::{Vars, format_duration};

/// What a variable takes, for people and for the JSON schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A whole number.
    Integer {
        /// Smallest value.
        min: u64,
        /// Largest value.
        max: u64,
    },
    /// A duration such as `500ms`, `5s`, `10m`, `12h` or `30d`.
    Duration {
        /// Shortest value.
        min: Duration,
        /// Longest value.
        max: Duration,
    },
    /// `true` or `false`.
    Boolean,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// An IP address with a port.
    Address,
    /// Text of the form that the description says.
    Text,
    /// Several of them, separated by commas.
    List,
}

/// How one variable is read and written.
pub(super) trait Kind {
    type Value;

    /// The value; what is wrong with it is noted in `vars`, and a default stands in for it.
    fn read(&self, vars: &mut Vars<'_>, name: &str) -> Self::Value;
    /// The text that [`Kind::read`] reads as the same value.
    fn write(&self, value: &Self::Value) -> String;
    fn shape(&self) -> Shape;
    /// The text of the default; empty where it is nothing, or depends on other variables.
    fn default(&self) -> String;
}

pub(super) struct Integer {
    pub(super) default: u64,
    pub(super) min: u64,
    pub(super) max: u64,
}

impl Kind for Integer {
    type Value = u64;

    fn read(&self, vars: &mut Vars<'_>, name: &str) -> u64 {
        vars.number(name, self.default, self.min, self.max)
    }

    fn write(&self, value: &u64) -> String {
        value.to_string()
    }

    fn shape(&self) -> Shape {
        Shape::Integer { min: self.min, max: self.max }
    }

    fn default(&self) -> String {
        self.default.to_string()
    }
}

pub(super) struct Span {
    pub(super) default: Duration,
    pub(super) min: Duration,
    pub(super) max: Duration,
}

impl Kind for Span {
    type Value = Duration;

    fn read(&self, vars: &mut Vars<'_>, name: &str) -> Duration {
        vars.duration(name, self.default, self.min, self.max)
    }

    fn write(&self, value: &Duration) -> String {
        format_duration(*value)
    }

    fn shape(&self) -> Shape {
        Shape::Duration { min: self.min, max: self.max }
    }

    fn default(&self) -> String {
        super::reference::readable(self.default)
    }
}

/// Any text.
pub(super) struct Text(pub(super) &'static str);

impl Kind for Text {
    type Value = String;

    fn read(&self, vars: &mut Vars<'_>, name: &str) -> String {
        vars.text(name).unwrap_or_else(|| self.0.to_owned())
    }

    fn write(&self, value: &String) -> String {
        value.clone()
    }

    fn shape(&self) -> Shape {
        Shape::Text
    }

    fn default(&self) -> String {
        self.0.to_owned()
    }
}

/// An address with a port.
pub(super) struct Listen(pub(super) SocketAddr);

impl Kind for Listen {
    type Value = SocketAddr;

    fn read(&self, vars: &mut Vars<'_>, name: &str) -> SocketAddr {
        vars.parsed(name, self.0, "an address with a port")
    }

    fn write(&self, value: &SocketAddr) -> String {
        value.to_string()
    }

    fn shape(&self) -> Shape {
        Shape::Address
    }

    fn default(&self) -> String {
        self.0.to_string()
    }
}

/// One of a few words, which `T` reads.
pub(super) struct Choice<T: 'static> {
    pub(super) default: T,
    pub(super) words: &'static [&'static str],
    pub(super) what: &'static str,
}

impl<T: Copy + FromStr + fmt::Display> Kind for Choice<T> {
    type Value = T;

    fn read(&self, vars: &mut Vars<'_>, name: &str) -> T {
        vars.parsed(name, self.default, self.what)
    }

    fn write(&self, value: &T) -> String {
        value.to_string()
    }

    fn shape(&self) -> Shape {
        Shape::Choice(self.words)
    }

    fn default(&self) -> String {
        self.default.to_string()
    }
}

/// A value with rules of its own, often about other variables.
pub(super) struct Ruled<T> {
    pub(super) shape: Shape,
    /// As documentation shows it; empty where it is nothing, or depends on other variables.
    pub(super) default: &'static str,
    pub(super) read: fn(&mut Vars<'_>, &str) -> T,
}

/// How a value with rules of its own is written.
pub(super) trait Written {
    fn written(&self) -> String;
}

impl<T: Written> Kind for Ruled<T> {
    type Value = T;

    fn read(&self, vars: &mut Vars<'_>, name: &str) -> T {
        (self.read)(vars, name)
    }

    fn write(&self, value: &T) -> String {
        value.written()
    }

    fn shape(&self) -> Shape {
        self.shape
    }

    fn default(&self) -> String {
        self.default.to_owned()
    }
}

impl Written for String {
    fn written(&self) -> String {
        self.clone()
    }
}

impl Written for bool {
    fn written(&self) -> String {
        self.to_string()
    }
}

impl Written for Duration {
    fn written(&self) -> String {
        format_duration(*self)
    }
}

impl<T: fmt::Display> Written for Vec<T> {
    fn written(&self) -> String {
        self.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }
}
