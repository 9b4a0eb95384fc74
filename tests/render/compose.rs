//! Goal: the product on one host with Docker Compose would start as its file says.
//! Method: read the file as Compose does and follow every name in it: images, folders, ports,
//! volumes, what waits for what; a real NGINX reads its configuration, and the real server its
//! settings. No container is started.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use bare_kube::oci::Dockerfile;
use harness::checkout::read;
use serde_json::Value;
use testbed::{checkout::Checkout, program};

use crate::chart::folder;

const DIR: &str = "manifests/dev";
const FILE: &str = "manifests/dev/docker-compose.yml";
const SERVERS: [&str; 3] = ["server-1", "server-2", "migrate"];

/// The file, with what it refers to in it, and with a value for each variable.
struct Compose {
    text: String,
    file: Value,
}

impl Compose {
    fn read() -> Result<Self> {
        let text = read(FILE)?;
        let mut filled = text.clone();
        for name in variables(&text) {
            filled = replaced(&filled, &name);
        }
        // Two dollars are one that the shell in the container sees.
        let mut file: serde_yaml_ng::Value = serde_yaml_ng::from_str(&filled.replace("$$", "$"))?;
        file.apply_merge()?;
        Ok(Self { text, file: serde_json::to_value(file)? })
    }

    fn services(&self) -> Result<&serde_json::Map<String, Value>> {
        self.file["services"].as_object().context("no services")
    }

    /// What a service sets, as its container sees it.
    fn environment(&self, service: &str) -> BTreeMap<String, String> {
        let set = self.file["services"][service]["environment"].as_object();
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        set.into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect()
    }
}

/// Names of the variables that the user must set.
fn variables(text: &str) -> BTreeSet<String> {
    let inside = text.split("${").skip(1).filter_map(|rest| rest.split_once('}'));
    let name = |inside: &str| inside.split(':').next().unwrap_or_default().to_owned();
    inside.map(|(inside, _)| name(inside)).collect()
}

/// With `NAME-value` where the variable stands.
fn replaced(text: &str, variable: &str) -> String {
    let start = format!("${{{variable}");
    let mut parts = text.split(&start);
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.split_once('}').map_or(part, |(_, rest)| rest);
        filled.push_str(variable);
        filled.push_str("-value");
        filled.push_str(rest);
    }
    filled
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[test]
fn whoever_follows_the_first_lines_sets_every_variable() -> Result<()> {
    let text = Compose::read()?.text;
    let head: String = text.lines().take_while(|line| line.starts_with('#')).collect();
    let all = variables(&text);
    ensure!(all.len() > 1, "no passwords are asked for: {all:?}");
    for name in all {
        ensure!(head.contains(&format!("{name}=%s")), "the first lines do not set {name}");
        // The first time it is used it says what to do.
        ensure!(text.contains(&format!("${{{name}:?")), "{name} may be missing unnoticed");
    }
    Ok(())
}

#[test]
fn every_image_and_folder_is_there() -> Result<()> {
    let compose = Compose::read()?;
    let root = Checkout::find()?.path(DIR);
    let managed = read("manifests/crds/chatclusters.yaml")?;
    for (name, service) in compose.services()? {
        let image = service["image"].as_str().with_context(|| format!("{name} has no image"))?;
        let (repository, tag) = image.split_once(':').context("an image without a tag")?;
        ensure!(tag != "latest", "{name}: {image} changes its meaning");
        if let Some(build) = service["build"].as_object() {
            let context = root.join(build["context"].as_str().context("no context")?);
            let file = context.join(build["dockerfile"].as_str().context("no Dockerfile")?);
            Dockerfile::parse(&fs::read_to_string(&file)?)
                .with_context(|| format!("{name}: {}", file.display()))?;
            ensure!(context.join("Cargo.lock").is_file(), "{name} is built elsewhere");
        } else if repository != "nginx" {
            // The same as the operator runs, and its tests.
            ensure!(managed.contains(&format!("default: {image}\n")), "{name}: {image}");
        }
    }
    Ok(())
}

