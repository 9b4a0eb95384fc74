//! Pictures in messages.

use crate::{Invalid, limit};

/// A picture in a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Image {
    /// A path of ours, or an https address.
    pub url: String,
    /// Its id at its host.
    pub public_id: Option<String>,
    /// Width and height in pixels, where they are known.
    pub size: Option<(u32, u32)>,
}

impl Image {
    /// A picture on this server (a path below `/api/uploads/`) or behind https.
    ///
    /// # Errors
    ///
    /// `imageUrl` or `publicId`, whichever is not allowed.
    pub fn parse(url: String, public_id: Option<String>) -> Result<Self, Invalid> {
        let plain = |text: &str| text.chars().all(|c| !c.is_control() && !c.is_whitespace());
        let wrong = || {
            Invalid::new(
                "imageUrl",
                "must be an upload's url, or an address beginning with https://",
            )
        };
        if url.len() > limit::URL_CHARS_MAX || !plain(&url) {
            return Err(wrong());
        }
        let ours =
            url.strip_prefix("/api/uploads/").is_some_and(|id| !id.is_empty() && !id.contains('/'));
        let host = url.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next());
        let theirs = host.is_some_and(|host| !host.is_empty() && !host.contains('@'));
        if !ours && !theirs {
            return Err(wrong());
        }
        if public_id.as_ref().is_some_and(|id| id.len() > limit::PUBLIC_ID_CHARS_MAX || !plain(id))
        {
            let rule = format!("must be at most {} plain characters", limit::PUBLIC_ID_CHARS_MAX);
            return Err(Invalid::new("publicId", rule));
        }
        Ok(Self { url, public_id, size: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_come_from_here_or_over_https() {
        let parse = |url: &str| Image::parse(url.to_owned(), None);
        for good in ["https://img.example/a.png", "/api/uploads/01kc2v9x8m3tq"] {
            assert!(parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://img.example/a.png",
            "javascript:alert(1)",
            "https://",
            "https://user@host/",
            "/api/uploads/",
            "/api/uploads/../me",
            "//evil.example/a",
            "https://a b",
            "data:image/png;base64,AAAA",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_and_ids_have_an_end() {
        let address = |length: usize| format!("https://{}", "x".repeat(length - 8));
        let parse = |url: String, id: String| Image::parse(url, Some(id));
        let id = "x".repeat(limit::PUBLIC_ID_CHARS_MAX);
        let image = parse(address(limit::URL_CHARS_MAX), id.clone()).unwrap();
        assert_eq!((image.url.len(), image.public_id), (limit::URL_CHARS_MAX, Some(id)));
        let field = |url, id| parse(url, id).unwrap_err().field;
        assert_eq!(field(address(limit::URL_CHARS_MAX + 1), "x".to_owned()), "imageUrl");
        for wrong in ["x".repeat(limit::PUBLIC_ID_CHARS_MAX + 1), "a b".to_owned()] {
            assert_eq!(field(address(20), wrong), "publicId");
        }
    }
}
