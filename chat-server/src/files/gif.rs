//! Strips a GIF of everything but its frames: of comments, metadata, and data after its end.
//!
//! Encoding the frames again would lose colours, so the pixels are kept as they are (`GIF89a`).

/// A stripped GIF.
pub(super) struct Stripped {
    pub(super) bytes: Vec<u8>,
    pub(super) frames: u32,
}

const IMAGE: u8 = 0x2c;
const EXTENSION: u8 = 0x21;
const TRAILER: u8 = 0x3b;
const CONTROL: u8 = 0xf9;
const APPLICATION: u8 = 0xff;
/// Application extensions that set how often the picture repeats.
const LOOPS: [&[u8]; 2] = [b"NETSCAPE2.0", b"ANIMEXTS1.0"];

/// The picture alone; `None` where the blocks do not make a GIF.
pub(super) fn strip(file: &[u8]) -> Option<Stripped> {
    let mut rest = Reader(file);
    let mut out = Vec::with_capacity(file.len());
    let mut frames = 0;
    let head = rest.take(13)?;
    if !head.starts_with(b"GIF87a") && !head.starts_with(b"GIF89a") {
        return None;
    }
    out.extend(head);
    out.extend(rest.take(colors(head[10]))?);
    loop {
        match rest.take(1)?[0] {
            IMAGE => {
                let descriptor = rest.take(9)?;
                out.push(IMAGE);
                out.extend(descriptor);
                out.extend(rest.take(colors(descriptor[8]))?);
                out.extend(rest.take(1)?);
                out.extend(rest.blocks()?);
                frames += 1;
            }
            EXTENSION => {
                let label = rest.take(1)?[0];
                let blocks = rest.blocks()?;
                let name = blocks.get(1..12).unwrap_or_default();
                if label == CONTROL || label == APPLICATION && LOOPS.contains(&name) {
                    out.extend([EXTENSION, label]);
                    out.extend(blocks);
                }
            }
            TRAILER => break,
            _ => return None,
        }
    }
    out.push(TRAILER);
    Some(Stripped { bytes: out, frames })
}

/// Bytes of the colour table that a packed field announces.
fn colors(packed: u8) -> usize {
    if packed & 0x80 == 0 { 0 } else { 3 << ((packed & 7) + 1) }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// Blocks up to and with the empty one that ends them.
    fn blocks(&mut self) -> Option<&'a [u8]> {
        let start = self.0;
        let mut length = 0;
        loop {
            let size = usize::from(self.take(1)?[0]);
            length += 1 + size;
            self.take(size)?;
            if size == 0 {
                return start.get(..length);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use image::{Delay, Frame, RgbaImage, codecs::gif::GifEncoder};
    use proptest::prelude::*;

    use super::*;

    fn moving() -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = GifEncoder::new(&mut file);
        for shade in [0, 100, 200] {
            let frame = RgbaImage::from_pixel(5, 4, image::Rgba([shade, 0, 0, 255]));
            let delay = Delay::from_numer_denom_ms(50, 1);
            encoder.encode_frame(Frame::from_parts(frame, 0, 0, delay)).unwrap();
        }
        drop(encoder);
        file
    }

    #[test]
    fn comments_and_what_follows_are_gone_and_the_frames_stay() {
        let plain = strip(&moving()).unwrap();
        assert_eq!(plain.frames, 3);
        let mut dirty = moving();
        dirty.pop();
        dirty.extend(b"\x21\xfe\x06secret\x00");
        dirty.extend(b"\x21\xff\x0bXMP DataXMP\x06secret\x00");
        dirty.extend(b"\x3b<script>secret</script>");
        let stripped = strip(&dirty).unwrap();
        assert_eq!(stripped.bytes, plain.bytes);
        assert!(image::load_from_memory(&stripped.bytes).is_ok());
    }

    #[test]
    fn what_is_cut_off_is_refused() {
        let file = moving();
        for length in 0..file.len() {
            assert!(strip(&file[..length]).is_none(), "{length}");
        }
    }

    proptest! {
        #[test]
        fn garbage_is_refused_and_nothing_breaks(mut bytes in any::<Vec<u8>>(), at in 0..200_usize) {
            let _ = strip(&bytes);
            bytes.splice(..0, *b"GIF89a");
            let _ = strip(&bytes);
            let mut file = moving();
            if let Some(byte) = file.get_mut(at) {
                *byte ^= 0xff;
            }
            let _ = strip(&file);
        }
    }
}
