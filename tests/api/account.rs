//! Goal: accounts: sign up, sign in, change what is one's own; nobody else gets in.
//! Method: real servers over HTTP; the stored rows are looked at where secrets are concerned.

use anyhow::{Context as _, Result};
use chat_contract::wire::{Code, Me, SignedIn, User};
use harness::{Api, Person, World, eventually, person::PASSWORD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

async fn sign_in(api: &Api, login: &str, password: &str) -> Result<SignedIn> {
    api.post("/api/auth/sign-in", &json!({"login": login, "password": password})).await
}

async fn refused_sign_in(api: &Api, login: &str, password: &str) -> Result<harness::Refusal> {
    let body = json!({"login": login, "password": password});
    Api::refused(api.request(Method::POST, "/api/auth/sign-in").json(&body)).await
}

fn sha256_hex(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

#[tokio::test]
async fn one_signs_in_by_username_or_email_in_any_case() -> Result<()> {
    let world = World::start("sign-in").await?;
    let ada = world.sign_up("Ada").await?;
    let api = world.api(0)?;
    let logins = [
        ada.me.user.username.clone(),
        ada.me.user.username.to_uppercase(),
        ada.me.email.clone(),
        ada.me.email.to_uppercase(),
        format!("  {} ", ada.me.email),
    ];
    for login in logins {
        let signed_in = sign_in(&api, &login, PASSWORD).await.with_context(|| login)?;
        assert_eq!(signed_in.me, ada.me);
        assert_ne!(signed_in.token, ada.token, "each sign-in has a token of its own");
    }
    Ok(())
}

#[tokio::test]
async fn who_is_not_there_and_who_has_another_password_look_the_same() -> Result<()> {
    let world = World::start("wrong").await?;
    let ada = world.sign_up("ada").await?;
    let api = world.api(0)?;
    let name = ada.me.user.username.as_str();
    let wrong = refused_sign_in(&api, name, "not the password").await?;
    let nobody = refused_sign_in(&api, "nobody", "not the password").await?;
    let empty = refused_sign_in(&api, name, "").await?;
    let long = refused_sign_in(&api, name, &"x".repeat(50_000)).await?;
    for refusal in [&wrong, &nobody, &empty, &long] {
        assert_eq!(refusal.status, StatusCode::UNAUTHORIZED);
        assert_eq!(refusal.code(), Some(Code::WrongCredentials));
        assert_eq!(refusal.body, wrong.body);
    }
    Ok(())
}

#[tokio::test]
async fn names_and_addresses_are_unique_however_they_are_written() -> Result<()> {
    let world = World::start("unique").await?;
    let ada = world.sign_up("ada").await?;
    let api = world.api(0)?;
    let name = ada.me.user.username.as_str();
    // Full-width letters are the same letters.
    let widen = |c: char| if c.is_ascii_alphanumeric() { u32::from(c) + 0xfee0 } else { c.into() };
    let wide: String = name.chars().filter_map(|c| char::from_u32(widen(c))).collect();
    for (username, email, code) in [
        (name.to_uppercase(), "new@example.org".to_owned(), Code::UsernameTaken),
        (wide, "new@example.org".to_owned(), Code::UsernameTaken),
        ("somebody_new".to_owned(), ada.me.email.to_uppercase(), Code::EmailTaken),
    ] {
        let body = json!({"username": username, "email": email, "password": PASSWORD});
        let request = api.request(Method::POST, "/api/auth/sign-up").json(&body);
        let refusal = Api::refused(request).await.with_context(|| username)?;
        assert_eq!(refusal.status, StatusCode::CONFLICT);
        assert_eq!(refusal.code(), Some(code));
    }
    Ok(())
}

#[tokio::test]
async fn a_sign_up_says_which_value_is_not_allowed() -> Result<()> {
    let world = World::start("values").await?;
    let api = world.api(0)?;
    let taken = world.sign_up("taken").await?;
    for (field, value) in [
        ("username", ""),
        ("username", "a"),
        ("username", "two words"),
        ("username", "semi;colon"),
        ("email", "nobody"),
        ("email", "a@b"),
        ("password", "too short"),
        ("username", &"a".repeat(33)),
        ("email", &format!("{}@b.co", "a".repeat(250))),
        ("password", &"a".repeat(257)),
        ("username", &taken.me.user.username),
        ("email", &taken.me.email),
    ] {
        let mut body = json!({"username": "ada", "email": "a@b.co", "password": PASSWORD});
        body[field] = Value::from(value);
        let is_taken = [&taken.me.user.username, &taken.me.email].iter().any(|one| *one == value);
        let request = api.request(Method::POST, "/api/auth/sign-up").json(&body);
        let refusal = Api::refused(request).await?;
        let problem = refusal.problem.context("no problem")?;
        if is_taken {
            let code = if field == "email" { Code::EmailTaken } else { Code::UsernameTaken };
            assert_eq!(problem.code, code, "{value}");
            continue;
        }
        assert_eq!(refusal.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}: {value}");
        assert_eq!(problem.code, Code::InvalidValue);
        assert_eq!(problem.field.as_deref(), Some(field));
    }
    assert_eq!(world.sql("SELECT COUNT(*) FROM users")?, [["1"]], "an account was made");
    Ok(())
}

#[tokio::test]
async fn a_new_name_shows_at_once_and_the_id_stays() -> Result<()> {
    let world = World::named("rename").servers(2).start().await?;
    let ada = world.sign_up("ada").await?;
    let ben = world.sign_up_at(1, "ben").await?;
    let room = ada.direct(&ben).await?;
    let sent = ada.send(room.id, "hello").await?;
    let bens_screen = world.connect(1, &ben).await?;
    bens_screen.event("heads").await?;
    // From here on the other server keeps how Ada looks.
    assert!(ben.history(room.id).await?.users.contains(&ada.me.user));

    let in_redis = || world.redis(&["KEYS", "messages:*"]);
    let conversation = format!("messages:{}:{}", ada.id().min(ben.id()), ada.id().max(ben.id()));
    assert_eq!(in_redis()?, conversation);

    let old = ada.me.user.username.clone();
    let new = format!("{old}2");
    let body = json!({"username": new, "displayName": "Ada L.", "email": format!("{new}@x.org")});
    let me: Me = ada.api.patch("/api/me", &body).await?;

    assert_eq!((me.user.id, me.user.username.as_str()), (ada.id(), new.as_str()));
    assert_eq!(bens_screen.event("userChanged").await?.parse::<User>()?, me.user);
    let seen: User = ben.api.get(&format!("/api/users/{}", ada.id())).await?;
    assert_eq!(seen, me.user, "another server shows it too");
    let page = ben.history(room.id).await?;
    assert_eq!(page.messages.last(), Some(&sent));
    assert!(page.users.contains(&me.user), "an old name: {:?}", page.users);
    let api = world.api(1)?;
    assert_eq!(sign_in(&api, &new, PASSWORD).await?.me, me);
    assert_eq!(refused_sign_in(&api, &old, PASSWORD).await?.code(), Some(Code::WrongCredentials));
    // In both stores her conversations go by her id.
    let id = ada.id().0;
    let stored = world.sql(&format!("SELECT id, username_key FROM users WHERE id = {id}"))?;
    assert_eq!(stored, [[id.to_string(), new.to_lowercase()]]);
    let member = world.sql(&format!("SELECT room_id FROM members WHERE user_id = {id}"))?;
    assert_eq!(member, [[room.id.0.to_string()]]);
    assert_eq!(in_redis()?, conversation);
    assert!(!world.redis(&["LRANGE", &conversation, "0", "-1"])?.contains(&old), "an old name");
    let heir = Person { me, ..ada.clone() };
    assert_eq!(heir.direct(&ben).await?.id, room.id);
    Ok(())
}

#[tokio::test]
async fn a_name_that_is_taken_changes_nothing() -> Result<()> {
    let world = World::start("taken").await?;
    let (ada, ben) = (world.sign_up("ada").await?, world.sign_up("ben").await?);
    let body = json!({"username": ben.me.user.username, "displayName": "New"});
    let refusal = Api::refused(ada.api.request(Method::PATCH, "/api/me").json(&body)).await?;
    assert_eq!(refusal.code(), Some(Code::UsernameTaken));
    assert_eq!(ada.api.get::<Me>("/api/me").await?, ada.me);
    Ok(())
}

#[tokio::test]
async fn a_new_password_ends_all_other_sessions() -> Result<()> {
    let world = World::named("password").servers(2).start().await?;
    let ada = world.sign_up("ada").await?;
    let name = ada.me.user.username.as_str();
    let other = sign_in(&world.api(1)?, name, PASSWORD).await?;
    let other = world.api(1)?.with_token(&other.token);
    other.get::<Me>("/api/me").await?;

    let wrong = json!({"currentPassword": "not the password", "newPassword": "a new password"});
    let refusal =
        Api::refused(ada.api.request(Method::PUT, "/api/me/password").json(&wrong)).await?;
    assert_eq!(refusal.code(), Some(Code::WrongCredentials));
    let right = json!({"currentPassword": PASSWORD, "newPassword": "a new password"});
    ada.api.put::<()>("/api/me/password", &right).await?;

    let refusal = Api::refused(other.request(Method::GET, "/api/me")).await?;
    assert_eq!(refusal.code(), Some(Code::Unauthenticated));
    ada.api.get::<Me>("/api/me").await?;
    let api = world.api(1)?;
    sign_in(&api, name, "a new password").await?;
    assert_eq!(refused_sign_in(&api, name, PASSWORD).await?.code(), Some(Code::WrongCredentials));
    Ok(())
}

#[tokio::test]
async fn no_password_and_no_token_is_stored() -> Result<()> {
    let world = World::start("stored").await?;
    let ada = world.sign_up("ada").await?;
    let hashes = || world.sql("SELECT password_hash FROM users");
    let first = hashes()?;
    assert!(first.iter().flatten().all(|hash| hash.starts_with("$argon2id$")), "{first:?}");
    let change = json!({ "currentPassword": PASSWORD, "newPassword": "a new password" });
    ada.api.put::<()>("/api/me/password", &change).await?;
    let second = hashes()?;
    assert!(second.iter().flatten().all(|hash| hash.starts_with("$argon2id$")), "{second:?}");
    assert_ne!(first, second);
    let stored: Vec<Vec<String>> = world.sql("SELECT HEX(token_hash) FROM sessions")?;
    let hash = sha256_hex(&ada.token).to_uppercase();
    assert_eq!(stored, [[hash]]);
    eventually("the session is in Redis", harness::TIMEOUT, async || {
        ada.api.get::<Me>("/api/me").await?;
        let keys = world.redis(&["KEYS", "*"])?;
        anyhow::ensure!(keys.contains("session:"), "{keys}");
        for key in keys.lines().filter(|key| key.starts_with("session:")) {
            let record = world.redis(&["GET", key])?;
            assert!(!format!("{keys}{record}").contains(&ada.token), "{keys} {record}");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn imported_accounts_sign_in_and_get_a_better_hash() -> Result<()> {
    let world = World::start("import").await?;
    let (ada, ben) = (world.sign_up("ada").await?, world.sign_up("ben").await?);
    let hex = sha256_hex("password1");
    world.sql(&format!("UPDATE users SET password_hash = 'sha256:{hex}'"))?;

    let api = world.api(0)?;
    sign_in(&api, &ada.me.email, "password1").await?;
    let hash = |id| world.sql(&format!("SELECT password_hash FROM users WHERE username = '{id}'"));
    assert!(hash(&ada.me.user.username)?[0][0].starts_with("$argon2id$"));
    assert_eq!(world.server_command(&["admin", "wrap-imported"])?.trim(), "1 passwords wrapped");
    assert!(hash(&ben.me.user.username)?[0][0].starts_with("sha256:$argon2id$"));
    assert_eq!(refused_sign_in(&api, &ben.me.email, &hex).await?.status, 401);
    sign_in(&api, &ben.me.email, "password1").await?;
    assert!(hash(&ben.me.user.username)?[0][0].starts_with("$argon2id$"));
    Ok(())
}

#[tokio::test]
async fn username_password_and_photo_have_a_call_each() -> Result<()> {
    let world = World::start("calls").await?;
    let ada = world.sign_up("ada").await?;
    let name = format!("{}x", ada.me.user.username);
    let me: Me = ada.api.patch("/api/me", &json!({ "username": name })).await?;
    assert_eq!(me.user.username, name);
    let password = json!({ "currentPassword": PASSWORD, "newPassword": "a new password" });
    ada.api.put::<()>("/api/me/password", &password).await?;
    assert_eq!(sign_in(&world.api(0)?, &name, "a new password").await?.me.user.id, ada.id());
    let mut picture = std::io::Cursor::new(Vec::new());
    image::GrayImage::new(8, 8).write_to(&mut picture, image::ImageFormat::Png)?;
    let photo = ada.api.request(Method::PUT, "/api/me/photo").body(picture.into_inner());
    let me: Me = Api::answer(photo.header("content-type", "image/png")).await?;
    assert!(me.user.photo_url.is_some());
    assert_eq!(ada.api.get::<Me>("/api/me").await?, me);
    Ok(())
}
