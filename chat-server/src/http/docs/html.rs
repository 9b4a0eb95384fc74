//! A document in `OpenAPI`'s form as one plain page.

use std::fmt::Write as _;

use serde_json::Value;

use super::events::Row;

const STYLE: &str = "
:root{color-scheme:light dark;--line:light-dark(#d8dee6,#333b46);--soft:light-dark(#f4f6f9,#1b2028);
--fg:light-dark(#1a2029,#e6eaf0);--bg:light-dark(#fff,#12161c);--link:light-dark(#0b5cad,#79b8ff)}
body{font:16px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg);max-width:56rem;
margin:0 auto;padding:2rem 1rem}
a{color:var(--link)}h2{margin-top:3rem}h3{margin:2rem 0 .5rem}section{border-top:1px solid var(--line)}
code{font:.9em ui-monospace,monospace;background:var(--soft);padding:.1em .3em;border-radius:.25em}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1rem}
td,th{border-bottom:1px solid var(--line);padding:.35rem .5rem;text-align:left;vertical-align:top}
th{font-weight:600}.method{display:inline-block;min-width:4.5rem}";

/// The page of the REST API.
pub(super) fn api(document: &Value) -> String {
    let mut out = head("Chat API", document["info"]["description"].as_str().unwrap_or_default());
    out.push_str("<p>For programs: <a href=\"/api/openapi.json\">openapi.json</a>. Live events: <a href=\"/api/docs/events\">socket events</a>.</p>");
    for tag in document["tags"].as_array().into_iter().flatten() {
        let about = prose(tag["description"].as_str().unwrap_or_default());
        let name = escape(tag["name"].as_str().unwrap_or_default());
        let _ = write!(out, "<h2>{name}</h2><p>{about}</p>");
        for (path, item) in entries(&document["paths"]) {
            for (method, operation) in entries(item) {
                if operation["tags"][0] == tag["name"] {
                    put_operation(&mut out, &method.to_uppercase(), path, operation);
                }
            }
        }
    }
    put_types(&mut out, document);
    out.push_str("</main></html>");
    out
}

/// The page of the socket.
pub(super) fn events(schemas: &Value, commands: &[Row], events: &[Row]) -> String {
    let about = "Socket.IO at /socket.io/, namespace /. Sign in with auth: {token}, or with the \
                 cookie. Every command is answered through its acknowledgement: {ok: true, ...} \
                 or {ok: false, error}, where error is a Problem.";
    let mut out = head("Socket events", about);
    out.push_str("<p>For programs: <a href=\"/api/asyncapi.json\">asyncapi.json</a>. REST: <a href=\"/api/docs\">the API</a>.</p>");
    for (title, rows) in [("Client to server", commands), ("Server to client", events)] {
        let _ = write!(out, "<h2>{title}</h2><table><tr><th>name<th>payload<th>meaning");
        for (name, schema) in rows {
            let about = schemas["components"]["schemas"][schema]["description"].as_str();
            let about = prose(about.unwrap_or_default());
            let _ = write!(
                out,
                "<tr><td><code>{name}</code><td><a href=\"#{schema}\">{schema}</a><td>{about}"
            );
        }
        out.push_str("</table>");
    }
    put_types(&mut out, schemas);
    out.push_str("</main></html>");
    out
}

fn head(title: &str, about: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
         <style>{STYLE}</style><main><h1>{title}</h1><p>{}</p>",
        prose(about)
    )
}

