//! Where uploaded files are kept, and what is said of a bucket of S3.

use std::{fmt, str::FromStr};

use super::{Vars, kind::Written};

const URL: &str = "CHAT_UPLOADS_URL";
/// What stands there where files are kept in the store.
const DATABASE: &str = "database";
const ENDPOINT: &str = "CHAT_S3_ENDPOINT";
const KEY_ID: &str = "CHAT_S3_ACCESS_KEY_ID";
const SECRET_KEY: &str = "CHAT_S3_SECRET_ACCESS_KEY";

/// Where uploaded files are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uploads {
    /// In a folder that all servers share.
    Folder,
    /// In the store, with everything else.
    Database,
    /// In a bucket.
    Bucket(Bucket),
}

/// A bucket of S3, and where in it: `s3://name/prefix`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// What all names in it begin with; may be empty.
    pub prefix: String,
}

impl FromStr for Bucket {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let rest = text.strip_prefix("s3://").ok_or(())?;
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_matches('/');
        let plain = |text: &str, more: &[char]| {
            text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(&c))
        };
        let is_name = (3..=63).contains(&name.len()) && plain(name, &['.', '-', '_']);
        let is_prefix = prefix.split('/').all(|part| !matches!(part, "." | ".."))
            && !prefix.contains("//")
            && plain(prefix, &['.', '-', '_', '/']);
        if !is_name || !is_prefix {
            return Err(());
        }
        Ok(Self { name: name.to_owned(), prefix: prefix.to_owned() })
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}", self.name)?;
        if self.prefix.is_empty() { Ok(()) } else { write!(f, "/{}", self.prefix) }
    }
}

pub(super) fn uploads(vars: &mut Vars<'_>, name: &str) -> Uploads {
    match vars.text(name).as_deref() {
        None => Uploads::Folder,
        Some(DATABASE) => Uploads::Database,
        Some(url) => url.parse().map_or_else(
            |()| {
                vars.wrong(
                    name,
                    "must be s3://bucket or s3://bucket/prefix, of letters, digits, . _ and -; \
                     or database",
                );
                Uploads::Folder
            },
            Uploads::Bucket,
        ),
    }
}

impl fmt::Display for Uploads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder => Ok(()),
            Self::Database => f.write_str(DATABASE),
            Self::Bucket(bucket) => bucket.fmt(f),
        }
    }
}

impl Written for Uploads {
    fn written(&self) -> String {
        self.to_string()
    }
}

pub(super) fn endpoint(vars: &mut Vars<'_>, name: &str) -> String {
    let url = vars.text(name).unwrap_or_default();
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let is_url = host.is_some_and(|host| !host.trim_end_matches('/').is_empty());
    if !url.is_empty() && (!is_url || url.contains(['@', '?', '#'])) {
        vars.wrong(name, "must be a URL like https://minio.example:9000");
    } else if !url.is_empty() && vars.text(URL).is_none() {
        vars.wrong(name, format!("means nothing without {URL}, such as s3://bucket"));
    }
    url.trim_end_matches('/').to_owned()
}

/// The S3 of others is reached by one name, that of AWS by a name for each bucket.
pub(super) fn path_style(vars: &mut Vars<'_>, name: &str) -> bool {
    let elsewhere = vars.text(ENDPOINT).is_some();
    vars.flag(name, elsewhere)
}

pub(super) fn key_id(vars: &mut Vars<'_>, name: &str) -> String {
    vars.half(name, SECRET_KEY)
}

pub(super) fn secret_key(vars: &mut Vars<'_>, name: &str) -> String {
    vars.half(name, KEY_ID)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ServerConfig;

    #[test]
    fn buckets_are_read_as_they_are_written() {
        for text in ["s3://pictures", "s3://a.b-c/team/chat"] {
            assert_eq!(text.parse::<Bucket>().unwrap().to_string(), text);
        }
        for text in ["pictures", "s3://", "s3://a", "s3://a b c", "s3://abc/../x", "s3://abc/x?y"] {
            assert!(text.parse::<Bucket>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_together_is_reported() {
        let wrong = |vars: &[(&str, &str)]| {
            let read = |name: &str| {
                let mysql = [("CHAT_MYSQL_URL", "mysql://a:b@c/d")];
                let mut all = vars.iter().chain(&mysql);
                all.find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
            };
            let problems = ServerConfig::from_vars(&read).err().unwrap_or_default();
            problems.into_iter().map(|problem| problem.name).collect::<Vec<_>>()
        };
        let bucket = (URL, "s3://pictures");
        assert_eq!(wrong(&[bucket, (KEY_ID, "key")]), [SECRET_KEY]);
        assert_eq!(wrong(&[bucket, (SECRET_KEY, "x")]), [KEY_ID]);
        assert_eq!(wrong(&[bucket, (ENDPOINT, "minio:9000")]), [ENDPOINT]);
        assert_eq!(wrong(&[(ENDPOINT, "http://minio:9000")]), [ENDPOINT]);
        assert_eq!(wrong(&[(URL, "https://bucket")]), [URL]);
        assert!(wrong(&[bucket, (ENDPOINT, "http://minio:9000")]).is_empty());
        assert!(wrong(&[(URL, DATABASE)]).is_empty());
    }
}
