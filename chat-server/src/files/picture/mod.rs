//! Pictures: decoded within limits and encoded again, so that they contain nothing else.
//!
//! The content determines the type of a file, never its name. Metadata such as place and camera is
//! removed; the orientation is applied to the pixels, and the colour profile is kept.

use std::{io::Cursor, sync::Arc};

use bytes::Bytes;
use chat_domain::{limit, upload::ContentType};
use image::{
    DynamicImage, ImageDecoder, ImageEncoder, ImageFormat, ImageReader, Limits,
    codecs::{
        jpeg::JpegEncoder,
        png::{CompressionType, FilterType, PngEncoder},
        webp::WebPEncoder,
    },
    imageops::FilterType as Sampling,
};
use tokio::sync::Semaphore;

use super::gif;

/// Looks the same, and is smaller than what cameras write.
const JPEG_QUALITY: u8 = 88;
/// Maximum size of a colour profile; longer ones are those of printers.
const PROFILE_BYTES_MAX: usize = 65_536;

/// Why a file is rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    /// It is no picture of a supported type, or a corrupt one.
    #[error("the file is not a PNG, JPEG, GIF or WebP picture, or it is damaged")]
    NotAPicture,
    /// It has too many pixels or frames.
    #[error("the picture has more pixels or frames than are taken")]
    TooManyPixels,
}

/// A picture that may be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    /// What it is.
    pub content_type: ContentType,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// The file.
    pub bytes: Bytes,
}

/// What the picture is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// For a message: keeps its size.
    Message,
    /// A small square.
    Photo,
}

/// Decodes and encodes, a few pictures at a time: one may take 100 MB.
#[derive(Clone)]
pub(crate) struct ImagePipeline {
    turns: Arc<Semaphore>,
}

impl Default for ImagePipeline {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { turns: Arc::new(Semaphore::new((cores / 2).max(1))) }
    }
}

impl ImagePipeline {
    /// The picture in a file, cleaned; off the async threads.
    pub(crate) async fn clean(&self, file: Bytes, purpose: Purpose) -> Result<Picture, Refused> {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let work = tokio::task::spawn_blocking(move || {
            // Kept to the end of the work, also where the caller no longer waits.
            let _turn = turn;
            clean(&file, purpose)
        });
        // A decoder panics on a file that is no picture.
        work.await.unwrap_or(Err(Refused::NotAPicture))
    }
}

fn clean(file: &[u8], purpose: Purpose) -> Result<Picture, Refused> {
    let reader = ImageReader::new(Cursor::new(file)).with_guessed_format();
    let mut reader = reader.map_err(|_| Refused::NotAPicture)?;
    let format = reader.format().ok_or(Refused::NotAPicture)?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(limit::PICTURE_SIDE_MAX);
    limits.max_image_height = Some(limit::PICTURE_SIDE_MAX);
    // 16 bits for each of four colours, or 8 and the decoder's own tables.
    limits.max_alloc = Some(limit::PICTURE_PIXELS_MAX * 8);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| refused(&error))?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let sides = width.max(height) <= limit::PICTURE_SIDE_MAX;
    if pixels == 0 || pixels > limit::PICTURE_PIXELS_MAX || !sides {
        return Err(Refused::TooManyPixels);
    }
    let profile = profile(&mut decoder);
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(|error| refused(&error))?;
    if purpose == Purpose::Message && format == ImageFormat::Gif {
        return animation(file, width, height);
    }
    image.apply_orientation(orientation);
    if purpose == Purpose::Photo {
        image = image.resize_to_fill(limit::PHOTO_SIDE, limit::PHOTO_SIDE, Sampling::Lanczos3);
    }
    encode(&image, format, profile, file.len())
}

/// A colour profile for screens, not for print.
fn profile(decoder: &mut impl ImageDecoder) -> Option<Vec<u8>> {
    let profile = decoder.icc_profile().ok().flatten()?;
    let is_rgb = profile.get(16..20) == Some(b"RGB ");
    (is_rgb && profile.len() <= PROFILE_BYTES_MAX).then_some(profile)
}

