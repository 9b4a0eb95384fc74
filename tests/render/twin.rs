//! Goal: alerts and the dashboard are the same, whether helm or the operator makes them, and the
//! operator is the same, whether helm or `kubectl apply` installs it.
//! Method: both make them of one `ChatCluster`; helm makes the file anew.

use anyhow::{Context as _, Result, ensure};
use harness::checkout::read;
use operator::{
    build::{Desired, build},
    crd::{Alert, ChatCluster},
    observe::{Observed, OptionalKind},
    resolve::resolve,
    rollout::rollout,
};
use serde_json::{Value, json};
use testbed::{checkout::Checkout, generated};

use crate::chart::{NAMESPACE, RELEASE, programs, render};

/// What an operator makes where every kind is known.
fn desired(spec: &Value) -> Result<Desired> {
    let mut cluster = json!({
        "apiVersion": "chatcluster.dev/v1alpha1", "kind": "ChatCluster",
        "metadata": { "name": RELEASE, "namespace": NAMESPACE, "uid": "u" },
        "spec": spec,
    });
    cluster["spec"]["image"] = json!("chat:1");
    let cluster: ChatCluster = serde_json::from_value(cluster)?;
    let mut seen = Observed::default();
    seen.optional = OptionalKind::ALL.iter().map(|kind| (*kind, None)).collect();
    seen.entropy = Some([7; _]);
    let resolved = resolve(&cluster, &seen)?;
    let plan = rollout(&resolved, &seen);
    Ok(build(&resolved, &plan, &seen))
}

#[test]
fn helm_and_the_operator_make_the_same() -> Result<()> {
    let more = ["--values", "charts/chat-cluster/ci/ha-values.yaml", "--set", "name="];
    let helm = render("helm", "charts/chat-cluster", &more)?;
    let of_kind = |kind: &str| helm.iter().find(|object| object["kind"] == kind).context("helm");
    let desired = desired(&json!({ "observability": {
        "rules": {
            "labels": { "team": "x" },
            "exclude": ["ChatReconnects"],
            "runbooks": "https://runbooks.example.org/chat/",
        },
        "dashboards": {},
    } }))?;

    let rules = desired.optional.iter().find(|(kind, _)| *kind == OptionalKind::PrometheusRule);
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

/// A hibernated chat causes no alert.
#[test]
fn an_absence_that_is_wanted_is_no_alert() -> Result<()> {
    for (asleep, is_there) in [(false, true), (true, false)] {
        let spec = json!({ "hibernated": asleep, "observability": { "rules": {} } });
        let desired = desired(&spec)?;
        let own = desired.optional.iter().find(|(kind, _)| *kind == OptionalKind::PrometheusRule);
        let own = names(&own.context("the operator makes no rules")?.1.data["spec"]);
        let asleep = format!("spec.hibernated={asleep}");
        let more = ["--set", "alerts.enabled=true", "--set", &asleep];
        let helm = render("helm", "charts/chat-cluster", &more)?;
        let helm = helm.iter().find(|object| object["kind"] == "PrometheusRule");
        let helm = names(&helm.context("helm makes no rules")?["spec"]);
        ensure!(own == helm && own.len() > 5, "{own:?} and {helm:?}");
        ensure!(own.iter().any(|name| name == "ChatAbsent") == is_there, "{asleep}: {own:?}");
    }
    Ok(())
}

/// What a spec or values of 0.1 left out stays left out.
#[test]
fn an_alert_is_left_out_by_its_former_name() -> Result<()> {
    for (former, alert) in Alert::FORMER {
        let spec = json!({ "observability": { "rules": { "exclude": [former] } } });
        let desired = desired(&spec)?;
        let own = desired.optional.iter().find(|(kind, _)| *kind == OptionalKind::PrometheusRule);
        let own = names(&own.context("the operator makes no rules")?.1.data["spec"]);
        let exclude = format!("alerts.exclude={{{former}}}");
        let more = ["--set", "alerts.enabled=true", "--set", &exclude];
        let helm = render("helm", "charts/chat-cluster", &more)?;
        let helm = helm.iter().find(|object| object["kind"] == "PrometheusRule");
        let helm = names(&helm.context("helm makes no rules")?["spec"]);
        assert_eq!(own, helm);
        assert_eq!(own.len(), Alert::ALL.len() - 1, "{own:?}");
        ensure!(!own.contains(&format!("{alert:?}")), "{former}: {own:?}");
    }
    Ok(())
}

/// The alerts of a `PrometheusRule`'s spec.
fn names(spec: &Value) -> Vec<String> {
    let rules = spec["groups"][0]["rules"].as_array().cloned().unwrap_or_default();
    rules.iter().filter_map(|rule| rule["alert"].as_str().map(str::to_owned)).collect()
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
    let now = generated::operator(&Checkout::find()?, programs()?.command("helm")?)?;
    assert!(now == read(generated::OPERATOR)?, "it is old; run: cargo x generate");
    Ok(())
}
