//! Goal: the life cycle of the product works on a real Kubernetes, and no client loses anything by
//! it.
//! Method: helm and kubectl as in the README; clients from outside, through the Service. One
//! cluster for all chapters. Each is a test case: the runner takes them in the order of their
//! names, and each can run alone, because it creates what it needs besides an installation (users,
//! a number of servers, a certificate).

use std::{
    sync::{LazyLock, Mutex, PoisonError},
    time::Instant,
};

use anyhow::{Context as _, Result};
use harness::{Installation, Keys, Kubernetes, Person};
use tokio::runtime::Runtime;

use crate::{
    chat, end, https, mistake, node, pod, refused, revision, sample, scale, sleep, store, watch,
};

/// Connections of one chapter live on in the next one; so does what drives them.
static RUNTIME: LazyLock<std::io::Result<Runtime>> = LazyLock::new(Runtime::new);
static STORY: Mutex<Option<Story>> = Mutex::new(None);

/// What one chapter leaves to the next.
struct Story {
    site: Installation,
    people: Vec<Person>,
    /// Of the servers, once they serve HTTPS.
    keys: Option<Keys>,
}

impl Story {
    fn begin() -> Result<Self> {
        let site = Installation::install(Kubernetes::of_run("site")?)?;
        println!("helm install to operator ready: {:.1} s", site.operator_took.as_secs_f32());
        println!("kubectl apply to chat ready:    {:.1} s", site.chat_took.as_secs_f32());
        Ok(Self { site, people: Vec::new(), keys: None })
    }

    /// People who have made their first calls.
    async fn people(&mut self) -> Result<()> {
        if self.people.is_empty() {
            self.people = chat::begin(&self.site).await?;
        }
        Ok(())
    }

