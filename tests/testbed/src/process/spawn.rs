//! Starting a process whose life is tied to ours.

use std::{
    io,
    process::{Child, Command},
    sync::{OnceLock, mpsc},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result};

use crate::program;

/// The command behind `setpriv`, which asks the kernel to end it when its parent ends.
pub(super) fn tied(command: Command) -> Command {
    let Some(setpriv) = program::find("setpriv") else { return command };
    let mut outer = Command::new(setpriv);
    outer.args(["--pdeathsig", "TERM", "--"]);
    outer.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => outer.env(name, value),
            None => outer.env_remove(name),
        };
    }
    if let Some(dir) = command.get_current_dir() {
        outer.current_dir(dir);
    }
    outer
}

/// Starting a process is a matter of milliseconds, on a very busy machine of seconds.
const SPAWN_TIMEOUT: Duration = Duration::from_mins(1);

type Order = (Command, mpsc::Sender<io::Result<Child>>);

/// For the kernel the parent is the *thread* that started the child, and threads of tests and
/// runtimes come and go. So one thread, which stays, starts them all.
pub(super) fn spawn(command: Command) -> Result<Child> {
    static SPAWNER: OnceLock<mpsc::Sender<Order>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (sender, orders) = mpsc::channel::<Order>();
        thread::spawn(move || {
            for (mut command, answer) in orders {
                let _ = answer.send(command.spawn());
            }
        });
        sender
    });
    let (sender, answer) = mpsc::channel();
    spawner.send((command, sender))?;
    Ok(answer.recv_timeout(SPAWN_TIMEOUT).context("the process was not started in time")??)
}