#[test]
fn every_volume_is_declared_and_every_file_is_there() -> Result<()> {
    let compose = Compose::read()?;
    let declared = compose.file["volumes"].as_object().context("no volumes")?;
    let declared: BTreeSet<&str> = declared.keys().map(String::as_str).collect();
    let mut used = BTreeSet::new();
    for (name, service) in compose.services()? {
        for volume in texts(&service["volumes"]) {
            let (from, to) = volume.split_once(':').context("a volume without a place")?;
            ensure!(to.starts_with('/'), "{name}: {volume}");
            if from.starts_with('.') {
                let file = Checkout::find()?.path(DIR).join(from);
                ensure!(file.is_file() && to.ends_with(":ro"), "{name}: {volume}");
            } else {
                used.insert(from);
            }
        }
    }
    ensure!(used == declared, "declared are {declared:?}, and used {used:?}");
    Ok(())
}

#[test]
fn who_waits_for_something_waits_for_what_comes() -> Result<()> {
    let compose = Compose::read()?;
    let services = compose.services()?;
    for (name, service) in services {
        for (on, condition) in waits(&service["depends_on"]) {
            let other = services.get(&on).with_context(|| format!("{name} waits for {on}"))?;
            match condition.as_str() {
                "service_started" => {}
                "service_healthy" => {
                    let test = texts(&other["healthcheck"]["test"]);
                    ensure!(test.len() > 1, "{name} waits for the health of {on}");
                    ensure!(["CMD", "CMD-SHELL"].contains(&test[0]), "{on}: {test:?}");
                }
                "service_completed_successfully" => {
                    ensure!(other["restart"] == "no", "{name} waits for {on}, which never ends");
                }
                other => anyhow::bail!("{name}: {on}: {other}"),
            }
        }
        ensure!(!reaches(services, name, name, services.len()), "{name} waits for itself");
    }
    for server in &SERVERS[..2] {
        ensure!(reaches(services, server, "migrate", 9), "{server} does not wait for its schema");
    }
    ensure!(texts(&services["migrate"]["command"]) == ["migrate"], "nobody migrates");
    Ok(())
}

/// What a service waits for, and until when.
fn waits(value: &Value) -> Vec<(String, String)> {
    if let Some(map) = value.as_object() {
        let until = |one: &Value| one["condition"].as_str().unwrap_or_default().to_owned();
        return map.iter().map(|(on, one)| (on.clone(), until(one))).collect();
    }
    texts(value).into_iter().map(|on| (on.to_owned(), "service_started".to_owned())).collect()
}

fn reaches(services: &serde_json::Map<String, Value>, from: &str, to: &str, steps: usize) -> bool {
    let next = services.get(from).map(|one| waits(&one["depends_on"])).unwrap_or_default();
    steps > 0 && next.iter().any(|(on, _)| on == to || reaches(services, on, to, steps - 1))
}

#[test]
fn people_reach_nginx_and_servers_believe_it() -> Result<()> {
    let compose = Compose::read()?;
    let nginx = &compose.services()?["nginx"];
    let conf = read(&format!("{DIR}/nginx.conf"))?;
    let port = texts(&nginx["ports"]).first().context("no port")?.to_owned();
    let (outside, inside) = port.rsplit_once(':').context("no port inside")?;
    ensure!(conf.contains(&format!("listen {inside};")), "NGINX does not listen on {inside}");
    ensure!(outside == "127.0.0.1:3000", "it is reached at {outside}, and not as the README says");
    let (_, upstream) = conf.split_once("upstream chat {").context("no upstream")?;
    let (upstream, _) = upstream.split_once('}').context("no end of the upstream")?;
    let upstream: Vec<&str> = upstream.lines().map(str::trim).collect();
    ensure!(upstream.contains(&"ip_hash;"), "a client reaches another server each time");
    let balanced = upstream.iter().filter(|line| line.starts_with("server ")).count();
    ensure!(balanced == 2, "{balanced} servers share the work");
    let published = compose.services()?.values().filter(|one| !one["ports"].is_null());
    ensure!(published.count() == 1, "something else is reached from outside, too");

    let address = nginx["networks"]["default"]["ipv4_address"].as_str().context("no address")?;
    let subnet = &compose.file["networks"]["default"]["ipam"]["config"][0]["subnet"];
    let network = subnet.as_str().and_then(|net| net.strip_suffix(".0/24")).context("no subnet")?;
    ensure!(address.starts_with(&format!("{network}.")), "{address} is not in {network}");
    for server in &SERVERS[..2] {
        let set = compose.environment(server);
        ensure!(set["CHAT_TRUSTED_PROXIES"] == address, "{server} does not believe NGINX");
        let url = outside.replace("127.0.0.1", "http://localhost");
        ensure!(set["CHAT_PUBLIC_ORIGINS"] == url, "{server} refuses the page at {url}");
        let http = image_settings()?.remove("CHAT_HTTP_LISTEN").context("no address")?;
        let (_, http) = http.rsplit_once(':').context("no port")?;
        let line = format!("server {server}:{http} ");
        ensure!(conf.contains(&line), "NGINX does not know: {line}");
    }
    Ok(())
}

