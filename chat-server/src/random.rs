//! Randomness from the operating system: tokens, ids, jitter.

/// `N` random bytes.
///
/// # Panics
/// Where the operating system has no randomness to give; nothing is safe then.
#[must_use]
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::expect_used, reason = "without randomness there are no safe tokens")]
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

/// A random number.
#[must_use]
pub(crate) fn number() -> u32 {
    u32::from_le_bytes(bytes())
}
