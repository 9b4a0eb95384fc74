//! Which Secrets a spec names.

use std::collections::BTreeSet;

use super::ChatClusterSpec;

impl ChatClusterSpec {
    /// Names of all Secrets that the spec refers to. The content of most of them goes into the
    /// servers' settings; those for pulling images and for the Ingress are read by Kubernetes and
    /// by the Ingress controller, and only their presence counts here.
    #[must_use]
    pub(crate) fn referenced_secrets(&self) -> BTreeSet<String> {
        let mysql = self.mysql.external.as_ref();
        let redis = self.redis.external.as_ref();
        let s3 = self.s3();
        [
            mysql.map(|mysql| &mysql.secret_ref.name),
            mysql.and_then(|mysql| mysql.tls.ca_secret_ref.as_ref()).map(|ca| &ca.name),
            redis.and_then(|redis| redis.secret_ref.as_ref()).map(|secret| &secret.name),
            redis.and_then(|redis| redis.sentinel_secret_ref.as_ref()).map(|secret| &secret.name),
            redis.and_then(|redis| redis.tls.ca_secret_ref.as_ref()).map(|ca| &ca.name),
            s3.and_then(|s3| s3.secret_ref.as_ref()).map(|secret| &secret.name),
            s3.and_then(|s3| s3.ca_secret_ref.as_ref()).map(|ca| &ca.name),
            self.tls.as_ref().map(|tls| &tls.secret_name),
            self.ingress.as_ref().and_then(|ingress| ingress.tls_secret_name.as_ref()),
        ]
        .into_iter()
        .flatten()
        .chain(self.image_pull_secrets.iter().map(|secret| &secret.name))
        .cloned()
        .collect()
    }
}