fn put_operation(out: &mut String, method: &str, path: &str, operation: &Value) {
    let _ = write!(
        out,
        "<section><h3><code class=\"method\">{method}</code> <code>{}</code></h3><p>{} {}</p>",
        escape(path),
        prose(operation["summary"].as_str().unwrap_or_default()),
        prose(operation["description"].as_str().unwrap_or_default()),
    );
    out.push_str("<table>");
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap_or_default();
        let about = parameter["description"].as_str().unwrap_or_default();
        let kind = kind(&parameter["schema"]);
        let place = parameter["in"].as_str().unwrap_or_default();
        let (name, about) = (escape(name), prose(about));
        let _ = write!(out, "<tr><td>{place}<td><code>{name}</code> {kind}<td>{about}");
    }
    for (content_type, body) in entries(&operation["requestBody"]["content"]) {
        let kind = kind(&body["schema"]);
        let _ = write!(out, "<tr><td>body<td>{kind}<td>{}", escape(content_type));
    }
    for (status, response) in entries(&operation["responses"]) {
        let about = prose(response["description"].as_str().unwrap_or_default());
        let kinds: Vec<String> =
            entries(&response["content"]).map(|(_, content)| kind(&content["schema"])).collect();
        let _ = write!(out, "<tr><td>{}<td>{}<td>{about}", escape(status), kinds.join(", "));
    }
    out.push_str("</table></section>");
}

fn put_types(out: &mut String, document: &Value) {
    out.push_str("<h2>Types</h2>");
    for (name, schema) in entries(&document["components"]["schemas"]) {
        let about = prose(schema["description"].as_str().unwrap_or_default());
        let name = escape(name);
        let _ = write!(out, "<section id=\"{name}\"><h3>{name}</h3><p>{about}</p>");
        let parts = schema["allOf"].as_array().cloned().unwrap_or_default();
        let is_object = schema["properties"].is_object();
        if !is_object && parts.is_empty() {
            let _ = write!(out, "<p>{}</p>", kind(schema));
        }
        for part in parts.iter().chain(is_object.then_some(schema)) {
            put_fields(out, part);
        }
        out.push_str("</section>");
    }
}

fn put_fields(out: &mut String, schema: &Value) {
    if schema["$ref"].is_string() {
        let _ = write!(out, "<p>All of {}, and:</p>", kind(schema));
        return;
    }
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    out.push_str("<table><tr><th>field<th>type<th>meaning");
    for (name, field) in entries(&schema["properties"]) {
        let optional = if required.contains(&name.as_str()) { "" } else { ", optional" };
        let about = prose(field["description"].as_str().unwrap_or_default());
        let (name, kind) = (escape(name), kind(field));
        let _ = write!(out, "<tr><td><code>{name}</code><td>{kind}{optional}<td>{about}");
    }
    out.push_str("</table>");
}

/// A type in a few words, with links to those that have a name.
fn kind(schema: &Value) -> String {
    if let Some(target) = schema["$ref"].as_str() {
        let name = escape(target.rsplit('/').next().unwrap_or(target));
        return format!("<a href=\"#{name}\">{name}</a>");
    }
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<String> = values
            .iter()
            .map(|value| format!("<code>{}</code>", escape(&value.to_string())))
            .collect();
        return values.join(" | ");
    }
    for one_of in ["oneOf", "anyOf", "allOf"] {
        if let Some(choices) = schema[one_of].as_array() {
            let choices = choices.iter().filter(|choice| choice["type"] != "null");
            return choices.map(kind).collect::<Vec<_>>().join(" | ");
        }
    }
    let name = match &schema["type"] {
        Value::String(name) => name.as_str(),
        Value::Array(names) => {
            names.iter().filter_map(Value::as_str).find(|name| *name != "null").unwrap_or("any")
        }
        _ => "any",
    };
    match name {
        "array" => format!("list of {}", kind(&schema["items"])),
        "object" if schema["additionalProperties"].is_object() => {
            format!("map to {}", kind(&schema["additionalProperties"]))
        }
        "object" if schema["properties"].is_object() => {
            let fields: Vec<String> = entries(&schema["properties"])
                .map(|(name, field)| format!("{}: {}", escape(name), kind(field)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
        other => escape(other),
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// Text with `code` in it.
fn prose(text: &str) -> String {
    let mut out = String::new();
    for (index, part) in escape(text).split('`').enumerate() {
        let mark = if index % 2 == 1 { ("<code>", "</code>") } else { ("", "") };
        let _ = write!(out, "{}{part}{}", mark.0, mark.1);
    }
    out
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
