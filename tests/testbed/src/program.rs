//! Programs of the system.

use std::{
    env,
    io::{Read, Write as _},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

/// How long a program may take that is expected to end by itself. Builds of the product are among
/// them, on a busy machine.
const OUTPUT_TIMEOUT: Duration = Duration::from_mins(30);

/// Folders that are often not in `PATH` of those who are not root.
const ALSO: [&str; 4] = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/libexec"];

/// Where a program is, if it is installed.
#[must_use]
pub fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(ALSO.iter().map(PathBuf::from))
        .map(|dir| dir.join(name))
        .find(|file| file.is_file())
}

/// The first of these that is installed.
pub fn first_of(names: &[&str]) -> Result<PathBuf> {
    names
        .iter()
        .find_map(|name| find(name))
        .with_context(|| format!("{} is not installed", names.join(" or ")))
}

/// Runs a program to its end and gives what it printed; its complaint becomes the error.
pub fn output(command: &mut Command) -> Result<String> {
    output_within(command, OUTPUT_TIMEOUT)
}

/// [`output`], for a program that must end within this time.
pub fn output_within(command: &mut Command, limit: Duration) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = run(command, &[], limit)?;
    if !output.status.success() {
        let mut said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        if said.is_empty() {
            String::from_utf8_lossy(&output.stdout).trim().clone_into(&mut said);
        }
        bail!("{name} failed ({}): {said}", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a program to its end with this input, however it ends. One that takes longer than the limit
/// is killed, and the error says which it was.
pub fn run(command: &mut Command, input: &[u8], limit: Duration) -> Result<Output> {
    let end = Instant::now() + limit;
    let line = line_of(command);
    let stdin = if input.is_empty() { Stdio::null() } else { Stdio::piped() };
    command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot run {line}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        let input = input.to_owned();
        // One that reads no further than it wants is no failure of ours.
        thread::spawn(move || drop(stdin.write_all(&input)));
    }
    let stdout = read(child.stdout.take());
    let stderr = read(child.stderr.take());
    let left = || end.saturating_duration_since(Instant::now());
    let both = stdout.recv_timeout(left()).and_then(|out| Ok((out, stderr.recv_timeout(left())?)));
    let status = both.is_ok().then(|| wait_within(&mut child, left())).transpose()?.flatten();
    let (Ok((stdout, stderr)), Some(status)) = (both, status) else {
        let _ = child.kill();
        bail!("{line} did not end within {} seconds", limit.as_secs());
    };
    Ok(Output { status, stdout, stderr })
}

/// Waits until a child ends; `None` where it has not after this time.
pub fn wait_within(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    let end = Instant::now() + limit;
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= end {
            return Ok(None);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

/// What was started, as far as it fits in a sentence.
fn line_of(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let line = words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    line.chars().take(200).collect()
}

/// All that comes out of a pipe, when it has come.
fn read(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut all = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut all);
        }
        let _ = sender.send(all);
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_does_not_end_is_named_and_killed() {
        let mut sleep = Command::new("sleep");
        let error = output_within(sleep.arg("1000"), Duration::from_millis(50)).unwrap_err();
        assert_eq!(error.to_string(), "sleep 1000 did not end within 0 seconds");
    }

    #[test]
    fn input_output_and_complaint_are_handed_over() {
        let mut cat = Command::new("sh");
        cat.args(["-c", "cat; echo wrong >&2; exit 3"]);
        let output = run(&mut cat, b"in", Duration::from_secs(20)).unwrap();
        let said = (output.status.code(), &output.stdout[..], &output.stderr[..]);
        assert_eq!(said, (Some(3), &b"in"[..], &b"wrong\n"[..]));
    }
}
