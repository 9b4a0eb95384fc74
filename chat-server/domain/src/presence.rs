//! Presence of users.

/// The presence of a user. The order decides which of several devices counts: the most present one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// No device is connected.
    Offline,
    /// All connected devices are idle.
    Away,
    /// A device is connected and in use.
    Online,
}

impl Status {
    /// The presence of a user with these devices: that of the most present one.
    #[must_use]
    pub fn of(devices: impl Iterator<Item = Self>) -> Self {
        devices.max().unwrap_or(Self::Offline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_present_device_counts() {
        let of = |devices: &[Status]| Status::of(devices.iter().copied());
        assert_eq!(of(&[]), Status::Offline);
        assert_eq!(of(&[Status::Away, Status::Online, Status::Away]), Status::Online);
        assert_eq!(of(&[Status::Away, Status::Offline]), Status::Away);
    }
}
