//! `cargo x run`: the product on this machine, with nothing prepared.
//!
//! Sets up, starts the stores, the servers and NGINX in that order, watches them, and stops them
//! in the opposite order, whatever happened in between.

mod account;
mod demo;
mod servers;
mod stores;

use std::{
    fs::{self, File},
    io::{ErrorKind, Write as _},
    net::{IpAddr, SocketAddr},
    panic::resume_unwind,
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};
use testbed::{
    Invocation, Timeout, ports, process,
    progress::say,
    setup::{build, disk, packages, page},
};

use self::{servers::Servers, stores::Stores};

/// Arguments of `cargo x run`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line")]
pub(crate) struct RunArgs {
    /// How many servers; with more than one, NGINX stands in front of them.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=16))]
    replicas: u16,
    /// Port of the page and the API.
    #[arg(long, default_value_t = 3000, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// Address to listen on; 0.0.0.0 lets other machines in.
    #[arg(long, default_value = "127.0.0.1")]
    listen: IpAddr,
    /// How NGINX shares requests out.
    #[arg(long, value_enum, default_value_t = Sharing::IpHash)]
    balance: Sharing,
    /// An origin, such as `https://chat.example.org`, whose pages may use the API; can be repeated.
    #[arg(long)]
    origin: Vec<String>,
    /// Begin with an empty database: everything of earlier runs is removed.
    #[arg(long)]
    fresh: bool,
    /// Fill in people, rooms and some weeks of messages.
    #[arg(long)]
    demo: bool,
    /// Use this database and start none: `mysql://user:password@host:3306/database`.
    #[arg(long, value_name = "URL")]
    mysql_url: Option<String>,
    /// Use this Redis and start none: `redis://:password@host:6379`.
    #[arg(long, value_name = "URL")]
    redis_url: Option<String>,
    /// Name of the data; another name is another, independent workspace.
    #[arg(long, default_value = "run", value_parser = data_name)]
    data: String,
    /// Leave the page as it was last built: for work on it with `npm run dev`, or on the API.
    #[arg(long)]
    no_page: bool,
    /// Build with optimisations.
    #[arg(long)]
    release: bool,
}

/// How NGINX shares requests out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Sharing {
    /// The same address always reaches the same server.
    IpHash,
    /// One server after the other.
    RoundRobin,
}

fn data_name(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    // The other names below `target/x` have a meaning already.
    if text.is_empty() || !text.chars().all(plain) || ["cache", "test", "bench"].contains(&text) {
        return Err("take lower-case letters, digits and `-`, such as `run-2`".to_owned());
    }
    Ok(text.to_owned())
}

/// Runs until Ctrl-C.
pub(crate) fn run(invocation: &Invocation, args: &RunArgs) -> Result<()> {
    let started = Instant::now();
    say("Starting; Ctrl-C stops everything.");
    let dir = invocation.checkout.data(&args.data);
    let _lock = lock(&dir)?;
    // Of a run that was killed: the port is not free before they have ended.
    process::end_leftovers(&dir, Duration::from_secs(20))?;
    check_port(args)?;
    disk::check(invocation)?;
    packages::install(invocation, &needs(args))?;
    let server = build(invocation, args)?;

    if args.fresh {
        remove(&dir)?;
    }
    fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;

    let timeout = Timeout::until(Duration::from_mins(1), Arc::clone(&invocation.interrupted));
    let mut stores = Stores::default();
    let mut servers = Servers::new(invocation, args, server);
    let result = start(invocation, args, &mut stores, &mut servers, &timeout).and_then(|welcome| {
        say(&format!("\nReady after {:.1} s.\n", started.elapsed().as_secs_f32()));
        say(&welcome);
        watch(invocation, &mut stores, &mut servers)
    });
    say("Stopping …");
    // All of it, though a part of it may fail; the first error is the one that matters.
    let stopped = servers.stop().and(stores.stop());
    let interrupted = invocation.interrupted.load(Ordering::Relaxed);
    match result {
        Err(_) if interrupted => stopped,
        result => result.and(stopped),
    }
}

