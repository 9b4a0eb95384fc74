//! Goal: pictures can be stored in S3 or in the database: all servers share them, and chat keeps
//! working while S3 is unavailable.
//! Method: an S3 that checks signatures, stopped, started, silent; servers with a wrong key, a
//! wrong bucket, an authority nobody knows; a place that changes.

use std::io::Cursor;

use anyhow::{Context as _, Result, ensure};
use chat_contract::wire::{Code, Me, Upload};
use harness::{Api, Person, READER, S3, TIMEOUT, World, eventually};
use image::{ImageFormat, Rgb, RgbImage};
use reqwest::{
    Method, RequestBuilder, StatusCode, header,
    multipart::{Form, Part},
};

/// A picture of noise: nothing makes it smaller.
fn noise(side: u32) -> Result<Vec<u8>> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let picture = RgbImage::from_fn(side, side, |_, _| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let [red, green, blue, ..] = state.to_le_bytes();
        Rgb([red, green, blue])
    });
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, ImageFormat::Png)?;
    Ok(file.into_inner())
}

fn upload(person: &Person, file: Vec<u8>) -> RequestBuilder {
    let form = Form::new().part("file", Part::bytes(file).file_name("photo.png"));
    person.api.request(Method::POST, "/api/uploads").multipart(form)
}

#[tokio::test]
async fn servers_share_the_pictures_of_a_bucket() -> Result<()> {
    let s3 = S3::start()?;
    let world =
        World::named("bucket").settings(&s3.settings("/team/chat")).servers(2).start().await?;
    let (ada, ben) = (world.sign_up("ada").await?, world.sign_up_at(1, "ben").await?);
    let stored: Upload = Api::answer(upload(&ada, noise(20)?)).await?;
    let objects = s3.objects()?;
    assert!(matches!(&objects[..], [one] if one.starts_with("team/chat/")), "{objects:?}");

    let answer = ben.api.request(Method::GET, &stored.url).send().await?;
    assert_eq!(answer.status(), StatusCode::OK);
    let headers = answer.headers().clone();
    assert_eq!(headers[header::CONTENT_TYPE], "image/png");
    assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert!(headers[header::CONTENT_SECURITY_POLICY].to_str()?.contains("sandbox"));
    assert_eq!(answer.bytes().await?.len() as u64, stored.bytes);

    // A replaced photo is deleted from the bucket, too.
    for _ in 0..2 {
        let form = Form::new().part("file", Part::bytes(noise(30)?));
        let _: Me =
            Api::answer(ada.api.request(Method::PUT, "/api/me/photo").multipart(form)).await?;
    }
    assert_eq!(s3.objects()?.len(), 2, "{:?}", s3.objects()?);
    let _: Me = ada.api.delete("/api/me/photo").await?;
    assert_eq!(s3.objects()?, objects);
    assert!(!world.dir().join("uploads").exists(), "a folder is made that nobody needs");
    Ok(())
}

#[tokio::test]
async fn a_big_picture_comes_back_whole() -> Result<()> {
    let s3 = S3::start()?;
    let world = World::named("big-bucket").settings(&s3.settings(""));
    // A machine that knows no authority is good enough for http.
    let world = world.setting("SSL_CERT_FILE", "/none").setting("SSL_CERT_DIR", "/none");
    let world = world.start().await?;
    let ada = world.sign_up("ada").await?;
    let stored: Upload = Api::answer(upload(&ada, noise(1500)?)).await?;
    ensure!(stored.bytes > 5_000_000, "only {} bytes", stored.bytes);
    let [object] = &s3.objects()?[..] else { anyhow::bail!("not one object") };
    let kept = std::fs::read(s3.dir().join(harness::BUCKET).join(object))?;
    let answer = ada.api.request(Method::GET, &stored.url).send().await?;
    assert_eq!(answer.headers()[header::CONTENT_LENGTH], stored.bytes.to_string().as_str());
    ensure!(answer.bytes().await? == kept, "other bytes came back than are kept");
    Ok(())
}

