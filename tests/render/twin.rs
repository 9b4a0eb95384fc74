//! Goal: alerts and the dashboard are the same, whether helm or the operator makes them, and the
//! operator is the same, whether helm or `kubectl apply` installs it.
//! Method: both make them of one `ChatCluster`; helm makes the file anew.
//! covers: D1 U3

use anyhow::{Context as _, Result, ensure};
use harness::checkout::read;
use operator::{
    build::{Desired, build},
    crd::ChatCluster,
    credentials::Generated,
    extra::Extra,
    observe::Observed,
    resolve::resolve,
    rollout::rollout,
};
use serde_json::{Value, json};

use x::{checkout::Checkout, generated};

use crate::chart::{NAMESPACE, RELEASE, programs, render};

/// What an operator makes where every kind is known.
fn desired(observability: &Value) -> Result<Desired> {
    let cluster: ChatCluster = serde_json::from_value(json!({
        "apiVersion": "chatcluster.dev/v1alpha1", "kind": "ChatCluster",
        "metadata": { "name": RELEASE, "namespace": NAMESPACE, "uid": "u" },
        "spec": { "image": "chat:1", "observability": observability },
    }))?;
    let generated = Generated {
        mysql_password: "m".to_owned(),
        redis_password: "r".to_owned(),
        hash_key: "k".to_owned(),
    };
    let extras = Extra::ALL.iter().map(|extra| (*extra, None)).collect();
    let seen = Observed { extras, ..Observed::default() };
    let resolved = resolve(&cluster, &generated, &seen)?;
    let plan = rollout(&resolved, &seen);
    Ok(build(&resolved, &plan, &seen))
}

#[test]
fn helm_and_the_operator_make_the_same() -> Result<()> {
    let more = ["--values", "charts/chat-cluster/ci/ha-values.yaml", "--set", "name="];
    let helm = render("helm", "charts/chat-cluster", &more)?;
    let of_kind = |kind: &str| helm.iter().find(|object| object["kind"] == kind).context("helm");
    let desired = desired(&json!({
        "rules": {
            "labels": { "team": "x" },
            "exclude": ["ChatReconnects"],
            "runbooks": "https://runbooks.example.org/chat/",
        },
        "dashboards": {},
    }))?;

    let rules = desired.extras.iter().find(|(extra, _)| *extra == Extra::PrometheusRule);
    let rules = serde_json::to_value(&rules.context("the operator makes no rules")?.1)?;
    ensure!(rules["metadata"]["labels"]["team"] == "x");
    assert_eq!(rules["spec"], of_kind("PrometheusRule")?["spec"]);
    let dashboard = serde_json::to_value(&desired.dashboards)?;
    ensure!(dashboard[0]["metadata"]["labels"]["grafana_dashboard"] == "1");
    let (own, of_helm) = (&dashboard[0]["data"], &of_kind("ConfigMap")?["data"]);
    let name = format!("{NAMESPACE}-{RELEASE}.json");
    let parsed = |data: &Value| -> Result<Value> {
        Ok(serde_json::from_str(data[&name].as_str().context("no such dashboard")?)?)
    };
    assert_eq!(parsed(own)?, parsed(of_helm)?);
    Ok(())
}

#[test]
fn one_of_them_is_enough() -> Result<()> {
    for (value, field) in [("alerts", "rules"), ("dashboard", "dashboards")] {
        let on = format!("{value}.enabled=true");
        let too = format!("spec.observability.{field}.labels.a=b");
        let refusal = render("helm", "charts/chat-cluster", &["--set", &on, "--set", &too]);
        let refusal = refusal.err().context("both are taken")?;
        ensure!(format!("{refusal:#}").contains("set one of them"), "{refusal:#}");
    }
    Ok(())
}

#[test]
fn the_operator_for_who_does_not_use_helm_is_fresh() -> Result<()> {
    let now = generated::operator(&Checkout::find()?, &programs()?)?;
    assert!(now == read(generated::OPERATOR)?, "it is old; run: cargo x generate");
    Ok(())
}
