//! The socket's commands and events as an `AsyncAPI` 3.0 document, for programs.

use serde_json::{Map, Value, json};
use utoipa::OpenApi as _;

use super::events::{COMMANDS, EVENTS, Row, Schemas};

const ABOUT: &str = "Socket.IO at /socket.io/, namespace /. Sign in with auth: {token}, or with the \
                     cookie. Every command is answered through its acknowledgement. Commands refuse \
                     unknown fields; answers and events may get new ones.";

/// The document; `receive` is what clients send, `send` what they receive.
pub(in crate::http) fn document() -> Value {
    let schemas = serde_json::to_value(Schemas::openapi()).unwrap_or(Value::Null);
    let mut schemas = schemas["components"]["schemas"].clone();
    let mut messages = Map::new();
    let mut operations = Map::new();
    for (kind, action, rows) in
        [("commands", "receive", &COMMANDS[..]), ("events", "send", &EVENTS)]
    {
        for (name, schema) in rows {
            let key = format!("{kind}.{name}");
            messages.insert(key.clone(), message(name, schema, &schemas));
            operations.insert(key.clone(), operation(action, &key));
        }
    }
    for row in &COMMANDS {
        let key = format!("acknowledgements.{}", row.0);
        let schema = format!("{}Acknowledgement", row.1.trim_end_matches("Command"));
        schemas[&schema] = acknowledgement(row);
        messages.insert(key.clone(), message(row.0, &schema, &schemas));
        operations[&format!("commands.{}", row.0)]["reply"] =
            json!({ "channel": channel(), "messages": [in_channel(&key)] });
    }
    let refer =
        |key: &String| (key.clone(), json!({ "$ref": format!("#/components/messages/{key}") }));
    let in_channel: Map<String, Value> = messages.keys().map(refer).collect();
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Chat events", "version": env!("CARGO_PKG_VERSION"), "description": ABOUT,
        },
        "defaultContentType": "application/json",
        "channels": { "socket": { "address": "/socket.io/", "messages": in_channel } },
        "operations": operations,
        "components": { "messages": messages, "schemas": schemas },
    })
}

fn channel() -> Value {
    json!({ "$ref": "#/channels/socket" })
}

fn in_channel(key: &str) -> Value {
    json!({ "$ref": format!("#/channels/socket/messages/{key}") })
}

fn operation(action: &str, key: &str) -> Value {
    json!({ "action": action, "channel": channel(), "messages": [in_channel(key)] })
}

fn message(name: &str, schema: &str, schemas: &Value) -> Value {
    json!({
        "name": name,
        "summary": schemas[schema]["description"],
        "payload": { "$ref": format!("#/components/schemas/{schema}") },
    })
}

/// The acknowledgement of a command: `{ok: true}` with the result, or `{ok: false, error}`.
fn acknowledgement((name, _): &Row) -> Value {
    let refer = |schema: &str, description: &str| json!({ "$ref": format!("#/components/schemas/{schema}"), "description": description });
    let ok = |is: bool, description: &str| json!({ "type": "boolean", "const": is, "description": description });
    let mut done = json!({ "ok": ok(true, "The command was carried out.") });
    let answer = match *name {
        "sendMessage" | "editMessage" | "deleteMessage" | "react" => {
            Some(("message", refer("Message", "The message as it is now.")))
        }
        "sync" => Some((
            "rooms",
            json!({
                "type": "object",
                "description": "Answer for each room that was asked for, by the id of the room.",
                "additionalProperties": { "$ref": "#/components/schemas/SyncAnswer" },
            }),
        )),
        "presence" => Some((
            "users",
            json!({
                "type": "array",
                "description": "Presence of each user that was asked for.",
                "items": { "$ref": "#/components/schemas/Presence" },
            }),
        )),
        _ => None,
    };
    let mut required = vec!["ok"];
    if let Some((field, schema)) = answer {
        done[field] = schema;
        required.push(field);
    }
    let refused = json!({
        "ok": ok(false, "The command was not carried out."),
        "error": refer("Problem", "Why it was not carried out."),
    });
    json!({
        "description": format!("The acknowledgement of `{name}`."),
        "oneOf": [
            { "type": "object", "required": required, "properties": done },
            { "type": "object", "required": ["ok", "error"], "properties": refused },
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_there_and_every_reference_leads_somewhere() {
        let document = document();
        let operations = document["operations"].as_object().unwrap();
        assert_eq!(operations.len(), COMMANDS.len() + EVENTS.len());
        assert!(COMMANDS.iter().all(|(name, _)| {
            document["operations"][format!("commands.{name}")]["reply"].is_object()
        }));
        let text = document.to_string();
        for reference in text.split("\"$ref\":\"#").skip(1) {
            let pointer = reference.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
    }
}
