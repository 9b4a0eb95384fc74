//! What people see while they wait.

use std::{
    fmt::Display,
    io::{IsTerminal as _, Write as _},
    time::Instant,
};

use anyhow::Result;

/// Does a piece of work and says how long it took. On a terminal it says first what it does.
pub fn step<T, D: Display>(
    name: &str,
    work: impl FnOnce() -> Result<T>,
    done: impl FnOnce(&T) -> D,
) -> Result<T> {
    let started = Instant::now();
    let live = std::io::stdout().is_terminal();
    if live {
        say_now(&format!("  {name:<10} …"));
    }
    let result = work();
    if live {
        say_now("\r\x1b[2K");
    }
    let value = result?;
    let seconds = started.elapsed().as_secs_f32();
    say(&format!("  {name:<10} {:<58} {seconds:>6.1} s", done(&value).to_string()));
    Ok(value)
}

/// A line before work that prints lines of its own.
pub fn announce(name: &str, what: &str) {
    say(&format!("  {name:<10} {what} …"));
}

/// Prints a line. Nobody listening is no reason to stop.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn say_now(text: &str) {
    let mut out = std::io::stdout();
    let _ = write!(out, "{text}");
    let _ = out.flush();
}

/// Says why it does not work.
pub fn complain(what: &str) {
    let mark = if std::io::stderr().is_terminal() { "\x1b[31merror:\x1b[0m" } else { "error:" };
    let _ = writeln!(std::io::stderr(), "{mark} {what}");
}
