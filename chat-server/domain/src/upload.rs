//! Uploaded files.

use crate::id::{UploadId, UserId};

/// Type of an uploaded file, from its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentType {
    /// `image/png`
    Png,
    /// `image/jpeg`
    Jpeg,
    /// `image/gif`
    Gif,
    /// `image/webp`
    Webp,
}

impl ContentType {
    /// Its name (RFC 2046).
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
        }
    }

    /// The type of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Png, Self::Jpeg, Self::Gif, Self::Webp].into_iter().find(|t| t.as_str() == name)
    }
}

/// Metadata of an uploaded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Which.
    pub id: UploadId,
    /// Who uploaded it.
    pub user: UserId,
    /// What it is.
    pub content_type: ContentType,
    /// Its length.
    pub bytes: u64,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_read_by_its_name() {
        for (content_type, name) in [
            (ContentType::Png, "image/png"),
            (ContentType::Jpeg, "image/jpeg"),
            (ContentType::Gif, "image/gif"),
            (ContentType::Webp, "image/webp"),
        ] {
            assert_eq!(content_type.as_str(), name);
            assert_eq!(ContentType::parse(name), Some(content_type));
        }
        assert_eq!(ContentType::parse("image/svg+xml"), None);
    }
}