#[test]
fn a_real_nginx_takes_its_configuration() -> Result<()> {
    let conf = read(&format!("{DIR}/nginx.conf"))?;
    nginx("compose-nginx", &conf)?;
    let refusal = nginx("compose-nginx-wrong", &conf.replace("proxy_pass", "proxy_pas"));
    ensure!(format!("{:#}", refusal.unwrap_err()).contains("proxy_pas"), "anything is taken");
    Ok(())
}

/// NGINX reads it in a folder of its own, where the servers have addresses.
fn nginx(name: &str, conf: &str) -> Result<()> {
    let dir = folder(name)?;
    let mut own = conf.replace("http {", "http {\n    access_log off;");
    for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
        let temp = format!("http {{\n    {kind}_temp_path {}/{kind};", dir.display());
        own = own.replacen("http {", &temp, 1);
    }
    for server in &SERVERS[..2] {
        own = own.replace(&format!("{server}:"), "127.0.0.1:");
    }
    let file = dir.join("nginx.conf");
    fs::write(&file, own)?;
    let mut nginx = Command::new(program::first_of(&["nginx"])?);
    nginx.arg("-t").arg("-p").arg(&dir).arg("-c").arg(&file).args(["-e", "stderr"]);
    nginx.arg("-g").arg(format!("pid {}/pid;", dir.display()));
    program::output(&mut nginx).map(drop)
}

/// Variables of the image.
fn image_settings() -> Result<BTreeMap<String, String>> {
    Ok(Dockerfile::parse(&read("chat-server/Dockerfile")?)?.settings.env.into_iter().collect())
}

#[test]
fn the_server_takes_what_is_set() -> Result<()> {
    let compose = Compose::read()?;
    for service in SERVERS {
        let mut set = image_settings()?;
        set.extend(compose.environment(service));
        let dir = folder(&format!("compose-{service}"))?;
        check_config(&dir, &set).with_context(|| format!("{service} would not start"))?;
        set.insert("CHAT_TRUSTED_PROXIES".to_owned(), "nginx".to_owned());
        ensure!(check_config(&dir, &set).is_err(), "anything is taken");
    }
    Ok(())
}

fn check_config(dir: &Path, set: &BTreeMap<String, String>) -> Result<()> {
    let server = env::var("CHAT_TEST_SERVER").context("start with: cargo x test render")?;
    let mut check = Command::new(PathBuf::from(server));
    check.arg("check-config").current_dir(dir).env_clear().envs(set);
    program::output(&mut check).map(drop)
}

#[test]
fn the_stores_know_who_comes() -> Result<()> {
    let compose = Compose::read()?;
    let mysql = compose.environment("mysql");
    let (user, password) = (&mysql["MYSQL_USER"], &mysql["MYSQL_PASSWORD"]);
    let url = format!("mysql://{user}:{password}@mysql:3306/{}", mysql["MYSQL_DATABASE"]);
    let redis = texts(&compose.services()?["redis"]["command"]);
    let word = redis.iter().position(|word| *word == "--requirepass").context("no password")?;
    let redis = format!("redis://:{}@redis:6379", redis[word + 1]);
    for service in SERVERS {
        let set = compose.environment(service);
        ensure!(set["CHAT_MYSQL_URL"] == url, "MySQL does not know {}", set["CHAT_MYSQL_URL"]);
        ensure!(set["CHAT_REDIS_URL"] == redis, "Redis refuses {}", set["CHAT_REDIS_URL"]);
    }
    Ok(())
}
