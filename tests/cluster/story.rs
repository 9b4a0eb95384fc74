//! Goal: what people do with the product in its life works on a real Kubernetes, and nobody who
//! chats loses anything by it.
//! Method: helm and kubectl as in the README; clients from outside, through the Service. One
//! cluster for the whole story, told in chapters: each needs what the ones before it left, and
//! leaves a service of two servers that is well.

use std::time::Instant;

use anyhow::{Context as _, Result};
use harness::Installation;

use crate::{
    chat, end, https, mistake, node, pod, refused, revision, sample, scale, sleep, store, watch,
};

/// Tells a chapter, and how long it took.
macro_rules! chapter {
    ($name:literal, $chapter:expr) => {{
        let started = Instant::now();
        let told = $chapter.await.context($name)?;
        println!("{:>5.1} s  {}", started.elapsed().as_secs_f32(), $name);
        told
    }};
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_service_from_its_installation_to_its_end() -> Result<()> {
    let mut site = Installation::install("site")?;
    println!("helm install to operator ready: {:.1} s", site.operator_took.as_secs_f32());
    println!("kubectl apply to chat ready:    {:.1} s", site.chat_took.as_secs_f32());
    let people = chapter!("the first calls", chat::begin(&site));
    chapter!("stock clients", chat::stock(&site, &people));
    chapter!("a browser", async { chat::browser(&site) });
    chapter!("watched", watch::watched(&mut site));
    chapter!("all samples", async { sample::allowed(&site) });
    chapter!("mistakes", mistake::named(&site));
    // A crowd this small has settled sooner than a large one would.
    site.change(r#"{"drain":{"settleSeconds":1}}"#)?;
    chapter!("a new revision", revision::new_template(&site, &people));
    site.change(r#"{"replicas":1}"#)?;
    chapter!("a changed Secret", revision::changed_secret(&site, &people));
    chapter!("1, 3 and 1 servers", scale::out_and_in(&site, &people));
    site.change(r#"{"replicas":2}"#)?;
    chapter!("a server that does not come up", refused::broken_server(&site, &people));
    chapter!("an image that is not there", refused::missing_image(&site, &people));
    chapter!("a migration that fails", refused::failing_migration(&site, &people));
    chapter!("a pod deleted", pod::deleted(&site, &people));
    chapter!("a pod that crashes", pod::crashed(&site, &people));
    chapter!("Redis crashes", store::redis_crashes(&site, &people));
    chapter!("MySQL crashes", store::mysql_crashes(&site, &people));
    chapter!("pods of stores deleted", store::deleted(&site, &people));
    chapter!("hibernation", sleep::hibernate_and_wake(&site, &people));
    // From here on all of it is encrypted.
    let (keys, people) = chapter!("a certificate", https::given(&mut site, &people));
    chapter!("the certificate renewed", https::renewed(&mut site, &people, &keys));
    chapter!("a node drained", node::drained(&site, &people));
    chapter!("a node lost", node::lost(&mut site, &people));
    let last = chapter!("uninstalled", end::uninstalled(&site, &people));
    chapter!("deleted and applied again", end::deleted(&mut site, &people, &last));
    site.end()
}