    /// Users, and this number of ready servers.
    async fn servers(&mut self, count: usize) -> Result<()> {
        self.people().await?;
        // A crowd this small has settled sooner than a large one would.
        let spec = format!(r#"{{"replicas":{count},"drain":{{"settleSeconds":1}}}}"#);
        self.site.change(&spec).map(drop)
    }

    /// The same, with a certificate.
    async fn encrypted(&mut self) -> Result<()> {
        self.servers(2).await?;
        if self.keys.is_none() {
            let (keys, people) = https::given(&mut self.site, &self.people).await?;
            (self.keys, self.people) = (Some(keys), people);
        }
        Ok(())
    }
}

/// Runs a chapter, and prints its duration.
fn chapter(name: &str, run: impl AsyncFnOnce(&mut Story) -> Result<()>) -> Result<()> {
    let runtime = RUNTIME.as_ref().context("no runtime")?;
    let mut story = STORY.lock().unwrap_or_else(PoisonError::into_inner);
    if story.is_none() {
        *story = Some(Story::begin()?);
    }
    let story = story.as_mut().context("no story")?;
    let started = Instant::now();
    runtime.block_on(run(story)).with_context(|| name.to_owned())?;
    println!("{:>5.1} s  {name}", started.elapsed().as_secs_f32());
    Ok(())
}

#[test]
fn c01_the_first_calls() -> Result<()> {
    chapter("the first calls", async |story| story.people().await)
}

#[test]
fn c02_stock_clients() -> Result<()> {
    chapter("stock clients", async |story| {
        story.people().await?;
        chat::stock(&story.site, &story.people).await
    })
}

#[test]
fn c03_a_browser() -> Result<()> {
    chapter("a browser", async |story| chat::browser(&story.site))
}

#[test]
fn c04_watched() -> Result<()> {
    chapter("watched", async |story| watch::watched(&mut story.site).await)
}

#[test]
fn c05_all_samples() -> Result<()> {
    chapter("all samples", async |story| sample::allowed(&story.site))
}

#[test]
fn c06_mistakes() -> Result<()> {
    chapter("mistakes", async |story| mistake::named(&story.site).await)
}

#[test]
fn c07_a_new_revision() -> Result<()> {
    chapter("a new revision", async |story| {
        story.servers(2).await?;
        revision::new_template(&story.site, &story.people).await
    })
}

#[test]
fn c08_a_changed_secret() -> Result<()> {
    chapter("a changed Secret", async |story| {
        story.servers(1).await?;
        revision::changed_secret(&story.site, &story.people).await
    })
}

#[test]
fn c09_one_three_and_one_servers() -> Result<()> {
    chapter("1, 3 and 1 servers", async |story| {
        story.servers(1).await?;
        scale::out_and_in(&story.site, &story.people).await
    })
}

#[test]
fn c10_a_server_that_does_not_come_up() -> Result<()> {
    chapter("a server that does not come up", async |story| {
        story.servers(2).await?;
        refused::broken_server(&story.site, &story.people).await
    })
}

#[test]
fn c11_an_image_that_is_not_there() -> Result<()> {
    chapter("an image that is not there", async |story| {
        story.servers(2).await?;
        refused::missing_image(&story.site, &story.people).await
    })
}

#[test]
fn c12_a_migration_that_fails() -> Result<()> {
    chapter("a migration that fails", async |story| {
        story.servers(2).await?;
        refused::failing_migration(&story.site, &story.people).await
    })
}

#[test]
fn c13_a_pod_deleted() -> Result<()> {
    chapter("a pod deleted", async |story| {
        story.servers(2).await?;
        pod::deleted(&story.site, &story.people).await
    })
}

#[test]
fn c14_a_pod_that_crashes() -> Result<()> {
    chapter("a pod that crashes", async |story| {
        story.servers(2).await?;
        pod::crashed(&story.site, &story.people).await
    })
}

#[test]
fn c15_redis_crashes() -> Result<()> {
    chapter("Redis crashes", async |story| {
        story.servers(2).await?;
        store::redis_crashes(&story.site, &story.people).await
    })
}

#[test]
fn c16_mysql_crashes() -> Result<()> {
    chapter("MySQL crashes", async |story| {
        story.servers(2).await?;
        store::mysql_crashes(&story.site, &story.people).await
    })
}

#[test]
fn c17_pods_of_stores_deleted() -> Result<()> {
    chapter("pods of stores deleted", async |story| {
        story.servers(2).await?;
        store::deleted(&story.site, &story.people).await
    })
}

#[test]
fn c18_hibernation() -> Result<()> {
    chapter("hibernation", async |story| {
        story.servers(2).await?;
        sleep::hibernate_and_wake(&story.site, &story.people).await
    })
}

/// From here on all of it is encrypted.
#[test]
fn c19_a_certificate() -> Result<()> {
    chapter("a certificate", async |story| story.encrypted().await)
}

#[test]
fn c20_the_certificate_renewed() -> Result<()> {
    chapter("the certificate renewed", async |story| {
        story.encrypted().await?;
        let Story { site, people, keys } = story;
        https::renewed(site, people, keys.as_ref().context("no certificate")?).await
    })
}

#[test]
fn c21_a_node_drained() -> Result<()> {
    chapter("a node drained", async |story| {
        story.servers(2).await?;
        node::drained(&story.site, &story.people).await
    })
}

#[test]
fn c22_a_node_lost() -> Result<()> {
    chapter("a node lost", async |story| {
        story.servers(2).await?;
        if node::holds_a_store(&story.site)? {
            node::drained(&story.site, &story.people).await?;
        }
        node::lost(&mut story.site, &story.people).await
    })
}

#[test]
fn c23_uninstalled() -> Result<()> {
    chapter("uninstalled", async |story| {
        story.people().await?;
        end::uninstalled(&story.site, &story.people).await
    })
}

#[test]
fn c24_deleted_and_applied_again() -> Result<()> {
    chapter("deleted and applied again", async |story| {
        story.people().await?;
        end::deleted(&mut story.site, &story.people).await
    })
}

/// After all chapters the cluster is shut down in order, and a failure of that fails the test.
/// After a single chapter it ends with this program.
#[test]
fn c25_the_end() -> Result<()> {
    let story = STORY.lock().unwrap_or_else(PoisonError::into_inner).take();
    story.map_or(Ok(()), |story| story.site.end())
}
