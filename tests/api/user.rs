//! Goal: users find each other, and no address by accident.
//! Method: one server over HTTP.

use anyhow::Result;
use chat_contract::wire::{Code, Id, Me, User};
use harness::{Api, World};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn people_are_found_by_the_beginning_of_their_names() -> Result<()> {
    let world = World::start("people").await?;
    let ada = world.sign_up("Ada").await?;
    let aiko = world.sign_up("aiko").await?;
    let body = json!({"displayName": "愛子 100%"});
    aiko.api.patch::<Me>("/api/me", &body).await?;
    let find = async |query: &str| {
        let query: String =
            query.bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02X}"));
        let found: Vec<User> = ada.api.get(&format!("/api/users?query={query}")).await?;
        anyhow::Ok(found.into_iter().map(|user| user.id).collect::<Vec<Id>>())
    };
    assert_eq!(find("ada").await?, [ada.id()]);
    assert_eq!(find("AIK").await?, [aiko.id()]);
    assert_eq!(find("愛").await?, [aiko.id()]);
    assert_eq!(find(&aiko.me.email).await?, [aiko.id()], "a whole address");
    assert_eq!(find(&aiko.me.email[..10]).await?, [aiko.id()], "this is the username");
    for nothing in ["", " ", "%", "_", "ko", "example.org", "@example.org", "' OR 1=1 -- ", "\\"] {
        assert_eq!(find(nothing).await?, [], "{nothing:?}");
    }
    Ok(())
}

#[tokio::test]
async fn others_do_not_see_what_is_mine_alone() -> Result<()> {
    let world = World::start("privacy").await?;
    let (ada, ben) = (world.sign_up("ada").await?, world.sign_up("ben").await?);
    let seen: serde_json::Value = ben.api.get(&format!("/api/users/{}", ada.id())).await?;
    let fields: Vec<&String> = seen.as_object().into_iter().flat_map(|o| o.keys()).collect();
    assert_eq!(fields, ["displayName", "id", "username"]);
    Ok(())
}

#[tokio::test]
async fn who_does_not_exist_is_not_found() -> Result<()> {
    let world = World::start("nobody").await?;
    let ada = world.sign_up("ada").await?;
    for id in ["0000000000001", "zzz", "0", "..", "%00"] {
        let request = ada.api.request(Method::GET, &format!("/api/users/{id}"));
        let refusal = Api::refused(request).await?;
        assert_eq!(refusal.code(), Some(Code::NotFound), "{id}");
    }
    Ok(())
}
