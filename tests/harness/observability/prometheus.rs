//! A real Prometheus that watches what a test has started.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use chat_contract::config::percent_encode;
use serde_json::{Value, json};
use testbed::{Process, ports, program};

use crate::{TIMEOUT, eventually, http, watch::Query};

/// How often it looks.
const EVERY: &str = "500ms";

/// A running Prometheus. One that a test has started ends with it.
#[derive(Debug)]
pub struct Prometheus {
    url: String,
    _process: Option<Process>,
}

impl Prometheus {
    /// Starts one that reads `/metrics` of these addresses, gives their series these labels, and
    /// watches by these rules.
    pub async fn start(
        dir: &Path,
        watched: &[SocketAddr],
        labels: &Value,
        rules: &[Value],
    ) -> Result<Self> {
        let dir = dir.join("prometheus");
        fs::create_dir_all(&dir)?;
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, ports::free()?));
        let targets: Vec<_> = watched.iter().map(ToString::to_string).collect();
        let config = json!({
            "global": {
                "scrape_interval": EVERY, "scrape_timeout": EVERY, "evaluation_interval": EVERY,
            },
            "rule_files": ["rules.yml"],
            "scrape_configs": [{
                "job_name": "watched",
                "static_configs": [{ "targets": targets, "labels": labels }],
            }],
        });
        // JSON is YAML.
        let groups = json!({ "groups": [{ "name": "watched", "rules": rules }] });
        fs::write(dir.join("rules.yml"), groups.to_string())?;
        fs::write(dir.join("prometheus.yml"), config.to_string())?;
        let mut command = Command::new(program::first_of(&["prometheus"])?);
        command
            .current_dir(&dir)
            .arg("--config.file=prometheus.yml")
            .arg("--storage.tsdb.path=data")
            .arg(format!("--web.listen-address={listen}"));
        let process = Process::start("prometheus", command, &dir)?;
        let url = format!("http://{listen}");
        let prometheus = Self { url, _process: Some(process) };
        eventually("prometheus", TIMEOUT, async || {
            let up = prometheus.ask("up == 1").await?;
            ensure!(up.len() == watched.len(), "it reads {} of {}", up.len(), watched.len());
            Ok(())
        })
        .await?;
        Ok(prometheus)
    }

    /// One that somebody else has started.
    #[must_use]
    pub fn at(url: &str) -> Self {
        Self { url: url.to_owned(), _process: None }
    }

    /// Names of the alerts that it knows.
    pub async fn alerts(&self) -> Result<Vec<String>> {
        let url = format!("{}/api/v1/rules?type=alert", self.url);
        let answer: Value = http::get(&url).await?.json().await?;
        let groups = answer["data"]["groups"].as_array().context("no groups")?;
        let rules = groups.iter().filter_map(|group| group["rules"].as_array()).flatten();
        Ok(rules.filter_map(|rule| Some(rule["name"].as_str()?.to_owned())).collect())
    }

    /// Waits until these alerts fire, or until none of them does.
    pub async fn fire(&self, names: &[&str], fire: bool) -> Result<()> {
        let what = if fire { "they fire" } else { "they clear" };
        eventually(&format!("{what}: {names:?}"), TIMEOUT * 2, async || {
            for name in names {
                let fires = self.fires(name).await?;
                ensure!(fires == fire, "{name}: fires is {fires}");
            }
            Ok(())
        })
        .await
    }

    /// Does this alert fire before so much time has passed.
    pub async fn fires_within(&self, name: &str, time: Duration) -> Result<bool> {
        let end = Instant::now() + time;
        while Instant::now() < end {
            if self.fires(name).await? {
                return Ok(true);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Ok(false)
    }

    async fn fires(&self, name: &str) -> Result<bool> {
        let firing = format!("ALERTS{{alertname=\"{name}\",alertstate=\"firing\"}}");
        Ok(!self.ask(&firing).await?.is_empty())
    }

    /// The numbers that a query is answered with; `NaN` is none.
    pub async fn ask(&self, query: &str) -> Result<Vec<f64>> {
        let url = format!("{}/api/v1/query", self.url);
        let answer = http::get(format!("{url}?query={}", percent_encode(query))).await;
        let answer: Value = answer.with_context(|| query.to_owned())?.json().await?;
        ensure!(answer["status"] == "success", "{query}: {}", answer["error"]);
        let series = answer["data"]["result"].as_array().context("no vector")?;
        let numbers = series.iter().filter_map(|one| one["value"][1].as_str()?.parse().ok());
        Ok(numbers.filter(|number: &f64| !number.is_nan()).collect())
    }

    /// Waits until each of these queries has an answer, and names those that have none.
    pub async fn answers(&self, queries: &[Query]) -> Result<()> {
        ensure!(!queries.is_empty(), "there is nothing to ask");
        eventually("every query has an answer", TIMEOUT * 2, async || {
            let mut empty = Vec::new();
            for Query { place, text } in queries {
                if self.ask(text).await.context(place.clone())?.is_empty() {
                    empty.push(format!("{place}: {text}"));
                }
            }
            ensure!(
                empty.is_empty(),
                "no answer to {} of {}:\n{}",
                empty.len(),
                queries.len(),
                empty.join("\n")
            );
            Ok(())
        })
        .await
    }
}