#[tokio::test]
async fn servers_share_the_pictures_of_the_database() -> Result<()> {
    let world = World::named("in-database").setting("CHAT_UPLOADS_URL", "database").servers(2);
    let mut world = world.start().await?;
    let (ada, ben) = (world.sign_up("ada").await?, world.sign_up_at(1, "ben").await?);
    let picture = noise(1500)?;
    let stored: Upload = Api::answer(upload(&ada, picture.clone())).await?;
    let parts = "SELECT COUNT(*) FROM upload_parts";
    ensure!(world.sql(parts)? != [["1"]], "it is not kept in parts: {:?}", world.sql(parts)?);
    let pixels = image::load_from_memory(&picture)?.to_rgb8();
    let answer = ben.api.request(Method::GET, &stored.url).send().await?;
    assert_eq!(answer.headers()[header::CONTENT_LENGTH], stored.bytes.to_string().as_str());
    ensure!(image::load_from_memory(&answer.bytes().await?)?.to_rgb8() == pixels, "other pixels");

    // A photo that is replaced leaves nothing there.
    let before = world.sql(parts)?;
    let form = Form::new().part("file", Part::bytes(noise(30)?));
    let _: Me = Api::answer(ada.api.request(Method::PUT, "/api/me/photo").multipart(form)).await?;
    ensure!(world.sql(parts)? != before);
    let _: Me = ada.api.delete("/api/me/photo").await?;
    assert_eq!(world.sql(parts)?, before);

    // What was kept there is found after a bucket has come.
    let s3 = S3::start()?;
    world.stop_server(1).await?;
    for (name, value) in s3.settings("") {
        world.set(1, name, &value);
    }
    world.start_server(1).await?;
    let answer = ben.api.request(Method::GET, &stored.url).send().await?;
    assert_eq!(answer.status(), StatusCode::OK);
    ensure!(image::load_from_memory(&answer.bytes().await?)?.to_rgb8() == pixels, "other pixels");
    Ok(())
}

