//! The files of a certificate, and what is wrong with them.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use chat_contract::config::{
    Problem, ServerConfig,
    tls::{AUTHORITY, CERTIFICATE, KEY},
};

/// Where the authority is in a Secret of a certificate.
const AUTHORITY_BESIDE: &str = "ca.crt";
/// So often is a set of files looked at that changes meanwhile.
const LOOKS: usize = 5;

/// Where the files are.
pub(super) struct Places {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
    pub(super) authority: PathBuf,
    /// Nobody asked for an authority: there may be one, or none.
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
    /// Reads them all as they were at one time: somebody may be changing them.
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

/// Says of a file what is wrong with it.
pub(super) fn problem(variable: &str, file: &Path, what: &str) -> Problem {
    Problem { name: variable.to_owned(), problem: format!("{} {what}", file.display()) }
}

/// All three, or everything that is wrong with them.
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
