//! Uploaded files: what is known of them.
