//! What Prometheus and Grafana get.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{built_with, observed};
use crate::{
    build::Desired,
    observe::{Observed, OptionalKind},
};

fn watched(mut spec: Value) -> Desired {
    spec["image"] = json!("chat:1");
    spec["observability"] = json!({ "rules": {}, "dashboards": {} });
    let seen = Observed { optional: vec![(OptionalKind::PrometheusRule, None)], ..observed() };
    built_with(&spec, &seen).1
}

#[test]
fn a_hibernated_chat_is_absent_on_purpose() {
    let alerts = |spec| -> BTreeSet<String> {
        let rules = &watched(spec).optional[0].1.data["spec"]["groups"][0]["rules"];
        let rules = rules.as_array().unwrap().iter();
        rules.map(|rule| rule["alert"].as_str().unwrap().to_owned()).collect()
    };
    let (runs, sleeps) = (alerts(json!({})), alerts(json!({ "hibernated": true })));
    assert!(runs.len() > 10 && sleeps.is_subset(&runs));
    assert_eq!(runs.difference(&sleeps).collect::<Vec<_>>(), ["ChatAbsent"]);
}

#[test]
fn a_dashboard_has_the_same_id_for_ever() {
    let dashboard = watched(json!({})).dashboards[0].data.clone().unwrap();
    let dashboard: Value = serde_json::from_str(&dashboard["talk-team.json"]).unwrap();
    // The first half of: printf talk/team | sha256sum
    assert_eq!(dashboard["uid"], "chat-a0311c65b982fff1");
    assert_eq!(dashboard["title"], "Chat talk/team");
}
