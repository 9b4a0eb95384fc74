//! Goal: what is wrong with the files of a certificate is said in a sentence, with the remedy; and
//! who says nothing takes no place for long.
//! Method: `check-config` with files that are missing, mixed up or no certificates at all; for the
//! dates, the same question at another time; a listener that has few places.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result, anyhow, ensure};
use axum::serve::Listener as _;
use chat_contract::config::ServerConfig;
use chat_server::{
    metrics::Metrics,
    tls::{Listener, Tls, problems},
};
use chrono::{TimeDelta, Utc};
use harness::{Keys, TIMEOUT, env::Env};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};

use crate::config::{run, said};

const MYSQL: (&str, &str) = ("CHAT_MYSQL_URL", "mysql://a:b@c/d");
const MANY_YEARS: TimeDelta = TimeDelta::days(12 * 365);

/// A certificate, its key, and where more files may be put.
fn issued(name: &str) -> Result<(Keys, PathBuf)> {
    let dir = Env::read()?.dir.join(name);
    Ok((Keys::make(&dir)?, dir))
}

/// What `check-config` says of these files.
fn problem(name: &str, cert: &str, key: &str, ca: &str) -> Result<String> {
    let files = [("CHAT_TLS_CERT", cert), ("CHAT_TLS_KEY", key), ("CHAT_TLS_CA", ca), MYSQL];
    let output = run(name, &["check-config"], &files, "")?;
    let said = said(&output);
    let is_good = !said.contains("cannot be used");
    ensure!(output.status.success() == is_good, "{said}");
    Ok(said)
}

fn settings(keys: &Keys) -> Result<ServerConfig> {
    let (cert, key) = (keys.certificate().display().to_string(), keys.key().display().to_string());
    let vars = [("CHAT_TLS_CERT", cert), ("CHAT_TLS_KEY", key), (MYSQL.0, MYSQL.1.to_owned())];
    ServerConfig::from_vars(&|name| {
        vars.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    })
    .map_err(|problems| anyhow!("{problems:?}"))
}

#[test]
fn files_that_do_not_fit_are_reported_together() -> Result<()> {
    let (keys, dir) = issued("tls-files")?;
    let (other, _) = issued("tls-other")?;
    let text = |path: PathBuf| path.display().to_string();
    let (cert, key) = (text(keys.certificate()), text(keys.key()));
    let good = problem("tls-good", &cert, &key, "")?;
    ensure!(!good.contains("cannot be used"), "{good}");

    let missing = problem("tls-missing", "/nowhere.crt", "/nowhere.key", "/nowhere-ca.crt")?;
    for (name, file) in [("CERT", ".crt"), ("KEY", ".key"), ("CA", "-ca.crt")] {
        let line = format!("CHAT_TLS_{name}: /nowhere{file} cannot be read");
        ensure!(missing.contains(&line), "no {line:?} in {missing}");
    }
    ensure!(missing.contains("put it there, or name where it is"), "{missing}");

    let swapped = problem("tls-swapped", &key, &cert, &key)?;
    for line in [
        "store.key holds no certificate: it must be PEM",
        "store.crt holds no private key: it must be PEM, without a passphrase",
        "store.key is no file with certificates (PEM): there is no certificate in it",
    ] {
        ensure!(swapped.contains(line), "no {line:?} in {swapped}");
    }
    let mixed = problem("tls-mixed", &cert, &text(other.key()), "")?;
    let line = format!("is not the key of the certificate in {cert}: take both from one issue");
    ensure!(mixed.contains(&line), "no {line:?} in {mixed}");

    let half = dir.join("half.crt");
    let whole = fs::read_to_string(keys.certificate())?;
    fs::write(&half, &whole[..whole.len() / 2])?;
    let cut = problem("tls-cut", &text(half), &key, "")?;
    ensure!(cut.contains("half.crt holds no certificate"), "{cut}");
    Ok(())
}

