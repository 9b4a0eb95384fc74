//! The files of a certificate, and their errors.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use chat_contract::config::{
    Problem, ServerConfig,
    tls::{AUTHORITY, CERTIFICATE, KEY},
};

/// Name of the authority's file in a Secret.
const AUTHORITY_BESIDE: &str = "ca.crt";
/// Attempts to read a set of files that changes meanwhile.
const LOOKS: usize = 5;

/// Where the files are.
pub(super) struct Places {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
    pub(super) authority: PathBuf,
    /// The authority is not configured: its file may be missing.
    authority_may_lack: bool,
}

impl Places {
    pub(super) fn of(config: &ServerConfig) -> Option<Self> {
        let ServerConfig { tls_cert, tls_key, tls_ca, .. } = config;
        let certificate = PathBuf::from(tls_cert);
        let authority_may_lack = tls_ca.is_empty();
        let authority = if authority_may_lack {
            certificate.with_file_name(AUTHORITY_BESIDE)
        } else {
            PathBuf::from(tls_ca)
        };
        let places =
            Self { certificate, key: PathBuf::from(tls_key), authority, authority_may_lack };
        config.is_https().then_some(places)
    }
}

/// What is in the files.
#[derive(PartialEq, Eq)]
pub(super) struct Files {
    pub(super) certificate: Vec<u8>,
    pub(super) key: Vec<u8>,
    /// Empty where there is none.
    pub(super) authority: Vec<u8>,
}

impl Files {
    /// Reads a consistent set of the files, which may be changing.
    pub(super) fn read(places: &Places) -> Result<Self, Vec<Problem>> {
        let mut seen = Self::look(places)?;
        for _ in 0..LOOKS {
            let again = Self::look(places)?;
            if again == seen {
                break;
            }
            seen = again;
        }
        Ok(seen)
    }

    fn look(places: &Places) -> Result<Self, Vec<Problem>> {
        let authority = match fs::read(&places.authority) {
            Err(_) if places.authority_may_lack => Ok(Vec::new()),
            read => read.map_err(|error| unreadable(AUTHORITY, &places.authority, &error)),
        };
        let read = |variable, file: &Path| {
            fs::read(file).map_err(|error| unreadable(variable, file, &error))
        };
        let certificate = read(CERTIFICATE, &places.certificate);
        let (certificate, key, authority) = all(certificate, read(KEY, &places.key), authority)?;
        Ok(Self { certificate, key, authority })
    }
}

fn unreadable(variable: &str, file: &Path, error: &io::Error) -> Problem {
    let remedy = match error.kind() {
        io::ErrorKind::NotFound => "put it there, or name where it is",
        io::ErrorKind::PermissionDenied => "let the server's user read it",
        _ => "it must be a file",
    };
    problem(variable, file, &format!("cannot be read ({error}): {remedy}"))
}

/// An error of a file.
pub(super) fn problem(variable: &str, file: &Path, what: &str) -> Problem {
    Problem { name: variable.to_owned(), problem: format!("{} {what}", file.display()) }
}

/// All three, or all of their errors.
pub(super) fn all<A, B, C>(
    a: Result<A, Problem>,
    b: Result<B, Problem>,
    c: Result<C, Problem>,
) -> Result<(A, B, C), Vec<Problem>> {
    match (a, b, c) {
        (Ok(a), Ok(b), Ok(c)) => Ok((a, b, c)),
        (a, b, c) => Err([a.err(), b.err(), c.err()].into_iter().flatten().collect()),
    }
}
