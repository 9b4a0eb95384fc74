//! The fan-out in progress, in all rooms of this server together.

use std::sync::atomic::{AtomicU32, Ordering};

/// Sockets of the rooms that are delivering now.
#[derive(Debug, Default)]
pub(super) struct UnderWay(AtomicU32);

/// The share of one room, while it delivers.
#[derive(Debug)]
pub(super) struct Share<'a> {
    whole: &'a UnderWay,
    sockets: u32,
}

impl UnderWay {
    /// Sockets in all.
    pub(super) fn sockets(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// The share of a room that begins to deliver; 0 so far.
    pub(super) fn share(&self) -> Share<'_> {
        Share { whole: self, sockets: 0 }
    }
}

impl Share<'_> {
    /// The room has so many sockets now.
    pub(super) fn set(&mut self, sockets: usize) {
        let sockets = u32::try_from(sockets).unwrap_or(u32::MAX);
        self.whole.0.fetch_add(sockets, Ordering::Relaxed);
        self.whole.0.fetch_sub(self.sockets, Ordering::Relaxed);
        self.sockets = sockets;
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.whole.0.fetch_sub(self.sockets, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_go() {
        let whole = UnderWay::default();
        let (mut one, mut other) = (whole.share(), whole.share());
        one.set(5);
        other.set(7);
        one.set(3);
        assert_eq!(whole.sockets(), 10);
        drop(one);
        drop(other);
        assert_eq!(whole.sockets(), 0);
    }
}
