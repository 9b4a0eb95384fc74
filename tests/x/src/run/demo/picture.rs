//! Pictures that are drawn, not photographed: portraits, charts, landscapes.

use super::rng::Rng;

type Colour = [u8; 3];

/// A face that is a few shapes.
pub(super) fn portrait(rng: &mut Rng) -> Vec<u8> {
    let [back, shirt] = [colour(rng, 120), colour(rng, 40)];
    let skin = *rng.one_of(&[[241, 205, 176], [224, 172, 125], [150, 98, 66], [255, 219, 190]]);
    let hair = *rng.one_of(&[[38, 30, 28], [92, 58, 34], [196, 152, 84], [60, 60, 66]]);
    draw(192, 192, |x, y| {
        let (x, y) = (f64::from(x), f64::from(y));
        let within = |cx: f64, cy: f64, rx: f64, ry: f64| {
            ((x - cx) / rx).powi(2) + ((y - cy) / ry).powi(2) < 1.0
        };
        let eye = within(80.0, 92.0, 5.0, 6.0) || within(112.0, 92.0, 5.0, 6.0);
        let smile = within(96.0, 108.0, 20.0, 16.0) && !within(96.0, 103.0, 22.0, 16.0);
        if eye || smile {
            [50, 40, 40]
        } else if within(96.0, 70.0, 48.0, 38.0) && y < 78.0 {
            hair
        } else if within(96.0, 94.0, 40.0, 48.0) {
            skin
        } else if within(96.0, 200.0, 78.0, 62.0) {
            shirt
        } else {
            back
        }
    })
}

/// A line that goes up and down, on a grid.
pub(super) fn chart(rng: &mut Rng) -> Vec<u8> {
    let line = colour(rng, 60);
    let mut heights = vec![rng.between(90, 200)];
    for _ in 0..48 {
        let last = heights[heights.len() - 1];
        let step = rng.between(0, 41);
        heights.push((last + step).saturating_sub(20).clamp(40, 270));
    }
    draw(640, 320, |x, y| {
        let (left, share) = ((x / 14) as usize, u64::from(x % 14));
        let height = |at: usize| heights.get(at).copied().unwrap_or(150);
        let there = (height(left) * (14 - share) + height(left + 1) * share) / 14;
        let below = i64::from(y) - i64::try_from(320 - there).unwrap_or(0);
        match below {
            -2..=2 => line,
            3.. => line.map(|part| part / 5 + 200),
            _ if x % 80 == 0 || y % 40 == 0 => [226, 230, 236],
            _ => [250, 251, 253],
        }
    })
}

/// Hills in front of an evening sky.
pub(super) fn hills(rng: &mut Rng) -> Vec<u8> {
    let [sky, land] = [colour(rng, 130), colour(rng, 30)];
    let phases: Vec<f64> = (0..4).map(|_| rng.place(0, 628) / 100.0).collect();
    let sun = (rng.place(100, 540), rng.place(70, 150));
    draw(640, 400, |x, y| {
        let (fx, fy) = (f64::from(x), f64::from(y));
        for (depth, phase) in [0.0, 1.0, 2.0, 3.0].into_iter().zip(&phases).rev() {
            let wave = (fx / (90.0 + 30.0 * depth) + phase).sin() * (34.0 - 5.0 * depth);
            if fy > 210.0 + 42.0 * depth + wave {
                return land.map(|part| shade(part, 1.0 - depth * 0.2));
            }
        }
        if (fx - sun.0).hypot(fy - sun.1) < 34.0 {
            return [255, 244, 214];
        }
        sky.map(|part| shade(part, 0.75 + fy / 900.0))
    })
}

fn shade(part: u8, by: f64) -> u8 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to a byte"
    )]
    let shaded = (f64::from(part) * by).clamp(0.0, 255.0) as u8;
    shaded
}

fn colour(rng: &mut Rng, low: u64) -> Colour {
    [0; 3].map(|_: u8| u8::try_from(rng.between(low, low + 110)).unwrap_or(u8::MAX))
}

/// A PNG of these pixels, not compressed: the server writes its own anyway.
fn draw(width: u32, height: u32, pixel: impl Fn(u32, u32) -> Colour) -> Vec<u8> {
    let mut rows = Vec::new();
    for y in 0..height {
        rows.push(0);
        rows.extend((0..width).flat_map(|x| pixel(x, y)));
    }
    let mut data = vec![0x78, 0x01];
    let mut blocks = rows.chunks(65_535).peekable();
    while let Some(block) = blocks.next() {
        data.push(u8::from(blocks.peek().is_none()));
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        data.extend(length.to_le_bytes());
        data.extend((!length).to_le_bytes());
        data.extend(block);
    }
    data.extend(adler(&rows).to_be_bytes());

    let mut head = [width.to_be_bytes(), height.to_be_bytes()].concat();
    head.extend([8, 2, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, body) in [(b"IHDR", head), (b"IDAT", data), (b"IEND", Vec::new())] {
        png.extend(u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes());
        let sealed = [kind.as_slice(), &body].concat();
        png.extend(&sealed);
        png.extend(crc(&sealed).to_be_bytes());
    }
    png
}

fn adler(bytes: &[u8]) -> u32 {
    let (low, high) = bytes.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    high << 16 | low
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 };
    let table: Vec<u32> = (0..256).map(|byte| (0..8).fold(byte, |crc, _| step(crc))).collect();
    !bytes
        .iter()
        .fold(u32::MAX, |crc, byte| table[((crc ^ u32::from(*byte)) & 255) as usize] ^ (crc >> 8))
}