/// Builds the server and the page side by side: the last half minute of the compiler needs one
/// processor only.
fn build(invocation: &Invocation, args: &RunArgs) -> Result<PathBuf> {
    if args.no_page {
        return build::server(invocation, args.release);
    }
    page::check(invocation)?;
    thread::scope(|scope| {
        let page = scope.spawn(|| page::build(invocation));
        let server = build::server(invocation, args.release);
        let page = page.join().unwrap_or_else(|panic| resume_unwind(panic));
        let server = server?;
        page.map(|()| server)
    })
}

fn start(
    invocation: &Invocation,
    args: &RunArgs,
    stores: &mut Stores,
    servers: &mut Servers,
    timeout: &Timeout,
) -> Result<String> {
    let urls = stores.start(invocation, args, timeout)?;
    servers.migrate(&urls)?;
    if args.demo {
        demo::fill(servers, &urls, timeout)?;
    }
    servers.start(&urls, timeout)?;
    let account = account::demo(&invocation.checkout.data(&args.data), servers.front())?;
    let front = SocketAddr::new(args.listen, args.port);
    let host = if args.listen.is_loopback() || args.listen.is_unspecified() {
        "localhost".to_owned()
    } else {
        front.ip().to_string()
    };
    Ok(format!(
        "  Page       http://{host}:{}\n  Sign in    {account}\n  Logs       {}\n",
        args.port,
        invocation.checkout.data(&args.data).display()
    ))
}

/// Waits for Ctrl-C, or for a part that ends when it should not.
fn watch(invocation: &Invocation, stores: &mut Stores, servers: &mut Servers) -> Result<()> {
    while !invocation.interrupted.load(Ordering::Relaxed) {
        servers.must_live()?;
        stores.must_live()?;
        thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

fn needs(args: &RunArgs) -> Vec<packages::Need> {
    let mut needs = vec![packages::DATABASE_CLIENT];
    if args.mysql_url.is_none() {
        needs.push(packages::DATABASE);
    }
    if args.redis_url.is_none() {
        needs.push(packages::REDIS);
    }
    if args.replicas > 1 {
        needs.push(packages::NGINX);
    }
    needs
}

fn check_port(args: &RunArgs) -> Result<()> {
    let RunArgs { port, listen, .. } = args;
    let Err(error) = ports::try_listen(*listen, *port) else { return Ok(()) };
    let other = port.checked_add(1).unwrap_or(3000);
    match error.kind() {
        ErrorKind::AddrInUse => bail!(
            "port {port} is in use by another program; stop that one or choose another port: \
             cargo x run --port {other}"
        ),
        ErrorKind::AddrNotAvailable => bail!(
            "{listen} is not an address of this machine; leave --listen out, or give one that \
             `ip address` shows"
        ),
        ErrorKind::PermissionDenied => bail!(
            "only root may listen on port {port}; choose one above 1023: cargo x run --port 3000"
        ),
        _ => bail!("cannot listen on {listen}:{port}: {error}"),
    }
}

/// One at a time: two database servers on the same files would destroy them.
fn lock(data: &Path) -> Result<File> {
    let path = data.with_extension("lock");
    let above = data.parent().context("the data have no folder")?;
    fs::create_dir_all(above).with_context(|| format!("cannot make {}", above.display()))?;
    let mut file =
        File::options().create(true).truncate(false).write(true).read(true).open(&path)?;
    if file.try_lock().is_err() {
        let pid = fs::read_to_string(&path).unwrap_or_default();
        bail!(
            "`cargo x run` is running already with these data (process {}); stop it first, or \
             use others: cargo x run --port 3001 --data run-2",
            pid.trim()
        );
    }
    file.set_len(0)?;
    write!(file, "{}", std::process::id())?;
    Ok(file)
}

fn remove(dir: &Path) -> Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", dir.display()))
        }
        _ => Ok(()),
    }
}
