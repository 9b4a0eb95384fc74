//! Files in S3: the connection to the bucket, and its errors.

use std::{error::Error as _, time::Duration};

use chat_contract::config::{Bucket, ServerConfig};
use object_store::{
    BackoffConfig, Certificate, ClientOptions, ObjectStore, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path,
    prefix::PrefixStore,
};

use super::Error;

/// A bucket that takes longer to accept a connection is unavailable.
const CONNECT: Duration = Duration::from_secs(2);
/// Retries, and the time within which they may begin.
const TRIES: usize = 3;
const TRY_AGAIN_FOR: Duration = Duration::from_secs(4);
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// A client of the bucket; sends no request yet.
pub(super) fn open(config: &ServerConfig, bucket: &Bucket) -> Result<Box<dyn ObjectStore>, Error> {
    let store = connect(config, bucket)?;
    if bucket.prefix.is_empty() {
        return Ok(Box::new(store));
    }
    Ok(Box::new(PrefixStore::new(store, Path::from(bucket.prefix.as_str()))))
}

fn connect(config: &ServerConfig, bucket: &Bucket) -> Result<AmazonS3, Error> {
    // Credentials from the environment count only where no key is configured: a mix of both would
    // be wrong.
    let mut s3 = if config.s3_access_key_id.is_empty() {
        AmazonS3Builder::from_env()
    } else {
        AmazonS3Builder::new()
            .with_access_key_id(&config.s3_access_key_id)
            .with_secret_access_key(&config.s3_secret_access_key)
    };
    if !config.s3_region.is_empty() {
        s3 = s3.with_region(&config.s3_region);
    }
    if !config.s3_endpoint.is_empty() {
        s3 = s3.with_endpoint(endpoint(config, bucket));
    }
    s3.with_bucket_name(&bucket.name)
        .with_virtual_hosted_style_request(!config.s3_path_style)
        .with_client_options(client(config)?)
        .with_retry(RetryConfig {
            max_retries: TRIES,
            retry_timeout: TRY_AGAIN_FOR,
            backoff: BackoffConfig { init_backoff: PAUSE, max_backoff: LONGEST_PAUSE, base: 2.0 },
        })
        .build()
        .map_err(Error::Bucket)
}

/// The endpoint; it contains the bucket's name unless that is part of the path.
fn endpoint(config: &ServerConfig, bucket: &Bucket) -> String {
    match config.s3_endpoint.split_once("://") {
        Some((scheme, host)) if !config.s3_path_style => {
            format!("{scheme}://{}.{host}", bucket.name)
        }
        _ => config.s3_endpoint.clone(),
    }
}

fn client(config: &ServerConfig) -> Result<ClientOptions, Error> {
    // No limit for a whole request, because a reader may be slow. Callers limit the other steps.
    let plain = config.s3_endpoint.starts_with("http://");
    let mut client = ClientOptions::new()
        .with_connect_timeout(CONNECT)
        .with_timeout_disabled()
        .with_allow_http(plain)
        // Plain HTTP works on a machine without certificate authorities.
        .with_no_system_certificates(plain && !config.s3_access_key_id.is_empty());
    if !config.s3_ca.is_empty() {
        let unread = |source| Error::Authority { path: config.s3_ca.clone(), source };
        let pem = std::fs::read(&config.s3_ca).map_err(unread)?;
        let authorities = Certificate::from_pem_bundle(&pem).map_err(Error::Bucket)?;
        if authorities.is_empty() {
            let none = "it has no certificate in PEM";
            return Err(unread(std::io::Error::other(none)));
        }
        for authority in authorities {
            client = client.with_root_certificate(authority);
        }
    }
    Ok(client)
}

/// The error code of S3.
pub(super) fn code(error: &object_store::Error) -> Option<String> {
    let text = chain(error).into_iter().find(|text| text.contains("<Code>"))?;
    let (_, rest) = text.split_once("<Code>")?;
    Some(rest.split_once("</Code>")?.0.to_owned())
}

/// The error in a few words that name what to check.
pub(super) fn explain(error: &object_store::Error) -> String {
    let said = match code(error).as_deref() {
        Some("NoSuchBucket") => "there is no such bucket",
        Some("InvalidAccessKeyId" | "NotSignedUp") => "the access key is not known there",
        Some("SignatureDoesNotMatch") => "the secret of the access key is wrong",
        Some("AccessDenied") => "this key may not read and write there",
        Some(
            "AuthorizationHeaderMalformed"
            | "PermanentRedirect"
            | "IllegalLocationConstraintException",
        ) => "the bucket is in another region; set CHAT_S3_REGION",
        Some("RequestTimeTooSkewed") => "the clocks here and there differ",
        Some(code) => return format!("it refuses: {code}"),
        // The innermost cause: "connection refused" and the like.
        None => return chain(error).pop().unwrap_or_default(),
    };
    said.to_owned()
}

/// The causes of an error, the innermost last.
fn chain(error: &object_store::Error) -> Vec<String> {
    let causes = std::iter::successors(error.source(), |&error| error.source());
    std::iter::once(error.to_string()).chain(causes.map(ToString::to_string)).collect()
}
