//! Goal: whatever is sent, the answer is a clear problem, and the server goes on.
//! Method: bad requests of all kinds, each followed by a good one.

use anyhow::{Context as _, Result};
use chat_contract::wire::{Code, Me};
use harness::{Api, World};
use reqwest::{Method, RequestBuilder, StatusCode, header};
use serde_json::json;

fn with_body(api: &Api, body: &[u8]) -> RequestBuilder {
    let request = api.request(Method::POST, "/api/auth/sign-in").body(body.to_vec());
    request.header(header::CONTENT_TYPE, "application/json")
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_named() -> Result<()> {
    let world = World::start("shape").await?;
    let api = world.api(0)?;
    let cases: [(&[u8], Option<&str>, &str); 9] = [
        (br#"{"login": 5, "password": "x"}"#, Some("login"), "expected a string"),
        (br#"{"login": "a"}"#, Some("password"), "Missing field"),
        (br#"{"login": "a", "password": "b", "x": 1}"#, Some("x"), "Unknown field"),
        (br#"{"login": "a", "login": "b"}"#, Some("login"), "Duplicate field"),
        (br#"{"login": "a""#, None, "line 1"),
        (b"{} {}", None, "Missing field"),
        (b"", None, "EOF"),
        (b"null", None, "expected struct"),
        (b"{\"login\": \"\xff\xfe\"}", None, "not UTF-8 at byte 11"),
    ];
    for (body, field, words) in cases {
        let refusal = Api::refused(with_body(&api, body)).await?;
        let text = String::from_utf8_lossy(body);
        assert_eq!(refusal.status, StatusCode::BAD_REQUEST, "{text}");
        let problem = refusal.problem.context("no problem")?;
        assert_eq!(problem.code, Code::InvalidRequest, "{text}");
        assert!(problem.detail.contains(words), "{text}: {}", problem.detail);
        if field.is_some() {
            assert_eq!(problem.field.as_deref(), field, "{text}");
        }
    }
    let deep = "[".repeat(50_000);
    let refusal = Api::refused(with_body(&api, deep.as_bytes())).await?;
    assert_eq!(refusal.code(), Some(Code::InvalidRequest), "nested too deep");
    let plain = api.request(Method::POST, "/api/auth/sign-in").body("{}");
    assert_eq!(Api::refused(plain).await?.code(), Some(Code::InvalidRequest), "no type");
    Ok(())
}

#[tokio::test]
async fn a_large_body_is_refused_and_the_client_hears_why() -> Result<()> {
    let world = World::start("body").await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    for length in [200_000, 1_000_000, 10_000_000] {
        let body = json!({"clientId": uuid::Uuid::new_v4(), "content": "x".repeat(length)});
        let path = format!("/api/rooms/{}/messages", room.id);
        let refusal = Api::refused(ada.api.request(Method::POST, &path).json(&body)).await?;
        assert_eq!(refusal.status, StatusCode::PAYLOAD_TOO_LARGE, "{length}");
        assert_eq!(refusal.code(), Some(Code::TooLarge));
    }
    ada.send(room.id, "still here").await?;
    Ok(())
}

#[tokio::test]
async fn addresses_and_methods_that_do_not_exist() -> Result<()> {
    let world = World::start("routes").await?;
    let ada = world.sign_up("ada").await?;
    for (method, path, status) in [
        (Method::GET, "/api/nothing", 404),
        (Method::POST, "/api", 404),
        (Method::POST, "/rooms/x", 404),
        (Method::DELETE, "/api/me", 405),
        (Method::GET, "/api/auth/sign-in", 405),
        (Method::GET, "/api/rooms/not-an-id", 404),
        (Method::GET, "/api/uploads/not-an-id", 404),
        (Method::GET, "/api/users?nothing=1", 400),
    ] {
        let refusal = Api::refused(ada.api.request(method.clone(), path)).await?;
        assert_eq!(refusal.status.as_u16(), status, "{method} {path}");
        assert!(refusal.problem.is_some(), "{method} {path}: {}", refusal.body);
    }
    Ok(())
}

#[tokio::test]
async fn every_answer_says_how_a_browser_must_treat_it() -> Result<()> {
    let world = World::start("headers").await?;
    let ada = world.sign_up("ada").await?;
    for path in ["/", "/rooms/x", "/api/me", "/api/nothing", "/api/docs"] {
        let answer = ada.api.request(Method::GET, path).send().await?;
        let headers = answer.headers();
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str()?;
        assert!(policy.contains("default-src 'self'"), "{path}");
        assert!(!policy.contains("script-src") && policy.contains("frame-ancestors 'none'"));
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
        assert!(headers.contains_key(header::CACHE_CONTROL), "{path}");
    }
    Ok(())
}

/// Files of an image may all have the same time, and the document of a new version the same size.
#[tokio::test]
async fn a_new_version_of_the_page_is_never_taken_for_the_old_one() -> Result<()> {
    let world = World::start("page").await?;
    let api = world.api(0)?;
    for path in ["/", "/rooms/x"] {
        let asked = api.request(Method::GET, path);
        let asked = asked.header(header::IF_MODIFIED_SINCE, "Fri, 01 Jan 2100 00:00:00 GMT");
        let answer = asked.header(header::IF_NONE_MATCH, "*").send().await?;
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        assert!(!answer.headers().contains_key(header::ETAG), "{path}");
        assert!(!answer.headers().contains_key(header::LAST_MODIFIED), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn pages_of_other_origins_may_use_the_api_where_they_are_named() -> Result<()> {
    let friend = "https://friend.example";
    let world = World::named("cors").setting("CHAT_PUBLIC_ORIGINS", friend).start().await?;
    let api = world.api(0)?;
    let ask = async |origin: &str| {
        let request = api.request(Method::OPTIONS, "/api/me").header(header::ORIGIN, origin);
        let request = request.header(header::ACCESS_CONTROL_REQUEST_METHOD, "PATCH");
        let answer = request.send().await?;
        anyhow::Ok(answer.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN).cloned())
    };
    assert_eq!(ask(friend).await?.context("not allowed")?, friend);
    assert_eq!(ask("https://evil.example").await?, None);
    Ok(())
}

#[tokio::test]
async fn the_api_describes_itself() -> Result<()> {
    let world = World::start("docs").await?;
    let api = world.api(0)?;
    let document: serde_json::Value = api.get("/api/openapi.json").await?;
    let paths = document["paths"].as_object().context("no paths")?;
    for path in ["/api/auth/sign-up", "/api/me", "/api/users/{id}", "/api/uploads"] {
        assert!(paths.contains_key(path), "{path}");
    }
    let printed: serde_json::Value = serde_json::from_str(&world.server_command(&["openapi"])?)?;
    assert_eq!(printed, document);
    for page in ["/api/docs", "/api/docs/events"] {
        let text = api.request(Method::GET, page).send().await?.text().await?;
        assert!(text.contains("</html>") && !text.contains("<script"), "{page}");
    }
    let ada = world.sign_up("ada").await?;
    ada.api.get::<Me>("/api/me").await?;
    Ok(())
}
