//! Pure: quantities of Kubernetes, such as `500m` or `2Gi`, as numbers, and numbers in sentences.

/// The number of units; of memory, bytes. `None` where the text is no quantity.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>
#[must_use]
pub(crate) fn quantity(text: &str) -> Option<f64> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let number: f64 = text[..end].parse().ok()?;
    let factor = match &text[end..] {
        "" => 1.0,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "Ki" => 1024.0,
        "Mi" => 1024.0 * 1024.0,
        "Gi" => 1024.0 * 1024.0 * 1024.0,
        "Ti" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    Some(number * factor)
}

/// `1 server`, `2 servers`.
#[must_use]
pub(crate) fn servers(count: i32) -> String {
    format!("{count} server{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::{quantity, servers};

    #[test]
    fn one_server_is_no_servers() {
        assert_eq!([0, 1, 2].map(servers), ["0 servers", "1 server", "2 servers"]);
    }

    #[test]
    fn every_suffix_is_read_and_other_text_is_refused() {
        for (text, expected) in [
            ("7", 7.0),
            ("1.5", 1.5),
            ("250m", 0.25),
            ("2k", 2e3),
            ("2M", 2e6),
            ("2G", 2e9),
            ("2T", 2e12),
            ("2Ki", 2048.0),
            ("3Mi", 3_145_728.0),
            ("0.5Gi", 536_870_912.0),
            ("2Ti", 2_199_023_255_552.0),
        ] {
            assert_eq!(quantity(text), Some(expected), "{text}");
        }
        for wrong in ["", "m", "Gi", "1.2.3", "-1", "5 Gi", "5GiB", "5Pi"] {
            assert_eq!(quantity(wrong), None, "{wrong}");
        }
    }
}