fn animation(file: &[u8], width: u32, height: u32) -> Result<Picture, Refused> {
    let gif::Stripped { bytes, frames } = gif::strip(file).ok_or(Refused::NotAPicture)?;
    let pixels = u64::from(width) * u64::from(height) * u64::from(frames);
    if frames > limit::PICTURE_FRAMES_MAX || pixels > limit::ANIMATION_PIXELS_MAX {
        return Err(Refused::TooManyPixels);
    }
    Ok(Picture { content_type: ContentType::Gif, width, height, bytes: bytes.into() })
}

fn encode(
    image: &DynamicImage,
    format: ImageFormat,
    profile: Option<Vec<u8>>,
    came_with: usize,
) -> Result<Picture, Refused> {
    let alpha = image.color().has_alpha();
    let eight_bits = to_eight_bits(image);
    let (content_type, bytes) = match format {
        ImageFormat::Jpeg => (ContentType::Jpeg, jpeg(&eight_bits, profile)),
        ImageFormat::WebP => {
            let lossless = webp(&eight_bits, profile.clone());
            // Lossless encoding of a lossy file would be several times larger.
            let grown = lossless.as_ref().is_ok_and(|bytes| bytes.len() > came_with * 2);
            if grown && !alpha {
                (ContentType::Jpeg, jpeg(&eight_bits, profile))
            } else {
                (ContentType::Webp, lossless)
            }
        }
        _ => (ContentType::Png, png(&eight_bits, profile)),
    };
    let bytes = bytes.map_err(|error| refused(&error))?.into();
    Ok(Picture { content_type, width: image.width(), height: image.height(), bytes })
}

fn to_eight_bits(image: &DynamicImage) -> std::borrow::Cow<'_, DynamicImage> {
    use DynamicImage::{ImageLuma8, ImageLumaA8, ImageRgb8, ImageRgba8};
    match image {
        ImageLuma8(_) | ImageLumaA8(_) | ImageRgb8(_) | ImageRgba8(_) => {
            std::borrow::Cow::Borrowed(image)
        }
        other if other.color().has_alpha() => std::borrow::Cow::Owned(other.to_rgba8().into()),
        other => std::borrow::Cow::Owned(other.to_rgb8().into()),
    }
}

fn jpeg(image: &DynamicImage, profile: Option<Vec<u8>>) -> image::ImageResult<Vec<u8>> {
    let mut out = Vec::new();
    write(image, JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY), profile)?;
    Ok(out)
}

fn png(image: &DynamicImage, profile: Option<Vec<u8>>) -> image::ImageResult<Vec<u8>> {
    let mut out = Vec::new();
    let (compression, filter) = (CompressionType::Default, FilterType::Adaptive);
    write(image, PngEncoder::new_with_quality(&mut out, compression, filter), profile)?;
    Ok(out)
}

fn webp(image: &DynamicImage, profile: Option<Vec<u8>>) -> image::ImageResult<Vec<u8>> {
    let mut out = Vec::new();
    write(image, WebPEncoder::new_lossless(&mut out), profile)?;
    Ok(out)
}

fn write(
    image: &DynamicImage,
    mut encoder: impl ImageEncoder,
    profile: Option<Vec<u8>>,
) -> image::ImageResult<()> {
    if let Some(profile) = profile.filter(|_| image.color().has_color()) {
        // An encoder without support for profiles omits it.
        let _ = encoder.set_icc_profile(profile);
    }
    image.write_with_encoder(encoder)
}

fn refused(error: &image::ImageError) -> Refused {
    match error {
        image::ImageError::Limits(_) => Refused::TooManyPixels,
        _ => Refused::NotAPicture,
    }
}

#[cfg(test)]
mod tests;
