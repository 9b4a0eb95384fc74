//! Goal: nobody signs up or guesses passwords faster than they may, on all servers together.
//! Method: two servers with low limits; also without Redis.

use anyhow::{Context as _, Result, bail};
use chat_contract::wire::{Code, SignUp};
use harness::{Api, Refusal, World, person::PASSWORD};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

fn attempt(api: &Api, login: &str) -> RequestBuilder {
    let body = json!({"login": login, "password": "not the password"});
    api.request(Method::POST, "/api/auth/sign-in").json(&body)
}

async fn refused_with(request: RequestBuilder) -> Result<(Option<Code>, Refusal)> {
    let refusal = Api::refused(request).await?;
    Ok((refusal.code(), refusal))
}

async fn world(name: &str) -> Result<World> {
    World::named(name)
        .servers(2)
        .setting("CHAT_LIMIT_SIGN_INS_PER_MINUTE", "4")
        .setting("CHAT_LIMIT_SIGN_UPS_PER_MINUTE", "3")
        .start()
        .await
}

#[tokio::test]
async fn guesses_are_counted_over_all_servers() -> Result<()> {
    let world = world("guesses").await?;
    for number in 0..4 {
        let api = world.api(number % 2)?;
        let (code, _) = refused_with(attempt(&api, "ada")).await?;
        assert_eq!(code, Some(Code::WrongCredentials), "attempt {number}");
    }
    for server in 0..2 {
        let request = attempt(&world.api(server)?, "somebody_else");
        let response = request.send().await?;
        assert_eq!(response.status(), 429, "the address has tried too often");
        let wait: u64 = response.headers()["retry-after"].to_str()?.parse()?;
        assert!((1..=15).contains(&wait), "{wait}");
    }
    Ok(())
}

#[tokio::test]
async fn sign_ups_are_limited_and_the_refused_ones_make_nobody() -> Result<()> {
    let world = world("sign-ups").await?;
    for name in ["ada", "ben", "cleo"] {
        world.sign_up(name).await?;
    }
    let (username, email) = ("dora".to_owned(), "dora@example.org".to_owned());
    let body = SignUp { username, email, password: PASSWORD.to_owned() };
    let request = world.api(1)?.request(Method::POST, "/api/auth/sign-up").json(&body);
    let (code, refusal) = refused_with(request).await?;
    assert_eq!(code, Some(Code::TooManyRequests));
    assert!(refusal.problem.context("no problem")?.retry_after.is_some());
    assert_eq!(world.sql("SELECT COUNT(*) FROM users")?, [["3"]]);
    Ok(())
}

#[tokio::test]
async fn without_redis_each_server_counts_for_itself() -> Result<()> {
    let mut world = world("alone").await?;
    world.stop_redis().await?;
    for server in 0..2 {
        let api = world.api(server)?;
        for number in 0..10 {
            let (code, _) = refused_with(attempt(&api, "ada")).await?;
            match (number, code) {
                (0..4, Some(Code::WrongCredentials)) | (4.., Some(Code::TooManyRequests)) => {}
                other => bail!("server {server}: {other:?}"),
            }
        }
    }
    Ok(())
}
