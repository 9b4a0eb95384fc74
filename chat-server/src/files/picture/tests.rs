use image::{Rgb, RgbImage, Rgba, RgbaImage};

use super::*;

fn file(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    image.into().write_to(&mut out, format).unwrap();
    out.into_inner()
}

fn red(width: u32, height: u32) -> RgbImage {
    RgbImage::from_pixel(width, height, Rgb([200, 10, 10]))
}

/// A JPEG with an EXIF block that holds an orientation and a secret.
fn turned_jpeg() -> Vec<u8> {
    let mut exif =
        b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
    exif.extend(b"secret place");
    let mut jpeg = file(red(40, 20), ImageFormat::Jpeg);
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    let block: Vec<u8> = [0xff, 0xe1].into_iter().chain(length).chain(exif).collect();
    jpeg.splice(2..2, block);
    jpeg
}

fn holds(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

#[test]
fn content_decides_what_a_file_is() {
    for (format, expected) in [
        (ImageFormat::Png, ContentType::Png),
        (ImageFormat::Jpeg, ContentType::Jpeg),
        (ImageFormat::Gif, ContentType::Gif),
        (ImageFormat::WebP, ContentType::Webp),
    ] {
        let picture = clean(&file(red(30, 20), format), Purpose::Message).unwrap();
        assert_eq!((picture.width, picture.height), (30, 20), "{format:?}");
        assert_eq!(picture.content_type, expected);
    }
}

#[test]
fn forged_pictures_are_refused() {
    let png = file(red(30, 20), ImageFormat::Png);
    let forged: [&[u8]; 6] = [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html><script>alert(1)</script>",
        b"\x89PNG\r\n\x1a\n<script>alert(1)</script>",
        b"GIF89a<script>alert(1)</script>",
        &png[..png.len() / 2],
    ];
    for file in forged {
        assert!(clean(file, Purpose::Message).is_err());
        assert!(clean(file, Purpose::Photo).is_err());
    }
}

#[test]
fn what_follows_the_picture_is_gone() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif] {
        let mut bytes = file(red(30, 20), format);
        bytes.extend(b"<script>secret</script>");
        let picture = clean(&bytes, Purpose::Message).unwrap();
        assert!(!holds(&picture.bytes, b"secret"), "{format:?}");
    }
}

#[test]
fn metadata_is_gone_and_the_orientation_is_in_the_pixels() {
    let jpeg = turned_jpeg();
    assert!(holds(&jpeg, b"secret place"));
    let picture = clean(&jpeg, Purpose::Message).unwrap();
    assert_eq!((picture.width, picture.height), (20, 40));
    assert!(!holds(&picture.bytes, b"secret place") && !holds(&picture.bytes, b"Exif"));
}

#[test]
fn a_bomb_is_refused_before_it_is_decoded() {
    // 20,000 x 20,000 in the header of a small PNG.
    let mut png = file(red(1, 1), ImageFormat::Png);
    png[16..24].copy_from_slice(&[0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20]);
    let checksum = crc32(&png[12..29]).to_be_bytes();
    png[29..33].copy_from_slice(&checksum);
    assert_eq!(clean(&png, Purpose::Message), Err(Refused::TooManyPixels));
}

#[test]
fn a_photo_is_a_small_square() {
    let photo = clean(&file(red(600, 300), ImageFormat::Jpeg), Purpose::Photo).unwrap();
    assert_eq!((photo.width, photo.height), (limit::PHOTO_SIDE, limit::PHOTO_SIDE));
    let clear = RgbaImage::from_pixel(10, 10, Rgba([0, 0, 0, 0]));
    let photo = clean(&file(clear, ImageFormat::Png), Purpose::Photo).unwrap();
    assert_eq!(photo.content_type, ContentType::Png);
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 }
        })
    })
}
