-- Uploaded files where neither a folder nor a bucket is shared by the servers: in parts, so that
-- nobody holds a whole file in memory and no packet becomes large.

CREATE TABLE upload_parts (
    upload_id BIGINT UNSIGNED NOT NULL,
    part      INT UNSIGNED    NOT NULL,
    bytes     MEDIUMBLOB      NOT NULL,
    PRIMARY KEY (upload_id, part)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