#[test]
fn what_goes_wrong_at_the_next_renewal_is_reported_before() -> Result<()> {
    let (keys, dir) = issued("tls-alone")?;
    let alone = dir.join("alone");
    fs::create_dir_all(&alone)?;
    let (cert, key) = (alone.join("tls.crt"), alone.join("tls.key"));
    fs::copy(keys.certificate(), &cert)?;
    fs::copy(keys.key(), &key)?;
    let text = |path: PathBuf| path.display().to_string();
    let (cert, key, ca) = (text(cert), text(key), text(keys.authority()));
    let words = |why: &str| format!("will not believe the others ({why}), and clients that poll");
    let remedy = "put the authority's certificate into CHAT_TLS_CA (in Kubernetes: ca.crt of";

    let unknown = problem("tls-unknown", &cert, &key, "")?;
    let why = words("invalid peer certificate: UnknownIssuer");
    ensure!(unknown.contains(&why) && unknown.contains(remedy), "{unknown}");
    // Nothing else can sign the next one.
    let by_itself = problem("tls-itself", &ca, &text(dir.join("ca.key")), &ca)?;
    ensure!(by_itself.contains(&words("it signed itself")), "{by_itself}");
    let known = problem("tls-known", &cert, &key, &ca)?;
    ensure!(!known.contains("will not believe"), "{known}");
    Ok(())
}

#[test]
fn a_server_does_not_start_with_files_that_do_not_fit() -> Result<()> {
    let files = [("CHAT_TLS_CERT", "/nowhere.crt"), ("CHAT_TLS_KEY", "/nowhere.key"), MYSQL];
    let output = run("tls-serve", &["serve"], &files, "")?;
    let said = said(&output);
    ensure!(output.status.code() == Some(1) && said.contains("CHAT_TLS_KEY"), "{said}");
    let half = run("tls-half", &["check-config"], &files[1..], "")?;
    ensure!(half.status.code() == Some(2), "{}", self::said(&half));
    // A migration has no use for them.
    let files = [files[0], files[1], files[2], ("CHAT_MYSQL_STARTUP_TIMEOUT", "0s")];
    let migration = run("tls-migrate", &["migrate"], &files, "")?;
    ensure!(!self::said(&migration).contains("CHAT_TLS"), "{}", self::said(&migration));
    Ok(())
}

#[test]
fn the_dates_are_looked_at() -> Result<()> {
    let (keys, _) = issued("tls-dates")?;
    let config = settings(&keys)?;
    let now = Utc::now();
    ensure!(problems(&config, now).is_empty());
    let problem = |at| problems(&config, at).iter().map(ToString::to_string).collect::<String>();
    let (ended, early) = (problem(now + MANY_YEARS), problem(now - MANY_YEARS));
    ensure!(ended.contains("certificate that ended on 20") && ended.contains(": renew it"));
    ensure!(early.contains("begins on 20") && early.contains("is the clock right?"), "{early}");
    Ok(())
}

fn open(keys: &Keys, metrics: &Metrics) -> Result<Tls> {
    let tls = Tls::open(&settings(keys)?, metrics);
    tls.map_err(|problems| anyhow!("{problems:?}"))?.context("no certificate")
}

#[test]
fn what_ended_takes_nobodys_place() -> Result<()> {
    let (keys, _) = issued("tls-ended")?;
    let tls = open(&keys, &Metrics::new()?)?;
    let now = Utc::now();
    let held = tls.shown();
    ensure!(tls.renew(now) && tls.shown() == held, "nothing has changed");
    keys.renew()?;
    ensure!(!tls.renew(now + MANY_YEARS) && tls.shown() == held, "it ended before it was seen");
    // It holds from when it was made.
    ensure!(tls.renew(Utc::now()) && tls.shown() != held);
    Ok(())
}

#[tokio::test]
async fn the_oldest_gives_way_to_who_speaks() -> Result<()> {
    let (keys, _) = issued("tls-crowd")?;
    let metrics = Metrics::new()?;
    let inner = TcpListener::bind("127.0.0.1:0").await?;
    let address = inner.local_addr()?;
    let mut listener = Listener::new(inner, open(&keys, &metrics)?, 4);
    let mut silent = Vec::new();
    for _ in 0..6 {
        silent.push(TcpStream::connect(address).await?);
    }
    let speaking = keys.connect(TcpStream::connect(address).await?);
    let (client, accepted) = tokio::join!(speaking, timeout(TIMEOUT, listener.accept()));
    ensure!(accepted?.1 == client?.get_ref().0.local_addr()?);
    let count = |outcome| metrics.tls_handshakes.with_label_values(&[outcome]).get();
    assert_eq!((count("crowded_out"), count("timed_out"), count("done")), (3, 0, 1));
    assert_eq!(metrics.tls_handshakes_open.get(), 3);
    Ok(())
}