#[tokio::test]
async fn people_chat_while_s3_is_away() -> Result<()> {
    let mut s3 = S3::start()?;
    let world = World::named("bucket-away").settings(&s3.settings("")).start().await?;
    let (ada, ben) = (world.sign_up("ada").await?, world.sign_up("ben").await?);
    let stored: Upload = Api::answer(upload(&ada, noise(20)?)).await?;

    s3.stop().await?;
    let refusal = Api::refused(upload(&ada, noise(20)?)).await?;
    assert_eq!(refusal.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refusal.code(), Some(Code::UploadsUnavailable));
    assert_eq!(refusal.problem.context("no problem")?.retry_after, Some(5));
    let answer = ben.api.request(Method::GET, &stored.url).send().await?;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "it is not lost");
    assert!(answer.headers().contains_key(header::RETRY_AFTER));
    let room = ada.public_room("tea").await?;
    ada.send(room.id, "without pictures").await?;
    let (status, said) = world.ready_answer(0).await?;
    assert_eq!(status, 200, "{said}");
    assert!(said.contains("ready, but for pictures: the bucket s3://pictures at"), "{said}");
    assert!(said.contains("refused"), "{said}");
    assert!(world.metric(0, "chat_upload_failures_total").await? >= 2.0);
    eventually("the metric", TIMEOUT, async || {
        ensure!(world.metric(0, "chat_uploads_connected").await? < 0.5);
        Ok(())
    })
    .await?;
    let failures = "chat_task_failures_total{task=\"watch_uploads\"}";
    eventually("it is looked at again", TIMEOUT, async || {
        ensure!(world.count(0, failures).await? >= 2);
        Ok(())
    })
    .await?;

    s3.start_again()?;
    eventually("S3 back", TIMEOUT, async || {
        let said = world.ready_answer(0).await?.1;
        ensure!(said == "ready\n", "{said}");
        Ok(())
    })
    .await?;
    assert!(world.metric(0, "chat_uploads_connected").await? > 0.5);
    let _: Upload = Api::answer(upload(&ada, noise(20)?)).await?;
    let answer = ben.api.request(Method::GET, &stored.url).send().await?;
    assert_eq!(answer.status(), StatusCode::OK);
    for line in ["can be neither stored nor fetched: ", "can be stored and fetched again"] {
        eventually("the log", TIMEOUT, async || {
            let log = world.log(0)?;
            ensure!(log.matches(line).count() == 1, "{line} {log}");
            Ok(())
        })
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn an_s3_that_says_nothing_holds_nobody_up_for_long() -> Result<()> {
    let mut s3 = S3::start()?;
    let world = World::named("bucket-silent").settings(&s3.settings("")).start().await?;
    let ada = world.sign_up("ada").await?;
    let stored: Upload = Api::answer(upload(&ada, noise(20)?)).await?;
    s3.stop().await?;
    s3.say_nothing()?;
    let refusal = Api::refused(ada.api.request(Method::GET, &stored.url)).await?;
    assert_eq!(refusal.code(), Some(Code::UploadsUnavailable));
    let said = world.ready_answer(0).await?.1;
    assert!(said.contains("no answer in time"), "{said}");
    Ok(())
}

/// What a server reports while S3 rejects it and chat works.
async fn complaint(name: &str, settings: &[(&str, String)]) -> Result<String> {
    let world = World::named(name).settings(settings).start().await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    ada.send(room.id, "hello").await?;
    let refusal = Api::refused(upload(&ada, noise(20)?)).await?;
    assert_eq!(refusal.code(), Some(Code::UploadsUnavailable), "{name}");
    let (status, said) = world.ready_answer(0).await?;
    assert_eq!(status, 200, "{said}");
    let line = "pictures can be neither stored nor fetched: the bucket s3://";
    eventually("the log", TIMEOUT, async || {
        let log = world.log(0)?;
        ensure!(log.contains(line), "{log}");
        Ok(())
    })
    .await?;
    Ok(said)
}

#[tokio::test]
async fn what_is_wrong_with_a_bucket_is_reported_in_a_sentence() -> Result<()> {
    let s3 = S3::start()?;
    let changed = |name: &str, value: &str| {
        s3.settings("").map(|(key, kept)| (key, if key == name { value.to_owned() } else { kept }))
    };
    for (name, setting, value, sentence) in [
        ("bucket-name", "CHAT_UPLOADS_URL", "s3://pictuers", "there is no such bucket"),
        ("bucket-key", "CHAT_S3_ACCESS_KEY_ID", "AKIANOBODY", "the access key is not known there"),
        (
            "bucket-secret",
            "CHAT_S3_SECRET_ACCESS_KEY",
            "mistyped-hunter2",
            "the secret of the access key is wrong",
        ),
        ("bucket-reader", "CHAT_S3_ACCESS_KEY_ID", READER, "this key may not read and write there"),
    ] {
        let said = complaint(name, &changed(setting, value)).await?;
        assert!(said.contains(sentence), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
    Ok(())
}

#[tokio::test]
async fn an_authority_of_ones_own_is_believed_where_it_is_named() -> Result<()> {
    let (s3, authority) = S3::start_secure()?;
    let said = complaint("bucket-stranger", &s3.settings("")).await?;
    assert!(said.contains("certificate"), "{said}");

    let world = World::named("bucket-authority").settings(&s3.settings(""));
    let world = world.setting("CHAT_S3_CA", &authority.display().to_string()).start().await?;
    let ada = world.sign_up("ada").await?;
    let stored: Upload = Api::answer(upload(&ada, noise(20)?)).await?;
    let answer = ada.api.request(Method::GET, &stored.url).send().await?;
    assert_eq!(answer.bytes().await?.len() as u64, stored.bytes);
    Ok(())
}
