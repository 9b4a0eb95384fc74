//! Each kind of break is found, and each kind of addition passes.

use serde_json::{Value, json};

use super::{
    document::{self, broken},
    schema::{Comparison, Direction},
};

fn compared(old: &Value, new: &Value, direction: Direction) -> Vec<String> {
    let mut found = Comparison::new(old, new);
    found.schemas("x", old, new, direction);
    broken(&found).into_iter().map(|(at, what)| format!("{at}: {what}")).collect()
}

fn base() -> Value {
    json!({
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": { "type": "string" },
            "note": { "type": "string" },
            "kind": { "type": "string", "enum": ["a", "b"] },
            "size": { "type": "integer", "maximum": 10 },
            "list": { "type": "array", "items": { "type": "string" } },
        },
    })
}

/// The base with one thing changed.
fn changed(pointer: &str, value: Value) -> Value {
    let mut schema = base();
    let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
    if let Some(parent) = schema.pointer_mut(parent) {
        parent[name] = value;
    }
    schema
}

#[test]
fn breaks_of_a_request_are_found() {
    let is = |new: &Value, what: &str| {
        assert_eq!(compared(&base(), new, Direction::Request), [what]);
    };
    is(&changed("/required", json!(["id", "note"])), "x.note: made required");
    is(&changed("/properties/id", json!({ "type": "integer" })), "x.id: retyped");
    is(&changed("/properties/kind/enum", json!(["a"])), "x.kind: \"b\" removed");
    is(&changed("/properties/size/maximum", json!(9)), "x.size: maximum narrowed");
    is(&changed("/properties/note/pattern", json!("^a$")), "x.note: pattern changed");
    is(&changed("/properties/list/items/type", json!("integer")), "x.list[]: retyped");
    is(&changed("/additionalProperties", json!(false)), "x: refuses unknown fields");
    let mut without = base();
    without["properties"].as_object_mut().unwrap().remove("note");
    is(&without, "x.note: removed");
}

#[test]
fn breaks_of_an_answer_are_found() {
    let is = |new: &Value, what: &str| {
        assert_eq!(compared(&base(), new, Direction::Answer), [what]);
    };
    is(&changed("/required", json!([])), "x.id: made optional");
    is(&changed("/properties/id/type", json!(["string", "null"])), "x.id: made optional");
    is(
        &changed("/properties/id", json!({ "oneOf": [{ "type": "string" }, { "type": "null" }] })),
        "x.id: made optional",
    );
    is(&changed("/properties/id/type", json!("integer")), "x.id: retyped");
    let mut without = base();
    without["properties"].as_object_mut().unwrap().remove("note");
    is(&without, "x.note: removed");
}

#[test]
fn additions_pass() {
    let mut more = changed("/properties/new", json!({ "type": "string" }));
    more["properties"]["kind"]["enum"] = json!(["a", "b", "c"]);
    for direction in [Direction::Request, Direction::Answer] {
        assert!(compared(&base(), &more, direction).is_empty());
    }
    let wider = changed("/properties/size/maximum", json!(11));
    assert!(compared(&base(), &wider, Direction::Request).is_empty());
    let needed = changed("/required", json!(["id", "note"]));
    assert!(compared(&base(), &needed, Direction::Answer).is_empty());
    let nullable = changed("/properties/note/type", json!(["string", "null"]));
    assert!(compared(&base(), &nullable, Direction::Request).is_empty());
}

#[test]
fn variants_of_a_union_stay() {
    let one = |kind: &str| json!({ "type": "object", "properties": { "kind": { "type": "string", "enum": [kind] } } });
    let old = json!({ "oneOf": [one("joined"), one("left")] });
    let more = json!({ "oneOf": [one("joined"), one("left"), one("purged")] });
    assert!(compared(&old, &more, Direction::Answer).is_empty());
    let less = json!({ "oneOf": [one("joined")] });
    assert_eq!(compared(&old, &less, Direction::Answer), ["x: variant left removed or changed"]);
}

#[test]
fn what_is_referred_to_is_compared_and_may_hold_itself() {
    let document = |note: &str| {
        json!({ "components": { "schemas": { "Node": {
            "type": "object",
            "properties": {
                "note": { "type": note }, "next": { "$ref": "#/components/schemas/Node" },
            },
        } } }, "paths": { "/a": { "get": { "responses": { "200": { "content": {
            "application/json": { "schema": { "$ref": "#/components/schemas/Node" } },
        } } } } } } })
    };
    let (old, new) = (document("string"), document("integer"));
    let found = broken(&document::openapi(&old, &new));
    assert_eq!(found, [("GET /a 200.note".to_owned(), "retyped".to_owned())]);
    let found = broken(&document::openapi(&old, &json!({ "paths": {} })));
    assert_eq!(found, [("GET /a".to_owned(), "removed".to_owned())]);
}

#[test]
fn rules_and_defaults_of_a_definition_are_compared() {
    let definition = |replicas: Value| {
        json!({ "spec": { "versions": [{ "name": "v1", "served": true, "schema": {
            "openAPIV3Schema": { "properties": { "spec": { "properties": { "replicas": replicas } } } },
        } }] } })
    };
    let old = definition(json!({ "type": "integer", "default": 1 }));
    let new = definition(json!({
        "type": "integer", "default": 2, "x-kubernetes-validations": [{ "rule": "self > 0" }],
    }));
    let what: Vec<String> =
        broken(&document::definition(&old, &new)).into_iter().map(|(_, what)| what).collect();
    assert_eq!(what, ["default changed", "new rule \"self > 0\""]);
}
