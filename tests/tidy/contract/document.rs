//! Where schemas stand in the documents of the API, of the events, and of `ChatCluster`.

use serde_json::Value;

use super::schema::{Comparison, Direction};

/// Places that differ in a way that breaks others, as `place: what`.
pub(super) fn broken(comparison: &Comparison<'_>) -> Vec<(String, String)> {
    let all = comparison.breaks.iter();
    all.flat_map(|(at, what)| what.iter().map(move |what| (at.clone(), what.clone()))).collect()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// Compares two `OpenAPI` documents.
pub(super) fn openapi<'a>(old: &'a Value, new: &'a Value) -> Comparison<'a> {
    let mut found = Comparison::new(old, new);
    for (path, item) in entries(&old["paths"]) {
        for (method, operation) in entries(item) {
            let at = format!("{} {path}", method.to_uppercase());
            match new["paths"][path].get(method) {
                None => found.broken(&at, "removed"),
                Some(now) => operations(&mut found, &at, operation, now),
            }
        }
    }
    found
}

fn operations(found: &mut Comparison<'_>, at: &str, old: &Value, new: &Value) {
    parameters(found, at, old, new);
    let at_body = format!("{at} body");
    contents(found, &at_body, &old["requestBody"], &new["requestBody"], Direction::Request);
    if new["requestBody"]["required"] == true && old["requestBody"]["required"] != true {
        found.broken(&at_body, "made required");
    }
    for (status, response) in entries(&old["responses"]) {
        let at = format!("{at} {status}");
        match new["responses"].get(status) {
            None => found.broken(&at, "removed"),
            Some(now) => contents(found, &at, response, now, Direction::Answer),
        }
    }
}

fn parameters(found: &mut Comparison<'_>, at: &str, old: &Value, new: &Value) {
    let all = |operation: &Value| operation["parameters"].as_array().cloned().unwrap_or_default();
    let (was, is) = (all(old), all(new));
    let same = |a: &Value, b: &Value| a["name"] == b["name"] && a["in"] == b["in"];
    for old in &was {
        let at = format!("{at} ?{}", old["name"].as_str().unwrap_or_default());
        match is.iter().find(|new| same(old, new)) {
            None => found.broken(&at, "removed"),
            Some(new) => found.schemas(&at, &old["schema"], &new["schema"], Direction::Request),
        }
    }
    for new in is.iter().filter(|new| new["required"] == true) {
        let before = was.iter().find(|old| same(old, new));
        if before.is_none_or(|old| old["required"] != true) {
            found.broken(
                &format!("{at} ?{}", new["name"].as_str().unwrap_or_default()),
                "made required",
            );
        }
    }
}

fn contents(found: &mut Comparison<'_>, at: &str, old: &Value, new: &Value, direction: Direction) {
    for (media, content) in entries(&old["content"]) {
        match new["content"].get(media) {
            None => found.broken(at, format!("{media} removed")),
            Some(now) => found.schemas(at, &content["schema"], &now["schema"], direction),
        }
    }
}

/// Compares two `AsyncAPI` documents.
pub(super) fn asyncapi<'a>(old: &'a Value, new: &'a Value) -> Comparison<'a> {
    let mut found = Comparison::new(old, new);
    for (at, message) in entries(&old["components"]["messages"]) {
        // Commands come in; events and acknowledgements go out.
        let direction =
            if at.starts_with("commands.") { Direction::Request } else { Direction::Answer };
        match new["components"]["messages"].get(at) {
            None => found.broken(at, "removed"),
            Some(now) if message["name"] != now["name"] => found.broken(at, "renamed"),
            Some(now) => found.schemas(at, &message["payload"], &now["payload"], direction),
        }
    }
    found
}

/// Compares two definitions of a custom resource.
pub(super) fn definition<'a>(old: &'a Value, new: &'a Value) -> Comparison<'a> {
    let mut found = Comparison::new(old, new);
    for version in old["spec"]["versions"].as_array().into_iter().flatten() {
        let name = &version["name"];
        let at = name.as_str().unwrap_or_default();
        let now = new["spec"]["versions"].as_array().into_iter().flatten();
        let Some(now) = now.into_iter().find(|now| now["name"] == *name && now["served"] == true)
        else {
            found.broken(at, "no longer served");
            continue;
        };
        let part = |version: &Value, part: &str| {
            version["schema"]["openAPIV3Schema"]["properties"][part].clone()
        };
        for (name, direction) in [("spec", Direction::Request), ("status", Direction::Answer)] {
            let at = format!("{at} {name}");
            found.schemas(&at, &part(version, name), &part(now, name), direction);
        }
    }
    found
}
