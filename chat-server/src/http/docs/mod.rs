//! The API and the socket events, described for people: pages made from the same document that
//! programs read. They hold no script, so they need no other server and no exception to our
//! content security policy.

mod asyncapi;
mod events;
mod html;
pub(super) mod parameter;

pub(super) use asyncapi::document as asyncapi;

use chat_contract::wire::Problem;
use serde_json::Value;
use utoipa::{
    OpenApi as _, PartialSchema, ToSchema,
    openapi::{
        ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, ResponseBuilder,
        path::{Operation, PathItem},
        security::{
            ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
        },
        tag::TagBuilder,
    },
};

use crate::request::COOKIE;

const ABOUT: &str = "Accounts, rooms and messages over REST. Live events come over Socket.IO: \
                     see /api/docs/events. Sign in, then send the token as `Authorization: \
                     Bearer` or let the browser send the cookie. Every refusal is a problem \
                     (RFC 9457) with a stable `code`. Requests refuse unknown fields; answers may \
                     get new ones.";

/// The parts of the API, in the order in which one meets them.
const TAGS: [(&str, &str); 7] = [
    ("accounts", "Sign up, sign in, sign out."),
    ("me", "My own account."),
    ("people", "Other people."),
    ("rooms", "Public and private rooms, groups, conversations of two."),
    ("messages", "Sending, changing, reading."),
    ("files", "Pictures."),
    ("administration", "For administrators only."),
];

/// The document before any route is in it.
pub(super) fn start() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Chat")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .build();
    let tags =
        TAGS.map(|(name, about)| TagBuilder::new().name(name).description(Some(about)).build());
    OpenApiBuilder::new().info(info).tags(Some(tags)).build()
}

/// The whole document: every operation may be refused, and most need a session.
pub(super) fn finish(mut document: OpenApi) -> OpenApi {
    let mut components = document.components.take().unwrap_or_default();
    let mut schemas = Vec::new();
    Problem::schemas(&mut schemas);
    schemas.push((Problem::name().into_owned(), Problem::schema()));
    components.schemas.extend(schemas);
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(COOKIE)));
    components.add_security_scheme("cookie", cookie);
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    components.add_security_scheme("bearer", bearer);
    document.components = Some(components);
    for (path, item) in &mut document.paths.paths {
        let needs_session = !path.starts_with("/api/auth/sign-");
        for operation in operations(item) {
            describe(operation, needs_session);
        }
    }
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    [get, put, post, delete, patch].into_iter().flatten()
}

fn describe(operation: &mut Operation, needs_session: bool) {
    let schema = RefOr::Ref(Ref::from_schema_name(Problem::name()));
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let refused = ResponseBuilder::new()
        .description("Refused; `code` says why.")
        .content("application/problem+json", content)
        .build();
    operation.responses.responses.insert("default".to_owned(), refused.into());
    if needs_session {
        let any = ["bearer", "cookie"].map(|way| SecurityRequirement::new(way, [""; 0]));
        operation.security = Some(any.into());
    }
}

/// The readable page of the API.
pub(super) fn page(document: &OpenApi) -> String {
    html::api(&serde_json::to_value(document).unwrap_or(Value::Null))
}

/// The readable page of the socket's commands and events.
pub(super) fn events_page() -> String {
    let schemas = serde_json::to_value(events::Schemas::openapi()).unwrap_or(Value::Null);
    html::events(&schemas, &events::COMMANDS, &events::EVENTS)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_pages_say_all_and_fetch_nothing() {
        let document = crate::http::openapi();
        let page = super::page(&document);
        for path in document.paths.paths.keys() {
            assert!(page.contains(path.as_str()), "{path}");
        }
        let events = super::events_page();
        for name in ["sendMessage", "newMessage", "changedSeq", "receiverId", "closing"] {
            assert!(events.contains(name), "{name}");
        }
        for page in [page, events] {
            assert!(!page.contains("<script") && !page.contains("src="));
        }
    }

    #[test]
    fn every_operation_stands_under_a_known_heading() {
        let mut document = crate::http::openapi();
        for item in document.paths.paths.values_mut() {
            for operation in super::operations(item) {
                let tags = operation.tags.clone().unwrap_or_default();
                assert!(super::TAGS.iter().any(|(name, _)| tags == [*name]), "{tags:?}");
            }
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = serde_json::to_value(crate::http::openapi()).unwrap();
        let text = document.to_string();
        for name in text.split("#/components/schemas/").skip(1) {
            let name = name.split('"').next().unwrap();
            assert!(document["components"]["schemas"][name].is_object(), "{name}");
        }
    }
}
