//! Goal: pictures go in clean and come out safe; what is no picture is refused.
//! Method: files made here, byte by byte, over HTTP.

use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chat_contract::wire::{Code, Me, Message, Upload};
use harness::{Api, Person, World};
use reqwest::{
    Method, RequestBuilder, StatusCode, header,
    multipart::{Form, Part},
};
use serde_json::json;

/// A PNG of one red pixel.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQ\
                   AAAABJRU5ErkJggg==";

fn png() -> Result<Vec<u8>> {
    Ok(STANDARD.decode(PNG)?)
}

fn upload(person: &Person, file: Vec<u8>) -> RequestBuilder {
    let part = Part::bytes(file).file_name("../../photo.svg");
    let form = Form::new().text("note", "x").part("file", part);
    person.api.request(Method::POST, "/api/uploads").multipart(form)
}

#[tokio::test]
async fn a_picture_is_stored_and_served_safely() -> Result<()> {
    let world = World::start("picture").await?;
    let (ada, ben) = (world.sign_up("ada").await?, world.sign_up("ben").await?);
    let mut file = png()?;
    file.extend(b"<script>secret</script>");
    let stored: Upload = Api::answer(upload(&ada, file)).await?;
    assert_eq!((stored.size.width, stored.size.height), (1, 1));
    assert_eq!(stored.content_type, "image/png", "whatever its name says");

    let answer = ben.api.request(Method::GET, &stored.url).send().await?;
    assert_eq!(answer.status(), StatusCode::OK);
    let headers = answer.headers().clone();
    assert_eq!(headers[header::CONTENT_TYPE], "image/png");
    assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert_eq!(headers[header::CONTENT_DISPOSITION], "inline");
    assert!(headers[header::CONTENT_SECURITY_POLICY].to_str()?.contains("sandbox"));
    assert!(headers[header::CACHE_CONTROL].to_str()?.starts_with("private"));
    let bytes = answer.bytes().await?;
    assert_eq!(bytes.len() as u64, stored.bytes);
    assert!(!String::from_utf8_lossy(&bytes).contains("secret"));

    let known = ben.api.request(Method::GET, &stored.url);
    let known = known.header(header::IF_NONE_MATCH, &headers[header::ETAG]).send().await?;
    assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
    let stranger = Api::refused(world.api(0)?.request(Method::GET, &stored.url)).await?;
    assert_eq!(stranger.code(), Some(Code::Unauthenticated));
    Ok(())
}

#[tokio::test]
async fn a_message_carries_a_picture() -> Result<()> {
    let world = World::start("image").await?;
    let (ada, ben) = (world.sign_up("ada").await?, world.sign_up("ben").await?);
    let stored: Upload = Api::answer(upload(&ada, png()?)).await?;
    let body = json!({
        "receiverId": ben.id(), "content": "look", "imageUrl": stored.url, "publicId": stored.id,
    });
    let sent: Message = ada.api.post("/api/messages/send", &body).await?;
    assert_eq!(sent.image_url, Some(stored.url.clone()));
    assert_eq!(sent.public_id, Some(stored.id.to_string()));
    let seen: Vec<Message> = ben.api.get(&format!("/api/messages/{}", ada.id())).await?;
    assert_eq!(seen.last(), Some(&sent));

    // Another wording leaves it where it is, for everybody.
    let edit = json!({ "content": "look here" });
    let edited: Message = ada.api.patch(&format!("/api/messages/{}", sent.id), &edit).await?;
    assert_eq!(edited.content, "look here");
    assert_eq!((&edited.image_url, &edited.public_id), (&sent.image_url, &sent.public_id));
    assert_eq!(edited.image_size, sent.image_size);
    let seen: Vec<Message> = ben.api.get(&format!("/api/messages/{}", ada.id())).await?;
    assert_eq!(seen.last(), Some(&edited));
    Ok(())
}

#[tokio::test]
async fn what_is_no_picture_is_refused() -> Result<()> {
    let world = World::start("forged-image").await?;
    let ada = world.sign_up("ada").await?;
    let half = png()?[..40].to_vec();
    let forged: [&[u8]; 6] = [
        b"",
        b"GIF89a<script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"\xff\xd8\xff\xe0 no jpeg",
        b"RIFF\x10\0\0\0WEBPVP8 ",
        &half,
    ];
    for file in forged {
        let refusal = Api::refused(upload(&ada, file.to_vec())).await?;
        let text = String::from_utf8_lossy(file);
        assert_eq!(refusal.code(), Some(Code::UnsupportedImage), "{text}");
        assert_eq!(refusal.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    // A small file that would be large in memory: refused before it is.
    let mut bomb = std::io::Cursor::new(Vec::new());
    image::GrayImage::new(5_001, 5_000).write_to(&mut bomb, image::ImageFormat::Png)?;
    assert!(bomb.get_ref().len() < 200_000);
    let refusal = Api::refused(upload(&ada, bomb.into_inner())).await?;
    assert_eq!(refusal.code(), Some(Code::UnsupportedImage), "{refusal}");
    assert_eq!(world.sql("SELECT COUNT(*) FROM uploads")?, [["0"]]);
    Ok(())
}

#[tokio::test]
async fn what_is_too_large_is_refused_and_the_client_hears_why() -> Result<()> {
    let world = World::named("large").setting("CHAT_UPLOAD_BYTES_MAX", "100000").start().await?;
    let ada = world.sign_up("ada").await?;
    for bytes in [100_001, 300_000, 20_000_000] {
        let refusal = Api::refused(upload(&ada, vec![b'x'; bytes])).await?;
        assert_eq!(refusal.code(), Some(Code::TooLarge), "{bytes}");
        assert_eq!(refusal.status, StatusCode::PAYLOAD_TOO_LARGE);
    }
    let form = Form::new().part("other", Part::bytes(png()?));
    let request = ada.api.request(Method::POST, "/api/uploads").multipart(form);
    let refusal = Api::refused(request).await?;
    assert_eq!(refusal.problem.context("no problem")?.field.as_deref(), Some("file"));
    Ok(())
}

#[tokio::test]
async fn a_photo_shows_at_once_and_the_old_one_goes() -> Result<()> {
    let world = World::start("photo").await?;
    let (ada, ben) = (world.sign_up("ada").await?, world.sign_up("ben").await?);
    let raw = ada.api.request(Method::PUT, "/api/me/photo").body(png()?);
    let first: Me = Api::answer(raw.header(header::CONTENT_TYPE, "image/png")).await?;
    let first = first.user.photo_url.context("no photo")?;
    let form = Form::new().part("file", Part::bytes(png()?));
    let request = ada.api.request(Method::PUT, "/api/me/photo").multipart(form);
    let second: Me = Api::answer(request).await?;

    let seen: chat_contract::wire::User = ben.api.get(&format!("/api/users/{}", ada.id())).await?;
    assert_eq!(seen.photo_url, second.user.photo_url);
    let second = second.user.photo_url.context("no photo")?;
    let bytes = ben.api.request(Method::GET, &second).send().await?.bytes().await?;
    let side =
        |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    assert_eq!((side(16), side(20)), (256, 256));
    let old = Api::refused(ben.api.request(Method::GET, &first)).await?;
    assert_eq!(old.code(), Some(Code::NotFound));
    let none: Me = ada.api.delete("/api/me/photo").await?;
    assert_eq!(none.user.photo_url, None);
    Ok(())
}
